"""The picture of a cut as one row of clips: what is seen, with nests opened and hidden parts left out."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.document.effect import framing_of
from panscan.document.timeline import Cut, is_framed, read_cut
from panscan.errors import InputError
from panscan.model.placing import Placed, counts_media_frames, video_clips
from panscan.model.spans import Span, cover, without


def flattened(timeline: Any) -> Any:
    """The timeline itself if its framed clips lie in one track, else a copy with all that is seen in one track.

    Keys count media frames, so a clip that is shown in parts keeps its camera in each. Transitions become cuts where
    the copy is made. Sound tracks, names and metadata stay; a clip's length is record time whatever its speed.

    Raises
    ------
    InputError
        A time in the timeline cannot be understood.
    """
    try:
        placed = [p for p in video_clips(timeline) if p.is_on]
    except ValueError as error:
        raise InputError(
            f"timeline {timeline.name!r} cannot be laid out", why=f"{error}.", fix="Export it again from the editor."
        ) from error
    framed = [p for p in placed if is_framed(p.clip)]
    tracks = {id(p.clip.parent()) for p in framed}
    retimed = counts_media_frames(timeline) and any(p.speed != 1 for p in framed)
    if not framed or (len(tracks) == 1 and all(p.depth == 0 for p in framed) and not retimed):
        return timeline
    rate = framing_of(framed[0].clip).rate  # type: ignore[union-attr]
    copy = otio.schema.Timeline(name=timeline.name, global_start_time=timeline.global_start_time)
    copy.metadata.update(timeline.metadata)
    row = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    cursor = 0
    for placed_clip, span in _seen(framed):
        first, end = (math.floor(t * rate + Fraction(1, 2)) for t in span)
        first = max(first, cursor)
        if end <= first:
            continue
        if first > cursor:
            row.append(otio.schema.Gap(source_range=_range(Fraction(0), float(rate), first - cursor, rate)))
        row.append(_part(placed_clip, first, end, rate))
        cursor = end
    copy.tracks.append(row)
    copy.tracks.extend(track.deepcopy() for track in timeline.audio_tracks())
    return copy


def shown_cut(timeline: Any, *, folder: Path) -> Cut:
    """What a viewer sees of a timeline: the enabled, framed clips of its flattened picture, in record order.

    Raises
    ------
    DocumentError
        As `read_cut`.
    InputError
        All framed clips are disabled, or one is retimed.
    """
    cut = read_cut(flattened(timeline), folder=folder)
    clips = tuple(clip for clip in cut.clips if clip.enabled)
    if not clips:
        raise InputError(
            f"nothing is seen in timeline {timeline.name!r}",
            why="All clips with a camera are disabled.",
            fix="Enable a clip in the editor and export the timeline again.",
        )
    retimed = next((clip for clip in clips if clip.speed != 1 or clip.is_ramped), None)
    if retimed is not None:
        raise InputError(
            f"clip {retimed.name!r} is retimed",
            why="Speed changes are not rendered yet; the picture would be wrong.",
            fix="Let the editor apply the speed change and render a movie of the clip, and use that.",
        )
    return replace(cut, clips=clips)


def _seen(framed: list[Placed]) -> list[tuple[Placed, Span]]:
    """Record spans in which each clip is the topmost one, in record order. `framed`: lowest first."""
    covered: list[Span] = []
    parts: list[tuple[Placed, Span]] = []
    for placed in reversed(framed):
        span = (placed.start_s, placed.end_s)
        parts += [(placed, part) for part in without(span, covered)]
        cover(covered, span)
    return sorted(parts, key=lambda part: part[1])


def _part(placed: Placed, first: int, end: int, rate: Fraction) -> Any:
    clip = placed.clip.deepcopy()
    own_rate = placed.clip.trimmed_range().start_time.rate
    clip.source_range = _range(placed.media_at(first / rate), own_rate, end - first, rate)
    if not placed.is_ramped:
        clip.effects[:] = [e for e in clip.effects if not isinstance(e, otio.schema.TimeEffect)]
        if placed.speed == 0:
            clip.effects.append(otio.schema.FreezeFrame())
        elif placed.speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(placed.speed)))
    return clip


def _range(start_s: Fraction, own_rate: float, count: int, rate: Fraction) -> Any:
    start = otio.opentime.RationalTime(float(start_s * Fraction(own_rate)), own_rate)
    if abs(start.value - round(start.value)) < 1e-6:
        start = otio.opentime.RationalTime(round(start.value), own_rate)
    return otio.opentime.TimeRange(start, otio.opentime.RationalTime(count, float(rate)))
