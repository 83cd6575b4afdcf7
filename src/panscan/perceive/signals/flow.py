"""Optical flow: what moves against the background, and how the camera itself moves.

DIS flow (Kroeger et al., ECCV 2016) between samples about an eighth of a second apart. The background is an affine
motion, fitted robustly; movers are the peaks of what changes although that motion is taken back.
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
_CELL_PX = 4  # of the view: change is gathered in cells that are small beside anything worth a crop
_PEAK_CELLS = 5  # of the window in which a peak is sought: a hand or a head in a wide shot
_PEAK_SHARE = 0.35  # of a peak's height above the ground, to which a mover reaches around it
_MIN_PEAK = 12.0  # levels x root of slope: what coding and interpolation leave of a ground is lower
_MIN_AREA = 0.002  # share of the picture: smaller movers are noise, or too small to aim at
_MAX_MOVERS = 4  # the strongest of each pair: more say only that everything moves
_MIN_VIEW_PX = 16  # shorter side: smaller than one flow patch
_CORE_SHARES = (0.03, 0.97)  # of a mover's profile, where its box begins and ends: flow bleeds over the true edge

_SHARPNESS = np.sqrt(np.arange(256, dtype=np.float32))  # by slope: twice the slope is not twice as sharp


class FlowSignal(PictureSignal):
    """Movers, their energy and the camera's own motion."""

    name: ClassVar[str] = "flow"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 8
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
        for left, top, width, height, weight in _movers(change):
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


def _movers(change: FloatMap) -> list[tuple[float, float, float, float, float]]:
    """The strongest regions of change: left, top, width, height in view px, and share of all change.

    Each is what lies around a peak and is nearly as strong, so that it ends where the thing does, even if the whole
    picture changes. What half of the picture does is the ground.
    """
    import cv2

    height, width = change.shape[0] // _CELL_PX, change.shape[1] // _CELL_PX
    cells = cv2.resize(change, (width, height), interpolation=cv2.INTER_AREA)
    mean = float(cells.mean())
    smooth = cv2.blur(cells, (_PEAK_CELLS, _PEAK_CELLS))
    ground = float(np.median(smooth))
    rest = np.maximum(smooth - ground, 0)
    cells = np.maximum(cells - ground, 0)
    total = float(cells.sum())
    found = []
    for _ in range(_MAX_MOVERS):
        _, peak, _, place = cv2.minMaxLoc(rest)
        if peak <= max(mean, _MIN_PEAK):
            break
        mask = (rest > _PEAK_SHARE * peak).astype(np.uint8)
        area, _, _, (left, top, wide, tall) = cv2.floodFill(mask, None, place, 2)
        region = (slice(top, top + tall), slice(left, left + wide))
        inside = mask[region] == 2
        rest[region] = 0  # also the slopes of this peak, which would follow as movers of their own
        if area < _MIN_AREA * cells.size:
            continue
        body = np.where(inside, cells[region], 0)
        x, w = _core(body.sum(axis=0))
        y, h = _core(body.sum(axis=1))
        found.append((left + x, top + y, w, h, float(body.sum(dtype=np.float64)) / total))
    ranked = sorted(found, key=lambda row: -row[4])
    return [(x * _CELL_PX, y * _CELL_PX, w * _CELL_PX, h * _CELL_PX, share) for x, y, w, h, share in ranked]


def _core(profile: FloatMap) -> tuple[float, float]:
    """Start and length of the part that holds the middle 94 % of a profile."""
    share = np.cumsum(profile, dtype=np.float64)
    low, high = np.searchsorted(share, np.multiply(_CORE_SHARES, share[-1]))
    return float(low), float(max(1, high - low + 1))
