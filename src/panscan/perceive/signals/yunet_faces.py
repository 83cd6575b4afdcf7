"""Faces by YuNet (MIT), run by OpenCV: finds small and turned faces that MediaPipe misses, and fewer that are none.

Everything behind this file counts faces as MediaPipe draws them: a square from brow to chin, and six points with ears.
YuNet's box reaches from the hairline to the chin, and it has no ears, so both are estimated here. The numbers are least
squares over 492 faces that both detectors found in 30 films: the box is off by a median of 5 % of its height, eyes,
nose and mouth by 3 %, an ear by 5 %; the turn of the head correlates by 0.87.
"""

from __future__ import annotations

from dataclasses import replace
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
    one_per_head,
    sharpness,
)
from panscan.perceive.signals.scene_change import SCENE_CHANGE_LEVELS, Thumbnail, mean_change_levels, thumbnail
from panscan.perceive.signals.small_faces import SearchSquare

_SMALL_VIEW_PX = 320  # long side that is looked at in every sample: a quarter of the time of the whole view
_FULL_LOOK_S = 1.0  # the whole view is looked at so often, and after a change of scene
_SMALL_FACE_PX = 48.0  # of the whole view: smaller known faces are followed in it, as the small one loses some
_SQUARE_PX = 160  # side of the part of it around such a face: an eighth of the time of all of it
_MAX_SQUARES = 4  # in one sample: for more faces the whole view is looked at
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
    """Faces of the view: in a small version of it and around small faces that are known; now and then in all of it."""

    options: ClassVar[tuple[Any, ...]] = (
        "yunet",
        3,
        _SMALL_VIEW_PX,
        _FULL_LOOK_S,
        _SMALL_FACE_PX,
        _SQUARE_PX,
        _MAX_SQUARES,
        MIN_SCORE,
        WEAK_SCORE,
        WEAK_SHAPE,
    )

    def __init__(self, weights: Path, rate: float) -> None:
        self._weights = weights
        self._detectors: dict[tuple[int, int], Any] = {}
        self._full_look_frames, self._kept_frames = _FULL_LOOK_S * rate, _KEPT_S * rate
        self._full_look = -np.inf
        self._thumbnail: Thumbnail | None = None
        self._known: list[tuple[int, FloatArray]] = []

    def find(self, image: Image, grey: Image, frame: int) -> list[FaceDetection]:
        """The faces in a view."""
        now = thumbnail(image)
        if mean_change_levels(self._thumbnail, now) > SCENE_CHANGE_LEVELS:
            self._known, self._full_look = [], -np.inf
        self._thumbnail = now
        self._known = [(seen, box) for seen, box in self._known if frame - seen <= self._kept_frames]
        found = [face for face in self._look(image, grey, frame) if self._counts(face)]
        found_boxes = boxes_of(found)
        self._known = [
            (seen, box) for seen, box in self._known if not any(_same(box, other) for other in found_boxes)
        ] + [(frame, box) for box in found_boxes]
        return found

    def close(self) -> None:
        """Release the detector."""
        self._detectors = {}

    def _look(self, image: Image, grey: Image, frame: int) -> list[FaceDetection]:
        """All boxes of this sample, sure or not."""
        if frame - self._full_look < self._full_look_frames:
            found = self._detect(image, grey, _SMALL_VIEW_PX)
            sure = boxes_of([face for face in found if face.score >= MIN_SCORE])
            lost = [box for _, box in self._known if box[3] < _SMALL_FACE_PX and not any(_same(box, s) for s in sure)]
            squares = _squares_around(lost, image.shape)
            if len(squares) <= _MAX_SQUARES:
                return one_per_head(found + [face for s in squares for face in self._detect_in(image, grey, s)])
        self._full_look = frame
        return self._detect(image, grey, None)

    def _counts(self, face: FaceDetection) -> bool:
        """Whether a face is sure, or shaped like one and where one was a moment ago."""
        if face.score >= MIN_SCORE:
            return True
        is_shaped = float(face_plausibility(face.box[None], face.points[None])[0]) >= WEAK_SHAPE
        return is_shaped and any(_same(face.box, box) for _, box in self._known)

    def _detect_in(self, image: Image, grey: Image, square: SearchSquare) -> list[FaceDetection]:
        """The faces in a square of the view that it does not truncate."""
        part = (slice(square.top, square.top + square.side), slice(square.left, square.left + square.side))
        origin = np.array([square.left, square.top], np.float64)
        found = []
        for face in self._detect(image[part], grey[part], None):
            box = np.concatenate([face.box[:2] + origin, face.box[2:]])
            if not square.truncates(box, image.shape):
                found.append(replace(face, box=box, points=face.points + origin))
        return found

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


def _squares_around(boxes: list[FloatArray], shape: tuple[int, ...]) -> list[SearchSquare]:
    """Squares of the view that hold all of the small boxes, each well inside one."""
    height, width = shape[:2]
    side, squares = min(_SQUARE_PX, height, width), list[SearchSquare]()
    for box in boxes:
        centre = box[:2] + box[2:] / 2
        if all(np.max(np.abs(centre - [s.left + side / 2, s.top + side / 2])) > side / 4 for s in squares):
            left, top = np.clip(centre - side / 2, 0, [width - side, height - side]).astype(int)
            squares.append(SearchSquare(int(left), int(top), side))
    return squares


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
