"""A few faces followed while pictures go by: which is which, and a crop that stands while its face trembles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from panscan.model.perception import FloatArray

# A shift of the crop by 2 % moves the landmarks of a still mouth like speech: it stands until the face leaves it.
MAX_CROP_OFFSET = 0.15  # of the face's size, from the middle of the crop
MAX_SIZE_RATIO = 1.2
SAME_FACE_MAX_DISTANCE = 0.8  # how far a face may be from its crop, in face sizes, to be the same
_FORGET_S = 0.4  # after such a pause nobody is known any more


class FaceSlot:
    """One face that is followed; `crop` is centre x, y and side of a face box, in display px."""

    def __init__(self) -> None:
        self.crop: tuple[float, float, float] | None = None
        self.seen_s = -np.inf

    def distance(self, box: FloatArray, time_s: float) -> float:
        """How far a face is from the one followed here, in face sizes; infinite where none is."""
        if self.crop is None or time_s - self.seen_s > _FORGET_S:
            return float(np.inf)
        x, y, side = self.crop
        size = float(max(box[2:]))
        apart = float(np.hypot(box[0] + box[2] / 2 - x, box[1] + box[3] / 2 - y))
        return apart / side + abs(float(np.log(size / side)))

    def follow(self, box: FloatArray, time_s: float) -> bool:
        """Bring the crop to a face where it must; whether this is another face than before."""
        fresh = self.distance(box, time_s) > SAME_FACE_MAX_DISTANCE
        x, y, size = float(box[0] + box[2] / 2), float(box[1] + box[3] / 2), float(max(box[2:]))
        if self.crop is not None and not fresh:
            old_x, old_y, old_size = self.crop
            near = np.hypot(x - old_x, y - old_y) <= MAX_CROP_OFFSET * old_size
            if near and 1 / MAX_SIZE_RATIO < size / old_size < MAX_SIZE_RATIO:
                x, y, size = self.crop
        self.crop, self.seen_s = (x, y, size), time_s
        return fresh

    def crop_square(self, side: float, down: float = 0.0) -> tuple[float, float, float, float]:
        """Left, top, width, height of a square around the crop's centre, in sizes of the face."""
        assert self.crop is not None
        x, y, size = self.crop
        return x - side * size / 2, y + (down - side / 2) * size, side * size, side * size


S = TypeVar("S", bound=FaceSlot)


def assign_slots(seats: Sequence[S], boxes: FloatArray, time_s: float) -> list[S]:
    """A seat for each face: the nearest that follows it already, else the one unused for longest."""
    order = sorted((s.distance(box, time_s), b, i) for b, box in enumerate(boxes) for i, s in enumerate(seats))
    taken: dict[int, int] = {}
    for distance, face, seat in order:
        if distance <= SAME_FACE_MAX_DISTANCE and face not in taken and seat not in taken.values():
            taken[face] = seat
    for face in range(len(boxes)):
        if face not in taken:
            free = [i for i in range(len(seats)) if i not in taken.values()]
            taken[face] = min(free, key=lambda i: seats[i].seen_s)
    return [seats[taken[face]] for face in range(len(boxes))]


def largest_faces(boxes: FloatArray, most: int, least_px: float) -> FloatArray:
    """The `most` largest faces, the largest first, without those under `least_px`."""
    order = np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")[:most]
    return np.asarray(boxes[order[boxes[order, 2:].max(axis=1) >= least_px]])
