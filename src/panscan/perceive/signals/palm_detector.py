"""MediaPipe's palm detector, run by LiteRT; its model is inside MediaPipe's wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.litert import load_interpreter, packaged_model
from panscan.perceive.signals.objects.detector import clip_to_picture
from panscan.perceive.signals.objects.onnx import non_maximum_suppression

FloatArray = npt.NDArray[np.float64]

_MODEL = "modules/palm_detection/palm_detection_full.tflite"
_SIDE_PX = 192  # of the network's square input
_GRIDS = ((24, 2), (12, 6))  # cells across, anchors in each: the model's configuration
_MIN_SCORE = 0.5  # 0..1: MediaPipe's own
_NMS_IOU = 0.3  # MediaPipe's own: palms that overlap more are one
_WRIST, _KNUCKLE = slice(4, 6), slice(8, 10)  # of the network's 18 numbers: the fingers begin at the middle knuckle
# In sides of the palm, from palm to hand: how far towards the fingers, and how wide; the best for hands drawn by eye.
_TO_FINGERS, _HAND_SIDE = 0.4, 1.6


class PalmDetector:
    """The network, ready to run."""

    options: ClassVar[tuple[Any, ...]] = ("palm_detection_full", _MIN_SCORE, _NMS_IOU, _TO_FINGERS, _HAND_SIDE)

    def __init__(self, path: Path) -> None:
        self._interpreter = load_interpreter(path)
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {int(out["shape"][-1]): out["index"] for out in self._interpreter.get_output_details()}
        self._boxes, self._scores = outputs[18], outputs[1]

    def detect(self, rgb: npt.NDArray[np.uint8], reduction: float) -> tuple[FloatArray, FloatArray]:
        """Hands (n, 4) in px of a picture, most certain first, and their scores (n,).

        Parameters
        ----------
        rgb : ndarray (h, w, 3)
        reduction : float
            Sides of the network's input per longer side of the picture: at 2, palms twice as large are found.
        """
        import cv2

        height, width = rgb.shape[:2]
        scale = _SIDE_PX / (max(height, width) * reduction)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        canvas = np.zeros((_SIDE_PX, _SIDE_PX, 3), np.float32)
        method = cv2.INTER_AREA if scale <= 1 else cv2.INTER_LINEAR
        left, top = ((_SIDE_PX - side) // 2 for side in size)
        canvas[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=method) / 255.0
        self._interpreter.set_tensor(self._input, canvas[None])
        self._interpreter.invoke()
        logits = np.asarray(self._interpreter.get_tensor(self._scores)[0, :, 0], np.float64)
        likely = np.flatnonzero(logits >= np.log(_MIN_SCORE / (1 - _MIN_SCORE)))
        score = 1 / (1 + np.exp(-np.minimum(logits[likely], 100.0)))
        raw = np.asarray(self._interpreter.get_tensor(self._boxes)[0, likely], np.float64)
        center, side = raw[:, :2] + _anchors()[likely], raw[:, 2:4]
        palms = np.concatenate([center - side / 2, center + side / 2], axis=1)
        kept = non_maximum_suppression(palms, score, np.zeros(len(palms), np.int64), _NMS_IOU)
        hands = (_hands(center[kept], side[kept], raw[kept]) - np.array([left, top] * 2)) / scale
        return clip_to_picture(hands, width, height), score[kept]


@cache
def _anchors() -> FloatArray:
    """Centres x, y (n, 2) of all anchors, px of the input."""
    rows = []
    for cells, count in _GRIDS:
        y, x = np.meshgrid(*[(np.arange(cells) + 0.5) * (_SIDE_PX / cells)] * 2, indexing="ij")
        rows.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(rows)


def _hands(center: FloatArray, side: FloatArray, raw: FloatArray) -> FloatArray:
    """Whole hands (n, 4), as left, top, right, bottom, from palms."""
    way = raw[:, _KNUCKLE] - raw[:, _WRIST]
    way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    middle, half = center + _TO_FINGERS * side * way, _HAND_SIDE * side / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def palm_model() -> Path | None:
    """Where the model lies; None where it or LiteRT is not installed."""
    return packaged_model(_MODEL)
