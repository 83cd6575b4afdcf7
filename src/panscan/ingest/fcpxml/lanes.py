"""The lanes of FCPXML as tracks of OTIO: a storyline, what is connected above and below it, and its sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.fcpxml.values import time_range

_VIDEO, _AUDIO = otio.schema.TrackKind.Video, otio.schema.TrackKind.Audio


@dataclass(slots=True)
class LaneItem:
    """Something that lies in a lane.

    Attributes
    ----------
    lane : int
        Above its parent if positive, below it if negative.
    start_s : Fraction
        On the clock of its parent.
    length_s : Fraction
    children : list
        OTIO items for a track, without a gap before the first.
    """

    lane: int
    start_s: Fraction
    length_s: Fraction
    children: list[Any]


@dataclass(slots=True)
class StorylineContents:
    """The contents of one storyline.

    Attributes
    ----------
    main : list
        Its own OTIO items, in order.
    length_s : Fraction
        How long `main` lasts.
    connected : list of LaneItem
        What is connected to its items, above and below.
    sound : list of LaneItem
        The sound of all of these.
    """

    main: list[Any] = field(default_factory=list)
    length_s: Fraction = Fraction(0)
    connected: list[LaneItem] = field(default_factory=list)
    sound: list[LaneItem] = field(default_factory=list)


def make_gap(rate: Fraction, length_s: Fraction) -> Any:
    """A gap of some seconds."""
    return otio.schema.Gap(source_range=time_range(Fraction(0), length_s, rate))


def storyline_stack(storyline: StorylineContents, rate: Fraction, name: str) -> Any:
    """A storyline as a stack of tracks: lower lanes, its own items, upper lanes, then the sound."""
    stack = otio.schema.Stack(name=name)
    lanes = sorted({item.lane for item in storyline.connected})
    for lane in (lane for lane in lanes if lane <= 0):
        stack.extend(_tracks(storyline.connected, lane, f"lane {lane}", _VIDEO, rate))
    main = otio.schema.Track(name="primary", kind=_VIDEO)
    main.extend(storyline.main)
    stack.append(main)
    for lane in (lane for lane in lanes if lane > 0):
        stack.extend(_tracks(storyline.connected, lane, f"lane {lane}", _VIDEO, rate))
    for lane in sorted({item.lane for item in storyline.sound}, reverse=True):
        stack.extend(_tracks(storyline.sound, lane, f"sound {lane}", _AUDIO, rate))
    return stack


def _tracks(items: Iterable[LaneItem], lane: int, name: str, kind: str, rate: Fraction) -> list[Any]:
    """The items of one lane, without overlaps, in as few tracks as possible."""
    ends: list[Fraction] = []
    tracks: list[Any] = []
    for item in sorted((i for i in items if i.lane == lane), key=lambda i: i.start_s):
        start_s = max(item.start_s, Fraction(0))
        free = next((n for n, end in enumerate(ends) if end <= start_s), len(ends))
        if free == len(ends):
            ends.append(Fraction(0))
            tracks.append(otio.schema.Track(name=name, kind=kind))
        if start_s > ends[free]:
            tracks[free].append(make_gap(rate, start_s - ends[free]))
        tracks[free].extend(item.children)
        ends[free] = start_s + item.length_s
    return tracks
