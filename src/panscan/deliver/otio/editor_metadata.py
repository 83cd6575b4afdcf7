"""What editors read from their own metadata in OTIO, and how times and effects are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.deliver.sequence import ClipItem, Layer, Marker

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditorMetadata:
    """Metadata of one editor, stored under its `name`.

    Attributes
    ----------
    name : str
    timeline, stack, picture_track : mapping
        Of the timeline, of its stack, and of a video track.
    sound_track : callable (channels) -> mapping
        Of an audio track with so many channels.
    picture_clip : callable (link group) -> mapping
        Of a clip on a video track; clips of one group are linked.
    sound_clip : callable (link group, sound stream from 0, its channels) -> mapping
        Of a clip on an audio track.
    effects : callable (ClipItem, Layer) -> list
        Effects of a layer, built with `make_effect`.
    range_in_media_frames : bool
        Of retimed clips: whether source_range covers the media frames used and starts at the earliest one; otherwise
        it starts at the frame shown first and is as long as the clip.
    dissolve : mapping
        Of a cross dissolve.
    marker : callable (Marker) -> mapping
        Of a marker.
    """

    name: str
    timeline: Metadata
    stack: Metadata
    picture_track: Metadata
    sound_track: Callable[[int], Metadata]
    picture_clip: Callable[[int], Metadata]
    sound_clip: Callable[[int, int, Sequence[int]], Metadata]
    effects: Callable[[ClipItem, Layer], list[Any]]
    range_in_media_frames: bool = False
    dissolve: Metadata = field(default_factory=dict)
    marker: Callable[[Marker], Metadata] = lambda marker: {}


def make_effect(effect_name: str, name: str, metadata: Metadata) -> Any:
    """An OTIO effect with metadata under an editor's `name`, written as in JSON (times with their OTIO_SCHEMA)."""
    # Metadata with many keys goes through text: OTIO takes it from Python forty times as slowly.
    fields = {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": effect_name, "metadata": {name: metadata}}
    return otio.core.deserialize_json_from_string(json.dumps(fields))


def time_range(first: Fraction | int, count: Fraction | int, rate: Fraction) -> Any:
    """A range of frames."""
    return otio.opentime.TimeRange(frame_time(first, rate), frame_time(count, rate))


def frame_time(frames: Fraction | int, rate: Fraction) -> Any:
    """A time of so many frames, which need not be whole."""
    return otio.opentime.RationalTime(float(frames), float(rate))
