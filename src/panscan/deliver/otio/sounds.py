"""Sounds in OTIO tracks of their own, with the cross fades between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.deliver.artifact import Loss
from panscan.deliver.otio.editor_metadata import EditorMetadata, frame_time, time_range
from panscan.deliver.sequence import ClipSequence, SoundItem, cross_fades, named
from panscan.files import name_text
from panscan.timeline.transitions import DISSOLVE

# Names by which editors know the cross fades, `panscan.timeline.sound` too.
_NAMES = {"linear": "Cross Fade 0 dB", "equal-power": "Cross Fade +3 dB"}


def sound_rows(timeline: Any, clip_sequence: ClipSequence, editor_metadata: EditorMetadata) -> Iterator[Iterator[Any]]:
    """Append the tracks of a sequence's sounds to a timeline, and return what lies in each."""
    link = len(clip_sequence.clip_items)
    for track in clip_sequence.sound_tracks:
        for row in track.rows(crossing=True):
            channels = max(len(_channels(item)) for item in row)
            made = otio.schema.Track(name=track.name, kind=otio.schema.TrackKind.Audio)
            metadata = dict(editor_metadata.sound_track(channels))
            if metadata:
                made.metadata[editor_metadata.name] = metadata
            timeline.tracks.append(made)
            yield _children(row, clip_sequence.rate, editor_metadata, link)
            link += len(row)


def one_sided_fades(clip_sequence: ClipSequence) -> list[Loss]:
    """The loss of fades from or to silence: Resolve imports no transition beside a gap."""
    lost = []
    for track in clip_sequence.sound_tracks:
        for row in track.rows(crossing=True):
            crossing = {index for index, _, _ in cross_fades(row)}
            lost += [
                (track, item)
                for index, item in enumerate(row)
                if (item.sound.fade_in.length_s and index not in crossing)
                or (item.sound.fade_out.length_s and index + 1 not in crossing)
            ]
    return [Loss(f"the fades of {named(lost)}", "Only cross fades between two sounds are written.")] if lost else []


def _children(row: Sequence[SoundItem], rate: Fraction, editor_metadata: EditorMetadata, link: int) -> Iterator[Any]:
    """The clips of a row with gaps and cross fades; the edit lies in the middle of these."""
    edits_s = {index: (after.sound.start_s + before.sound.end_s) / 2 for index, before, after in cross_fades(row)}
    cursor_s = Fraction(0)
    for index, item in enumerate(row):
        sound = item.sound
        start_s, end_s = edits_s.get(index, sound.start_s), edits_s.get(index + 1, sound.end_s)
        if index in edits_s:
            half = frame_time((start_s - sound.start_s) * rate, rate)
            yield otio.schema.Transition(_NAMES[sound.fade_in.shape], DISSOLVE, half, half)
        elif start_s > cursor_s:
            yield otio.schema.Gap(duration=frame_time((start_s - cursor_s) * rate, rate))
        yield _clip(item, start_s, end_s, rate, editor_metadata, link + index + 1)
        cursor_s = end_s


def _clip(
    item: SoundItem, start_s: Fraction, end_s: Fraction, rate: Fraction, editor_metadata: EditorMetadata, link: int
) -> Any:
    sound, media = item.sound, item.media
    first = (item.source_s + (start_s - sound.start_s) * sound.speed) * rate
    count = (end_s - start_s) * rate
    if editor_metadata.range_in_media_frames:
        count *= abs(sound.speed)
        first -= count - 1 if sound.speed < 0 else 0
    reference = otio.schema.ExternalReference(
        target_url=media.path.absolute().as_uri(),
        available_range=time_range(media.start_s * rate, media.length_s * rate, rate),
    )
    reference.name = name_text(media.path.name)  # with its extension: editors relink by it
    clip = otio.schema.Clip(
        name=sound.name,
        media_reference=reference,
        source_range=time_range(first, count, rate),
        metadata={editor_metadata.name: dict(editor_metadata.sound_clip(link, sound.stream, _channels(item)))},
    )
    if sound.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(sound.speed)))
    return clip


def _channels(item: SoundItem) -> Sequence[int]:
    """Numbers of the channels that are heard, counted in their stream."""
    before = item.media.channels_of(item.sound)[0] - (item.sound.channels or (0,))[0]
    return [channel - before for channel in item.media.channels_of(item.sound)]
