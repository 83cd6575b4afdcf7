"""Which frames of which media an editor's cut really shows."""

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
from panscan.timeline.otio_time import exact_seconds

_ALPHA = ("rgba", "bgra", "argb", "abgr", "yuva", "ya8", "ya16", "gbrap", "rgba64", "bgra64")
_STILL_CONTAINERS = ("image2", "_pipe")


@dataclass(frozen=True, slots=True, eq=False)
class LinkedClip:
    """A placed clip whose media is there; hides: nothing of what lies below it can be seen."""

    placed: PlacedClip
    media: Media
    is_opaque: bool


def is_still(media: Media) -> bool:
    """Whether a media is one picture without a length of its own."""
    return media.frame_count == 1 and any(name in media.container for name in _STILL_CONTAINERS)


def has_alpha(media: Media) -> bool:
    """Whether one may see through the picture."""
    return media.video.pixel_format.startswith(_ALPHA)


def clock_start(clip: Any, media: Media, rate: Fraction) -> tuple[Fraction, bool]:
    """Time of the media's first picture on the clock of the clip's source_range, and whether the clip says so itself.

    Some writers leave available_range at 0, or out, while source_range carries the embedded timecode; then the
    clock is the one that the range fits.
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
    """Of each clip the record span in which it is seen, without and with handles; topmost pictures hide others.

    `found`: lowest first. A picture that can be seen through is left alone wherever another one lies below it.
    """
    listed = list(found)
    notes: list[Note] = []
    seen: list[tuple[LinkedClip, Span, Span]] = []
    covered: list[Span] = []
    solid = union((f.placed.start_s, f.placed.end_s) for f in listed if f.is_opaque)
    for item in reversed(listed):
        placed = item.placed
        span = (placed.start_s, placed.end_s)
        if all_tracks:
            seen.append((item, span, (placed.start_with_handle_s, placed.end_with_handle_s)))
            continue
        if not item.is_opaque and overlapping(span, solid):
            notes.append(Note(_clip_name(placed), "Other pictures show past it, so it is taken for an overlay."))
            continue
        parts = subtract(span, covered)
        if not parts:
            notes.append(Note(_clip_name(placed), "A higher track hides it completely."))
            continue
        start_s, end_s = parts[0][0], parts[-1][1]
        # A transition shows its handles beyond the cut as long as the picture itself is seen up to the cut.
        head_s = placed.start_with_handle_s if start_s == placed.start_s else start_s
        tail_s = placed.end_with_handle_s if end_s == placed.end_s else end_s
        seen.append((item, (start_s, end_s), (head_s, tail_s)))
        if item.is_opaque:
            add_span(covered, span)
    return seen[::-1], notes[::-1]


def used_clip(item: LinkedClip, visible_span: Span, span_with_handles: Span, rate: Fraction) -> UsedClip | None:
    """The media frames of a clip in its record span; None where its media has none of them."""
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


def merged_ranges(shots: Iterable[UsedClip]) -> Mapping[str, list[tuple[int, int]]]:
    """Per media, its used frames as ranges that neither touch nor overlap."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for shot in shots:
        ranges.setdefault(shot.media_path, []).append((shot.first, shot.end))
    for listed in ranges.values():
        listed.sort()
        joined = [listed[0]]
        for first, end in listed[1:]:
            if first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((first, end))
        listed[:] = joined
    return ranges


def _frames(placed: PlacedClip, media: Media, clock_s: Fraction, span: Span, rate: Fraction) -> tuple[int, int]:
    """Media frames [first, end) from the media's first picture that are seen in a record span."""
    media_rate = media.video.rate
    # The last picture of the record starts one record frame before its end.
    ends = [placed.media_at(span[0]), placed.media_at(max(span[0], span[1] - 1 / rate))]
    if placed.is_ramped:
        ends = [*ends, *_ramp_values(placed.clip, clock_s)]
    low, high = (math.floor((t - clock_s) * media_rate + BOUNDARY_TOLERANCE_FRAMES) for t in (min(ends), max(ends)))
    return max(0, low), min(media.frame_count, high + 1)


def _ramp_values(clip: Any, clock_s: Fraction) -> list[Fraction]:
    """Media times at the points of a changing speed; the whole media where they are not known."""
    values: list[Fraction] = []
    for effect in clip.effects:
        if type(effect) is not otio.schema.TimeEffect:
            continue
        noted = effect.metadata.get("fcpxml")
        if noted is not None and "points_s" in noted:
            values += [Fraction(float(point[1])).limit_denominator(1_000_000) for point in noted["points_s"]]
    if values:
        return values
    available = clip.media_reference.available_range
    end_s = clock_s + exact_seconds(available.duration) if available is not None else clock_s
    return [clock_s, end_s]


def _clip_name(placed: PlacedClip) -> str:
    track = placed.clip.parent()
    return f"clip {placed.clip.name!r}" + (f" of track {track.name!r}" if track is not None and track.name else "")
