"""Chooses extra regions in which to search for small faces, within a fixed budget of extra detections.

The detector reduces its input to 192 x 192 px: a square of the picture shows a face nearly twice as large as the whole
of 16:9 does. Squares over the picture are searched in turn, each about once a second, and all at once after a change of
scene. A small face that is not found in the whole picture is searched for in a square around its last place. The
budget is a third of an extra detection per sample, and one per sample while small faces are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model.perception import FloatArray
from panscan.perceive.signals.scene_change import SCENE_CHANGE_LEVELS, Thumbnail, mean_change_levels, thumbnail

_EXTRA_PER_SAMPLE = 0.3  # extra detections: the search for small faces may cost a third of the time
_EXTRA_PER_SAMPLE_WITH_SMALL_FACES = 1.0  # the same while small faces are known: each sample can follow one
_MAX_CREDIT = 2.0  # extra detections saved at most, so that no sample takes long
_ROUND_HZ = 1.0  # how often each square is searched
_SQUARES_PER_RATIO = 1.2  # squares over the longer side, per aspect ratio: they overlap by the size of a small face
_MIN_RATIO = 1.25  # of the sides: in a picture that is nearly square, a square shows nothing larger
_MIN_SHORT_SIDE_PX = 240  # of the view: a square of a smaller one has no more detail than the detector's input
_MAX_SMALL_FACE = 0.2  # share of the shorter side: with a larger face in the picture, small ones do not matter
_SQUARE_SIDES_IN_FACES = (6.0, 4.5, 7.0)  # sizes of the square around a face, tried in turn until it is found
_MIN_SQUARE_PX = 120  # side of such a square: a smaller one is magnified without new detail
_KEPT_S = 1.2  # how long a face that is not found is searched for: as long as a track may have a gap
_KEPT_LOW_SCORE_S = 4.0  # how long a face is kept that is found with a low score only: some never turn to the camera
_NO_FACE_S = 1.0  # after this time without a face in the whole picture, it is searched in every third sample only
_WHOLE_EVERY_SAMPLES = 3
_SAME_PLACE = 0.6  # distance in face sizes, per axis, within which a box lies where a face was
_MOVED_PLACE = 1.2  # the same from one sample to the next, for a face that walks
_SAME_SIZE = 0.6, 1.6  # ratio of heights within which it may be the same face
_NO_BOXES: FloatArray = np.zeros((0, 4), np.float64)


@dataclass(frozen=True, slots=True)
class SearchSquare:
    """A square of the view, in px.

    Attributes
    ----------
    left, top : int
    side : int
        0 means the whole view.
    """

    left: int
    top: int
    side: int

    def truncates(self, box: FloatArray, shape: tuple[int, ...]) -> bool:
        """Whether a box reaches over an edge of the square that is no edge of the picture."""
        height, width = shape[:2]
        return bool(
            (self.left > 0 and box[0] < self.left + 1)
            or (self.top > 0 and box[1] < self.top + 1)
            or (self.left + self.side < width and box[0] + box[2] > self.left + self.side - 1)
            or (self.top + self.side < height and box[1] + box[3] > self.top + self.side - 1)
        )


@dataclass(slots=True)
class _KnownFace:
    """A face that was seen a moment ago.

    Attributes
    ----------
    box : ndarray (4,)
    seen_frame : int
        When it was seen last.
    sure_frame : int
        When it was last seen with a high score.
    tried_frame : int
        When a square around it was searched last.
    tries : int
        How many such searches found nothing.
    """

    box: FloatArray
    seen_frame: int
    sure_frame: int
    tried_frame: int
    tries: int = 0


class SmallFaceSearch:
    """Says for each sample whether to search the whole picture, and which squares in addition."""

    options: ClassVar[tuple[float, ...]] = (
        _EXTRA_PER_SAMPLE,
        _EXTRA_PER_SAMPLE_WITH_SMALL_FACES,
        _ROUND_HZ,
        _SQUARES_PER_RATIO,
        _MAX_SMALL_FACE,
        *_SQUARE_SIDES_IN_FACES,
        _KEPT_S,
        _KEPT_LOW_SCORE_S,
        SCENE_CHANGE_LEVELS,
    )

    def __init__(self, rate: float, samples_hz: float) -> None:
        self._kept, self._kept_low_score, self._no_face = _KEPT_S * rate, _KEPT_LOW_SCORE_S * rate, _NO_FACE_S * rate
        self._round_samples = max(1.0, samples_hz / _ROUND_HZ)
        self._thumbnail: Thumbnail | None = None
        self._known: list[_KnownFace] = []
        self._frame = 0
        self._credit, self._wait = 0.0, 0.0
        self._next = 0
        self._changed = True
        self._whole_found = 0  # frame of the last face in the whole picture
        self._skipped = 0
        self.searches_whole_picture = True

    def begin_sample(self, image: npt.NDArray[np.uint8], frame: int) -> None:
        """Start a sample."""
        now = thumbnail(image)
        self._changed = mean_change_levels(self._thumbnail, now) > SCENE_CHANGE_LEVELS
        self._thumbnail, self._frame = now, frame
        if self._changed:
            self._known, self._whole_found = [], frame
        self._known = [
            known
            for known in self._known
            if frame - known.seen_frame <= self._kept and frame - known.sure_frame <= self._kept_low_score
        ]
        alone = bool(self._known) and frame - self._whole_found > self._no_face
        skip = alone and self._skipped < _WHOLE_EVERY_SAMPLES - 1
        self._skipped = self._skipped + 1 if skip else 0
        self.searches_whole_picture = not skip
        short = min(image.shape[:2])
        small_known = any(known.box[3] <= _MAX_SMALL_FACE * short for known in self._known)
        self._credit += (_EXTRA_PER_SAMPLE_WITH_SMALL_FACES if small_known else _EXTRA_PER_SAMPLE) + (
            1.0 if skip else 0.0
        )
        self._credit = min(_MAX_CREDIT, self._credit)

    def extra_squares(self, found: FloatArray, shape: tuple[int, ...]) -> list[SearchSquare]:
        """Squares to search in addition, given the high-score faces (k, 4) of the whole picture."""
        if len(found):
            self._whole_found = self._frame
        short = min(shape[:2])
        tiles = _tiles(shape)
        self._wait -= 1.0
        if not tiles or (len(found) and float(found[:, 3].max()) > _MAX_SMALL_FACE * short):
            return []
        if self._changed:
            # This full search may use up the credit but not make it negative; otherwise the faces it finds could not
            # be followed.
            self._credit = max(0.0, self._credit - len(tiles))
            self._wait = self._round_samples
            return tiles
        lost = [
            known
            for known in self._known
            if known.box[3] <= _MAX_SMALL_FACE * short and not _any_near(found, known.box)
        ]
        chosen: list[SearchSquare] = []
        if self._credit >= 1 and self._wait <= 0:
            self._credit -= 1
            self._wait = self._round_samples / len(tiles)
            self._next = (self._next + 1) % len(tiles)
            chosen.append(tiles[self._next])
        for known in sorted(lost, key=lambda known: known.tried_frame):
            if self._credit < 1:
                break
            self._credit -= 1
            known.tried_frame = self._frame
            chosen.append(
                _square_around(known.box, _SQUARE_SIDES_IN_FACES[known.tries % len(_SQUARE_SIDES_IN_FACES)], shape)
            )
            known.tries += 1
        return chosen

    def was_seen_near(self, box: FloatArray, surer: FloatArray = _NO_BOXES) -> bool:
        """Whether a face of about this size was seen here a moment ago, where none of `surer` (k, 4) lies."""
        least, most = _SAME_SIZE
        return any(
            _any_near(box[None], known.box)
            and least < float(box[3] / known.box[3]) < most
            and not _any_near(surer, known.box)
            for known in self._known
        )

    def end_sample(self, found: FloatArray, sure: npt.NDArray[np.bool_] | None = None) -> None:
        """End a sample with all its faces (k, 4), and which of them (k,) have a high score; by default all."""
        frame = self._frame
        fresh = []
        for n, box in enumerate(found):
            last = max((k.sure_frame for k in self._known if _any_near(box[None], k.box, _MOVED_PLACE)), default=frame)
            fresh.append(_KnownFace(box, frame, frame if sure is None or sure[n] else last, frame))
        self._known = [known for known in self._known if not _any_near(found, known.box, _MOVED_PLACE)] + fresh


def _tiles(shape: tuple[int, ...]) -> list[SearchSquare]:
    """Squares with the picture's shorter side that overlap, so that each small face is whole in one of them."""
    height, width = shape[:2]
    short, long = min(height, width), max(height, width)
    if long < _MIN_RATIO * short or short < _MIN_SHORT_SIDE_PX:
        return []
    count = max(2, round(_SQUARES_PER_RATIO * long / short))
    starts = [round(place) for place in np.linspace(0, long - short, count)]
    return [SearchSquare(start, 0, short) if width == long else SearchSquare(0, start, short) for start in starts]


def _square_around(box: FloatArray, faces: float, shape: tuple[int, ...]) -> SearchSquare:
    height, width = shape[:2]
    side = int(min(max(_MIN_SQUARE_PX, faces * max(box[2:])), height, width))
    left, top = (float(box[n] + box[2 + n] / 2 - side / 2) for n in (0, 1))
    return SearchSquare(int(np.clip(left, 0, width - side)), int(np.clip(top, 0, height - side)), side)


def _any_near(found: FloatArray, box: FloatArray, reach: float = _SAME_PLACE) -> bool:
    """Whether one of the boxes found (k, 4) lies within `reach` face sizes of `box`."""
    apart = np.abs(found[:, :2] + found[:, 2:] / 2 - box[:2] - box[2:] / 2)
    return bool(np.any(np.all(apart < reach * np.maximum(found[:, 2:], box[2:]), axis=1)))
