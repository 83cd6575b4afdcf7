"""Overlay graphics: captions and lower thirds that a crop should not cut, logos that should not attract it.

What is laid over a film stays still to the pixel while the picture around it changes: areas dense with strong edges
that stand over several looks, with change on all four sides. A caption that pops up over a still picture shows by
appearing all at once, in strokes like writing. Textured things that merely stand still prove nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array

_LONG_SIDE_PX = 640
_RATE_HZ = 1.875  # a fourth of the looks at faces, at the same pictures: nothing is scaled for it
_EDGE = 60  # levels between neighbours: graphics are drawn hard
_SAME = 16  # levels that coding noise changes
_STEADY_SAMPLES = 2  # looks that edges have to stand after they were seen first
_MAX_MISSED_SAMPLES = 2
_STILL_THERE = 0.5  # share of its edges
_CALM = 0.3
_LETTERS_PX, _LINES_PX = 19, 7  # gaps that belong to one caption
_LEAST_PX = (20, 8)
_LARGEST = (0.95, 0.35)  # of the picture
_LEAST_DENSITY = 0.12  # edges per box
_RING_PX = 8
_LEAST_SCORE = 0.4
_FLEETING = 0.25  # share of all edges that stand from one look to the next, at a cut or while the camera moves
_FEW_STROKES, _MANY_STROKES = 3.0, 8.0  # per row: of a logo, of a line of writing
_LOGO_AREA, _CORNER, _LOGO_S, _LOGO_SHARE = 0.02, 0.28, 4.0, 0.9

KEEP, IGNORE = 0, 1

Image = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(slots=True, eq=False)
class _Item:
    """One overlay while it stands: where, since which look, and what speaks for it so far."""

    box: Box
    mask: npt.NDArray[np.bool_]
    first: int
    last: int
    popped: bool
    strokes: float
    around: float = 0.0
    outlived: int = 0
    samples: int = 1
    lines: int = 1


class TextSignal(PictureSignal):
    """Overlay graphics at about two looks per second."""

    name: ClassVar[str] = "text"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 2
    produces: ClassVar[type] = perception.Text
    options = (_LONG_SIDE_PX, _RATE_HZ, _EDGE, _SAME, _STEADY_SAMPLES, _LEAST_DENSITY, _LEAST_SCORE)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._media = media
        self._scale = np.ones(2, np.float64)
        self._looked: list[int] = []
        self._before: Image | None = None
        self._edges: npt.NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        # Per px: for how many looks an edge stands; the last look at which the level changed.
        self._age = np.zeros((0, 0), np.int32)
        self._changed = np.zeros((0, 0), np.int32)
        self._open: list[_Item] = []
        self._closed: list[_Item] = []

    def see(self, picture: PictureLike) -> None:
        """Look for overlays, when due."""
        if not self._schedule.due(picture.frame):
            return
        import cv2

        image = picture.view(_LONG_SIDE_PX, "gray")
        look = len(self._looked)
        self._looked.append(picture.frame)
        edges = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _EDGE
        if self._before is None:
            display = self._media.video.display_size
            self._scale = np.array([display.width / image.shape[1], display.height / image.shape[0]], np.float64)
            self._age = np.zeros(image.shape, np.int32)
            self._changed = np.full(image.shape, -1, np.int32)
        else:
            change = cv2.absdiff(image, self._before) > _SAME
            self._changed[change] = look
            stands = edges & ~change
            self._age += 1
            self._age *= stands
            had = max(1, int(np.count_nonzero(self._edges)))
            self._update(look, edges, fleeting=bool(np.count_nonzero(stands & self._edges) < _FLEETING * had))
        self._before, self._edges = image, edges

    def finish(self) -> perception.Text:
        """All overlays that proved themselves, by appearance."""
        proven = [item for item in (*self._closed, *self._open) if _score(item) >= _LEAST_SCORE]
        items = _lines_joined(sorted(proven, key=lambda item: (item.first, item.box)))
        rows = []
        for item in items:
            first = self._looked[item.first]
            end = self._looked[item.last + 1] if item.last + 1 < len(self._looked) else self._media.frame_count
            box = np.array(item.box, np.float64)
            rows.append((first, end, *box, self._kind(box, first, end), _score(item)))
        table = np.array(rows, np.float64).reshape(-1, 8)
        return perception.Text(
            looked=frames_array(self._looked),
            first=table[:, 0].astype(np.int64),
            end=table[:, 1].astype(np.int64),
            box_px=table[:, 2:6] * np.tile(self._scale, 2),
            kind=table[:, 6].astype(np.int64),
            score=table[:, 7],
        )

    def _update(self, look: int, edges: npt.NDArray[np.bool_], *, fleeting: bool) -> None:
        """Continue, open and close items by what stands now; `fleeting`: little else does."""
        stands = self._age >= _STEADY_SAMPLES
        fresh = stands.copy() if fleeting else self._age == _STEADY_SAMPLES
        young = [item for item in self._open if item.samples == 1]
        # Coding settles over a look or two: a new item is drawn again with what came to stand just after it.
        grown = _regions(stands & (self._age <= _STEADY_SAMPLES + 1)) if young else []
        for item in self._open:
            for box in grown if item.samples == 1 else ():
                if _holds(box, item.box):
                    item.box, item.mask = box, stands[_slices(box)].copy()
                    item.strokes = _strokes(edges[_slices(box)])
            place = _slices(item.box)
            if float(stands[place][item.mask].mean()) >= _STILL_THERE:
                item.last, item.samples = look, item.samples + 1
                item.outlived += fleeting
                item.around = self._around(item.box, item.first)
                fresh[place] = False
        for box in _regions(fresh):
            place = _slices(box)
            mask = fresh[place].copy()
            since = look - round(float(np.median(self._age[place][mask])))
            # The picture around stood still while it came.
            popped = since > 0 and self._around(box, since - 2) < _CALM
            self._open.append(_Item(box, mask, since, look, popped, _strokes(edges[place])))
        self._closed += [item for item in self._open if look - item.last >= _MAX_MISSED_SAMPLES and _score(item) > 0]
        self._open = [item for item in self._open if look - item.last < _MAX_MISSED_SAMPLES]

    def _around(self, box: Box, look: int) -> float:
        """Share of the picture around a box that changed after a look, on the side where least did."""
        left, top, width, height = box
        tall, wide = self._changed.shape
        since = self._changed
        sides = [
            since[max(0, top - _RING_PX) : top, left : left + width],
            since[top + height : min(tall, top + height + _RING_PX), left : left + width],
            since[top : top + height, max(0, left - _RING_PX) : left],
            since[top : top + height, left + width : min(wide, left + width + _RING_PX)],
        ]
        return min((np.count_nonzero(side > look) / side.size for side in sides if side.size), default=0.0)

    def _kind(self, box: npt.NDArray[np.float64], first: int, end: int) -> int:
        """A small thing near a corner that stays is a logo."""
        height, width = self._age.shape
        x, y = (box[0] + box[2] / 2) / width, (box[1] + box[3] / 2) / height
        corner = min(x, 1 - x) < _CORNER and min(y, 1 - y) < _CORNER
        small = box[2] * box[3] < _LOGO_AREA * width * height
        stays = (
            end - first > _LOGO_SHARE * self._media.frame_count or (end - first) / float(self._media.video.rate) > 30
        )
        lasts = (end - first) / float(self._media.video.rate) > _LOGO_S
        return IGNORE if corner and small and stays and lasts else KEEP


def _score(item: _Item) -> float:
    """How surely an item is an overlay, 0..1: it outlived the picture around it, or it popped up as writing."""
    steady = min(1.0, item.samples / 2) * min(1.0, 1.4 * item.samples / max(1, item.last - item.first - 1))
    # Letters are about as wide as high; straight edges of furniture have few strokes for their length.
    width, height = item.box[2], item.box[3] / item.lines
    fine = float(np.clip((item.strokes * height / width - 0.4) / 0.5, 0, 1))
    few, many = min(1.0, item.strokes / _FEW_STROKES), min(1.0, item.strokes / _MANY_STROKES)
    moving = float(np.clip((item.around - 0.3) / 0.4, 0, 1)) * few
    outlived = min(1.0, item.outlived / 2) * few
    popped = 0.6 * many * min(1.0, width / height / 2.5) if item.popped else 0.0
    return steady * fine * max(moving, outlived, popped)


def _lines_joined(items: list[_Item]) -> list[_Item]:
    """Lines that come and go together, one right below the other, as one item."""
    joined: list[_Item] = []
    for item in items:
        for other in joined:
            left, top, width, height = item.box
            x, y, w, h = other.box
            together = abs(item.first - other.first) <= 1 and abs(item.last - other.last) <= 1
            across = min(left + width, x + w) - max(left, x)
            gap = max(top, y) - min(top + height, y + h)
            if together and across > 0.5 * min(width, w) and gap < 0.8 * min(height, h):
                right, bottom = max(left + width, x + w), max(top + height, y + h)
                other.box = (min(left, x), min(top, y), right - min(left, x), bottom - min(top, y))
                # Proven line by line; strokes count per height of a line.
                other.strokes = max(item.strokes, other.strokes)
                other.lines += item.lines
                break
        else:
            joined.append(item)
    return joined


def _regions(standing: npt.NDArray[np.bool_]) -> list[Box]:
    """Boxes dense with standing edges, closed into lines."""
    import cv2

    marked = standing.view(np.uint8)
    if not cv2.countNonZero(marked):
        return []
    closed = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((_LINES_PX, _LETTERS_PX), np.uint8))
    # Outlines, of regions inside others too: a tenth of the time of labelling every pixel.
    outlines, nesting = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [outline for outline, (_, _, _, parent) in zip(outlines, nesting[0], strict=True) if parent < 0]
    tall, wide = standing.shape
    found: list[Box] = []
    for left, top, width, height in sorted(map(cv2.boundingRect, outer), key=lambda box: (box[1], box[0])):
        if width < _LEAST_PX[0] or height < _LEAST_PX[1] or width > _LARGEST[0] * wide or height > _LARGEST[1] * tall:
            continue
        if float(standing[top : top + height, left : left + width].mean()) >= _LEAST_DENSITY:
            found.append((left, top, width, height))
    return found


def _holds(box: Box, inner: Box) -> bool:
    """Whether a box holds the middle of another and is no smaller."""
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    inside = box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]
    return inside and box[2] * box[3] >= inner[2] * inner[3]


def _strokes(edges: npt.NDArray[np.bool_]) -> float:
    """Edges met per row: of writing one or more to each letter, of an object's outline two in all."""
    rows = int(np.count_nonzero(edges.any(axis=1)))
    return float(np.count_nonzero(np.diff(edges.astype(np.int8), axis=1) > 0)) / max(1, rows)


def _slices(box: Box) -> tuple[slice, slice]:
    left, top, width, height = box
    return slice(top, top + height), slice(left, left + width)
