"""Pose: MediaPipe's body of one person, where no face leads (its model lies inside the wheel).

It sees people from behind, in profile and far away, whose faces nobody finds. It knows one person and always believes
in one: `Pose.confidence` says how much a body the points make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.mediapipe_io import load_mediapipe, quiet_native_log

_LONG_SIDE_PX = 640
_RATE_HZ = 3.0
_COMPLEXITY = 1  # the only one whose model is in the wheel: others would be downloaded
_LARGE_FACE = 0.12  # of the picture's height: such a face leads, whatever its body does
_FACE_LEADS_S = 1.0
_STILL, _STILL_S = 0.6, 1.0  # levels, mean over the picture: nothing moved, and how often to look even so
_STEP, _CALM_S = 0.4, 0.55  # head sizes that a head may move between looks, and the longest pause for one that does not
_NOBODY_SAMPLES = 2  # without a body, before looking as seldom as at a still picture
_CHANGE = 25.0  # another scene: the body is not where it was
_PAUSE_S = 1.5  # after such a pause the body must be found anew
_ANEW_S = 2.0  # and every so often, so that it is the foremost of several and not for ever the one found first
_STRIDE = 16
_SEEN = 0.3  # visibility from which a point belongs to the body's box


class PoseSignal(PictureSignal):
    """The body of one person at up to three looks per second, while no large face is in the picture."""

    name: ClassVar[str] = "pose"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Pose
    depends_on: ClassVar[tuple[str, ...]] = ("faces",)
    options = (
        _LONG_SIDE_PX,
        _RATE_HZ,
        _COMPLEXITY,
        _LARGE_FACE,
        _FACE_LEADS_S,
        _STILL,
        _STILL_S,
        _STEP,
        _CALM_S,
        _ANEW_S,
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._rate = float(media.video.rate)
        self._display = media.video.display_size
        self._faces: Any = None
        self._body: Any = None
        self._led: float = -np.inf
        self._small: npt.NDArray[np.int16] | None = None
        self._last, self._found_anew = -np.inf, 0
        self._head: FloatArray | None = None
        self._pause_s, self._nobody = 0.0, 0
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._points: list[FloatArray] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Be given the faces; without them it always looks."""
        self._faces = others.get("faces")

    def see(self, picture: PictureLike) -> None:
        """Look for a body, when due and worth it."""
        frame = picture.frame
        if not self._schedule.due(frame) or self._face_leads(frame):
            return
        image = picture.view(_LONG_SIDE_PX, "rgb24")
        small = image[_STRIDE // 2 :: _STRIDE, _STRIDE // 2 :: _STRIDE].astype(np.int16)
        change = np.inf if self._small is None else float(np.abs(small - self._small).mean())
        pause = (frame - self._last) / self._rate
        if change < _CHANGE and pause < (_STILL_S if change < _STILL else self._pause_s):
            return
        if self._body is None:
            self._body = load_pose_model()
        elif (
            change > _CHANGE
            or frame - self._found_anew > _ANEW_S * self._rate
            or pause > max(_PAUSE_S, 2 * float(self._schedule.step_frames) / self._rate)
        ):
            self._body.reset()
            self._found_anew = frame
        self._small, self._last = small, frame
        self._looked.append(frame)
        found = self._body.process(image).pose_landmarks
        if found is not None:
            self._frames.append(frame)
            self._points.append(np.array([(p.x, p.y, p.visibility) for p in found.landmark], np.float64))
        self._choose_pause(self._points[-1] if found is not None else None, pause)

    def finish(self) -> perception.Pose:
        """All bodies, in display px."""
        if self._body is not None:
            self._body.close()
        rows = np.array(self._points, np.float64).reshape(-1, 33, 3)
        size = np.array([self._display.width, self._display.height], np.float64)
        points, visibility = rows[..., :2] * size, np.clip(rows[..., 2], 0.0, 1.0)
        heads = np.array([_head(*row) for row in zip(points, visibility, strict=True)], np.float64).reshape(-1, 4)
        bodies = [_body_box(*row, size) for row in zip(points, visibility, heads, strict=True)]
        return perception.Pose(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames),
            box_px=np.array(bodies, np.float64).reshape(-1, 4),
            head_px=heads,
            points_px=points,
            visibility=visibility,
        )

    def _choose_pause(self, points: FloatArray | None, pause_s: float) -> None:
        """Look less often at a body that keeps its place, and where there is nobody."""
        before, self._head = self._head, None
        self._nobody = 0 if points is not None else self._nobody + 1
        self._pause_s = _STILL_S if self._nobody >= _NOBODY_SAMPLES else 0.0
        if points is not None:
            size = np.array([self._display.width, self._display.height], np.float64)
            self._head = _head(points[:, :2] * size, points[:, 2])
            if before is not None:
                moved = float(np.abs(self._head - before)[:2].max()) / float(before[3])
                self._pause_s = min(_CALM_S, _STEP / max(moved, 1e-3) * pause_s)

    def _face_leads(self, frame: int) -> bool:
        if self._faces is None:
            return False
        boxes = self._faces.at(frame)
        if len(boxes) and float(boxes[:, 3].max()) >= _LARGE_FACE * self._display.height:
            self._led = frame
        return frame - self._led < _FACE_LEADS_S * self._rate


def _head(points: FloatArray, visibility: FloatArray) -> FloatArray:
    """The head with hair: left, top, width, height.

    Measured on hand-drawn heads from all sides: 0.7 of the torso and 1.55 of the way from nose to shoulders tall,
    around the ears.
    """
    shoulders, hips, ears = points[11:13].mean(axis=0), points[23:25].mean(axis=0), points[7:9].mean(axis=0)
    tall = 1.55 * float(np.linalg.norm(points[0] - shoulders))
    if visibility[23:25].min() > _SEEN:
        tall = (tall + 0.7 * float(np.linalg.norm(shoulders - hips))) / 2
    tall = max(tall, 2.0)
    return np.array([ears[0] - 0.39 * tall, ears[1] - 0.55 * tall, 0.78 * tall, tall], np.float64)


def _body_box(points: FloatArray, visibility: FloatArray, head: FloatArray, size: FloatArray) -> FloatArray:
    """What is seen of the body, head included, cut to the picture."""
    seen = np.concatenate([points[visibility > _SEEN], head[None, :2], head[None, :2] + head[None, 2:]])
    low = np.clip(seen.min(axis=0), 0, size - 2)
    high = np.maximum(np.clip(seen.max(axis=0), 0, size), low + 1)
    return np.concatenate([low, high - low])


def load_pose_model() -> Any:
    """MediaPipe's pose model, ready and quiet.

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    with quiet_native_log():
        mediapipe = load_mediapipe("bodies cannot be found")
        body = mediapipe.solutions.pose.Pose(
            static_image_mode=False, model_complexity=_COMPLEXITY, smooth_landmarks=False, enable_segmentation=False
        )
        body.process(np.zeros((64, 64, 3), np.uint8))  # the chatter comes with the first picture
        body.reset()
        return body
