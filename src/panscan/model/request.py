"""What a person asks for: the request, and the preset, overrides and models it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from panscan.model.geometry import Ratio, Rect, Size
from panscan.model.media import Deinterlace
from panscan.model.plan import Subject
from panscan.model.style import Style

# Share of the picture's height: people with smaller heads are a crowd, of whom nobody stands out.
_CROWD_HEAD_SHARE = 0.12
# Factors on a subject's importance: something small that is asked for goes before a face of usual size.
_LIKED_FACTOR, _OTHER_FACTOR, _AVOIDED_FACTOR = 2.0, 0.25, 0.1

# Where what happens on a screen belongs in the crop: its middle, as shares of the crop's width and height.
COMPOSITIONS: Mapping[str, tuple[float, float]] = {
    "center": (1 / 2, 1 / 2),
    "upper": (1 / 2, 1 / 3),
    "lower": (1 / 2, 2 / 3),
    "left": (1 / 3, 1 / 2),
    "right": (2 / 3, 1 / 2),
}


@dataclass(frozen=True, slots=True)
class SignalWeights:
    """How much each signal says about who matters; each 0..1, together 1.

    Attributes
    ----------
    face : float
        Size and score of a seen face.
    speech : float
        Probability that the person speaks.
    pose : float
        Size and score of a head whose face is not seen, and of the rest of a body.
    flow : float
        Share of the picture's motion.
    objects : float
        Size and score of an object.
    audio : float
        Motion while it is loud.
    """

    face: float
    speech: float
    pose: float
    flow: float
    objects: float
    audio: float


@dataclass(frozen=True, slots=True)
class Preset:
    """What matters, and how the camera behaves, under one name.

    Attributes
    ----------
    name, summary : str
    weights : SignalWeights
    method, mode : str
        Names; `panscan plugins` lists them.
    layouts : tuple of str
        Layouts that may be used; "auto" for all.
    headroom : float
        Where the line of the eyes lies, as a share of the crop's height from its top.
    look_room : float
        Share of the crop's width that is given to the side a face looks to.
    zoom_ceiling : float
        How many times tighter than the widest a crop may be.
    min_hold_s : float
        The shortest turn of a speaker, in seconds.
    breathe : float
        Share of zoom that a still shot may drift.
    jump_cuts : bool
        Whether a change of speaker inside a shot is a jump, else an eased pan.
    background : str
        Of layouts that leave bars: "black", "blur", "#rrggbb" or a gradient "#rrggbb:#rrggbb".
    prompt, avoid : tuple of str
        Words for what to look for and what to leave out.
    composition : str
        Of screen recordings: where in the crop what happens belongs, a name of `COMPOSITIONS`.
    lead_s : float
        Of screen recordings: seconds by which the camera sets off before something happens.
    """

    name: str
    summary: str
    weights: SignalWeights
    method: str = "adaptive"
    mode: str = "balanced"
    layouts: tuple[str, ...] = ("auto",)
    headroom: float = 0.40
    look_room: float = 0.06
    zoom_ceiling: float = 1.0
    min_hold_s: float = 1.5
    breathe: float = 0.0
    jump_cuts: bool = True
    background: str = "black"
    prompt: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    composition: str = "center"
    lead_s: float = 0.25


@dataclass(frozen=True, slots=True)
class PlacedKey:
    """A key of a camera, placed by hand. It counts on the whole picture, bars and all, so that it suits every shape.

    Attributes
    ----------
    frame : int
        From 0: of the media's grid, or of a cut's record.
    center : (float, float)
        Centre of the crop, as shares of the picture's width and height.
    zoom : float
        Times tighter than the widest crop of the cell; under 1 the crop is larger than the picture.
    inside : bool
        Whether a crop that would stick out of the picture is moved inside: keys that hold for shapes they were not
        made for.
    """

    frame: int
    center: tuple[float, float]
    zoom: float = 1.0
    inside: bool = True


@dataclass(frozen=True, slots=True)
class SubjectBox:
    """Where a subject is at one frame, so that it is found again whatever an analysis calls it.

    Attributes
    ----------
    frame : int
        From 0: of the media's grid, or of a cut's record.
    box : (float, float, float, float)
        Left, top, width and height, as shares of the picture's width and height.
    """

    frame: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody whom a person named.

    Attributes
    ----------
    name : str
        Such as "Anna".
    at : SubjectBox
        Where they are at one frame of the movie.
    """

    name: str
    at: SubjectBox


@dataclass(frozen=True, slots=True)
class Override:
    """What a person wants otherwise, and where; None where nothing is said.

    Attributes
    ----------
    shot : int, optional
        Number of a shot, from 1.
    first, end : int, optional
        Frames [first, end) from 0: of the media's grid, or of a cut's record.
    ratio : str, optional
        The only shape it holds for, e.g. "9:16".
    subject : str, optional
        "left", "right", "largest", "speaker", or a name such as "person-2", or one that somebody gave.
    layout, method, mode : str, optional
    center : (float, float), optional
        Where to look: x and y as shares of the picture.
    hold : bool, optional
        True: the camera does not move.
    zoom : float, optional
        1 to 2 times tighter than the widest crop.
    clip : str, optional
        Name of the clips of a cut that are meant.
    frame : int, optional
        A frame from 0: the shot in which it lies is meant.
    frames : (int, int or None), optional
        Frames [first, end) from 0, to the end where that is None; where a shot begins or ends close by, that is meant.
    setup : bool, optional
        True: all shots of the same camera set-up are meant.
    subject_at : SubjectBox, optional
        Where the subject is at one frame.
    cell : int, optional
        Number of the cell, from 1, that subject, place, zoom, hold and keys are meant for.
    keys : tuple of PlacedKey, optional
        The camera itself, in the order of its frames.
    background : str, optional
        What shows around the picture: "black", "blur", "#rrggbb" or a gradient "#rrggbb:#rrggbb".
    style : tuple of (str, value), optional
        Fields of a `Style` in place of the request's.
    note : str, optional
        A word to whoever reads it; it changes nothing.
    split : bool, optional
        True: a shot begins at `frame`.
    merge : bool, optional
        True: no shot begins at `frame`; the one that did is joined with the one before.
    cells : tuple of Override
        What is said of single cells, of the entries that hold for a part of a shot.
    """

    shot: int | None = None
    first: int | None = None
    end: int | None = None
    ratio: str | None = None
    subject: str | None = None
    layout: str | None = None
    center: tuple[float, float] | None = None
    hold: bool | None = None
    zoom: float | None = None
    method: str | None = None
    mode: str | None = None
    clip: str | None = None
    frame: int | None = None
    frames: tuple[int, int | None] | None = None
    setup: bool | None = None
    subject_at: SubjectBox | None = None
    cell: int | None = None
    keys: tuple[PlacedKey, ...] | None = None
    background: str | None = None
    style: tuple[tuple[str, Any], ...] | None = None
    note: str | None = None
    split: bool | None = None
    merge: bool | None = None
    cells: tuple[Override, ...] = ()


RESTS = ("wide", "hold")  # what a camera does while it stands still
MOVES = ("focus_in", "pan", "release")  # and between


@dataclass(frozen=True, slots=True)
class CameraSegment:
    """What a person wants the camera to do for some time.

    Attributes
    ----------
    start_s, end_s : float
        Seconds from the start of the movie.
    mode : str
        One of `RESTS` or `MOVES`.
    roi : Rect, optional
        What is shown, at the end of a move; source px. None for the whole picture.
    reason : str
    easing : str
        Of a move: "smootherstep" or "linear"; "none" of a rest.
    layout : str
        Name of the layout; "stack" has a second cell with the whole picture, all others are shown as "single".
    """

    start_s: float
    end_s: float
    mode: str
    roi: Rect | None
    reason: str
    easing: str = "smootherstep"
    layout: str = "single"

    @property
    def is_move(self) -> bool:
        """Whether the camera is on its way."""
        return self.mode in MOVES


@dataclass(frozen=True, slots=True)
class Taste:
    """What to show and what not: labels of subjects, names of people, "motion" for movers, "crowd" for small people.

    Attributes
    ----------
    liked : frozenset of str
    avoided : frozenset of str
    """

    liked: frozenset[str] = frozenset()
    avoided: frozenset[str] = frozenset()

    def factor(self, subject: Subject, height_share: float = 1.0) -> float:
        """Factor on a subject's weight: 2 if liked, 0.25 if others are liked, 0.1 if avoided, else 1.

        Parameters
        ----------
        subject : Subject
        height_share : float
            Height of what must be kept of it, as a share of the picture's height.
        """
        labels = {subject.label or "motion", subject.called}
        if subject.kind == "person" and height_share < _CROWD_HEAD_SHARE:
            labels.add("crowd")
        if labels & self.avoided:
            return _AVOIDED_FACTOR
        if not self.liked:
            return 1.0
        return _LIKED_FACTOR if labels & self.liked else _OTHER_FACTOR


@dataclass(frozen=True, slots=True)
class Models:
    """Which weights the analysis runs on.

    Attributes
    ----------
    objects : str
        A file, a name of `panscan models`, "none" to go without, "" for whatever was pulled.
    vocabulary : tuple of str
        What the object weights must look for: weights that know only their own classes are refused.
    prompt : tuple of str
        What object weights that take any words look for where there is no vocabulary; others look for what they know.
    speaker : str
        Weights of the speaker network: a file or a name; "" or "none" to go without.
    words : str
        A Whisper model on this machine; "" to go without words.
    """

    objects: str = ""
    vocabulary: tuple[str, ...] = ()
    prompt: tuple[str, ...] = ()
    speaker: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for, of one canvas.

    Attributes
    ----------
    ratio : Ratio
        The shape.
    canvas : Size
        The size of the result, px.
    preset : Preset
    method, mode : str, optional
        None takes the preset's.
    layouts : tuple of str, optional
        Layouts that may be used, None for the preset's; one alone is insisted upon.
    with_speaker : bool
        Whether it matters who speaks.
    prompt, avoid : tuple of str
        Words for what to show and what not; empty takes the preset's.
    overrides : tuple of Override
        Decisions made by hand, on the frames of the movie or of the cut's record.
    media_overrides : tuple of (str, tuple of Override)
        Those of a cut's media, on their own frames, by path.
    tolerance_px : float
        How far keys may stray from the solved path, in canvas px.
    models : Models
        Weights that the analysis runs on.
    deinterlace : "auto", "off" or "on"
        Whether pictures made of two fields are deinterlaced: where they are found, never, or all pictures.
    lead_s : float, optional
        Seconds by which the camera of a screen recording sets off before something happens; None takes the preset's.
    segments : tuple of CameraSegment
        What the camera does from begin to end, decided by hand; empty where the director decides.
    style : Style
        How the picture is staged.
    preset_by_material : bool
        Nobody chose a preset: that of screen recordings takes its place where a media is one.
    people : tuple of NamedPerson
        Those whom somebody named, on the frames of the movie.
    media_people : tuple of (str, tuple of NamedPerson)
        Those of a cut's media, on their own frames, by path.
    """

    ratio: Ratio
    canvas: Size
    preset: Preset
    method: str | None = None
    mode: str | None = None
    layouts: tuple[str, ...] | None = None
    with_speaker: bool = True
    prompt: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    media_overrides: tuple[tuple[str, tuple[Override, ...]], ...] = ()
    tolerance_px: float = 1.0
    models: Models = field(default_factory=Models)
    deinterlace: Deinterlace = "auto"
    lead_s: float | None = None
    segments: tuple[CameraSegment, ...] = ()
    style: Style = field(default_factory=Style)
    preset_by_material: bool = False
    people: tuple[NamedPerson, ...] = ()
    media_people: tuple[tuple[str, tuple[NamedPerson, ...]], ...] = ()
