"""Time Remap filters of FCP7 XML as speed changes of OTIO.

The adapter keeps the filter as an effect without a meaning of its own, so it is also found in OTIO files that were
converted from FCP7 XML.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.timeline.otio_time import MAX_DENOMINATOR, exact_rate, exact_seconds

_TICKS_PER_S = 254_016_000_000  # of Premiere's own clock
_LATE = "panscan-late-ticks"  # our note on a clip, which the adapter carries through
NAMESPACE = "fcp_xml"  # under which the adapter keeps what OTIO has no field for


def note_exact_starts(root: etree._Element) -> None:
    """Keep how many ticks after `in` a retimed clip begins; the adapter drops `in`.

    Frames of a retimed clip are too coarse to say which frame of the media is shown first.
    """
    for effect in root.iterfind(".//clipitem/filter/effect[effectid='timeremap']"):
        item = next(effect.iterancestors("clipitem"))
        try:
            first, ticks = int(item.findtext("in") or ""), int(item.findtext("pproTicksIn") or "")
            rate = Fraction(int(item.findtext("rate/timebase") or ""))
        except ValueError:
            continue
        if (item.findtext("rate/ntsc") or "").strip().upper() == "TRUE":
            rate *= Fraction(1000, 1001)
        if rate > 0 and item.find(_LATE) is None:
            etree.SubElement(item, _LATE).text = str(ticks - first * _TICKS_PER_S / rate)


def apply_time_remap(clip: Any) -> None:
    """Turn a Time Remap filter into a speed change; the filter stays where it is.

    A clip that has a speed change already is left alone: the document was read before.
    """
    if any(isinstance(effect, otio.schema.TimeEffect) for effect in clip.effects):
        return
    for effect in list(clip.effects):
        metadata = effect.metadata.get(NAMESPACE)
        if metadata is None or str(metadata.get("effectid", "")) != "timeremap":
            continue
        late_ticks = clip.metadata.get(NAMESPACE, {}).pop(_LATE, None)
        listed = metadata.get("parameter")
        several = [listed] if hasattr(listed, "keys") else listed or ()
        parameters = {str(p.get("parameterid")): p for p in several if hasattr(p, "get")}
        speed = _number(parameters.get("speed"), 100.0) / 100
        if str(_value(parameters.get("reverse"))).upper() == "TRUE":
            speed = -abs(speed)
        if str(_value(parameters.get("variablespeed"))) not in ("None", "0", "", "FALSE"):
            clip.effects.append(otio.schema.TimeEffect(name="", effect_name="Time Remap"))
        elif speed == 0:
            clip.effects.append(otio.schema.FreezeFrame())
        elif speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
            _rescale_start(clip, speed, None if late_ticks is None else Fraction(str(late_ticks)))
        return


def _rescale_start(clip: Any, speed: float, late_ticks: Fraction | None) -> None:
    """Set the start of a retimed clip: its `in` counts retimed frames, the source clock counts media frames.

    late_ticks: how long after `in` it begins by Premiere's own clock; None: the file does not say.
    """
    used, available = clip.source_range, clip.media_reference.available_range
    if used is None or available is None:
        return
    times = (used.start_time, available.start_time, available.duration)
    if not all(math.isfinite(time.value) and math.isfinite(time.rate) and time.rate > 0 for time in times):
        return  # such a time is left out, and told, where the rates are made exact
    zero_s, rate = exact_seconds(available.start_time), exact_rate(used.start_time.rate)
    late_s = (late_ticks or Fraction(0)) / _TICKS_PER_S
    is_exact = late_ticks is not None and abs(late_s * rate) < 1
    media_s = (exact_seconds(used.start_time) - zero_s + (late_s if is_exact else 0)) * Fraction(speed)
    if speed < 0:
        media_s += exact_seconds(available.duration)
    shown = (zero_s + media_s) * rate - (speed < 0)
    frames = float(shown.limit_denominator(MAX_DENOMINATOR)) if is_exact else round(shown)
    clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(frames, used.start_time.rate), used.duration)


def _value(parameter: Any) -> Any:
    return None if parameter is None else parameter.get("value")


def _number(parameter: Any, default: float) -> float:
    try:
        number = float(_value(parameter))
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default
