"""An editor's finished cut as values: which frames of which media it shows, and what gets no camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.model.media import Media


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know.

    Attributes
    ----------
    what : str
        What it is about.
    why : str
        A sentence.
    is_fault : bool
        It is about something that was repaired or left alone because it is not as it should be.
    """

    what: str
    why: str
    is_fault: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True, eq=False)
class UsedClip:
    """A clip of the cut whose picture is visible.

    Attributes
    ----------
    clip : otio.schema.Clip
        The clip inside the cut's timeline.
    number : int
        Its position in `layout.clips_of(timeline)`, the same in every copy of the timeline.
    media_path : str
        Absolute path of its media.
    first, end : int
        Frames [first, end) of the media's grid that it uses, counted from the media's first picture. The handles of
        transitions are included, and speed changes are taken into account.
    visible_first, visible_end : int
        The same without handles.
    speed : Fraction
        Media seconds per second of the cut; 0 for a freeze frame, negative for backwards.
    is_ramped : bool
        The speed changes inside the clip, and `speed` is its mean.
    is_still : bool
        Its media is one picture without a length of its own.
    """

    clip: Any
    number: int
    media_path: str
    first: int
    end: int
    visible_first: int
    visible_end: int
    speed: Fraction = Fraction(1)
    is_ramped: bool = False
    is_still: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class EditorCut:
    """An editor's cut, ready to be framed.

    Attributes
    ----------
    timeline : otio.schema.Timeline
        With media found and rates exact, otherwise as the editor left it.
    rate : Fraction
        Frames per second of the cut.
    clips : tuple of UsedClip
        The clips that are visible, in record order, lower tracks first.
    media : mapping of str to Media
        Every used media by path.
    unframed : tuple of Note
        What gets no camera, and why.
    """

    timeline: Any
    rate: Fraction
    clips: tuple[UsedClip, ...]
    media: Mapping[str, Media]
    unframed: tuple[Note, ...] = ()
