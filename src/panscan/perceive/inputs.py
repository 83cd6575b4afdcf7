"""What a log of mouse and keyboard says, put in place of what was seen of it.

A log knows when and where somebody clicked, pointed and scrolled, and when keys were pressed; the picture knows where
that was written, and what came up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from panscan.model.geometry import Size
from panscan.model.input_log import InputKind, InputLog
from panscan.model.media import Media
from panscan.model.perception import FloatArray, Perception, ScreenEvent, ScreenEventKind, ScreenEvents

_NEAR_S = 0.3  # by which what is seen may be later than what is done: an application answers within a quarter second
_CLICK_S = 0.2  # that a click lasts: a button is lit for about as long
_PAUSE_S = 0.6  # of the pointer or the wheel, after which another move begins
_TRAVEL = 0.03  # share of the shorter side that a pointer goes, at least: a hand on a mouse trembles
_AROUND = 0.1  # share of the shorter side: width and height of what is shown of a click, where no button is seen
_DOUBTED = 0.5  # factor of the confidence of typing during which no key was pressed

_LOGGED: dict[ScreenEventKind, InputKind] = {
    ScreenEventKind.CLICK: "click",
    ScreenEventKind.POINTER: "move",
    ScreenEventKind.SCROLL: "scroll",
}

Box = tuple[float, float, float, float]


def with_inputs(perception: Perception, media: Media, log: InputLog) -> Perception:
    """A perception whose screen events are corrected by a log.

    Parameters
    ----------
    perception : Perception
    media : Media
    log : InputLog

    Returns
    -------
    Perception
        The same one where no screen events were measured.
    """
    name = next((name for name, value in perception.signals.items() if isinstance(value, ScreenEvents)), None)
    if name is None:
        return perception
    seen: ScreenEvents = perception.signals[name]
    corrected = _corrected(seen, log, float(media.video.rate), media.video.display_size, media.frame_count)
    digest = blake2b(perception.digest.encode(), digest_size=8)
    for column in (log.time_s, log.kind, log.point_px):
        digest.update(column.tobytes())
    return replace(perception, digest=digest.hexdigest(), signals={**perception.signals, name: corrected})


def _corrected(seen: ScreenEvents, log: InputLog, rate: float, size: Size, frame_count: int) -> ScreenEvents:
    keys_s, _ = log.of_kind("key")
    kept = [_weighed(event, keys_s, rate) for event in seen if not _is_logged(event, log)]
    done = [*_clicks(seen, log, rate, size), *_moves(log, rate, size), *_scrolls(seen, log, rate, size)]
    inside = [event for event in done if 0 <= event.first_frame < frame_count]
    return _events([*kept, *inside], seen, frame_count)


def _is_logged(event: ScreenEvent, log: InputLog) -> bool:
    """Whether a log knows better than the picture."""
    told = _LOGGED.get(event.kind)
    return told is not None and bool(len(log.of_kind(told)[0]))


def _weighed(event: ScreenEvent, keys_s: FloatArray, rate: float) -> ScreenEvent:
    """Typing, sure where keys were pressed and doubted where none were; all else as it is."""
    if event.kind != ScreenEventKind.TYPING or not len(keys_s):
        return event
    first_s, end_s = event.first_frame / rate - _NEAR_S, event.end_frame / rate
    pressed = bool(np.any((keys_s >= first_s) & (keys_s < end_s)))
    return replace(event, confidence=1.0 if pressed else event.confidence * _DOUBTED)


def _clicks(seen: ScreenEvents, log: InputLog, rate: float, size: Size) -> Iterator[ScreenEvent]:
    buttons = [event for event in seen if event.kind == ScreenEventKind.CLICK]
    for time_s, point in zip(*log.of_kind("click"), strict=True):
        if np.isfinite(point).all():
            first = round(time_s * rate)
            near = [b.box_px for b in buttons if abs(b.first_frame - first) <= _NEAR_S * rate and _holds(b, point)]
            box = near[0] if near else _around(point, point, _AROUND * min(size.width, size.height), size)
            yield ScreenEvent(ScreenEventKind.CLICK, first, first + max(1, round(_CLICK_S * rate)), box)


def _holds(event: ScreenEvent, point: FloatArray) -> bool:
    left, top, width, height = event.box_px
    return bool(left <= point[0] <= left + width and top <= point[1] <= top + height)


def _moves(log: InputLog, rate: float, size: Size) -> Iterator[ScreenEvent]:
    shorter = min(size.width, size.height)
    for times_s, points in _runs(*log.of_kind("move")):
        low, high = points.min(axis=0), points.max(axis=0)
        if float(np.hypot(*(high - low))) >= _TRAVEL * shorter:
            first, end = round(times_s[0] * rate), round(times_s[-1] * rate) + 1
            yield ScreenEvent(ScreenEventKind.POINTER, first, end, _around(low, high, _TRAVEL * shorter, size))


def _scrolls(seen: ScreenEvents, log: InputLog, rate: float, size: Size) -> Iterator[ScreenEvent]:
    areas = [event for event in seen if event.kind == ScreenEventKind.SCROLL]
    times_s, points = log.of_kind("scroll")
    for turned_s, _ in _runs(times_s, np.nan_to_num(points)):
        first, end = round(turned_s[0] * rate), round(turned_s[-1] * rate) + 1
        late = _NEAR_S * rate
        near = [area for area in areas if area.first_frame <= end + late and first <= area.end_frame + late]
        box = near[0].box_px if near else (0.0, 0.0, float(size.width), float(size.height))
        yield ScreenEvent(ScreenEventKind.SCROLL, first, max([end, *(area.end_frame for area in near)]), box)


def _runs(times_s: FloatArray, points: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Stretches without a longer pause, of what has a place."""
    placed = np.isfinite(points).all(axis=1)
    times_s, points = times_s[placed], points[placed]
    ends = np.flatnonzero(np.diff(times_s) > _PAUSE_S) + 1
    for rows in np.split(np.arange(len(times_s)), ends):
        if len(rows):
            yield times_s[rows], points[rows]


def _around(low: FloatArray, high: FloatArray, air_px: float, size: Size) -> Box:
    """The box of two corners with air around it, inside the picture."""
    limits = np.array([size.width, size.height], np.float64)
    start, end = np.clip(low - air_px / 2, 0, limits - 1), np.clip(high + air_px / 2, 1, limits)
    left, top, width, height = (float(side) for side in (*start, *(end - start)))
    return left, top, width, height


def _events(events: list[ScreenEvent], seen: ScreenEvents, frame_count: int) -> ScreenEvents:
    kinds = list(ScreenEventKind)
    events = sorted(events, key=lambda event: (event.first_frame, event.kind, event.box_px))

    def column(values: list[Any], kind: Any) -> Any:
        return np.array(values, kind)

    return replace(
        seen,
        kind=column([kinds.index(event.kind) for event in events], np.int64),
        first_frame=column([event.first_frame for event in events], np.int64),
        end_frame=column([min(event.end_frame, frame_count) for event in events], np.int64),
        box_px=column([event.box_px for event in events], np.float64).reshape(-1, 4),
        confidence=column([event.confidence for event in events], np.float64),
        text_height_px=column([event.text_height_px for event in events], np.float64),
    )
