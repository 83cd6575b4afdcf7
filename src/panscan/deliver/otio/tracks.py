"""An OTIO timeline with one track per layer of cells and one per sound stream, for editors that read OTIO.

The tracks are the same for every editor; what an editor reads from its own metadata is an `EditorMetadata`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from io import BytesIO
from itertools import chain
from typing import Any

import opentimelineio as otio

from panscan.deliver.otio.editor_metadata import EditorMetadata, Metadata, frame_time, time_range
from panscan.deliver.otio.sounds import sound_rows
from panscan.deliver.sequence import ClipItem, ClipSequence, Marker
from panscan.files import name_text
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve
from panscan.timeline.transitions import DISSOLVE

TrackClip = tuple[ClipItem, Any]  # and its OTIO clip
_JSON_INDENT = 4  # as OTIO's own adapter writes it


def to_otio_bytes(clip_sequence: ClipSequence, editor_metadata: EditorMetadata) -> bytes:
    """A clip sequence as OTIO's own JSON; times are in frames of its rate, those of media count from their timecode."""
    rate = clip_sequence.rate
    timeline = otio.schema.Timeline(
        name=clip_sequence.name,
        global_start_time=frame_time(clip_sequence.start_frame, rate),
        metadata={editor_metadata.name: dict(editor_metadata.timeline)},
    )
    if editor_metadata.stack:
        timeline.tracks.metadata[editor_metadata.name] = dict(editor_metadata.stack)
    timeline.tracks.markers.extend(
        _marker(marker, marker.frame, marker.frame_count, rate, editor_metadata) for marker in clip_sequence.markers
    )
    groups = list(enumerate(clip_sequence.clip_items, start=1))
    rows: list[Iterator[Any]] = []
    for number in range(max(len(clip_item.clip.framing.cells) for clip_item in clip_sequence.clip_items)):
        timeline.tracks.append(_track("Video", number, editor_metadata.name, editor_metadata.picture_track))
        rows.append(_pictures(groups, number, editor_metadata))
    streams = max(
        len(clip_item.clip.facts.audio) if clip_item.has_sound else 0 for clip_item in clip_sequence.clip_items
    )
    for number in range(streams):
        heard = [(link, p) for link, p in groups if p.has_sound and number < len(p.clip.facts.audio)]
        channels = max(clip_item.clip.facts.audio[number][0] for _, clip_item in heard)
        timeline.tracks.append(_track("Audio", number, editor_metadata.name, editor_metadata.sound_track(channels)))
        rows.append(_sounds(heard, number, editor_metadata))
    transitions = {
        dissolve.edit_frame: _dissolve(dissolve, rate, editor_metadata)
        for dissolve in clip_sequence.dissolves
        if dissolve.is_cross  # fades are effects of their clips
    }
    # Dissolves join whole pictures, which lie in the lowest track.
    filled = [_with_gaps(row, rate, {} if number else transitions) for number, row in enumerate(rows)]
    if clip_sequence.black_end:
        filled[0] = chain(filled[0], [otio.schema.Gap(duration=frame_time(clip_sequence.black_end, rate))])
    filled += sound_rows(timeline, clip_sequence, editor_metadata)
    return _filled(timeline, filled)


def _filled(timeline: Any, rows: Iterable[Iterable[Any]]) -> bytes:
    """The text of a timeline whose tracks are still empty, with the children of each track put in.

    One child is written after the other, so that the keys of all clips never lie in memory at once.
    """
    # Quotes inside JSON strings are escaped, so this text cannot be part of a name.
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
    return str(otio.core.serialize_json_to_string(item, {}, _JSON_INDENT))


def _with_gaps(row: Iterable[TrackClip], rate: Fraction, transitions: Mapping[int, Any]) -> Iterator[Any]:
    """The clips of a track with the gaps and the transitions between them; transitions: by record frame of the edit."""
    cursor = 0
    for clip_item, clip in row:
        record_frame = clip_item.clip.record_frame
        if record_frame > cursor:
            yield otio.schema.Gap(duration=frame_time(record_frame - cursor, rate))
        elif record_frame in transitions:
            yield transitions[record_frame]
        yield clip
        cursor = record_frame + clip_item.clip.frame_count


def _track(kind: str, number: int, name: str, metadata: Metadata) -> Any:
    track = otio.schema.Track(name=f"{kind} {number + 1}", kind=kind)
    if metadata:
        track.metadata[name] = dict(metadata)
    return track


def _pictures(
    groups: Iterable[tuple[int, ClipItem]], number: int, editor_metadata: EditorMetadata
) -> Iterator[TrackClip]:
    for link, clip_item in groups:
        if number < len(clip_item.clip.framing.cells):
            clip = _clip(clip_item, editor_metadata, editor_metadata.picture_clip(link))
            clip.effects.extend(editor_metadata.effects(clip_item, clip_item.layers[number]))
            if number == 0:
                clip.markers.extend(_markers_of(clip_item, editor_metadata))
            yield clip_item, clip


def _sounds(heard: Iterable[tuple[int, ClipItem]], stream: int, editor_metadata: EditorMetadata) -> Iterator[TrackClip]:
    for link, clip_item in heard:
        channels = range(clip_item.clip.facts.audio[stream][0])
        yield clip_item, _clip(clip_item, editor_metadata, editor_metadata.sound_clip(link, stream, channels))


def _clip(clip_item: ClipItem, editor_metadata: EditorMetadata, metadata: Metadata) -> Any:
    framed = clip_item.clip
    rate = framed.framing.rate
    clip = otio.schema.Clip(
        name=framed.name,
        media_reference=_reference(framed, rate),
        source_range=_source_range(framed, rate, range_in_media_frames=editor_metadata.range_in_media_frames),
        metadata={editor_metadata.name: dict(metadata)},
    )
    clip.enabled = clip_item.enabled
    if framed.speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif framed.is_retimed:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(framed.speed)))
    return clip


def _markers_of(clip_item: ClipItem, editor_metadata: EditorMetadata) -> Iterator[Any]:
    """A clip item's own markers, on the clock of its media."""
    clip = clip_item.clip
    for marker in clip_item.markers:
        at = round(clip.media_position(marker.frame - clip.first)) if clip.is_retimed else marker.frame
        count = max(round(marker.frame_count * abs(clip.speed)), 1)
        yield _marker(marker, at, count, clip.framing.rate, editor_metadata)


def _marker(marker: Marker, frame: int, frame_count: int, rate: Fraction, editor_metadata: EditorMetadata) -> Any:
    metadata = dict(editor_metadata.marker(marker))
    made = otio.schema.Marker(
        marker.name,
        time_range(frame, frame_count, rate),
        metadata={editor_metadata.name: metadata} if metadata else {},
        comment=marker.note,
    )
    if marker.colour:
        made.color = marker.colour
    return made


def _dissolve(dissolve: Dissolve, rate: Fraction, editor_metadata: EditorMetadata) -> Any:
    return otio.schema.Transition(
        "Cross Dissolve",
        DISSOLVE,
        frame_time(dissolve.in_frames, rate),
        frame_time(dissolve.out_frames, rate),
        {editor_metadata.name: dict(editor_metadata.dissolve)} if editor_metadata.dissolve else {},
    )


def _source_range(framed: FramedClip, rate: Fraction, *, range_in_media_frames: bool) -> Any:
    start, count = framed.media_position(0), Fraction(framed.frame_count)
    if range_in_media_frames and framed.speed:
        count *= abs(framed.speed)
        start -= count - 1 if framed.speed < 0 else 0
    return time_range(start, count, rate)


def _reference(framed: FramedClip, rate: Fraction) -> Any:
    reference = otio.schema.ExternalReference(
        target_url=framed.path.absolute().as_uri(),
        available_range=time_range(framed.available_first, framed.available_count, rate),
    )
    reference.name = name_text(framed.path.name)  # with its extension: editors relink by it
    return reference
