"""Bytes of media files changed by hand: display matrices, cut-off files, holes and noise."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np

import banded

Back = Callable[[banded.Grey], banded.Grey]

# How a picture is shown: a, b, c, d of its display matrix (x' = a x + c y, y' = b x + d y), what turns the upright
# picture back into the coded one, and whether it lies on its side.
TURNS: Mapping[str, tuple[tuple[int, int, int, int], Back, bool]] = {
    "upright": ((1, 0, 0, 1), lambda p: p, False),
    "quarter_right": ((0, 1, -1, 0), lambda p: np.rot90(p, 1), True),
    "half": ((-1, 0, 0, -1), lambda p: np.rot90(p, 2), False),
    "quarter_left": ((0, -1, 1, 0), lambda p: np.rot90(p, -1), True),
    "mirrored": ((-1, 0, 0, 1), lambda p: p[:, ::-1], False),
    "upside_down_mirrored": ((1, 0, 0, -1), lambda p: p[::-1], False),
    "transposed": ((0, 1, 1, 0), lambda p: p.T, True),
    "transposed_half": ((0, -1, -1, 0), lambda p: p[::-1, ::-1].T, True),
}
_TS_PACKET_BYTES = 188
_ONE = 1 << 16  # 1.0 in the fixed point of a display matrix


def with_matrix(content: bytes, turn: str) -> bytes:
    """An MP4 or MOV whose first track has another display matrix."""
    (a, b, c, d), _, _ = TURNS[turn]
    width, height = banded.LANDSCAPE
    # What a negative axis would put left of or above 0 is moved back.
    right = width * (a < 0) + height * (c < 0)
    down = width * (b < 0) + height * (d < 0)
    changed = bytearray(content)
    at = changed.find(b"tkhd") + 4 + 4 + 20 + 8 + 8
    matrix = [a * _ONE, b * _ONE, 0, c * _ONE, d * _ONE, 0, right * _ONE, down * _ONE, 1 << 30]
    changed[at : at + 36] = struct.pack(">9i", *matrix)
    return bytes(changed)


def first_part(content: bytes, share: float) -> bytes:
    """A file whose copying was interrupted."""
    return content[: int(len(content) * share)]


def later_part(content: bytes, share: float) -> bytes:
    """A transport stream that was switched on late: whole packets, not from a key picture on."""
    packets = len(content) // _TS_PACKET_BYTES
    return content[int(packets * share) * _TS_PACKET_BYTES :]


def zeros_in_the_middle(content: bytes) -> bytes:
    """A block of a disk that came back empty: 5 % of the file."""
    first, length = int(len(content) * 0.45), int(len(content) * 0.05)
    return content[:first] + bytes(length) + content[first + length :]


def noise_in_packets(path: Path, make: Callable[[Path], Any], first: int, last: int) -> Path:
    """A movie whose picture packets [first, last) in file order hold noise after their first bytes."""
    make(path)
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size and p.pos is not None]
    content = bytearray(path.read_bytes())
    dice = np.random.default_rng(5)
    for position, size in packets[first:last]:
        content[position + 20 : position + size] = dice.integers(0, 256, max(0, size - 20), np.uint8).tobytes()
    path.write_bytes(bytes(content[: path.stat().st_size]))
    return path
