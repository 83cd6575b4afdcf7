"""The horizon: where sky or wall ends and sea, ground or floor begins, in one nearly level line across the photo.

Lines are tried at all heights and small angles. One is sure where nearly all of its columns differ above and below in
the same way, close to it and farther off: a stripe or a wire has the same on both of its sides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.decoding.photo import Image
from panscan.photos.perception import FloatArray, Horizon

_WIDTH_PX = 240  # of the small version: half a degree is one px at its sides
_ANGLES_DEG = np.arange(-4.0, 4.1, 0.5)  # more is a slope, or a line that leads into the depth
_NEAR, _FAR = 0.03, 0.1  # of its height: bands above and below a line that are compared; no line is nearer to an edge
_LEAST_BAND_PX = 3  # of the small version: a thinner band is noise
_LEAST_LEVELS = 8.0  # of 255 in Lab, by which both sides differ in a column that counts: waves stay below
_SURE = 0.9  # share of the visible columns that must count
_VISIBLE = 0.5  # share of all columns where no person or thing hides the line


def find_horizon(view: Image, hiding: FloatArray) -> Horizon | None:
    """The horizon in px of a view, None where none is sure.

    Parameters
    ----------
    view : ndarray of uint8 (h, w, 3)
    hiding : ndarray (n, 4)
        People and things, which may stand in front of it.
    """
    import cv2

    scale = _WIDTH_PX / view.shape[1]
    tall = max(1, round(view.shape[0] * scale))
    small = cv2.cvtColor(cv2.resize(view, (_WIDTH_PX, tall), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 1.0).astype(np.float64)
    near, far = (max(_LEAST_BAND_PX, round(share * tall)) for share in (_NEAR, _FAR))
    if tall < 2 * far or far == near:
        return None
    rows = np.arange(far, tall - far + 1)
    steps = np.stack([_differences(lab, rows, *band) for band in ((0, near), (near, far))])
    seen = _seen(hiding * scale, tall)[np.minimum(rows, tall - 1)]
    lines = [(*_best_row(steps, seen, float(angle), near), float(angle)) for angle in _ANGLES_DEG]
    contrast, row, angle = max(lines)
    return Horizon(float(rows[row]) / scale, angle) if contrast > 0 else None


def _differences(lab: FloatArray, rows: npt.NDArray[np.int64], first: int, end: int) -> FloatArray:
    """Mean colour of the rows that lie `first` to `end` above minus those as far below, (rows, columns, 3)."""
    sums = np.concatenate([np.zeros((1, *lab.shape[1:])), np.cumsum(lab, axis=0)])
    above, below = sums[rows - first] - sums[rows - end], sums[rows + end] - sums[rows + first]
    return np.asarray((above - below) / (end - first))


def _seen(boxes: FloatArray, tall: int) -> FloatArray:
    """1 where no box hides the small version (h, w), else 0."""
    seen = np.ones((tall, _WIDTH_PX))
    for x0, y0, x1, y1 in np.round(boxes).astype(int):
        seen[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = 0.0
    return seen


def _best_row(steps: FloatArray, seen: FloatArray, angle_deg: float, apart: int) -> tuple[float, int]:
    """The sure line of most contrast at one angle: its contrast, 0 where none is sure, and its row at the middle.

    Lines less than `apart` rows from one of more contrast are that line, seen inexactly.
    """
    import cv2

    count = len(seen)
    drop = np.round(np.tan(np.radians(angle_deg)) * (np.arange(_WIDTH_PX) + 0.5 - _WIDTH_PX / 2)).astype(int)
    rows = np.arange(count)[:, None] + drop
    at = np.clip(rows, 0, count - 1), np.arange(_WIDTH_PX)
    visible = seen[at] * (rows == at[0])
    near, far = (step[at] * visible[..., None] for step in steps)
    mean = near.sum(axis=1) / np.maximum(visible.sum(axis=1), 1.0)[:, None]
    contrast = np.linalg.norm(mean, axis=1)
    way = mean / np.maximum(contrast, 1e-9)[:, None]
    differs = np.minimum(*((step * way[:, None]).sum(axis=2) for step in (near, far))) >= _LEAST_LEVELS
    sure = (differs.sum(axis=1) >= _SURE * visible.sum(axis=1)) & (visible.mean(axis=1) >= _VISIBLE)
    sure &= contrast >= cv2.dilate(contrast, np.ones((2 * apart + 1, 1), np.uint8))[:, 0]
    best = int(np.argmax(contrast * sure))
    return float(contrast[best] * sure[best]), best
