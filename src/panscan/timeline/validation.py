"""Checks of a timeline's times: possible sizes and rates, no negative lengths, no endless nesting.

A file from outside may hold any value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import opentimelineio as otio

from panscan.errors import DocumentError
from panscan.timeline.layout import COMPOSITION_SCHEMAS, MAX_DEPTH
from panscan.timeline.transitions import is_transition

_MAX_SECONDS = 10 * 366 * 86400  # ten years: no timecode or wall clock of a shoot comes near
_MIN_RATE_HZ, _MAX_RATE_HZ = 0.01, 1_000_000  # from time lapses to sound that is counted in samples


def validate_times(timeline: Any) -> None:
    """Refuse a timeline with impossible times.

    Raises
    ------
    DocumentError
        A time is not finite, years long or at an impossible rate, a clip has no media, or nests are too deep; the
        message names the clip.
    """
    problem = _problem_of_time(timeline.global_start_time) or _problem_of_markers(timeline.tracks)
    if problem:
        raise _damaged("the timeline", problem)
    for item in _descendants(timeline.tracks, 0):
        problem = _problem_of_item(item)
        if problem:
            raise _damaged(f"{item.schema_name().lower()} {item.name!r}", problem)


def _problem_of_item(item: Any) -> str:
    """What is wrong with the times of one item; empty where nothing is."""
    if is_transition(item):
        return _problem_of_time(item.in_offset) or _problem_of_time(item.out_offset)
    if not isinstance(item, otio.core.Item):
        return ""
    problem = _problem_of_range(item.source_range) or _problem_of_markers(item)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp) and not math.isfinite(effect.time_scalar):
            return f"Its speed is {effect.time_scalar}."
    if problem or not isinstance(item, otio.schema.Clip):
        return problem
    reference = item.media_reference
    return "It has no media reference." if reference is None else _problem_of_range(reference.available_range)


def _descendants(composition: Any, depth: int) -> Iterator[Any]:
    if depth > MAX_DEPTH:
        raise _damaged(f"the nest {composition.name!r}", f"Compositions are nested more than {MAX_DEPTH} deep.")
    for child in composition:
        yield child
        if child.schema_name() in COMPOSITION_SCHEMAS:
            yield from _descendants(child, depth + 1)


def _problem_of_markers(item: Any) -> str:
    return next((problem for marker in item.markers if (problem := _problem_of_range(marker.marked_range))), "")


def _problem_of_range(times: Any) -> str:
    if times is None:
        return ""
    length = times.duration
    problem = _problem_of_time(times.start_time) or _problem_of_time(length)
    return problem or (f"Something in it is {length.value:g} frames long." if length.value < 0 else "")


def _problem_of_time(time: Any) -> str:
    if time is None:
        return ""
    value, rate = time.value, time.rate
    # NaN fails both comparisons.
    if _MIN_RATE_HZ <= rate <= _MAX_RATE_HZ and abs(value) <= _MAX_SECONDS * rate:
        return ""
    return f"A time of {value:g} frames at {rate:g} fps cannot be reckoned with."


def _damaged(what: str, why: str) -> DocumentError:
    return DocumentError(
        f"{what} is damaged",
        why=why,
        fix="Export the timeline again from the editor, or make it again with `panscan reframe`.",
    )
