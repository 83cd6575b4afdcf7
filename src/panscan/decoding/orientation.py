"""Which way up the pictures of a movie are: from the display matrix to a mirroring and a turn."""

from __future__ import annotations

import math
import struct
from typing import Any, NamedTuple

from panscan.decoding.side_data import side_data_of

_MATRIX = struct.Struct("=9i")  # FFmpeg's AV_FRAME_DATA_DISPLAYMATRIX: a b u, c d v, x y w
# Degrees that a matrix may stray from a quarter turn before it is told: its numbers are rounded.
_ODD_DEG = 0.5


class Orientation(NamedTuple):
    """How a coded picture is shown: first mirrored left to right, if it is mirrored, then turned.

    Attributes
    ----------
    rotation_deg : int
        Counter-clockwise turn: 0, 90, 180 or 270.
    is_mirrored : bool
    angle_deg : float
        The turn that the file asks for; -180 to 180.
    """

    rotation_deg: int = 0
    is_mirrored: bool = False
    angle_deg: float = 0.0

    @property
    def is_odd(self) -> bool:
        """Whether the file asks for another angle than a quarter turn."""
        return abs((self.angle_deg - self.rotation_deg + 180) % 360 - 180) > _ODD_DEG


def orientation_of(frame: Any) -> Orientation:
    """The orientation of a decoded frame; upright where it carries no display matrix."""
    matrix = side_data_of(frame).get("DISPLAYMATRIX")
    if matrix is not None:
        return orientation_from_matrix(matrix)
    return Orientation(round(frame.rotation / 90) % 4 * 90)  # what is known where side data cannot be read


def orientation_from_matrix(data: bytes) -> Orientation:
    """The orientation that a display matrix of nine 32-bit numbers stands for.

    The matrix takes the coded point (p, q), y down, to (a p + c q + x, b p + d q + y).
    """
    a, b, _, c, d, *_ = _MATRIX.unpack(data)
    is_mirrored = a * d - b * c < 0
    if is_mirrored:
        a, b = -a, -b  # what is left when the mirroring has been done
    angle_deg = -math.degrees(math.atan2(b, a))
    return Orientation(round(angle_deg / 90) % 4 * 90, is_mirrored, angle_deg)
