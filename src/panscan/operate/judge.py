"""How a camera moves and what it keeps: the figures stored with every framing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell
from panscan.model.geometry import Size
from panscan.model.plan import Aim, Shot

FloatArray = npt.NDArray[np.float64]

_STILL = 2e-4  # source widths per frame
_JUMP = 0.04  # source widths in one frame: a cut of the camera, not a move
_SLACK = 0.02  # of the crop's width that a must-keep box may stick out


def judge(cell: Cell, aim: Aim, shot: Shot, source: Size, rate: float) -> dict[str, float]:
    """Figures of one camera over one shot.

    Returns
    -------
    dict
        still: share of frame steps without movement; reversals_s: changes of direction per second;
        p95_speed: 95th percentile of the speed, source widths per second; containment: share of the must-keep
        boxes that lie inside the crop (1 where there are none); keys_min: keys per minute.
    """
    frames = np.arange(shot.first, shot.end)
    crops = cell.crops(frames, source)
    center = np.stack([crops[:, 0] + crops[:, 2] / 2, crops[:, 1] + crops[:, 3] / 2], axis=-1) / source.width
    step = np.diff(center, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    calm = length <= _JUMP
    moving = calm & (length >= _STILL)
    turns = sum(
        int(np.sum(np.sign(step[moving, axis][1:]) * np.sign(step[moving, axis][:-1]) < 0)) for axis in range(2)
    )
    seconds = shot.frame_count / rate
    return {
        "still": float(np.mean(~moving)) if len(step) else 1.0,
        "reversals_s": turns / seconds,
        "p95_speed": float(np.percentile(length[calm] * rate, 95)) if calm.any() else 0.0,
        "containment": _containment(cell, aim, source),
        "keys_min": 60 * len(cell.camera.frame) / seconds,
    }


def _containment(cell: Cell, aim: Aim, source: Size) -> float:
    known = np.isfinite(aim.must_px).all(axis=1)
    if not known.any():
        return 1.0
    must = aim.must_px[known]
    crop = cell.crops(aim.frame[known], source)
    slack = _SLACK * crop[:, 2]
    inside = (
        (must[:, 0] >= crop[:, 0] - slack)
        & (must[:, 1] >= crop[:, 1] - slack)
        & (must[:, 0] + must[:, 2] <= crop[:, 0] + crop[:, 2] + slack)
        & (must[:, 1] + must[:, 3] <= crop[:, 1] + crop[:, 3] + slack)
    )
    return float(np.mean(inside))
