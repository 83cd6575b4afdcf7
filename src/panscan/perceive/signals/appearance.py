"""How people look: colours of hair, face and clothes, to recognise one person in another shot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 1.875  # a quarter of the faces' samples, at the same pictures
_MIN_FACE_PX = 16  # width in the view: a smaller face has no colours of its own

# Hair, face, clothes: left, top, width, height in face boxes, from the corner of the box.
_PARTS = ((0.1, -0.45, 0.8, 0.35), (0.15, 0.1, 0.7, 0.8), (-0.5, 1.35, 2.0, 0.9))
_BINS = (6, 3, 4)  # of hue, saturation, value: coarse, so that light and shade do not make another person


class AppearanceSignal(PictureSignal):
    """Colour histograms of hair, face and clothes of each face, about twice a second."""

    name: ClassVar[str] = "appearance"
    version: ClassVar[int] = 2
    produces: ClassVar[type] = perception.Appearance
    depends_on: ClassVar[tuple[str, ...]] = ("faces",)
    options = (_LONG_SIDE_PX, _RATE_HZ, _PARTS, _BINS)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._faces: Any = None
        self._frames: list[int] = []
        self._boxes: list[FloatArray] = []
        self._tones: list[FloatArray] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the faces."""
        self._faces = others.get("faces")

    def see(self, picture: PictureLike) -> None:
        """Count the colours of every face in the picture, when due."""
        if self._faces is None or not self._schedule.due(picture.frame):
            return
        boxes = self._faces.at(picture.frame)
        if not len(boxes):
            return
        import cv2

        image = picture.view(_LONG_SIDE_PX, "rgb24")
        scale = image.shape[1] / self._display.width
        hsv: npt.NDArray[np.uint8] | None = None
        for box in boxes:
            if box[2] * scale < _MIN_FACE_PX:
                continue
            if hsv is None:
                hsv = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2HSV), np.uint8)
            self._frames.append(picture.frame)
            self._boxes.append(box)
            self._tones.append(np.concatenate([_colour_histogram(hsv, box * scale, part) for part in _PARTS]))

    def finish(self) -> perception.Appearance:
        """Everything that was counted."""
        width = len(_PARTS) * int(np.prod(_BINS))
        return perception.Appearance(
            frame=frames_array(self._frames),
            box_px=np.array(self._boxes, np.float64).reshape(-1, 4),
            tone=np.array(self._tones, np.float64).reshape(-1, width),
        )


def _colour_histogram(
    hsv: npt.NDArray[np.uint8], box: FloatArray, part: tuple[float, float, float, float]
) -> FloatArray:
    """Share of each colour (hue x saturation x value) in one part of a person; zeros where it leaves the picture."""
    import cv2

    left, top = box[0] + part[0] * box[2], box[1] + part[1] * box[3]
    right, bottom = left + part[2] * box[2], top + part[3] * box[3]
    height, width = hsv.shape[:2]
    patch = hsv[max(0, int(top)) : min(height, int(bottom)), max(0, int(left)) : min(width, int(right))]
    if patch.size == 0:
        return np.zeros(int(np.prod(_BINS)))
    counted = cv2.calcHist([patch], [0, 1, 2], None, list(_BINS), [0, 180, 0, 256, 0, 256]).ravel()
    return np.asarray(counted / counted.sum(), np.float64)
