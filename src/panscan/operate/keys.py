"""A path at every frame -> the fewest keys whose straight lines stay within one canvas pixel of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import runs_of_true
from panscan.model.framing import Camera

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOLERANCE_PX = 1.0  # canvas px that a corner of the cell may stray: less than is seen, and few keys
_ROUNDING_PX = 0.02  # canvas px that rounding of the stored keys may add
_HOLD_FRAMES = 4  # frames: a shorter rest is a bend, no hold; modes rest for 0.2 s at least
_SAME_VALUE = 1e-6  # scale, or canvas px: two frames that differ by less are equal
_SAME_KEY = 1e-9  # the same for two keys: they are copies


def simplify_to_keys(
    frames: IntArray, path: FloatArray, cell_size: tuple[int, int], tolerance_px: float = TOLERANCE_PX
) -> Camera:
    """Keys of a camera path.

    Parameters
    ----------
    frames : ndarray, shape (n,), rising by 1
    path : ndarray, shape (n, 3)
        Scale, x_px and y_px at every frame.
    cell_size : (width, height)
        Size of the cell in canvas px.
    tolerance_px : float
        No corner of the cell strays further from the path, at any frame.

    Returns
    -------
    Camera
        One key where the path never leaves the tolerance around its middle; holds keep a key at both ends.
    """
    limit = tolerance_px - _ROUNDING_PX
    middle = (path.min(axis=0) + path.max(axis=0)) / 2
    if error_px(path, np.broadcast_to(middle, path.shape), cell_size).max() <= limit:
        path, chosen = middle[None], [0]
    else:
        anchors = sorted({0, len(frames) - 1, *_hold_ends(path)})
        chosen = [0]
        for _, end in pairwise(anchors):
            while chosen[-1] < end:
                chosen.append(_furthest(path, chosen[-1], end, cell_size, limit))
        chosen = _without_flat_ends(chosen, path)
    columns = [[round(float(v), 6 if n == 0 else 4) for v in path[chosen, n]] for n in range(3)]
    scale, x_px, y_px = (tuple(column) for column in columns)
    return Camera(tuple(int(frames[c]) for c in chosen), scale, x_px, y_px)


def error_px(path: FloatArray, line: FloatArray, cell: tuple[int, int]) -> FloatArray:
    """Largest distance (n,) in canvas px between what two cameras show at the corners of a cell.

    A source point that `path` shows at corner c (from the cell's centre) is shown by `line` at
    x' + s'/s (c - x): the difference is taken per axis and combined.
    """
    ratio = line[:, 0] / path[:, 0]
    worst = np.zeros(len(path))
    for sign_x in (-0.5, 0.5):
        for sign_y in (-0.5, 0.5):
            off_x = line[:, 1] + ratio * (sign_x * cell[0] - path[:, 1]) - sign_x * cell[0]
            off_y = line[:, 2] + ratio * (sign_y * cell[1] - path[:, 2]) - sign_y * cell[1]
            worst = np.maximum(worst, np.hypot(off_x, off_y))
    return worst


def _hold_ends(path: FloatArray) -> list[int]:
    """Indices of the first and last frame of every hold: exact holds stay exact."""
    still = np.abs(np.diff(path, axis=0)).max(axis=1) < _SAME_VALUE
    ends: list[int] = []
    for first, last in runs_of_true(still):
        if last - first >= _HOLD_FRAMES:
            ends += [int(first), int(last)]
    return ends


def _furthest(path: FloatArray, start: int, end: int, cell: tuple[int, int], limit: float) -> int:
    """Last index up to `end` that a straight line from `start` reaches within `limit`."""

    def reaches(stop: int) -> bool:
        if stop <= start + 1:
            return True
        share = (np.arange(start, stop + 1) - start)[:, None] / (stop - start)
        line = path[start] + share * (path[stop] - path[start])
        return bool(error_px(path[start : stop + 1], line, cell).max() <= limit)

    if reaches(end):
        return end
    good, bad = start + 1, end
    while bad - good > 1:
        middle = (good + bad) // 2
        if reaches(middle):
            good = middle
        else:
            bad = middle
    return good


def _without_flat_ends(chosen: list[int], path: FloatArray) -> list[int]:
    """Drop a first or last key that only repeats its neighbour: outside the keys a camera holds anyway."""

    def same(a: int, b: int) -> bool:
        return bool(np.abs(path[a] - path[b]).max() < _SAME_KEY)

    while len(chosen) > 1 and same(chosen[-1], chosen[-2]):
        chosen = chosen[:-1]
    while len(chosen) > 1 and same(chosen[0], chosen[1]):
        chosen = chosen[1:]
    return chosen
