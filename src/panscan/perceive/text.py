"""Overlay graphics: captions and lower thirds that a crop should not cut, logos that should not attract it.

What is laid over a film stays still to the pixel while the picture around it changes: areas dense with strong edges
that stand over several looks, with change on all four sides. A caption that pops up over a still picture shows by
appearing all at once, in strokes like writing. Textured things that merely stand still prove nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import Clock, PictureLike, frames_array

_LONG_SIDE_PX = 640
_RATE_HZ = 2.0
_EDGE = 60  # levels between neighbours: graphics are drawn hard
_SAME = 16  # levels that coding noise changes
_STEADY_LOOKS = 2  # looks that edges have to stand after they were seen first
_MISSED_LOOKS = 2
_LETTERS_PX, _LINES_PX = 19, 7  # gaps that belong to one caption
_LEAST_PX = (20, 8)
_LARGEST = (0.95, 0.35)  # of the picture
_LEAST_DENSITY = 0.12  # edges per box
_RING_PX = 8
_LEAST_SCORE = 0.3
_LOGO_AREA, _CORNER, _LOGO_S, _LOGO_SHARE = 0.02, 0.28, 4.0, 0.9

KEEP, IGNORE = 0, 1

Image = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(slots=True)
class _Item:
    """One overlay while it stands: where, since which look, and what speaks for it so far."""

    box: Box
    first: int
    last: int
    popped: bool
    around: float = 0.0
    writing: float = 0.0
    boxes: list[Box] = field(default_factory=list)


class Text:
    """Overlay graphics at two looks per second."""

    name: ClassVar[str] = "text"
    version: ClassVar[int] = 1
    produces: ClassVar[type] = perception.Text
    options = (_LONG_SIDE_PX, _RATE_HZ, _EDGE, _SAME, _STEADY_LOOKS, _LEAST_DENSITY, _LEAST_SCORE)

    def __init__(self, media: Media, pace: float = 1.0) -> None:
        self._clock = Clock.at(_RATE_HZ * pace, media)
        self._media = media
        self._scale = np.ones(2, np.float64)
        self._looked: list[int] = []
        self._before: Image | None = None
        self._edges: npt.NDArray[Any] | None = None
        # Per px: for how many looks an edge stands; the last look at which the level changed.
        self._age = np.zeros((0, 0), np.int32)
        self._changed = np.zeros((0, 0), np.int32)
        self._open: list[_Item] = []
        self._closed: list[_Item] = []

    def see(self, picture: PictureLike) -> None:
        """Look for overlays, when due."""
        if not self._clock.due(picture.frame):
            return
        import cv2

        image = picture.view(_LONG_SIDE_PX, "gray")
        look = len(self._looked)
        self._looked.append(picture.frame)
        edges = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _EDGE
        if self._before is None:
            display = self._media.video.display
            self._scale = np.array([display.width / image.shape[1], display.height / image.shape[0]], np.float64)
            self._age = np.zeros(image.shape, np.int32)
            self._changed = np.full(image.shape, -1, np.int32)
        else:
            change = cv2.absdiff(image, self._before) > _SAME
            self._changed[change] = look
            self._age = np.where(edges & ~change, self._age + 1, 0)
            self._update(look, edges)
        self._before = image

    def finish(self) -> perception.Text:
        """All overlays that proved themselves, by appearance."""
        items = sorted((*self._closed, *self._open), key=lambda item: (item.first, item.box))
        rows = []
        for item in items:
            score = _score(item)
            if score >= _LEAST_SCORE:
                end = self._looked[item.last + 1] if item.last + 1 < len(self._looked) else self._media.frame_count
                box = np.median(np.array(item.boxes, np.float64), axis=0)
                rows.append((self._looked[item.first], end, *box, self._kind(box, self._looked[item.first], end), score))
        table = np.array(rows, np.float64).reshape(-1, 8)
        return perception.Text(
            looked=frames_array(self._looked),
            first=table[:, 0].astype(np.int64),
            end=table[:, 1].astype(np.int64),
            box_px=table[:, 2:6] * np.tile(self._scale, 2),
            kind=table[:, 6].astype(np.int64),
            score=table[:, 7],
        )

    def _update(self, look: int, edges: npt.NDArray[np.bool_]) -> None:
        """Continue, open and close items by what stands now."""
        unmatched = _regions((self._age >= _STEADY_LOOKS).astype(np.uint8))
        for item in self._open:
            best = max(unmatched, key=lambda box: _overlap(box, item.box), default=None)
            if best is not None and _overlap(best, item.box) > 0.4:
                unmatched.remove(best)
                item.box, item.last = best, look
                item.boxes.append(best)
                self._judge(item, edges)
        for box in unmatched:
            left, top, width, height = box
            part = (slice(top, top + height), slice(left, left + width))
            stands = self._age[part] >= _STEADY_LOOKS
            age = self._age[part][stands]
            since = look - round(float(np.median(age)))
            # All at once: its edges have the same age, and it was not there when the movie began.
            popped = since > 0 and float(np.mean(np.abs(age - np.median(age)) <= 1)) > 0.8
            item = _Item(box, since, look, popped, boxes=[box])
            self._judge(item, edges)
            self._open.append(item)
        done = [item for item in self._open if look - item.last >= _MISSED_LOOKS]
        self._closed += done
        self._open = [item for item in self._open if look - item.last < _MISSED_LOOKS]

    def _judge(self, item: _Item, edges: npt.NDArray[np.bool_]) -> None:
        """Gather what speaks for an item at this look."""
        left, top, width, height = item.box
        tall, wide = self._changed.shape
        since = self._changed > item.first
        sides = [
            since[max(0, top - _RING_PX) : top, left : left + width],
            since[top + height : min(tall, top + height + _RING_PX), left : left + width],
            since[top : top + height, max(0, left - _RING_PX) : left],
            since[top : top + height, left + width : min(wide, left + width + _RING_PX)],
        ]
        item.around = min((float(side.mean()) for side in sides if side.size), default=0.0)
        part = edges[top : top + height, left : left + width]
        strokes = float(np.count_nonzero(np.diff(part.astype(np.int8), axis=1) > 0)) / max(1, np.count_nonzero(part.any(axis=1)))
        # Strokes per height: of a line of writing several to each of its heights, of an object's outline two in all.
        item.writing = min(1.0, strokes / 8) * min(1.0, width / height / 2.5)

    def _kind(self, box: npt.NDArray[np.float64], first: int, end: int) -> int:
        """A small thing near a corner that stays is a logo."""
        height, width = self._age.shape
        x, y = (box[0] + box[2] / 2) / width, (box[1] + box[3] / 2) / height
        corner = min(x, 1 - x) < _CORNER and min(y, 1 - y) < _CORNER
        small = box[2] * box[3] < _LOGO_AREA * width * height
        stays = end - first > _LOGO_SHARE * self._media.frame_count or (end - first) / float(self._media.video.rate) > 30
        lasts = (end - first) / float(self._media.video.rate) > _LOGO_S
        return IGNORE if corner and small and stays and lasts else KEEP


def _score(item: _Item) -> float:
    """How surely an item is an overlay, 0..1: it stood while all around changed, or it popped up as writing."""
    moving = float(np.clip((item.around - 0.3) / 0.4, 0, 1))
    long = min(1.0, len(item.boxes) / 3)
    return long * max(moving * (0.6 + 0.4 * item.writing), 0.6 * item.writing if item.popped else 0.0)


def _regions(standing: Image) -> list[Box]:
    """Boxes dense with standing edges, closed into lines."""
    import cv2

    closed = cv2.morphologyEx(standing, cv2.MORPH_CLOSE, np.ones((_LINES_PX, _LETTERS_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    tall, wide = standing.shape
    found: list[Box] = []
    for left, top, width, height, _ in stats[1:count].tolist():
        if width < _LEAST_PX[0] or height < _LEAST_PX[1] or width > _LARGEST[0] * wide or height > _LARGEST[1] * tall:
            continue
        if float(standing[top : top + height, left : left + width].mean()) >= _LEAST_DENSITY:
            found.append((left, top, width, height))
    return found


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(0, across) * max(0, down)
    return common / (one[2] * one[3] + other[2] * other[3] - common)
