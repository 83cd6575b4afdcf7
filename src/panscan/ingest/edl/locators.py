"""Locators count the record; the markers of a clip in OTIO count its media."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import opentimelineio as otio

from panscan.ingest.edl.clip import METADATA_KEY, time_range
from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.record import Piece
from panscan.ingest.edl.statements import parse_stamp
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES

_LOCATOR = re.compile(r"(\S+)\s+(\w*)(?:\s+|$)(.*)")
_Clips = Sequence[tuple[Piece, Any]]


def place_locators(timeline: Any, clips: _Clips, start: int, clock: Clock) -> None:
    """Put each locator on the clip of the first track that is shown at its time, else on the timeline.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    clips : sequence of (Piece, otio.schema.Clip)
        Track by track, each in record order.
    start : int
        The record frame with which the timeline begins.
    clock : Clock
    """
    seen: set[int] = set()
    first_track = _of_first_track(clips)
    for piece, clip in clips:
        edit = piece.event.edit
        if id(edit) in seen or not edit.remarks:
            continue
        seen.add(id(edit))
        for text in edit.texts("LOC"):
            _place(text, timeline, first_track or [(piece, clip)], start, clock)


def _of_first_track(clips: _Clips) -> list[tuple[Piece, Any]]:
    track = clips[0][1].parent() if clips else None
    return [item for item in clips if item[1].parent() is track]


def _place(text: str, timeline: Any, clips: _Clips, start: int, clock: Clock) -> None:
    match = _LOCATOR.fullmatch(text)
    stamp = parse_stamp(match[1]) if match else None
    if match is None or stamp is None:
        return
    record = clock.record(stamp)
    number = bisect_right(clips, record, key=_record_first) - 1
    piece, clip = clips[max(number, 0)]
    if number >= 0 and record < piece.record_end:
        at = math.floor(piece.event.media_at(record) + BOUNDARY_TOLERANCE_FRAMES)
        clip.markers.append(_marker(match, at, clock))
    else:
        timeline.tracks.markers.append(_marker(match, record - start, clock))


def _record_first(item: tuple[Piece, Any]) -> int:
    return item[0].record_first


def _marker(match: re.Match[str], frame: int, clock: Clock) -> Any:
    colour = match[2].upper()
    return otio.schema.Marker(
        name=match[3],
        marked_range=time_range(frame, 0, clock.rate),
        color=colour if hasattr(otio.schema.MarkerColor, colour) else otio.schema.MarkerColor.RED,
        metadata={METADATA_KEY: {"color": match[2]}},
    )
