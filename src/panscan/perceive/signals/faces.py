"""Faces: by YuNet where its weights are, else by MediaPipe's full-range detector."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from panscan import weights
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.face_detection import FaceDetection, FaceFinder, boxes_of
from panscan.perceive.signals.mediapipe_faces import MediaPipeFaces
from panscan.perceive.signals.static_faces import StaticFaceTracker
from panscan.perceive.signals.yunet_faces import YuNetFaces

_LONG_SIDE_PX = 640  # of the view: a square of it still shows small faces larger than the detector's 192 px
_RATE_HZ = 7.5  # samples a second: a head turned quickly is seen on the way


class FacesSignal(PictureSignal):
    """Face boxes in 7.5 samples per second; small ones in fewer."""

    name: ClassVar[str] = "faces"
    version: ClassVar[int] = 8
    produces: ClassVar[type] = perception.Faces

    @staticmethod
    def options() -> tuple[Any, ...]:
        """What the value depends on: other detectors draw other boxes."""
        finder = YuNetFaces.options if weights.recommended_path("faces") else MediaPipeFaces.options
        return (_LONG_SIDE_PX, _RATE_HZ, *finder, *StaticFaceTracker.options)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._scale = np.ones(2, np.float64)
        self._rate, self._samples_hz = float(media.video.rate), _RATE_HZ * rate_factor
        self._static_faces = StaticFaceTracker(self._rate)
        self._still_run: list[int] = []
        self._weights = weights.recommended_path("faces")
        self._finder: FaceFinder | None = None
        self._looked: list[int] = []
        self._found: list[tuple[int, FaceDetection]] = []

    def see(self, picture: PictureLike) -> None:
        """Find faces, when due."""
        if not self._schedule.due(picture.frame):
            return
        if self._finder is None:
            self._finder = self._new_finder()
        self._looked.append(picture.frame)
        image, grey = picture.view(_LONG_SIDE_PX, "rgb24"), picture.view(_LONG_SIDE_PX, "gray")
        self._scale = np.array(
            [self._display.width / image.shape[1], self._display.height / image.shape[0]], np.float64
        )
        found = self._finder.find(image, grey, picture.frame)
        self._still_run += self._static_faces.update(grey, picture.frame, boxes_of(found))
        self._found += [(picture.frame, face) for face in found]

    def _new_finder(self) -> FaceFinder:
        if self._weights is not None:
            return YuNetFaces(self._weights, self._rate)
        return MediaPipeFaces(self._rate, self._samples_hz)

    def at(self, frame: int) -> FloatArray:
        """Boxes (k, 4) in display px of the newest sample at or before a frame."""
        sample = next((n for n in reversed(self._looked) if n <= frame), None)
        boxes: list[FloatArray] = []
        for seen, face in reversed(self._found):
            if sample is None or seen < sample:
                break
            if seen == sample:
                boxes.append(face.box)
        return np.array(boxes[::-1], np.float64).reshape(-1, 4) * np.tile(self._scale, 2)

    def finish(self) -> perception.Faces:
        """All faces, in display px."""
        if self._finder is not None:
            self._finder.close()
        found = [face for _, face in self._found]
        return perception.Faces(
            looked=frames_array(self._looked),
            frame=frames_array([frame for frame, _ in self._found]),
            box_px=boxes_of(found) * np.tile(self._scale, 2),
            score=np.array([face.score for face in found], np.float64),
            sharpness=np.array([face.sharpness for face in found], np.float64),
            life=self._static_faces.life(self._still_run),
            points_px=np.array([face.points for face in found], np.float64).reshape(-1, 6, 2) * self._scale,
        )
