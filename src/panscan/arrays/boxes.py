"""Boxes: left, top, width, height (n, 4), y down, all in one unit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Rect

FloatArray = npt.NDArray[np.float64]

_MIN_AREA = 1e-9  # square units: two boxes without any area have an IoU of 0, not 0 / 0


def centers(boxes: FloatArray) -> FloatArray:
    """Centres x, y (..., 2) of boxes (..., 4)."""
    return np.asarray(boxes[..., :2] + boxes[..., 2:] / 2, np.float64)


def edges(boxes: FloatArray) -> FloatArray:
    """Edges left, top, right, bottom (n, 4) of boxes (n, 4)."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def intersection_and_union(boxes: FloatArray, box: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Areas (n,) that each of several boxes (n, 4) shares with one box (4,), and that both cover together."""
    shared = _shared_area(boxes[:, :2], boxes[:, :2] + boxes[:, 2:], box[:2], box[:2] + box[2:])
    return shared, np.asarray(np.prod(boxes[:, 2:], axis=1) + np.prod(box[2:]) - shared, np.float64)


def iou(boxes: FloatArray, box: FloatArray) -> FloatArray:
    """Intersection over union (n,), 0..1, of each of several boxes (n, 4) with one box (4,)."""
    shared, union = intersection_and_union(boxes, box)
    return np.asarray(shared / np.maximum(union, _MIN_AREA), np.float64)


def iou_of_edges(ltrb: FloatArray, other: FloatArray) -> FloatArray:
    """The same for boxes given by their edges left, top, right, bottom: (n, 4) with (4,).

    Edges in the wrong order make a box without area.
    """
    shared = _shared_area(ltrb[:, :2], ltrb[:, 2:], other[:2], other[2:])
    area, other_area = (np.prod(np.maximum(box[..., 2:] - box[..., :2], 0), axis=-1) for box in (ltrb, other))
    return np.asarray(shared / np.maximum(area + other_area - shared, _MIN_AREA), np.float64)


def union_within(boxes: FloatArray, bounds: Rect) -> FloatArray:
    """The smallest box (n, 4) around those of k series (k, n, 4) at each moment, cut to `bounds`.

    NaN rows say that nothing is there, in `boxes` and in the result.
    """
    present = ~np.isnan(boxes[..., 0])
    left = np.where(present, boxes[..., 0], np.inf).min(axis=0)
    top = np.where(present, boxes[..., 1], np.inf).min(axis=0)
    right = np.where(present, boxes[..., 0] + boxes[..., 2], -np.inf).max(axis=0)
    bottom = np.where(present, boxes[..., 1] + boxes[..., 3], -np.inf).max(axis=0)
    left, right = np.maximum(left, bounds.left), np.minimum(right, bounds.right)
    top, bottom = np.maximum(top, bounds.top), np.minimum(bottom, bounds.bottom)
    union = np.stack([left, top, right - left, bottom - top], axis=-1)
    union[(right <= left) | (bottom <= top) | ~present.any(axis=0)] = np.nan
    return union


def _shared_area(low: FloatArray, high: FloatArray, other_low: FloatArray, other_high: FloatArray) -> FloatArray:
    """Area (n,) of the part that boxes between two corners (n, 2) share with another one (2,)."""
    sides = np.minimum(high, other_high) - np.maximum(low, other_low)
    return np.asarray(np.prod(np.maximum(sides, 0), axis=1), np.float64)
