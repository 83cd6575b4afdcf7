"""Clips at other speeds in xmeml: a Time Remap filter, and the clock on which `in`, `out` and keys count.

With such a filter they count frames of the retimed media: at double speed its frame 5 shows frame 10 of the media, and
backwards its frame 0 shows the last one. A freeze frame counts frames of the media. Sources: as the exporter's.
"""

from __future__ import annotations

import math
from fractions import Fraction

from lxml import etree

from panscan.deliver.artifact import Loss
from panscan.deliver.numbers import format_number
from panscan.deliver.xmeml.filters import add_child
from panscan.timeline.cut import FramedClip

_SPEED_DECIMALS = 10  # of a percentage: thirds stay exact to a frame in a day


def exact_in_point(clip: FramedClip) -> Fraction:
    """`in` of a clip, which lies between two frames where its speed or its start is no whole number of them."""
    into = clip.media_position(0) - clip.available_first
    if clip.speed < 0:
        return (into + 1 - clip.available_count) / clip.speed
    return into / clip.speed if clip.speed else into


def in_point(clip: FramedClip) -> int:
    """`in` of a clip, as it is written."""
    return clip.first - clip.available_first if clip.speed == 1 else round(exact_in_point(clip))


def clock_start(clip: FramedClip) -> int:
    """The frame of a clip item's own clock that `in` and the keys count as 0."""
    return clip.first - in_point(clip)


def duration(clip: FramedClip, out_point: int) -> int:
    """How many frames the retimed media has; a freeze frame goes on as long as it is used."""
    whole = math.ceil(clip.available_count / abs(clip.speed)) if clip.speed else clip.available_count
    return max(whole, out_point) if clip.is_retimed else whole


def marker_frame(clip: FramedClip, frame: int) -> int:
    """A marker on the clip item's own clock, counted in its media from the first picture on, as markers are."""
    shown = clip.media_frame(frame - clip.first) if clip.is_retimed else frame
    return shown - clip.available_first


def time_remap(clip: FramedClip) -> etree._Element:
    """The filter as Premiere writes it for a constant speed."""
    element = etree.Element("filter")
    effect = add_child(element, "effect")
    for tag, text in (("name", "Time Remap"), ("effectid", "timeremap"), ("effectcategory", "motion")):
        add_child(effect, tag, text)
    add_child(effect, "effecttype", "motion")
    add_child(effect, "mediatype", "video")
    _parameter(effect, "variablespeed", "0", (0, 1))
    _parameter(effect, "speed", format_number(float(abs(clip.speed) * 100), _SPEED_DECIMALS), (-100000, 100000))
    _parameter(effect, "reverse", "TRUE" if clip.speed < 0 else "FALSE")
    _parameter(effect, "frameblending", "FALSE")
    return element


def speed_loss(count: int) -> Loss:
    """What is told of so many clips with a Time Remap filter."""
    return Loss(
        f"the speed of {count} clip{'s' if count > 1 else ''} in DaVinci Resolve",
        "Premiere reads the Time Remap filter; Resolve reads `in` literally and ignores the filter: deliver "
        "otio-resolve for it.",
    )


def _parameter(effect: etree._Element, name: str, value: str, limits: tuple[int, int] | None = None) -> None:
    parameter = add_child(effect, "parameter", authoringApp="PremierePro")
    add_child(parameter, "parameterid", name)
    add_child(parameter, "name", name)
    for tag, limit in zip(("valuemin", "valuemax"), limits or (), strict=False):
        add_child(parameter, tag, limit)
    add_child(parameter, "value", value)
