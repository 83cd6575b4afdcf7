"""A second look at squares of the picture, in which small objects are larger: a ball, birds, people far away.

One square in each look, one after the other; all of them after a change of scene; none, and looks half as often, while
something large is in the picture.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from panscan.perceive.signals.objects.detector import Detections, Image, ObjectDetector
from panscan.perceive.signals.objects.onnx import non_maximum_suppression
from panscan.perceive.signals.scene_change import SCENE_CHANGE_LEVELS, Thumbnail, mean_change_levels, thumbnail
from panscan.perceive.signals.small_faces import SearchSquare

_TILES_PER_RATIO = 1.7  # over the longer side, per aspect ratio: three at 16:9, so that what is small is whole in one
_MIN_RATIO = 1.25  # of the sides: in a picture that is nearly square, a square shows nothing larger
_LARGE_SHARE, _LARGE_SCORE = 0.2, 0.5  # of the picture's area, 0..1: what leads then is seen without squares
_MAX_SHARE = 0.3  # of a square's area: the whole picture shows what is larger, and a square itself looks like a screen
_PART_SHARE = 0.8  # of a box in a square that lies in one of the whole picture: an arm of a person, not another one
_NMS_IOU = 0.5  # boxes of one class that overlap more are one object


class TiledDetector:
    """Looks at pictures of one movie, in order, with a detector."""

    options: ClassVar[tuple[Any, ...]] = (
        "tiles",
        3,
        _TILES_PER_RATIO,
        _LARGE_SHARE,
        _LARGE_SCORE,
        _MAX_SHARE,
        _PART_SHARE,
        SCENE_CHANGE_LEVELS,
    )

    def __init__(self, detector: ObjectDetector) -> None:
        self._detector = detector
        self._thumbnail: Thumbnail | None = None
        self._next = 0
        self._is_large, self._rests = False, False

    def detect(self, rgb: Image) -> Detections | None:
        """The objects in the next picture, most certain first; None where it was not looked at."""
        now = thumbnail(rgb)
        is_new = mean_change_levels(self._thumbnail, now) > SCENE_CHANGE_LEVELS
        self._thumbnail = now
        self._rests = self._is_large and not is_new and not self._rests
        if self._rests:
            return None
        whole = self._detector.detect(rgb)
        self._is_large = _holds_large(whole, rgb)
        chosen = [] if self._is_large else tiles(rgb.shape[:2])
        if chosen and not is_new:
            self._next = (self._next + 1) % len(chosen)
            chosen = [chosen[self._next]]
        return _joined(whole, [self._inside(rgb, tile, whole) for tile in chosen])

    def _inside(self, rgb: Image, tile: SearchSquare, whole: Detections) -> Detections:
        """The small objects in a square, whole ones, that are no part of those in the whole picture."""
        part = rgb[tile.top : tile.top + tile.side, tile.left : tile.left + tile.side]
        box, score, class_id = self._detector.detect(np.ascontiguousarray(part))
        box[:, :2] += tile.left, tile.top
        real = [
            np.prod(one[2:]) <= _MAX_SHARE * tile.side**2
            and not tile.truncates(one, rgb.shape)
            and not _is_part(one, whole.box[whole.class_id == kind])
            for one, kind in zip(box, class_id, strict=True)
        ]
        return Detections(box[real], score[real], class_id[real])


def tiles(shape: tuple[int, int]) -> list[SearchSquare]:
    """Overlapping squares over a picture (height, width), with its shorter side."""
    short, long = min(shape), max(shape)
    if long < _MIN_RATIO * short:
        return []
    starts = [round(place) for place in np.linspace(0, long - short, max(2, round(_TILES_PER_RATIO * long / short)))]
    return [SearchSquare(start, 0, short) if shape[1] == long else SearchSquare(0, start, short) for start in starts]


def _holds_large(found: Detections, rgb: Image) -> bool:
    areas = np.prod(found.box[found.score >= _LARGE_SCORE, 2:], axis=1)
    return bool(np.any(areas >= _LARGE_SHARE * rgb.shape[0] * rgb.shape[1]))


def _is_part(box: Any, others: Any) -> bool:
    """Whether a box (4,) lies in one of the others (n, 4)."""
    low, high = np.maximum(others[:, :2], box[:2]), np.minimum(others[:, :2] + others[:, 2:], box[:2] + box[2:])
    return bool(np.any(np.prod(np.maximum(high - low, 0), axis=1) >= _PART_SHARE * np.prod(box[2:])))


def _joined(whole: Detections, parts: list[Detections]) -> Detections:
    """All of them, each object once, most certain first."""
    if not parts:
        return whole
    box, score, class_id = (np.concatenate(columns) for columns in zip(whole, *parts, strict=True))
    kept = non_maximum_suppression(
        np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1), score, class_id, _NMS_IOU
    )
    return Detections(box[kept], score[kept], class_id[kept])
