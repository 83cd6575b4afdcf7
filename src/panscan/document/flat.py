"""The picture of a cut as one row of clips: what is seen, with nests opened and hidden parts left out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain
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
    framed = [p for p in _placed(timeline) if is_framed(p.clip)]
    if _is_flat(timeline, framed):
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


def lost_in_flattening(timeline: Any) -> list[tuple[str, str]]:
    """What `flattened` leaves out of what a viewer sees: what it is, and what is seen instead.

    Empty where the timeline is flat already.

    Raises
    ------
    InputError
        As `flattened`.
    """
    placed = _placed(timeline)
    if _is_flat(timeline, [p for p in placed if is_framed(p.clip)]):
        return []
    clips = [clip for clip, _ in _seen(placed)]
    holders = list(chain.from_iterable(_holders(clip.clip) for clip in clips))
    # `holders` and `clips` keep the objects alive, so that no id is given to another.
    seen = {id(item) for item in holders} | {id(clip.clip) for clip in clips}
    lost: list[tuple[str, str]] = []
    for holder in {id(item): item for item in holders}.values():
        children = list(holder)
        for before, child, after in zip([None, *children], children, [*children[1:], None], strict=False):
            if isinstance(child, otio.schema.Transition) and {id(before), id(after)} & seen:
                name = child.name or child.transition_type
                lost.append((f"the transition {name!r}", "It becomes a hard cut: the tracks are laid into one row."))
        of = "the timeline" if holder is timeline.tracks else f"{type(holder).__name__.lower()} {holder.name!r}"
        for effect in holder.effects:
            if not isinstance(effect, otio.schema.TimeEffect):
                name = effect.effect_name or effect.name or type(effect).__name__
                lost.append((f"the effect {name!r} of {of}", "Only the clips inside are written."))
        if len(holder.markers):
            lost.append((f"the markers of {of}", "The tracks are laid into one row, which has none."))
    lost += [
        (f"clip {p.clip.name!r} has no camera", "What lies below it is seen, or its place stays empty.")
        for p in clips
        if not is_framed(p.clip)
    ]
    return list(dict.fromkeys(lost))


def seen_cut(timeline: Any, *, folder: Path) -> Cut:
    """What a viewer sees of a timeline: the enabled, framed clips of its flattened picture, in record order.

    Raises
    ------
    DocumentError
        As `read_cut`.
    InputError
        All framed clips are disabled.
    """
    cut = read_cut(flattened(timeline), folder=folder)
    clips = tuple(clip for clip in cut.clips if clip.enabled)
    if not clips:
        raise InputError(
            f"nothing is seen in timeline {timeline.name!r}",
            why="All clips with a camera are disabled.",
            fix="Enable a clip in the editor and export the timeline again.",
        )
    return replace(cut, clips=clips)


def shown_cut(timeline: Any, *, folder: Path) -> Cut:
    """The same for those who need every clip at its own speed.

    Raises
    ------
    DocumentError, InputError
        As `seen_cut`; or a clip is retimed.
    """
    cut = seen_cut(timeline, folder=folder)
    retimed = next((clip for clip in cut.clips if clip.speed != 1 or clip.is_ramped), None)
    if retimed is not None:
        raise InputError(
            f"clip {retimed.name!r} is retimed",
            why="A movie with speed changes cannot be judged yet: which picture belongs where is not reckoned.",
            fix="Render a movie of the clip in the editor, use that in the timeline, and verify again.",
        )
    return cut


def _placed(timeline: Any) -> list[Placed]:
    """The enabled clips of the video tracks, lowest first."""
    try:
        return [p for p in video_clips(timeline) if p.is_on]
    except ValueError as error:
        raise InputError(
            f"timeline {timeline.name!r} cannot be laid out", why=f"{error}.", fix="Export it again from the editor."
        ) from error


def _is_flat(timeline: Any, framed: list[Placed]) -> bool:
    """Whether a delivery can read the framed clips where they lie."""
    tracks = {id(p.clip.parent()) for p in framed}
    retimed = counts_media_frames(timeline) and any(p.speed != 1 for p in framed)
    return not framed or (len(tracks) == 1 and all(p.depth == 0 for p in framed) and not retimed)


def _holders(clip: Any) -> Iterator[Any]:
    """The tracks and stacks that hold a clip, from the nearest to the timeline's own stack."""
    holder = clip.parent()
    while holder is not None:
        yield holder
        holder = holder.parent()


def _seen(placed: list[Placed]) -> list[tuple[Placed, Span]]:
    """Record spans in which each clip is the topmost one, in record order. `placed`: lowest first."""
    covered: list[Span] = []
    parts: list[tuple[Placed, Span]] = []
    for clip in reversed(placed):
        span = (clip.start_s, clip.end_s)
        parts += [(clip, part) for part in without(span, covered)]
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
