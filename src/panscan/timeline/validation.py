"""Whether the times of a timeline can be reckoned with: any file may say anything."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.timeline.layout import COMPOSITION_SCHEMAS
from panscan.timeline.transitions import is_transition

_MAX_DEPTH = 64
_MAX_SECONDS = 10 * 366 * 86400
_RATES = (0.01, 1_000_000)  # sound may be counted in samples


def validate_times(timeline: Any) -> None:
    """Refuse a timeline with times that are none.

    Raises
    ------
    DocumentError
        A time is not finite, years long or at an impossible rate, a clip has no media, or nests are too deep; the
        message names the clip.
    """
    wrong = _time(timeline.global_start_time) or _markers(timeline.tracks)
    if wrong:
        raise _damaged("the timeline", wrong)
    for item in _inside(timeline.tracks, 0):
        wrong = _time_problem(item)
        if wrong:
            raise _damaged(f"{item.schema_name().lower()} {item.name!r}", wrong)


def _time_problem(item: Any) -> str:
    """What is wrong with the times of one item; empty where nothing is."""
    if is_transition(item):
        return _time(item.in_offset) or _time(item.out_offset)
    if not isinstance(item, otio.core.Item):
        return ""
    wrong = _span(item.source_range) or _markers(item)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp) and not math.isfinite(effect.time_scalar):
            return f"Its speed is {effect.time_scalar}."
    if wrong or not isinstance(item, otio.schema.Clip):
        return wrong
    reference = item.media_reference
    return "It has no media reference." if reference is None else _span(reference.available_range)


def _inside(composition: Any, depth: int) -> Iterator[Any]:
    if depth > _MAX_DEPTH:
        raise _damaged(f"the nest {composition.name!r}", f"Compositions are nested more than {_MAX_DEPTH} deep.")
    for child in composition:
        yield child
        if child.schema_name() in COMPOSITION_SCHEMAS:
            yield from _inside(child, depth + 1)


def _markers(item: Any) -> str:
    return next((wrong for marker in item.markers if (wrong := _span(marker.marked_range))), "")


def _span(span: Any) -> str:
    if span is None:
        return ""
    length = span.duration
    wrong = _time(span.start_time) or _time(length)
    return wrong or (f"Something in it is {length.value:g} frames long." if length.value < 0 else "")


def _time(time: Any) -> str:
    if time is None:
        return ""
    value, rate = time.value, time.rate
    # What is not a number is in no range.
    if _RATES[0] <= rate <= _RATES[1] and abs(value) <= _MAX_SECONDS * rate:
        return ""
    return f"A time of {value:g} frames at {rate:g} fps cannot be reckoned with."


def _damaged(what: str, why: str) -> DocumentError:
    return DocumentError(
        f"{what} is damaged",
        why=why,
        fix="Export the timeline again from the editor, or make it again with `panscan reframe`.",
    )
