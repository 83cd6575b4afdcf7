"""Markers of a timeline and of its clips, counted in frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from panscan.model.time import round_half_up
from panscan.timeline.cut import FramedClip
from panscan.timeline.otio_time import exact_seconds


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker.

    Attributes
    ----------
    frame : int
        The first frame that it covers.
    frame_count : int
        How many it covers, at least 1.
    name, note : str
    colour : str
        OTIO's name of its colour; "" for none.
    """

    frame: int
    frame_count: int
    name: str
    note: str = ""
    colour: str = ""


def read_markers(markers: Iterable[Any], rate: Fraction) -> tuple[Marker, ...]:
    """OTIO markers in order of time; their frames count as their ranges do."""
    found = []
    for marker in markers:
        first = _frames(marker.marked_range.start_time, rate)
        count = max(_frames(marker.marked_range.duration, rate), 1)
        found.append(Marker(first, count, marker.name, getattr(marker, "comment", "") or "", marker.color or ""))
    return tuple(sorted(found, key=lambda marker: (marker.frame, marker.name)))


def markers_on_clip_clock(found: Iterable[Marker], clip: FramedClip) -> tuple[Marker, ...]:
    """Convert markers from media frames to the clip's own clock; on a freeze frame all of them lie at its start."""
    if clip.speed == 1:
        return tuple(found)
    placed = []
    for marker in found:
        offset, count = Fraction(0), Fraction(1)
        if clip.speed:
            offset = (marker.frame - clip.media_position(0)) / clip.speed
            count = marker.frame_count / abs(clip.speed)
        placed.append(
            replace(marker, frame=clip.first + round_half_up(offset), frame_count=max(round_half_up(count), 1))
        )
    return tuple(sorted(placed, key=lambda marker: (marker.frame, marker.name)))


def _frames(time: Any, rate: Fraction) -> int:
    return round_half_up(exact_seconds(time) * rate)
