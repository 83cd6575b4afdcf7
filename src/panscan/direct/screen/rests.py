"""Stretches -> where a camera stands, and when: moves begin before what they show, and wait for what is seen.

A camera is wide, moves in, holds, and releases; where one close view follows another it pans. Here all of these are
rests: the moves lie between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from panscan.direct.screen.composition import Composition, move_seconds, union
from panscan.direct.screen.segments import rests_of_segments
from panscan.direct.screen.stretches import SOON_S, ScreenStretch, is_at_edge, leading_events, stays_close, stretches_of
from panscan.direct.screen.text_edges import clear_of_text
from panscan.direct.screen.typed_lines import parts_of_lines
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.framing import Rest
from panscan.model.geometry import Rect
from panscan.model.perception import ScreenEventKind, ScreenEvents
from panscan.model.plan import PlannedRest, Shot

_WORDS = {
    ScreenEventKind.CLICK: "a click",
    ScreenEventKind.POINTER: "the pointer",
    ScreenEventKind.DRAG: "a drag",
    ScreenEventKind.SCROLL: "scrolling",
    ScreenEventKind.POPUP: "a popup",
    ScreenEventKind.WINDOW: "a window",
}
_WHOLE = "the whole screen"
_SUDDEN = {ScreenEventKind.POPUP, ScreenEventKind.WINDOW}  # they come all at once
_APPEARS = {*_SUDDEN, ScreenEventKind.SCROLL}  # nobody does anything in one place: the whole screen tells it
_QUICK_RELEASE_S = 0.3  # seconds: a window, or what comes outside the view, is not waited for
_LEAST_HOLD_S = 1.2  # seconds that a view stands at least before the camera moves closer


@dataclass(frozen=True, slots=True)
class _Stop:
    """A view and the frames [first, end) in which it is needed; none are where the camera only waits.

    region: what must be seen then, source px. kinds: what happens. is_close: it is closer than the whole screen.
    """

    view: Rect
    first: int
    end: int
    region: Rect
    kinds: tuple[ScreenEventKind, ...] = ()
    is_close: bool = False

    @property
    def reason(self) -> str:
        """What is shown, in words."""
        words = [_WORDS.get(kind, "typing") for kind in self.kinds]
        happens = " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
        return happens if self.is_close else f"{_WHOLE}: {happens}" if happens else _WHOLE

    @property
    def is_sudden(self) -> bool:
        """Whether something comes all at once."""
        return bool(_SUDDEN & {*self.kinds})


def planned_rests(
    context: ShotContext,
    choice: MethodResult,
    composition: Composition,
    *,
    with_whole: bool = True,
    along_lines: bool = False,
) -> tuple[PlannedRest, ...]:
    """Where the camera of a cell stands in a shot, and why.

    Parameters
    ----------
    context : ShotContext
    choice : MethodResult
        What happens on the screen, or what a person decided.
    composition : Composition
        How the views of the cell are composed.
    with_whole : bool
        Whether the camera shows the whole screen when nothing is close; if not, it stays where it was, as another cell
        shows the whole screen.
    along_lines : bool
        Whether the camera goes along a line with the caret where it is much wider than an upright crop.
    """
    shot, rate, events = context.shot, context.rate, choice.events
    if choice.segments or events is None:
        return rests_of_segments(choice.segments, composition, context) or (_waiting(composition.whole, shot),)
    leading = leading_events(events, shot, rate)
    leading = parts_of_lines(leading, events, composition) if along_lines else leading
    stretches = stretches_of(leading, composition, shot, rate, events)
    if with_whole:
        stops = list(_with_whole(stretches, composition.whole, shot, rate))
    else:
        stops = [_stop(stretch) for stretch in stretches if stretch.is_close or _fills(stretch)]
    stops = list(_clear_of_text(_merged(stops), shot, events, composition))
    pace = _Pace(rate, context.preset.lead_s, context.style.move_time)
    return _rests(stops, shot, pace) or (_waiting(composition.whole, shot),)


def _waiting(whole: Rect, shot: Shot) -> PlannedRest:
    return PlannedRest(Rest(shot.first, shot.end, _WHOLE, "cut"), whole)


def _fills(stretch: ScreenStretch) -> bool:
    """Whether something is done that only the whole screen shows; what merely appears is seen in the other cell."""
    return not stretch.is_widened and not _APPEARS & {*stretch.kinds}


def _stop(stretch: ScreenStretch) -> _Stop:
    return _Stop(stretch.view, stretch.first, stretch.end, stretch.region, stretch.kinds, stretch.is_close)


def _with_whole(stretches: Sequence[ScreenStretch], whole: Rect, shot: Shot, rate: float) -> Iterator[_Stop]:
    """The stops, with the whole screen where nothing happens for longer: at the begin, in between, at the end."""
    if stretches and not is_at_edge(stretches[0].first - shot.first, rate):
        yield _Stop(whole, shot.first, shot.first, whole)
    for n, stretch in enumerate(stretches):
        yield _stop(stretch)
        after = stretches[n + 1] if n + 1 < len(stretches) else None
        leaves = min(stretch.end + stretch.hold_frames(rate), shot.end)
        if after is None and is_at_edge(shot.end - leaves, rate):
            return
        if after is None or not stays_close(stretch, after, rate):
            yield _Stop(whole, leaves, leaves, whole)


def _merged(stops: Sequence[_Stop]) -> list[_Stop]:
    """Stops with neighbours of the same view made one."""
    merged: list[_Stop] = []
    for stop in stops:
        if merged and merged[-1].view == stop.view:
            last = merged[-1]
            kinds = tuple(dict.fromkeys((*last.kinds, *stop.kinds)))
            region = union(last.region, stop.region)
            merged[-1] = replace(last, end=max(last.end, stop.end), region=region, kinds=kinds)
        else:
            merged.append(stop)
    return merged


def _clear_of_text(
    stops: Sequence[_Stop], shot: Shot, events: ScreenEvents, composition: Composition
) -> Iterator[_Stop]:
    """The stops, the edges of their close views beside lines of text."""
    for stop, after in zip_longest(stops, stops[1:]):
        frames = (stop.first, after.first if after else shot.end)
        kept = composition.with_air(stop.region)
        view = clear_of_text(stop.view, kept, frames, events, composition) if stop.is_close else stop.view
        yield replace(stop, view=view)


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast things go: frames per second, seconds that a move sets off earlier, and how long it takes, times."""

    rate: float
    lead_s: float
    move_time: float


def _rests(stops: Sequence[_Stop], shot: Shot, pace: _Pace) -> tuple[PlannedRest, ...]:
    """The rests at the stops, with time for moves between; one that would be reached too late is passed over."""
    if not stops:
        return ()
    rests = [_Arrival(stops[0], shot.first, "cut")]
    ends: list[int] = []
    last_move_in, rate = -math.inf, pace.rate
    for stop in stops[1:]:
        before = rests[-1]
        start, length = _move(before.stop, stop, pace)
        latest = shot.end - 1
        start = max(start, before.frame + 1)
        if before.stop.view.contains(stop.region):  # it is seen already: a camera that comes closer may wait
            start = math.ceil(max(start, before.frame + _LEAST_HOLD_S * rate, last_move_in + SOON_S * rate))
            latest = min(latest, stop.end - (math.ceil(_LEAST_HOLD_S * rate) if stop.is_sudden else 0))
        if start + length <= latest:
            last_move_in = start if stop.view.width < before.stop.view.width else last_move_in
            ends.append(start)
            rests.append(_Arrival(stop, start + length, "smootherstep"))
    return tuple(
        PlannedRest(Rest(at.frame, end, at.stop.reason, at.easing), at.stop.view)
        for at, end in zip(rests, [*ends, shot.end], strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A stop and the frame at which the camera has come there."""

    stop: _Stop
    frame: int
    easing: str


def _move(before: _Stop, after: _Stop, pace: _Pace) -> tuple[int, int]:
    """The first frame and the length of the move between two stops, by what must be seen of both.

    If the first view holds what comes, it begins when the first is over, and arrives before the second is. If the
    second holds what was before, it arrives when that begins. Else it lies between the two, or, where there is no time,
    takes as much of each.
    """
    rate = pace.rate
    length = max(1, round(move_seconds(before.view, after.view) * pace.move_time * rate))
    if not after.kinds:
        return after.first, length
    if before.view.contains(after.region):
        return max(before.end, min(after.first - round(pace.lead_s * rate), after.end - length)), length
    if after.is_sudden and after.view.contains(before.region):
        length = min(length, max(1, round(_QUICK_RELEASE_S * rate)))
    start = after.first - length
    if after.view.contains(before.region):
        return start, length
    return start + max(0, before.end - start) // 2, length
