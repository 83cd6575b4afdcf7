"""The header of an MP4 or MOV file, read byte by byte: which way up its pictures are shown.

Nothing here is shared with the renderer, nor with FFmpeg, so that a mistake in their reading cannot hide itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

# Boxes by ISO/IEC 14496-12. In `mvhd` and `tkhd`, what comes before the matrix is longer in version 1.
_LONG_SIZE = 1  # the size follows the kind, in 64 bits
_TO_THE_END = 0  # the box ends where the file does
_MATRIX_AT = {b"mvhd": (36, 48), b"tkhd": (40, 52)}
_TRACK_ID_AT = (12, 20)
_MATRIX = struct.Struct(">9i")  # a b u, c d v, x y w
_MAX_HEADER_BYTES = 1 << 28  # far more than any movie needs: what says more is damaged

Matrix = npt.NDArray[np.float64]


def shown_matrix(path: Path, track_id: int) -> Matrix | None:
    """How a track of an MP4 or MOV file is shown: the coded point (p, q), y down, goes to (p, q) @ matrix.

    Returns
    -------
    ndarray, shape (2, 2), optional
        None where the file is of another format, has no such track, or shows it as it is coded.
    """
    with path.open("rb") as file:
        header = _movie_box(file)
    movie = np.eye(2)
    for kind, body in _boxes(header):
        if kind == b"mvhd":
            movie = _matrix(kind, body)
    for kind, body in _boxes(header):
        heads = [inner for name, inner in _boxes(body) if name == b"tkhd"] if kind == b"trak" else []
        if heads and _track_id(heads[0]) == track_id:
            matrix = _matrix(b"tkhd", heads[0]) @ movie
            return None if np.array_equal(matrix, np.eye(2)) or not np.linalg.det(matrix) else matrix
    return None


def _movie_box(file: BinaryIO) -> bytes:
    """The body of the box `moov`; empty where there is none."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            return b""
        size, kind, used = int.from_bytes(head[:4], "big"), head[4:], 8
        if size == _LONG_SIZE:
            size, used = int.from_bytes(file.read(8), "big"), 16
        if kind == b"moov":
            return file.read(min(size - used, _MAX_HEADER_BYTES) if size > used else -1)
        if size < used:  # it goes on to the end, or this is no such file
            return b""
        file.seek(size - used, 1)


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box in the body of another one."""
    at = 0
    while at + 8 <= len(body):
        size, kind, used = int.from_bytes(body[at : at + 4], "big"), body[at + 4 : at + 8], 8
        if size == _LONG_SIZE:
            size, used = int.from_bytes(body[at + 8 : at + 16], "big"), 16
        if size == _TO_THE_END:
            size = len(body) - at
        if size < used:
            return
        yield kind, body[at + used : at + size]
        at += size


def _is_long(body: bytes) -> bool:
    return body[:1] == b"\1"


def _track_id(body: bytes) -> int:
    at = _TRACK_ID_AT[_is_long(body)]
    return int.from_bytes(body[at : at + 4], "big")


def _matrix(kind: bytes, body: bytes) -> Matrix:
    at = _MATRIX_AT[kind][_is_long(body)]
    if len(body) < at + _MATRIX.size:
        return np.eye(2)
    a, b, _, c, d, *_ = _MATRIX.unpack_from(body, at)
    return np.array([[a, b], [c, d]], np.float64) / (1 << 16)
