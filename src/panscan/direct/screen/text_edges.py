"""Views whose edges run between lines of text and not through them, as far as that is possible."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panscan.direct.screen.composition import Composition
from panscan.model.geometry import Rect
from panscan.model.perception import FloatArray, ScreenEvents

# Costs are shares of an edge that run through text.
_LARGER = (1.0, 1.03, 1.06, 1.09, 1.12)  # times, that a view may be: more would be seen as another view
_PRICE = 1.0  # of a view twice as large: 12 % more for a line of an eighth of the width
_ASIDE = 0.25  # of the left and the right edge, by the others: letters stay whole there, though words do not
_AWAY = 0.05  # of a move by a whole view: where all else is equal, it stays
# Line heights around text, and what an edge costs there: it belongs to the text; half of the gap between close lines;
# where there is room, it looks better left free.
_GAPS = ((0.05, 1.0), (0.12, 0.1), (0.6, 0.1))
_ROUNDED_PX = 0.01  # source px, by which places are rounded
_MOST_LOOKS = 12  # at the text while a view is shown: more find nothing else

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines of text, and how long each stands.

    Attributes
    ----------
    low_px, high_px : ndarray (n, 2)
        Upper left and lower right corners, source px.
    height_px : ndarray (n,)
    share : ndarray (n,)
        Of the time that is looked at.
    """

    low_px: FloatArray
    high_px: FloatArray
    height_px: FloatArray
    share: FloatArray


def clear_of_text(
    view: Rect, kept: Rect, frames: tuple[int, int], events: ScreenEvents, composition: Composition
) -> Rect:
    """A view moved a little, or a little larger, so that its edges cut as little text as possible.

    Parameters
    ----------
    view : Rect
        Of the cell's shape, source px.
    kept : Rect
        What must stay in it, as far as it is in it.
    frames : (int, int)
        First frame in which it is shown, and the one after the last.
    events : ScreenEvents
        With the lines of text on the screen.
    composition : Composition
        Of the cell. Views as high as a landscape screen move sideways only; those of a phone upward only, as its
        keyboard is below them, and they grow only where there are bars beside it.
    """
    lines, screen = _lines_during(events, *frames), composition.screen
    if not len(lines.share):
        return view
    is_phone = screen.width < screen.height
    grows = view.height < screen.height and (not is_phone or view.width > screen.width)
    lowest = view.bottom if is_phone else screen.bottom
    found = []
    for times in _LARGER if grows else _LARGER[:1]:
        size = (view.width * times, view.height * times)
        across, left = _start(lines, 0, size, view, kept, (screen.left, screen.right))
        down, top = _start(lines, 1, size, view, kept, (screen.top, lowest))
        found.append((_ASIDE * across + down + _PRICE * (times - 1), Rect(left, top, *size)))
    return min(found, key=lambda one: one[0])[1]


def _start(lines: _Lines, axis: int, size: Span, view: Rect, kept: Rect, limits: Span) -> tuple[float, float]:
    """What the cheapest place of a view costs along one axis, and where it starts there; 0 is across, 1 is down."""
    own, own_end = ((view.left, view.right), (view.top, view.bottom))[axis]
    across = ((view.top, view.bottom), (view.left, view.right))[axis]
    inner = ((kept.left, kept.right), (kept.top, kept.bottom))[axis]
    side, centred = size[axis], (own + own_end - size[axis]) / 2
    if side >= limits[1] - limits[0]:
        return 0.0, centred
    centred = min(max(centred, limits[0]), limits[1] - side)  # all of the view is in it
    first = min(centred, max(limits[0], min(inner[1], own_end) - side))
    last = max(centred, min(limits[1] - side, max(inner[0], own)))
    beside = np.minimum(lines.high_px[:, 1 - axis], across[1]) - np.maximum(lines.low_px[:, 1 - axis], across[0])
    length = lines.share * np.maximum(beside, 0) / (across[1] - across[0])
    starts = np.unique(np.clip(_candidates(lines, axis, side, centred), first, last).round(2))
    cost = _AWAY * np.abs(starts - centred) / side
    for gap, weight in _GAPS:
        cost += weight * sum(_through(lines, axis, at, gap) @ length for at in (starts, starts + side))
    return float(cost.min()), float(starts[cost.argmin()])


def _candidates(lines: _Lines, axis: int, side: float, own: float) -> FloatArray:
    """Where a view may start, or end, beside text."""
    edges = [lines.low_px[:, axis] - gap * lines.height_px for gap, _ in _GAPS]
    edges += [lines.high_px[:, axis] + gap * lines.height_px for gap, _ in _GAPS]
    beside = np.concatenate(edges)
    return np.array([own, *beside, *(beside - side)])


def _through(lines: _Lines, axis: int, at: FloatArray, gap: float) -> FloatArray:
    """Whether an edge at each place runs through each line, or so many line heights beside it (m, n)."""
    around = gap * lines.height_px - _ROUNDED_PX
    inside = (lines.low_px[:, axis] - around < at[:, None]) & (at[:, None] < lines.high_px[:, axis] + around)
    return inside.astype(np.float64)


def _lines_during(events: ScreenEvents, first: int, end: int) -> _Lines:
    """The lines of text that stand in frames [first, end)."""
    looks = np.unique(events.line_frame)
    looks = looks[max(0, int(np.searchsorted(looks, first, "right")) - 1) : int(np.searchsorted(looks, end))]
    stands = np.diff([*np.maximum(looks, first), end])
    step = max(1, math.ceil(len(looks) / _MOST_LOOKS))
    rows = np.flatnonzero(np.isin(events.line_frame, looks[::step]))
    share = stands[np.searchsorted(looks, events.line_frame[rows])] / max(1, int(stands[::step].sum()))
    low = events.line_px[rows, :2]
    return _Lines(low, low + events.line_px[rows, 2:], events.line_px[rows, 3], share)
