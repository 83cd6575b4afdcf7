"""Moves of a pointer, and drags: larger things that move as pointers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.screen_activity.moving import Way, find_ways, moving_together
from panscan.perceive.signals.strokes import Box, overlap, union

_DRAGGED = 0.06  # share of the view's shorter side, of the thing: pointers are smaller, even at twice the size
_PAUSE_S = 0.6  # of a pointer, after which another move begins
_PART = 0.5  # share of a blob that a moving thing covers, from which it is of that thing


@dataclass(frozen=True, slots=True, eq=False)
class Pointing:
    """Moves of a pointer and drags, and what they leave of the blobs.

    Attributes
    ----------
    events : list of FoundEvent
    rest : list of lists of Blob
        Of each sample, what no moving thing covers.
    places : list of (int, Box)
        Where the pointer comes to rest: sample and place.
    """

    events: list[FoundEvent]
    rest: list[list[Blob]]
    places: list[tuple[int, Box]]


def find_pointing(blobs: Sequence[Sequence[Blob]], time_s: Sequence[float], size_px: tuple[int, int]) -> Pointing:
    """Moves of a pointer and drags, among blobs by sample."""
    groups = moving_together(find_ways(blobs, size_px))
    events = sorted((_event(group, _DRAGGED * min(size_px)) for group in groups), key=lambda event: event.first)
    rest = [list(found) for found in blobs]
    for group in groups:
        _take_away(group, rest)
    places = sorted((group[0].last, group[0].places[-1].left.box) for group in groups)
    return Pointing(_joined(events, time_s), rest, places)


def _take_away(group: Sequence[Way], rest: list[list[Blob]]) -> None:
    """Remove what a moving thing covers as it goes from one place to the next."""
    for sample in range(min(way.first for way in group), max(way.last for way in group) + 1):
        there = [
            place.box for way in group for place in way.places if place.came.sample <= sample <= place.left.sample + 1
        ]
        if there:
            box = reduce(union, there)
            rest[sample] = [blob for blob in rest[sample] if not _covers(box, blob.box)]


def _covers(box: Box, other: Box) -> bool:
    across, down = overlap(box, other)
    return max(0, across) * max(0, down) >= _PART * other[2] * other[3]


def _event(group: Sequence[Way], dragged_px: float) -> FoundEvent:
    longest = group[0]
    sizes = []
    for place in longest.places:
        there = [other.box for way in group if (other := way.at(place.came.sample)) is not None]
        sizes.append(max(reduce(union, there)[2:]))
    kind = ScreenEventKind.DRAG if float(np.median(sizes)) > dragged_px else ScreenEventKind.POINTER
    box = reduce(union, (way.box() for way in group))
    first, last = min(way.first for way in group), max(way.last for way in group)
    return FoundEvent(kind, first, last, box, min(0.9, 0.4 + 0.1 * len(longest.places)))


def _joined(events: Sequence[FoundEvent], time_s: Sequence[float]) -> list[FoundEvent]:
    """Moves of one kind with short rests between them as one."""
    joined: list[FoundEvent] = []
    for event in events:
        before = joined[-1] if joined and joined[-1].kind == event.kind else None
        if before is None or time_s[event.first] - time_s[before.last] > _PAUSE_S:
            joined.append(event)
            continue
        box, last = union(before.box, event.box), max(before.last, event.last)
        confidence = max(before.confidence, event.confidence)
        joined[-1] = replace(before, last=last, box=box, confidence=confidence)
    return joined
