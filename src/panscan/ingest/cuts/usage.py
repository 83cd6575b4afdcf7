"""Which frames of which media an editor's cut shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from panscan.model.media import Media
from panscan.model.spans import Span, add_span, overlapping, subtract, union
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES
from panscan.timeline.editorial import Note, UsedClip
from panscan.timeline.layout import PlacedClip
from panscan.timeline.otio_time import MAX_DENOMINATOR, exact_seconds

# First parts of FFmpeg's names of pixel formats with an alpha channel.
_ALPHA_FORMATS = ("rgba", "bgra", "argb", "abgr", "yuva", "ya8", "ya16", "gbrap", "rgba64", "bgra64")
_STILL_CONTAINERS = ("image2", "_pipe")  # parts of FFmpeg's names for readers of single pictures


@dataclass(frozen=True, slots=True, eq=False)
class LinkedClip:
    """A placed clip whose media was found.

    Attributes
    ----------
    placed : PlacedClip
    media : Media
    is_opaque : bool
        Nothing of what lies below it is visible.
    """

    placed: PlacedClip
    media: Media
    is_opaque: bool


def is_still(media: Media) -> bool:
    """Whether a media is one picture without a length of its own."""
    return media.frame_count == 1 and any(name in media.container for name in _STILL_CONTAINERS)


def has_alpha(media: Media) -> bool:
    """Whether the picture has an alpha channel: what lies below it may be visible."""
    return media.video.pixel_format.startswith(_ALPHA_FORMATS)


def clock_start(clip: Any, media: Media, rate: Fraction) -> tuple[Fraction, bool]:
    """Time of the media's first picture on the clock of the clip's source_range, and whether the clip itself says so.

    Some editors write an available_range that starts at 0, or none, while source_range counts from the embedded
    timecode. Then the clock is taken on which the clip lies inside its media.
    """
    embedded_s = media.start_frame / media.video.rate
    available = clip.media_reference.available_range
    stated = None if available is None else exact_seconds(available.start_time)
    if is_still(media):
        return stated or Fraction(0), stated is not None
    used = clip.trimmed_range().start_time
    start_s = exact_seconds(used)
    slack_s = 1 / rate

    def fits(clock_s: Fraction) -> bool:
        return clock_s - slack_s <= start_s <= clock_s + media.duration_s

    if stated is not None and fits(stated):
        return stated, True
    return next((clock for clock in (embedded_s, Fraction(0)) if fits(clock)), stated or Fraction(0)), False


def visible_spans(
    found: Iterable[LinkedClip], all_tracks: bool
) -> tuple[list[tuple[LinkedClip, Span, Span]], list[Note]]:
    """For each clip, the record span in which it is visible: without and with the handles of transitions.

    A higher clip hides the clips below it. A picture that is not opaque is an overlay, and gets no camera, if an opaque
    one lies above or below it.

    Parameters
    ----------
    found : iterable of LinkedClip
        Lowest first.
    all_tracks : bool
        Take hidden clips and overlays, too.
    """
    lowest_first = list(found)
    notes: list[Note] = []
    visible: list[tuple[LinkedClip, Span, Span]] = []
    covered: list[Span] = []
    opaque = union((f.placed.start_s, f.placed.end_s) for f in lowest_first if f.is_opaque)
    for item in reversed(lowest_first):
        placed = item.placed
        span = (placed.start_s, placed.end_s)
        if all_tracks:
            visible.append((item, span, (placed.start_with_handle_s, placed.end_with_handle_s)))
            continue
        if not item.is_opaque and overlapping(span, opaque):
            notes.append(Note(_clip_name(placed), "Other pictures show past it, so it is taken for an overlay."))
            continue
        parts = subtract(span, covered)
        if not parts:
            notes.append(Note(_clip_name(placed), "A higher track hides it completely."))
            continue
        start_s, end_s = parts[0][0], parts[-1][1]
        # A transition shows the handle of a clip only if the clip is visible up to its own end.
        head_s = placed.start_with_handle_s if start_s == placed.start_s else start_s
        tail_s = placed.end_with_handle_s if end_s == placed.end_s else end_s
        visible.append((item, (start_s, end_s), (head_s, tail_s)))
        if item.is_opaque:
            add_span(covered, span)
    return visible[::-1], notes[::-1]


def used_clip(item: LinkedClip, visible_span: Span, span_with_handles: Span, rate: Fraction) -> UsedClip | None:
    """The media frames that a clip uses in its record span; None if its media has no frame there."""
    placed, media = item.placed, item.media
    clock_s, _ = clock_start(placed.clip, media, rate)
    if is_still(media):
        visible_first, visible_end, first, end = 0, 1, 0, 1
    else:
        visible_first, visible_end = _frames(placed, media, clock_s, visible_span, rate)
        first, end = _frames(placed, media, clock_s, span_with_handles, rate)
    if visible_first >= visible_end:
        return None
    return UsedClip(
        clip=placed.clip,
        number=placed.number,
        media_path=media.path,
        first=min(first, visible_first),
        end=max(end, visible_end),
        visible_first=visible_first,
        visible_end=visible_end,
        speed=placed.speed,
        is_ramped=placed.is_ramped,
        is_still=is_still(media),
    )


def merged_ranges(clips: Iterable[UsedClip]) -> Mapping[str, list[tuple[int, int]]]:
    """Per media, its used frames as ranges that neither touch nor overlap."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for clip in clips:
        ranges.setdefault(clip.media_path, []).append((clip.first, clip.end))
    return {path: _merged(found) for path, found in ranges.items()}


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged


def _frames(placed: PlacedClip, media: Media, clock_s: Fraction, span: Span, rate: Fraction) -> tuple[int, int]:
    """Media frames [first, end), counted from the media's first picture, that are visible in a record span."""
    media_rate = media.video.rate
    # The last picture of the record starts one record frame before its end.
    ends = [placed.media_at(span[0]), placed.media_at(max(span[0], span[1] - 1 / rate))]
    if placed.is_ramped:
        ends = [*ends, *_ramp_values(placed.clip, clock_s)]
    low, high = (math.floor((t - clock_s) * media_rate + BOUNDARY_TOLERANCE_FRAMES) for t in (min(ends), max(ends)))
    return max(0, low), min(media.frame_count, high + 1)


def _ramp_values(clip: Any, clock_s: Fraction) -> list[Fraction]:
    """Media times at the keys of a changing speed; start and end of the media where they are not known."""
    values: list[Fraction] = []
    for effect in clip.effects:
        if type(effect) is not otio.schema.TimeEffect:
            continue
        metadata = effect.metadata.get("fcpxml")
        if metadata is not None and "points_s" in metadata:
            values += [Fraction(float(point[1])).limit_denominator(MAX_DENOMINATOR) for point in metadata["points_s"]]
    if values:
        return values
    available = clip.media_reference.available_range
    end_s = clock_s + exact_seconds(available.duration) if available is not None else clock_s
    return [clock_s, end_s]


def _clip_name(placed: PlacedClip) -> str:
    track = placed.clip.parent()
    return f"clip {placed.clip.name!r}" + (f" of track {track.name!r}" if track is not None and track.name else "")
