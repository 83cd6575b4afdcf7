"""Boxes over time: resampled, steadied, extended by what moves beside them.

All boxes are left, top, width, height in source px; NaN rows say that nothing is there.
"""

from __future__ import annotations

import numpy as np

from panscan.arrays.boxes import edges, union_within
from panscan.arrays.samples import distance_to_nearest, interpolate_rows
from panscan.direct.scene import ShotContext
from panscan.model.perception import FloatArray, Flow, IntArray
from panscan.model.plan import Subject

_STEADY_S = 0.5  # half-width of the median over a mover's box
_PAUSE_S = 1.0
_HELPER_SHARE = 0.1  # of a look's motion, for a mover to count as part of a subject beside it
_MOTION_REACH = 0.65  # windows from a subject's middle within which motion draws the camera
_CORE = 0.7  # of the window, that is held of something wider


def resample(subject: Subject, boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes of a subject at other frames: linear between its looks, kept for a second around them, else NaN."""
    result = interpolate_rows(subject.frame, boxes, frames)
    result[distance_to_nearest(subject.frame, frames) > rate] = np.nan
    return result


def shrink_to_window(boxes: FloatArray, scene: ShotContext) -> FloatArray:
    """Boxes no longer than most of the window: what is wider cannot be held whole, so its middle is."""
    cores = boxes.copy()
    for axis, length in enumerate(scene.window):
        core = np.minimum(boxes[:, 2 + axis], _CORE * length)
        cores[:, axis] = boxes[:, axis] + (boxes[:, 2 + axis] - core) / 2
        cores[:, 2 + axis] = core
    return cores


def extend_with_motion(boxes: FloatArray, frames: IntArray, scene: ShotContext) -> tuple[FloatArray, FloatArray]:
    """What moves beside a subject belongs to it: hands, a ball, what it points at.

    Returns
    -------
    grown : ndarray (n, 4)
        Boxes with the movers that touch or nearly touch them, where all still fits in the window.
    middle : ndarray (n,)
        Horizontal middle of each box together with the movers within reach of a window around it.
    """
    grown, reached = boxes.copy(), boxes.copy()
    flow = scene.perception.get(Flow)
    if flow is None:
        return grown, reached[:, 0] + reached[:, 2] / 2
    true_rows = np.flatnonzero(np.isin(flow.frame, flow.looked[flow.since >= scene.shot.first]))
    first = np.searchsorted(flow.frame[true_rows], frames - scene.rate / 10)
    end = np.searchsorted(flow.frame[true_rows], frames + scene.rate / 10, side="right")
    for n in range(len(frames)):
        rows = true_rows[first[n] : end[n]]
        if not np.isfinite(boxes[n, 0]):
            continue
        for row in rows[np.argsort(-flow.weight[rows], kind="stable")]:
            if flow.weight[row] < _HELPER_SHARE:
                continue
            mover = flow.box_px[row]
            near_px = 0.5 * boxes[n, 2]
            if mover[0] <= grown[n, 0] + grown[n, 2] + near_px and mover[0] + mover[2] >= grown[n, 0] - near_px:
                both = union_within(np.stack([grown[n], mover])[:, None], scene.bounds)[0]
                if both[2] <= 0.95 * scene.window[0]:
                    grown[n] = both
            middle = boxes[n, 0] + boxes[n, 2] / 2
            left = max(float(mover[0]), middle - _MOTION_REACH * scene.window[0])
            right = min(float(mover[0] + mover[2]), middle + _MOTION_REACH * scene.window[0])
            if right > left:
                part = np.array([left, mover[1], right - left, mover[3]])
                reached[n] = union_within(np.stack([reached[n], part])[:, None], scene.bounds)[0]
    return grown, reached[:, 0] + reached[:, 2] / 2


def steady_boxes(
    frames: IntArray, boxes: FloatArray, weight: FloatArray, scene: ShotContext
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Steadied boxes, and the last one repeated while nothing moves, unless it left through the picture's edge."""
    steady = _median_smoothed(boxes, frames, scene.rate)
    following = np.append(frames[1:], scene.shot.end)
    new_frames, new_boxes, new_weight = [frames], [steady], [weight]
    inset = 0.02 * scene.bounds.width
    for n in np.flatnonzero(following - frames > _PAUSE_S * scene.rate):
        last = np.median(boxes[max(0, n - 2) : n + 1], axis=0)
        if last[0] <= scene.bounds.left + inset or last[0] + last[2] >= scene.bounds.right - inset:
            continue
        quiet = np.arange(frames[n] + scene.rate / 2, following[n] - scene.rate / 4, scene.rate / 2).astype(np.int64)
        new_frames.append(quiet)
        new_boxes.append(np.repeat(last[None], len(quiet), axis=0))
        new_weight.append(np.full(len(quiet), 0.5))
    joined = np.concatenate(new_frames)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(new_boxes)[order], np.concatenate(new_weight)[order]


def _median_smoothed(boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes whose edges are medians over about a second: now an arm moves, now a leg, the body is both."""
    result = np.empty_like(boxes)
    sides = edges(boxes)
    first = np.searchsorted(frames, frames - _STEADY_S * rate)
    end = np.searchsorted(frames, frames + _STEADY_S * rate, side="right")
    for n in range(len(frames)):
        middle = np.median(sides[first[n] : end[n]], axis=0)
        result[n] = [middle[0], middle[1], middle[2] - middle[0], middle[3] - middle[1]]
    return result
