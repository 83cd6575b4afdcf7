"""Lips: how far mouths are open, by MediaPipe's face mesh on crops of the full resolution.

Only while somebody speaks and two or more faces compete: with one face there is nothing to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.geometry import Size
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.native import load_mediapipe, quiet_native_log
from panscan.perceive.signal import Clock, PictureLike, frames_array

_RATE_HZ = 15.0
_MOST_FACES = 4
_LEAST_FACE_PX = 32.0  # the mesh is unreliable below
_SPEECH_ABOVE = 0.3
_SPEECH_WITHIN_S = 0.5

_CROP_FACES = 1.6  # side of the crop, in face boxes
_CROP_PX = 192
# A shift of the crop by 2 % moves the landmarks of a still mouth like speech: it stands until the face leaves it.
_FACE_LEAVES = 0.15  # of the face's size, from the middle of the crop
_FACE_GROWS = 1.2
_SAME_FACE = 0.8  # how far a face may be from its crop, in face sizes, to be the same
_FORGET_S = 0.4  # after such a pause the mesh must find the face anew

_UPPER_LIP, _LOWER_LIP, _BROW, _CHIN = 13, 14, 10, 152  # points of the mesh


class Lips:
    """Lip gaps of up to four faces at 15 looks per second."""

    name: ClassVar[str] = "lips"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Lips
    after: ClassVar[tuple[str, ...]] = ("faces", "speech")
    options = (_RATE_HZ, _MOST_FACES, _LEAST_FACE_PX, _CROP_FACES, _CROP_PX, _FACE_LEAVES, _FACE_GROWS)

    def __init__(self, media: Media, pace: float = 1.0) -> None:
        self._clock = Clock.at(_RATE_HZ * pace, media)
        self._rate = float(media.video.rate)
        self._display = media.video.display
        self._faces: Any = None
        self._speech: perception.Speech | None = None
        self._slots = [_Slot() for _ in range(_MOST_FACES)]
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._boxes: list[FloatArray] = []
        self._gaps: list[float] = []

    def attend(self, others: Mapping[str, Any]) -> None:
        """Be given the faces and the speech; without faces there is nothing to look at."""
        self._faces, self._speech = others.get("faces"), others.get("speech")

    def see(self, picture: PictureLike) -> None:
        """Measure the mouths of the largest faces, when due and somebody speaks."""
        if self._faces is None or not self._clock.due(picture.frame):
            return
        time_s = picture.frame / self._rate
        if self._speech is not None and not self._speech.speaking(time_s, _SPEECH_WITHIN_S, _SPEECH_ABOVE):
            return
        boxes = _newest(self._faces, picture.frame, self._display)
        if len(boxes) < 2:
            return
        self._looked.append(picture.frame)
        large = np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")[:_MOST_FACES]
        boxes = boxes[large[boxes[large, 2:].max(axis=1) >= _LEAST_FACE_PX]]
        for slot, box in zip(_seats(self._slots, boxes, time_s), boxes, strict=True):
            gap = slot.look(picture, box, time_s)
            if gap is not None:
                self._frames.append(picture.frame)
                self._boxes.append(box)
                self._gaps.append(gap)

    def finish(self) -> perception.Lips:
        """All gaps."""
        for slot in self._slots:
            slot.close()
        return perception.Lips(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames),
            box_px=np.array(self._boxes, np.float64).reshape(-1, 4),
            gap=np.array(self._gaps, np.float64),
        )


def _newest(faces: Any, frame: int, display: Size) -> FloatArray:
    """Boxes (n, 4) of the newest look at faces: of the finished value or of the signal that is looking."""
    if hasattr(faces, "at"):
        return np.asarray(faces.at(frame), np.float64).reshape(-1, 4)
    if isinstance(faces, perception.Faces):
        look = int(np.searchsorted(faces.looked, frame, side="right")) - 1
        return np.asarray(faces.box_px[faces.frame == faces.looked[look]] if look >= 0 else faces.box_px[:0])
    rows = [row[:4] for seen, row in zip(faces._frames, faces._rows, strict=True) if seen == faces._looked[-1]]
    return np.asarray(np.array(rows, np.float64).reshape(-1, 4) * np.tile([display.width, display.height], 2))


@dataclass(slots=True)
class _Slot:
    """One face that is followed: its crop (centre x, y and side of the face box) and a mesh of its own.

    A mesh that follows one face costs half of one that finds it in each picture, and its points jitter half as much.
    """

    crop: tuple[float, float, float] | None = None
    seen_s: float = -np.inf
    mesh: Any = None

    def distance(self, box: FloatArray, time_s: float) -> float:
        """How far a face is from the one followed here, in face sizes; infinite where none is."""
        if self.crop is None or time_s - self.seen_s > _FORGET_S:
            return np.inf
        x, y, side = self.crop
        size = float(max(box[2:]))
        apart = float(np.hypot(box[0] + box[2] / 2 - x, box[1] + box[3] / 2 - y))
        return apart / side + abs(float(np.log(size / side)))

    def look(self, picture: PictureLike, box: FloatArray, time_s: float) -> float | None:
        """The gap of the lips over the height of the face; None where no mesh is found."""
        x, y, size = float(box[0] + box[2] / 2), float(box[1] + box[3] / 2), float(max(box[2:]))
        if self.mesh is None:
            self.mesh = face_mesh()
        if self.distance(box, time_s) > _SAME_FACE:
            self.mesh.reset()
            self.crop = (x, y, size)
        self.seen_s = time_s
        assert self.crop is not None
        old_x, old_y, old_size = self.crop
        if np.hypot(x - old_x, y - old_y) > _FACE_LEAVES * old_size or not (
            1 / _FACE_GROWS < size / old_size < _FACE_GROWS
        ):
            self.crop = (x, y, size)
        x, y, size = self.crop
        side = size * _CROP_FACES
        grey = picture.luma((x - side / 2, y - side / 2, side, side), _CROP_PX)
        return _gap(self.mesh.process(np.dstack([grey] * 3)))

    def close(self) -> None:
        """Free the mesh."""
        if self.mesh is not None:
            self.mesh.close()
            self.mesh = None


def _seats(slots: list[_Slot], boxes: FloatArray, time_s: float) -> list[_Slot]:
    """A slot for each face: the nearest first that follows it already, else the one unused for longest."""
    order = sorted((s.distance(box, time_s), b, i) for b, box in enumerate(boxes) for i, s in enumerate(slots))
    taken: dict[int, int] = {}
    for distance, face, slot in order:
        if distance <= _SAME_FACE and face not in taken and slot not in taken.values():
            taken[face] = slot
    for face in range(len(boxes)):
        if face not in taken:
            free = [i for i in range(len(slots)) if i not in taken.values()]
            taken[face] = min(free, key=lambda i: slots[i].seen_s)
    return [slots[taken[face]] for face in range(len(boxes))]


def _gap(found: Any) -> float | None:
    if not found.multi_face_landmarks:
        return None
    points = found.multi_face_landmarks[0].landmark
    upper, lower, brow, chin = (np.array([points[i].x, points[i].y]) for i in (_UPPER_LIP, _LOWER_LIP, _BROW, _CHIN))
    height = float(np.linalg.norm(chin - brow))
    return float(np.linalg.norm(lower - upper)) / height if height > 0 else None


def face_mesh() -> Any:
    """MediaPipe's face mesh for one face, ready and quiet.

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    with quiet_native_log():
        mediapipe = load_mediapipe("lips cannot be read")
        mesh = mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=False)
        empty: npt.NDArray[np.uint8] = np.zeros((_CROP_PX, _CROP_PX, 3), np.uint8)
        mesh.process(empty)  # the native chatter comes with the first picture
        return mesh
