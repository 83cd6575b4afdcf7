"""One detected face, and what all face detectors share: sharpness and one box per head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import iou
from panscan.model.perception import FloatArray

MIN_SCORE = 0.6  # 0..1, of a face that needs no other evidence
WEAK_SCORE = 0.3  # 0..1: enough where a face was seen a moment ago, if it is shaped like one
WEAK_SHAPE = 0.2  # plausibility 0..1 that such a face needs: hands stay near 0
SAME_FACE_IOU = 0.3  # from which two boxes are one face: a detector's boxes of one head vary that much

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class FaceDetection:
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
        As in `Faces.points_px`.
    """

    box: FloatArray
    score: float
    sharpness: float
    points: FloatArray


class FaceFinder(Protocol):
    """Finds the faces of one sampled picture after the other."""

    def find(self, image: Image, grey: Image, frame: int) -> list[FaceDetection]:
        """The faces in a view, in colour (h, w, 3) and grey (h, w), of a frame."""

    def close(self) -> None:
        """Release the detector."""


def boxes_of(faces: list[FaceDetection]) -> FloatArray:
    """Their boxes (n, 4)."""
    return np.array([face.box for face in faces], np.float64).reshape(-1, 4)


def one_per_head(faces: list[FaceDetection]) -> list[FaceDetection]:
    """One face per head, the one with the highest score: a hand before a face looks like a second one."""
    kept: list[FaceDetection] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(iou_or_near(face.box, other.box) < SAME_FACE_IOU for other in kept):
            kept.append(face)
    return kept


def iou_or_near(one: FloatArray, other: FloatArray) -> float:
    """Intersection over union; 1 where the centres are closer than half of the larger box on both axes."""
    apart = np.abs(one[:2] + one[2:] / 2 - other[:2] - other[2:] / 2)
    if np.all(apart < np.maximum(one[2:], other[2:]) / 2):
        return 1.0
    return float(iou(one[None], other)[0])


def sharpness(image: Image, box: FloatArray) -> float:
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
