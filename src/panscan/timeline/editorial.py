"""An editor's finished cut as values: what of which media it shows, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.model.media import Media


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know: what it is about, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True, eq=False)
class UsedClip:
    """A clip of the cut whose picture is seen.

    clip: the OTIO clip inside the cut's timeline; number: its place among `placing.clips_of(timeline)`, the same in
    every copy of the timeline; media_path: absolute path of its media.
    first, end: frames [first, end) of the media's grid, counted from its first picture, that are seen, transition
    handles included; visible_first, visible_end: the same without handles. Both are media frames: speed changes are
    already reckoned in.
    speed: media seconds per second of the cut; 0 a freeze frame, negative backwards. is_ramped: the speed changes
    inside the clip and `speed` is its mean. is_still: one picture for any length of time.
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

    timeline: the OTIO timeline, media found and rates exact, otherwise as the editor left it; rate: frames per second
    of the cut; shots: the clips that are seen, in record order, lower tracks first; media: every used media by path;
    left_alone: what gets no camera, and why.
    """

    timeline: Any
    rate: Fraction
    clips: tuple[UsedClip, ...]
    media: Mapping[str, Media]
    unframed: tuple[Note, ...] = ()
