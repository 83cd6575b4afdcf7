"""What changes between two pictures of a screen: blobs that are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.strokes import Box, Mask

Grey = npt.NDArray[np.uint8]

_CHANGED_LEVELS = 12  # by which a pixel changes: coding noise stays below, pale carets reach it
_GRID_CELLS = 270  # on the shorter side of the picture: a cell is 4 px at 1080p, less than the gap between lines
_LEAST_GRID_PX = 2  # side of a cell
_LEAST_PER_CELL = 2  # px that change in a cell: single ones are noise
_JOINED_CELLS = (7, 3)  # columns and rows: letters of a word come together, lines of text stay apart
_MOST_BLOBS = 24  # of one sample, the largest: a movie in the page would give hundreds
_LEAST_CHANGED_PX = 5  # of a blob: a caret of a small recording has 11


@dataclass(slots=True)
class Blob:
    """A place where the picture changed from one sample to the next.

    Attributes
    ----------
    sample : int
        Number of the later sample.
    box : (int, int, int, int)
        Left, top, width, height in view px.
    changed_px : int
        How many px changed.
    fresh_px : int
        How many of these stay as they became, and were otherwise for a while before.
    shift_px : (int, int)
        By which the content moved across and down; (0, 0) where it did not move as a whole.
    """

    sample: int
    box: Box
    changed_px: int
    fresh_px: int = 0
    shift_px: tuple[int, int] = (0, 0)

    @property
    def right(self) -> int:
        """Its right edge, view px."""
        return self.box[0] + self.box[2]

    @property
    def fill(self) -> float:
        """Share of its box that changed."""
        return self.changed_px / (self.box[2] * self.box[3])

    @property
    def fresh(self) -> float:
        """Share of what changed that is fresh."""
        return self.fresh_px / self.changed_px


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """All that changed from one sample to the next.

    Attributes
    ----------
    blobs : list of Blob
        The largest ones.
    cells : ndarray of bool (rows, columns)
        Cells of the grid with changes.
    spread : float
        Share of the picture that is near a change.
    """

    blobs: list[Blob]
    cells: Mask
    spread: float


def grid_px(width: int, height: int) -> int:
    """Side of the cells in which changes are counted, view px."""
    return max(_LEAST_GRID_PX, round(min(width, height) / _GRID_CELLS))


def changed_px(one: Grey, other: Grey) -> Grey:
    """255 where two pictures differ, else 0."""
    return np.asarray(cv2.threshold(cv2.absdiff(one, other), _CHANGED_LEVELS, 255, cv2.THRESH_BINARY)[1], np.uint8)


def find_changes(before: Grey, after: Grey, sample: int) -> Changes:
    """What changed between two pictures of one size.

    Parameters
    ----------
    before, after : ndarray of uint8 (h, w)
    sample : int
        Number of the later one.
    """
    height, width = after.shape
    side = grid_px(width, height)
    rows, columns = max(1, height // side), max(1, width // side)
    changed = changed_px(before, after)
    cells = np.zeros((rows, columns), np.uint8)
    left, top, wide, tall = (edge // side for edge in cv2.boundingRect(changed))
    # Only where anything changed: mostly, that is a letter.
    part = changed[top * side : (top + tall + 2) * side, left * side : (left + wide + 2) * side]
    size = (min(part.shape[1] // side, columns - left), min(part.shape[0] // side, rows - top))
    if min(size) > 0:
        inside = part[: size[1] * side, : size[0] * side]
        share = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
        cells[top : top + size[1], left : left + size[0]] = share >= 255 * _LEAST_PER_CELL / side**2
    if not cv2.countNonZero(cells):
        return Changes([], cells.view(np.bool_), 0.0)
    joined = cv2.dilate(cells, np.ones(_JOINED_CELLS[::-1], np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = np.sort(np.argsort(areas)[-_MOST_BLOBS:]) + 1
    found = (_blob(changed, stats[n, :4] * side, side, sample) for n in largest)
    spread = float(areas.sum()) / joined.size
    return Changes([b for b in found if b.changed_px >= _LEAST_CHANGED_PX], cells.view(np.bool_), spread)


def _blob(changed: Grey, near: npt.NDArray[Any], side: int, sample: int) -> Blob:
    """The blob in a box that is larger by what joins cells."""
    across, down = ((count // 2) * side for count in _JOINED_CELLS)
    left, top = int(near[0]), int(near[1])
    # Where the picture ends, nothing was added.
    x, y = left + across * (left > 0), top + down * (top > 0)
    inside = changed[y : max(y + side, top + int(near[3]) - down), x : max(x + side, left + int(near[2]) - across)]
    dx, dy, width, height = cv2.boundingRect(inside)
    return Blob(sample, (x + dx, y + dy, width, height), cv2.countNonZero(inside))
