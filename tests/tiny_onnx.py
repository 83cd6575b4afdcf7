"""Writes small ONNX files by hand: a network that answers any picture with the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _value_info(name: str, kind: int, shape: tuple[int | str, ...]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, d) if isinstance(d, int) else _bytes(2, d)) for d in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def write(
    path: Path,
    output: np.ndarray,
    *,
    takes: tuple[int | str, ...] = (1, 3, 64, 64),
    kind: int = 1,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A network that takes pictures of the shape `takes` (kind 1: float, 10: float16, 7: int64)."""
    numbers = np.asarray(output, np.float32)
    tensor = (
        b"".join(_number(1, d) for d in numbers.shape)
        + _number(2, 1)
        + _bytes(8, "numbers")
        + _bytes(9, numbers.tobytes())
    )
    node = _bytes(1, "numbers") + _bytes(2, "output0") + _bytes(4, "Identity")
    graph = (
        _bytes(1, node)
        + _bytes(2, "tiny")
        + _bytes(5, tensor)
        + _bytes(11, _value_info("images", kind, takes))
        + _bytes(12, _value_info("output0", 1, numbers.shape))
    )
    model = _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, 13))
    for key, value in (metadata or {}).items():
        model += _bytes(14, _bytes(1, key) + _bytes(2, value))
    path.write_bytes(model)
    return path
