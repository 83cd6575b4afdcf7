"""Aim -> what one axis of a camera must and would like to hold, on a grid of about ten knots a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import distance_to_nearest, interpolate_rows, nearest_row, newest_row
from panscan.model.geometry import Rect
from panscan.model.plan import Aim

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

KNOT_RATE_HZ = 10.0  # about: knots lie on whole frames; detectors look 7.5 times a second
_BRIDGE_S = 1.5  # seconds: a must-keep box missing for less is taken to travel straight on
_KEEP_S = 0.4  # seconds that a box is kept before its first and after its last sample: three samples
MOST_OF_WINDOW = 0.95  # a must-keep box wider than this share of the window counts as this wide: room to rest
_AT_ONCE = 4096  # rows of medians: some MB
_OUTLIER_S = 0.45  # seconds on each side: the median that replaces outliers of a wish spans about seven samples


@dataclass(frozen=True, slots=True, eq=False)
class AxisTargets:
    """One axis of one camera at n knots; positions are crop centres, in source widths on both axes.

    Attributes
    ----------
    wish : ndarray, shape (n,)
        Where the centre would like to be.
    weight : ndarray, shape (n,)
        How sure that is, 0..1.
    low, high : ndarray, shape (n,)
        Corridor that holds the must-keep box; infinite where there is none.
    nice_low, nice_high : ndarray, shape (n,)
        The narrower one that also holds what is nice to keep.
    floor, ceiling : float
        The picture's own bounds; where the window changes, those of its smallest.
    """

    wish: FloatArray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    nice_low: FloatArray
    nice_high: FloatArray
    floor: float
    ceiling: float


def knot_frames(first: int, end: int, rate: float) -> FloatArray:
    """Frames of the knots of a path over [first, end): every so many frames, about 0.1 s apart, and the last one.

    Whole frames: a path that bends between two frames needs a key on both.
    """
    stride = max(1, int(rate / KNOT_RATE_HZ + 0.5))
    return np.append(np.arange(first, end - 1, stride), end - 1).astype(np.float64)


def axis_targets(
    aim: Aim,
    at: FloatArray,
    window: tuple[float | FloatArray, float | FloatArray],
    bounds: Rect,
    source_width_px: int,
    rate: float,
    margin: float,
) -> tuple[AxisTargets, AxisTargets]:
    """Horizontal and vertical targets of a camera whose window is known.

    Parameters
    ----------
    aim : Aim
        Boxes and points in source px at its own frames.
    at : ndarray, shape (n,)
        Frames of the knots.
    window : (width, height)
        Size of the crop, source px: one for all knots, or (n,) each.
    bounds : Rect
        Picture that may be shown, source px.
    source_width_px : int
        Unit of the result.
    rate : float
        Frames per second.
    margin : float
        Air to keep between the must-keep box and the crop's edge, as a share of the window; negative lets the box
        stick out a little.
    """
    must = boxes_at(aim.frame, aim.must_keep_px, at, rate)
    nice = boxes_at(aim.frame, aim.nice_to_keep_px, at, rate)
    wish, weight = _targets_at(aim, at, rate)
    result = []
    for axis, (length, low_px, extent_px) in enumerate(
        ((window[0], bounds.left, bounds.width), (window[1], bounds.top, bounds.height))
    ):
        lengths = np.broadcast_to(np.asarray(length, np.float64), at.shape)
        slide = np.maximum((extent_px - lengths) / 2, 0.0)
        floor, ceiling = low_px + extent_px / 2 - slide, low_px + extent_px / 2 + slide
        low, high = _corridor(must[:, axis], must[:, 2 + axis], lengths, margin)
        nice_low, nice_high = _corridor(nice[:, axis], nice[:, 2 + axis], lengths, 0.0)
        offset = (0.5 - aim.anchor[axis]) * lengths

        most, least = float(ceiling.max()), float(floor.min())
        corridors: list[FloatArray] = []
        for start, end in ((low, high), (nice_low, nice_high)):
            # At the limit of its range at this moment (with this zoom) the camera cannot go further, even if another
            # zoom would allow it.
            first = np.where(start <= floor, least, np.minimum(start, ceiling)) / source_width_px
            last = np.where(end >= ceiling, most, np.maximum(end, floor)) / source_width_px
            unknown = np.isnan(start)
            corridors += [np.where(unknown, -np.inf, first), np.where(unknown, np.inf, last)]
        wanted = np.nan_to_num(np.clip(wish[:, axis] + offset, least, most)) / source_width_px
        low, high, nice_low, nice_high = corridors
        edges = (least / source_width_px, most / source_width_px)
        result.append(AxisTargets(wanted, weight, low, high, nice_low, nice_high, *edges))
    return result[0], result[1]


def _corridor(start: FloatArray, size: FloatArray, length: FloatArray, margin: float) -> tuple[FloatArray, FloatArray]:
    """Centres of a window of `length` that hold boxes from `start` of `size`, with air of `margin` windows."""
    # A box (nearly) as wide as the window is held by its middle part: the camera keeps room to rest.
    middle, size = start + size / 2, np.minimum(size, MOST_OF_WINDOW * length)
    air = np.minimum((length * MOST_OF_WINDOW - size) / 2, margin * length)
    reach = (length - size) / 2 - air
    return middle - reach, middle + reach


def boxes_at(frame: IntArray, boxes_px: FloatArray, at: FloatArray, rate: float) -> FloatArray:
    """Boxes (n, 4) at the knots: bridged over short gaps, NaN elsewhere."""
    known = np.isfinite(boxes_px).all(axis=1)
    if not known.any():
        return np.full((len(at), 4), np.nan)
    frames = frame[known].astype(np.float64)
    before = np.maximum(newest_row(frames, at), 0)
    after = np.minimum(before + 1, len(frames) - 1)
    inside = (at >= frames[0]) & (at <= frames[-1])
    bridged = inside & (frames[after] - frames[before] <= _BRIDGE_S * rate)
    near = distance_to_nearest(frames, at) <= _KEEP_S * rate
    boxes = interpolate_rows(frames, boxes_px[known], at)
    # Between distant samples a straight line is a guess: keep the nearer box instead, and only briefly.
    lone = ~bridged & near
    boxes[lone] = boxes_px[known][nearest_row(frames, at[lone])]
    boxes[~(bridged | near)] = np.nan
    return boxes


def _targets_at(aim: Aim, at: FloatArray, rate: float) -> tuple[FloatArray, FloatArray]:
    """Wishes (n, 2) and weights (n,) at the knots; outliers replaced by the local median, weight 0 in gaps."""
    known = np.isfinite(aim.target_px).all(axis=1)
    if not known.any():
        return np.zeros((len(at), 2)), np.zeros(len(at))
    frames = aim.frame[known].astype(np.float64)
    points, weights = aim.target_px[known], aim.weight[known]
    reach = _OUTLIER_S * rate
    steady = _medians(points, np.searchsorted(frames, frames - reach), np.searchsorted(frames, frames + reach, "right"))
    wish = interpolate_rows(frames, steady, at)
    near = distance_to_nearest(frames, at) <= _KEEP_S * rate
    weight = np.where(near | (len(frames) == 1), np.interp(at, frames, weights), 0.0)
    return wish, weight


def _medians(points: FloatArray, first: IntArray, end: IntArray) -> FloatArray:
    """Medians (n, 2) of points[first:end] around each row; runs of one length are taken together."""
    result, length = np.empty_like(points), end - first
    for size in np.unique(length):
        rows = np.flatnonzero(length == size)
        for part in np.array_split(rows, -(-len(rows) // _AT_ONCE)):
            result[part] = np.median(points[first[part, None] + np.arange(size)], axis=1)
    return result
