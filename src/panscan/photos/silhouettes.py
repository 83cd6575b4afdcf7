"""What stands out from its background, by MediaPipe's selfie segmentation; its model is inside MediaPipe's wheel.

It is trained on people from all sides, but takes other things in the foreground for them too: it says where something
ends, not what it is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from panscan.decoding.photo import Image
from panscan.perceive.signals.litert import load_interpreter, packaged_model
from panscan.photos.perception import FloatArray

_MODEL = "modules/selfie_segmentation/selfie_segmentation.tflite"
_SIDE_PX = 256  # of the network's square input
_INSIDE = 0.5  # 0..1, from which a px belongs to the silhouette
_LEAST_AREA, _MOST_BOX = 0.1, 0.9  # share of the part that a silhouette covers, and its box: a spot, or everything


class SilhouetteFinder:
    """The network, ready to run."""

    def __init__(self, path: Path) -> None:
        self._interpreter = load_interpreter(path)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def find(self, part: Image) -> FloatArray | None:
        """The box (4,) of the largest silhouette in a part of a view, in its px; None where none is clear."""
        import cv2

        small = cv2.resize(part, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
        self._interpreter.set_tensor(self._input, (small / 255.0).astype(np.float32)[None])
        self._interpreter.invoke()
        mask = self._interpreter.get_tensor(self._output)[0, :, :, 0] >= _INSIDE
        _, _, rows, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        left, top, wide, tall, area = max(rows[1:], key=lambda row: row[cv2.CC_STAT_AREA], default=np.zeros(5))
        if area < _LEAST_AREA * mask.size or wide * tall > _MOST_BOX * mask.size:
            return None
        box = np.array([left, top, left + wide, top + tall], np.float64) / _SIDE_PX
        return np.asarray(box * np.tile([part.shape[1], part.shape[0]], 2))


def silhouette_model() -> Path | None:
    """Where the model lies; None where it or LiteRT is not installed."""
    return packaged_model(_MODEL)
