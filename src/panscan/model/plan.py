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

    kind "person", "mover" or "object"; track: its number in the perception's tracks; frame (n,) rising; box_px (n, 4)
    left, top, width, height: the face of a person, all of what is none; keep_px (n, 4): what a crop must keep of it,
    the head of a person, all of what is none; score (n,) 0..1; basis (n,): 0 a face that was seen, 1 the head of a
    pose, 2 the body box of an object (see `perception.Tracks`); body_px (n, 4): the body of a person, NaN where it is
    not known; label: the class of an object, "person" for a person, "" for a mover.
    """

    name: str
    kind: str
    track: int
    frame: IntArray
    box_px: FloatArray
    keep_px: FloatArray
    score: FloatArray
    basis: IntArray
    body_px: FloatArray
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What one camera of one shot must hold and would like to centre on.

    frame (n,) rising; must_keep_px (n, 4): boxes to keep in the crop, NaN rows where nothing must be kept;
    nice_to_keep_px (n, 4):
    larger boxes to keep where that costs no movement, NaN rows likewise; target_px (n, 2): point to bring to `anchor`
    of the crop; weight (n,): confidence 0..1 in the row.
    anchor: where in the crop the point belongs, as fractions of its width and height;
    jumps: frames at which the camera may jump to a new place, as at a cut (a planned change of subject);
    zoom (n,): how much closer than the widest crop the camera should be, 1 or more, NaN for no wish; None for none.
    """

    subject: str
    frame: IntArray
    must_keep_px: FloatArray
    nice_to_keep_px: FloatArray
    target_px: FloatArray
    weight: FloatArray
    anchor: tuple[float, float] = (0.5, 0.5)
    jumps: tuple[int, ...] = ()
    zoom: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CellPlan:
    """A rectangle of the canvas and what its camera aims at.

    zoom_ceiling: how much closer than the widest crop the camera may be (1: not at all); fit: show the whole picture
    inside the cell instead, whatever the aim; push_in: share of zoom a camera that rests may slowly gain (0: none);
    hold: the camera must not move.
    """

    left_px: int
    top_px: int
    size: Size
    aim: Aim
    zoom_ceiling: float = 1.0
    fit: bool = False
    push_in: float = 0.0
    hold: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ShotPlan:
    """One shot's layout and effect, and why.

    effect: what the camera should do, STATIC, BREATHE, PAN_FOLLOW, FAST_CUT or INTERVIEW; "" leaves it to the
    operator. mode: how willingly it moves in this shot, "" for the mode of the run. background: what shows around a
    picture that does not fill its cell.
    """

    shot: Shot
    layout: str
    cells: tuple[CellPlan, ...]
    why: str
    effect: str = ""
    mode: str = ""
    background: str = "black"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All shots of one media for one canvas; `bounds` is the picture a camera may show."""

    canvas: Size
    bounds: Rect
    shots: tuple[ShotPlan, ...]
