"""A camera of as few keys as possible from what it shows frame by frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.arrays.simplify import douglas_peucker, points_on_chord
from panscan.model.framing import Camera
from panscan.model.geometry import Size

_TOLERANCE_PX = 0.0025  # source px between a crop and the camera: a quarter of the last digit of a table of crops
_STATIC_PX = 1e-4  # crops that differ by less are one: below the rounding of all files


def crops_of_keys(keys: npt.NDArray[np.float64], size: Size, source: Size) -> npt.NDArray[np.float64]:
    """The crops that keys (n, 3) of scale, x and y show: array (n, 4) of left, top, width, height."""
    scale, x_px, y_px = keys.T
    width, height = size.width / scale, size.height / scale
    left = source.width / 2 - x_px / scale - width / 2
    top = source.height / 2 - y_px / scale - height / 2
    return np.stack([left, top, width, height], axis=-1)


def camera_of_samples(
    frames: npt.NDArray[np.int64],
    keys: npt.NDArray[np.float64],
    crops: npt.NDArray[np.float64],
    size: Size,
    source: Size,
) -> Camera:
    """A camera with as few of the keys (n, 3) on `frames` as possible: lines between them must show `crops` (n, 4)."""
    if np.abs(crops - crops[0]).max() < _STATIC_PX:
        kept = [0]
    else:

        def deviation(first: int, last: int) -> npt.NDArray[np.float64]:
            on_chord = crops_of_keys(points_on_chord(keys, first, last), size, source)
            return np.asarray(np.abs(on_chord - crops[first + 1 : last]).max(axis=1) / _TOLERANCE_PX, np.float64)

        kept = douglas_peucker(len(crops), deviation)
    scale, x_px, y_px = (tuple(float(v) for v in column) for column in keys[kept].T)
    return Camera(tuple(int(frames[index]) for index in kept), scale, x_px, y_px)
