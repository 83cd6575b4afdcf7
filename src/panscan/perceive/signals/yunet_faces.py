"""Faces by YuNet (MIT), run by OpenCV: finds small and turned faces that MediaPipe misses, and fewer that are none.

Everything behind this file counts faces as MediaPipe draws them: a square from brow to chin, and six points with ears.
YuNet's box reaches from the hairline to the chin, and it has no ears, so both are estimated here. The numbers are least
squares over 492 faces that both detectors found in 30 films: the box is off by a median of 5 % of its height, eyes,
nose and mouth by 3 %, an ear by 5 %; the turn of the head correlates by 0.87.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from panscan.model.bodies import face_plausibility
from panscan.model.perception import FloatArray
from panscan.perceive.signals.face_detection import (
    MIN_SCORE,
    SAME_FACE_IOU,
    WEAK_SCORE,
    WEAK_SHAPE,
    FaceDetection,
    Image,
    boxes_of,
    iou_or_near,
    sharpness,
)
from panscan.perceive.signals.scene_change import SCENE_CHANGE_LEVELS, Thumbnail, mean_change_levels, thumbnail

_SMALL_VIEW_PX = 320  # long side that is looked at in every sample: a quarter of the time of the whole view
_FULL_LOOK_S = 1.0  # the whole view is looked at so often, and after a change of scene
_SMALL_FACE_PX = (
    48.0  # of the whole view: smaller known faces are followed in it, half of that is lost in the small one
)
_SMALL_FACE_EVERY_SAMPLES = 2  # how often they are: a face lost for one sample is still followed
_KEPT_S = 1.2  # how long a low score is enough where a face was: as long as a track may have a gap
_NMS_IOU = 0.3  # YuNet's own: boxes that overlap more are one face
_MAX_FACES = 200  # of one picture

# Of YuNet's box height: side of the square, and how much lower its centre lies.
_SIDE, _LOWER = 0.857, 0.053
# Ears across, from the middle of the eyes, nose, middle of the mouth and the distance of the eyes, all from the centre
# of YuNet's box in its heights; the ear on the person's right has the upper sign.
_EAR_EYES, _EAR_NOSE, _EAR_MOUTH, _EAR_APART, _EAR_SIDE = 1.52, -2.06, 1.48, 0.546, 0.186
_EAR_BELOW_EYES = 0.1  # of YuNet's box height


class YuNetFaces:
    """Faces of the view: in a small version of it, and now and then, or while faces are small, in all of it."""

    options: ClassVar[tuple[Any, ...]] = (
        "yunet",
        2,
        _SMALL_VIEW_PX,
        _FULL_LOOK_S,
        _SMALL_FACE_PX,
        _SMALL_FACE_EVERY_SAMPLES,
        MIN_SCORE,
        WEAK_SCORE,
        WEAK_SHAPE,
    )

    def __init__(self, weights: Path, rate: float) -> None:
        self._weights = weights
        self._detectors: dict[tuple[int, int], Any] = {}
        self._full_look_frames, self._kept_frames = _FULL_LOOK_S * rate, _KEPT_S * rate
        self._full_look, self._samples_since = -np.inf, 0
        self._thumbnail: Thumbnail | None = None
        self._known: list[tuple[int, FloatArray]] = []

    def find(self, image: Image, grey: Image, frame: int) -> list[FaceDetection]:
        """The faces in a view."""
        now = thumbnail(image)
        if mean_change_levels(self._thumbnail, now) > SCENE_CHANGE_LEVELS:
            self._known, self._full_look = [], -np.inf
        self._thumbnail = now
        self._known = [(seen, box) for seen, box in self._known if frame - seen <= self._kept_frames]
        is_full = self._is_full_look_due(frame)
        self._full_look, self._samples_since = (frame, 0) if is_full else (self._full_look, self._samples_since + 1)
        found = [face for face in self._detect(image, grey, None if is_full else _SMALL_VIEW_PX) if self._counts(face)]
        found_boxes = boxes_of(found)
        self._known = [
            (seen, box) for seen, box in self._known if not any(_same(box, other) for other in found_boxes)
        ] + [(frame, box) for box in found_boxes]
        return found

    def close(self) -> None:
        """Release the detector."""
        self._detectors = {}

    def _is_full_look_due(self, frame: int) -> bool:
        """Whether to look at the whole view: now and then, after a change of scene, and often while faces are small."""
        follows_small = any(box[3] < _SMALL_FACE_PX for _, box in self._known)
        is_turn = follows_small and self._samples_since + 1 >= _SMALL_FACE_EVERY_SAMPLES
        return is_turn or frame - self._full_look >= self._full_look_frames

    def _counts(self, face: FaceDetection) -> bool:
        """Whether a face is sure, or shaped like one and where one was a moment ago."""
        if face.score >= MIN_SCORE:
            return True
        is_shaped = float(face_plausibility(face.box[None], face.points[None])[0]) >= WEAK_SHAPE
        return is_shaped and any(_same(face.box, box) for _, box in self._known)

    def _detect(self, image: Image, grey: Image, long_side_px: int | None) -> list[FaceDetection]:
        import cv2

        scale = min(1.0, (long_side_px or max(image.shape[:2])) / max(image.shape[:2]))
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        bgr = np.ascontiguousarray(image[..., ::-1])
        if scale < 1:
            bgr = np.asarray(cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        _, rows = self._detector_of(width, height).detect(bgr)
        found = []
        for row in np.zeros((0, 15)) if rows is None else np.asarray(rows, np.float64):
            box, points = mediapipe_face(row[:4] / scale, row[4:14].reshape(5, 2) / scale)
            if min(box[2:]) > 0:
                found.append(FaceDetection(box, float(min(row[14], 1.0)), sharpness(grey, box), points))
        return found

    def _detector_of(self, width: int, height: int) -> Any:
        """A detector for each size: to change the size of one costs as much as a look at the whole view."""
        import cv2

        if (width, height) not in self._detectors:
            self._detectors[width, height] = cv2.FaceDetectorYN.create(
                str(self._weights), "", (width, height), WEAK_SCORE, _NMS_IOU, _MAX_FACES
            )
        return self._detectors[width, height]


def mediapipe_face(box: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """YuNet's box (4,) and points (5, 2) as MediaPipe's full-range detector gives them: (4,) and (6, 2)."""
    centre, height = box[:2] + box[2:] / 2, box[3]
    side = _SIDE * height
    square = np.array([centre[0] - side / 2, centre[1] + _LOWER * height - side / 2, side, side])
    right_eye, left_eye, nose, mouth = (*points[:3], points[3:].mean(axis=0))
    eyes = (right_eye + left_eye) / 2
    middle = _EAR_EYES * (eyes[0] - centre[0]) + _EAR_NOSE * (nose[0] - centre[0]) + _EAR_MOUTH * (mouth[0] - centre[0])
    apart = _EAR_APART * (left_eye[0] - right_eye[0]) + _EAR_SIDE * height
    across = centre[0] + middle + np.array([-apart, apart])
    ears = np.stack([across, np.full(2, eyes[1] + _EAR_BELOW_EYES * height)], axis=1)
    return square, np.concatenate([np.stack([right_eye, left_eye, nose, mouth]), ears])


def _same(one: FloatArray, other: FloatArray) -> bool:
    return iou_or_near(one, other) >= SAME_FACE_IOU
