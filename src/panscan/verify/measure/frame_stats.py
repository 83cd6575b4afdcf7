"""Every picture of the output, made small, compared with the expected picture and with its neighbours.

Small pictures have no grain and few traces of compression, so neighbours can be distinguished wherever something moves;
and they cost little more than the decoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.closer_look import CloserLook
from panscan.verify.measure.expected_views import ExpectedViews, Sides
from panscan.verify.measure.mixed_views import CanvasView, canvas_view, flat_view, measured_share
from panscan.verify.measure.planes import luma_plane
from panscan.verify.measure.proxy_views import (
    MIN_SIDE_PX,
    ProxyViews,
    background_mask,
    bar_depths,
    distance,
    gain_and_lift,
    highlight_level,
    lateness,
    output_proxy_views,
    uncovered_mask,
    widest_bars,
    with_masks,
)

_NO_CHANGE = (0.0, 1.0)  # rms difference and correlation
_MIN_GAIN = 0.3  # a picture with less contrast is not divided by its gain, which would enlarge noise


@dataclass(slots=True)
class FrameStats:
    """Measurements of one small output picture against the expected one. Levels are 0..255, differences rms.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut; -1 in a gap.
    is_mixed : bool
        It lies in a dissolve.
    share, expected_share : float, optional
        How much of the later picture is seen in a dissolve, and of the other side of a cut beside it; None where this
        cannot be measured.
    error : float
        Difference from the expected picture.
    likeness_to_expected : float
        Correlation with the expected picture.
    neighbour_differences : tuple of two float
        How much the pictures before and after differ from the expected one.
    neighbour_errors : tuple of two float
        Difference of the output from the pictures before and after the expected one.
    change, expected_change : float
        Difference from the picture before, in the output and as expected.
    likeness_to_previous, expected_likeness_to_previous : float
        Correlation with the picture before.
    source_change, source_likeness : float
        The same for the whole source picture, whatever the camera does; infinity and 0 between two media.
    highlight, expected_highlight : float
        The level that 2 % of the px exceed.
    gain, lift : float
        Contrast, and brightness in levels, against the source.
    late_frames, late_weight : float
        How many pictures late it looks, and the evidence for it (squared levels).
    bars, expected_bars : tuple of four float
        Dark even edges (left, top, right, bottom) as shares of the cell; the widest of all cells.
    added_bars : tuple of four float
        Those that are darker than they should be.
    background_error : float
        Difference of the px beside the source from the background.
    """

    number: int
    clip: int
    is_mixed: bool = False
    share: float | None = None
    expected_share: float = 0.0
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
    highlight: float = 0.0
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
    """Measures each picture of the output, in order.

    Attributes
    ----------
    stats : list of FrameStats
        Complete after `finish`.
    closer_look : CloserLook
        Complete after `finish`.
    """

    def __init__(self, expectation: Expectation) -> None:
        self.stats: list[FrameStats] = []
        self.closer_look = CloserLook(expectation)
        self._expectation = expectation
        self._expected = ExpectedViews(expectation)
        self._before: tuple[ProxyViews, ProxyViews | None] | None = None
        self._pending: tuple[int, ProxyViews, ProxyViews | None] | None = None
        self._sides: Sides | None = None
        self._expected_change = self._source_change = _NO_CHANGE

    def add_picture(self, frame: Any, number: int) -> None:
        """Take the next picture; one beyond the expected number is ignored."""
        expected_pictures = self._expectation.pictures
        if number >= len(expected_pictures):
            return
        expected_picture, mix = expected_pictures[number], self._expectation.mixes.get(number)
        expected, sides = self._expected.at(number)
        framing = self._expectation.framing_of(expected_picture) if expected_picture and mix is None else None
        views = output_proxy_views(luma_plane(frame), framing)
        self._measure_pending(expected)
        self._pending, self._sides = (number, views, expected), sides
        self._source_change = self._expected.source_change(number)
        self.closer_look.add_picture(frame, number, views, expected)

    def finish(self) -> None:
        """Measure the last picture."""
        self._measure_pending(None)
        self._pending = None
        self.closer_look.finish()

    def _measure_pending(self, after: ProxyViews | None) -> None:
        """Measure the picture that waits for the expected picture after it."""
        if self._pending is None:
            return
        number, views, expected = self._pending
        expected_picture = self._expectation.pictures[number]
        is_mixed = number in self._expectation.mixes
        stats = FrameStats(number, expected_picture.clip if expected_picture else -1, is_mixed)
        stats.highlight = max(highlight_level(view) for view, _ in views)
        shown = with_masks(views, expected)
        stats.source_change, stats.source_likeness = self._source_change
        if self._before is not None:
            stats.change, stats.likeness_to_previous = distance(self._before[0], shown)
        if expected is not None and expected_picture is not None:
            self._compare(stats, expected_picture, views, expected, after)
            self._measure_share(stats, expected_picture, views, expected, after)
        self.stats.append(stats)
        self._before = (shown, expected)

    def _compare(
        self,
        stats: FrameStats,
        expected_picture: ExpectedPicture,
        views: ProxyViews,
        expected: ProxyViews,
        after: ProxyViews | None,
    ) -> None:
        before = self._before[1] if self._before is not None else None
        stats.expected_change, stats.expected_likeness_to_previous = self._expected_change
        stats.expected_highlight = max(highlight_level(view) for view, _ in expected)
        fitted = [gain_and_lift(output, view, mask) for (output, _), (view, mask) in zip(views, expected, strict=True)]
        stats.gain = median(gain for gain, _ in fitted)
        stats.lift = median(lift for _, lift in fitted)
        levelled = [
            ((view - lift) / max(gain, _MIN_GAIN), mask)
            for (view, mask), (gain, lift) in zip(views, fitted, strict=True)
        ]
        stats.error, stats.likeness_to_expected = distance(levelled, expected)
        self._expected_change = distance(expected, after) if after is not None else _NO_CHANGE
        neighbours = ((before, stats.expected_change), (after, self._expected_change[0]))
        found = [
            (step, distance(levelled, other)[0]) if other is not None and np.isfinite(step) else (0.0, 0.0)
            for other, step in neighbours
        ]
        stats.neighbour_differences, stats.neighbour_errors = zip(*found, strict=True)
        if before is not None and after is not None and self._is_inside_clip(stats.number):
            stats.late_frames, stats.late_weight = lateness(levelled, expected, before, after)
        if not stats.is_mixed and not all(mask.all() for _, mask in expected):
            stats.background_error = self._background_error(views, expected_picture)
        wanted = [view if mask.all() else np.where(mask, view, 0) for view, mask in expected]
        stats.bars = widest_bars([bar_depths(view) for view, _ in views])
        stats.expected_bars = widest_bars([bar_depths(view) for view in wanted])
        stats.added_bars = widest_bars(
            [bar_depths(view, other) for (view, _), other in zip(views, wanted, strict=True)]
        )

    def _measure_share(
        self,
        stats: FrameStats,
        expected_picture: ExpectedPicture,
        views: ProxyViews,
        expected: ProxyViews,
        after: ProxyViews | None,
    ) -> None:
        """Measure how much a picture in a dissolve, or beside a cut, shows of the other side."""
        if stats.is_mixed:
            if self._sides is not None:
                before_view, after_view, stats.expected_share = self._sides
                stats.share = measured_share(views, [before_view], [after_view])
            return
        others = self._other_sides(stats, after)
        if others:
            framing = self._expectation.framing_of(expected_picture)
            shown, wanted = canvas_view(views, framing), canvas_view(expected, framing)
            found = [measured_share([shown], [wanted], [other]) for other in others]
            stats.share = max((share for share in found if share is not None), key=abs, default=None)

    def _other_sides(self, stats: FrameStats, after: ProxyViews | None) -> list[CanvasView]:
        """What is expected before and after a picture, where a cut lies between."""
        pictures, found = self._expectation.pictures, list[CanvasView]()
        before = self._before[1] if self._before is not None else None
        for at, views in ((stats.number - 1, before), (stats.number + 1, after)):
            there = pictures[at] if 0 <= at < len(pictures) else None
            if there is None:
                found.append(flat_view(self._expectation.cut.canvas, self._expected.level("black")))
            elif there.clip != stats.clip and at not in self._expectation.mixes and views is not None:
                found.append(canvas_view(views, self._expectation.framing_of(there)))
        return found

    def _background_error(self, views: ProxyViews, expected_picture: ExpectedPicture) -> float:
        """Difference of the px beside the source from the framing's background: rms levels of the worst cell."""
        framing = self._expectation.framing_of(expected_picture)
        worst = 0.0
        for n, (cell, (view, _)) in enumerate(zip(framing.cells, views, strict=True)):
            size = (view.shape[1], view.shape[0])
            beside = background_mask(cell, framing, expected_picture.media_frame, size)
            beside &= uncovered_mask(framing, n, size)
            if np.count_nonzero(beside) < MIN_SIDE_PX:
                continue
            wanted = self._expected.background(expected_picture, cell, size)
            if wanted is not None:
                worst = max(worst, float(np.sqrt(np.mean(np.square(view - wanted)[beside]))))
        return worst

    def _is_inside_clip(self, number: int) -> bool:
        """Whether the pictures before and after belong to the same clip, and show neighbouring source pictures."""
        around = self._expectation.pictures[number - 1 : number + 2]
        neighbours = [one for one in around if one is not None]
        if len(neighbours) < 3 or len({one.clip for one in neighbours}) > 1 or self._touches_mix(number):
            return False
        return (
            neighbours[1].source_picture - neighbours[0].source_picture
            == neighbours[2].source_picture - neighbours[1].source_picture
            == 1
        )

    def _touches_mix(self, number: int) -> bool:
        """Whether a picture or one beside it lies in a dissolve."""
        return any(n in self._expectation.mixes for n in (number - 1, number, number + 1))
