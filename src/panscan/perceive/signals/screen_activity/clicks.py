"""Clicks, by what they do to a picture: a button is pressed and comes back, or changes under a pointer that rests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.strokes import Box, overlap, union

_PRESS_S = 0.8  # the longest that a press, or the circle that spreads from a touch, is seen
_SAME_PLACE = 0.6  # share of the smaller one of two changes of a button that is inside the other
_SOLID = 0.5  # share of its box that changes: a button does, writing does not
_SIDE = (0.022, 0.35)  # shares of the view's shorter side: of a check box, wider than a pointer; of a wide button
_SHAPE = 0.7  # width by height: a caret is thinner
_ALONE_S = 1.5  # before and after, in which a button does not change: what blinks is none
_RECENT = 50  # changes among which another one of the same button is looked for
_POINTED_S = 3.0  # after which a pointer that came to rest is not known to be there any more


def find_clicks(
    blobs: Sequence[Sequence[Blob]],
    places: Sequence[tuple[int, Box]],
    time_s: Sequence[float],
    size_px: tuple[int, int],
) -> list[FoundEvent]:
    """Clicks among blobs by sample.

    Parameters
    ----------
    blobs : sequence of sequences of Blob
        By sample.
    places : sequence of (int, Box)
        Where the pointer comes to rest: sample and place, in order.
    time_s : sequence of float
        Of each sample.
    size_px : (int, int)
        Of the view.
    """
    low, high = (share * min(size_px) for share in _SIDE)
    buttons = [
        blob
        for found in blobs
        for blob in found
        if min(blob.box[2:]) >= low
        and max(blob.box[2:]) <= high
        and blob.fill >= _SOLID
        and blob.box[2] >= _SHAPE * blob.box[3]
    ]
    return [
        FoundEvent(
            ScreenEventKind.CLICK,
            press[0].sample,
            press[-1].sample,
            reduce(union, (blob.box for blob in press)),
            0.8 if _is_pointed_at(press[0], places, time_s) else 0.5,
        )
        for press in _presses(buttons, time_s)
    ]


def _presses(buttons: Sequence[Blob], time_s: Sequence[float]) -> Iterator[list[Blob]]:
    """Changes of one button within a moment, with none before or after it."""
    runs: list[list[Blob]] = []
    for blob in buttons:
        recent = [run for run in runs[-_RECENT:] if time_s[blob.sample] - time_s[run[-1].sample] <= _ALONE_S]
        own = next((run for run in reversed(recent) if _is_same_place(run[-1].box, blob.box)), None)
        if own is None:
            runs.append([blob])
        else:
            own.append(blob)
    for run in runs:
        if len(run) > 1 and time_s[run[-1].sample] - time_s[run[0].sample] <= _PRESS_S:
            yield run


def _is_same_place(box: Box, other: Box) -> bool:
    """Whether one box is, for the most part, inside the other: a circle spreads over a button."""
    across, down = overlap(box, other)
    smaller = min(box[2] * box[3], other[2] * other[3])
    return max(0, across) * max(0, down) >= _SAME_PLACE * smaller


def _is_pointed_at(blob: Blob, places: Sequence[tuple[int, Box]], time_s: Sequence[float]) -> bool:
    """Whether a pointer came to rest at a blob shortly before."""
    before = [place for sample, place in places if 0 <= time_s[blob.sample] - time_s[sample] <= _POINTED_S]
    return bool(before) and min(overlap(before[-1], blob.box)) > 0
