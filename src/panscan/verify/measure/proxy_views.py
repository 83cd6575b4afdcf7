"""Small views of the cells of one picture, and how they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.measure.planes import Gray, Mask, expected_view, reduced_luma, samples
from panscan.verify.measure.similarity import fit_gain_and_lift, mean_and_spread, rms

MIN_SIDE_PX = 16  # of a view, and the fewest px that are compared
_LONG_SIDE_PX = 160  # of the canvas: grain and compression are averaged out
_SOURCE_LONG_SIDE_PX = 1280  # of the small source picture at most, whatever the crop
_FINER = 3  # expected views are sampled this many times finer, and then averaged as the output is
# Levels. A row of px belongs to a bar if it is darker than the first, has a smaller standard deviation than the second,
# and is darker than expected by the third; at the end of a bar there is a step of the fourth.
_BAR_LEVEL, _BAR_SPREAD_LEVELS, _BAR_DARKER_LEVELS, _BAR_STEP_LEVELS = 40.0, 4.0, 2.0, 4.0
_FLAT_LEVELS = 0.03  # standard deviation: flatter views have no correlation
_MIN_SPREAD_LEVELS = 4  # standard deviation from which gain and lift can be separated
_MIN_LEVELS_LIKENESS = 0.9  # correlation: less alike pictures are not the same, and have no common levels
# Luma weights of red and blue by the matrix number of ITU-T H.273: BT.709, BT.601 twice, BT.2020 twice.
_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_BLACK_LEVEL, _LUMA_LEVELS = 16, 219  # of limited range in 8 bits (ITU-R BT.709)
_MIN_STEP_POWER = 1e-4  # squared levels: neighbours that differ by less are equal
_HIGHLIGHT_PERCENTILE = 98  # single specks are not a picture's brightness

ProxyViews = list[tuple[Gray, Mask]]  # one small view per cell, and which px of it show the source


def proxy_size(cell: Size, canvas: Size) -> tuple[int, int]:
    """Size (width, height) of the view of a cell."""
    factor = min(1.0, _LONG_SIDE_PX / max(canvas.width, canvas.height))
    return max(MIN_SIDE_PX, round(cell.width * factor)), max(MIN_SIDE_PX, round(cell.height * factor))


def uncovered_mask(framing: Framing, number: int, size: tuple[int, int]) -> Mask:
    """Mask of the cell's px (height, width, at `size`) that no later cell covers."""
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


def source_size(framing: Framing) -> Size:
    """The size of the small source picture: large enough for the clip's tightest crop."""
    factor = min(1.0, _FINER * _LONG_SIDE_PX / max(framing.canvas.width, framing.canvas.height))
    closest = max(max(cell.camera.scale) for cell in framing.cells) * factor
    long_side = max(framing.source.width, framing.source.height)
    closest = min(closest, 1.0, _SOURCE_LONG_SIDE_PX / long_side)
    return Size(max(8, round(framing.source.width * closest)), max(8, round(framing.source.height * closest)))


def expected_proxy_views(small: Gray, framing: Framing, media_frame: int) -> ProxyViews:
    """What the cells should show, from a small picture of the source."""
    views = []
    density = (small.shape[1] / framing.source.width, small.shape[0] / framing.source.height)
    for n, cell in enumerate(framing.cells):
        crop = cell.crop_at(media_frame, framing.source)
        width, height = proxy_size(cell.size, framing.canvas)
        # Sampling once would add an error larger than the difference between neighbouring frames.
        finer = (width * _FINER, height * _FINER)
        view, inside = expected_view(small, (crop.left, crop.top, crop.width, crop.height), density, finer)
        view = np.asarray(cv2.resize(view, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        whole = inside.reshape(height, _FINER, width, _FINER).all(axis=(1, 3))
        views.append((view, whole & uncovered_mask(framing, n, (width, height))))
    return views


def background_mask(cell: Cell, framing: Framing, media_frame: int, size: tuple[int, int]) -> Mask:
    """Mask of the cell's px (height, width, at `size`) that lie beside the source and show the background."""
    crop, source = cell.crop_at(media_frame, framing.source), framing.source
    x = crop.left + crop.width * np.arange(size[0] + 1) / size[0]
    y = crop.top + crop.height * np.arange(size[1] + 1) / size[1]
    # One px more, because kernels read beyond the edge.
    margin = (crop.width / size[0], crop.height / size[1])
    across = (x[1:] < -margin[0]) | (x[:-1] > source.width + margin[0])
    down = (y[1:] < -margin[1]) | (y[:-1] > source.height + margin[1])
    return across[None, :] | down[:, None]


def background_level(background: str, matrix: int, is_full_range: bool) -> float | None:
    """Luma of a framing's background on the scale of 8 bits; None for a blurred picture."""
    if background == "blur":
        return None
    channels = [int(background[n : n + 2], 16) / 255 for n in (1, 3, 5)] if background.startswith("#") else [0.0] * 3
    red, blue = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS[1])
    luma = red * channels[0] + (1 - red - blue) * channels[1] + blue * channels[2]
    return 255 * luma if is_full_range else _BLACK_LEVEL + _LUMA_LEVELS * luma


def output_proxy_views(frame: Any, framing: Framing | None) -> ProxyViews:
    """The cells of one output picture; the whole of it where nothing is expected."""
    if framing is None or (len(framing.cells) == 1 and framing.cells[0].size == framing.canvas):
        canvas = Size(frame.width, frame.height)
        view = reduced_luma(frame, proxy_size(canvas, canvas))
        return [(view, np.ones(view.shape, np.bool_))]
    views = []
    whole = samples(frame, 0)
    for cell in framing.cells:
        part: Any = whole[cell.top_px : cell.top_px + cell.size.height, cell.left_px : cell.left_px + cell.size.width]
        size = proxy_size(cell.size, framing.canvas)
        if part.size == 0:  # another canvas than expected: a finding of its own
            part = np.zeros((2, 2), whole.dtype)
        view = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
        bits = frame.format.components[0].bits if whole.dtype != np.uint8 else 8
        view /= np.float32(1 << (bits - 8))
        views.append((view, np.ones(view.shape, np.bool_)))
    return views


def distance(a: ProxyViews, b: ProxyViews) -> tuple[float, float]:
    """Rms difference and correlation where both show the source; infinity between different layouts."""
    if [view.shape for view, _ in a] != [view.shape for view, _ in b]:
        return float("inf"), 0.0
    one, two = common_px(a, b)
    if one.size < MIN_SIDE_PX:
        return 0.0, 1.0
    like = (
        fit_gain_and_lift(one, two)[2] if min(mean_and_spread(one)[1], mean_and_spread(two)[1]) > _FLAT_LEVELS else 1.0
    )
    return rms(one, two), like


def common_px(*all_views: ProxyViews) -> tuple[Gray, ...]:
    """The px that show the source in all of some views of one layout: an array (n, 1) for each of them."""
    rows: list[list[Gray]] = [[] for _ in all_views]
    for cells in zip(*all_views, strict=True):
        mask = cells[0][1]
        for _, other in cells[1:]:
            mask = mask & other
        every = bool(mask.all())
        for found, (view, _) in zip(rows, cells, strict=True):
            found.append(view.reshape(-1) if every else view[mask])
    return tuple((np.concatenate(found) if len(found) > 1 else found[0])[:, None] for found in rows)


def lateness(output: ProxyViews, expected: ProxyViews, before: ProxyViews, after: ProxyViews) -> tuple[float, float]:
    """How many pictures late `output` is: a least-squares position on the line from `before` to `after`.

    The second value is the evidence: the mean square (levels squared) of the change by one picture of lateness.
    """
    shapes = [[view.shape for view, _ in views] for views in (output, expected, before, after)]
    if any(shape != shapes[0] for shape in shapes):
        return 0.0, 0.0
    here, wanted, one, two = common_px(output, expected, before, after)
    step = (two - one) / 2
    weight = float(np.vdot(step, step)) / max(1, step.size)
    if weight < _MIN_STEP_POWER:
        return 0.0, 0.0
    return -float(np.vdot(here - wanted, step)) / step.size / weight, weight


def gain_and_lift(output: Gray, expected: Gray, mask: Mask) -> tuple[float, float]:
    """Contrast and brightness of the output against the expected view: output = gain * expected + lift."""
    if output.shape != expected.shape or int(mask.sum()) < MIN_SIDE_PX:
        return 1.0, 0.0
    a, b = common_px([(expected, mask)], [(output, mask)])
    gain, lift, like = fit_gain_and_lift(a, b)
    if mean_and_spread(a)[1] < _MIN_SPREAD_LEVELS:
        return 1.0, float(b.mean() - a.mean())
    return (gain, lift) if like >= _MIN_LEVELS_LIKENESS else (1.0, 0.0)


def highlight_level(view: Gray) -> float:
    """The level that 2 % of the px exceed."""
    return float(np.percentile(view, _HIGHLIGHT_PERCENTILE))


def bar_depths(view: Gray, expected: Gray | None = None) -> tuple[float, float, float, float]:
    """Depth of the dark even bar at each edge (left, top, right, bottom), as a share of the width or height.

    With `expected`, only what is darker than that.
    """
    found = []
    wanted = [None] * 4 if expected is None else [expected.T, expected, expected.T[::-1], expected[::-1]]
    for lines, other in zip((view.T, view, view.T[::-1], view[::-1]), wanted, strict=True):
        dark = (lines.max(axis=1) < _BAR_LEVEL) & (lines.std(axis=1) < _BAR_SPREAD_LEVELS)
        if other is not None:
            dark &= other.mean(axis=1) - lines.mean(axis=1) > _BAR_DARKER_LEVELS
        depth = int(np.argmin(dark)) if not dark.all() else len(dark)
        # Without a step at its end it is a dark scene, not a bar.
        if 0 < depth < len(dark) and float(lines[depth:].mean()) - float(lines[:depth].mean()) < _BAR_STEP_LEVELS:
            depth = 0
        found.append(depth / len(dark))
    return found[0], found[1], found[2], found[3]


def widest_bars(found: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Of several cells the widest bar at each edge."""
    columns = np.max(np.array(found), axis=0)
    return float(columns[0]), float(columns[1]), float(columns[2]), float(columns[3])
