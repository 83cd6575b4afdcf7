"""Every picture of the output, made small, against what it should show and against what its neighbours show.

A small picture has no grain and little compression in it, so each picture can be told from the next one wherever
something moves; and it costs little more than the decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.expectation import Expectation, Shown
from panscan.verify.planes import Gray, Mask, expected_view, reduced, samples

_LONG_SIDE_PX = 160
_LEAST_SIDE_PX = 16
_SOURCE_LONG_SIDE_PX = 640
_KEPT = 4
_BAR_LEVEL, _BAR_SPREAD = 40.0, 4.0

Strip = list[tuple[Gray, Mask]]  # one small view per cell, and which px of it show the source


@dataclass(slots=True)
class Look:
    """What one picture of the output said; levels of 255, times in pictures.

    error: rms against the expected view; apart, others: for the picture before and the one after the expected one,
    how different it should look, and rms of the output against it; step, expected_step: change from the picture
    before; likeness, expected_likeness: correlation with it; light, expected_light: the brightness that 2 % exceed;
    gain, lift: contrast and brightness against the source; bars, expected_bars: dark even edges as shares of the cell
    (left, top, right, bottom; the widest of all cells). scene_step, scene_likeness: change of the whole source
    picture, whatever the camera does; infinite and 0 between two media.
    """

    number: int
    clip: int
    error: float = 0.0
    apart: tuple[float, float] = (0.0, 0.0)
    others: tuple[float, float] = (0.0, 0.0)
    step: float = 0.0
    expected_step: float = 0.0
    likeness: float = 1.0
    expected_likeness: float = 1.0
    scene_step: float = 0.0
    scene_likeness: float = 1.0
    light: float = 0.0
    expected_light: float = 0.0
    gain: float = 1.0
    lift: float = 0.0
    bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    expected_bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class Walk:
    """Fed with each picture of the output in order; `looks` is complete after `finish`."""

    def __init__(self, expectation: Expectation) -> None:
        self.looks: list[Look] = []
        self._expectation = expectation
        self._before: tuple[Strip, Strip | None] | None = None
        self._now: tuple[int, Strip, Strip | None] | None = None
        self._sources: dict[tuple[int, int, Size], Gray] = {}
        self._scene_change = (0.0, 1.0)
        # As fine as the closest crop of any clip of a media needs it.
        self._source_sizes: dict[int, Size] = {}
        for clip in expectation.cut.clips:
            key, size = id(expectation.sources[clip.path]), _source_size(clip.framing)
            self._source_sizes[key] = max(size, self._source_sizes.get(key, size), key=lambda s: s.width)

    def see(self, frame: Any, number: int) -> None:
        """Take the next picture; one beyond the expected number is ignored."""
        shown = self._expectation.shown
        if number >= len(shown):
            return
        expected = self._expected(number)
        place = shown[number]
        framing = self._expectation.framing_of(place) if place else None
        strip = _output_strip(frame, framing)
        self._judge(expected)
        self._now = (number, strip, expected)
        self._scene_change = self._change_of_scene(number)

    def finish(self) -> None:
        """The last picture was seen."""
        self._judge(None)
        self._now = None

    def _judge(self, after: Strip | None) -> None:
        """Judge the picture that waits for the expected look of its successor."""
        if self._now is None:
            return
        number, strip, expected = self._now
        place = self._expectation.shown[number]
        look = Look(number, place.clip if place else -1)
        look.light = max(_light(view) for view, _ in strip)
        look.scene_step, look.scene_likeness = self._scene_change
        if self._before is not None:
            look.step, look.likeness = _distance(self._before[0], strip)
        if expected is not None and place is not None:
            self._compare(look, strip, expected, after)
        self.looks.append(look)
        self._before = (strip, expected)

    def _compare(self, look: Look, strip: Strip, expected: Strip, after: Strip | None) -> None:
        before = self._before[1] if self._before is not None else None
        if before is not None:
            look.expected_step, look.expected_likeness = _distance(before, expected)
        look.expected_light = max(_light(view) for view, _ in expected)
        levels = [_levels(seen, view, mask) for (seen, _), (view, mask) in zip(strip, expected, strict=True)]
        look.gain = float(np.median([gain for gain, _ in levels]))
        look.lift = float(np.median([lift for _, lift in levels]))
        seen = [
            ((view - lift) / max(gain, 0.3), mask) for (view, mask), (gain, lift) in zip(strip, levels, strict=True)
        ]
        look.error = _distance(seen, expected)[0]
        apart, others = [], []
        for other in (before, after):
            there = _distance(seen, other)[0] if other is not None else np.inf
            told = other is not None and np.isfinite(there)
            apart.append(_distance(expected, other)[0] if other is not None and told else 0.0)
            others.append(float(there) if told else 0.0)
        look.apart, look.others = (apart[0], apart[1]), (others[0], others[1])
        look.bars = _widest([_bars(view) for view, _ in strip])
        look.expected_bars = _widest([_bars(np.where(mask, view, 0)) for view, mask in expected])

    def _expected(self, number: int) -> Strip | None:
        place = self._expectation.shown[number]
        if place is None:
            return None
        framing = self._expectation.framing_of(place)
        small = self._small_source(place)
        if small is None:
            return None
        strip = []
        density = (small.shape[1] / framing.source.width, small.shape[0] / framing.source.height)
        for n, cell in enumerate(framing.cells):
            crop = cell.crop_at(place.media_frame, framing.source)
            size = thumb_size(cell.size, framing.canvas)
            view, inside = expected_view(small, (crop.left, crop.top, crop.width, crop.height), density, size)
            strip.append((view, inside & uncovered(framing, n, size)))
        return strip

    def _change_of_scene(self, number: int) -> tuple[float, float]:
        """Rms and correlation of the source pictures of this output picture and the one before."""
        shown = self._expectation.shown
        here, before = shown[number], shown[number - 1] if number else None
        if here is None or before is None or here.picture == before.picture:
            return 0.0, 1.0
        if self._expectation.source_of(here) is not self._expectation.source_of(before):
            return float("inf"), 0.0
        views = [self._small_source(place) for place in (before, here)]
        if views[0] is None or views[1] is None or views[0].shape != views[1].shape:
            return 0.0, 1.0
        strips = [[(view[::2, ::2], np.ones(view[::2, ::2].shape, np.bool_))] for view in views if view is not None]
        return _distance(strips[0], strips[1])

    def _small_source(self, place: Shown) -> Gray | None:
        source = self._expectation.source_of(place)
        size = self._source_sizes[id(source)]
        key = (id(source), place.picture, size)
        if key not in self._sources:
            frame = source.frame(place.picture)
            if frame is None:
                return None
            turned = source.turns % 2 == 1
            small = reduced(frame, (size.height, size.width) if turned else (size.width, size.height))
            self._sources[key] = np.ascontiguousarray(np.rot90(small, source.turns))
            while len(self._sources) > _KEPT:
                del self._sources[next(iter(self._sources))]
        return self._sources[key]


def thumb_size(cell: Size, canvas: Size) -> tuple[int, int]:
    """Size (width, height) at which a cell is looked at."""
    factor = min(1.0, _LONG_SIDE_PX / max(canvas.width, canvas.height))
    return max(_LEAST_SIDE_PX, round(cell.width * factor)), max(_LEAST_SIDE_PX, round(cell.height * factor))


def uncovered(framing: Framing, number: int, size: tuple[int, int]) -> Mask:
    """Which px of a cell, at `size`, no later cell lies upon: array (height, width)."""
    cell = framing.cells[number]
    free = np.ones((size[1], size[0]), np.bool_)
    for other in framing.cells[number + 1 :]:
        left, top, right, bottom = _overlap(cell, other)
        if right > left and bottom > top:
            x, y = size[0] / cell.size.width, size[1] / cell.size.height
            free[max(0, int(top * y) - 1) : int(bottom * y) + 2, max(0, int(left * x) - 1) : int(right * x) + 2] = False
    return free


def _overlap(cell: Cell, other: Cell) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of a cell under another one, in px of the cell."""
    left, top = other.left_px - cell.left_px, other.top_px - cell.top_px
    right, bottom = left + other.size.width, top + other.size.height
    return max(0, left), max(0, top), min(right, cell.size.width), min(bottom, cell.size.height)


def _source_size(framing: Framing) -> Size:
    """As fine as the closest crop of the clip needs it."""
    factor = min(1.0, _LONG_SIDE_PX / max(framing.canvas.width, framing.canvas.height))
    closest = max(max(cell.camera.scale) for cell in framing.cells) * factor
    long_side = max(framing.source.width, framing.source.height)
    closest = min(closest, 1.0, _SOURCE_LONG_SIDE_PX / long_side)
    return Size(max(8, round(framing.source.width * closest)), max(8, round(framing.source.height * closest)))


def _output_strip(frame: Any, framing: Framing | None) -> Strip:
    if framing is None or (len(framing.cells) == 1 and framing.cells[0].size == framing.canvas):
        canvas = Size(frame.width, frame.height)
        view = reduced(frame, thumb_size(canvas, canvas))
        return [(view, np.ones(view.shape, np.bool_))]
    strip = []
    whole = samples(frame, 0)
    for cell in framing.cells:
        part: Any = whole[cell.top_px : cell.top_px + cell.size.height, cell.left_px : cell.left_px + cell.size.width]
        size = thumb_size(cell.size, framing.canvas)
        if part.size == 0:  # another canvas than expected: a finding of its own
            part = np.zeros((2, 2), whole.dtype)
        view = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
        bits = frame.format.components[0].bits if whole.dtype != np.uint8 else 8
        view /= np.float32(1 << (bits - 8))
        strip.append((view, np.ones(view.shape, np.bool_)))
    return strip


def _distance(a: Strip, b: Strip) -> tuple[float, float]:
    """Rms difference and correlation where both show the source; infinity between different layouts."""
    if [view.shape for view, _ in a] != [view.shape for view, _ in b]:
        return float("inf"), 0.0
    both = [m & n for (_, m), (_, n) in zip(a, b, strict=True)]
    one = np.concatenate([view[mask] for (view, _), mask in zip(a, both, strict=True)])
    two = np.concatenate([view[mask] for (view, _), mask in zip(b, both, strict=True)])
    if len(one) < _LEAST_SIDE_PX:
        return 0.0, 1.0
    difference = one - two
    spread = float(one.std()) * float(two.std())
    like = float(np.mean((one - one.mean()) * (two - two.mean()))) / spread if spread > 1e-3 else 1.0
    return float(np.sqrt(np.mean(np.square(difference)))), like


def _levels(seen: Gray, expected: Gray, mask: Mask) -> tuple[float, float]:
    """Contrast and brightness of the output against the expected view: seen = gain * expected + lift."""
    if seen.shape != expected.shape or int(mask.sum()) < _LEAST_SIDE_PX:
        return 1.0, 0.0
    a, b = expected[mask], seen[mask]
    spread = float(a.std())
    if spread < 4:
        return 1.0, float(b.mean() - a.mean())
    gain = float(np.mean((a - a.mean()) * (b - b.mean()))) / spread**2
    # Not the same picture: nothing can be said about its levels.
    like = gain * spread / max(float(b.std()), 1e-3)
    if like < 0.9:
        return 1.0, 0.0
    return gain, float(b.mean() - gain * a.mean())


def _light(view: Gray) -> float:
    return float(np.percentile(view, 98))


def _bars(view: Gray) -> tuple[float, float, float, float]:
    """Depth of the dark even strip at each edge, as a share of the width or height."""
    found = []
    for lines in (view.T, view, view.T[::-1], view[::-1]):
        dark = (lines.max(axis=1) < _BAR_LEVEL) & (lines.std(axis=1) < _BAR_SPREAD)
        depth = int(np.argmin(dark)) if not dark.all() else len(dark)
        found.append(depth / len(dark))
    return found[0], found[1], found[2], found[3]


def _widest(bars: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    columns = np.max(np.array(bars), axis=0)
    return float(columns[0]), float(columns[1]), float(columns[2]), float(columns[3])
