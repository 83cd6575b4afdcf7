"""What of an editor's tracks and nests stays when they are laid into one row: transitions and markers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.model.time import round_half_up
from panscan.timeline.layout import PlacedClip, own_start_s, speed_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.transitions import find_transitions, is_transition

# By ids of tracks and of their children: the child, which keeps its id, and the time of the track at which it starts.
Starts = dict[int, dict[int, tuple[Any, Fraction]]]


@dataclass(frozen=True, slots=True, eq=False)
class RowPart:
    """A clip, or a part of it, in the row of what is seen.

    Attributes
    ----------
    placed : PlacedClip
    first, end : int
        Record frames [first, end) in which it is seen.
    """

    placed: PlacedClip
    first: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class KeptTransition:
    """A transition that stays in the row.

    Attributes
    ----------
    transition : otio.schema.Transition
        As the editor made it.
    edit_frame : int
        Record frame of its cut.
    in_frames, out_frames : int
        How long it lasts before and after the cut.
    """

    transition: Any
    edit_frame: int
    in_frames: int
    out_frames: int


def parents_of(item: Any) -> Iterator[Any]:
    """The tracks and stacks that hold an item, from the nearest to the timeline's own stack."""
    parent = item.parent()
    while parent is not None:
        yield parent
        parent = parent.parent()


def kept_transitions(parts: Sequence[RowPart], rate: Fraction) -> list[KeptTransition]:
    """The transitions whose both sides are seen in a row as their own track shows them, in record order.

    On one side there may be nothing, or a clip of a lower track that goes on beneath.
    """
    holders: dict[int, list[int]] = {}  # by id of a clip or nest: indexes of its parts
    tracks: dict[int, Any] = {}
    for index, part in enumerate(parts):
        parents = list(parents_of(part.placed.clip))
        for item in (part.placed.clip, *parents):
            holders.setdefault(id(item), []).append(index)
        tracks |= {id(parent): parent for parent in parents}
    found = []
    for track in tracks.values():
        speed = _speed_in_record(track)
        for transition, before, after in find_transitions(track) if speed > 0 else ():
            sides = [holders.get(id(item), []) if item is not None else [] for item in (before, after)]
            lengths = [
                round_half_up(exact_seconds(time) / speed * rate)
                for time in (transition.in_offset, transition.out_offset)
            ]
            kept = _kept(transition, parts, sides[0][-1:], sides[1][:1], lengths, rate)
            if kept is not None:
                found.append(kept)
    return sorted(found, key=lambda one: one.edit_frame)


def _kept(
    transition: Any,
    parts: Sequence[RowPart],
    before: Sequence[int],
    after: Sequence[int],
    lengths: Sequence[int],
    rate: Fraction,
) -> KeptTransition | None:
    """A transition between the last part of the item before it and the first part of the item after it, if it stays."""
    in_frames, out_frames = lengths
    if not before and not after:
        return None
    own_before, own_after = bool(before), bool(after)
    i = before[0] if before else after[0] - 1
    j = after[0] if after else before[0] + 1
    left, right = parts[i] if i >= 0 else None, parts[j] if j < len(parts) else None
    edit = parts[before[0]].end if before else parts[after[0]].first
    if j != i + 1 or (own_before and own_after and left is not None and right is not None and right.first != edit):
        return None
    if not own_before and right is not None and right.first != round_half_up(right.placed.start_s * rate):
        return None  # what covers its start hides the transition, too
    if not own_after and left is not None and left.end != round_half_up(left.placed.end_s * rate):
        return None
    if not _holds(left, edit - in_frames, edit, edit + out_frames, rate, is_own=own_before, is_before=True):
        return None
    if not _holds(right, edit + out_frames, edit, edit - in_frames, rate, is_own=own_after, is_before=False):
        return None
    return KeptTransition(transition, edit, in_frames, out_frames)


def _holds(
    part: RowPart | None, far: int, edit: int, beyond: int, rate: Fraction, *, is_own: bool, is_before: bool
) -> bool:
    """Whether one side of a transition is seen, or black, as far as the transition reaches.

    Parameters
    ----------
    part : RowPart, optional
        What lies on this side in the row.
    far, edit, beyond : int
        Record frames: how far the transition reaches on this side, its cut, and how far it reaches on the other side,
        where the handle of the part is shown.
    is_own : bool
        The part is that of the transition's own track.
    is_before : bool
        It is the side before the cut.
    """
    if part is None:
        return True
    if edit != (part.end if is_before else part.first):  # black lies between them
        return not is_own and (part.end <= far if is_before else part.first >= far)
    placed = part.placed
    if is_before:
        end_s = placed.end_with_handle_s if is_own else placed.end_s
        return part.first <= far and math.ceil(end_s * rate) >= beyond
    start_s = placed.start_with_handle_s if is_own else placed.start_s
    return part.end >= far and math.floor(start_s * rate) <= beyond


def _speed_in_record(item: Any) -> Fraction:
    """How many seconds of a composition's own time pass in a second of the record."""
    speed = speed_of(item)[0]
    for parent in parents_of(item):
        speed *= speed_of(parent)[0]
    return speed


def kept_markers(timeline: Any, parts: Sequence[RowPart], rate: Fraction) -> tuple[list[Any], list[Any]]:
    """Markers of tracks and nests on record time, and those of them that are left out, as they are in the timeline.

    A marker of a nest stays where the part of the nest is seen that it marks.
    """
    kept: dict[int, Any] = {}
    all_markers = {id(marker): marker for marker in timeline.tracks.markers}
    for track in timeline.video_tracks():
        if track.enabled:
            all_markers |= {id(marker): marker for marker in track.markers}
    kept |= {key: _moved(marker, Fraction(0), Fraction(1)) for key, marker in all_markers.items()}
    starts: Starts = {}
    for part in parts:
        for nest, start_s, scale in _record_times(part.placed, starts):
            for marker in nest.markers:
                all_markers[id(marker)] = marker
                at_s = start_s + exact_seconds(marker.marked_range.start_time) * scale
                if part.first <= round_half_up(at_s * rate) < part.end:
                    kept.setdefault(id(marker), _moved(marker, start_s, scale))
    return list(kept.values()), [marker for key, marker in all_markers.items() if key not in kept]


def _record_times(placed: PlacedClip, starts: Starts) -> Iterator[tuple[Any, Fraction, Fraction]]:
    """Each nest around a clip, the record time at which its own time is 0, and record seconds per second of its own.

    Nests that stand still or run backwards end the list. `starts` is filled with what was worked out once.
    """
    item, start_s, scale = placed.clip, placed.anchor_record_s, Fraction(1)
    for parent in parents_of(placed.clip):
        speed = _speed_in_record(parent)
        if speed <= 0 or parent.parent() is None:
            return
        scale = 1 / speed
        if parent.schema_name() == "Track":
            if id(parent) not in starts:
                starts[id(parent)] = _starts_in(parent)
            start_s -= starts[id(parent)][id(item)][1] * scale
        yield parent, start_s, scale
        # From the start of this nest's own range on, it fills its parent's time.
        start_s += own_start_s(parent) * scale
        item = parent


def _starts_in(track: Any) -> dict[int, tuple[Any, Fraction]]:
    """The children of a track by their ids, each with the time of the track at which it starts."""
    starts: dict[int, tuple[Any, Fraction]] = {}
    cursor_s = Fraction(0)
    for child in track:
        starts[id(child)] = child, cursor_s
        if not is_transition(child):
            cursor_s += exact_seconds(child.duration())
    return starts


def _moved(marker: Any, start_s: Fraction, scale: Fraction) -> Any:
    """A copy of a marker at start_s + scale * its own time."""
    copy = marker.deepcopy()
    used, kind = marker.marked_range, type(marker.marked_range.start_time)
    values = (
        (start_s + exact_seconds(used.start_time) * scale, used.start_time.rate),
        (exact_seconds(used.duration) * scale, used.duration.rate),
    )
    copy.marked_range = type(used)(*(kind(float(time_s * Fraction(rate)), rate) for time_s, rate in values))
    return copy
