"""Lips: how far mouths are open, by MediaPipe's face mesh on crops of the full resolution.

Only while somebody speaks: all the time where there are two or more faces, in bursts where there is one, to tell
whether the voice is its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.libraries import quiet_native_log
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.mediapipe_io import load_mediapipe, run_solution
from panscan.perceive.speaking.face_slots import (
    MAX_CROP_OFFSET,
    MAX_SIZE_RATIO,
    SAME_FACE_MAX_DISTANCE,
    FaceSlot,
    assign_slots,
    largest_faces,
)

_RATE_HZ = 15.0  # samples a second: a syllable opens and closes the mouth in about a fifth of one
_MIN_RATE_FACTOR = 0.6  # 9 samples a second; with 7.5 a turn was missed
MAX_FACES = 4  # that are followed at once: more in one conversation are too small to read
MIN_FACE_PX = 32.0  # longer side in display px: the mesh is unreliable below
MIN_SPEECH_PROBABILITY = 0.3  # below what counts as speech, so that the start of a turn is not missed
SPEECH_WITHIN_S = 0.5  # and so long before and after it: lips move before the voice

# The only face: enough samples to tell a still mouth from a talking one, at a third of the cost.
_BURST_S = 1.5
_BURST_EVERY_S = 5.0
_BURST_RESTART_S = 1.0  # after this time without speech or without the face, a burst begins at once

# A mouth that does not move, like a listener's, is sampled half as often until it does.
_STILL_MOUTH_RANGE = 0.004  # of the gap, as a share of the face's height: noise of the mesh
_STILL_MOUTH_SAMPLES = 3  # newest samples that the range is taken from
_STILL_MOUTH_EVERY_S = 0.11  # between one and two samples: every second one is left out

_CROP_FACES = 1.6  # side of the crop, in face boxes: the mesh needs the whole head
_CROP_PX = 192  # side of the crop in px: the input of the mesh

_BLANK_CROP: npt.NDArray[np.uint8] = np.zeros((_CROP_PX, _CROP_PX, 3), np.uint8)

# Numbers of the mesh's points: the inner lips, and the ends of the face's height.
_UPPER_LIP, _LOWER_LIP, _BROW, _CHIN = 13, 14, 10, 152


class LipsSignal(PictureSignal):
    """Lip gaps of up to four faces: 15 samples a second, 7.5 of still mouths; of the only face for 1.5 s out of 5."""

    name: ClassVar[str] = "lips"
    version: ClassVar[int] = 4
    produces: ClassVar[type] = perception.Lips
    depends_on: ClassVar[tuple[str, ...]] = ("faces", "speech")
    options = (
        _RATE_HZ,
        _MIN_RATE_FACTOR,
        MAX_FACES,
        MIN_FACE_PX,
        _CROP_FACES,
        _CROP_PX,
        MAX_CROP_OFFSET,
        MAX_SIZE_RATIO,
        _BURST_S,
        _BURST_EVERY_S,
        _STILL_MOUTH_RANGE,
        _STILL_MOUTH_SAMPLES,
        _STILL_MOUTH_EVERY_S,
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * max(rate_factor, _MIN_RATE_FACTOR), media)
        self._rate = float(media.video.rate)
        self._faces: Any = None
        self._speech: perception.Speech | None = None
        self._mouths = [_Mouth() for _ in range(MAX_FACES)]
        self._only_face = _OnlyFaceSchedule()
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._boxes: list[FloatArray] = []
        self._gaps: list[float] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the faces and the speech; without faces there is nothing to measure."""
        self._faces, self._speech = others.get("faces"), others.get("speech")

    def see(self, picture: PictureLike) -> None:
        """Measure the mouths of the largest faces, when due and somebody speaks."""
        if self._faces is None or not self._schedule.due(picture.frame):
            return
        time_s = picture.frame / self._rate
        if self._speech is not None and not self._speech.speaking(time_s, SPEECH_WITHIN_S, MIN_SPEECH_PROBABILITY):
            return
        boxes = self._faces.at(picture.frame)
        if not len(boxes) or (len(boxes) == 1 and not self._only_face.due(boxes[0], time_s)):
            return
        self._looked.append(picture.frame)
        boxes = largest_faces(boxes, MAX_FACES, MIN_FACE_PX)
        for mouth, box in zip(assign_slots(self._mouths, boxes, time_s), boxes, strict=True):
            if mouth.rests(box, time_s):
                continue
            gap = mouth.measure(picture, box, time_s)
            if gap is not None:
                self._frames.append(picture.frame)
                self._boxes.append(box)
                self._gaps.append(gap)

    def finish(self) -> perception.Lips:
        """All gaps."""
        for mouth in self._mouths:
            mouth.close()
        return perception.Lips(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames),
            box_px=np.array(self._boxes, np.float64).reshape(-1, 4),
            gap=np.array(self._gaps, np.float64),
        )


class _OnlyFaceSchedule:
    """When to sample the only face: when it appears or speech begins, and again every five seconds."""

    def __init__(self) -> None:
        self._box: FloatArray | None = None
        self._begun_s = self._last_s = -np.inf

    def due(self, box: FloatArray, time_s: float) -> bool:
        """Whether to sample now; asked whenever a sample would be possible."""
        fresh = self._box is None or time_s - self._last_s > _BURST_RESTART_S
        if self._box is not None:
            apart = np.abs(box[:2] + box[2:] / 2 - self._box[:2] - self._box[2:] / 2)
            fresh = fresh or float(apart.max()) > SAME_FACE_MAX_DISTANCE * float(max(self._box[2:]))
        if fresh:
            self._begun_s = time_s
        self._box, self._last_s = box, time_s
        return bool((time_s - self._begun_s) % _BURST_EVERY_S < _BURST_S)


class _Mouth(FaceSlot):
    """One face that is followed, with a mesh of its own.

    A mesh that follows one face takes half the time of one that finds it in each picture, and its points jitter half as
    much.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mesh: Any = None
        # Time and gap of the newest samples.
        self._gaps: deque[tuple[float, float]] = deque(maxlen=_STILL_MOUTH_SAMPLES)

    def rests(self, box: FloatArray, time_s: float) -> bool:
        """Whether this face's mouth is still and was sampled just now: it may wait."""
        if len(self._gaps) < _STILL_MOUTH_SAMPLES or time_s - self._gaps[-1][0] >= _STILL_MOUTH_EVERY_S:
            return False
        gaps = [gap for _, gap in self._gaps]
        return max(gaps) - min(gaps) < _STILL_MOUTH_RANGE and self.distance(box, time_s) <= SAME_FACE_MAX_DISTANCE

    def measure(self, picture: PictureLike, box: FloatArray, time_s: float) -> float | None:
        """The gap of the lips over the height of the face; None where no mesh is found."""
        import cv2

        fresh = self.follow(box, time_s)
        if fresh:
            self._gaps.clear()
        if self.mesh is None:
            self.mesh = load_face_mesh()
        elif fresh:
            run_solution(self.mesh, _BLANK_CROP)  # it drops the face before; a reset would load its models again
        grey = picture.luma(self.crop_square(_CROP_FACES), _CROP_PX)
        gap = _mouth_opening(run_solution(self.mesh, np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)))
        if gap is None:
            self._gaps.clear()
        else:
            self._gaps.append((time_s, gap))
        return gap

    def close(self) -> None:
        """Free the mesh."""
        if self.mesh is not None:
            self.mesh.close()
            self.mesh = None


def _mouth_opening(faces: Any) -> float | None:
    if not faces:
        return None
    points = faces[0].landmark
    upper, lower, brow, chin = (np.array([points[i].x, points[i].y]) for i in (_UPPER_LIP, _LOWER_LIP, _BROW, _CHIN))
    height = float(np.linalg.norm(chin - brow))
    return float(np.linalg.norm(lower - upper)) / height if height > 0 else None


def load_face_mesh() -> Any:
    """MediaPipe's face mesh for one face, ready and quiet.

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    with quiet_native_log():
        mediapipe = load_mediapipe("lips cannot be read")
        mesh = mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=False)
        mesh.process(_BLANK_CROP)  # log messages come with the first picture
        return mesh
