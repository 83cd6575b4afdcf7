"""Events of a screen -> stretches of time that one view shows: as close as pays, with as few moves as possible.

A stretch is one event in the whole screen, or one or more in a close view of all of them. What a close one is worth
grows with its closeness and its length; each move costs, and so does what is not in view while the camera is on its
way. The best row of stretches is found by dynamic programming, as all events are known beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from panscan.direct.screen.composition import Composition, move_seconds, union
from panscan.model.geometry import Rect
from panscan.model.perception import ScreenEvent, ScreenEventKind, ScreenEvents
from panscan.model.plan import Shot

SOON_S = 4.0  # seconds between two moves in, so that nobody gets seasick

_BY_RANK = (
    ScreenEventKind.POPUP,
    ScreenEventKind.SCROLL,
    ScreenEventKind.POINTER,
    ScreenEventKind.DRAG,
    ScreenEventKind.CLICK,
    ScreenEventKind.TYPING,
)  # the one that matters most last; windows stand outside, as nothing is left of what was there
_LEAST_SURE = 0.5  # confidence of an event that may lead a camera
_SHORT_POPUP_S = 1.2  # seconds: half of the popups last 0.6 s, and no camera goes there and back in that time
# Seconds that a view stays after the event: people think, then type on; of a popup nothing is left.
_HOLD_S = {ScreenEventKind.TYPING: 2.5, ScreenEventKind.POPUP: 0.5}
_OTHER_HOLD_S = 2.0
_PAN_S = 1.5  # seconds after that, within which the camera goes straight to the next region
_NEAR_EDGE_S = 1.2  # seconds from the shot's begin, or end, to an event that its view is there from the start, or stays

# In seconds of a view that is e times closer.
_MOVE = 1.0  # per move: being twice as close for 1.4 s is worth one
_UNSEEN = 2.0  # per second in which an event is not in view
_HASTE = 3.0  # per move to a close view that comes too soon after the one before, or shows what was seen hardly larger
_WORTHWHILE = 1.25  # times larger, that a move to what is in view already has to show it

_PLANS = 12  # of those for the first events, that are followed up: more find nothing better on recordings with truth
_MOST_EVENTS = 40  # in one stretch: what goes on longer in one place continues in the same view


@dataclass(frozen=True, slots=True, eq=False)
class ScreenStretch:
    """A stretch of time that one view shows.

    Attributes
    ----------
    first, end : int
        Frames [first, end) in which something happens.
    region : Rect
        All that must be seen of it, source px.
    view : Rect
        What is shown, source px.
    worth : float
        Seconds, times the natural logarithm of how much closer than the whole screen it is.
    kinds : tuple of ScreenEventKind
        What happens, in order.
    text_px : float
        Height of its smallest text, source px; 0 where it is not known.
    is_widened : bool
        The whole screen is shown, although the region could be shown closer.
    """

    first: int
    end: int
    region: Rect
    view: Rect
    worth: float
    kinds: tuple[ScreenEventKind, ...]
    text_px: float = 0.0
    is_widened: bool = False

    @property
    def is_close(self) -> bool:
        """Whether it is closer than the whole screen."""
        return self.worth > 0

    def hold_frames(self, rate: float) -> int:
        """Frames for which its view stays after its end if nothing else happens."""
        return round(max(_HOLD_S.get(kind, _OTHER_HOLD_S) for kind in self.kinds) * rate)


def leading_events(events: ScreenEvents, shot: Shot, rate: float) -> tuple[ScreenEvent, ...]:
    """The events of a shot that a camera goes by: sure ones, no brief popups, and of what overlaps in time the first.

    Typing goes before clicks, then drags, the pointer, scrolling, popups. Windows always count.
    """
    inside = [
        _clipped(event, shot) for event in events if event.end_frame > shot.first and event.first_frame < shot.end
    ]
    sure = [event for event in inside if event.confidence >= _LEAST_SURE and not _is_brief_popup(event, rate)]
    return tuple(event for event in sure if not _is_passed_over(event, sure))


def stretches_of(
    events: Sequence[ScreenEvent], composition: Composition, shot: Shot, rate: float, keyboard: ScreenEvents
) -> list[ScreenStretch]:
    """Stretches in order of their begin; see the module. `keyboard`: where the on-screen keyboard is, and when."""
    return _Planner(composition, shot, rate, keyboard).best(sorted(events, key=lambda event: event.first_frame))


def stays_close(before: ScreenStretch, after: ScreenStretch, rate: float) -> bool:
    """Whether the camera goes straight from one stretch to the next, with no look at the whole screen between."""
    return after.first - before.end <= before.hold_frames(rate) + round(_PAN_S * rate)


def is_at_edge(frames: int, rate: float) -> bool:
    """Whether something that many frames from the shot's begin or end belongs to it."""
    return frames <= _NEAR_EDGE_S * rate


class _Plan(NamedTuple):
    """The stretches of the first events: the last of them, the plan before it, and what all are worth."""

    value: float
    last: ScreenStretch | None = None
    before: _Plan | None = None


class _Planner:
    """What does not change while stretches are sought."""

    def __init__(self, composition: Composition, shot: Shot, rate: float, keyboard: ScreenEvents) -> None:
        self.composition, self.shot, self.rate, self.keyboard = composition, shot, rate, keyboard
        self.whole = composition.whole

    def best(self, events: Sequence[ScreenEvent]) -> list[ScreenStretch]:
        """The best stretches of all events: best plans of the first events, stretch by stretch."""
        plans: list[list[_Plan]] = [[] for _ in range(len(events) + 1)]
        plans[0] = [_Plan(0.0)]
        for start in range(len(events)):
            kept = sorted(plans[start], key=lambda plan: -plan.value)[:_PLANS]
            for end, stretch in self._candidates(events, start):
                plans[end] += [_Plan(self._value(p, stretch), stretch, p) for p in kept]
        plan: _Plan | None = max(plans[-1], key=lambda plan: self._value(plan, None))
        found = []
        while plan is not None and plan.last is not None:
            found.append(plan.last)
            plan = plan.before
        return found[::-1]

    def _value(self, plan: _Plan, after: ScreenStretch | None) -> float:
        """What a plan is worth that goes on with a stretch; None: with the shot's end."""
        worth = after.worth if after else 0.0
        return plan.value + self._held(plan.last, after) + worth - self._cost(plan.last, after)

    def _held(self, before: ScreenStretch | None, after: ScreenStretch | None) -> float:
        """What a close view is worth while it is held after its end: a click is over before one has looked."""
        if before is None or not before.is_close:
            return 0.0
        until = after.first if after else self.shot.end
        frames = min(before.hold_frames(self.rate), max(0, until - before.end))
        return math.log(self.composition.closeness(before.view)) * frames / self.rate

    def _candidates(self, events: Sequence[ScreenEvent], start: int) -> Iterator[tuple[int, ScreenStretch]]:
        """Stretches that begin with an event, each with the number of the event after it: whole, or close to some."""
        stretch = self._stretch(events[start])
        yield start + 1, replace(stretch, view=self.whole, worth=0.0, is_widened=stretch.is_close)
        for end in range(start + 1, min(start + _MOST_EVENTS, len(events)) + 1):
            if not stretch.is_close:
                return
            yield end, stretch
            if end == len(events) or not stays_close(stretch, after := self._stretch(events[end]), self.rate):
                return
            if _is_along_line(stretch, after):
                return
            stretch = self._joined(stretch, after)

    def _stretch(self, event: ScreenEvent) -> ScreenStretch:
        region = self.composition.visible(Rect(*event.box_px))
        return self._made(event.first_frame, event.end_frame, region, (event.kind,), event.text_height_px)

    def _cost(self, before: ScreenStretch | None, after: ScreenStretch | None) -> float:
        """What the way from one stretch to the next costs; None: the shot's begin or end."""
        if before is None or after is None:
            inner = before or after
            return _MOVE * (inner is not None and inner.is_close and not self._is_outermost(before, after))
        if before.view == after.view:
            return 0.0
        if not stays_close(before, after, self.rate):
            return _MOVE * (before.is_close + after.is_close)
        if _is_along_line(before, after):
            return _MOVE
        chosen = before.is_close or before.is_widened  # else the whole screen had to be shown
        soon = chosen and after.is_close and after.first - before.first < SOON_S * self.rate
        idle = before.view.contains(after.region) and before.view.width < _WORTHWHILE * after.view.width
        return _MOVE + _HASTE * (soon or idle) + _UNSEEN * self._unseen_s(before, after)

    def _is_outermost(self, before: ScreenStretch | None, after: ScreenStretch | None) -> bool:
        if after is not None:
            return is_at_edge(after.first - self.shot.first, self.rate)
        assert before is not None
        return is_at_edge(self.shot.end - before.end - before.hold_frames(self.rate), self.rate)

    def _unseen_s(self, before: ScreenStretch, after: ScreenStretch) -> float:
        """Seconds in which what happens is out of view because the camera is on its way from one view to the other."""
        if before.view.contains(after.region) or after.view.contains(before.region):
            overlap = before.end - after.first
            return max(0.0, overlap / self.rate)
        ramp_s = move_seconds(before.view, after.view)
        return max(0.0, ramp_s + (before.end - after.first) / self.rate)

    def _joined(self, one: ScreenStretch, other: ScreenStretch) -> ScreenStretch:
        kinds = tuple(dict.fromkeys((*one.kinds, *other.kinds)))
        text_px = min(one.text_px, other.text_px)
        return self._made(one.first, max(one.end, other.end), union(one.region, other.region), kinds, text_px)

    def _made(
        self, first: int, end: int, region: Rect, kinds: tuple[ScreenEventKind, ...], text_px: float
    ) -> ScreenStretch:
        view = self.composition.view(region, self._keyboard_top(first, end), text_px)
        worth = math.log(self.composition.closeness(view)) * (end - first) / self.rate
        return ScreenStretch(first, end, region, view, worth if view != self.whole else 0.0, kinds, text_px)

    def _keyboard_top(self, first: int, end: int) -> float | None:
        """The highest upper edge of the on-screen keyboard in some frames, if it is known."""
        at = self.keyboard.keyboard_frame
        known = self.keyboard.keyboard_top_px[max(0, int((at <= first).sum()) - 1) : int((at < end).sum())]
        return float(known.min()) if len(known) else None


def _is_along_line(before: ScreenStretch, after: ScreenStretch) -> bool:
    """Whether a camera goes along with a caret: from one part of a line to the next, and no closer."""
    rows = [(at.region.top, at.region.height, at.view.top, at.view.height) for at in (before, after)]
    return rows[0] == rows[1] and before.end == after.first and before.view != after.view


def _clipped(event: ScreenEvent, shot: Shot) -> ScreenEvent:
    """The part of an event inside the shot."""
    first, end = max(event.first_frame, shot.first), min(event.end_frame, shot.end)
    return replace(event, first_frame=first, end_frame=end)


def _is_brief_popup(event: ScreenEvent, rate: float) -> bool:
    return event.kind is ScreenEventKind.POPUP and event.end_frame - event.first_frame < _SHORT_POPUP_S * rate


def _is_passed_over(event: ScreenEvent, events: Sequence[ScreenEvent]) -> bool:
    """Whether others, that matter more and are as sure, go on for most of an event's time."""
    busy = np.zeros(event.end_frame - event.first_frame, np.bool_)
    for other in events:
        if _leads(other, event):
            busy[max(0, other.first_frame - event.first_frame) : max(0, other.end_frame - event.first_frame)] = True
    return 2 * int(busy.sum()) >= len(busy)


def _leads(leader: ScreenEvent, event: ScreenEvent) -> bool:
    """Whether an event matters more than another one, and is as sure."""
    if leader.kind not in _BY_RANK or event.kind not in _BY_RANK:
        return False
    return _BY_RANK.index(leader.kind) > _BY_RANK.index(event.kind) and leader.confidence >= event.confidence
