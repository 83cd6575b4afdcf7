"""The camera's own motion between two pictures, and what it does not explain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from panscan.model.perception import FloatArray

_GRID_PX = 8  # of the view: step of the grid that the background is fitted on
_FIT_ROUNDS = 5  # of re-weighting at most: the fit settles in two or three
_SETTLED_PX = 0.01  # the background's motion is fitted until it changes less
_MIN_SPREAD_PX = 0.3  # least scale of the weights, so that a perfect fit does not count tiny errors as outliers

Image = npt.NDArray[np.uint8]
FloatMap = npt.NDArray[np.float32]


def background_motion(field: FloatMap) -> FloatArray:
    """Affine motion (3, 2) of the background: at the picture's centre, and its slopes across and down.

    Iteratively re-weighted least squares on a coarse grid (Cauchy weights): as robust as RANSAC for a background
    that fills most of the picture, and the same in every run.
    """
    coarse = _affine_basis(field.shape[0], field.shape[1])
    half = _GRID_PX // 2
    samples = field[half::_GRID_PX, half::_GRID_PX].reshape(-1, 2).astype(np.float64)
    motion = np.zeros((3, 2))
    motion[0] = np.median(samples, axis=0)
    for _ in range(_FIT_ROUNDS):
        distance = np.hypot(*(samples - coarse @ motion).T)
        spread = max(_MIN_SPREAD_PX, float(np.median(distance)))
        weighted = coarse / (1 + (distance / (2 * spread)) ** 2)[:, None]
        before = motion
        motion = np.linalg.solve(weighted.T @ coarse + 1e-6 * np.eye(3), weighted.T @ samples)
        if np.abs(motion - before).max() < _SETTLED_PX:
            break
    return motion


def residual_speed(field: FloatMap, motion: FloatArray) -> FloatMap:
    """Length of the flow that the background's motion does not explain, at every pixel (h, w)."""
    height, width = field.shape[:2]
    # A sum of a row and a column takes a fifth of the time of a matrix product, and starts no threads of a library.
    across, down = (np.arange(size, dtype=np.float64) / size - 0.5 for size in (width, height))
    squares = np.zeros((height, width), np.float32)
    for axis in (0, 1):
        row = (motion[0, axis] + motion[1, axis] * across).astype(np.float32)
        column = (motion[2, axis] * down).astype(np.float32)
        apart = field[..., axis] - row
        apart -= column[:, None]
        apart *= apart
        squares += apart
    # Not cv2.magnitude: its last bit depends on where the arrays lie in memory.
    return np.asarray(np.sqrt(squares, out=squares), np.float32)


@lru_cache(maxsize=4)
def _affine_basis(height: int, width: int) -> FloatArray:
    """Terms 1, x, y of an affine motion (0 at the picture's centre) on the coarse grid (n, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    terms = np.stack([np.ones(x.shape), x / width - 0.5, y / height - 0.5], axis=-1)
    half = _GRID_PX // 2
    return np.asarray(terms[half::_GRID_PX, half::_GRID_PX].reshape(-1, 3))


def slope(image: Image) -> Image:
    """Steepness of the picture at every pixel: the Sobel response across plus that down, 255 levels at most."""
    import cv2

    across, down = cv2.Sobel(image, cv2.CV_16S, 1, 0), cv2.Sobel(image, cv2.CV_16S, 0, 1)
    return np.asarray(cv2.add(cv2.convertScaleAbs(across), cv2.convertScaleAbs(down)), np.uint8)


def unexplained_change(before: Image, after: Image, motion: FloatArray) -> Image:
    """Levels by which two pictures differ, also when the background's motion is taken back, at each px of the first.

    The lesser of both differences: logos and other graphics stand still to the px while the ground passes under them.
    What has left the picture cannot be compared, and counts as no change.
    """
    import cv2

    height, width = before.shape
    across, down = motion[1] / width, motion[2] / height
    middle = motion[0] - (across * width + down * height) / 2
    to_after = np.column_stack([across, down, middle]) + np.eye(2, 3)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved_back = cv2.warpAffine(
        after, to_after, (width, height), before.copy(), flags=flags, borderMode=cv2.BORDER_TRANSPARENT
    )
    return np.asarray(cv2.min(cv2.absdiff(before, moved_back), cv2.absdiff(before, after)), np.uint8)
