"""Typing: fresh letters come one after another on one line, or a caret blinks.

A pointer leaves nothing fresh behind, a clock changes in place, a bar that fills has no strokes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.strokes import Box, intersection_over_union, overlap, union

_HEIGHT = (4, 0.1)  # px of the view; share of its shorter side, of what changes: a dot; a caret of a phone's form
_SAME_LINE = 0.6  # share of the lower one's height that is beside the other
_HIGHER = 2.2  # by how much a blob may be higher than the line: a letter with a caret by letters without
_ONE_LINE = 1.5  # line heights of a change that is on one line alone
_REACH = 6.0  # line heights to the left or right of what changed before: a word that is completed
_PAUSE_S = 2.5  # after which other typing begins
_FRESH = (4, 0.02)  # px, and share of the line height squared, that a letter leaves: a comma
_SOLID = 0.8  # share of its box that is fresh, from which a blob is no letter but a bar that fills
_STEP = (2.0, 0.12)  # px, and line heights, by which a right end advances: the thinnest letter
_ADVANCES = 2  # three letters: less is anything
_LETTERS = 3.0  # line heights: the longest advance that is letters, of a fast typist between two samples
_FASTEST = 9.0  # line heights per second: half as fast again as the fastest typists
_ONE_WAY = 2.5  # of these in the mean, before they turn from forth to back: at random it is two
_MOSTLY = 0.4  # share of the advances that are letters: others are words that are completed, or lines gone back
_CLEARER = 0.15  # of confidence: two letters more
_BLINK_S = (0.25, 0.85)  # between two changes of a caret
_BLINKS = 4  # two seconds
IDLE, BRIEF = 0.4, 0.2  # confidence of a caret that only blinks: nothing may ever be written; less than two seconds
_THIN = 0.6  # width by height of a caret: block cursors are wider and seen as they advance
_SAME_PLACE = 0.6  # intersection over union of a caret with itself


@dataclass(slots=True)
class _Line:
    """A line on which things change; its box and its changes so far."""

    box: Box
    blobs: list[Blob] = field(default_factory=list)

    def height(self) -> float:
        return float(np.median([blob.box[3] for blob in self.blobs[-15:]]))

    def takes(self, blob: Blob) -> bool:
        """Whether a blob is on this line."""
        height = self.height()
        last = self.blobs[-1].box
        across, down = overlap(self.box, blob.box)
        beside = min(down, overlap(last, blob.box)[1]) >= _SAME_LINE * min(last[3], blob.box[3])
        return beside and -across <= _REACH * height and blob.box[3] <= _HIGHER * height

    def add(self, blob: Blob) -> None:
        self.blobs.append(blob)
        self.box = union(self.box, blob.box)


def find_writing(
    blobs: Sequence[Sequence[Blob]], time_s: Sequence[float], size_px: tuple[int, int]
) -> list[FoundEvent]:
    """Typing, and carets that blink, among blobs by sample."""
    return [
        event
        for line in _lines(blobs, time_s, size_px)
        for event in (*_typed(line, time_s), *_slow(line, time_s), *_carets(line, time_s))
    ]


def most_likely(events: Sequence[FoundEvent]) -> list[FoundEvent]:
    """Typing, where that which goes on beside clearer typing is doubted: what is typed often appears elsewhere, too."""
    return [
        replace(event, confidence=event.confidence / 2)
        if any(
            other.first <= event.last and event.first <= other.last and other.confidence >= event.confidence + _CLEARER
            for other in events
        )
        else event
        for event in events
    ]


def _lines(blobs: Sequence[Sequence[Blob]], time_s: Sequence[float], size_px: tuple[int, int]) -> list[_Line]:
    lines: list[_Line] = []
    running: list[_Line] = []
    for sample, found in enumerate(blobs):
        running = [line for line in running if time_s[sample] - time_s[line.blobs[-1].sample] <= _PAUSE_S]
        for blob in found:
            if not _HEIGHT[0] <= blob.box[3] <= _HEIGHT[1] * min(size_px):
                continue
            own = next((line for line in reversed(running) if line.takes(blob)), None)
            if own is None:
                own = _Line(blob.box)
                lines.append(own)
                running.append(own)
            own.add(blob)
    return lines


def _typed(line: _Line, time_s: Sequence[float]) -> Iterator[FoundEvent]:
    """Bursts of fresh letters."""
    height = line.height()
    least_px = max(_FRESH[0], _FRESH[1] * height**2)
    fresh = [blob for blob in line.blobs if blob.fresh_px >= least_px]
    bursts: list[list[Blob]] = []
    for blob in fresh:
        near = [burst for burst in bursts if _goes_on(burst[-1], blob, height, time_s)]
        own = min(near, key=lambda burst: abs(blob.right - burst[-1].right), default=None)
        if own is None:
            bursts.append([blob])
        elif abs(blob.right - own[-1].right) >= _least_step(height):
            own.append(blob)
    for burst in bursts:
        if _is_writing(burst, height):
            yield _event(burst, line, time_s)


def _goes_on(last: Blob, blob: Blob, height: float, time_s: Sequence[float]) -> bool:
    """Whether a fresh blob may be the next letter after another one: near, and soon."""
    apart = abs(blob.right - last.right)
    return apart <= _REACH * height and time_s[blob.sample] - time_s[last.sample] <= _PAUSE_S


def _least_step(height: float) -> float:
    return max(_STEP[0], _STEP[1] * height)


def _goes_one_way(steps: npt.NDArray[np.int64]) -> bool:
    """Whether letters are written, or erased, one after another, rather than changed here and there."""
    turns = int(np.count_nonzero(np.diff(np.sign(steps))))
    return turns == 0 or len(steps) >= _ONE_WAY * (turns + 1)


def _slow(line: _Line, time_s: Sequence[float]) -> Iterator[FoundEvent]:
    """A caret that blinks at one place of a line and then at another: what is typed there comes with a menu or so."""
    runs = [run for run in _blinks(line, time_s) if len(run) > 1]
    for run, later in pairwise(runs):
        step = abs(later[-1].right - run[-1].right)
        soon = time_s[later[0].sample] - time_s[run[-1].sample] <= _PAUSE_S
        if soon and step >= _least_step(line.height()):
            box, height = union(run[-1].box, later[-1].box), float(later[-1].box[3])
            yield FoundEvent(ScreenEventKind.TYPING, run[-1].sample, later[0].sample, box, 0.6, height)


def _event(burst: Sequence[Blob], line: _Line, time_s: Sequence[float]) -> FoundEvent:
    """Typing; or a drag, where text is marked faster than anybody types."""
    first, last, height = burst[0].sample, burst[-1].sample, line.height()
    steps = np.abs(np.diff([blob.right for blob in burst]))
    lines_s = float(np.sum(steps[steps <= _LETTERS * height])) / height / (time_s[last] - time_s[first])
    kind = ScreenEventKind.TYPING if lines_s <= _FASTEST else ScreenEventKind.DRAG
    confidence = min(0.95, 0.5 + 0.1 * (len(burst) - 2))
    letters = tuple((blob.sample, blob.box) for blob in burst)
    return FoundEvent(kind, first, last, _box_of(burst, line), confidence, height, letters=letters)


def _is_writing(burst: Sequence[Blob], height: float) -> bool:
    """Whether fresh blobs on a line are letters that are written or erased: not all of them at once."""
    right = np.array([blob.right for blob in burst])
    steps = np.diff(right)
    if len(steps) < _ADVANCES or float(np.ptp(right)) < height / 2 or burst[0].sample == burst[-1].sample:
        return False
    letters = steps[np.abs(steps) <= _LETTERS * height]
    is_solid = float(np.median([blob.fill * blob.fresh for blob in burst])) > _SOLID
    return not is_solid and len(letters) >= _MOSTLY * len(steps) and _goes_one_way(letters)


def _box_of(burst: Sequence[Blob], line: _Line) -> Box:
    """Around what is written, and what is written and erased at once.

    With its first letter, a cursor may leave another line, which is left out.
    """
    height, box = line.height(), reduce(union, (blob.box for blob in burst))
    during = range(burst[0].sample, burst[-1].sample + 1)
    far = _LETTERS * height
    near = [b.box for b in line.blobs if b.sample in during and box[0] <= b.box[0] and b.right <= box[0] + box[2] + far]
    left, _, width, _ = reduce(union, near, box)
    flat = [blob.box for blob in burst if blob.box[3] <= _ONE_LINE * height]
    _, top, _, tall = reduce(union, flat) if flat else box
    return left, top, width, tall


def _carets(line: _Line, time_s: Sequence[float]) -> Iterator[FoundEvent]:
    """A caret that blinks at one place."""
    for run in _blinks(line, time_s):
        if len(run) > 1:
            last, confidence = run[-1], IDLE if len(run) >= _BLINKS else BRIEF
            height = float(last.box[3])
            yield FoundEvent(ScreenEventKind.TYPING, run[0].sample, last.sample, last.box, confidence, height)


def _blinks(line: _Line, time_s: Sequence[float]) -> Iterator[list[Blob]]:
    """Thin blobs that come and go at one place, place by place."""
    thin = [blob for blob in line.blobs if blob.box[2] <= max(2.0, _THIN * blob.box[3])]
    run: list[Blob] = thin[:1]
    for blob in thin[1:]:
        apart_s = time_s[blob.sample] - time_s[run[-1].sample]
        same = intersection_over_union(run[-1].box, blob.box) >= _SAME_PLACE
        if same and apart_s < _BLINK_S[0]:
            continue  # some carets fade
        if same and apart_s <= _BLINK_S[1]:
            run.append(blob)
            continue
        yield run
        run = [blob]
    yield run
