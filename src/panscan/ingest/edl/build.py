"""The OTIO timeline of the events of an edit list: a track for each picture and sound channel.

Black is a gap. A key is a clip on a track of its own above its background, marked as an overlay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.edl.clip import Clips, time_range, transition_of
from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.events import Event
from panscan.ingest.edl.locators import place_locators
from panscan.ingest.edl.record import Piece, pieces_of_track
from panscan.ingest.edl.rows import Blank, PlacedTransition, row_of
from panscan.ingest.edl.statements import KEYS
from panscan.ingest.edl.told import Told

# Kind of track, number, and whether it holds keys: in the order of the timeline.
_Key = tuple[str, int, bool]


def build_timeline(name: str, events: Sequence[Event], clock: Clock, told: Told) -> Any:
    """The timeline of events in the order of the list."""
    tracks = {key: pieces_of_track(listed, told) for key, listed in sorted(_by_track(events).items(), key=_order)}
    tracks = {key: _without_silence(pieces) if key[0] == "Audio" else pieces for key, pieces in tracks.items()}
    start = min((pieces[0].record_first for pieces in tracks.values() if pieces), default=0)
    timeline = otio.schema.Timeline(name=name)
    timeline.global_start_time = otio.opentime.RationalTime(start, float(clock.rate))
    factory = Clips(clock)
    placed: list[tuple[Piece, Any]] = []
    for key, pieces in tracks.items():
        track = _named_track(key)
        for part in row_of(pieces, start, told):
            item = _item(part, factory, clock.rate, key[1] if key[0] == "Audio" else None)
            track.append(item)
            if isinstance(part, Piece) and not part.event.edit.is_black:
                placed.append((part, item))
        timeline.tracks.append(track)
    place_locators(timeline, placed, start, clock)
    return timeline


def _by_track(events: Iterable[Event]) -> dict[_Key, list[Event]]:
    tracks: dict[_Key, list[Event]] = {}
    for event in events:
        is_key = event.edit.line.edit in KEYS
        for number in event.channels.pictures:
            tracks.setdefault(("Video", number, is_key), []).append(event)
        for number in event.channels.sounds:
            tracks.setdefault(("Audio", number, False), []).append(event)
    return tracks


def _order(item: tuple[_Key, list[Event]]) -> tuple[bool, int, bool]:
    kind, number, is_key = item[0]
    return kind == "Audio", number, is_key


def _without_silence(pieces: list[Piece]) -> list[Piece]:
    """A sound track without the silence at its end, which some editors write over hours; a fade into it stays."""
    while pieces and pieces[-1].event.edit.is_black:
        *rest, last = pieces
        length = last.event.edit.line.length if last.event.edit.is_transition and last.begins_event else 0
        if length:
            end = min(last.record_end, last.record_first + length)
            return [*rest, Piece(last.event, last.record_first, end)]
        pieces = rest
    return pieces


def _named_track(key: _Key) -> Any:
    kind, number, is_key = key
    picture = f"V{number if number > 1 else ''}{' key' if is_key else ''}"
    return otio.schema.Track(name=picture if kind == "Video" else f"A{number}", kind=kind)


def _item(part: Piece | Blank | PlacedTransition, factory: Clips, rate: Fraction, channel: int | None) -> Any:
    """The OTIO object of a part of a row; `channel` is the number of its sound track, None for pictures."""
    if isinstance(part, PlacedTransition):
        return transition_of(part, rate, is_sound=channel is not None)
    if isinstance(part, Piece) and not part.event.edit.is_black:
        return factory.clip_of(part, channel)
    return otio.schema.Gap(source_range=time_range(0, part.frame_count, rate))
