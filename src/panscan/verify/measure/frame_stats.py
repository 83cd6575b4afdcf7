"""Every picture of the output, made small, against what it should show and against what its neighbours show.

A small picture has no grain and little compression in it, so each picture can be told from the next one wherever
something moves; and it costs little more than the decoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.model.geometry import Size
from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.planes import Gray, reduced_luma
from panscan.verify.measure.proxy_views import (
    LEAST_SIDE_PX,
    ProxyViews,
    background_level,
    background_mask,
    bar_depths,
    distance,
    expected_proxy_views,
    gain_and_lift,
    highlight_level,
    lateness,
    output_proxy_views,
    source_size,
    uncovered_mask,
    widest_bars,
)

_KEPT = 4


@dataclass(slots=True)
class FrameStats:
    """What one picture of the output said; levels of 255, times in pictures.

    Attributes
    ----------
    number : int
        Of the picture.
    clip : int
        Its number.
    error, likeness_to_expected : float
        Root mean square against the expected view, and correlation with it.
    neighbour_differences : (float, float)
        How different the picture before the expected one, and the one after, should look from it.
    neighbour_errors : (float, float)
        Root mean square of the output against these two.
    change, expected_change : float
        Change from the picture before.
    likeness_to_previous, expected_likeness_to_previous : float
        Correlation with the picture before.
    source_change, source_likeness : float
        The same of the whole source picture, whatever the camera does; infinite and 0 between two media.
    light, expected_highlight : float
        The brightness that 2 % of the picture exceed.
    gain, lift : float
        Contrast and brightness against the source.
    late_frames, late_weight : float
        How many pictures late it looks, and how much evidence (squared levels) says so.
    bars, expected_bars : (float, float, float, float)
        Dark even edges as shares of the cell: left, top, right, bottom, the widest of all cells.
    added_bars : (float, float, float, float)
        Those that are darker than they should be.
    background_error : float
        How far the px beside the source are from the background (root mean square).
    """

    number: int
    clip: int
    error: float = 0.0
    likeness_to_expected: float = 1.0
    neighbour_differences: tuple[float, float] = (0.0, 0.0)
    neighbour_errors: tuple[float, float] = (0.0, 0.0)
    change: float = 0.0
    expected_change: float = 0.0
    likeness_to_previous: float = 1.0
    expected_likeness_to_previous: float = 1.0
    source_change: float = 0.0
    source_likeness: float = 1.0
    light: float = 0.0
    expected_highlight: float = 0.0
    gain: float = 1.0
    lift: float = 0.0
    late_frames: float = 0.0
    late_weight: float = 0.0
    bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    expected_bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    added_bars: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    background_error: float = 0.0


class FrameStatsCollector:
    """Fed with each picture of the output in order; `stats` is complete after `finish`."""

    def __init__(self, expectation: Expectation) -> None:
        self.stats: list[FrameStats] = []
        self._expectation = expectation
        self._before: tuple[ProxyViews, ProxyViews | None] | None = None
        self._now: tuple[int, ProxyViews, ProxyViews | None] | None = None
        self._sources: dict[tuple[int, int, Size], Gray] = {}
        self._scene_change = (0.0, 1.0)
        # As fine as the closest crop of any clip of a media needs it.
        self._source_sizes: dict[int, Size] = {}
        for clip in expectation.cut.clips:
            key, size = id(expectation.sources[clip.path]), source_size(clip.framing)
            self._source_sizes[key] = max(size, self._source_sizes.get(key, size), key=lambda s: s.width)

    def add_picture(self, frame: Any, number: int) -> None:
        """Take the next picture; one beyond the expected number is ignored."""
        shown = self._expectation.pictures
        if number >= len(shown):
            return
        expected = self._expected(number)
        place = shown[number]
        framing = self._expectation.framing_of(place) if place else None
        strip = output_proxy_views(frame, framing)
        self._judge(expected)
        self._now = (number, strip, expected)
        self._scene_change = self._change_of_scene(number)

    def finish(self) -> None:
        """The last picture was seen."""
        self._judge(None)
        self._now = None

    def _judge(self, after: ProxyViews | None) -> None:
        """Judge the picture that waits for the expected look of its successor."""
        if self._now is None:
            return
        number, strip, expected = self._now
        place = self._expectation.pictures[number]
        look = FrameStats(number, place.clip if place else -1)
        look.light = max(highlight_level(view) for view, _ in strip)
        look.source_change, look.source_likeness = self._scene_change
        if self._before is not None:
            look.change, look.likeness_to_previous = distance(self._before[0], strip)
        if expected is not None and place is not None:
            self._compare(look, place, strip, expected, after)
        self.stats.append(look)
        self._before = (strip, expected)

    def _compare(
        self,
        look: FrameStats,
        place: ExpectedPicture,
        strip: ProxyViews,
        expected: ProxyViews,
        after: ProxyViews | None,
    ) -> None:
        before = self._before[1] if self._before is not None else None
        if before is not None:
            look.expected_change, look.expected_likeness_to_previous = distance(before, expected)
        look.expected_highlight = max(highlight_level(view) for view, _ in expected)
        fitted = [gain_and_lift(seen, view, mask) for (seen, _), (view, mask) in zip(strip, expected, strict=True)]
        look.gain = float(np.median([gain for gain, _ in fitted]))
        look.lift = float(np.median([lift for _, lift in fitted]))
        seen = [
            ((view - lift) / max(gain, 0.3), mask) for (view, mask), (gain, lift) in zip(strip, fitted, strict=True)
        ]
        look.error, look.likeness_to_expected = distance(seen, expected)
        apart, others = [], []
        for other in (before, after):
            there = distance(seen, other)[0] if other is not None else np.inf
            told = other is not None and np.isfinite(there)
            apart.append(distance(expected, other)[0] if other is not None and told else 0.0)
            others.append(float(there) if told else 0.0)
        look.neighbour_differences, look.neighbour_errors = (apart[0], apart[1]), (others[0], others[1])
        if before is not None and after is not None and self._is_amid(look.number):
            look.late_frames, look.late_weight = lateness(seen, expected, before, after)
        look.background_error = self._off_background(strip, place)
        wanted = [np.where(mask, view, 0) for view, mask in expected]
        look.bars = widest_bars([bar_depths(view) for view, _ in strip])
        look.expected_bars = widest_bars([bar_depths(view) for view in wanted])
        look.added_bars = widest_bars([bar_depths(view, other) for (view, _), other in zip(strip, wanted, strict=True)])

    def _off_background(self, strip: ProxyViews, place: ExpectedPicture) -> float:
        """How far the px beside the source are from the background that was asked for: rms levels, the worst cell."""
        framing = self._expectation.framing_of(place)
        # The movie is coded like the first media of the cut; what has no range and matrix of its own gets the usual.
        tags = self._expectation.sources[self._expectation.cut.clips[0].path].tags
        level = background_level(framing.background, tags.matrix, tags.range == 2 and not tags.is_rgb)
        if level is None:
            return 0.0
        worst = 0.0
        for n, (cell, (view, _)) in enumerate(zip(framing.cells, strip, strict=True)):
            size = (view.shape[1], view.shape[0])
            seen = view[background_mask(cell, framing, place.media_frame, size) & uncovered_mask(framing, n, size)]
            if seen.size >= LEAST_SIDE_PX:
                worst = max(worst, float(np.sqrt(np.mean(np.square(seen - level)))))
        return worst

    def _is_amid(self, number: int) -> bool:
        """Whether the pictures on both sides belong to the same clip and to neighbouring frames of it."""
        around = self._expectation.pictures[number - 1 : number + 2]
        places = [place for place in around if place is not None]
        if len(places) < 3 or len({place.clip for place in places}) > 1:
            return False
        return (
            places[1].source_picture - places[0].source_picture
            == places[2].source_picture - places[1].source_picture
            == 1
        )

    def _expected(self, number: int) -> ProxyViews | None:
        place = self._expectation.pictures[number]
        if place is None:
            return None
        framing = self._expectation.framing_of(place)
        small = self._small_source(place)
        if small is None:
            return None
        return expected_proxy_views(small, framing, place.media_frame)

    def _change_of_scene(self, number: int) -> tuple[float, float]:
        """Rms and correlation of the source pictures of this output picture and the one before."""
        shown = self._expectation.pictures
        here, before = shown[number], shown[number - 1] if number else None
        if here is None or before is None or here.source_picture == before.source_picture:
            return 0.0, 1.0
        if self._expectation.source_of(here) is not self._expectation.source_of(before):
            return float("inf"), 0.0
        views = [self._small_source(place) for place in (before, here)]
        if views[0] is None or views[1] is None or views[0].shape != views[1].shape:
            return 0.0, 1.0
        strips = [[(view[::2, ::2], np.ones(view[::2, ::2].shape, np.bool_))] for view in views if view is not None]
        return distance(strips[0], strips[1])

    def _small_source(self, place: ExpectedPicture) -> Gray | None:
        source = self._expectation.source_of(place)
        size = self._source_sizes[id(source)]
        key = (id(source), place.source_picture, size)
        if key not in self._sources:
            frame = source.frame(place.source_picture)
            if frame is None:
                return None
            turned = source.quarter_turns % 2 == 1
            small = reduced_luma(frame, (size.height, size.width) if turned else (size.width, size.height))
            self._sources[key] = np.ascontiguousarray(np.rot90(small, source.quarter_turns))
            while len(self._sources) > _KEPT:
                del self._sources[next(iter(self._sources))]
        return self._sources[key]
