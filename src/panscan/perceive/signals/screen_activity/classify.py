"""From what was collected of a whole screen recording to its events."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.ambient import outside_ambient
from panscan.perceive.signals.screen_activity.areas import find_areas, is_large, until_they_go
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.clicks import find_clicks
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.screen_activity.output import with_output
from panscan.perceive.signals.screen_activity.pointing import find_pointing
from panscan.perceive.signals.screen_activity.record import ScreenRecord
from panscan.perceive.signals.screen_activity.text_lines import is_as_high, whole_line
from panscan.perceive.signals.screen_activity.writing import BRIEF, IDLE, find_writing, most_likely
from panscan.perceive.signals.strokes import Box, overlap

_STATUS_BAR = 0.06  # share of a phone's height: clock, battery and marks of recording; more would cut titles of apps
_PORTRAIT = 1.2  # height by width from which a recording is a phone's
_KEYBOARD_LAG = 2  # looks for a keyboard by which it may stand before it is seen, and after
_AT_KEYBOARD = 0.6  # confidence of a caret that blinks above a keyboard
_DRAG_SAMPLES = 2  # before and after a drag, in which the thing is taken up, and let go
_ANSWER_SAMPLES, _ANSWER = 8, 0.4  # half a second after a drag, in which a page answers it; confidence of that
_DIALOG = 0.5  # share of its box that a dialog changes, at least: an answer in place changes some of its letters
_OF_DRAG = 0.8  # share of an area that lies where something is dragged
_UNSETTLED = 0.4  # share of the view near a change: nothing small can be told in such a sample


def classify(record: ScreenRecord) -> list[FoundEvent]:
    """All events, in order of their beginning."""
    time_s, size_px = record.time_s, record.size_px
    blobs = list(outside_ambient(record.blobs, record.ambient, record.cell_px))
    blobs = [_without_bars(record, sample, found) for sample, found in enumerate(blobs)]
    pointing = find_pointing(blobs, time_s, size_px)
    areas = find_areas(pointing.rest, _spread(record, pointing.rest), time_s, size_px)
    drags = [event for event in pointing.events if event.kind == ScreenEventKind.DRAG]
    areas = [_beside_drags(area, drags) for area in areas if not any(_is_of_drag(area, drag) for drag in drags)]
    settled = [_settled(record, found) for found in pointing.rest]
    writing = [_sure_of_caret(record, e) for e in find_writing(settled, time_s, size_px) if _is_text(record, e)]
    writing = [event for event in writing if event.confidence > BRIEF]
    writing = [replace(event, box=whole_line(record.lines_at(event.last), event.box)) for event in writing]
    writing, areas = with_output(most_likely(writing), areas, settled, time_s)
    clicks = find_clicks(settled, pointing.places, time_s, size_px)
    clicks = [e for e in clicks if not _is_inside(e, writing) and not _is_passed(e, pointing.events)]
    events = [*until_they_go(areas, time_s), *pointing.events, *clicks, *writing]
    return sorted(events, key=lambda event: (event.first, event.kind, event.box))


def _is_text(record: ScreenRecord, event: FoundEvent) -> bool:
    return is_as_high(record.lines_at(event.last), event.box, event.line_px)


def _sure_of_caret(record: ScreenRecord, event: FoundEvent) -> FoundEvent:
    """A caret that blinks is where something is written, where a phone's keyboard stands."""
    is_caret = event.confidence <= IDLE
    return replace(event, confidence=_AT_KEYBOARD) if is_caret and _tops_near(record, event.first) else event


def _is_inside(event: FoundEvent, others: list[FoundEvent]) -> bool:
    """Whether an event is a part of one of the others."""
    return any(
        other.first <= event.last and event.first <= other.last and min(overlap(event.box, other.box)) > 0
        for other in others
    )


def _is_of_drag(area: FoundEvent, drag: FoundEvent) -> bool:
    """Whether an area changes because something is dragged there."""
    at_once = drag.first - _DRAG_SAMPLES <= area.first <= drag.last + _DRAG_SAMPLES
    across, down = overlap(area.box, drag.box)
    inside = max(0, across) * max(0, down) >= _OF_DRAG * area.box[2] * area.box[3]
    return area.kind == ScreenEventKind.POPUP and at_once and inside


def _beside_drags(area: FoundEvent, drags: list[FoundEvent]) -> FoundEvent:
    """An area, doubted where it is a page's answer to what is dragged on it, and no dialog."""
    answers = any(drag.first <= area.first <= drag.last + _ANSWER_SAMPLES for drag in drags)
    doubted = answers and area.kind == ScreenEventKind.POPUP and area.fill < _DIALOG
    return replace(area, confidence=_ANSWER) if doubted else area


def _is_passed(click: FoundEvent, moves: list[FoundEvent]) -> bool:
    """Whether a pointer goes over a button, which is lit meanwhile."""
    return any(
        move.first <= click.first and click.last <= move.last and min(overlap(move.box, click.box)) > 0
        for move in moves
    )


def _spread(record: ScreenRecord, blobs: list[list[Blob]]) -> list[float]:
    """Share of the view near a change outside of what is left out."""
    return [
        near if len(kept) == len(all_of_it) else min(near, sum(b.box[2] * b.box[3] for b in kept) / _area(record))
        for near, kept, all_of_it in zip(record.spread, blobs, record.blobs, strict=True)
    ]


def _area(record: ScreenRecord) -> int:
    return record.size_px[0] * record.size_px[1]


def _settled(record: ScreenRecord, blobs: list[Blob]) -> list[Blob]:
    """What may be a letter or a button; nothing while the content moves or changes as a whole."""
    if any(blob.shift_px != (0, 0) for blob in blobs):
        return []
    if sum(blob.box[2] * blob.box[3] for blob in blobs) >= _UNSETTLED * _area(record):
        return []
    return [blob for blob in blobs if not is_large(blob, record.size_px) or blob.box[3] < blob.box[2] / 4]


def _without_bars(record: ScreenRecord, sample: int, blobs: list[Blob]) -> list[Blob]:
    """Blobs outside of a phone's status bar and keyboard."""
    width, height = record.size_px
    if height < _PORTRAIT * width:
        return blobs
    bottom = min(_tops_near(record, sample), default=1.0) * height
    return [blob for blob in blobs if not _is_in_bar(blob.box, _STATUS_BAR * height, bottom)]


def _is_in_bar(box: Box, above: float, below: float) -> bool:
    return box[1] + box[3] <= above or box[1] + box[3] > below


def _tops_near(record: ScreenRecord, sample: int) -> list[float]:
    """Upper edges of the keyboard around a sample, shares of the height."""
    at = bisect_left(record.keyboard, sample, key=lambda look: look[0])
    near = record.keyboard[max(0, at - _KEYBOARD_LAG) : at + _KEYBOARD_LAG]
    return [top for _, top in near if top is not None]
