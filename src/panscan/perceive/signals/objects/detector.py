"""The interface of a detector of objects, whatever runs the network."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


class Detections(NamedTuple):
    """Objects in one picture.

    Attributes
    ----------
    box : ndarray (n, 4)
        Left, top, width, height in px of the picture.
    score : ndarray (n,)
        0..1.
    class_id : ndarray (n,), int64
        Place of the class in the detector's `names`.
    """

    box: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]
    class_id: npt.NDArray[np.int64]


class ObjectDetector(Protocol):
    """Weights that are ready to run.

    Attributes
    ----------
    names : tuple of str
        The classes that they know.
    """

    names: tuple[str, ...]

    def detect(self, rgb: Image) -> Detections:
        """The objects in a picture, most certain first."""


def clip_to_picture(ltrb: npt.NDArray[np.float64], width_px: int, height_px: int) -> npt.NDArray[np.float64]:
    """Boxes left, top, right, bottom cut to the picture, as left, top, width, height."""
    edges = np.clip(ltrb, 0, np.array([width_px, height_px] * 2, np.float64))
    return np.concatenate([edges[:, :2], edges[:, 2:] - edges[:, :2]], axis=1)
