"""Writes an ONNX model: the few messages of its protobuf that a feed-forward graph needs, so `onnx` is not required.

Field numbers are those of onnx.proto (IR version 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_IR_VERSION, _OPSET = 9, 18  # the first operators that take the axes of a reduction as an input
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_ATTRIBUTE_INT, _ATTRIBUTE_STRING, _ATTRIBUTE_INTS = 2, 3, 7  # AttributeProto.AttributeType


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _attribute(name: str, value: int | str | Sequence[int]) -> bytes:
    if isinstance(value, str):
        content, kind = _bytes(4, value), _ATTRIBUTE_STRING
    elif isinstance(value, int):
        content, kind = _number(3, value), _ATTRIBUTE_INT
    else:
        content, kind = b"".join(_number(8, v) for v in value), _ATTRIBUTE_INTS
    return _bytes(1, name) + content + _number(20, kind)


def _tensor(name: str, value: npt.NDArray[Any]) -> bytes:
    whole = value.dtype.kind == "i"
    stored = np.ascontiguousarray(value, "<i8" if whole else "<f4")
    dims = b"".join(_number(1, int(d)) for d in stored.shape)
    return dims + _number(2, _INT64 if whole else _FLOAT) + _bytes(8, name) + _bytes(9, stored.tobytes())


def _value_info(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, d) if isinstance(d, int) else _bytes(2, d)) for d in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, dims)))


class Graph:
    """A graph of one-output nodes; values are known by the names that the methods return."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []
        self._inputs: list[bytes] = []
        self._count = 0

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        """A float input; text stands for a size that is open."""
        self._inputs.append(_bytes(11, _value_info(name, shape)))
        return name

    def constant(self, value: npt.ArrayLike) -> str:
        """A constant: whole numbers as int64, others as float32."""
        name = self._fresh("c")
        self._tensors.append(_bytes(5, _tensor(name, np.asarray(value))))
        return name

    def node(self, kind: str, *inputs: str, **attributes: int | str | Sequence[int]) -> str:
        """A node of an operator; inputs that are left out are empty names."""
        name = self._fresh("v")
        message = b"".join(_bytes(1, given) for given in inputs) + _bytes(2, name) + _bytes(4, kind)
        message += b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items())
        self._nodes.append(_bytes(1, message))
        return name

    def model(self, output: str, shape: Sequence[int | str]) -> bytes:
        """The file, with one output."""
        content = [*self._nodes, _bytes(2, self._name), *self._tensors, *self._inputs]
        graph = b"".join(content) + _bytes(12, _value_info(output, shape))
        opset = _bytes(1, "") + _number(2, _OPSET)
        return _number(1, _IR_VERSION) + _bytes(2, "panscan") + _bytes(7, graph) + _bytes(8, opset)

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"
