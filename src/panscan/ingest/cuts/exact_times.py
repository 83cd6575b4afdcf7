"""Exact rates for everything in a timeline: editors write 29.97 where 30000/1001 is meant."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any

import opentimelineio as otio

from panscan.ingest.xmeml.time_remap import NAMESPACE
from panscan.model.time import snap_rate
from panscan.timeline.editorial import Note
from panscan.timeline.layout import COMPOSITION_SCHEMAS, MAX_DEPTH, PREMIERE_METADATA_KEY, clips_of
from panscan.timeline.otio_time import exact_rate
from panscan.timeline.transitions import is_transition

_MAX_RATE_HZ = 1000  # of pictures: above any camera; a higher rate is damage
_MAX_CLOCK_HZ = 1_000_000  # of times: sound may be counted in samples
_DEFAULT_RATE_HZ = 25.0  # of a timeline in which no rate can be meant
_MAX_FRAMES = 1e12  # thirty years at the highest rate; a larger count is damage

RationalTime, TimeRange = otio.opentime.RationalTime, otio.opentime.TimeRange
_NO_TIME = RationalTime(0, 1)


def exact_time(time: Any) -> Any:
    """The same RationalTime with its rate snapped to the standard one.

    Raises
    ------
    ValueError
        It is no finite number of frames, or its rate is not above 0 and at most a million.
    """
    if not (math.isfinite(time.value) and abs(time.value) < _MAX_FRAMES):
        raise ValueError(f"a time of {time.value} frames cannot be meant")
    if time.value == 0 and not 0 < time.rate <= _MAX_CLOCK_HZ:
        return RationalTime(0, 1)
    if not 0 < time.rate <= _MAX_CLOCK_HZ:  # also NaN
        raise ValueError(f"a rate of {time.rate} fps cannot be meant")
    rate = float(exact_rate(time.rate))
    return time if rate == time.rate else RationalTime(time.value, rate)


def exact_range(times: Any) -> Any:
    """The same TimeRange with exact rates.

    Raises
    ------
    ValueError
        As `exact_time`, or its length is negative.
    """
    return TimeRange(exact_time(times.start_time), _exact_length(times.duration))


def _exact_length(length: Any) -> Any:
    if length.value < 0:
        raise ValueError(f"a length of {length.value:g} frames cannot be meant")
    return exact_time(length)


def make_rates_exact(timeline: Any) -> list[Note]:
    """Snap all rates in a timeline, in place; times that cannot be meant are set aside and told.

    One odd clip does not spoil a cut: a rate that cannot be meant becomes that of most clips, and a clip without its
    range is looked up in its media, as if the file named none.

    Raises
    ------
    ValueError
        Compositions are nested endlessly.
    """
    notes: list[Note] = []
    usable = partial(_usable, notes, _most_frequent_rate(timeline))
    timeline.global_start_time = usable(exact_time, timeline.global_start_time, "the start of the timeline")
    for item in items_of(timeline):
        what = f"{item.schema_name().lower()} {item.name!r}"
        _make_markers_exact(item, what, usable)
        if is_transition(item):
            item.in_offset = usable(_exact_length, item.in_offset, what) or _NO_TIME
            item.out_offset = usable(_exact_length, item.out_offset, what) or _NO_TIME
        elif isinstance(item, otio.core.Item):
            item.source_range = usable(exact_range, item.source_range, what)
            notes += _drop_endless_speeds(item, what)
        if item.schema_name() == "Clip":
            for reference in item.media_references().values():
                if reference is not None:
                    reference.available_range = usable(exact_range, reference.available_range, what)
    return notes


def _make_markers_exact(item: Any, what: str, usable: Callable[..., Any]) -> None:
    """Snap the rates of an item's markers; markers at no time are removed."""
    for number in reversed(range(len(getattr(item, "markers", ())))):
        marked = usable(exact_range, item.markers[number].marked_range, f"a marker of {what}")
        if marked is None:
            del item.markers[number]
        else:
            item.markers[number].marked_range = marked


def _drop_endless_speeds(item: Any, what: str) -> Iterator[Note]:
    for number in reversed(range(len(item.effects))):
        speed = getattr(item.effects[number], "time_scalar", 1.0)
        if not math.isfinite(speed):
            del item.effects[number]
            yield Note(what, f"Its speed is {speed}, which is left out.", is_fault=True)


def _usable(notes: list[Note], rate: float, exact: Callable[[Any], Any], found: Any, what: str) -> Any:
    """What `exact` makes of a time or range, if need be at another rate; None where it cannot be meant; both noted."""
    try:
        return None if found is None else exact(found)
    except ValueError as error:
        with suppress(ValueError):
            repaired = exact(_at_rate(found, rate))
            notes.append(Note(what, f"{rate:g} fps was taken for it: {error}.", is_fault=True))
            return repaired
        notes.append(Note(what, f"Its times are damaged and left out: {error}.", is_fault=True))
        return None


def _at_rate(found: Any, rate: float) -> Any:
    """The same time or range with another rate in place of those that cannot be meant."""
    if isinstance(found, TimeRange):
        return TimeRange(_at_rate(found.start_time, rate), _at_rate(found.duration, rate))
    return found if 0 < found.rate <= _MAX_CLOCK_HZ else RationalTime(found.value, rate)


def _most_frequent_rate(timeline: Any) -> float:
    """The rate of most ranges of clips that can be meant."""
    ranges = [clip.source_range for clip in clips_of(timeline) if clip.source_range is not None]
    rates = Counter(found.duration.rate for found in ranges if 1 < found.duration.rate <= _MAX_RATE_HZ)
    return rates.most_common(1)[0][0] if rates else _DEFAULT_RATE_HZ


def timeline_rate(timeline: Any) -> Fraction:
    """Frames per second of the cut: as the editor's metadata says, else as its start time, else as most of its clips.

    What is stated counts, whatever the rates of the clips: a cut of 25 fps may hold nothing but media of 50 fps.

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
    stated = stated_xmeml_rate(timeline.metadata.get(NAMESPACE))
    if stated is not None:
        return stated
    start = timeline.global_start_time
    if start is not None and start.rate > 1:
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


def stated_xmeml_rate(metadata: Any) -> Fraction | None:
    """The rate that an object of FCP7 XML states, in a file or in the metadata of an OTIO file made of one.

    None where it states none that can be meant.
    """
    rate = metadata.get("rate") if metadata is not None and hasattr(metadata, "get") else None
    timebase = str(rate.get("timebase", "")) if rate is not None and hasattr(rate, "get") else ""
    if rate is None or not re.fullmatch(r"\d{1,3}", timebase) or not int(timebase):
        return None
    is_ntsc = str(rate.get("ntsc", "")).upper() == "TRUE"
    return Fraction(int(timebase) * 1000, 1001) if is_ntsc else Fraction(int(timebase))


def items_of(timeline: Any) -> Iterator[Any]:
    """Everything in a timeline, from its own stack to the last clip, transitions included.

    Raises
    ------
    ValueError
        Compositions are nested endlessly.
    """
    yield from _with_descendants(timeline.tracks, 0)


def _with_descendants(item: Any, depth: int) -> Iterator[Any]:
    yield item
    if depth > MAX_DEPTH:
        raise ValueError(f"compositions are nested more than {MAX_DEPTH} deep")
    if item.schema_name() in COMPOSITION_SCHEMAS:
        for child in item:
            yield from _with_descendants(child, depth + 1)
