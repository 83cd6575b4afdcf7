"""Pose: MediaPipe's body of one person, where there is no large face (its model is inside the wheel).

It finds people from behind, in profile and far away, whose faces no detector finds. It knows one person, and returns
one where there is none: `Pose.confidence` says how plausible a body the points make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from panscan.libraries import quiet_native_log
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import FloatArray
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.large_face import FACE_LEADS_S, LARGE_FACE, LargeFace
from panscan.perceive.signals.mediapipe_io import load_mediapipe
from panscan.perceive.signals.scene_change import SCENE_CHANGE_LEVELS, Thumbnail, mean_change_levels, thumbnail

_LONG_SIDE_PX = 640  # of the view: people far away still have a body in it
_RATE_HZ = 3.0  # samples a second at most: bodies move more slowly than faces turn
_COMPLEXITY = 1  # MediaPipe's number for the only model inside the wheel: others would be downloaded
_STILL_LEVELS = 0.6  # mean change over the picture: nothing moved, so the body is where it was
_STILL_S = 1.0  # pause between samples of a still picture
_MAX_HEAD_STEP = 0.4  # head heights that a head may move between samples, for its track to go on
_CALM_S = 0.55  # longest pause between samples of a body that keeps its place
_NOBODY_SAMPLES = 2  # samples without a body, before the pause is that of a still picture
_MAX_TRACKED_PAUSE_S = 1.5  # after a longer pause the model searches anew: the body is no longer near its last place
_SEARCH_ANEW_S = 2.0  # search anew this often: of several bodies, the one in front, not always the one found first
_MIN_VISIBILITY = 0.3  # 0..1: from which a point belongs to the body's box
_HEAD_PER_NECK = 1.55  # height of a head with hair, in distances from nose to shoulders
_HEAD_PER_TORSO = 0.7  # the same, in lengths of the torso
_HEAD_WIDTH = 0.78  # in head heights; measured on hand-drawn heads from all sides, as the two above
_EARS_DOWN = 0.55  # how far below the top of the head the ears are, in head heights
_MIN_HEAD_PX = 2.0  # display px: a head always has an area


class PoseSignal(PictureSignal):
    """The body of one person in up to three samples per second, while no large face is in the picture."""

    name: ClassVar[str] = "pose"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Pose
    depends_on: ClassVar[tuple[str, ...]] = ("faces",)
    options = (
        _LONG_SIDE_PX,
        _RATE_HZ,
        _COMPLEXITY,
        LARGE_FACE,
        FACE_LEADS_S,
        _STILL_LEVELS,
        _STILL_S,
        _MAX_HEAD_STEP,
        _CALM_S,
        _SEARCH_ANEW_S,
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._rate = float(media.video.rate)
        self._display = media.video.display_size
        self._large_face = LargeFace(media)
        self._pose_model: Any = None
        self._thumbnail: Thumbnail | None = None
        self._last, self._found_anew = -np.inf, 0
        self._head: FloatArray | None = None
        self._pause_s, self._nobody = 0.0, 0
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._points: list[FloatArray] = []

    def consult(self, others: Mapping[str, Any]) -> None:
        """Receive the faces; without them every picture may be sampled."""
        self._large_face.faces = others.get("faces")

    def see(self, picture: PictureLike) -> None:
        """Search for a body, when due and worth it."""
        frame = picture.frame
        if not self._schedule.due(frame) or self._large_face.leads(frame):
            return
        image = picture.view(_LONG_SIDE_PX, "rgb24")
        now = thumbnail(image)
        change = mean_change_levels(self._thumbnail, now)
        pause = (frame - self._last) / self._rate
        if change < SCENE_CHANGE_LEVELS and pause < (_STILL_S if change < _STILL_LEVELS else self._pause_s):
            return
        if self._pose_model is None:
            self._pose_model = load_pose_model()
        elif (
            change > SCENE_CHANGE_LEVELS
            or frame - self._found_anew > _SEARCH_ANEW_S * self._rate
            or pause > max(_MAX_TRACKED_PAUSE_S, 2 * float(self._schedule.step_frames) / self._rate)
        ):
            self._pose_model.reset()
            self._found_anew = frame
        self._thumbnail, self._last = now, frame
        self._looked.append(frame)
        found = self._pose_model.process(image).pose_landmarks
        if found is not None:
            self._frames.append(frame)
            self._points.append(np.array([(p.x, p.y, p.visibility) for p in found.landmark], np.float64))
        self._choose_pause(self._points[-1] if found is not None else None, pause)

    def finish(self) -> perception.Pose:
        """All bodies, in display px."""
        if self._pose_model is not None:
            self._pose_model.close()
        rows = np.array(self._points, np.float64).reshape(-1, 33, 3)
        size = np.array([self._display.width, self._display.height], np.float64)
        points, visibility = rows[..., :2] * size, np.clip(rows[..., 2], 0.0, 1.0)
        found = [head_box_of_joints(*row) for row in zip(points, visibility, strict=True)]
        heads = np.array(found, np.float64).reshape(-1, 4)
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
        """Sample less often while a body keeps its place, and where there is nobody."""
        before, self._head = self._head, None
        self._nobody = 0 if points is not None else self._nobody + 1
        self._pause_s = _STILL_S if self._nobody >= _NOBODY_SAMPLES else 0.0
        if points is not None:
            size = np.array([self._display.width, self._display.height], np.float64)
            self._head = head_box_of_joints(points[:, :2] * size, points[:, 2])
            if before is not None:
                moved = float(np.abs(self._head - before)[:2].max()) / float(before[3])
                self._pause_s = min(_CALM_S, _MAX_HEAD_STEP / max(moved, 1e-3) * pause_s)


def head_box_of_joints(points: FloatArray, visibility: FloatArray) -> FloatArray:
    """The head with hair, around the ears: left, top, width, height.

    Its height follows from the distance of nose and shoulders, and from the torso where that is visible.
    """
    shoulders, hips, ears = points[11:13].mean(axis=0), points[23:25].mean(axis=0), points[7:9].mean(axis=0)
    tall = _HEAD_PER_NECK * float(np.linalg.norm(points[0] - shoulders))
    if visibility[23:25].min() > _MIN_VISIBILITY:
        tall = (tall + _HEAD_PER_TORSO * float(np.linalg.norm(shoulders - hips))) / 2
    tall = max(tall, _MIN_HEAD_PX)
    wide = _HEAD_WIDTH * tall
    return np.array([ears[0] - wide / 2, ears[1] - _EARS_DOWN * tall, wide, tall], np.float64)


def _body_box(points: FloatArray, visibility: FloatArray, head: FloatArray, size: FloatArray) -> FloatArray:
    """The visible part of the body with its head, cut to the picture."""
    seen = np.concatenate([points[visibility > _MIN_VISIBILITY], head[None, :2], head[None, :2] + head[None, 2:]])
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
        body.process(np.zeros((64, 64, 3), np.uint8))  # log messages come with the first picture
        body.reset()
        return body
