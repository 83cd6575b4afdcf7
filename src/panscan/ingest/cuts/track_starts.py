"""Tracks that start at a negative time: OTIO's adapter for EDLs writes minus the record time of the first event.

Taken at its word, such a track shows what lies before its first clip: nothing, for hours.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.timeline.otio_time import exact_seconds


def lay_tracks_at_their_start(timeline: Any) -> None:
    """Let the tracks of a timeline begin with their first clips, in place; the record time becomes the start time.

    Of several such tracks, those that start later get a gap.
    """
    late = [track for track in timeline.tracks if _starts_negative(track)]
    if not late:
        return
    earliest = max((track.source_range.start_time for track in late), key=exact_seconds)
    for track in late:
        start = track.source_range.start_time
        track.source_range = None
        wait_s = exact_seconds(earliest) - exact_seconds(start)
        if wait_s:
            length = otio.opentime.RationalTime(round(wait_s * Fraction(start.rate)), start.rate)
            track.insert(0, otio.schema.Gap(duration=length))
    if timeline.global_start_time is None:
        timeline.global_start_time = otio.opentime.RationalTime(-earliest.value, earliest.rate)


def _starts_negative(track: Any) -> bool:
    return track.schema_name() == "Track" and track.source_range is not None and track.source_range.start_time.value < 0
