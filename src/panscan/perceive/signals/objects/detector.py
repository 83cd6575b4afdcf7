"""What finds objects in one picture, whatever runs the network."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


class Detections(NamedTuple):
    """Objects in one picture: box (n, 4) left, top, width, height in px of the picture, score (n,), class_id (n,)."""

    box: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]
    class_id: npt.NDArray[np.int64]


class ObjectDetector(Protocol):
    """Weights, opened."""

    names: tuple[str, ...]

    def detect(self, rgb: Image) -> Detections:
        """The objects in a picture, most certain first."""


def clip_to_picture(ltrb: npt.NDArray[np.float64], width_px: int, height_px: int) -> npt.NDArray[np.float64]:
    """Boxes left, top, right, bottom cut to the picture, as left, top, width, height."""
    edges = np.clip(ltrb, 0, np.array([width_px, height_px] * 2, np.float64))
    return np.concatenate([edges[:, :2], edges[:, 2:] - edges[:, :2]], axis=1)
