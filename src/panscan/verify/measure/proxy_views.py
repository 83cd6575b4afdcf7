"""Small views of the cells of one picture, and how they are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.measure.planes import Gray, Mask, expected_view, reduced_luma, samples
from panscan.verify.measure.similarity import fit_gain_and_lift, mean_and_spread, rms

LEAST_SIDE_PX = 16
_LONG_SIDE_PX = 160
_SOURCE_LONG_SIDE_PX = 1280
_FINER = 3
# A bar is so dark, so even, and so much darker than what should be there (levels).
_BAR_LEVEL, _BAR_SPREAD, _BAR_DARKER, _BAR_STEP = 40.0, 4.0, 2.0, 4.0
_FLAT_LEVELS = 0.03
# Of red and of blue, by the matrix number of ITU-T H.273: BT.709, BT.601 twice, BT.2020 twice.
_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_LEAST_WAY = 1e-4

ProxyViews = list[tuple[Gray, Mask]]  # one small view per cell, and which px of it show the source


def proxy_size(cell: Size, canvas: Size) -> tuple[int, int]:
    """Size (width, height) at which a cell is looked at."""
    factor = min(1.0, _LONG_SIDE_PX / max(canvas.width, canvas.height))
    return max(LEAST_SIDE_PX, round(cell.width * factor)), max(LEAST_SIDE_PX, round(cell.height * factor))


def uncovered_mask(framing: Framing, number: int, size: tuple[int, int]) -> Mask:
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


def source_size(framing: Framing) -> Size:
    """As fine as the closest crop of the clip needs it."""
    factor = min(1.0, _FINER * _LONG_SIDE_PX / max(framing.canvas.width, framing.canvas.height))
    closest = max(max(cell.camera.scale) for cell in framing.cells) * factor
    long_side = max(framing.source.width, framing.source.height)
    closest = min(closest, 1.0, _SOURCE_LONG_SIDE_PX / long_side)
    return Size(max(8, round(framing.source.width * closest)), max(8, round(framing.source.height * closest)))


def expected_proxy_views(small: Gray, framing: Framing, media_frame: int) -> ProxyViews:
    """What the cells should show, from a small picture of the source."""
    strip = []
    density = (small.shape[1] / framing.source.width, small.shape[0] / framing.source.height)
    for n, cell in enumerate(framing.cells):
        crop = cell.crop_at(media_frame, framing.source)
        width, height = proxy_size(cell.size, framing.canvas)
        # Finer, and then averaged as the output is: taken at once, it would differ by more than neighbours in time do.
        finer = (width * _FINER, height * _FINER)
        view, inside = expected_view(small, (crop.left, crop.top, crop.width, crop.height), density, finer)
        view = np.asarray(cv2.resize(view, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        whole = inside.reshape(height, _FINER, width, _FINER).all(axis=(1, 3))
        strip.append((view, whole & uncovered_mask(framing, n, (width, height))))
    return strip


def background_mask(cell: Cell, framing: Framing, media_frame: int, size: tuple[int, int]) -> Mask:
    """Which px of a cell, at `size`, lie beside the source, where the background is seen: array (height, width)."""
    crop, source = cell.crop_at(media_frame, framing.source), framing.source
    x = crop.left + crop.width * np.arange(size[0] + 1) / size[0]
    y = crop.top + crop.height * np.arange(size[1] + 1) / size[1]
    # A px more: kernels reach over the edge.
    margin = (crop.width / size[0], crop.height / size[1])
    across = (x[1:] < -margin[0]) | (x[:-1] > source.width + margin[0])
    down = (y[1:] < -margin[1]) | (y[:-1] > source.height + margin[1])
    return across[None, :] | down[:, None]


def background_level(background: str, matrix: int, is_full_range: bool) -> float | None:
    """Brightness of a framing's background on the scale of 8 bits; None for a blurred picture."""
    if background == "blur":
        return None
    channels = [int(background[n : n + 2], 16) / 255 for n in (1, 3, 5)] if background.startswith("#") else [0.0] * 3
    red, blue = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS[1])
    light = red * channels[0] + (1 - red - blue) * channels[1] + blue * channels[2]
    return 255 * light if is_full_range else 16 + 219 * light


def output_proxy_views(frame: Any, framing: Framing | None) -> ProxyViews:
    """The cells of one output picture; the whole of it where nothing is expected."""
    if framing is None or (len(framing.cells) == 1 and framing.cells[0].size == framing.canvas):
        canvas = Size(frame.width, frame.height)
        view = reduced_luma(frame, proxy_size(canvas, canvas))
        return [(view, np.ones(view.shape, np.bool_))]
    strip = []
    whole = samples(frame, 0)
    for cell in framing.cells:
        part: Any = whole[cell.top_px : cell.top_px + cell.size.height, cell.left_px : cell.left_px + cell.size.width]
        size = proxy_size(cell.size, framing.canvas)
        if part.size == 0:  # another canvas than expected: a finding of its own
            part = np.zeros((2, 2), whole.dtype)
        view = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
        bits = frame.format.components[0].bits if whole.dtype != np.uint8 else 8
        view /= np.float32(1 << (bits - 8))
        strip.append((view, np.ones(view.shape, np.bool_)))
    return strip


def distance(a: ProxyViews, b: ProxyViews) -> tuple[float, float]:
    """Rms difference and correlation where both show the source; infinity between different layouts."""
    if [view.shape for view, _ in a] != [view.shape for view, _ in b]:
        return float("inf"), 0.0
    one, two = common_px(a, b)
    if one.size < LEAST_SIDE_PX:
        return 0.0, 1.0
    like = (
        fit_gain_and_lift(one, two)[2] if min(mean_and_spread(one)[1], mean_and_spread(two)[1]) > _FLAT_LEVELS else 1.0
    )
    return rms(one, two), like


def common_px(*strips: ProxyViews) -> tuple[Gray, ...]:
    """The px of some strips of one layout that show the source in all of them: arrays (n, 1)."""
    rows: list[list[Gray]] = [[] for _ in strips]
    for cells in zip(*strips, strict=True):
        mask = cells[0][1]
        for _, other in cells[1:]:
            mask = mask & other
        every = bool(mask.all())
        for found, (view, _) in zip(rows, cells, strict=True):
            found.append(view.reshape(-1) if every else view[mask])
    return tuple((np.concatenate(found) if len(found) > 1 else found[0])[:, None] for found in rows)


def lateness(seen: ProxyViews, expected: ProxyViews, before: ProxyViews, after: ProxyViews) -> tuple[float, float]:
    """How many pictures late one looks, by least squares along the way from `before` to `after`; and the evidence.

    The evidence is the mean square of half that way (levels squared): what one picture of lag would change.
    """
    shapes = [[view.shape for view, _ in strip] for strip in (seen, expected, before, after)]
    if any(shape != shapes[0] for shape in shapes):
        return 0.0, 0.0
    here, wanted, one, two = common_px(seen, expected, before, after)
    way = (two - one) / 2
    weight = float(np.vdot(way, way)) / max(1, way.size)
    if weight < _LEAST_WAY:
        return 0.0, 0.0
    return -float(np.vdot(here - wanted, way)) / way.size / weight, weight


def gain_and_lift(seen: Gray, expected: Gray, mask: Mask) -> tuple[float, float]:
    """Contrast and brightness of the output against the expected view: seen = gain * expected + lift."""
    if seen.shape != expected.shape or int(mask.sum()) < LEAST_SIDE_PX:
        return 1.0, 0.0
    a, b = common_px([(expected, mask)], [(seen, mask)])
    gain, lift, like = fit_gain_and_lift(a, b)
    if mean_and_spread(a)[1] < 4:
        return 1.0, float(b.mean() - a.mean())
    # Not the same picture: nothing can be said about its levels.
    return (gain, lift) if like >= 0.9 else (1.0, 0.0)


def highlight_level(view: Gray) -> float:
    """The brightness that 2 % of the px exceed."""
    return float(np.percentile(view, 98))


def bar_depths(view: Gray, expected: Gray | None = None) -> tuple[float, float, float, float]:
    """Depth of the dark even strip at each edge, as a share of the width or height; where given, darker than expected.

    Order: left, top, right, bottom.
    """
    found = []
    wanted = [None] * 4 if expected is None else [expected.T, expected, expected.T[::-1], expected[::-1]]
    for lines, other in zip((view.T, view, view.T[::-1], view[::-1]), wanted, strict=True):
        dark = (lines.max(axis=1) < _BAR_LEVEL) & (lines.std(axis=1) < _BAR_SPREAD)
        if other is not None:
            dark &= other.mean(axis=1) - lines.mean(axis=1) > _BAR_DARKER
        depth = int(np.argmin(dark)) if not dark.all() else len(dark)
        # In a dark scene the picture goes on as dark as it began.
        if 0 < depth < len(dark) and float(lines[depth:].mean()) - float(lines[:depth].mean()) < _BAR_STEP:
            depth = 0
        found.append(depth / len(dark))
    return found[0], found[1], found[2], found[3]


def widest_bars(found: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Of several cells the widest bar at each edge."""
    columns = np.max(np.array(found), axis=0)
    return float(columns[0]), float(columns[1]), float(columns[2]), float(columns[3])
