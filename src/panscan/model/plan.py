"""The plan: who is shown, in which layout with which effect, shot by shot. Frames are grid frames from 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Rect, Size

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [first, end) between two cuts of the media."""

    first: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise ValueError(f"a shot needs at least one frame, got [{self.first}, {self.end})")

    @property
    def frame_count(self) -> int:
        """Frames in the shot."""
        return self.end - self.first


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One tracked thing inside a shot.

    track: its number in the perception's tracks; frame (n,) rising; box_px (n, 4) left, top, width, height;
    keep_px (n, 4): what a crop must keep of it, the head of a face, all of a mover; score (n,) 0..1; kind "face" or
    "mover".
    """

    name: str
    kind: str
    track: int
    frame: IntArray
    box_px: FloatArray
    keep_px: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What one camera of one shot must hold and would like to centre on.

    frame (n,) rising; must_px (n, 4): boxes to keep in the crop, NaN rows where nothing must be kept; nice_px (n, 4):
    larger boxes to keep where that costs no movement, NaN rows likewise; wish_px (n, 2): point to bring to `anchor`
    of the crop; weight (n,): confidence 0..1 in the row.
    anchor: where in the crop the point belongs, as fractions of its width and height;
    jumps: frames at which the camera may jump to a new place, as at a cut (a planned change of subject).
    """

    subject: str
    frame: IntArray
    must_px: FloatArray
    nice_px: FloatArray
    wish_px: FloatArray
    weight: FloatArray
    anchor: tuple[float, float] = (0.5, 0.5)
    jumps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CellPlan:
    """A rectangle of the canvas and what its camera aims at."""

    left_px: int
    top_px: int
    size: Size
    aim: Aim


@dataclass(frozen=True, slots=True, eq=False)
class ShotPlan:
    """One shot's layout, and why."""

    shot: Shot
    layout: str
    cells: tuple[CellPlan, ...]
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All shots of one media for one canvas; `bounds` is the picture a camera may show."""

    canvas: Size
    bounds: Rect
    shots: tuple[ShotPlan, ...]
