"""The plan: who is shown, in which layout, at which pace, shot by shot. Frames are grid frames from 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from panscan.model.bodies import FloatArray
from panscan.model.framing import Camera, Rest
from panscan.model.geometry import Rect, Size
from panscan.model.style import Style
from panscan.model.time import IntArray

Pace = Literal["ordinary", "alternating", "quick", "calm"]


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [first, end) between two shot boundaries of the media."""

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
    """A tracked face, body or object inside a shot; boxes are left, top, width, height in display px.

    Attributes
    ----------
    name : str
        Such as "person-2".
    kind : str
        "person", "mover", "object" or "title".
    track : int
        Its number in `perception.Tracks`; -1 for a title, which has none.
    frame : ndarray (n,), int64
        Frames at which it was seen, rising.
    box_px : ndarray (n, 4)
        The face of a person, or the whole mover or object.
    keep_px : ndarray (n, 4)
        What a crop must keep: the head of a person, or the whole mover or object.
    score : ndarray (n,)
        0..1.
    basis : ndarray (n,), int64
        How the row was measured: 0 from a face, 1 from the head of a pose, 2 from the body box of an object.
    body_px : ndarray (n, 4)
        The body of a person, NaN where it is not known.
    label : str
        The class of an object, "person" for a person or, where the face is an animal's, that animal, "" for a mover,
        "text" for a title.
    called : str
        The name that somebody gave a person; empty where nobody did.
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
    called: str = ""

    @property
    def known_as(self) -> str:
        """What people call it."""
        return self.called or self.name


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What one camera of one shot must hold and would like to centre on.

    Attributes
    ----------
    subject : str
        Names of who or what it is about.
    frame : ndarray (n,), int64
        Rising.
    must_keep_px : ndarray (n, 4)
        Boxes to keep in the crop; NaN rows where nothing must be kept.
    nice_to_keep_px : ndarray (n, 4)
        Larger boxes to keep where that costs no movement; NaN rows likewise.
    target_px : ndarray (n, 2)
        Point to bring to `anchor` of the crop.
    weight : ndarray (n,)
        Confidence in the row, 0..1.
    anchor : (float, float)
        Where in the crop the point belongs, as shares of its width and height.
    jumps : tuple of int
        Frames at which the camera may jump to a new place: planned changes of subject.
    zoom : ndarray (n,), optional
        How many times tighter than the widest crop the camera should be, 1 or more; NaN where it does not matter.
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


@dataclass(frozen=True, slots=True)
class PlannedRest:
    """Where a planned camera stands still.

    Attributes
    ----------
    rest : Rest
        When, and why.
    crop : Rect
        What it shows there, source px; of the cell's shape.
    """

    rest: Rest
    crop: Rect


@dataclass(frozen=True, slots=True, eq=False)
class CellPlan:
    """A rectangle of the canvas and what its camera aims at.

    Attributes
    ----------
    left_px, top_px : int
        Place on the canvas.
    size : Size
    aim : Aim
    zoom_ceiling : float
        How many times tighter than the widest crop the camera may be; 1: not at all.
    fit : bool
        Show the whole picture inside the cell instead, whatever the aim.
    margin_px : int
        Space that is left around the whole picture then, canvas px.
    push_in : float
        Share of zoom that a resting camera may slowly gain; 0: none.
    hold : bool
        The camera must not move.
    rests : tuple of PlannedRest
        Where the camera stands, one rest after the other; it moves in between and solves nothing. Empty: it is solved
        from the aim.
    camera : Camera, optional
        The camera itself, where it was placed by hand: nothing is solved.
    """

    left_px: int
    top_px: int
    size: Size
    aim: Aim
    zoom_ceiling: float = 1.0
    fit: bool = False
    margin_px: int = 0
    push_in: float = 0.0
    hold: bool = False
    rests: tuple[PlannedRest, ...] = ()
    camera: Camera | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption over the picture.

    Attributes
    ----------
    first, end : int
        Frames [first, end) in which it stands.
    box : Rect
        Display px.
    """

    first: int
    end: int
    box: Rect


@dataclass(frozen=True, slots=True, eq=False)
class ShotPlan:
    """One shot's layout and pace, and why. What the camera then does is named by the operator.

    Attributes
    ----------
    shot : Shot
    layout : str
        Name of the layout.
    cells : tuple of CellPlan
        From back to front.
    why : str
        The reason, in words.
    bounds : Rect
        The part of the picture that cameras may show, display px: the picture inside its bars.
    pace : str
        "alternating": one of an exchange between two people, shot by shot; "quick": a short lively shot among many
        cuts; "calm": a longer shot in which little moves; else "ordinary".
    mode : str
        How willingly it moves in this shot; "" for the mode of the run.
    background : str
        What shows around a picture that does not fill its cell.
    style : Style
        How its picture is staged.
    captions : tuple of Caption
        Those that stand in the shot.
    figures : mapping of str to float
        What the decision rests on: how the shot is paced, and how sure it is.
    unmet : tuple of str
        What a person wanted of the shot and it cannot give, in words.
    """

    shot: Shot
    layout: str
    cells: tuple[CellPlan, ...]
    why: str
    bounds: Rect
    pace: Pace = "ordinary"
    mode: str = ""
    background: str = "black"
    style: Style = field(default_factory=Style)
    captions: tuple[Caption, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All shots of one media for one canvas.

    Attributes
    ----------
    canvas : Size
    shots : tuple of ShotPlan
        In order, without gaps.
    """

    canvas: Size
    shots: tuple[ShotPlan, ...]
