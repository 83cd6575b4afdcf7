"""Clips that say neither which part of their media they show nor how long it is: they show all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.ingest.cuts.usage import is_still
from panscan.model.media import Media
from panscan.timeline.editorial import Note
from panscan.timeline.layout import COMPOSITION_SCHEMAS

RationalTime, TimeRange = otio.opentime.RationalTime, otio.opentime.TimeRange
_NOTHING = TimeRange(RationalTime(0, 1), RationalTime(0, 1))


def fill_missing_ranges(
    timeline: Any, media_of: Callable[[Any], Media | None], sound_length_s: Callable[[Any], Fraction | None]
) -> list[Note]:
    """Give each clip without any range that of its media, in place; a clip whose media is not known lasts no time.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    media_of : callable (clip)
        The media of a clip with a picture; None where it is not found.
    sound_length_s : callable (clip)
        How long the sound of a clip lasts; None where it is not found.

    Returns
    -------
    list of Note
        On clips that last no time.
    """
    notes = []
    for item in _without_length(timeline.tracks):
        available = None
        if item.schema_name() == "Clip":
            sounds_only = getattr(item.parent(), "kind", "") == "Audio"
            available = _sound_range(sound_length_s(item)) if sounds_only else _picture_range(media_of(item))
        if available is not None and item.media_reference is not None:
            item.media_reference.available_range = available
            continue
        item.source_range = _NOTHING
        if item.schema_name() == "Clip":
            why = "It says neither which part of its media it shows nor how long it is; it is left out."
            notes.append(Note(f"clip {item.name!r}", why, is_fault=True))
    return notes


def _without_length(composition: Any) -> Iterator[Any]:
    for child in composition:
        kind = child.schema_name()
        if kind in COMPOSITION_SCHEMAS:
            yield from _without_length(child)
        elif kind == "Gap" and child.source_range is None:
            yield child
        elif kind == "Clip" and child.source_range is None:
            reference = child.media_reference
            if reference is None or reference.available_range is None:
                yield child


def _picture_range(media: Media | None) -> Any:
    if media is None or is_still(media):
        return None
    rate = float(media.video.rate)
    return TimeRange(RationalTime(media.start_frame, rate), RationalTime(media.frame_count, rate))


def _sound_range(length_s: Fraction | None) -> Any:
    if length_s is None:
        return None
    rate_hz = length_s.denominator
    return TimeRange(RationalTime(0, rate_hz), RationalTime(length_s.numerator, rate_hz))
