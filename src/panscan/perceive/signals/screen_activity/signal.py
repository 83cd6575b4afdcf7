"""What happens in a screen recording: typing, pointing, scrolling, popups and windows, as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from panscan.model.media import Media
from panscan.model.perception import ScreenEventKind, ScreenEvents
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.screen_activity.classify import classify
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.screen_activity.record import RATE_HZ, ScreenRecord, ScreenRecorder
from panscan.perceive.signals.screen_activity.text_lines import line_height
from panscan.perceive.signals.strokes import Box

_LARGE_PX = 1400  # of the longer side from which a picture is halved, which costs less than any other scale
_LEAST_SIDE_PX = 64  # of the view: in smaller ones nothing can be read
_DRAWN = 0.5  # likeness from which a picture is screen content
_MOVED = 0.01  # share of the height by which a keyboard's edge moves


class ScreenEventsSignal(PictureSignal):
    """Events of screen recordings, from pictures fifteen times a second; camera pictures are not looked at."""

    name: ClassVar[str] = "screen_events"
    version: ClassVar[int] = 8
    lightweight: ClassVar[bool] = True
    produces: ClassVar[type] = ScreenEvents
    depends_on: ClassVar[tuple[str, ...]] = ("screen",)
    options = (_LARGE_PX, RATE_HZ)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(RATE_HZ * rate_factor, media)
        self._media = media
        self._long_side_px = max(media.video.display_size.width, media.video.display_size.height)
        while self._long_side_px > _LARGE_PX:
            self._long_side_px //= 2
        self._screen: Any = None
        self._recorder: ScreenRecorder | None = None
        self._since: int | None = None

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the signal that tells screen content."""
        self._screen = others.get("screen")

    def see(self, picture: PictureLike) -> None:
        """Compare with the sample before, when due and where the screen of a computer is shown."""
        first = picture.frame if self._since is None else self._since
        self._since = first
        if not self._schedule.due(picture.frame):
            return
        self._since = None
        if picture.frame - first > self._schedule.step_frames:
            first = picture.frame  # a recorder that leaves out pictures without changes
        if not self._is_screen(picture.frame):
            return
        grey = np.array(picture.view(self._long_side_px, "gray"))
        if min(grey.shape) < _LEAST_SIDE_PX:
            return
        if self._recorder is None:
            self._recorder = ScreenRecorder(grey.shape[1], grey.shape[0])
        self._recorder.look(picture.frame, first, float(picture.frame / self._media.video.rate), grey)

    def finish(self) -> ScreenEvents:
        """All events; boxes in display px."""
        if self._recorder is None:
            return _events([], None, self._media)
        record = self._recorder.finish()
        return _events(classify(record), record, self._media)

    def _is_screen(self, frame: int) -> bool:
        return self._screen is None or float(self._screen.at(frame)) >= _DRAWN


def _events(found: Sequence[FoundEvent], record: ScreenRecord | None, media: Media) -> ScreenEvents:
    """Events in frames and display px."""
    display = media.video.display_size
    scale = display.width / record.size_px[0] if record else 1.0
    kinds = list(ScreenEventKind)
    boxes = np.array([event.box for event in found], np.float64).reshape(-1, 4) * scale
    size = np.array([display.width, display.height], np.float64)
    boxes[:, 2:] = np.minimum(boxes[:, 2:], size - boxes[:, :2])
    heights = [_text_height(event, record) * scale for event in found if record]
    edges = _keyboard_edges(record) if record else []
    letters = [(record.frame[sample], box) for event in found if record for sample, box in event.letters]
    lines = _new_lines(record) if record else []
    return ScreenEvents(
        kind=np.array([kinds.index(event.kind) for event in found], np.int64),
        first_frame=frames_array([record.first_frame[event.first] for event in found if record]),
        end_frame=frames_array([record.frame[event.last] + 1 for event in found if record]),
        box_px=boxes,
        confidence=np.array([event.confidence for event in found], np.float64),
        text_height_px=np.array(heights, np.float64),
        keyboard_frame=frames_array([frame for frame, _ in edges]),
        keyboard_top_px=np.array([top * display.height for _, top in edges], np.float64),
        letter_frame=frames_array([frame for frame, _ in letters]),
        letter_px=np.array([box for _, box in letters], np.float64).reshape(-1, 4) * scale,
        line_frame=frames_array([frame for frame, _ in lines]),
        line_px=np.array([box for _, box in lines], np.float64).reshape(-1, 4) * scale,
    )


def _text_height(event: FoundEvent, record: ScreenRecord) -> float:
    return event.line_px or line_height(record.lines_at(event.first), event.box)


def _new_lines(record: ScreenRecord) -> list[tuple[int, Box]]:
    """Lines of text with the frame from which they stand: all of a look, where it differs from the one before."""
    looks = [(0, []), *record.lines]
    return [
        (record.frame[sample], line)
        for (_, before), (sample, lines) in pairwise(looks)
        if lines is not before
        for line in lines
    ]


def _keyboard_edges(record: ScreenRecord) -> list[tuple[int, float]]:
    """Frames from which on a keyboard's upper edge is at this share of the height, 1 where there is none."""
    edges: list[tuple[int, float]] = []
    known = 1.0
    looks = [(sample, 1.0 if top is None else top) for sample, top in record.keyboard]
    for (sample, now), (_, later) in pairwise(looks):
        # The balloon over a key hides others for one look.
        if abs(now - known) >= _MOVED and abs(now - later) < _MOVED:
            edges.append((record.frame[sample], now))
            known = now
    return edges
