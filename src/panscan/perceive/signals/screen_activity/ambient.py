"""Places that change all the time, whatever is done: spinners, movies, minimaps. Nothing there is an event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.screen_activity.changes import Blob
from panscan.perceive.signals.strokes import Mask

_PLACE_CELLS = 8  # cells of the grid on a side of a place: 32 px at 1080p, some letters
_QUIET_SAMPLES = 8  # half a second without a change ends a run: a caret rests as long, a movie does not
_LEAST_SAMPLES = 45  # three seconds: nobody drags or points at one place for longer
_BUSY = 0.5  # share of a run's samples with a change
_COVERED = 0.5  # share of a blob's places that are ambient, from which it is


@dataclass(frozen=True, slots=True)
class AmbientRun:
    """A place that changes all the time from sample `first` until before sample `end`.

    Attributes
    ----------
    row, column : int
        Of the place.
    first, end : int
    """

    row: int
    column: int
    first: int
    end: int


class AmbientFinder:
    """Counts changes of each place, sample by sample."""

    def __init__(self, rows: int, columns: int) -> None:
        """For a grid of cells."""
        shape = (-(-rows // _PLACE_CELLS), -(-columns // _PLACE_CELLS))
        self._first = np.zeros(shape, np.int64)
        self._last = np.full(shape, -_QUIET_SAMPLES - 1, np.int64)
        self._count = np.zeros(shape, np.int64)
        self._runs: list[AmbientRun] = []

    def look(self, sample: int, cells: Mask) -> None:
        """Receive the cells that changed in a sample."""
        self._end_runs(sample - self._last > _QUIET_SAMPLES)
        busy = _places(cells)
        fresh = busy & (self._count == 0)
        self._first[fresh] = sample
        self._count += busy
        self._last[busy] = sample

    def outside(self, blobs: Sequence[Blob], cell_px: int) -> list[Blob]:
        """Blobs that are not at places known as ambient by now: a movie in the page would fill the memory."""
        length = self._last - self._first + 1
        known = (length >= _LEAST_SAMPLES) & (self._count >= _BUSY * length)
        if not known.any():
            return list(blobs)
        near = cv2.dilate(known.astype(np.uint8), np.ones((3, 3), np.uint8))
        return [blob for blob in blobs if not _is_covered(blob, near, cell_px * _PLACE_CELLS)]

    def finish(self) -> list[AmbientRun]:
        """All runs in order of their beginning."""
        self._end_runs(np.ones_like(self._count, np.bool_))
        return sorted(self._runs, key=lambda run: (run.first, run.row, run.column))

    def _end_runs(self, ended: Mask) -> None:
        length = self._last - self._first + 1
        ambient = ended & (self._count >= _BUSY * length) & (length >= _LEAST_SAMPLES)
        for row, column in zip(*np.nonzero(ambient), strict=True):
            first, last = int(self._first[row, column]), int(self._last[row, column])
            self._runs.append(AmbientRun(int(row), int(column), first, last + 1))
        self._count[ended] = 0


def _places(cells: Mask) -> Mask:
    """Which places hold a cell that changed."""
    rows, columns = (-side % _PLACE_CELLS for side in cells.shape)
    whole = cv2.copyMakeBorder(cells.astype(np.uint8) * 255, 0, rows, 0, columns, cv2.BORDER_CONSTANT)
    size = (whole.shape[1] // _PLACE_CELLS, whole.shape[0] // _PLACE_CELLS)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA) > 0)


def outside_ambient(blobs: Sequence[Sequence[Blob]], runs: Sequence[AmbientRun], cell_px: int) -> Iterator[list[Blob]]:
    """Of each sample, the blobs that are not at ambient places or right beside them.

    Parameters
    ----------
    blobs : sequence of sequences of Blob
        By sample.
    runs : sequence of AmbientRun
    cell_px : int
        Side of a cell of the grid, view px.
    """
    if not runs:
        yield from map(list, blobs)
        return
    shape = (max(run.row for run in runs) + 2, max(run.column for run in runs) + 2)
    count = np.zeros(shape, np.int64)
    starting = list(runs)
    ending = sorted(runs, key=lambda run: run.end)
    for sample, found in enumerate(blobs):
        while starting and starting[0].first <= sample:
            _around(count, starting.pop(0))[...] += 1
        while ending and ending[0].end <= sample:
            _around(count, ending.pop(0))[...] -= 1
        yield [blob for blob in found if not _is_covered(blob, count, cell_px * _PLACE_CELLS)]


def _around(count: npt.NDArray[np.int64], run: AmbientRun) -> npt.NDArray[np.int64]:
    return count[max(0, run.row - 1) : run.row + 2, max(0, run.column - 1) : run.column + 2]


def _is_covered(blob: Blob, count: npt.NDArray[Any], place_px: int) -> bool:
    left, top, width, height = blob.box
    rows = range(top // place_px, (top + height - 1) // place_px + 1)
    columns = range(left // place_px, (left + width - 1) // place_px + 1)
    inside = count[rows.start : rows.stop, columns.start : columns.stop] > 0
    return float(inside.sum()) >= _COVERED * len(rows) * len(columns)
