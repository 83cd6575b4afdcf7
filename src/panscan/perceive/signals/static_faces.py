"""Tells living faces from pictures of faces: posters, thumbnails, portraits on a screen.

A living face changes within seconds, at least by a blink. A picture of a face does not change while other things in
the picture do. Each face is compared with its state at its last change, so that slow movement adds up. Time counts only
while something else moves: in a photograph, or while a movie is paused, stillness means nothing. A picture of a face
that moves across the screen (camera, scrolling) counts as living.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model.bodies import ramp
from panscan.model.perception import FloatArray

_CELL_PX = 4  # side, in px of the view: noise and compression average out
_CHANGED_LEVELS = 6.0  # mean of the cells that changed most; noise and compression of a still picture stay under 3
_MOST_CHANGED = 0.05  # share of the cells: the lips are about that much of a face
_ELSEWHERE_LEVELS, _ELSEWHERE_CELLS = 12.0, 2  # change, and number of cells that change so, that mean something moves
_MIN_SIDE_CELLS = 4  # of a face: in a smaller one no blink shows, so it counts as living
_LOST_S = 1.2  # a face that is not found for so long is forgotten, as its track is
_STILL_S = (6.0, 12.0)  # still for so long, a face is doubted; for so long, it counts as a picture: people blink sooner
_MIN_LIFE = 0.1  # of a picture of a face: alone in the media it can still be shown

Grey = npt.NDArray[np.float32]


@dataclass(slots=True)
class _StillFace:
    """A face since it last changed.

    Attributes
    ----------
    number : int
        Number of its still run.
    place : (int, int, int, int)
        Left, top, right, bottom in cells.
    patch : ndarray
        Its cells at its last change.
    seen : int
        Frame at which it was seen last.
    """

    number: int
    place: tuple[int, int, int, int]
    patch: Grey
    seen: int


class StaticFaceTracker:
    """Numbers the runs of samples in which a face does not change, and measures how long each run is."""

    options: ClassVar[tuple[object, ...]] = (
        _CELL_PX,
        _CHANGED_LEVELS,
        _MOST_CHANGED,
        _ELSEWHERE_LEVELS,
        _LOST_S,
        _STILL_S,
    )

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._before: Grey | None = None
        self._active: list[_StillFace] = []
        self._still_s: list[float] = []

    def update(self, grey: npt.NDArray[np.uint8], frame: int, boxes: FloatArray) -> list[int]:
        """Receive a grey view (h, w) and the faces (k, 4) in it, view px; the still run (k,) that each belongs to."""
        now = _cells(grey)
        changed = np.zeros(now.shape, np.bool_)
        if self._before is not None and self._before.shape == now.shape:
            changed = np.abs(now - self._before) > _ELSEWHERE_LEVELS
        self._before = now
        self._active = [s for s in self._active if frame - s.seen <= _LOST_S * self._rate]
        count = int(np.count_nonzero(changed))
        return [self._follow(now, frame, _place(box, now.shape), changed, count) for box in boxes]

    def life(self, numbers: list[int]) -> FloatArray:
        """How likely the faces of these still runs (n,) are alive (n,), 0.1..1."""
        still_s = np.array([self._still_s[n] for n in numbers], np.float64)
        return 1.0 - (1.0 - _MIN_LIFE) * ramp(still_s, *_STILL_S)

    def _follow(
        self, now: Grey, frame: int, place: tuple[int, int, int, int], changed: npt.NDArray[np.bool_], count: int
    ) -> int:
        left, top, right, bottom = place
        known = next((s for s in self._active if _is_same_place(s.place, place)), None)
        if known is not None and not _has_changed(_patch(now, known.place), known.patch):
            own = int(np.count_nonzero(changed[top:bottom, left:right]))
            if count - own >= _ELSEWHERE_CELLS:
                self._still_s[known.number] += (frame - known.seen) / self._rate
            known.seen = frame
            return known.number
        if known is not None:
            self._active.remove(known)
        self._still_s.append(0.0)
        self._active.append(_StillFace(len(self._still_s) - 1, place, _patch(now, place).copy(), frame))
        return len(self._still_s) - 1


def _cells(grey: npt.NDArray[np.uint8]) -> Grey:
    import cv2

    height, width = grey.shape
    size = (max(1, width // _CELL_PX), max(1, height // _CELL_PX))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def _place(box: FloatArray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a box in cells, inside the picture."""
    low = np.clip(box[:2] / _CELL_PX, 0, [shape[1] - 1, shape[0] - 1]).astype(int)
    high = np.clip(np.ceil((box[:2] + box[2:]) / _CELL_PX), low + 1, [shape[1], shape[0]]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _patch(now: Grey, place: tuple[int, int, int, int]) -> Grey:
    return now[place[1] : place[3], place[0] : place[2]]


def _is_same_place(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two places belong to one face: their centres are closer than a third of its size."""
    size = max(one[2] - one[0], one[3] - one[1])
    return all(abs(one[n] + one[n + 2] - other[n] - other[n + 2]) < 2 * size / 3 for n in (0, 1))


def _has_changed(now: Grey, then: Grey) -> bool:
    """Whether a face changed, by its most changed cells; a face that got brighter or darker as a whole did not."""
    if min(then.shape) < _MIN_SIDE_CELLS or now.shape != then.shape:
        return True
    apart = now - then
    apart = np.abs(apart - np.median(apart))
    most = max(2, round(_MOST_CHANGED * apart.size))
    return float(np.partition(apart, -most, axis=None)[-most:].mean()) > _CHANGED_LEVELS
