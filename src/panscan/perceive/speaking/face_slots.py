"""Follows a few faces from sample to sample, each with a crop that stays fixed while the face only jitters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from panscan.model.perception import FloatArray

# Shifting the crop by 2 % moves the landmarks of a still mouth as speech would. So the crop stays fixed until the face
# has moved or grown too far.
MAX_CROP_OFFSET = 0.15  # of the face's centre from the crop's, in face sizes
MAX_SIZE_RATIO = 1.2  # of the face's size and the crop's
SAME_FACE_MAX_DISTANCE = 0.8  # from face to crop, in face sizes: two heads side by side are further apart
_FORGET_S = 0.4  # after a longer pause a face at the same place may be another one: three samples of faces are missing


class FaceSlot:
    """One face that is followed.

    Attributes
    ----------
    crop : (float, float, float), optional
        Centre x, y and side of a face box, display px; None while no face is followed.
    seen_s : float
        When the face was seen last.
    """

    def __init__(self) -> None:
        self.crop: tuple[float, float, float] | None = None
        self.seen_s = -np.inf

    def distance(self, box: FloatArray, time_s: float) -> float:
        """Distance of a face from the one followed here, in face sizes; infinite where none is followed."""
        if self.crop is None or time_s - self.seen_s > _FORGET_S:
            return float(np.inf)
        x, y, side = self.crop
        size = float(max(box[2:]))
        apart = float(np.hypot(box[0] + box[2] / 2 - x, box[1] + box[3] / 2 - y))
        return apart / side + abs(float(np.log(size / side)))

    def follow(self, box: FloatArray, time_s: float) -> bool:
        """Move the crop to a face if necessary; whether this is another face than before."""
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
        """Left, top, width, height of a square around the crop's centre.

        Parameters
        ----------
        side : float
            In face sizes.
        down : float
            How far below the crop's centre the square's is, in face sizes.
        """
        assert self.crop is not None
        x, y, size = self.crop
        return x - side * size / 2, y + (down - side / 2) * size, side * size, side * size


S = TypeVar("S", bound=FaceSlot)


def assign_slots(slots: Sequence[S], boxes: FloatArray, time_s: float) -> list[S]:
    """A slot for each face: the nearest one that follows it already, or else the one unused for longest."""
    order = sorted((s.distance(box, time_s), b, i) for b, box in enumerate(boxes) for i, s in enumerate(slots))
    taken: dict[int, int] = {}
    for distance, face, slot in order:
        if distance <= SAME_FACE_MAX_DISTANCE and face not in taken and slot not in taken.values():
            taken[face] = slot
    for face in range(len(boxes)):
        if face not in taken:
            free = [i for i in range(len(slots)) if i not in taken.values()]
            taken[face] = min(free, key=lambda i: slots[i].seen_s)
    return [slots[taken[face]] for face in range(len(boxes))]


def largest_faces(boxes: FloatArray, most: int, least_px: float) -> FloatArray:
    """The `most` largest faces, the largest first, without those under `least_px`."""
    order = np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")[:most]
    return np.asarray(boxes[order[boxes[order, 2:].max(axis=1) >= least_px]])
