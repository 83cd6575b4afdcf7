"""The camera of a retimed event: from keys on record frames to keys on media frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import newest_row, next_row
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES

KeyRows = npt.NDArray[np.float64]  # (n, 3): scale, x_px, y_px

# Keys are compared in px of the canvas; a thousandth of scale moves the edge of a 2000 px picture by 1 px.
_WEIGHTS = (1000.0, 1.0, 1.0)
# A jump is a step longer than this, and this many times as long as the steps beside it: else it is a fast pan.
_JUMP_PX = 8.0
_JUMP_PROMINENCE = 3.0
_MEET_PX = 0.05  # two lines that are this near on a frame meet there


def keys_on_media_frames(positions: Sequence[Fraction], keys: KeyRows) -> tuple[npt.NDArray[np.int64], KeyRows]:
    """Keys (n, 3) at positions in the media, resampled to every whole media frame from the first to the last.

    Between positions, the camera moves in straight lines. At a jump it holds until the picture changes, so the lines on
    both sides of it are extended up to the frames where the picture changes.
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    ordered = [positions[index] for index in order]
    pictures = [math.floor(position + BOUNDARY_TOLERANCE_FRAMES) for position in ordered]
    rows = keys[order]
    starts = [0, *(n + 1 for n in _jumps(rows) if pictures[n] != pictures[n + 1]), len(rows)]
    frames: list[int] = []
    resampled: list[KeyRows] = []
    for begin, end in pairwise(starts):
        last_picture = pictures[end - 1]
        at = [float(position) for position in ordered[begin:end]]
        if end < len(rows):
            at = [min(position, float(last_picture)) for position in at]
        number_at = {position: n for n, position in reversed(list(enumerate(at)))}
        known = sorted(number_at)
        stop = last_picture if end < len(rows) else math.ceil(ordered[end - 1] - BOUNDARY_TOLERANCE_FRAMES)
        here = np.arange(frames[-1] + 1 if frames else pictures[0], stop + 1)
        frames += here.tolist()
        known_rows = rows[begin:end][[number_at[position] for position in known]]
        resampled.append(_straight(np.array(known), known_rows, here))
    return np.array(frames), np.concatenate(resampled)


def _jumps(rows: KeyRows) -> list[int]:
    """Numbers of the rows after which the camera jumps."""
    if len(rows) < 2:
        return []
    step = np.abs(np.diff(rows, axis=0) * _WEIGHTS).max(axis=1)
    beside = np.maximum(np.append(step[1:], 0.0), np.insert(step[:-1], 0, 0.0))
    return [int(n) for n in np.flatnonzero((step > _JUMP_PX) & (step > _JUMP_PROMINENCE * beside))]


def _straight(at: npt.NDArray[np.float64], rows: KeyRows, frames: npt.NDArray[np.int64]) -> KeyRows:
    """Rows at `frames`, on straight lines between the known rows and beyond the first and the last.

    If the lines on both sides of a gap meet on a frame inside the gap, the camera changes its direction there.
    """
    if len(at) == 1:
        return np.repeat(rows, len(frames), axis=0)
    last = len(at) - 2
    gap = np.clip(newest_row(at, frames), 0, last)
    found, before, after = (
        _on(at, rows, line, frames) for line in (gap, np.maximum(gap - 1, 0), np.minimum(gap + 1, last))
    )
    bends = np.flatnonzero((np.abs(before - after) * _WEIGHTS).max(axis=1) < _MEET_PX)
    for bend in bends.tolist():
        inside = gap == gap[bend]
        found[inside] = np.where((frames[inside] <= frames[bend])[:, None], before[inside], after[inside])
    # A scale that a line beyond its ends would make nothing of stays as it is.
    bad = found[:, 0] <= rows[:, 0].min() / 2
    found[bad] = rows[next_row(at, frames[bad])]
    return np.asarray(found, np.float64)


def _on(
    at: npt.NDArray[np.float64], rows: KeyRows, line: npt.NDArray[np.intp], frames: npt.NDArray[np.int64]
) -> KeyRows:
    """Rows at `frames` on the straight line through the known rows `line` and `line` + 1."""
    share = ((frames - at[line]) / (at[line + 1] - at[line]))[:, None]
    return np.asarray(rows[line] + share * (rows[line + 1] - rows[line]), np.float64)
