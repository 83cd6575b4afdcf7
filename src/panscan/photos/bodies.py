"""Joints of one body in a part of a photo, by MediaPipe's pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from panscan.decoding.photo import Image
from panscan.libraries import quiet_native_log
from panscan.model.bodies import body_plausibility
from panscan.perceive.signals.mediapipe_io import load_mediapipe
from panscan.photos.perception import FloatArray

_COMPLEXITY = 1  # MediaPipe's number for the only model inside the wheel
_MIN_PLAUSIBLE = 0.1  # 0..1: below, the points make no body; MediaPipe draws one into everything


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """MediaPipe's points of a body.

    Attributes
    ----------
    points_px : ndarray (33, 2)
    visibility : ndarray (33,)
        0..1.
    """

    points_px: FloatArray
    visibility: FloatArray


class PhotoPose:
    """MediaPipe's pose for single pictures."""

    def __init__(self) -> None:
        with quiet_native_log():
            mediapipe = load_mediapipe("bodies cannot be found")
            self._model = mediapipe.solutions.pose.Pose(
                static_image_mode=True, model_complexity=_COMPLEXITY, enable_segmentation=False
            )
            self._model.process(np.zeros((64, 64, 3), np.uint8))  # log messages come with the first picture

    def find(self, part: Image, origin_px: tuple[int, int]) -> Joints | None:
        """The body in a part of a view that begins at `origin_px`, in px of the view; None without a plausible one."""
        found: Any = self._model.process(np.ascontiguousarray(part)).pose_landmarks
        if found is None:
            return None
        size = np.array([part.shape[1], part.shape[0]], np.float64)
        points = np.array([(p.x, p.y) for p in found.landmark], np.float64) * size + np.array(origin_px)
        visibility = np.clip(np.array([p.visibility for p in found.landmark], np.float64), 0.0, 1.0)
        if float(body_plausibility(points[None], visibility[None])[0]) < _MIN_PLAUSIBLE:
            return None
        return Joints(points, visibility)

    def close(self) -> None:
        """Release MediaPipe's graph."""
        self._model.close()
