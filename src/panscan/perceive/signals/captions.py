"""Captions: lines of writing at one place, one after another.

A caption that gives way to the next after a second or two does not stand long enough to be told from a picture that
stands still. But its letters appear all at once, and those of the next one appear at the same height, around the same
middle or from the same left edge. Nothing else in a picture does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, takewhile

import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.strokes import Box, Mask, fineness, overlap, place_of, strokes_per_row, union

_AROUND_PX = (25, 9)  # of the view: width and height of the surroundings in which edges are counted: some letters
_DENSE = 0.2  # share of the surroundings that are edges which came to stand: at random, fewer come to stand
_ROW_SHARE = 0.15  # of the edges in a line's fullest row: rows with fewer are beside it
_LEAST_HEIGHT_PX, _MOST_HEIGHT = 8, 0.2  # of the view; share of its height: two lines of large letters
_LEAST_SHAPE = 2.0  # width by height of a line: two words
_LEAST_STROKES, _FULL_STROKES = 5.0, 8.0  # per row: of two words; of a line, which counts in full
_LEAST_FINENESS = 0.5  # letters have 1 to 2
_STILL_THERE = 0.5  # share of its edges that still stand, as of other overlays
_LONGEST_S = 7.0  # that a line stands: guidelines allow subtitles no more
_PAUSE_S = 10.0  # between two lines of a run: after a longer silence another run begins
_PART_GAP = 2.0  # line heights between parts of a line: letters that two lines have in common stand all the time
_SAME_HEIGHT_PX = 2  # of the view, by which top, middle or bottom of lines differ: letters are of several heights
_TWO_LINES = 2.6  # a caption of two lines by one of a single line, with the gap between lines
_SAME_MIDDLE, _SAME_LEFT = 0.03, 0.01  # share of the width, by which lines that are centred, or flush left, differ
_SHIFT_PX = 3  # of the view, by which a sign has moved when it comes to stand again
_SAME_WRITING = 0.3  # correlation from which two lines are one and the same: different captions reach 0.3, mostly 0.2
_LEAST_LINES = 2.0  # in a run, each counting as much as it has strokes


@dataclass(slots=True, eq=False)
class Line:
    """A line of writing, or two close ones, while it stands.

    Attributes
    ----------
    box : (int, int, int, int)
        Left, top, width, height in view px.
    mask : ndarray of bool
        Its edges, inside the box.
    first, last : int
        Numbers of the samples in which it was seen first and last.
    strokes : float
        Edges met per row.
    score : float
        How surely it is a caption, 0..1.
    """

    box: Box
    mask: Mask
    first: int
    last: int
    strokes: float
    score: float = 0.0


class CaptionFinder:
    """Collects lines of writing that appear at once; which of them are captions is known at the end."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._open: list[Line] = []

    def look(self, sample: int, edges: Mask, stands: Mask, fresh: Mask) -> None:
        """Follow the lines that stand, and add those that came to stand.

        Parameters
        ----------
        sample : int
            Number of the sample.
        edges, stands, fresh : ndarray of bool (h, w)
            All edges; those that stand since the sample before; those of these that did not stand until then.
        """
        self._open = [line for line in self._open if stands[place_of(line.box)][line.mask].mean() >= _STILL_THERE]
        for line in self._open:
            line.last = sample
        for box in _dense_boxes(fresh):
            strokes = strokes_per_row(edges[place_of(box)])
            if strokes >= _LEAST_STROKES and fineness(strokes, box[2], box[3]) >= _LEAST_FINENESS:
                found = Line(box, fresh[place_of(box)].copy(), sample - 1, sample, strokes)
                self._lines.append(found)
                self._open.append(found)

    def captions(self, time_s: npt.NDArray[np.float64], width: int) -> list[Line]:
        """The lines that are captions, in order of appearance.

        Parameters
        ----------
        time_s : ndarray (n,)
            When each sample was taken.
        width : int
            Width of the view, px.
        """
        brief = [line for line in self._lines if time_s[line.last] - time_s[line.first] <= _LONGEST_S]
        found = []
        for run in _runs(_join_parts(brief), time_s, width):
            by_sample = {line.first: min(1.0, line.strokes / _FULL_STROKES) for line in run}
            evidence = sum(by_sample.values())
            if evidence >= _LEAST_LINES:
                for line in run:
                    line.score = min(1.0, evidence / (2 * _LEAST_LINES))
                found += run
        return sorted(found, key=lambda line: (line.first, line.box))


def _dense_boxes(fresh: Mask) -> Iterator[Box]:
    """Boxes as long as a line and dense with edges that came to stand."""
    import cv2

    marked = fresh.view(np.uint8)
    if not cv2.countNonZero(marked):
        return
    dense = (cv2.blur(marked * np.uint8(255), _AROUND_PX) > 255 * _DENSE).view(np.uint8)
    outlines, _ = cv2.findContours(dense, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for left, top, width, height in map(cv2.boundingRect, outlines):
        inside = fresh[top : top + height, left : left + width]
        per_row = inside.sum(axis=1)
        rows = np.flatnonzero(per_row >= max(1.0, _ROW_SHARE * per_row.max()))
        columns = np.flatnonzero(inside.any(axis=0))
        if not len(rows) or not len(columns):
            continue
        box = (left + int(columns[0]), top + int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
        if _LEAST_HEIGHT_PX <= box[3] <= _MOST_HEIGHT * len(fresh) and box[2] >= _LEAST_SHAPE * box[3]:
            yield box


def _join_parts(lines: list[Line]) -> list[Line]:
    """Lines whose parts came to stand in one sample or two neighbouring ones, made whole; in order of appearance."""
    joined: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.first, line.box)):
        for other in reversed(joined):
            if other.first < line.first - 1:
                joined.append(line)
                break
            across, down = overlap(line.box, other.box)
            low = min(line.box[3], other.box[3])
            if down > 0.6 * low and -across < _PART_GAP * max(line.box[3], other.box[3]):
                _add_part(other, line)
                break
        else:
            joined.append(line)
    return joined


def _add_part(line: Line, part: Line) -> None:
    box = union(line.box, part.box)
    mask = np.zeros((box[3], box[2]), np.bool_)
    for own in (line, part):
        left, top, width, height = own.box
        mask[top - box[1] :, left - box[0] :][:height, :width] |= own.mask
    line.box, line.mask, line.last = box, mask, max(line.last, part.last)
    line.strokes = max(line.strokes, part.strokes)


def _runs(lines: list[Line], time_s: npt.NDArray[np.float64], width: int) -> Iterator[list[Line]]:
    """Lines of which each follows another, in order of appearance."""
    running: list[list[Line]] = []
    for line in lines:
        own, others = [], []
        for run in running:
            recent = _seen_since(run, time_s[line.first] - _PAUSE_S, time_s)
            if not recent:
                yield run
            elif any(_follows(line, other, width) for other in recent):
                own.append(run)
            else:
                others.append(run)
        running = [*others, [*sorted(chain(*own), key=lambda other: other.last), line]]
    yield from running


def _seen_since(run: list[Line], since_s: float, time_s: npt.NDArray[np.float64]) -> list[Line]:
    return list(takewhile(lambda line: time_s[line.last] >= since_s, reversed(run)))


def _follows(line: Line, other: Line, width: int) -> bool:
    """Whether a line takes the place of another one that goes."""
    if line.first == other.first or line.first < other.last - 1:
        return False
    (left, top, wide, high), (x, y, w, h) = line.box, other.box
    apart = min(abs(top - y), abs(top + high - y - h), abs(top + high / 2 - y - h / 2))
    centred = abs(left + wide / 2 - x - w / 2) <= _SAME_MIDDLE * width
    flush = abs(left - x) <= _SAME_LEFT * width
    at_its_place = apart <= _SAME_HEIGHT_PX and max(high, h) <= _TWO_LINES * min(high, h) and (centred or flush)
    return at_its_place and _correlation(line, other) < _SAME_WRITING


def _correlation(line: Line, other: Line) -> float:
    """How much the edges of two lines are alike where both are, -1..1, wherever a small shift makes them most alike."""
    import cv2

    (left, top, _, _), (x, y, _, _) = line.box, other.box
    wide, high = overlap(line.box, other.box)
    if wide <= 0 or high <= 0:
        return 0.0
    left_of_both, top_of_both = max(left, x), max(top, y)
    mine = line.mask[top_of_both - top :, left_of_both - left :][:high, :wide]
    room = np.pad(other.mask, _SHIFT_PX)[top_of_both - y :, left_of_both - x :]
    room = room[: high + 2 * _SHIFT_PX, : wide + 2 * _SHIFT_PX]
    if mine.all() or not mine.any():
        return 0.0
    alike = cv2.matchTemplate(room.astype(np.float32), mine.astype(np.float32), cv2.TM_CCOEFF_NORMED)
    return float(alike.max())
