"""Faces: MediaPipe's full-range detector (its model is inside the wheel, nothing is downloaded)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import iou
from panscan.model import perception
from panscan.model.bodies import face_plausibility
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.mediapipe_io import load_mediapipe, quiet_native_log, run_solution
from panscan.perceive.signals.small_faces import SearchSquare, SmallFaceSearch
from panscan.perceive.signals.static_faces import StaticFaceTracker

_LONG_SIDE_PX = 640  # of the view: a square of it still shows small faces larger than the detector's 192 px
_RATE_HZ = 7.5  # samples a second: a head turned quickly is seen on the way
_MIN_SCORE = 0.6  # 0..1: the detector's own limit
_WEAK_SCORE = 0.3  # 0..1: enough where a face was seen a moment ago, if it is shaped like one
_WEAK_SHAPE = 0.2  # plausibility 0..1 that such a face needs: hands stay near 0
_SAME_FACE_IOU = 0.3  # from which two boxes are one face: the detector's boxes of one head vary that much
_SCORE_THRESHOLD_PARAMETER = "facedetectionfullrange__facedetection__TensorsToDetectionsCalculator.min_score_thresh"

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _FaceDetection:
    """A detected face, in px of the view.

    Attributes
    ----------
    box : ndarray (4,)
        Left, top, width, height.
    score : float
        The detector's, 0..1.
    sharpness : float
        0..1.
    points : ndarray (6, 2)
    """

    box: FloatArray
    score: float
    sharpness: float
    points: FloatArray


class FacesSignal(PictureSignal):
    """Face boxes in 7.5 samples per second, with a search for small faces (see `small_faces`)."""

    name: ClassVar[str] = "faces"
    version: ClassVar[int] = 8
    produces: ClassVar[type] = perception.Faces
    options = (
        _LONG_SIDE_PX,
        _RATE_HZ,
        _MIN_SCORE,
        _WEAK_SCORE,
        _WEAK_SHAPE,
        _SAME_FACE_IOU,
        *SmallFaceSearch.options,
        *StaticFaceTracker.options,
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._scale = np.ones(2, np.float64)
        self._small_face_search = SmallFaceSearch(float(media.video.rate), _RATE_HZ * rate_factor)
        self._static_faces = StaticFaceTracker(float(media.video.rate))
        self._still_run: list[int] = []
        self._detector: Any = None
        self._looked: list[int] = []
        self._found: list[tuple[int, _FaceDetection]] = []

    def see(self, picture: PictureLike) -> None:
        """Find faces, when due."""
        if not self._schedule.due(picture.frame):
            return
        if self._detector is None:
            self._detector = full_range_detector()
        self._looked.append(picture.frame)
        image, grey = picture.view(_LONG_SIDE_PX, "rgb24"), picture.view(_LONG_SIDE_PX, "gray")
        self._scale = np.array(
            [self._display.width / image.shape[1], self._display.height / image.shape[0]], np.float64
        )
        self._small_face_search.begin_sample(image, picture.frame)
        found = (
            self._detect(image, grey, SearchSquare(0, 0, 0)) if self._small_face_search.searches_whole_picture else []
        )
        sure = [face for face in found if face.score >= _MIN_SCORE]
        for square in self._small_face_search.extra_squares(_boxes(sure), image.shape[:2]):
            for face in self._detect(image, grey, square):
                same = [other for other in found if _iou_or_near(face.box, other.box) >= _SAME_FACE_IOU]
                if all(other.score < min(face.score, _MIN_SCORE) for other in same):
                    found = [other for other in found if other not in same] + [face]
        found = self._without_second_boxes(_non_maximum_suppression(found))
        self._small_face_search.end_sample(
            _boxes(found), np.array([face.score >= _MIN_SCORE for face in found], np.bool_)
        )
        self._still_run += self._static_faces.update(grey, picture.frame, _boxes(found))
        self._found += [(picture.frame, face) for face in found]

    def _without_second_boxes(self, faces: list[_FaceDetection]) -> list[_FaceDetection]:
        """Drop low-score faces where the only known face near is already matched by a face with a higher score.

        Such a face is a second box on the same head.
        """
        kept: list[_FaceDetection] = []
        for face in faces:  # the highest score first
            if face.score >= _MIN_SCORE or self._small_face_search.was_seen_near(face.box, _boxes(kept)):
                kept.append(face)
        return kept

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
        if self._detector is not None:
            self._detector.close()
        found = [face for _, face in self._found]
        return perception.Faces(
            looked=frames_array(self._looked),
            frame=frames_array([frame for frame, _ in self._found]),
            box_px=_boxes(found) * np.tile(self._scale, 2),
            score=np.array([face.score for face in found], np.float64),
            sharpness=np.array([face.sharpness for face in found], np.float64),
            life=self._static_faces.life(self._still_run),
            points_px=np.array([face.points for face in found], np.float64).reshape(-1, 6, 2) * self._scale,
        )

    def _detect(self, image: Image, grey: Image, square: SearchSquare) -> list[_FaceDetection]:
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
            if seen.score[0] < _MIN_SCORE and not (
                self._small_face_search.was_seen_near(box)
                and float(face_plausibility(box[None], points[None])[0]) >= _WEAK_SHAPE
            ):
                continue
            found.append(_FaceDetection(box, float(seen.score[0]), _sharpness(grey, box), points))
        return found


def _non_maximum_suppression(faces: list[_FaceDetection]) -> list[_FaceDetection]:
    """One face per head, the one with the highest score: a hand before a face looks like a second one."""
    kept: list[_FaceDetection] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(_iou_or_near(face.box, other.box) < _SAME_FACE_IOU for other in kept):
            kept.append(face)
    return kept


def _boxes(faces: list[_FaceDetection]) -> FloatArray:
    return np.array([face.box for face in faces], np.float64).reshape(-1, 4)


def _iou_or_near(one: FloatArray, other: FloatArray) -> float:
    """Intersection over union; 1 where the centres are closer than half of the larger box on both axes."""
    apart = np.abs(one[:2] + one[2:] / 2 - other[:2] - other[2:] / 2)
    if np.all(apart < np.maximum(one[2:], other[2:]) / 2):
        return 1.0
    return float(iou(one[None], other)[0])


def _sharpness(image: Image, box: FloatArray) -> float:
    """How sharp a box of a grey picture is, 0..1.

    Standard deviation of the Laplacian over that of the levels, times the width of the box: the finest detail per
    face, not per pixel, so that large and small faces in focus give the same. Measured: in focus 0.7 to 1, in a blurred
    background 0.2 to 0.5.
    """
    import cv2

    left, top = np.maximum(0, box[:2].astype(int))
    right, bottom = (box[:2] + box[2:]).astype(int) + 1
    patch = np.ascontiguousarray(image[top:bottom, left:right])
    if min(patch.shape) < 8:
        return 0.0
    detail, contrast = (float(cv2.meanStdDev(level)[1][0, 0]) for level in (cv2.Laplacian(patch, cv2.CV_16S), patch))
    fineness = detail / max(contrast, 4.0)
    return float(min(1.0, fineness * patch.shape[1] / 40))


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
            calculator_params={_SCORE_THRESHOLD_PARAMETER: _WEAK_SCORE},
            outputs=["detections"],
        )
        detector.process(np.zeros((64, 64, 3), np.uint8))  # the rest of the log messages come with the first picture
        return detector
