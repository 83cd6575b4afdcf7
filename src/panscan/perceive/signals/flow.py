"""Optical flow: what moves against the background, and how the camera itself moves.

DIS flow (Kroeger et al., ECCV 2016) between samples about an eighth of a second apart. The background is an affine
motion, fitted robustly; what disagrees with it is gathered into connected regions, the movers.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, display_px_per_view_px, frames_array
from panscan.perceive.signals.camera_motion import (
    FloatMap,
    Image,
    background_motion,
    residual_speed,
    slope,
    unexplained_change,
)
from panscan.perceive.signals.columns import PROFILE_COLUMNS, column_means

_LONG_SIDE_PX = 320  # of the view: a person in a wide shot is still a few flow patches tall
_RATE_HZ = 7.5  # samples a second, at the same pictures as faces: motion between two is short enough for the flow
_MOVING_PX = 0.8  # residual flow per sample; what is less is noise of the flow itself
_MIN_SLOPE = 12  # mean Sobel response (levels) that counts as texture
_SLOPE_WINDOW_PX = 9  # of the view: window of that mean, about a flow patch
_MIN_AREA = 0.002  # share of the picture: smaller movers are noise, or too small to aim at
_MAX_MOVERS = 4  # the strongest of each pair: more say only that everything moves
_MIN_VIEW_PX = 16  # shorter side: smaller than one flow patch
_CORE_SHARES = (0.03, 0.97)  # of a mover's profile, where its box begins and ends: flow bleeds over the true edge

_SHARPNESS = np.sqrt(np.arange(256, dtype=np.float32))  # by slope: twice the slope is not twice as sharp


class FlowSignal(PictureSignal):
    """Movers, their energy and the camera's own motion."""

    name: ClassVar[str] = "flow"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 7
    produces: ClassVar[type] = perception.Flow
    options = (_LONG_SIDE_PX, _RATE_HZ, _MOVING_PX, _MIN_SLOPE, _MIN_AREA)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._rate = float(media.video.rate)
        self._scale = display_px_per_view_px(media, _LONG_SIDE_PX)
        self._dis: Any = None
        self._before: Image | None = None
        self._slope_before: Image | None = None
        self._before_frame = 0
        self._pairs: list[tuple[int, int, float, float, float]] = []
        self._profiles: list[npt.NDArray[np.float32]] = []
        self._rows: list[tuple[int, float, float, float, float, float]] = []

    def see(self, picture: PictureLike) -> None:
        """Measure the motion since the last sample, when due."""
        if not self._schedule.due(picture.frame):
            return
        import cv2

        image = picture.view(_LONG_SIDE_PX, "gray")
        steepness = slope(image)
        before, since, slope_before = self._before, self._before_frame, self._slope_before
        self._before, self._before_frame, self._slope_before = image, picture.frame, steepness
        if before is None or slope_before is None:
            return
        if self._dis is None:
            self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        if min(image.shape) < _MIN_VIEW_PX:
            self._pairs.append((picture.frame, since, 0.0, 0.0, 0.0))
            self._profiles.append(np.zeros(PROFILE_COLUMNS, np.float32))
            return
        field = self._dis.calc(before, image, None)
        motion = background_motion(field)
        shift = float(motion[0, 0]), float(motion[0, 1])
        residual = residual_speed(field, motion)
        seconds = (picture.frame - since) / self._rate
        moving = np.where((residual > _MOVING_PX) & _textured(steepness), residual, 0).astype(np.float32)
        energy = float(moving.mean()) / image.shape[1] / seconds
        per_second = self._scale / seconds
        self._pairs.append((picture.frame, since, energy, shift[0] * per_second, shift[1] * per_second))
        change = _sharp_change(unexplained_change(before, image, motion), slope_before)
        self._profiles.append(column_means(change))
        for left, top, width, height, weight in _movers(moving):
            self._rows.append((picture.frame, left, top, width, height, weight))

    def finish(self) -> perception.Flow:
        """All pairs and movers, in display px."""
        pairs = np.array(self._pairs, np.float64).reshape(-1, 5)
        rows = np.array(self._rows, np.float64).reshape(-1, 6)
        return perception.Flow(
            looked=frames_array([int(f) for f in pairs[:, 0]]),
            since=frames_array([int(f) for f in pairs[:, 1]]),
            energy=pairs[:, 2],
            camera_px_s=pairs[:, 3:5],
            profile=np.array(self._profiles, np.float32).reshape(-1, PROFILE_COLUMNS),
            frame=rows[:, 0].astype(np.int64),
            box_px=rows[:, 1:5] * self._scale,
            weight=rows[:, 5],
        )


def _textured(steepness: Image) -> npt.NDArray[np.bool_]:
    """Where flow is reliable: on a plain wall it follows coding noise."""
    import cv2

    return np.asarray(cv2.blur(steepness, (_SLOPE_WINDOW_PX, _SLOPE_WINDOW_PX)) >= _MIN_SLOPE, np.bool_)


def _sharp_change(change: Image, steepness: Image) -> FloatMap:
    """What changes by itself, more where the picture is sharp.

    Water, grass and grounds out of focus move too, and are fainter or softer than what the picture is about.
    """
    import cv2

    return np.asarray(cv2.multiply(change, cv2.LUT(steepness, _SHARPNESS), dtype=cv2.CV_32F))


def _movers(moving: FloatMap) -> list[tuple[float, float, float, float, float]]:
    """The strongest connected moving regions: left, top, width, height in view px, and share of the energy."""
    import cv2

    total = float(moving.sum())
    if total <= 0:
        return []
    mask = cv2.morphologyEx((moving > 0).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    # Labelling takes time per pixel, also for the background.
    x0, y0, wide, tall = cv2.boundingRect(mask)
    part = mask[y0 : y0 + tall, x0 : x0 + wide]
    if not part.size:
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    moving = moving[y0 : y0 + tall, x0 : x0 + wide]
    found = []
    for n, (left, top, width, height, area) in enumerate(stats):
        if n == 0 or area < _MIN_AREA * mask.size:
            continue
        region = (slice(top, top + height), slice(left, left + width))
        body = np.where(labels[region] == n, moving[region], 0)
        x, w = _core(body.sum(axis=0))
        y, h = _core(body.sum(axis=1))
        found.append((x0 + left + x, y0 + top + y, w, h, float(body.sum(dtype=np.float64)) / total))
    return sorted(found, key=lambda row: -row[4])[:_MAX_MOVERS]


def _core(profile: FloatMap) -> tuple[float, float]:
    """Start and length of the part that holds the middle 94 % of a profile."""
    share = np.cumsum(profile, dtype=np.float64)
    low, high = np.searchsorted(share, np.multiply(_CORE_SHARES, share[-1]))
    return float(low), float(max(1, high - low + 1))
