"""Large changes: scrolling, popups that come and go, windows that change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import numpy.typing as npt

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.strokes import Box, intersection_over_union, overlap, union

_WINDOW = 0.4  # share of the view near a change, from which all of it is another one
_POPUP = 0.012  # share of the view, of a blob's box: a menu of two lines
_POPUP_SIDE = 0.05  # share of the view's shorter side, of both of its sides: more than a line of text
_LEAST_FILL = 0.03  # of its box: when a picture is coded anew, scattered px change around all letters
_GAP = 0.05  # share of the view's shorter side between areas that change at once, and are one: fields of a form
_SCROLLS = 0.5  # share of what changed that moved
_STILL_S = 0.35  # without a change, after which another event begins: menus fade in in a third of a second
_SAME_PLACE = 0.6  # intersection over union of a popup that comes with itself when it goes
_LONGEST_S = 10.0  # that a popup stands: what goes later was no popup
_LONGEST_CHANGE_S = 3.0  # for which a menu or a window moves in: what changes for longer is a movie
_TURNS, _REGULAR = 4, 0.1  # times that pictures take turns, and share of the time between by which it differs
_AMONG = 100  # changes among which those of one place are looked for
_READ_S = 2.0  # that one which stays is looked at


@dataclass(frozen=True, slots=True)
class _Change:
    """A large change of one sample: its kind, its box and the share of it that changed."""

    kind: ScreenEventKind
    sample: int
    box: Box
    fill: float


def find_areas(
    blobs: Sequence[Sequence[Blob]], spread: Sequence[float], time_s: Sequence[float], size_px: tuple[int, int]
) -> list[FoundEvent]:
    """Scrolling, popups and changes of the window, from their first to their last change, among blobs by sample."""
    changes = [change for found, near in zip(blobs, spread, strict=True) for change in _changes(found, near, size_px)]
    areas = [_unless_scrolled(area) for area in _joined(changes, time_s, _GAP * min(size_px))]
    return by_itself_left_out(areas, time_s)


def _unless_scrolled(area: FoundEvent) -> FoundEvent:
    """A popup, where content moved in a single sample: in recordings of few pictures nothing scrolls."""
    jumped = area.kind == ScreenEventKind.SCROLL and area.first == area.last
    return replace(area, kind=ScreenEventKind.POPUP) if jumped else area


def is_large(blob: Blob, size_px: tuple[int, int]) -> bool:
    """Whether a blob is no letter and no pointer."""
    width, height = size_px
    side = _POPUP_SIDE * min(size_px)
    return blob.box[2] * blob.box[3] >= _POPUP * width * height and min(blob.box[2:]) >= side


def _changes(blobs: Sequence[Blob], spread: float, size_px: tuple[int, int]) -> list[_Change]:
    large = [blob for blob in blobs if is_large(blob, size_px) and blob.fill >= _LEAST_FILL]
    moved = [blob for blob in large if blob.shift_px != (0, 0)]
    if moved and sum(blob.changed_px for blob in moved) >= _SCROLLS * sum(blob.changed_px for blob in blobs):
        return [_Change(ScreenEventKind.SCROLL, blob.sample, blob.box, blob.fill) for blob in moved]
    if spread >= _WINDOW and large:
        return [_Change(ScreenEventKind.WINDOW, large[0].sample, reduce(union, (blob.box for blob in large)), 1.0)]
    return [_Change(ScreenEventKind.POPUP, blob.sample, blob.box, blob.fill) for blob in large]


def _joined(changes: Sequence[_Change], time_s: Sequence[float], gap_px: float) -> list[FoundEvent]:
    """Changes of one kind that follow each other at one place, or come at once beside each other."""
    done: list[FoundEvent] = []
    for change in changes:
        before = next((event for event in reversed(done) if _goes_on(event, change, time_s, gap_px)), None)
        if before is None:
            done.append(FoundEvent(change.kind, change.sample, change.sample, change.box, 0.8, fill=change.fill))
        else:
            box = union(before.box, change.box)
            done[done.index(before)] = replace(before, last=change.sample, box=box, fill=max(before.fill, change.fill))
    return done


def by_itself_left_out(areas: Sequence[FoundEvent], time_s: Sequence[float]) -> list[FoundEvent]:
    """Without what changes by itself: movies of few pictures, and pictures that take turns."""
    regular: list[FoundEvent] = []
    for n, area in enumerate(areas):
        if any(area is other for other in regular):
            continue
        same = [
            a
            for a in areas[n : n + _AMONG]
            if intersection_over_union(a.box, area.box) >= _SAME_PLACE and a.kind == area.kind
        ]
        if len(same) >= _TURNS and _are_regular(np.diff([time_s[a.first] for a in same])):
            regular += same
    return [
        area
        for area in areas
        if area.kind == ScreenEventKind.SCROLL
        or (time_s[area.last] - time_s[area.first] <= _LONGEST_CHANGE_S and not any(area is a for a in regular))
    ]


def _are_regular(apart_s: npt.NDArray[np.float64]) -> bool:
    """Whether times are multiples of the shortest one: a picture may be much like the next."""
    if apart_s.min() == 0:
        return False  # two things at once do not take turns
    turns = apart_s / apart_s.min()
    return float(np.abs(turns - np.round(turns)).max()) <= _REGULAR


def _goes_on(event: FoundEvent, change: _Change, time_s: Sequence[float], gap_px: float) -> bool:
    soon = time_s[change.sample] - time_s[event.last] <= _STILL_S
    apart = -min(overlap(event.box, change.box))
    return event.kind == change.kind and soon and apart < (gap_px if change.sample == event.last else 0)


def until_they_go(events: Sequence[FoundEvent], time_s: Sequence[float]) -> list[FoundEvent]:
    """Popups last until they go; those that stay, as long as one looks at them."""
    found: list[FoundEvent] = []
    gone: set[int] = set()
    for n, event in enumerate(events):
        if n in gone:
            continue
        if event.kind == ScreenEventKind.POPUP:
            event, closing = _with_its_end(event, events[n + 1 :], time_s)
            gone |= {n + 1 + closing} if closing is not None else set()
        found.append(event)
    return found


def _with_its_end(
    event: FoundEvent, later: Sequence[FoundEvent], time_s: Sequence[float]
) -> tuple[FoundEvent, int | None]:
    """A popup with its last sample, and which of the later events is its going."""
    end_s = time_s[event.last] + _READ_S
    last = bisect_right(time_s, end_s) - 1
    for n, other in enumerate(later):
        if time_s[other.first] - time_s[event.last] > _LONGEST_S:
            break
        if other.kind == ScreenEventKind.WINDOW:
            last = min(last, other.first)
            break
        if other.kind == ScreenEventKind.POPUP and intersection_over_union(other.box, event.box) >= _SAME_PLACE:
            return replace(event, last=other.last), n
    return replace(event, last=max(event.last, last)), None
