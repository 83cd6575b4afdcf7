"""The picture of a cut as one row of clips: only what is visible, with nests opened."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import InputError
from panscan.model.time import round_half_up
from panscan.timeline.cut import Cut, FramedClip, clip_in_record_frames, is_framed, read_cut
from panscan.timeline.dissolves import HARD_CUT
from panscan.timeline.effect import framing_of
from panscan.timeline.kept import KeptTransition, RowPart, kept_markers, kept_transitions, parents_of
from panscan.timeline.layout import (
    COMPOSITION_SCHEMAS,
    PREMIERE_METADATA_KEY,
    PlacedClip,
    ends_s,
    not_laid_out,
    ranges_in_media_time,
    speed_of,
    video_clips,
)
from panscan.timeline.nested_sound import nested_sound_tracks
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.record import topmost_spans
from panscan.timeline.sound import read_sounds
from panscan.timeline.transitions import find_transitions, label_of

_MAX_NAMED = 3  # hidden clips in one message; more make it hard to read
_NOT_SEEN = f"{HARD_CUT}: when the tracks are laid into one row, not all of it is seen."
_WHOLE_TOLERANCE_FRAMES = 1e-6  # a start this near to a whole frame is that frame: seconds as floats miss it a little


def flatten_timeline(timeline: Any) -> Any:
    """The timeline itself if its framed clips lie in one track, else a copy with all that is visible in one track.

    Keys count media frames, so a clip that is visible in parts keeps its camera in each part. In a copy, sound tracks,
    names, metadata, markers, and the transitions whose both sides are seen, stay; a clip's length is record time,
    whatever its speed.

    Raises
    ------
    InputError
        A time in the timeline cannot be understood.
    """
    framed = [p for p in _placed(timeline) if p.is_enabled and is_framed(p.clip)]
    if _is_flat(timeline, framed):
        return timeline
    rate = framing_of(framed[0].clip).rate  # type: ignore[union-attr]
    copy = otio.schema.Timeline(name=timeline.name, global_start_time=timeline.global_start_time)
    copy.metadata.update({name: value for name, value in timeline.metadata.items() if name != PREMIERE_METADATA_KEY})
    parts = _parts(framed, rate)
    copy.tracks.append(_row(timeline, parts, rate))
    copy.tracks.markers.extend(kept_markers(timeline, parts, rate)[0])
    copy.tracks.extend(_without_nests(track) for track in timeline.audio_tracks())
    if ranges_in_media_time(timeline):
        for track in copy.audio_tracks():
            for clip in track.find_clips():
                _count_record_frames(clip)
    copy.tracks.extend(_nested_sounds(timeline, rate))
    return copy


def _parts(framed: list[PlacedClip], rate: Fraction) -> list[RowPart]:
    """What is seen, in record order and in whole frames."""
    parts: list[RowPart] = []
    cursor = 0
    for placed, span in topmost_spans(framed):
        first, end = (round_half_up(t * rate) for t in span)
        first = max(first, cursor)
        if end > first:
            parts.append(RowPart(placed, first, end))
            cursor = end
    return parts


def _row(timeline: Any, parts: list[RowPart], rate: Fraction) -> Any:
    """The track of what is seen, with the gaps and transitions between its parts."""
    row = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    transitions = {kept.edit_frame: kept for kept in kept_transitions(parts, rate)}
    cursor = 0

    def go_to(frame: int) -> None:
        """Fill the row up to a record frame, with the transitions at both ends of the gap."""
        for edit in dict.fromkeys((cursor, frame)):
            if edit == frame > cursor:
                row.append(otio.schema.Gap(source_range=_range(Fraction(0), float(rate), frame - cursor, rate)))
            if edit in transitions:
                row.append(_transition(transitions.pop(edit), rate))

    for part in parts:
        go_to(part.first)
        row.append(_part(part.placed, part.first, part.end, rate))
        cursor = part.end
    go_to(max(cursor, round_half_up(ends_s(timeline)[0] * rate)))  # a title or a gap may end the cut
    return row


def _transition(kept: KeptTransition, rate: Fraction) -> Any:
    made = kept.transition.deepcopy()
    made.in_offset, made.out_offset = (
        otio.opentime.RationalTime(frames, float(rate)) for frames in (kept.in_frames, kept.out_frames)
    )
    return made


def lost_in_flattening(timeline: Any) -> list[tuple[str, str]]:
    """What `flatten_timeline` leaves out: what it is, and what is visible instead.

    Empty where the timeline is flat already.

    Raises
    ------
    InputError
        As `flatten_timeline`.
    """
    everything = _placed(timeline)
    placed = [p for p in everything if p.is_enabled]
    if _is_flat(timeline, [p for p in placed if is_framed(p.clip)]):
        return []
    clips = [clip for clip, _ in topmost_spans(placed)]
    framed = [clip for clip in placed if is_framed(clip.clip)]
    rate = framing_of(framed[0].clip).rate  # type: ignore[union-attr]
    parts = _parts(framed, rate)
    parents = list(chain.from_iterable(parents_of(clip.clip) for clip in clips))
    # `parents` and `clips` keep the objects alive, so that no other object gets the id of one of them.
    visible = {id(item) for item in parents} | {id(clip.clip) for clip in clips}
    kept = kept_transitions(parts, rate)
    stay = {id(one.transition) for one in kept}
    lost: list[tuple[str, str]] = []
    for parent in {id(item): item for item in parents}.values():
        for transition, before, after in find_transitions(parent):
            if id(transition) not in stay and {id(before), id(after)} & visible:
                lost.append((f"the transition {label_of(transition)!r}", _NOT_SEEN))
        of = "the timeline" if parent is timeline.tracks else f"{type(parent).__name__.lower()} {parent.name!r}"
        for effect in parent.effects:
            if not isinstance(effect, otio.schema.TimeEffect):
                name = effect.effect_name or effect.name or type(effect).__name__
                lost.append((f"the effect {name!r} of {of}", "Only the clips inside are written."))
    hidden_markers = kept_markers(timeline, parts, rate)[1]
    if hidden_markers:
        what = f"{len(hidden_markers)} marker(s) of nests"
        lost.append((what, "What they mark is not seen when the tracks are laid into one row."))
    lost += [
        (f"clip {p.clip.name!r} has no camera", "What lies below it is seen, or its place stays empty.")
        for p in clips
        if not is_framed(p.clip)
    ]
    hidden = list(dict.fromkeys(repr(p.clip.name) for p in everything if id(p.clip) not in visible))
    if hidden:
        more = f" and {len(hidden) - _MAX_NAMED} more" if len(hidden) > _MAX_NAMED else ""
        named = ", ".join(hidden[:_MAX_NAMED]) + more
        lost.append((f"what is hidden or disabled: {named}", "The tracks are laid into one row of what is seen."))
    return list(dict.fromkeys(lost))


def hard_cuts_of(timeline: Any, cut: Cut) -> list[str]:
    """Names of the transitions of a timeline that are hard cuts in what is seen of it, its `visible_cut`."""
    lost = [what.removeprefix("the transition ") for what, why in lost_in_flattening(timeline) if why == _NOT_SEEN]
    return [*(repr(transition.name) for transition, _ in cut.hard_cuts), *lost]


def visible_cut(timeline: Any, *, folder: Path) -> Cut:
    """What a viewer sees of a timeline: the enabled, framed clips of its flattened picture, in record order.

    Cameras are keyed in record frames (`clip_in_record_frames`): those of a retimed clip count from its `first` on.

    Raises
    ------
    DocumentError
        As `read_cut`.
    InputError
        All framed clips are disabled.
    """
    flat = flatten_timeline(timeline)
    cut = read_cut(flat, folder=folder)
    clips = tuple(clip_in_record_frames(clip) for clip in cut.clips if clip.enabled)
    if not clips:
        raise InputError(
            f"nothing is seen in timeline {timeline.name!r}",
            why="All clips with a camera are disabled.",
            fix="Enable a clip in the editor and export the timeline again.",
        )
    # Flattening loses the cross fades of nested sounds.
    sounds = cut.sounds if flat is timeline else read_sounds(timeline, folder=folder)
    return replace(cut, clips=clips, sounds=sounds)


def renderable_cut(timeline: Any, *, folder: Path, strict: bool = False) -> Cut:
    """As `visible_cut`, but only what is exact: for callers that must know which picture each frame shows.

    Clips whose speed changes on the way, or which show frames that their media does not have, count as clips without a
    camera: deliveries leave them out as well.

    Raises
    ------
    DocumentError, InputError
        As `visible_cut`; or no clip is left; or, if `strict`, one would be left out.
    """
    cut = visible_cut(timeline, folder=folder)
    left_out = [clip for clip in cut.clips if clip.is_ramped or clip.shows_missing_frames]
    if left_out and (strict or len(left_out) == len(cut.clips)):
        raise _inexact(left_out[0])
    exact = tuple(clip for clip in cut.clips if not (clip.is_ramped or clip.shows_missing_frames))
    named = [
        f"{clip.name} ({'its speed changes on the way' if clip.is_ramped else 'it is longer than its media'})"
        for clip in left_out
    ]
    return replace(cut, clips=exact, unframed=(*cut.unframed, *named))


def _inexact(clip: FramedClip) -> InputError:
    if clip.is_ramped:
        return InputError(
            f"clip {clip.name!r} changes its speed on the way",
            why="Which picture such a clip shows when is up to the editor: timelines do not say it exactly.",
            fix="Let the editor render a movie of the clip, use that in the timeline, and reframe it again.",
        )
    return InputError(
        f"clip {clip.name!r} shows frames that its media does not have",
        why="It is longer than its media.",
        fix="Run `panscan reframe` on the cut again, which holds the nearest picture.",
    )


def _placed(timeline: Any) -> list[PlacedClip]:
    """The clips of the video tracks, lowest first, also the disabled ones."""
    try:
        return list(video_clips(timeline))
    except ValueError as error:
        raise not_laid_out(timeline, error) from error


def _is_flat(timeline: Any, framed: list[PlacedClip]) -> bool:
    """Whether a delivery can read the framed clips in their own track."""
    tracks = {id(p.clip.parent()) for p in framed}
    retimed = ranges_in_media_time(timeline) and any(p.speed != 1 for p in framed)
    return not framed or (len(tracks) == 1 and all(p.depth == 0 for p in framed) and not retimed)


def _part(placed: PlacedClip, first: int, end: int, rate: Fraction) -> Any:
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


def _nested_sounds(timeline: Any, rate: Fraction) -> list[Any]:
    try:
        return nested_sound_tracks(timeline, rate)
    except ValueError as error:
        raise not_laid_out(timeline, error) from error


def _without_nests(track: Any) -> Any:
    """A copy of a sound track with gaps in place of nests; the sounds of nests get tracks of their own."""
    copy = track.deepcopy()
    for number, child in enumerate(copy):
        if child.schema_name() in COMPOSITION_SCHEMAS:
            copy[number] = otio.schema.Gap(source_range=child.trimmed_range())
    return copy


def _count_record_frames(clip: Any) -> None:
    """Change the length of a retimed clip's range from media time to record time."""
    speed, is_ramped = speed_of(clip)
    used = clip.source_range
    if speed in (0, 1) or is_ramped or used is None:
        return
    start_s, length_s, rate = exact_seconds(used.start_time), exact_seconds(used.duration), used.duration.rate
    if speed < 0:
        start_s += length_s - 1 / Fraction(rate)
    count = length_s / abs(speed) * Fraction(rate)
    clip.source_range = _range(start_s, used.start_time.rate, round(count), Fraction(rate))


def _range(start_s: Fraction, own_rate: float, count: int, rate: Fraction) -> Any:
    start = otio.opentime.RationalTime(float(start_s * Fraction(own_rate)), own_rate)
    if abs(start.value - round(start.value)) < _WHOLE_TOLERANCE_FRAMES:
        start = otio.opentime.RationalTime(round(start.value), own_rate)
    return otio.opentime.TimeRange(start, otio.opentime.RationalTime(count, float(rate)))
