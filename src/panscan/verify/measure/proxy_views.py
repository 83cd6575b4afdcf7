"""Small views of the cells of one picture, and how they are compared."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from panscan.model.framing import EDGE_SLACK_PX, SHADOW_DROP_SHARE, SHADOW_SIGMA_SHARE, Cell, Framing
from panscan.model.geometry import Rect, Size
from panscan.verify.measure.crop_views import averaged_view
from panscan.verify.measure.planes import Gray, Mask, Plane
from panscan.verify.measure.similarity import difference_and_likeness, fit_gain_and_lift, mean_and_spread
from panscan.verify.measure.tilted_views import ROUNDED_SHARE, inner_box, is_warped, picture_of, small_tilted_view

MIN_SIDE_PX = 16  # of a view, and the fewest px that are compared
_LONG_SIDE_PX = 160  # of the canvas: grain and compression are averaged out
# Levels. A row of px belongs to a bar if it is darker than the first, has a smaller standard deviation than the second,
# and is darker than expected by the third; at the end of a bar there is a step of the fourth.
_BAR_LEVEL, _BAR_SPREAD_LEVELS, _BAR_DARKER_LEVELS, _BAR_STEP_LEVELS = 40.0, 4.0, 2.0, 4.0
_MIN_SPREAD_LEVELS = 4  # standard deviation from which gain and lift can be separated
# px of a view that are averaged across and down before levels are compared, and the fewest of these averages.
_COARSE, _MIN_COARSE_PX = 4, 8
_MIN_LEVELS_LIKENESS = 0.9  # correlation: less alike pictures are not the same, and have no common levels
# Luma weights of red and blue by the matrix number of ITU-T H.273: BT.709, BT.601 twice, BT.2020 twice.
_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_BLACK_LEVEL, _LUMA_LEVELS = 16, 219  # of limited range in 8 bits (ITU-R BT.709)
_MIN_STEP_POWER = 1e-4  # squared levels: neighbours that differ by less are equal
_HIGHLIGHT_SHARE = 0.02  # of the px: single specks are not a picture's brightness
_HIGHEST_LEVEL = 255

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


def visible_box(framing: Framing, number: int, crop: Rect, frame: int = 0) -> tuple[float, float, float, float]:
    """The largest part of a cell that shows its crop of the source and that no later cell covers.

    frame: at which the cell is looked at, if it is tilted.

    Returns
    -------
    left, top, right, bottom : float
        px of the canvas, from the cell's corner.
    """
    cell = framing.cells[number]
    left, top, right, bottom = _shown_box(cell, framing, crop, frame)
    for other in framing.cells[number + 1 :]:
        over = _overlap(cell, other)
        if min(over[2], right) <= max(over[0], left) or min(over[3], bottom) <= max(over[1], top):
            continue
        sides = (
            (left, top, min(over[0], right), bottom),
            (max(over[2], left), top, right, bottom),
            (left, top, right, min(over[1], bottom)),
            (left, max(over[3], top), right, bottom),
        )
        left, top, right, bottom = max(sides, key=lambda box: max(0, box[2] - box[0]) * max(0, box[3] - box[1]))
    return left, top, right, bottom


def _shown_box(cell: Cell, framing: Framing, crop: Rect, frame: int) -> tuple[float, float, float, float]:
    """The part of a cell that shows the source, without what round corners take away."""
    if cell.camera.is_tilted:
        return inner_box(picture_of(cell, framing, frame), framing.corner_radius_px)
    source, x, y = framing.source, cell.size.width / crop.width, cell.size.height / crop.height
    slack = EDGE_SLACK_PX - framing.corner_radius_px * ROUNDED_SHARE
    left, right = max(0.0, (-crop.left - slack) * x), min(cell.size.width, (source.width + slack - crop.left) * x)
    top, bottom = max(0.0, (-crop.top - slack) * y), min(cell.size.height, (source.height + slack - crop.top) * y)
    return left, top, right, bottom


def _overlap(cell: Cell, other: Cell) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of a cell under another one, in px of the cell."""
    left, top = other.left_px - cell.left_px, other.top_px - cell.top_px
    right, bottom = left + other.size.width, top + other.size.height
    return max(0, left), max(0, top), min(right, cell.size.width), min(bottom, cell.size.height)


def expected_proxy_views(plane: Plane, framing: Framing, media_frame: int) -> ProxyViews:
    """What the cells should show, from the luma of a source picture."""
    views = []
    for n, cell in enumerate(framing.cells):
        size = proxy_size(cell.size, framing.canvas)
        view, inside = _proxy_view(plane, cell, framing, media_frame, size)
        views.append((view, inside & uncovered_mask(framing, n, size)))
    return views


def _proxy_view(
    plane: Plane, cell: Cell, framing: Framing, media_frame: int, size: tuple[int, int]
) -> tuple[Gray, Mask]:
    """The small view of one cell, and a mask of its px that show the source and none of its round corners."""
    if is_warped(cell, framing):
        view, inside = small_tilted_view(plane, picture_of(cell, framing, media_frame), size)
    else:
        crop = cell.crop_at(media_frame, framing.source)
        across, down = plane.width / framing.source.width, plane.height / framing.source.height
        box = (crop.left * across, crop.top * down, crop.width * across, crop.height * down)
        view, inside = averaged_view(plane, box, size)
    if framing.corner_radius_px:
        beside_x, beside_y = _beside_source(cell, framing, media_frame, size, -framing.corner_radius_px)
        inside = inside & ~(beside_x & beside_y)
    return view, inside


def _beside_source(
    cell: Cell, framing: Framing, media_frame: int, size: tuple[int, int], margin_px: float
) -> tuple[Mask, Mask]:
    """Which px (height, width) of a small view lie left or right, and above or below, of the source.

    margin_px: so far beyond its edges at least; negative: or so near to them; display px.
    """
    picture = picture_of(cell, framing, media_frame)
    x, y = picture.positions((0.0, 0.0, float(cell.size.width), float(cell.size.height)), size)
    # Half a px more on either side, because kernels read beyond the edge.
    px = (1.5 * picture.crop.width / size[0], 1.5 * picture.crop.height / size[1])
    reach = (margin_px + px[0], margin_px + px[1]) if margin_px >= 0 else (margin_px - px[0], margin_px - px[1])
    source = framing.source
    return (x < -reach[0]) | (x > source.width + reach[0]), (y < -reach[1]) | (y > source.height + reach[1])


def output_proxy_views(plane: Plane, framing: Framing | None) -> ProxyViews:
    """The cells of one output picture, from its luma; the whole of it where nothing is expected."""
    if framing is None:
        size = Size(plane.width, plane.height)
        return [averaged_view(plane, (0, 0, size.width, size.height), proxy_size(size, size))]
    boxes = [(cell.left_px, cell.top_px, cell.size.width, cell.size.height) for cell in framing.cells]
    sizes = [proxy_size(cell.size, framing.canvas) for cell in framing.cells]
    return [averaged_view(plane, box, size) for box, size in zip(boxes, sizes, strict=True)]


def with_masks(views: ProxyViews, expected: ProxyViews | None) -> ProxyViews:
    """Views of an output picture with the masks of the expected ones: a background tells nothing of the source."""
    if expected is None or [view.shape for view, _ in views] != [view.shape for view, _ in expected]:
        return views
    return [(view, mask) for (view, _), (_, mask) in zip(views, expected, strict=True)]


def background_mask(cell: Cell, framing: Framing, media_frame: int, size: tuple[int, int]) -> Mask:
    """Mask of the cell's px (height, width, at `size`) that show the background beside the source and its shadow."""
    shadow = (3 * SHADOW_SIGMA_SHARE + SHADOW_DROP_SHARE) * min(framing.source.width, framing.source.height)
    across, down = _beside_source(cell, framing, media_frame, size, shadow if framing.has_shadow else 0.0)
    return across | down


def background_level(background: str, matrix: int, is_full_range: bool) -> float | None:
    """Luma of a framing's background on the scale of 8 bits; None for a blurred picture."""
    if background == "blur":
        return None
    channels = [int(background[n : n + 2], 16) / 255 for n in (1, 3, 5)] if background.startswith("#") else [0.0] * 3
    red, blue = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS[1])
    luma = red * channels[0] + (1 - red - blue) * channels[1] + blue * channels[2]
    return 255 * luma if is_full_range else _BLACK_LEVEL + _LUMA_LEVELS * luma


def distance(a: ProxyViews, b: ProxyViews) -> tuple[float, float]:
    """Rms difference and correlation where both show the source; infinity between different layouts."""
    if [view.shape for view, _ in a] != [view.shape for view, _ in b]:
        return float("inf"), 0.0
    one, two = common_px(a, b)
    return (0.0, 1.0) if one.size < MIN_SIDE_PX else difference_and_likeness(one, two)


def common_px(*all_views: ProxyViews) -> tuple[Gray, ...]:
    """The px that show the source in all of some views of one layout: an array (n,) for each of them."""
    rows: list[list[Gray]] = [[] for _ in all_views]
    for cells in zip(*all_views, strict=True):
        mask = cells[0][1]
        for _, other in cells[1:]:
            mask = mask & other
        every = bool(mask.all())
        for found, (view, _) in zip(rows, cells, strict=True):
            found.append(view.reshape(-1) if every else view[mask])
    return tuple(np.concatenate(found) if len(found) > 1 else found[0] for found in rows)


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
    if output.shape != expected.shape:
        return 1.0, 0.0
    a, b = (_coarse(view, mask) for view in (expected, output))
    if a.size < _MIN_COARSE_PX:
        return 1.0, 0.0
    mean, spread = mean_and_spread(a)
    if spread < _MIN_SPREAD_LEVELS:
        return 1.0, mean_and_spread(b)[0] - mean
    gain, lift, like = fit_gain_and_lift(a, b)
    return (gain, lift) if like >= _MIN_LEVELS_LIKENESS else (1.0, 0.0)


def _coarse(view: Gray, mask: Mask) -> Gray:
    """The px of a view that show the source, averaged: detail that was lost to compression is no lost contrast."""
    size = (max(1, view.shape[1] // _COARSE), max(1, view.shape[0] // _COARSE))
    small = np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.float32)
    shown = np.True_ if mask.all() else cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) == 1
    return np.asarray(small[shown], np.float32)


def highlight_level(view: Gray) -> float:
    """The whole level that 2 % of the px exceed."""
    count = np.bincount(np.clip(view, 0, _HIGHEST_LEVEL).astype(np.uint8).reshape(-1))
    return float(np.searchsorted(np.cumsum(count), (1 - _HIGHLIGHT_SHARE) * view.size))


def bar_depths(view: Gray, expected: Gray | None = None) -> tuple[float, float, float, float]:
    """Depth of the dark even bar at each edge (left, top, right, bottom), as a share of the width or height.

    With `expected`, only what is darker than that.
    """
    other = view if expected is None else expected
    sides = ((view.T, other.T), (view, other), (view.T[::-1], other.T[::-1]), (view[::-1], other[::-1]))
    least = -np.inf if expected is None else _BAR_DARKER_LEVELS
    left, top, right, bottom = (_bar_depth(lines, wanted, least) for lines, wanted in sides)
    return left, top, right, bottom


def _bar_depth(lines: Gray, wanted: Gray, least_darker: float) -> float:
    if lines[0].max() >= _BAR_LEVEL:  # nearly always
        return 0.0
    dark = (lines.max(axis=1) < _BAR_LEVEL) & (lines.std(axis=1) < _BAR_SPREAD_LEVELS)
    dark &= wanted.mean(axis=1) - lines.mean(axis=1) > least_darker
    depth = int(np.argmin(dark)) if not dark.all() else len(dark)
    # Without a step at its end it is a dark scene, not a bar.
    if 0 < depth < len(dark) and float(lines[depth:].mean()) - float(lines[:depth].mean()) < _BAR_STEP_LEVELS:
        depth = 0
    return depth / len(dark)


def widest_bars(found: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Of several cells the widest bar at each edge."""
    left, top, right, bottom = (max(depths) for depths in zip(*found, strict=True))
    return left, top, right, bottom
