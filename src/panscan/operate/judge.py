"""How a camera moves and what it keeps: the figures stored with every framing, and what a camera is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell
from panscan.model.geometry import Size
from panscan.model.plan import Aim, Shot

FloatArray = npt.NDArray[np.float64]

_STILL = 2e-4  # source widths per frame
_JUMP = 0.04  # source widths in one frame: a cut of the camera, not a move
_SAMPLES_HZ = 10.0
_SLACK = 0.02  # of the crop's width that a must-keep box may stick out


_INNER = 0.8  # of the crop's sides: the middle of a subject belongs in there

# What an operator would rather lose than be restless, in shares of containment. Moving has a price per share of the
# shot; beyond it a turn every twenty seconds and a key in 1.7 seconds (with two to start from) are free.
_FREE_REVERSALS_S, _REVERSAL_PRICE = 0.05, 4.0
_MOVE_PRICE, _MOVING_PRICE = 0.04, 0.14
_FREE_KEYS, _FREE_KEYS_S, _KEY_PRICE = 2, 0.6, 0.10


def camera_score(metrics: Mapping[str, float], cell: Cell, shot: Shot, rate: float, restlessness_cost: float) -> float:
    """What a camera holds less what its restlessness costs, in shares of containment."""
    seconds = shot.frame_count / rate
    turning = max(0.0, metrics["reversals_s"] - _FREE_REVERSALS_S)
    crowded = max(0.0, len(cell.camera.frame) - _FREE_KEYS - _FREE_KEYS_S * seconds) / max(1.0, seconds) ** 0.5
    moves = 0.0 if cell.camera.is_static else _MOVE_PRICE + _MOVING_PRICE * (1 - metrics["still"])
    price = restlessness_cost * (moves + _REVERSAL_PRICE * turning + _KEY_PRICE * crowded)
    return float(metrics["containment"] - price)


def worst_metrics(metrics: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The worst of each figure over the cells of a framing."""
    low = ("still", "containment", "continuity")
    return {name: (min if name in low else max)(m[name] for m in metrics) for name in metrics[0]}


def camera_metrics(cell: Cell, aim: Aim, shot: Shot, source: Size, rate: float) -> dict[str, float]:
    """Figures of one camera over one shot.

    Returns
    -------
    dict
        still: share of frame steps without movement; reversals_s: changes of direction per second;
        p95_speed: 95th percentile of the speed, source widths per second; containment: share of the must-keep
        boxes that lie inside the crop (1 where there are none); keys_min: keys per minute; continuity: share of the
        rows of the aim whose subject (the middle of its must-keep box, else its wish) lies in the inner zone, the
        middle 80 % of the crop, or beyond it on a side where the crop touches the picture's edge (1 where there are
        none); acceleration_s2: root mean square, source widths per second squared; jerk_s3: 99th percentile, source
        widths per second cubed. Both come from the path sampled ten times a second, jumps left out.
    """
    frames = np.arange(shot.first, shot.end)
    crops = cell.crops(frames, source)
    center = np.stack([crops[:, 0] + crops[:, 2] / 2, crops[:, 1] + crops[:, 3] / 2], axis=-1) / source.width
    step = np.diff(center, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    calm: npt.NDArray[np.bool_] = np.asarray(length <= _JUMP, np.bool_)
    moving = calm & (length >= _STILL)
    turns = sum(
        int(np.sum(np.sign(step[moving, axis][1:]) * np.sign(step[moving, axis][:-1]) < 0)) for axis in range(2)
    )
    seconds = shot.frame_count / rate
    acceleration, jerk = _smoothness(center, calm, rate)
    return {
        "still": float(np.mean(~moving)) if len(step) else 1.0,
        "reversals_s": turns / seconds,
        "p95_speed": float(np.percentile(length[calm] * rate, 95)) if calm.any() else 0.0,
        "containment": _containment(cell, aim, source),
        "keys_min": 60 * len(cell.camera.frame) / seconds,
        "continuity": _continuity(cell, aim, source),
        "acceleration_s2": acceleration,
        "jerk_s3": jerk,
    }


def _smoothness(center: FloatArray, calm: npt.NDArray[np.bool_], rate: float) -> tuple[float, float]:
    """Root mean square of the acceleration and 99th percentile of the jerk, jumps taken out of the path."""
    step = np.diff(center, axis=0) * np.reshape(calm, (-1, 1))
    smooth = np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)])
    stride = max(1, round(rate / _SAMPLES_HZ))
    sampled, step_s = smooth[::stride], stride / rate
    found = []
    for order in (2, 3):
        rows = np.diff(sampled, n=order, axis=0) / step_s**order if len(sampled) > order else np.zeros((1, 2))
        found.append(np.hypot(rows[:, 0], rows[:, 1]))
    return float(np.sqrt(np.mean(found[0] ** 2))), float(np.percentile(found[1], 99))


def _continuity(cell: Cell, aim: Aim, source: Size) -> float:
    boxed: npt.NDArray[np.bool_] = np.asarray(np.isfinite(aim.must_keep_px).all(axis=1), np.bool_)
    point = np.where(boxed[:, None], aim.must_keep_px[:, :2] + aim.must_keep_px[:, 2:] / 2, aim.target_px)
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(point).all(axis=1), np.bool_)
    if not known.any():
        return 1.0
    crop = cell.crops(aim.frame[known], source)
    inside = np.ones(int(known.sum()), np.bool_)
    for axis, extent in enumerate((source.width, source.height)):
        start, side = crop[:, axis], crop[:, 2 + axis]
        # At the picture's edge no crop can go further: there its whole outer border counts as inner zone.
        low = np.where(start > 1.0, start + side * (1 - _INNER) / 2, -np.inf)
        high = np.where(start + side < extent - 1.0, start + side * (1 + _INNER) / 2, np.inf)
        inside &= (point[known, axis] >= low) & (point[known, axis] <= high)
    return float(np.mean(inside))


def _containment(cell: Cell, aim: Aim, source: Size) -> float:
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
