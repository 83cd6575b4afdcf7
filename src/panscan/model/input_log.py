"""What was done with mouse and keyboard while a screen was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from panscan.model.bodies import FloatArray
from panscan.model.geometry import Size
from panscan.model.time import IntArray

# What was done: the pointer was moved, a button or a key was pressed, the wheel was turned.
InputKind = Literal["move", "click", "key", "scroll"]
INPUT_KINDS: tuple[InputKind, ...] = get_args(InputKind)


@dataclass(frozen=True, slots=True, eq=False)
class InputLog:
    """Everything that was done, in order of time.

    Attributes
    ----------
    time_s : ndarray (n,)
        Seconds from the first picture.
    kind : ndarray (n,), int64
        Positions in `INPUT_KINDS`.
    point_px : ndarray (n, 2)
        Where the pointer was, display px; NaN where it is not known.
    """

    time_s: FloatArray
    kind: IntArray
    point_px: FloatArray

    def of_kind(self, kind: InputKind) -> tuple[FloatArray, FloatArray]:
        """Times (k,) and places (k, 2) of one kind."""
        rows = self.kind == INPUT_KINDS.index(kind)
        return self.time_s[rows], self.point_px[rows]

    def within(self, duration_s: float, size: Size) -> InputLog:
        """What was done while the movie lasts, on its picture as far as the place is known: a screen may be larger."""
        beside = (self.point_px < 0) | (self.point_px > (size.width, size.height))
        rows = (self.time_s >= 0) & (self.time_s < duration_s) & ~np.any(beside, axis=1)
        return InputLog(self.time_s[rows], self.kind[rows], self.point_px[rows])
