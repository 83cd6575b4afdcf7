"""Speed changes in FCPXML: the time map of a clip, and the clock that it gives the clip.

As in Final Cut's own exports, a timeMap covers the whole media and its first point lies at the media's start. So
`start`, keys and markers of the clip count retimed time from there (projects that Final Cut exported; Apple's DTD: the
"first and last timept" give the clip's time range). With frameSampling "floor" a time shows the picture that it falls
into.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.fcpxml.resources import MAX_DENOMINATOR
from panscan.deliver.sequence import ClipItem
from panscan.timeline.cut import FramedClip


def on_time_map_clock(clip_item: ClipItem) -> ClipItem:
    """A clip item whose own clock starts where its time map puts its first frame, on a whole frame."""
    clip = clip_item.clip
    if not clip.is_retimed:
        return clip_item
    if clip.speed:
        offset, _ = _media_offset_and_length(clip)
        first = math.ceil(clip.available_first + offset / abs(clip.speed))
    else:
        first = clip.available_first + clip_item.head_frames
    shift = first - clip.first
    moved = replace(clip, first=first, framing=clip.framing.shifted(shift), exact_first=clip.media_position(0))
    return replace(
        clip_item,
        clip=moved,
        markers=tuple(replace(marker, frame=marker.frame + shift) for marker in clip_item.markers),
    )


def add_time_map(element: etree._Element, clip_item: ClipItem) -> None:
    """Write the speed of a clip item that `on_time_map_clock` has moved."""
    clip = clip_item.clip
    if not clip.is_retimed:
        return
    rate = clip.framing.rate
    begin = Fraction(clip.available_first)
    offset, length = _media_offset_and_length(clip)
    if clip.speed:
        at = clip.first - offset / abs(clip.speed)
        ends = (begin, begin + length)
        times, values = (at, at + length / abs(clip.speed)), ends if clip.speed > 0 else ends[::-1]
    else:
        held = begin + offset
        times, values = (begin, Fraction(clip.end + clip_item.tail_frames)), (held, held)
    time_map = etree.SubElement(element, "timeMap", frameSampling="floor")
    for time, value in zip(times, values, strict=True):
        add_time_point(time_map, time / rate, value / rate)


def _media_offset_and_length(clip: FramedClip) -> tuple[Fraction, Fraction]:
    """Where a clip starts in its media, and the length of the media, both in frames.

    The start is counted from the end of the media that plays first: the last frame when reversed. Played forwards, a
    timeline frame starts exactly with the picture it shows. For freeze frames and reversed clips, which round
    differently, the middle of the time during which that picture is shown is used.
    """
    length = Fraction(clip.available_count)
    offset = clip.media_position(0) - clip.available_first
    if clip.speed > 0:
        return offset, length
    pictures = clip.facts.rate / clip.framing.rate
    steps = math.lcm((offset * pictures).denominator, (clip.speed * pictures).denominator)
    middle = offset + Fraction(1, 2 * steps) / pictures
    return (length - middle if clip.speed else middle), length


def add_time_point(time_map: etree._Element, time_s: Fraction, value_s: Fraction) -> None:
    """Add a point of a time map: at a time of the clip's own clock, a time of the media."""
    etree.SubElement(time_map, "timept", {"time": _seconds(time_s), "value": _seconds(value_s), "interp": "linear"})


def _seconds(value: Fraction) -> str:
    value = value.limit_denominator(MAX_DENOMINATOR)
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"
