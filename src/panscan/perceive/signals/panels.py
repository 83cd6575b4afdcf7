"""Panels: rectangles of picture on a flat ground, as in video calls, split screens and picture-in-picture.

A ground is computer graphics: one colour without noise. What stands on it is a panel only if it is a rectangle with
straight, hard edges; a person before a white wall is not.
"""

from __future__ import annotations

from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 0.9375  # an eighth of the faces' rate, at the same pictures
_NOISE_LEVELS = 8  # spread in a spot of 3 x 3 px without noise: coding leaves some, in colours more than in grey
_GROUND_TOLERANCE_LEVELS = 8  # distance from the ground's colour within which a pixel is ground
_HARD_LEVELS = 14  # distance from the ground's colour right inside a panel's edge: a gradient has no such edge
_MIN_GROUND_OF_ONE = 0.12  # share of the picture that is ground, where there is one panel
_MIN_GROUND = 0.05  # the same where there are several: they leave less of it
_MIN_SIDE = 0.12  # share of the picture's width and height: a smaller panel is an icon
_WHOLE_PICTURE = 0.85  # share of the picture from which a single panel is the picture itself
_MIN_FILLED = 0.95  # share of its bounding box that a panel fills: round corners are allowed
_MIN_STRAIGHT = 0.85  # share of each edge that lies on the bounding box, again for round corners
_EDGE_PX = 2  # of the view: how near to the bounding box an edge counts as on it
_SOFT_PX = 4  # of the view: width of an edge together with the blur that coding adds
_ONE_COLOUR = 0.8  # share of a rectangle in one colour from which it holds no picture
_ALIKE = 0.02  # share of the picture's longer side by which opposite bars may differ
_BLACK_LEVEL = 24  # of 255 in full range: coding noise of black stays below; a picture on such a ground is in bars
_MIN_VIEW_PX = 16  # shorter side of a view in which anything can be found

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class PanelsSignal(PictureSignal):
    """Where panels are in the picture, once a second."""

    name: ClassVar[str] = "panels"
    version: ClassVar[int] = 1
    lightweight: ClassVar[bool] = True
    produces: ClassVar[type] = perception.Panels
    options = (
        _LONG_SIDE_PX,
        _RATE_HZ,
        _NOISE_LEVELS,
        _GROUND_TOLERANCE_LEVELS,
        _HARD_LEVELS,
        _MIN_GROUND_OF_ONE,
        _MIN_GROUND,
        _MIN_SIDE,
        _MIN_FILLED,
        _ONE_COLOUR,
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._looked: list[int] = []
        self._frames: list[int] = []
        self._boxes: list[npt.NDArray[np.float64]] = []
        self._scores: list[float] = []

    def see(self, picture: PictureLike) -> None:
        """Find panels, when due."""
        if not self._schedule.due(picture.frame):
            return
        image = picture.view(_LONG_SIDE_PX, "rgb24")
        self._looked.append(picture.frame)
        scale = np.array([self._display.width / image.shape[1], self._display.height / image.shape[0]])
        for box, score in panels_in(image):
            self._frames.append(picture.frame)
            self._boxes.append(np.array(box, np.float64) * np.tile(scale, 2))
            self._scores.append(score)

    def finish(self) -> perception.Panels:
        """All panels; boxes in display px."""
        return perception.Panels(
            looked=frames_array(self._looked),
            frame=frames_array(self._frames),
            box_px=np.array(self._boxes, np.float64).reshape(-1, 4),
            score=np.array(self._scores, np.float64),
        )


def panels_in(image: Image) -> list[tuple[tuple[int, int, int, int], float]]:
    """The panels of one picture (height, width, 3): left, top, width, height in its px, and score 0..1; left first."""
    height, width = image.shape[:2]
    ground = _ground_colour(image)
    if ground is None or min(height, width) < _MIN_VIEW_PX:
        return []
    away = _channel_maximum(
        np.asarray(cv2.absdiff(image, np.append(ground, 0).astype(np.float64)))
    )  # four: a colour to OpenCV
    mask = (away > _GROUND_TOLERANCE_LEVELS).astype(np.uint8)
    share = 1.0 - cv2.countNonZero(mask) / mask.size
    if share < _MIN_GROUND:
        return []
    # Closing joins what looks like ground inside a panel; opening cuts off lines and letters that touch it.
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        left, top, wide, tall = cv2.boundingRect(outline)
        if wide < _MIN_SIDE * width or tall < _MIN_SIDE * height:
            continue
        filled = np.zeros((tall, wide), np.uint8)
        cv2.drawContours(filled, [outline - np.array([[left, top]])], -1, 1, cv2.FILLED)
        panel = _rectangle(filled > 0, away[top : top + tall, left : left + wide] > _HARD_LEVELS)
        if panel is not None:
            (x, y, w, h), score = panel
            x, y = left + x, top + y
            if not _is_one_colour(image[y : y + h, x : x + w]):
                found.append(((x, y, w, h), score))
    if len(found) == 1:
        box = found[0][0]
        nearly_all = box[2] * box[3] > _WHOLE_PICTURE * width * height
        is_black = bool(ground.max() <= _BLACK_LEVEL)
        if share < _MIN_GROUND_OF_ONE or nearly_all or _is_letterboxed(box, width, height, is_black):
            return []
    return sorted(found)


def _ground_colour(image: Image) -> Image | None:
    """The colour (3,) that fills most of the area without noise; None where there is hardly any."""
    spot = np.ones((3, 3), np.uint8)
    spread = _channel_maximum(cv2.subtract(cv2.dilate(image, spot), cv2.erode(image, spot)))
    flat = (spread <= _NOISE_LEVELS).astype(np.uint8)
    if cv2.countNonZero(flat) < _MIN_GROUND / 2 * spread.size:
        return None
    # Green is most of the grey. Pixels near its most common level are the ground; their median is its colour.
    count = np.convolve(_histogram(image, 1, flat), np.ones(5), "same")
    green, common = cv2.extractChannel(image, 1), int(np.argmax(count))
    near = cv2.bitwise_and(flat, cv2.inRange(green, np.array(common - 4.0), np.array(common + 4.0)))
    return np.array([_histogram_median(_histogram(image, channel, near)) for channel in range(3)]).astype(np.uint8)


def _histogram(image: Image, channel: int, mask: npt.NDArray[Any] | None = None) -> npt.NDArray[np.int64]:
    """How many pixels of a channel have each level (256,): faster than sorting them."""
    return np.asarray(cv2.calcHist([image], [channel], mask, [256], [0, 256]), np.int64).ravel()


def _histogram_median(levels: npt.NDArray[np.int64]) -> float:
    """The median level of a histogram (256,)."""
    below, count = np.cumsum(levels), int(levels.sum())
    return float(np.searchsorted(below, [(count - 1) // 2, count // 2], side="right").mean())


def _channel_maximum(image: npt.NDArray[Any]) -> Image:
    """The largest channel (h, w) of a picture (h, w, 3)."""
    red, green, blue = cv2.split(image)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _rectangle(filled: Mask, hard: Mask) -> tuple[tuple[int, int, int, int], float] | None:
    """The rectangle that a region fills in its bounding box (h, w), and how well, 0..1; None where it is no rectangle.

    Parameters
    ----------
    filled : ndarray of bool (h, w)
        The region.
    hard : ndarray of bool (h, w)
        What differs clearly from the ground.
    """
    full = float(filled.mean())
    near = [side[: _EDGE_PX + 1].any(axis=0) for side in _sides(filled)]
    straight = min(float(edge.mean()) for edge in near)
    if full < _MIN_FILLED or straight < _MIN_STRAIGHT:
        return None
    inset = []
    for side in _sides(hard):
        edge = np.flatnonzero(side[: _SOFT_PX + 1].mean(axis=1) >= 0.5)
        if not edge.size:
            return None
        inset.append(int(edge[0]))
    left, top, right, bottom = inset
    height, width = filled.shape
    return (left, top, width - left - right, height - top - bottom), min(full, straight)


def _is_one_colour(image: Image) -> bool:
    """Whether a rectangle shows one colour: a drawn box, or a camera that is off."""
    some = np.ascontiguousarray(image[::2, ::2])
    middle = np.array([_histogram_median(_histogram(some, channel)) for channel in range(3)])
    low, high = np.ceil(middle - _GROUND_TOLERANCE_LEVELS), np.floor(middle + _GROUND_TOLERANCE_LEVELS)
    return cv2.countNonZero(cv2.inRange(some, low, high)) > _ONE_COLOUR * some[..., 0].size


def _sides(mask: Mask) -> tuple[Mask, Mask, Mask, Mask]:
    """A mask turned so that its left, top, right, bottom edge is the first row."""
    return mask.T, mask, mask.T[::-1], mask[::-1]


def _is_letterboxed(box: tuple[int, int, int, int], width: int, height: int, black: bool) -> bool:
    """Whether a single panel is the whole movie inside its bars."""
    margins = np.array([[box[0], width - box[0] - box[2]], [box[1], height - box[1] - box[3]]])
    if np.any(margins.max(axis=1) <= _SOFT_PX):  # from side to side
        return True
    alike = np.abs(np.diff(margins, axis=1)).max() <= _ALIKE * max(width, height)
    return black and bool(alike)
