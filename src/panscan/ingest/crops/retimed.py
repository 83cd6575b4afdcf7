"""The camera of a retimed event, known on the frames of the record, on the frames of its media."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES

KeyRows = npt.NDArray[np.float64]

# A step of this many px of the canvas (of a scale: thousandths), so much longer than its neighbours, is a jump.
_JUMP_PX, _JUMP_PROMINENCE = 8.0, 3.0
_MEET_PX = 0.05


def keys_on_media_frames(positions: Sequence[Fraction], keys: KeyRows) -> tuple[npt.NDArray[np.int64], KeyRows]:
    """Keys (n, 3) of scale, x and y at places in the media, on whole frames without holes between first and last.

    They run straight from place to place. At a jump the camera holds until the picture changes, so the keys on both
    sides of it are continued up to the frames where it does.
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    places = [positions[index] for index in order]
    pictures = [math.floor(place + BOUNDARY_TOLERANCE_FRAMES) for place in places]
    rows = keys[order]
    starts = [0, *(n + 1 for n in _jumps(rows) if pictures[n] != pictures[n + 1]), len(rows)]
    frames: list[int] = []
    made: list[KeyRows] = []
    for begin, end in pairwise(starts):
        last_picture = pictures[end - 1]
        at = [float(place) for place in places[begin:end]]
        if end < len(rows):
            at = [min(place, float(last_picture)) for place in at]
        known = sorted({place: n for n, place in reversed(list(enumerate(at)))}.items())
        stop = last_picture if end < len(rows) else math.ceil(places[end - 1] - BOUNDARY_TOLERANCE_FRAMES)
        here = np.arange(frames[-1] + 1 if frames else pictures[0], stop + 1)
        frames += here.tolist()
        made.append(_straight(np.array([place for place, _ in known]), rows[begin:end][[n for _, n in known]], here))
    return np.array(frames), np.concatenate(made)


def _jumps(rows: KeyRows) -> list[int]:
    """Numbers of rows after which the camera is elsewhere at once."""
    if len(rows) < 2:
        return []
    step = np.abs(np.diff(rows, axis=0) * [1000.0, 1.0, 1.0]).max(axis=1)
    beside = np.maximum(np.append(step[1:], 0.0), np.insert(step[:-1], 0, 0.0))
    return [int(n) for n in np.flatnonzero((step > _JUMP_PX) & (step > _JUMP_PROMINENCE * beside))]


def _straight(at: npt.NDArray[np.float64], rows: KeyRows, frames: npt.NDArray[np.int64]) -> KeyRows:
    """Rows at `frames`, straight between the known ones and on beyond the first and the last.

    Where the lines on both sides of a gap meet on a frame in it, the camera bends there.
    """
    if len(at) == 1:
        return np.repeat(rows, len(frames), axis=0)
    last = len(at) - 2
    gap = np.clip(np.searchsorted(at, frames, side="right") - 1, 0, last)
    found, before, after = (
        _on(at, rows, line, frames) for line in (gap, np.maximum(gap - 1, 0), np.minimum(gap + 1, last))
    )
    bends = np.flatnonzero((np.abs(before - after) * [1000.0, 1.0, 1.0]).max(axis=1) < _MEET_PX)
    for bend in bends.tolist():
        inside = gap == gap[bend]
        found[inside] = np.where((frames[inside] <= frames[bend])[:, None], before[inside], after[inside])
    # A scale that a line beyond its ends would make nothing of stays as it is.
    bad = found[:, 0] <= rows[:, 0].min() / 2
    found[bad] = rows[np.clip(np.searchsorted(at, frames[bad]), 0, len(at) - 1)]
    return np.asarray(found, np.float64)


def _on(
    at: npt.NDArray[np.float64], rows: KeyRows, line: npt.NDArray[np.intp], frames: npt.NDArray[np.int64]
) -> KeyRows:
    """Rows at `frames` on the straight line through the known rows `line` and `line` + 1."""
    share = ((frames - at[line]) / (at[line + 1] - at[line]))[:, None]
    return np.asarray(rows[line] + share * (rows[line + 1] - rows[line]), np.float64)
