"""What each track of the record shows in the end: events by their record times, later lines over earlier ones.

Lists keep what was recorded first and what was recorded over it; on the tape only the latter is left. Lists in source
order come out in record order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from panscan.ingest.edl.events import Event
from panscan.ingest.edl.told import Fault, Told

_UNDER_ANOTHER = Fault("a later event lies over it in the record", "what lies under that one is left out")
_FIRST = attrgetter("record_first")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an event that nothing lies over.

    Attributes
    ----------
    event : Event
    record_first, record_end : int
        Record frames [first, end), counted since midnight.
    """

    event: Event
    record_first: int
    record_end: int

    @property
    def frame_count(self) -> int:
        """Record frames that it lasts."""
        return self.record_end - self.record_first

    @property
    def begins_event(self) -> bool:
        """Whether it is the first part of its event."""
        return self.record_first == self.event.record_first


def pieces_of_track(events: Iterable[Event], told: Told) -> list[Piece]:
    """The pieces of one track in record order, from its events in the order of the list."""
    listed = [Piece(event, event.record_first, event.record_end) for event in events]
    in_order = sorted(listed, key=_FIRST)
    if all(a.record_end <= b.record_first for a, b in pairwise(in_order)):
        return in_order
    return _recorded_over(listed, told)


def _recorded_over(listed: Iterable[Piece], told: Told) -> list[Piece]:
    pieces: list[Piece] = []
    for piece in listed:
        first = bisect_right(pieces, piece.record_first, key=_FIRST)
        if first and pieces[first - 1].record_end > piece.record_first:
            first -= 1
        end = bisect_left(pieces, piece.record_end, key=_FIRST)
        hidden = pieces[first:end]
        for each in hidden:
            if not each.event.edit.is_black:
                told.add(_UNDER_ANOTHER, each.event.edit.line.label)
        pieces[first:end] = [*_left_over(hidden, piece, before=True), piece, *_left_over(hidden, piece, before=False)]
    return pieces


def _left_over(hidden: list[Piece], piece: Piece, *, before: bool) -> Iterator[Piece]:
    """The parts of pieces that lie before or after another one."""
    for each in hidden:
        if before and each.record_first < piece.record_first:
            yield Piece(each.event, each.record_first, piece.record_first)
        if not before and each.record_end > piece.record_end:
            yield Piece(each.event, piece.record_end, each.record_end)
