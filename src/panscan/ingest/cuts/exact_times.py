"""Exact rates for everything in a timeline: editors write 29.97 where 30000/1001 is meant."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.model.time import snap_rate
from panscan.timeline.layout import COMPOSITION_SCHEMAS, MAX_DEPTH, PREMIERE_METADATA_KEY, clips_of
from panscan.timeline.otio_time import exact_rate
from panscan.timeline.transitions import is_transition

_MAX_RATE_HZ = 1000  # above any camera; a higher rate is damage
_MAX_FRAMES = 1e12  # thirty years at the highest rate; a larger count is damage

RationalTime, TimeRange = otio.opentime.RationalTime, otio.opentime.TimeRange


def exact_time(time: Any) -> Any:
    """The same RationalTime with its rate snapped to the standard one.

    Raises
    ------
    ValueError
        It is no finite number of frames, or its rate is not above 0 and at most 1000 fps.
    """
    if not (math.isfinite(time.value) and abs(time.value) < _MAX_FRAMES):
        raise ValueError(f"a time of {time.value} frames cannot be meant")
    if time.value == 0 and not 0 < time.rate <= _MAX_RATE_HZ:
        return RationalTime(0, 1)
    if not 0 < time.rate <= _MAX_RATE_HZ:  # also NaN
        raise ValueError(f"a rate of {time.rate} fps cannot be meant")
    rate = float(exact_rate(time.rate))
    return time if rate == time.rate else RationalTime(time.value, rate)


def exact_range(times: Any) -> Any:
    """The same TimeRange with exact rates; None stays None."""
    return None if times is None else TimeRange(exact_time(times.start_time), exact_time(times.duration))


def make_rates_exact(timeline: Any) -> None:
    """Snap all rates in a timeline, in place.

    Raises
    ------
    ValueError
        A time or rate cannot be meant: not finite, huge, or negative where that makes no sense.
    """
    if timeline.global_start_time is not None:
        timeline.global_start_time = exact_time(timeline.global_start_time)
    for item in _with_descendants(timeline.tracks, 0):
        for marker in getattr(item, "markers", ()):
            marker.marked_range = exact_range(marker.marked_range)
        if is_transition(item):
            item.in_offset, item.out_offset = exact_time(item.in_offset), exact_time(item.out_offset)
            if item.in_offset.value < 0 or item.out_offset.value < 0:
                raise ValueError(f"the transition {item.name!r} has a negative length")
        elif isinstance(item, otio.core.Item):
            item.source_range = exact_range(item.source_range)
            if item.source_range is not None and item.source_range.duration.value < 0:
                raise ValueError(f"{item.schema_name()} {item.name!r} has a negative length")
        if item.schema_name() == "Clip":
            for reference in item.media_references().values():
                if reference is not None:
                    reference.available_range = exact_range(reference.available_range)


def timeline_rate(timeline: Any) -> Fraction:
    """Frames per second of the cut: as the editor's metadata says, else as its start time, else as most of its clips.

    Raises
    ------
    ValueError
        Nothing in the timeline has a length.
    """
    for owner in (timeline.tracks, timeline):
        premiere = owner.metadata.get(PREMIERE_METADATA_KEY)
        rate = premiere.get("VideoFrameRate") if premiere is not None and hasattr(premiere, "get") else None
        if isinstance(rate, int | float) and 0 < rate <= _MAX_RATE_HZ:
            return snap_rate(rate)
        if rate is not None and 0 < getattr(rate, "rate", 0) <= _MAX_RATE_HZ:
            return snap_rate(rate.rate)
    start = timeline.global_start_time
    if start is not None and start.value > 0 and start.rate > 1:
        return snap_rate(start.rate)
    votes: Counter[Fraction] = Counter()
    for clip in clips_of(timeline):
        parent = clip.parent()
        if parent is not None and parent.schema_name() == "Track" and parent.kind != "Video":
            continue
        length = clip.trimmed_range().duration
        if length.rate > 1:
            votes[snap_rate(length.rate)] += max(1, round(length.to_seconds()))
    if not votes:
        raise ValueError("no video clip says how long it is")
    return max(votes, key=lambda rate: (votes[rate], rate))


def _with_descendants(item: Any, depth: int) -> Iterator[Any]:
    yield item
    if depth > MAX_DEPTH:
        raise ValueError(f"compositions are nested more than {MAX_DEPTH} deep")
    if item.schema_name() in COMPOSITION_SCHEMAS:
        for child in item:
            yield from _with_descendants(child, depth + 1)
