"""Things that move from sample to sample, as pointers do: what leaves a place had come to it in the sample before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.strokes import Box, intersection_over_union, overlap, union

_MOST = 0.9  # share of the view's shorter side, of a blob: where a thing was and where it is, together
_REACH = (
    0.3  # share of the view's shorter side that a thing goes between samples: across the screen in a quarter second
)
_ALIKE = 2.0  # by how much the sides of one thing differ from place to place
_IN_PLACE = 0.8  # intersection over union of two changes of what does not move
_LEAST_MOVES = 3  # of a thing that moves
_REST_SAMPLES = 3  # a fifth of a second, in which nothing changes though a thing moves: recordings of few pictures
_TRAVEL = 0.03  # share of the view's shorter side that it goes, at least: a line and a half of text
_FRESH = 0.4  # share of what changed on its way that is fresh: letters are mostly, ways are not
_LEVEL_PX, _LEVEL = 1.5, 0.03  # px of the view, and heights of a thing, by which a cursor strays from its line
_SLOW = 1.0  # heights of a cursor that it goes on per sample
_MOSTLY, _LETTERS = 0.7, 0.08  # share of its moves on a line; share of what changed that is letters
_TOGETHER = 0.35  # by how much the ways of things that move together differ


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a thing is for a moment: `came` is the change with which it came, `left` the one with which it left."""

    box: Box
    came: Blob
    left: Blob

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """Middle of its box, view px."""
        return np.array(self.box[:2], np.float64) + np.array(self.box[2:], np.float64) / 2


@dataclass(slots=True, eq=False)
class Way:
    """Places of one thing, one after another."""

    places: list[Place]

    @property
    def first(self) -> int:
        """Sample with its first change."""
        return self.places[0].came.sample

    @property
    def last(self) -> int:
        """Sample with its last change."""
        return self.places[-1].left.sample

    def box(self) -> Box:
        """Around all that it changed."""
        return reduce(union, (box for place in self.places for box in (place.came.box, place.left.box)))

    def at(self, sample: int) -> Place | None:
        """Where the thing is at a sample, None before and after."""
        return next((place for place in self.places if place.came.sample <= sample < place.left.sample), None)

    def centres(self) -> npt.NDArray[np.float64]:
        """Of its places (n, 2)."""
        return np.array([place.centre for place in self.places])


def find_ways(blobs: Sequence[Sequence[Blob]], size_px: tuple[int, int]) -> list[Way]:
    """Ways of all things that move, among blobs by sample."""
    shorter = min(size_px)
    ways: list[Way] = []
    running: list[Way] = []
    changing = [found for found in blobs if found]
    for came, left in pairwise(changing):
        soon = left[0].sample - came[0].sample <= _REST_SAMPLES
        places = list(_places(came, left, _MOST * shorter)) if soon else []
        running = [way for way in running if way.last == came[0].sample]
        for way, place in _linked(running, places, _REACH * shorter):
            way.places.append(place)
            places.remove(place)
        started = [Way([place]) for place in places]
        ways += started
        running += started
    return [way for way in ways if _moves(way, _TRAVEL * shorter)]


def _places(came: Sequence[Blob], left: Sequence[Blob], most_px: float) -> Iterator[Place]:
    for one in came:
        for other in left:
            width, height = overlap(one.box, other.box)
            small = max(*one.box[2:], *other.box[2:]) <= most_px
            if min(width, height) > 0 and small and one.shift_px == other.shift_px == (0, 0):
                corner = (max(one.box[0], other.box[0]), max(one.box[1], other.box[1]))
                yield Place((*corner, width, height), one, other)


def _linked(ways: Sequence[Way], places: Sequence[Place], reach_px: float) -> list[tuple[Way, Place]]:
    """Ways and the places at which they go on, the nearest first."""
    pairs = []
    for way in ways:
        last = way.places[-1]
        for place in places:
            apart = float(np.hypot(*(place.centre - last.centre)))
            # Of a slow thing, one blob holds where it was and where it is.
            alike = _is_alike(place.box, last.box)
            # What comes and goes in place, where a pointer had come to rest, is a button that is pressed.
            runs_on = place.came is last.left and (alike or not _is_in_place(place))
            if runs_on or (place.came is not last.left and apart <= reach_px and alike):
                pairs.append((place.came is not last.left, apart, way, place))
    found: list[tuple[Way, Place]] = []
    for _, _, way, place in sorted(pairs, key=lambda pair: pair[:2]):
        if all(way is not w and place is not p for w, p in found):
            found.append((way, place))
    return found


def _is_in_place(place: Place) -> bool:
    return intersection_over_union(place.came.box, place.left.box) >= _IN_PLACE


def _is_alike(box: Box, other: Box) -> bool:
    return all(max(a, b) <= _ALIKE * min(a, b) for a, b in zip(box[2:], other[2:], strict=True))


def _moves(way: Way, travel_px: float) -> bool:
    """Whether a thing goes its way, rather than that something changes in place."""
    if len(way.places) < _LEAST_MOVES:
        return False
    centres = way.centres()
    if float(np.hypot(*np.ptp(centres, axis=0))) < travel_px:
        return False
    between = {id(place.came): place.came for place in way.places[1:]}.values()
    fresh = sum(blob.fresh_px for blob in between) / sum(blob.changed_px for blob in between)
    return fresh <= _FRESH and not _is_cursor(way, fresh)


def _is_cursor(way: Way, fresh: float) -> bool:
    """Whether a thing goes along lines, step by step, and leaves letters, as a caret does."""
    height = float(np.median([place.box[3] for place in way.places]))
    across, down = np.abs(np.diff(way.centres(), axis=0)).T
    share = float(np.mean((down <= max(_LEVEL_PX, _LEVEL * height)) & (across <= _SLOW * height)))
    return share == 1 or (share >= _MOSTLY and fresh >= _LETTERS)


def moving_together(ways: Sequence[Way]) -> list[list[Way]]:
    """Ways of one thing, the longest first: its edges and what is written on it go side by side."""
    groups: list[list[Way]] = []
    for way in sorted(ways, key=lambda way: (way.first - way.last, way.first)):
        own = next((group for group in groups if _is_parallel(group[0], way)), None)
        if own is None:
            groups.append([way])
        else:
            own.append(way)
    return groups


def _is_parallel(one: Way, other: Way) -> bool:
    """Whether two ways lead along each other while both last."""
    if one.last < other.first or other.last < one.first:
        return False
    both = [(mine, yours) for mine in one.places if (yours := other.at(mine.came.sample)) is not None]
    if len(both) < _LEAST_MOVES:
        return False
    moves = [last.centre - first.centre for first, last in zip(both[0], both[-1], strict=True)]
    longest = max(float(np.hypot(*move)) for move in moves)
    return float(np.hypot(*(moves[0] - moves[1]))) <= _TOGETHER * longest
