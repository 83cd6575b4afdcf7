"""Cuts and clips whose times count the pictures of their media at another rate than the media has: 23.976 tagged 24.

The stated range of such a media has as many frames as there are pictures. Taken as seconds, it would leave out or
repeat a picture now and then; taken as counted, it shows them one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.cuts.exact_times import items_of
from panscan.ingest.cuts.usage import LinkedClip, is_still
from panscan.timeline.editorial import Note
from panscan.timeline.otio_time import exact_rate, exact_seconds
from panscan.timeline.transitions import is_transition

RationalTime, TimeRange = otio.opentime.RationalTime, otio.opentime.TimeRange


def rate_of_all_pictures(linked: Iterable[LinkedClip], rate: Fraction) -> Fraction | None:
    """The rate of the media, where all of a cut is counted in their pictures at the rate that the cut states.

    None where the cut and its media agree, or where some media have another rate.
    """
    moving = [item for item in linked if not is_still(item.media)]
    rates = {item.media.video.rate for item in moving}
    if len(rates) != 1 or not any(_counts_pictures(item) for item in moving):
        return None
    stated = {_stated_rate(item) for item in moving}
    return rates.pop() if stated == {rate} else None


def retag(timeline: Any, stated: Fraction, rate: Fraction) -> Note:
    """Let everything that counts at the stated rate count at another one, in place: no count of frames changes."""

    def time(found: Any) -> Any:
        return RationalTime(found.value, float(rate)) if exact_rate(found.rate) == stated else found

    def span(found: Any) -> Any:
        return None if found is None else TimeRange(time(found.start_time), time(found.duration))

    if timeline.global_start_time is not None:
        timeline.global_start_time = time(timeline.global_start_time)
    for item in items_of(timeline):
        for marker in getattr(item, "markers", ()):
            marker.marked_range = span(marker.marked_range)
        if is_transition(item):
            item.in_offset, item.out_offset = time(item.in_offset), time(item.out_offset)
        elif isinstance(item, otio.core.Item):
            item.source_range = span(item.source_range)
        for reference in item.media_references().values() if item.schema_name() == "Clip" else ():
            if reference is not None:
                reference.available_range = span(reference.available_range)
    why = f"It says {float(stated):g} fps, but counts the pictures of media of {float(rate):.6g} fps: that is taken."
    return Note("the cut", why)


def count_by_pictures(linked: Sequence[LinkedClip], *, in_media_time: bool) -> bool:
    """Let the clips that count the pictures of their media at another rate show them one by one, in place.

    Parameters
    ----------
    linked : sequence of LinkedClip
    in_media_time : bool
        The length of a retimed clip's range is media time.

    Returns
    -------
    bool
        Whether a clip was changed.
    """
    counting = [item for item in linked if _counts_pictures(item) and item.placed.clip.source_range is not None]
    for item in counting:
        clip, stated, rate = item.placed.clip, _stated_rate(item), item.media.video.rate
        used, reference = clip.source_range, clip.media_reference
        length = _counted(used.duration, stated, rate) if in_media_time else used.duration
        clip.source_range = TimeRange(_counted(used.start_time, stated, rate), length)
        reference.available_range = _counted_range(reference.available_range, stated, rate)
        for marker in clip.markers:
            marker.marked_range = _counted_range(marker.marked_range, stated, rate)
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(stated / rate)))
    return bool(counting)


def _counts_pictures(item: LinkedClip) -> bool:
    """Whether a clip's stated range counts the pictures of its media, and it matters: a picture more or less."""
    reference, media = item.placed.clip.media_reference, item.media
    if reference.available_range is None or is_still(media):
        return False
    drift_frames = media.frame_count * abs(_stated_rate(item) / media.video.rate - 1)
    return drift_frames >= 1 and round(reference.available_range.duration.value) == media.frame_count


def _stated_rate(item: LinkedClip) -> Fraction:
    available = item.placed.clip.media_reference.available_range
    return Fraction(0) if available is None else exact_rate(available.duration.rate)


def _counted(time: Any, stated: Fraction, rate: Fraction) -> Any:
    return RationalTime(float(exact_seconds(time) * stated), float(rate))


def _counted_range(times: Any, stated: Fraction, rate: Fraction) -> Any:
    return TimeRange(_counted(times.start_time, stated, rate), _counted(times.duration, stated, rate))
