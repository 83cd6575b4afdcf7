"""What is kept of a screen recording while its pictures come, until all of it is known."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import cv2

from panscan.perceive.signals.screen_activity.ambient import AmbientFinder, AmbientRun
from panscan.perceive.signals.screen_activity.changes import Blob, Grey, changed_px, find_changes, grid_px
from panscan.perceive.signals.screen_activity.keyboard import keyboard_top
from panscan.perceive.signals.screen_activity.shifts import content_shift, explains
from panscan.perceive.signals.screen_activity.text_lines import text_lines
from panscan.perceive.signals.strokes import Box, place_of, union

RATE_HZ = 15.0  # samples a second: a key is pressed every two of them by a fast typist
_STAYS_SAMPLES = 6  # 0.4 s: a pointer has left, a letter has not; shorter than a blink of a caret
_LARGE = 0.02  # share of the picture, of a blob's box: larger ones may scroll
_SMALL = 0.1  # share of the picture up to which it is looked at what stays
_LINES_SAMPLES, _KEYS_SAMPLES = 15, 5  # between looks for lines of text, once a second, and for keys, three times


@dataclass(frozen=True, slots=True, eq=False)
class ScreenRecord:
    """Everything that was collected, sample by sample.

    Attributes
    ----------
    size_px : (int, int)
        Width and height of the view.
    frame : list of int
        At which each sample was taken.
    first_frame : list of int
        At which the changes of each sample may have begun: of the first picture after the sample before.
    time_s : list of float
        Of each sample.
    blobs : list of lists of Blob
        Of each sample.
    spread : list of float
        Share of the picture that is near a change, of each sample.
    lines : list of (int, list of Box)
        Samples at which lines of text were looked for, and these, view px.
    ambient : list of AmbientRun
    keyboard : list of (int, float or None)
        Samples at which a keyboard was looked for, and its upper edge as a share of the height, where one is.
    """

    size_px: tuple[int, int]
    frame: list[int] = field(default_factory=list)
    first_frame: list[int] = field(default_factory=list)
    time_s: list[float] = field(default_factory=list)
    blobs: list[list[Blob]] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    lines: list[tuple[int, list[Box]]] = field(default_factory=list)
    ambient: list[AmbientRun] = field(default_factory=list)
    keyboard: list[tuple[int, float | None]] = field(default_factory=list)

    @property
    def cell_px(self) -> int:
        """Side of a cell of the grid, view px."""
        return grid_px(*self.size_px)

    def lines_at(self, sample: int) -> list[Box]:
        """The lines of text at the first look after a sample, or else at the last one."""
        at = bisect_left(self.lines, sample, key=lambda look: look[0])
        return self.lines[min(at, len(self.lines) - 1)][1] if self.lines else []


class ScreenRecorder:
    """Collects a `ScreenRecord`, picture by picture."""

    def __init__(self, width: int, height: int) -> None:
        """For views of one size, px."""
        self.record = ScreenRecord((width, height))
        cell = self.record.cell_px
        self._ambient = AmbientFinder(max(1, height // cell), max(1, width // cell))
        # Those that are needed to tell what is fresh in the oldest one of which that is not told yet.
        self._greys: deque[Grey] = deque(maxlen=2 * _STAYS_SAMPLES + 2)

    def look(self, frame: int, first_frame: int, time_s: float, grey: Grey) -> None:
        """Receive the next sample."""
        record, sample = self.record, len(self.record.frame)
        record.frame.append(frame)
        record.first_frame.append(first_frame)
        record.time_s.append(time_s)
        self._greys.append(grey)
        self._compare(sample)
        if sample >= _STAYS_SAMPLES:
            self._tell_fresh(sample - _STAYS_SAMPLES)
        if sample % _LINES_SAMPLES == 0:
            same = record.lines and not any(record.spread[record.lines[-1][0] + 1 :])
            record.lines.append((sample, record.lines[-1][1] if same else text_lines(grey)))
        if sample % _KEYS_SAMPLES == 0:
            record.keyboard.append((sample, keyboard_top(grey)))

    def finish(self) -> ScreenRecord:
        """All that was collected."""
        count = len(self.record.frame)
        for sample in range(max(0, count - _STAYS_SAMPLES), count):
            self._tell_fresh(sample)
        self.record.ambient.extend(self._ambient.finish())
        return self.record

    def _compare(self, sample: int) -> None:
        """Find the changes since the sample before."""
        if sample == 0:
            self.record.blobs.append([])
            self.record.spread.append(0.0)
            return
        before, after = self._greys[-2], self._greys[-1]
        changes = find_changes(before, after, sample)
        _find_shifts(before, after, changes.blobs)
        cells, side = changes.cells.copy(), self.record.cell_px
        for blob in changes.blobs:
            if blob.shift_px != (0, 0):  # who scrolls for long does not make a movie of the page
                left, top, width, height = blob.box
                cells[top // side : (top + height) // side + 1, left // side : (left + width) // side + 1] = False
        self._ambient.look(sample, cells)
        kept = self._ambient.outside(changes.blobs, side)
        area = sum(blob.box[2] * blob.box[3] for blob in kept) / after.size
        self.record.blobs.append(kept)
        self.record.spread.append(changes.spread if len(kept) == len(changes.blobs) else min(changes.spread, area))

    def _tell_fresh(self, sample: int) -> None:
        """Count what stays of the changes of a sample, and was otherwise for a while before."""
        newest = len(self.record.frame) - 1
        at = len(self._greys) - 1 - (newest - sample)
        now, later = self._greys[at], self._greys[min(len(self._greys) - 1, at + _STAYS_SAMPLES)]
        before, earlier = self._greys[max(0, at - 1)], self._greys[max(0, at - 1 - _STAYS_SAMPLES)]
        for blob in self.record.blobs[sample]:
            if blob.box[2] * blob.box[3] > _SMALL * now.size:
                continue
            place = place_of(blob.box)
            changed = changed_px(before[place], now[place]) & changed_px(earlier[place], now[place])
            blob.fresh_px = cv2.countNonZero(changed & ~changed_px(later[place], now[place]))


def _find_shifts(before: Grey, after: Grey, blobs: Sequence[Blob]) -> None:
    """Tell by how much the content of blobs moved: as the largest one does, or all of them together."""
    large = [blob.box for blob in blobs if blob.box[2] * blob.box[3] >= _LARGE * after.size]
    if not large:
        return
    for box in (max(large, key=lambda box: box[2] * box[3]), reduce(union, large)):
        shift = content_shift(before[place_of(box)], after[place_of(box)])
        if shift != (0, 0):
            for blob in blobs:
                blob.shift_px = shift if explains(shift, before, after, blob.box) else (0, 0)
            return
