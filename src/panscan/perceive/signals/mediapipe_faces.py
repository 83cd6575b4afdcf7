"""Faces by MediaPipe's full-range detector: its model is inside the wheel, nothing is downloaded."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from panscan.libraries import quiet_native_log
from panscan.model.bodies import face_plausibility
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
from panscan.perceive.signals.mediapipe_io import load_mediapipe, run_solution
from panscan.perceive.signals.small_faces import SearchSquare, SmallFaceSearch

_SCORE_THRESHOLD_PARAMETER = "facedetectionfullrange__facedetection__TensorsToDetectionsCalculator.min_score_thresh"


class MediaPipeFaces:
    """Faces of the whole view, with a search for small ones (see `small_faces`)."""

    options: ClassVar[tuple[float, ...]] = (
        MIN_SCORE,
        WEAK_SCORE,
        WEAK_SHAPE,
        SAME_FACE_IOU,
        *SmallFaceSearch.options,
    )

    def __init__(self, rate: float, samples_hz: float) -> None:
        self._detector = full_range_detector()
        self._search = SmallFaceSearch(rate, samples_hz)

    def find(self, image: Image, grey: Image, frame: int) -> list[FaceDetection]:
        """The faces in a view."""
        self._search.begin_sample(image, frame)
        found = self._detect(image, grey, SearchSquare(0, 0, 0)) if self._search.searches_whole_picture else []
        sure = [face for face in found if face.score >= MIN_SCORE]
        for square in self._search.extra_squares(boxes_of(sure), image.shape[:2]):
            for face in self._detect(image, grey, square):
                same = [other for other in found if iou_or_near(face.box, other.box) >= SAME_FACE_IOU]
                if all(other.score < min(face.score, MIN_SCORE) for other in same):
                    found = [other for other in found if other not in same] + [face]
        found = self._without_second_boxes(one_per_head(found))
        self._search.end_sample(boxes_of(found), np.array([face.score >= MIN_SCORE for face in found], np.bool_))
        return found

    def close(self) -> None:
        """Release MediaPipe's graph."""
        self._detector.close()

    def _without_second_boxes(self, faces: list[FaceDetection]) -> list[FaceDetection]:
        """Drop low-score faces where the only known face near is already matched by a face with a higher score.

        Such a face is a second box on the same head.
        """
        kept: list[FaceDetection] = []
        for face in faces:  # the highest score first
            if face.score >= MIN_SCORE or self._search.was_seen_near(face.box, boxes_of(kept)):
                kept.append(face)
        return kept

    def _detect(self, image: Image, grey: Image, square: SearchSquare) -> list[FaceDetection]:
        """Faces in the whole view (in colour and in grey), or in a square of it: those that it does not truncate.

        Low-score ones count only if they are shaped like a face and lie where one was seen a moment ago.
        """
        part = image
        if square.side:
            part = image[square.top : square.top + square.side, square.left : square.left + square.side]
        height, width = part.shape[:2]
        size, origin = np.array([width, height], np.float64), np.array([square.left, square.top], np.float64)
        found = []
        for seen in run_solution(self._detector, np.ascontiguousarray(part)) or []:
            place = seen.location_data.relative_bounding_box
            box = np.array([place.xmin, place.ymin, place.width, place.height], np.float64) * np.tile(size, 2)
            box[:2] += origin
            if min(box[2:]) <= 0 or (square.side and square.truncates(box, image.shape[:2])):
                continue
            points = np.array([(p.x, p.y) for p in seen.location_data.relative_keypoints], np.float64) * size + origin
            if seen.score[0] < MIN_SCORE and not (
                self._search.was_seen_near(box) and float(face_plausibility(box[None], points[None])[0]) >= WEAK_SHAPE
            ):
                continue
            found.append(FaceDetection(box, float(seen.score[0]), sharpness(grey, box), points))
        return found


def full_range_detector() -> Any:
    """MediaPipe's full-range face detector, ready and quiet.

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    with quiet_native_log():
        mediapipe = load_mediapipe("faces cannot be detected")
        from mediapipe.python.solution_base import SolutionBase

        # The short-range model misses faces under a fifth of the picture's height. `FaceDetection` accepts a minimum
        # score but ignores it: the graph of the full-range model has its own, 0.6.
        detector = SolutionBase(
            binary_graph_path=mediapipe.solutions.face_detection._FULL_RANGE_GRAPH_FILE_PATH,
            calculator_params={_SCORE_THRESHOLD_PARAMETER: WEAK_SCORE},
            outputs=["detections"],
        )
        detector.process(np.zeros((64, 64, 3), np.uint8))  # the rest of the log messages come with the first picture
        return detector
