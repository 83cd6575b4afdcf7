"""Lines that are typed and wider than an upright crop: part by part, so that a camera can go along with the caret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from panscan.direct.screen.composition import Composition
from panscan.model.geometry import Rect
from panscan.model.perception import ScreenEvent, ScreenEventKind, ScreenEvents

_WIDE = 2.0  # times an upright crop: a view of a wider line shows its letters less than half as large as the crop
_BEHIND = 0.3  # of the crop: the words just typed, that stay in view when the camera goes on

Span = tuple[float, float]


def parts_of_lines(
    events: Sequence[ScreenEvent], seen: ScreenEvents, composition: Composition
) -> tuple[ScreenEvent, ...]:
    """The events, a line that is typed and much too wide for an upright crop in as many as the crop needs for it."""
    return tuple(part for event in events for part in _parts(event, seen, composition))


def _parts(event: ScreenEvent, seen: ScreenEvents, composition: Composition) -> Iterator[ScreenEvent]:
    crop = composition.upright_width
    is_wide = crop > 0 and composition.view(Rect(*event.box_px)).width > _WIDE * crop
    letters = _letters(event, seen) if is_wide and event.kind is ScreenEventKind.TYPING else []
    if not letters:
        yield event
        return
    room = crop - 2 * composition.air_px
    first, span = event.first_frame, letters[0][1]
    for frame, letter in letters:
        reach = (min(span[0], letter[0]), max(span[1], letter[1]))
        if reach[1] - reach[0] > room and frame > first:
            yield _part(event, first, frame, span)
            first, reach = frame, (letter[1] - _BEHIND * room, letter[1])
        span = (max(reach[0], reach[1] - room), reach[1])
    yield _part(event, first, event.end_frame, span)


def _part(event: ScreenEvent, first: int, end: int, span: Span) -> ScreenEvent:
    """The part of an event in frames [first, end), from left to right in its line."""
    _, top, _, height = event.box_px
    return replace(event, first_frame=first, end_frame=end, box_px=(span[0], top, span[1] - span[0], height))


def _letters(event: ScreenEvent, seen: ScreenEvents) -> list[tuple[int, Span]]:
    """Frames at which letters of a line were typed, and where: their left and right edges, px."""
    _, top, _, height = event.box_px
    middle = seen.letter_px[:, 1] + seen.letter_px[:, 3] / 2
    inside = (seen.letter_frame >= event.first_frame) & (seen.letter_frame < event.end_frame)
    inside &= (middle > top) & (middle < top + height)
    rows = zip(seen.letter_frame[inside].tolist(), seen.letter_px[inside].tolist(), strict=True)
    return sorted((frame, (left, left + width)) for frame, (left, _, width, _) in rows)
