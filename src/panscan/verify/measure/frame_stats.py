"""Every picture of the output, made small, compared with the expected picture and with its neighbours.

Small pictures have no grain and few traces of compression, so neighbours can be distinguished wherever something moves;
and they cost little more than the decoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.model.geometry import Size
from panscan.verify.expectation import Expectation, ExpectedMix, ExpectedPicture
from panscan.verify.measure.blurred_background import blurred_view
from panscan.verify.measure.closer_look import CloserLook
from panscan.verify.measure.mixed_views import CanvasView, canvas_view, flat_view, measured_share, mixed_view
from panscan.verify.measure.planes import Gray, reduced_luma
from panscan.verify.measure.proxy_views import (
    MIN_SIDE_PX,
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

Sides = tuple[CanvasView, CanvasView, float]  # what is mixed, and the share of the second

_KEPT_SOURCES = 4  # small source pictures in memory: the last ones, for neighbours
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
        self._before: tuple[ProxyViews, ProxyViews | None] | None = None
        self._pending: tuple[int, ProxyViews, ProxyViews | None] | None = None
        self._sides: Sides | None = None
        self._sources: dict[tuple[int, int, Size], Gray] = {}
        self._source_change = (0.0, 1.0)
        # By media: large enough for the tightest crop of all its clips.
        self._source_sizes: dict[int, Size] = {}
        for clip in expectation.cut.clips:
            key, size = id(expectation.sources[clip.path]), source_size(clip.framing)
            self._source_sizes[key] = max(size, self._source_sizes.get(key, size), key=lambda s: s.width)

    def add_picture(self, frame: Any, number: int) -> None:
        """Take the next picture; one beyond the expected number is ignored."""
        expected_pictures = self._expectation.pictures
        if number >= len(expected_pictures):
            return
        expected_picture, mix = expected_pictures[number], self._expectation.mixes.get(number)
        sides = self._sides_of(mix) if mix is not None else None
        expected = [mixed_view(*sides)] if sides is not None else self._expected(number)
        framing = self._expectation.framing_of(expected_picture) if expected_picture and mix is None else None
        views = output_proxy_views(frame, framing)
        self._measure_pending(expected)
        self._pending, self._sides = (number, views, expected), sides
        self._source_change = self._source_change_at(number)
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
        stats.source_change, stats.source_likeness = self._source_change
        if self._before is not None:
            stats.change, stats.likeness_to_previous = distance(self._before[0], views)
        if expected is not None and expected_picture is not None:
            self._compare(stats, expected_picture, views, expected, after)
            self._measure_share(stats, expected_picture, views, expected, after)
        self.stats.append(stats)
        self._before = (views, expected)

    def _compare(
        self,
        stats: FrameStats,
        expected_picture: ExpectedPicture,
        views: ProxyViews,
        expected: ProxyViews,
        after: ProxyViews | None,
    ) -> None:
        before = self._before[1] if self._before is not None else None
        if before is not None:
            stats.expected_change, stats.expected_likeness_to_previous = distance(before, expected)
        stats.expected_highlight = max(highlight_level(view) for view, _ in expected)
        fitted = [gain_and_lift(output, view, mask) for (output, _), (view, mask) in zip(views, expected, strict=True)]
        stats.gain = float(np.median([gain for gain, _ in fitted]))
        stats.lift = float(np.median([lift for _, lift in fitted]))
        levelled = [
            ((view - lift) / max(gain, _MIN_GAIN), mask)
            for (view, mask), (gain, lift) in zip(views, fitted, strict=True)
        ]
        stats.error, stats.likeness_to_expected = distance(levelled, expected)
        differences, errors = [], []
        for other in (before, after):
            there = distance(levelled, other)[0] if other is not None else np.inf
            is_comparable = other is not None and np.isfinite(there)
            differences.append(distance(expected, other)[0] if other is not None and is_comparable else 0.0)
            errors.append(float(there) if is_comparable else 0.0)
        stats.neighbour_differences, stats.neighbour_errors = (differences[0], differences[1]), (errors[0], errors[1])
        if before is not None and after is not None and self._is_inside_clip(stats.number):
            stats.late_frames, stats.late_weight = lateness(levelled, expected, before, after)
        if not stats.is_mixed:
            stats.background_error = self._background_error(views, expected_picture)
        wanted = [np.where(mask, view, 0) for view, mask in expected]
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
                found.append(flat_view(self._expectation.cut.canvas, self._level("black")))
            elif there.clip != stats.clip and at not in self._expectation.mixes and views is not None:
                found.append(canvas_view(views, self._expectation.framing_of(there)))
        return found

    def _sides_of(self, mix: ExpectedMix) -> Sides | None:
        """The two views that are mixed, and the share of the second; None where a source has no picture."""
        shown = [self._canvas_view(one) if one is not None else None for one in (mix.before, mix.after)]
        canvas = self._expectation.cut.canvas
        flat = flat_view(canvas, self._level(mix.colour))
        if mix.is_cross:
            return None if shown[0] is None or shown[1] is None else (shown[0], shown[1], mix.shares[1])
        if mix.seen is mix.before:
            return None if shown[0] is None else (shown[0], flat, 1 - mix.shares[0])
        return None if shown[1] is None else (flat, shown[1], mix.shares[1])

    def _canvas_view(self, expected_picture: ExpectedPicture) -> CanvasView | None:
        framing, small = self._expectation.framing_of(expected_picture), self._small_source(expected_picture)
        if small is None:
            return None
        return canvas_view(expected_proxy_views(small, framing, expected_picture.media_frame), framing)

    def _level(self, colour: str) -> float:
        """Luma of a colour in the movie, which is coded as the first media of the cut."""
        tags = self._expectation.sources[self._expectation.cut.clips[0].path].tags
        # RGB has no range of its own and becomes limited.
        return background_level(colour, tags.matrix, tags.range == 2 and not tags.is_rgb) or 0.0

    def _background_error(self, views: ProxyViews, expected_picture: ExpectedPicture) -> float:
        """Difference of the px beside the source from the framing's background: rms levels of the worst cell."""
        framing = self._expectation.framing_of(expected_picture)
        is_blurred = framing.background == "blur"
        small = self._small_source(expected_picture) if is_blurred else None
        if is_blurred and small is None:
            return 0.0
        level = 0.0 if is_blurred else self._level(framing.background)
        worst = 0.0
        for n, (cell, (view, _)) in enumerate(zip(framing.cells, views, strict=True)):
            size = (view.shape[1], view.shape[0])
            beside = background_mask(cell, framing, expected_picture.media_frame, size)
            beside &= uncovered_mask(framing, n, size)
            if np.count_nonzero(beside) < MIN_SIDE_PX:
                continue
            wanted = level if small is None else blurred_view(small, cell, framing, size)[beside]
            worst = max(worst, float(np.sqrt(np.mean(np.square(view[beside] - wanted)))))
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

    def _expected(self, number: int) -> ProxyViews | None:
        expected_picture = self._expectation.pictures[number]
        if expected_picture is None:
            return None
        framing = self._expectation.framing_of(expected_picture)
        small = self._small_source(expected_picture)
        if small is None:
            return None
        return expected_proxy_views(small, framing, expected_picture.media_frame)

    def _source_change_at(self, number: int) -> tuple[float, float]:
        """Rms and correlation of the source pictures of this output picture and the one before."""
        expected_pictures = self._expectation.pictures
        here, before = expected_pictures[number], expected_pictures[number - 1] if number else None
        if here is None or before is None or here.source_picture == before.source_picture:
            return 0.0, 1.0
        if number in self._expectation.mixes or number - 1 in self._expectation.mixes:
            return 0.0, 1.0
        if self._expectation.source_of(here) is not self._expectation.source_of(before):
            return float("inf"), 0.0
        views = [self._small_source(expected_picture) for expected_picture in (before, here)]
        if views[0] is None or views[1] is None or views[0].shape != views[1].shape:
            return 0.0, 1.0
        pair = [[(view[::2, ::2], np.ones(view[::2, ::2].shape, np.bool_))] for view in views if view is not None]
        return distance(pair[0], pair[1])

    def _small_source(self, expected_picture: ExpectedPicture) -> Gray | None:
        source = self._expectation.source_of(expected_picture)
        size = self._source_sizes[id(source)]
        key = (id(source), expected_picture.source_picture, size)
        if key not in self._sources:
            frame = source.frame(expected_picture.source_picture)
            if frame is None:
                return None
            turned = source.quarter_turns % 2 == 1
            small = reduced_luma(frame, (size.height, size.width) if turned else (size.width, size.height))
            self._sources[key] = source.upright(small)
            while len(self._sources) > _KEPT_SOURCES:
                del self._sources[next(iter(self._sources))]
        return self._sources[key]
