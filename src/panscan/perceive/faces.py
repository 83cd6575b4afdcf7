"""Faces: MediaPipe's full-range detector (its model lies inside the wheel, nothing is downloaded)."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import Clock, PictureLike, frames_array

_LONG_SIDE_PX = 640
_RATE_HZ = 7.5
_MIN_SCORE = 0.5


class Faces:
    """Face boxes at 7.5 looks per second."""

    name: ClassVar[str] = "faces"
    version: ClassVar[int] = 4
    produces: ClassVar[type] = perception.Faces
    options = (_LONG_SIDE_PX, _RATE_HZ, _MIN_SCORE)

    def __init__(self, media: Media, pace: float = 1.0) -> None:
        self._clock = Clock.at(_RATE_HZ * pace, media)
        self._display = media.video.display
        self._detector: Any = None
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._rows: list[tuple[float, ...]] = []
        self._points: list[list[tuple[float, float]]] = []

    def see(self, picture: PictureLike) -> None:
        """Look for faces, when due."""
        if not self._clock.due(picture.frame):
            return
        if self._detector is None:
            self._detector = full_range_detector()
        self._looked.append(picture.frame)
        image = picture.view(_LONG_SIDE_PX, "rgb24")
        for face in self._detector.process(image).detections or []:
            box = face.location_data.relative_bounding_box
            if box.width > 0 and box.height > 0:
                place = (box.xmin, box.ymin, box.width, box.height)
                self._rows.append((*place, face.score[0], _sharpness(image, place)))
                self._frames.append(picture.frame)
                self._points.append([(p.x, p.y) for p in face.location_data.relative_keypoints])

    def finish(self) -> perception.Faces:
        """All faces, in display px."""
        if self._detector is not None:
            self._detector.close()
        rows = np.array(self._rows, np.float64).reshape(-1, 6)
        size = np.array([self._display.width, self._display.height], np.float64)
        return perception.Faces(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames),
            box_px=rows[:, :4] * np.tile(size, 2),
            score=rows[:, 4],
            sharpness=rows[:, 5],
            points_px=np.array(self._points, np.float64).reshape(-1, 6, 2) * size,
        )


def _sharpness(image: npt.NDArray[np.uint8], place: tuple[float, float, float, float]) -> float:
    """How finely a box (left, top, width, height as fractions) is drawn, 0..1.

    Standard deviation of the Laplacian over that of the levels, times the width of the box: the finest detail per
    face, not per pixel, so that a large face in focus and a small one read alike. Measured: in focus 0.7 to 1,
    in a blurred background 0.2 to 0.5.
    """
    import cv2

    height, width = image.shape[:2]
    left, top = max(0, int(place[0] * width)), max(0, int(place[1] * height))
    right, bottom = int((place[0] + place[2]) * width) + 1, int((place[1] + place[3]) * height) + 1
    patch = image[top:bottom, left:right]
    if min(patch.shape[:2]) < 8:
        return 0.0
    grey = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    fineness = float(cv2.Laplacian(grey, cv2.CV_32F).std()) / max(float(grey.std()), 4.0)
    return float(min(1.0, fineness * patch.shape[1] / 40))


@contextmanager
def _quiet_native_log() -> Iterator[None]:
    """Send what native code writes to stderr nowhere: MediaPipe's start-up chatter has no other switch."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def full_range_detector() -> Any:
    """MediaPipe's full-range face detector, ready and quiet.

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    # protobuf 4 warns at every result that one of its own calls is old; nobody can act on it.
    warnings.filterwarnings("ignore", message="SymbolDatabase.GetPrototype", category=UserWarning)
    with _quiet_native_log(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import mediapipe
        except ImportError as error:
            raise CapabilityError(
                "faces cannot be detected",
                why=f"MediaPipe does not import: {error}.",
                fix="Install it again: pip install --force-reinstall mediapipe==0.10.14 "
                "(on slim Linux also the system packages libgl1 and libglib2.0-0).",
            ) from error
        if not hasattr(mediapipe, "solutions"):
            raise CapabilityError(
                "faces cannot be detected",
                why=f"MediaPipe {mediapipe.__version__} has no bundled models.",
                fix="pip install mediapipe==0.10.14",
            )
        # The short-range model (0) misses faces under a fifth of the picture's height.
        detector = mediapipe.solutions.face_detection.FaceDetection(
            model_selection=1, min_detection_confidence=_MIN_SCORE
        )
        detector.process(np.zeros((64, 64, 3), np.uint8))  # the rest of the chatter comes with the first picture
        return detector
