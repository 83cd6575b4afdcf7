"""The detectors that look at photos: made once, used for many.

Faces come from YuNet and bodies and things from EfficientDet where their weights are, else from MediaPipe alone: its
faces, and the one body that its pose finds. Joints come from its pose, looked for in each body by itself. Where there
are none and no face either, its segmentation tells where the body ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from panscan import weights
from panscan.arrays.boxes import iou
from panscan.decoding.photo import Image
from panscan.model.request import Models
from panscan.perceive.signals.face_detection import FaceDetection, FaceFinder, one_per_head
from panscan.perceive.signals.mediapipe_faces import MediaPipeFaces
from panscan.perceive.signals.objects.detector import Detections
from panscan.perceive.signals.objects.signal import selected_object_weights
from panscan.perceive.signals.objects.tiles import TiledDetector
from panscan.perceive.signals.yunet_faces import YuNetFaces
from panscan.photos.bodies import Joints, PhotoPose
from panscan.photos.perception import FloatArray
from panscan.photos.silhouettes import SilhouetteFinder, silhouette_model
from panscan.photos.smile import SmileReader

_FACES_PX = (640, 1280)  # longer sides of the views in which large faces and small ones are looked for
_SAME_OBJECT = 0.5  # intersection over union of what two looks find
_MIN_BODY_PX = 60  # of the view: joints of a smaller body are guesses
_BODY_MARGIN = 0.12  # of a body's box, looked at around it: the box may cut a hand
_MAX_BODIES = 6  # whose joints are looked for, the largest ones: the others are the background


class PhotoDetectors:
    """Detectors for photos, ready to run.

    Parameters
    ----------
    models : Models
        Which weights to use for objects.

    Raises
    ------
    CapabilityError
        Weights that were asked for are missing.
    """

    def __init__(self, models: Models) -> None:
        self._faces = weights.recommended_path("faces")
        chosen = selected_object_weights(models)
        self._objects = chosen.load_detector() if chosen else None
        self._pose: PhotoPose | None = None
        self._smiles: SmileReader | None = None
        self._silhouette_model = silhouette_model()
        self._silhouettes: SilhouetteFinder | None = None
        self.names = tuple(
            name
            for name, used in (
                ("yunet", self._faces is not None),
                ("mediapipe-faces", self._faces is None),
                (chosen.path.stem if chosen else "", chosen is not None),
                ("mediapipe-pose", True),
                ("mediapipe-segmentation", self._silhouette_model is not None),
            )
            if used
        )

    def faces(self, view: Image) -> list[FaceDetection]:
        """The faces of a view, each once, in its px."""
        import cv2

        found: list[FaceDetection] = []
        for long_side in _FACES_PX if self._faces is not None else _FACES_PX[:1]:
            scale = min(1.0, long_side / max(view.shape[:2]))
            size = (max(1, round(view.shape[1] * scale)), max(1, round(view.shape[0] * scale)))
            small = np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.uint8)
            grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
            finder = self._finder()
            found += [_scaled(face, view.shape[1] / size[0]) for face in finder.find(small, grey, 0)]
            finder.close()
            if scale == 1.0:
                break
        return one_per_head(found)

    def objects(self, view: Image) -> tuple[Detections, tuple[str, ...]]:
        """The objects of a view in its px, and the names of their classes; none without weights.

        The view is looked at turned left to right as well: what is right for one must be right for the other.
        """
        if self._objects is None:
            return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64)), ()
        width = view.shape[1]
        looks = []
        for picture in (view, np.ascontiguousarray(view[:, ::-1])):
            found = TiledDetector(self._objects).detect(picture)
            assert found is not None  # the first picture is always looked at
            looks.append(found)
        turned = looks[1].box.copy()
        turned[:, 0] = width - turned[:, 0] - turned[:, 2]
        return _seen_twice(looks[0], looks[1]._replace(box=turned)), self._objects.names

    def bodies(self, view: Image, boxes: Sequence[Any]) -> list[Joints | None]:
        """The joints of the people in some boxes (left, top, right, bottom), or None where none are found."""
        self._pose = self._pose or PhotoPose()
        largest = sorted(range(len(boxes)), key=lambda n: -float(boxes[n][3] - boxes[n][1]))[:_MAX_BODIES]
        found: list[Joints | None] = [None] * len(boxes)
        for n in largest:
            if boxes[n][3] - boxes[n][1] < _MIN_BODY_PX:
                continue
            part, origin = _part_around(view, boxes[n])
            found[n] = self._pose.find(part, origin)
        return found

    def silhouette(self, view: Image, box: FloatArray) -> FloatArray | None:
        """The box (4,) of what stands out in and around a box (left, top, right, bottom); None where nothing does."""
        if self._silhouette_model is None:
            return None
        self._silhouettes = self._silhouettes or SilhouetteFinder(self._silhouette_model)
        part, origin = _part_around(view, box)
        found = self._silhouettes.find(part) if part.size else None
        return None if found is None else found + np.tile(origin, 2)

    def smile(self, view: Image, face: FloatArray) -> float | None:
        """How far a mouth smiles, in a face's box (left, top, right, bottom); None where that cannot be told."""
        self._smiles = self._smiles or SmileReader()
        return self._smiles.read(view, face)

    def close(self) -> None:
        """Release what native libraries hold."""
        for reader in (self._pose, self._smiles):
            if reader is not None:
                reader.close()

    def _finder(self) -> FaceFinder:
        """A face finder that remembers no other photo."""
        return YuNetFaces(self._faces, 1.0) if self._faces is not None else MediaPipeFaces(1.0, 1.0)


def _part_around(view: Image, box: Any) -> tuple[Image, tuple[int, int]]:
    """A part of a view around a body's box, and where it begins."""
    height, width = view.shape[:2]
    left, top, right, bottom = (float(edge) for edge in box)
    aside, above = _BODY_MARGIN * (right - left), _BODY_MARGIN * (bottom - top)
    x0, y0 = int(max(0.0, left - aside)), int(max(0.0, top - above))
    x1, y1 = int(min(width, right + aside)), int(min(height, bottom + above))
    return view[y0:y1, x0:x1], (x0, y0)


def _seen_twice(one: Detections, other: Detections) -> Detections:
    """What two looks find, most certain first: of what both find, the box around both, as each may cut a bit off."""
    box, score, class_id = one.box.copy(), one.score.copy(), one.class_id
    new = []
    for n in range(len(other.box)):
        same = iou(box, other.box[n]) * (class_id == other.class_id[n]) if len(box) else np.zeros(0)
        if not same.size or same.max() < _SAME_OBJECT:
            new.append(n)
            continue
        at = int(same.argmax())
        low = np.minimum(box[at, :2], other.box[n, :2])
        high = np.maximum(box[at, :2] + box[at, 2:], other.box[n, :2] + other.box[n, 2:])
        box[at] = np.concatenate([low, high - low])
        score[at] = max(score[at], other.score[n])
    joined = (np.concatenate([mine, more[new]]) for mine, more in zip((box, score, class_id), other, strict=True))
    box, score, class_id = joined
    order = np.argsort(-score, kind="stable")
    return Detections(box[order], score[order], class_id[order])


def _scaled(face: FaceDetection, factor: float) -> FaceDetection:
    return FaceDetection(face.box * factor, face.score, face.sharpness, face.points * factor)
