"""Small views of pictures in dissolves, and how much of either side of a dissolve or a cut a picture shows."""

from __future__ import annotations

import cv2
import numpy as np

from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.verify.measure.planes import Gray, Mask
from panscan.verify.measure.proxy_views import MIN_SIDE_PX, ProxyViews, common_px, proxy_size
from panscan.verify.measure.similarity import rms

_MIN_APART_LEVELS = 8.0  # rms difference of two pictures: the mix of less unlike ones is not measured

CanvasView = tuple[Gray, Mask]


def is_one_cell(framing: Framing) -> bool:
    """Whether a framing is one cell of the canvas's size: then its view is that of the canvas."""
    return len(framing.cells) == 1 and framing.cells[0].size == framing.canvas


def canvas_view(views: ProxyViews, framing: Framing) -> CanvasView:
    """The view of a whole canvas from those of its cells, and which px of it show a source."""
    if is_one_cell(framing):
        return views[0]
    size = proxy_size(framing.canvas, framing.canvas)
    x, y = size[0] / framing.canvas.width, size[1] / framing.canvas.height
    canvas, inside = np.zeros(size[::-1], np.float32), np.zeros(size[::-1], np.bool_)
    for cell, (view, mask) in zip(framing.cells, views, strict=True):
        left, right = round(cell.left_px * x), round((cell.left_px + cell.size.width) * x)
        top, bottom = round(cell.top_px * y), round((cell.top_px + cell.size.height) * y)
        part = (slice(top, bottom), slice(left, right))
        if canvas[part].size == 0:
            continue
        own = (canvas[part].shape[1], canvas[part].shape[0])
        covers = cv2.resize(mask.astype(np.float32), own, interpolation=cv2.INTER_AREA) == 1
        covers[[0, -1]] = covers[:, [0, -1]] = False  # edges of cells fall between px
        canvas[part] = np.where(covers, cv2.resize(view, own, interpolation=cv2.INTER_AREA), canvas[part])
        inside[part] = covers  # a later cell replaces what lies under it
    return canvas, inside


def flat_view(canvas: Size, level: float) -> CanvasView:
    """A canvas of one level of luma."""
    width, height = proxy_size(canvas, canvas)
    return np.full((height, width), level, np.float32), np.ones((height, width), np.bool_)


def mixed_view(before: CanvasView, after: CanvasView, share: float) -> CanvasView:
    """One view with so much of another mixed in."""
    if not 0 < share < 1:
        return after if share else before
    return np.asarray(before[0] + np.float32(share) * (after[0] - before[0]), np.float32), before[1] & after[1]


def measured_share(output: ProxyViews, before: ProxyViews, after: ProxyViews) -> float | None:
    """How much of `after` is mixed into `before` in the output, by least squares; None where the two look alike."""
    shapes = [[view.shape for view, _ in views] for views in (output, before, after)]
    if any(shape != shapes[0] for shape in shapes):
        return None
    here, one, two = common_px(output, before, after)
    if here.size < MIN_SIDE_PX or rms(one, two) < _MIN_APART_LEVELS:
        return None
    step = two - one
    return float(np.vdot(here - one, step) / np.vdot(step, step))
