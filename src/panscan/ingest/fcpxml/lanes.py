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
    """Something that lies in a lane at a time of its parent: children of a track, without gaps before the first."""

    lane: int
    start_s: Fraction
    length_s: Fraction
    children: list[Any]


@dataclass(slots=True)
class StorylineContents:
    """Everything that a storyline brings: its own row, what is connected to it, and its sound."""

    main: list[Any] = field(default_factory=list)
    length_s: Fraction = Fraction(0)
    connected: list[LaneItem] = field(default_factory=list)
    sound: list[LaneItem] = field(default_factory=list)


def make_gap(rate: Fraction, length_s: Fraction) -> Any:
    """A gap of some seconds."""
    return otio.schema.Gap(source_range=time_range(Fraction(0), length_s, rate))


def storyline_stack(storyline: StorylineContents, rate: Fraction, name: str) -> Any:
    """A storyline as a stack: lower lanes, its own row, upper lanes, then the sound."""
    stack = otio.schema.Stack(name=name)
    lanes = sorted({piece.lane for piece in storyline.connected})
    for lane in (lane for lane in lanes if lane <= 0):
        stack.extend(_tracks(storyline.connected, lane, f"lane {lane}", _VIDEO, rate))
    main = otio.schema.Track(name="primary", kind=_VIDEO)
    main.extend(storyline.main)
    stack.append(main)
    for lane in (lane for lane in lanes if lane > 0):
        stack.extend(_tracks(storyline.connected, lane, f"lane {lane}", _VIDEO, rate))
    for lane in sorted({piece.lane for piece in storyline.sound}, reverse=True):
        stack.extend(_tracks(storyline.sound, lane, f"sound {lane}", _AUDIO, rate))
    return stack


def _tracks(pieces: Iterable[LaneItem], lane: int, name: str, kind: str, rate: Fraction) -> list[Any]:
    """The pieces of one lane in as few tracks as hold them without overlap."""
    ends: list[Fraction] = []
    tracks: list[Any] = []
    for piece in sorted((p for p in pieces if p.lane == lane), key=lambda p: p.start_s):
        start_s = max(piece.start_s, Fraction(0))
        free = next((n for n, end in enumerate(ends) if end <= start_s), len(ends))
        if free == len(ends):
            ends.append(Fraction(0))
            tracks.append(otio.schema.Track(name=name, kind=kind))
        if start_s > ends[free]:
            tracks[free].append(make_gap(rate, start_s - ends[free]))
        tracks[free].extend(piece.children)
        ends[free] = start_s + piece.length_s
    return tracks
