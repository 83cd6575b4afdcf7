"""Where to look a second time for faces that are small in the whole picture, without looking much more in all.

The detector reduces what it is given to 192 x 192 px: a square of the picture shows a face nearly twice as large as
the whole of 16:9 does. Squares over the picture are searched in turn, about each once a second, and all at once after
a change of scene; a small face that the whole picture does not give is looked at in a square around its last place.
Extra looks are paid from a budget of a third of the looks there are anyway, and of as many again while there is a small
face to keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model.perception import FloatArray

_EXTRA = 0.3  # extra looks per look
_EXTRA_KEEPING = 1.0  # the same while small faces are known
_CREDIT = 2.0  # extra looks saved up at the most
_ROUND_HZ = 1.0  # how often each square is searched
_SQUARES_PER_RATIO = 1.2
_LEAST_RATIO = 1.25  # of the sides: a picture nearly square gains nothing
_LEAST_SHORT_PX = 240
_SMALL = 0.2  # of the shorter side: with a larger face in the picture small ones do not matter
_AROUND = (6.0, 4.5, 7.0)  # sides of the square around a face, in face sizes, tried in turn until it is found
_LEAST_AROUND_PX = 120
_KEPT_S = 1.2
_UNSURE_S = 4.0  # how long a face is kept that is found with a low score only
_NOTHING_S = 1.0  # after that long without a face in the whole picture, two of three looks go to the small ones
_WHOLE_EVERY = 3
_CHANGE = 25.0  # levels, mean over the picture: another scene
_STRIDE = 16
_NO_BOXES: FloatArray = np.zeros((0, 4), np.float64)


@dataclass(frozen=True, slots=True)
class SearchSquare:
    """A square of the view, px; side 0 means the whole view."""

    left: int
    top: int
    side: int

    def truncates(self, box: FloatArray, shape: tuple[int, ...]) -> bool:
        """Whether a box reaches over an edge of the square that is not the picture's own."""
        height, width = shape[:2]
        return bool(
            (self.left > 0 and box[0] < self.left + 1)
            or (self.top > 0 and box[1] < self.top + 1)
            or (self.left + self.side < width and box[0] + box[2] > self.left + self.side - 1)
            or (self.top + self.side < height and box[1] + box[3] > self.top + self.side - 1)
        )


@dataclass(slots=True)
class _Known:
    """A face seen lately: its box, when it was seen, when for sure, when and how often it was looked for again."""

    box: FloatArray
    seen: int
    sure: int
    tried: int
    tries: int = 0


class SmallFaceSearch:
    """Says at each look whether to search the whole picture, and which squares besides."""

    options: ClassVar[tuple[float, ...]] = (
        _EXTRA,
        _EXTRA_KEEPING,
        _ROUND_HZ,
        _SQUARES_PER_RATIO,
        _SMALL,
        *_AROUND,
        _KEPT_S,
        _UNSURE_S,
        _CHANGE,
    )

    def __init__(self, rate: float, samples_hz: float) -> None:
        self._kept, self._unsure, self._nothing = _KEPT_S * rate, _UNSURE_S * rate, _NOTHING_S * rate
        self._round_looks = max(1.0, samples_hz / _ROUND_HZ)
        self._small: npt.NDArray[np.int16] | None = None
        self._known: list[_Known] = []
        self._frame = 0
        self._credit, self._wait = 0.0, 0.0
        self._next = 0
        self._changed = True
        self._whole_found = 0  # frame of the last face in the whole picture
        self._skipped = 0
        self.searches_whole_picture = True

    def begin_sample(self, image: npt.NDArray[np.uint8], frame: int) -> None:
        """Start a look."""
        small = image[_STRIDE // 2 :: _STRIDE, _STRIDE // 2 :: _STRIDE].astype(np.int16)
        self._changed = self._small is None or float(np.abs(small - self._small).mean()) > _CHANGE
        self._small, self._frame = small, frame
        if self._changed:
            self._known, self._whole_found = [], frame
        self._known = [k for k in self._known if frame - k.seen <= self._kept and frame - k.sure <= self._unsure]
        alone = bool(self._known) and frame - self._whole_found > self._nothing
        skip = alone and self._skipped < _WHOLE_EVERY - 1
        self._skipped = self._skipped + 1 if skip else 0
        self.searches_whole_picture = not skip
        short = min(image.shape[:2])
        small_known = any(known.box[3] <= _SMALL * short for known in self._known)
        self._credit += (_EXTRA_KEEPING if small_known else _EXTRA) + (1.0 if skip else 0.0)
        self._credit = min(_CREDIT, self._credit)

    def extra_squares(self, found: FloatArray, shape: tuple[int, ...]) -> list[SearchSquare]:
        """Squares to search besides, given the faces (k, 4) found for sure in the whole picture."""
        if len(found):
            self._whole_found = self._frame
        short = min(shape[:2])
        tiles = _tiles(shape)
        self._wait -= 1.0
        if not tiles or (len(found) and float(found[:, 3].max()) > _SMALL * short):
            return []
        if self._changed:
            # A round on the house: debts would keep it from holding on to what it finds.
            self._credit = max(0.0, self._credit - len(tiles))
            self._wait = self._round_looks
            return tiles
        lost = [known for known in self._known if known.box[3] <= _SMALL * short and not _holds(found, known.box)]
        chosen: list[SearchSquare] = []
        if self._credit >= 1 and self._wait <= 0:
            self._credit -= 1
            self._wait = self._round_looks / len(tiles)
            self._next = (self._next + 1) % len(tiles)
            chosen.append(tiles[self._next])
        for known in sorted(lost, key=lambda known: known.tried):
            if self._credit < 1:
                break
            self._credit -= 1
            known.tried = self._frame
            chosen.append(_around(known.box, _AROUND[known.tries % len(_AROUND)], shape))
            known.tries += 1
        return chosen

    def was_seen_near(self, box: FloatArray, surer: FloatArray = _NO_BOXES) -> bool:
        """Whether a face of about this size was seen here a moment ago that none of the `surer` (k, 4) goes on from."""
        return any(
            _holds(box[None], known.box) and 0.6 < float(box[3] / known.box[3]) < 1.6 and not _holds(surer, known.box)
            for known in self._known
        )

    def end_sample(self, found: FloatArray, sure: npt.NDArray[np.bool_] | None = None) -> None:
        """End a look with all the faces (k, 4) it gave, and which of them are sure (all, unless told)."""
        frame = self._frame
        fresh = []
        for n, box in enumerate(found):
            last = max((k.sure for k in self._known if _holds(box[None], k.box, reach=1.2)), default=frame)
            fresh.append(_Known(box, frame, frame if sure is None or sure[n] else last, frame))
        self._known = [known for known in self._known if not _holds(found, known.box, reach=1.2)] + fresh


def _tiles(shape: tuple[int, ...]) -> list[SearchSquare]:
    """Squares as wide as the picture is high (or the reverse) that overlap, so that one holds each small face."""
    height, width = shape[:2]
    short, long = min(height, width), max(height, width)
    if long < _LEAST_RATIO * short or short < _LEAST_SHORT_PX:
        return []
    count = max(2, round(_SQUARES_PER_RATIO * long / short))
    starts = [round(place) for place in np.linspace(0, long - short, count)]
    return [SearchSquare(start, 0, short) if width == long else SearchSquare(0, start, short) for start in starts]


def _around(box: FloatArray, faces: float, shape: tuple[int, ...]) -> SearchSquare:
    height, width = shape[:2]
    side = int(min(max(_LEAST_AROUND_PX, faces * max(box[2:])), height, width))
    left, top = (float(box[n] + box[2 + n] / 2 - side / 2) for n in (0, 1))
    return SearchSquare(int(np.clip(left, 0, width - side)), int(np.clip(top, 0, height - side)), side)


def _holds(found: FloatArray, box: FloatArray, reach: float = 0.6) -> bool:
    """Whether one of the boxes found lies where `box` was."""
    apart = np.abs(found[:, :2] + found[:, 2:] / 2 - box[:2] - box[2:] / 2)
    return bool(np.any(np.all(apart < reach * np.maximum(found[:, 2:], box[2:]), axis=1)))
