"""An OTIO timeline with one track per layer of cells and one per sound stream, for editors that read OTIO.

The tracks are the same for every editor; what it reads of them in its own metadata is a `Dialect`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from typing import Any

import opentimelineio as otio

from panscan.deliver.sequence.marks import Marker
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer
from panscan.timeline.cut import FramedClip
from panscan.timeline.transitions import DISSOLVE, Dissolve

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditorMetadata:
    """One editor's metadata under its own `name`: of the timeline, its stack, and of tracks and clips.

    sound_track: of the channels of the track; picture_clip: of the number of the group of linked clips; sound_clip: of
    that number, of the sound stream (from 0) and of its channels; effects: of a piece and one of its layers, each made
    by `effect`; counts_media: the range of a retimed clip is as long as it takes from the media, and starts at its
    earliest media frame, instead of as long as it lasts, from the frame that it shows first; dissolve,
    marker: of a cross dissolve and of a marker.
    """

    name: str
    timeline: Metadata
    stack: Metadata
    picture_track: Metadata
    sound_track: Callable[[int], Metadata]
    picture_clip: Callable[[int], Metadata]
    sound_clip: Callable[[int, int, int], Metadata]
    effects: Callable[[ClipItem, Layer], list[Any]]
    range_in_media_frames: bool = False
    dissolve: Metadata = field(default_factory=dict)
    marker: Callable[[Marker], Metadata] = lambda mark: {}


TrackClip = tuple[ClipItem, Any]


def make_effect(effect_name: str, name: str, metadata: Metadata) -> Any:
    """An OTIO effect with an editor's metadata under its `name`, as JSON has them (times with their OTIO_SCHEMA)."""
    # Metadata of many keys go through text: OTIO takes them from Python forty times as slowly.
    fields = {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": effect_name, "metadata": {name: metadata}}
    return otio.core.deserialize_json_from_string(json.dumps(fields))


def to_otio_bytes(spine: ClipSequence, editor_metadata: EditorMetadata) -> bytes:
    """A row of pieces as OTIO's own JSON; frames count at the row's rate, those of media from their timecode."""
    rate = spine.rate
    timeline = otio.schema.Timeline(
        name=spine.name,
        global_start_time=_time(spine.start_frame, rate),
        metadata={editor_metadata.name: dict(editor_metadata.timeline)},
    )
    if editor_metadata.stack:
        timeline.tracks.metadata[editor_metadata.name] = dict(editor_metadata.stack)
    timeline.tracks.markers.extend(
        _marker(mark, mark.frame, mark.frame_count, rate, editor_metadata) for mark in spine.markers
    )
    groups = list(enumerate(spine.clip_items, start=1))
    rows: list[Iterator[Any]] = []
    for number in range(max(len(piece.clip.framing.cells) for piece in spine.clip_items)):
        timeline.tracks.append(_track("Video", number, editor_metadata.name, editor_metadata.picture_track))
        rows.append(_pictures(groups, number, editor_metadata))
    streams = max(len(piece.clip.facts.audio) if piece.has_sound else 0 for piece in spine.clip_items)
    for number in range(streams):
        heard = [(link, p) for link, p in groups if p.has_sound and number < len(p.clip.facts.audio)]
        channels = max(piece.clip.facts.audio[number][0] for _, piece in heard)
        timeline.tracks.append(_track("Audio", number, editor_metadata.name, editor_metadata.sound_track(channels)))
        rows.append(_sounds(heard, number, editor_metadata))
    transitions = {dissolve.edit_frame: _dissolve(dissolve, rate, editor_metadata) for dissolve in spine.dissolves}
    # Dissolves join whole pictures, which lie in the lowest track.
    return _filled(timeline, [_with_gaps(row, rate, {} if number else transitions) for number, row in enumerate(rows)])


def _filled(timeline: Any, rows: Iterable[Iterable[Any]]) -> bytes:
    """The text of a timeline whose tracks are still empty, with the children of each track in their places.

    OTIO writes one child after the other, so that the keys of all clips never lie in memory at once.
    """
    # Quotes inside OTIO's strings are escaped, so this cannot be part of a name.
    head, *tails = _text(timeline).split('"children": []')
    file = BytesIO()
    file.write(head.encode())
    for row, tail in zip(rows, tails, strict=True):
        margin = "\n" + " " * (len(head) - len(head.rstrip(" ")))
        file.write(b'"children": [')
        for number, child in enumerate(row):
            text = f"{',' if number else ''}\n{_text(child)}".replace("\n", f"{margin}    ")
            file.write(text.encode())
        file.write(f"{margin}]{tail}".encode())
        head = tail
    file.write(b"\n")
    return file.getvalue()


def _text(item: Any) -> str:
    return str(otio.core.serialize_json_to_string(item, {}, 4))


def _with_gaps(row: Iterable[TrackClip], rate: Fraction, transitions: Mapping[int, Any]) -> Iterator[Any]:
    """The clips of a track with the gaps between them, and the transitions (by record frame of the cut)."""
    cursor = 0
    for piece, clip in row:
        record_frame = piece.clip.record_frame
        if record_frame > cursor:
            yield otio.schema.Gap(duration=_time(record_frame - cursor, rate))
        elif record_frame in transitions:
            yield transitions[record_frame]
        yield clip
        cursor = record_frame + piece.clip.frame_count


def _track(kind: str, number: int, name: str, metadata: Metadata) -> Any:
    track = otio.schema.Track(name=f"{kind} {number + 1}", kind=kind)
    if metadata:
        track.metadata[name] = dict(metadata)
    return track


def _pictures(groups: Iterable[tuple[int, ClipItem]], number: int, dialect: EditorMetadata) -> Iterator[TrackClip]:
    for link, piece in groups:
        if number < len(piece.clip.framing.cells):
            clip = _clip(piece, dialect, dialect.picture_clip(link))
            clip.effects.extend(dialect.effects(piece, piece.layers[number]))
            if number == 0:
                clip.markers.extend(_markers_of(piece, dialect))
            yield piece, clip


def _sounds(heard: Iterable[tuple[int, ClipItem]], stream: int, dialect: EditorMetadata) -> Iterator[TrackClip]:
    for link, piece in heard:
        channels = piece.clip.facts.audio[stream][0]
        yield piece, _clip(piece, dialect, dialect.sound_clip(link, stream, channels))


def _clip(piece: ClipItem, dialect: EditorMetadata, metadata: Metadata) -> Any:
    framed = piece.clip
    rate = framed.framing.rate
    clip = otio.schema.Clip(
        name=framed.name,
        media_reference=_reference(framed, rate),
        source_range=_source_range(framed, rate, range_in_media_frames=dialect.range_in_media_frames),
        metadata={dialect.name: dict(metadata)},
    )
    clip.enabled = piece.enabled
    if framed.speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif framed.is_retimed:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(framed.speed)))
    return clip


def _markers_of(piece: ClipItem, dialect: EditorMetadata) -> Iterator[Any]:
    """A piece's own markers, on the clock of its media."""
    clip = piece.clip
    for mark in piece.markers:
        at = round(clip.media_position(mark.frame - clip.first)) if clip.is_retimed else mark.frame
        count = max(round(mark.frame_count * abs(clip.speed)), 1)
        yield _marker(mark, at, count, clip.framing.rate, dialect)


def _marker(mark: Marker, frame: int, frame_count: int, rate: Fraction, dialect: EditorMetadata) -> Any:
    metadata = dict(dialect.marker(mark))
    marker = otio.schema.Marker(
        mark.name,
        _range(frame, frame_count, rate),
        metadata={dialect.name: metadata} if metadata else {},
        comment=mark.note,
    )
    if mark.colour:
        marker.color = mark.colour
    return marker


def _dissolve(dissolve: Dissolve, rate: Fraction, dialect: EditorMetadata) -> Any:
    return otio.schema.Transition(
        "Cross Dissolve",
        DISSOLVE,
        _time(dissolve.in_frames, rate),
        _time(dissolve.out_frames, rate),
        {dialect.name: dict(dialect.dissolve)} if dialect.dissolve else {},
    )


def _source_range(framed: FramedClip, rate: Fraction, *, range_in_media_frames: bool) -> Any:
    start, count = framed.media_position(0), Fraction(framed.frame_count)
    if range_in_media_frames and framed.speed:
        count *= abs(framed.speed)
        start -= count - 1 if framed.speed < 0 else 0
    return _range(start, count, rate)


def _reference(framed: FramedClip, rate: Fraction) -> Any:
    reference = otio.schema.ExternalReference(
        target_url=framed.path.absolute().as_uri(),
        available_range=_range(framed.available_first, framed.available_count, rate),
    )
    reference.name = framed.path.name  # with its extension: editors relink by it
    return reference


def _range(first: Fraction | int, count: Fraction | int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(_time(first, rate), _time(count, rate))


def _time(frames: Fraction | int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(float(frames), float(rate))
