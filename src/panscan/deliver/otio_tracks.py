"""An OTIO timeline with one track per layer of cells and one per sound stream, for editors that read OTIO.

The tracks are the same for every editor; what it reads of them in its own metadata is a `Dialect`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.deliver.spine import Layer, Piece, Spine
from panscan.document.timeline import FramedClip

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One editor's metadata under its own `name`: of the timeline, its stack, and of tracks and clips.

    sound_track: of the channels of the track; picture_clip: of the number of the group of linked clips; sound_clip: of
    that number, of the sound stream (from 0) and of its channels; effects: of a piece and one of its layers.
    """

    name: str
    timeline: Metadata
    stack: Metadata
    picture_track: Metadata
    sound_track: Callable[[int], Metadata]
    picture_clip: Callable[[int], Metadata]
    sound_clip: Callable[[int, int, int], Metadata]
    effects: Callable[[Piece, Layer], list[Any]]


def build(spine: Spine, dialect: Dialect) -> Any:
    """The OTIO timeline of a row of pieces; frames count at the row's rate, media from their own timecode."""
    rate = spine.rate
    timeline = otio.schema.Timeline(
        name=spine.name,
        global_start_time=_time(spine.start_frame, rate),
        metadata={dialect.name: dict(dialect.timeline)},
    )
    if dialect.stack:
        timeline.tracks.metadata[dialect.name] = dict(dialect.stack)
    groups = list(enumerate(spine.pieces, start=1))
    for number in range(max(len(piece.clip.framing.cells) for piece in spine.pieces)):
        row = [
            (piece.clip.record_frame, _picture(piece, piece.layers[number], link, dialect))
            for link, piece in groups
            if number < len(piece.clip.framing.cells)
        ]
        timeline.tracks.append(_track("Video", number, row, rate, dialect.name, dialect.picture_track))
    streams = max(len(piece.clip.facts.audio) if piece.sounds else 0 for piece in spine.pieces)
    for number in range(streams):
        heard = [(link, p) for link, p in groups if p.sounds and number < len(p.clip.facts.audio)]
        channels = max(piece.clip.facts.audio[number][0] for _, piece in heard)
        row = [(piece.clip.record_frame, _sound(piece, number, link, dialect)) for link, piece in heard]
        timeline.tracks.append(_track("Audio", number, row, rate, dialect.name, dialect.sound_track(channels)))
    return timeline


def to_bytes(timeline: Any) -> bytes:
    """The timeline as OTIO's JSON, with a newline at its end."""
    text: str = otio.adapters.write_to_string(timeline, "otio_json")
    return (text + "\n").encode("utf-8")


def _track(kind: str, number: int, row: list[tuple[int, Any]], rate: Fraction, name: str, metadata: Metadata) -> Any:
    track = otio.schema.Track(name=f"{kind} {number + 1}", kind=kind)
    if metadata:
        track.metadata[name] = dict(metadata)
    cursor = 0
    for record_frame, clip in row:
        if record_frame > cursor:
            track.append(otio.schema.Gap(duration=_time(record_frame - cursor, rate)))
        track.append(clip)
        cursor = record_frame + int(clip.source_range.duration.value)
    return track


def _picture(piece: Piece, layer: Layer, link: int, dialect: Dialect) -> Any:
    clip = _clip(piece, dialect.name, dialect.picture_clip(link))
    clip.effects.extend(dialect.effects(piece, layer))
    return clip


def _sound(piece: Piece, stream: int, link: int, dialect: Dialect) -> Any:
    channels = piece.clip.facts.audio[stream][0]
    return _clip(piece, dialect.name, dialect.sound_clip(link, stream, channels))


def _clip(piece: Piece, name: str, metadata: Metadata) -> Any:
    framed = piece.clip
    rate = framed.framing.rate
    clip = otio.schema.Clip(
        name=framed.name,
        media_reference=_reference(framed, rate),
        source_range=_range(framed.first, framed.frame_count, rate),
        metadata={name: dict(metadata)},
    )
    clip.enabled = piece.enabled
    return clip


def _reference(framed: FramedClip, rate: Fraction) -> Any:
    reference = otio.schema.ExternalReference(
        target_url=framed.path.absolute().as_uri(),
        available_range=_range(framed.available_first, framed.available_count, rate),
    )
    reference.name = framed.path.name  # with its extension: editors relink by it
    return reference


def _range(first: int, count: int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(_time(first, rate), _time(count, rate))


def _time(frames: int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(frames, float(rate))
