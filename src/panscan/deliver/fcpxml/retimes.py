"""Speed changes in FCPXML: the time map of a clip, and the clock that it gives the clip.

A timeMap runs over the whole media, as in Final Cut's own exports: its first point lies at the media's start, so
`start`, keys and markers of the clip count on the retimed time from there (projects that Final Cut exported; Apple's
DTD: the "first and last timept" give the clip's time range). frameSampling "floor" shows the picture in which a value
lies.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from lxml import etree

from panscan.deliver.sequence.sequence import ClipItem
from panscan.timeline.cut import FramedClip

_MAX_DENOMINATOR = 2**31 - 1  # Final Cut's denominators have 32 bits


def on_time_map_clock(piece: ClipItem) -> ClipItem:
    """A piece whose own clock starts where its time map puts the first frame, on a whole frame."""
    clip = piece.clip
    if not clip.is_retimed:
        return piece
    if clip.speed:
        into, _ = _media_offset_and_length(clip)
        first = math.ceil(clip.available_first + into / abs(clip.speed))
    else:
        first = clip.available_first + piece.head_frames
    shift = first - clip.first
    moved = replace(clip, first=first, framing=clip.framing.shifted(shift), exact_first=clip.media_position(0))
    return replace(piece, clip=moved, markers=tuple(replace(mark, frame=mark.frame + shift) for mark in piece.markers))


def add_time_map(element: etree._Element, piece: ClipItem) -> None:
    """Write the speed of a piece that is on its axis."""
    clip = piece.clip
    if not clip.is_retimed:
        return
    rate = clip.framing.rate
    begin = Fraction(clip.available_first)
    into, length = _media_offset_and_length(clip)
    if clip.speed:
        at = clip.first - into / abs(clip.speed)
        ends = (begin, begin + length)
        times, values = (at, at + length / abs(clip.speed)), ends if clip.speed > 0 else ends[::-1]
    else:
        held = begin + into
        times, values = (begin, Fraction(clip.end + piece.tail_frames)), (held, held)
    found = etree.SubElement(element, "timeMap", frameSampling="floor")
    for time, value in zip(times, values, strict=True):
        point = {"time": _seconds(time / rate), "value": _seconds(value / rate), "interp": "linear"}
        etree.SubElement(found, "timept", point)


def _media_offset_and_length(clip: FramedClip) -> tuple[Fraction, Fraction]:
    """How far into its media, counted from the end where it begins, a clip starts; and how long the media is. Frames.

    Forwards a frame of the timeline starts with the picture that it shows. Held or backwards, where its neighbours are
    told apart differently, it is put into the middle of the time in which it may lie.
    """
    length = Fraction(clip.available_count)
    into = clip.media_position(0) - clip.available_first
    if clip.speed > 0:
        return into, length
    pictures = clip.facts.rate / clip.framing.rate
    steps = math.lcm((into * pictures).denominator, (clip.speed * pictures).denominator)
    middle = into + Fraction(1, 2 * steps) / pictures
    return (length - middle if clip.speed else middle), length


def _seconds(value: Fraction) -> str:
    value = value.limit_denominator(_MAX_DENOMINATOR)
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"
