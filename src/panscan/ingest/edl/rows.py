"""A track as a row of pieces, blanks and transitions, as OTIO holds them.

A dissolve of a list begins where its second line begins, and shows what was there before for as long as it lasts. That
is the tail of the piece before it. Where the list names another picture to leave, or black, that lies in the row for
the length of the transition, and the transition ends at the cut to the second picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from panscan.ingest.edl.events import Event
from panscan.ingest.edl.record import Piece
from panscan.ingest.edl.told import Fault, Told

_SAME_FRAMES = 1  # between the end of a picture and where a transition leaves it: a writer's rounding
_LONG_TRANSITION = Fault("its transition lasts longer than it", "the transition is shortened")


@dataclass(frozen=True, slots=True)
class Blank:
    """Black or silence.

    Attributes
    ----------
    frame_count : int
    """

    frame_count: int


@dataclass(frozen=True, slots=True)
class PlacedTransition:
    """A transition at the cut between the things before and after it.

    Attributes
    ----------
    event : Event
        The event that it leads to.
    from_name : str
        Of what it leaves; empty where that is black or has no name.
    in_frames, out_frames : int
        How long it lasts before and after the cut.
    """

    event: Event
    from_name: str
    in_frames: int
    out_frames: int


def row_of(pieces: Sequence[Piece], start: int, told: Told) -> Iterator[Piece | Blank | PlacedTransition]:
    """The row of a track whose record begins at a frame."""
    cursor, before = start, None
    for piece in pieces:
        if piece.record_first > cursor:
            yield Blank(piece.record_first - cursor)
            before = None
        yield from _with_transition(piece, before, told)
        cursor, before = piece.record_end, piece


def _with_transition(piece: Piece, before: Piece | None, told: Told) -> Iterator[Piece | Blank | PlacedTransition]:
    """A piece after the transition that leads to it, if it has one."""
    event, line = piece.event, piece.event.edit.line
    if not (event.edit.is_transition and line.length and piece.begins_event):
        yield piece
        return
    left, length = event.leaves, min(line.length, piece.frame_count)
    if line.length > length:
        told.add(_LONG_TRANSITION, line.label)
    # Of a transition that is as long as its event, one frame lies after the cut.
    lead = min(length, piece.frame_count - 1)
    if left is None or _continues(before, left) or not lead:
        name = before.event.edit.name if before is not None and left is None else left.edit.name if left else ""
        yield PlacedTransition(event, name, 0, length)
        yield piece
        return
    cut = piece.record_first + lead
    yield Piece(left, piece.record_first, cut)
    yield PlacedTransition(event, left.edit.name, lead, length - lead)
    yield Piece(event, cut, piece.record_end)


def _continues(before: Piece | None, left: Event) -> bool:
    """Whether what a transition leaves is the piece before it, running on; nothing is black."""
    if before is None or before.event.edit.is_black:
        return left.edit.is_black
    one, other = before.event.edit, left.edit
    if other.is_black:
        return False
    same_reel, same_name = one.line.reel == other.line.reel, one.name == other.name
    if same_reel and same_name and before.event.speed != 1:
        return True
    ends = (before.event.media_end, before.event.media_at(before.record_end))
    is_there = any(abs(Fraction(left.media_first - end)) <= _SAME_FRAMES for end in ends)
    return is_there and (same_reel or same_name or not (one.name and other.name))
