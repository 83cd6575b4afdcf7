"""Where points of a tilted cell go, and where they come from."""

from __future__ import annotations

import numpy as np

from panscan.model.corners import FLAT, Corners
from panscan.model.framing import FloatArray


def tilted(corners: Corners, points: FloatArray) -> FloatArray:
    """Where points (n, 2) of a flat cell go, as fractions of its size."""
    return _through(_homography(np.array(FLAT), np.array(corners)), points)


def untilted(corners: Corners, points: FloatArray) -> FloatArray:
    """Which points of a flat cell go to these (n, 2)."""
    return _through(_homography(np.array(corners), np.array(FLAT)), points)


def _through(matrix: FloatArray, points: FloatArray) -> FloatArray:
    x, y, w = matrix @ np.column_stack([points, np.ones(len(points))]).T
    return np.stack([x / w, y / w], axis=-1)


def _homography(before: FloatArray, after: FloatArray) -> FloatArray:
    """The homography (3, 3) that takes four points to four others: the null space of eight equations."""
    zero = np.zeros((4, 3))
    points = np.column_stack([before, np.ones(4)])
    across = np.hstack([points, zero, -after[:, :1] * points])
    down = np.hstack([zero, points, -after[:, 1:] * points])
    return np.asarray(np.linalg.svd(np.vstack([across, down]))[2][-1].reshape(3, 3), np.float64)
