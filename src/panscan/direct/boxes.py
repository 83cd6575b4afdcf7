"""Boxes over time: resampled, steadied, extended by what moves beside them.

All boxes are left, top, width, height in source px; NaN rows say that nothing is there.
"""

from __future__ import annotations

import numpy as np

from panscan.arrays.boxes import edges, union_within
from panscan.arrays.samples import distance_to_nearest, interpolate_rows
from panscan.direct.shot_context import ShotContext
from panscan.model.perception import FloatArray, Flow, IntArray
from panscan.model.plan import Subject

_STEADY_S = 0.5  # seconds on each side: the median over a mover's box covers a step or a stroke
_KEPT_S = 1.0  # seconds that a box is kept around its samples: detectors lose a face for about as long
_PAUSE_S = 1.0  # seconds without motion from which a mover counts as having stopped
_PAUSE_STEP_S = 0.5  # seconds between the repeated boxes of one that stopped,
_PAUSE_WEIGHT = 0.5  # and their weight: it is only believed to be there
_LEFT_PICTURE = 0.02  # of the picture's width: a mover so near to the edge has left through it
_HELPER_SHARE = 0.1  # a mover with at least this share of a sample's motion counts as part of the subject beside it
_BESIDE = 0.5  # of a subject's width: a mover so near to it belongs to it, as its hands do
_TOGETHER = 0.95  # of the window's width, that a subject and its movers may fill
_SAMPLE_MARGIN_S = 0.1  # seconds: motion is measured about as often
_MOTION_REACH = 0.65  # windows from a subject's middle within which motion draws the camera
_CORE = 0.7  # of the window, that is held of something wider


def resample(subject: Subject, boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes of a subject at other frames: linear between its samples, kept for a second around them, else NaN."""
    result = interpolate_rows(subject.frame, boxes, frames)
    result[distance_to_nearest(subject.frame, frames) > _KEPT_S * rate] = np.nan
    return result


def shrink_to_window(boxes: FloatArray, context: ShotContext) -> FloatArray:
    """Boxes no longer than most of the window: what is wider cannot be held whole, so its middle is."""
    cores = boxes.copy()
    for axis, length in enumerate(context.window):
        core = np.minimum(boxes[:, 2 + axis], _CORE * length)
        cores[:, axis] = boxes[:, axis] + (boxes[:, 2 + axis] - core) / 2
        cores[:, 2 + axis] = core
    return cores


def extend_with_motion(boxes: FloatArray, frames: IntArray, context: ShotContext) -> tuple[FloatArray, FloatArray]:
    """What moves beside a subject belongs to it: hands, a ball, what it points at.

    Returns
    -------
    grown : ndarray (n, 4)
        Boxes with the movers that touch or nearly touch them, where all still fits in the window.
    middle : ndarray (n,)
        Horizontal middle of each box together with the movers within reach of a window around it.
    """
    grown, reached = boxes.copy(), boxes.copy()
    flow = context.perception.get(Flow)
    if flow is None:
        return grown, reached[:, 0] + reached[:, 2] / 2
    true_rows = np.flatnonzero(np.isin(flow.frame, flow.looked[flow.since >= context.shot.first]))
    first = np.searchsorted(flow.frame[true_rows], frames - _SAMPLE_MARGIN_S * context.rate)
    end = np.searchsorted(flow.frame[true_rows], frames + _SAMPLE_MARGIN_S * context.rate, side="right")
    for n in range(len(frames)):
        rows = true_rows[first[n] : end[n]]
        if not np.isfinite(boxes[n, 0]):
            continue
        for row in rows[np.argsort(-flow.weight[rows], kind="stable")]:
            if flow.weight[row] < _HELPER_SHARE:
                continue
            mover = flow.box_px[row]
            near_px = _BESIDE * boxes[n, 2]
            if mover[0] <= grown[n, 0] + grown[n, 2] + near_px and mover[0] + mover[2] >= grown[n, 0] - near_px:
                both = union_within(np.stack([grown[n], mover])[:, None], context.bounds)[0]
                if both[2] <= _TOGETHER * context.window[0]:
                    grown[n] = both
            middle = boxes[n, 0] + boxes[n, 2] / 2
            left = max(float(mover[0]), middle - _MOTION_REACH * context.window[0])
            right = min(float(mover[0] + mover[2]), middle + _MOTION_REACH * context.window[0])
            if right > left:
                part = np.array([left, mover[1], right - left, mover[3]])
                reached[n] = union_within(np.stack([reached[n], part])[:, None], context.bounds)[0]
    return grown, reached[:, 0] + reached[:, 2] / 2


def steady_boxes(
    frames: IntArray, boxes: FloatArray, weight: FloatArray, context: ShotContext
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Steadied boxes, and the last one repeated while nothing moves, unless it left through the picture's edge."""
    steady = _median_smoothed(boxes, frames, context.rate)
    following = np.append(frames[1:], context.shot.end)
    new_frames, new_boxes, new_weight = [frames], [steady], [weight]
    pause = _PAUSE_STEP_S * context.rate
    inset = _LEFT_PICTURE * context.bounds.width
    for n in np.flatnonzero(following - frames > _PAUSE_S * context.rate):
        last = np.median(boxes[max(0, n - 2) : n + 1], axis=0)
        if last[0] <= context.bounds.left + inset or last[0] + last[2] >= context.bounds.right - inset:
            continue
        quiet = np.arange(frames[n] + pause, following[n] - pause / 2, pause).astype(np.int64)
        new_frames.append(quiet)
        new_boxes.append(np.repeat(last[None], len(quiet), axis=0))
        new_weight.append(np.full(len(quiet), _PAUSE_WEIGHT))
    joined = np.concatenate(new_frames)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(new_boxes)[order], np.concatenate(new_weight)[order]


def _median_smoothed(boxes: FloatArray, frames: IntArray, rate: float) -> FloatArray:
    """Boxes whose edges are medians over about a second.

    So they cover all of a body whose arms and legs move in turn.
    """
    result = np.empty_like(boxes)
    sides = edges(boxes)
    first = np.searchsorted(frames, frames - _STEADY_S * rate)
    end = np.searchsorted(frames, frames + _STEADY_S * rate, side="right")
    for n in range(len(frames)):
        middle = np.median(sides[first[n] : end[n]], axis=0)
        result[n] = [middle[0], middle[1], middle[2] - middle[0], middle[3] - middle[1]]
    return result
