"""How a camera moves and what it keeps: the figures stored with every framing, and what a camera is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell
from panscan.model.geometry import Size
from panscan.model.plan import Aim, Caption, Shot

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Speeds are source widths per second: the same move scores the same at every frame rate.
_STILL_SPEED = 0.006  # slower is no movement: at 30 fps 0.4 px a frame in a picture 1920 px wide
_JUMP_SPEED = 1.2  # faster than any mode moves: a cut of the camera, not a move
_SAMPLES_HZ = 10.0  # of the path, for acceleration and jerk: as often as the solver may bend it
_SLACK = 0.02  # of the crop's width, that a must-keep box may stick out: detectors err by as much
_INNER = 0.8  # of the crop's sides: the middle of a subject belongs in there
_EDGE_PX = 1.0  # source px: a crop so near to the picture's edge lies at it

# Costs of restlessness, in shares of containment. Moving costs by the share of the shot spent moving. Turns and keys
# cost beyond a free allowance only: one turn per 20 s; two keys plus one per 1.7 s. Chosen while looking at the clips
# of the framing benchmark.
_FREE_REVERSALS_S, _REVERSAL_COST = 0.05, 4.0
_MOVE_COST, _MOVING_COST = 0.04, 0.14
_FREE_KEYS, _FREE_KEYS_S, _KEY_COST = 2, 0.6, 0.10


def camera_score(metrics: Mapping[str, float], cell: Cell, shot: Shot, rate: float, restlessness_cost: float) -> float:
    """What a camera is worth: its containment less what its restlessness costs.

    Parameters
    ----------
    metrics : mapping
        From `camera_metrics`.
    cell : Cell
        Its keys count.
    shot : Shot
    rate : float
        Frames per second.
    restlessness_cost : float
        The mode's factor on all costs.
    """
    seconds = shot.frame_count / rate
    turning = max(0.0, metrics["reversals_s"] - _FREE_REVERSALS_S)
    crowded = max(0.0, len(cell.camera.frame) - _FREE_KEYS - _FREE_KEYS_S * seconds) / max(1.0, seconds) ** 0.5
    moves = 0.0 if cell.camera.is_static else _MOVE_COST + _MOVING_COST * (1 - metrics["still"])
    cost = restlessness_cost * (moves + _REVERSAL_COST * turning + _KEY_COST * crowded)
    return float(metrics["containment"] - cost)


def worst_metrics(metrics: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of each figure the worst over the cells of a framing."""
    low = ("still", "containment", "continuity")
    return {name: (min if name in low else max)(m[name] for m in metrics) for name in metrics[0]}


def captions_cut(cells: Sequence[Cell], captions: Sequence[Caption], source: Size) -> dict[str, float]:
    """How much of the time that captions stand one is whole in no cell: a share `captions_cut`, 0..1.

    Nothing without captions.
    """
    whole = [_shown_whole(cells, caption, source) for caption in captions]
    return {"captions_cut": float(1 - np.concatenate(whole).mean())} if whole else {}


def _shown_whole(cells: Sequence[Cell], caption: Caption, source: Size) -> Mask:
    """At which of its frames a caption lies inside one of the crops."""
    frames, box = np.arange(caption.first, caption.end), caption.box
    whole = np.zeros(len(frames), np.bool_)
    for cell in cells:
        left, top, width, height = cell.crops(frames, source).T
        slack = _SLACK * width
        across = (left - slack <= box.left) & (box.right <= left + width + slack)
        whole |= across & (top - slack <= box.top) & (box.bottom <= top + height + slack)
    return whole


def camera_metrics(cell: Cell, aim: Aim, shot: Shot, source: Size, rate: float) -> dict[str, float]:
    """Figures of one camera over one shot.

    Returns
    -------
    dict
        still
            Share of the time without movement.
        reversals_s
            Changes of direction per second, both axes together.
        p95_speed
            95th percentile of the speed over time, source widths per second.
        containment
            Share of the must-keep boxes that lie inside the crop, 1 where there are none.
        keys_min
            Keys per minute.
        continuity
            Share of the rows of the aim whose subject (the middle of its must-keep box, else its target) lies in the
            middle 80 % of the crop, or beyond where the crop touches the picture's edge; 1 where there are none.
        acceleration_s2
            Root mean square of the acceleration, source widths per second squared.
        jerk_s3
            99th percentile of the jerk, source widths per second cubed.

        Jumps are left out of speed, acceleration and jerk.
    """
    seconds = shot.frame_count / rate
    velocity = _velocity(cell, shot, source, rate)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    calm: Mask = np.asarray(speed <= _JUMP_SPEED, np.bool_)
    smooth = np.where(calm[:, None], velocity, 0.0)
    acceleration, jerk = _smoothness(smooth, rate)
    return {
        "still": float(np.mean(~calm | (speed < _STILL_SPEED))),
        "reversals_s": sum(_reversals(smooth[:, axis]) for axis in range(2)) / seconds,
        "p95_speed": float(np.percentile(speed[calm], 95, method="inverted_cdf")) if calm.any() else 0.0,
        "containment": _containment(cell, aim, source),
        "keys_min": 60 * len(cell.camera.frame) / seconds,
        "continuity": _continuity(cell, aim, source),
        "acceleration_s2": acceleration,
        "jerk_s3": jerk,
    }


def _velocity(cell: Cell, shot: Shot, source: Size, rate: float) -> FloatArray:
    """Velocity (n, 2) of the crop's centre while each frame is shown, source widths per second.

    The last frame goes on as the one before it: a shot is as long as all its frames.
    """
    crops = cell.crops(np.arange(shot.first, shot.end), source)
    center = (crops[:, :2] + crops[:, 2:] / 2) / source.width
    step = np.diff(center, axis=0) * rate
    return np.concatenate([step, step[-1:] if len(step) else np.zeros((1, 2))])


def _reversals(velocity: FloatArray) -> int:
    """Changes of direction along one axis; a rest between does not hide one."""
    way = np.sign(velocity[np.abs(velocity) >= _STILL_SPEED])
    return int(np.count_nonzero(np.diff(way)))


def _smoothness(velocity: FloatArray, rate: float) -> tuple[float, float]:
    """Root mean square of the acceleration and 99th percentile of the jerk, from a velocity (n, 2) without jumps."""
    path = np.concatenate([np.zeros((1, 2)), np.cumsum(velocity / rate, axis=0)])
    at = np.arange(0.0, len(velocity) / rate, 1 / _SAMPLES_HZ) * rate
    sampled = np.stack([np.interp(at, np.arange(len(path)), path[:, axis]) for axis in range(2)], axis=-1)
    found = []
    for order in (2, 3):
        rows = np.diff(sampled, n=order, axis=0) * _SAMPLES_HZ**order if len(sampled) > order else np.zeros((1, 2))
        found.append(np.hypot(rows[:, 0], rows[:, 1]))
    return float(np.sqrt(np.mean(found[0] ** 2))), float(np.percentile(found[1], 99))


def _continuity(cell: Cell, aim: Aim, source: Size) -> float:
    """Share of the rows of an aim with the middle of the subject in the inner zone of the crop."""
    boxed: Mask = np.asarray(np.isfinite(aim.must_keep_px).all(axis=1), np.bool_)
    point = np.where(boxed[:, None], aim.must_keep_px[:, :2] + aim.must_keep_px[:, 2:] / 2, aim.target_px)
    known: Mask = np.asarray(np.isfinite(point).all(axis=1), np.bool_)
    if not known.any():
        return 1.0
    crop = cell.crops(aim.frame[known], source)
    inside = np.ones(int(known.sum()), np.bool_)
    for axis, extent in enumerate((source.width, source.height)):
        start, side = crop[:, axis], crop[:, 2 + axis]
        # At the picture's edge no crop can go further: there its whole outer border counts as inner zone.
        low = np.where(start > _EDGE_PX, start + side * (1 - _INNER) / 2, -np.inf)
        high = np.where(start + side < extent - _EDGE_PX, start + side * (1 + _INNER) / 2, np.inf)
        inside &= (point[known, axis] >= low) & (point[known, axis] <= high)
    return float(np.mean(inside))


def _containment(cell: Cell, aim: Aim, source: Size) -> float:
    """Share of the must-keep boxes of an aim that lie inside the crop."""
    known = np.isfinite(aim.must_keep_px).all(axis=1)
    if not known.any():
        return 1.0
    must = aim.must_keep_px[known]
    crop = cell.crops(aim.frame[known], source)
    slack = _SLACK * crop[:, 2]
    inside = (
        (must[:, 0] >= crop[:, 0] - slack)
        & (must[:, 1] >= crop[:, 1] - slack)
        & (must[:, 0] + must[:, 2] <= crop[:, 0] + crop[:, 2] + slack)
        & (must[:, 1] + must[:, 3] <= crop[:, 1] + crop[:, 3] + slack)
    )
    return float(np.mean(inside))
