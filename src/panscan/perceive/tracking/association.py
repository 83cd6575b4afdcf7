"""Boxes of many looks -> tracks: each look's boxes go to the open tracks at the least total distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.model.perception import FloatArray, IntArray

_NEVER = 1e3  # a cost that no reach allows


def associate(
    frame: IntArray,
    box_px: FloatArray,
    max_gap_frames: float,
    max_distance: float,
    *,
    source: IntArray | None = None,
    labels: npt.NDArray[np.bool_] | None = None,
    relabel_cost: float = 0.0,
) -> list[list[int]]:
    """Tracks as lists of rows, rising in time (Hungarian, look by look).

    Distance counts from where a track would be by now, so that two who cross keep their identities.

    Parameters
    ----------
    frame, box_px : ndarray (n,), (n, 4)
    max_gap_frames : float
        How long a track may be missed.
    max_distance : float
        How far a box may travel between looks, in box sizes.
    source : ndarray (n,), optional
        Who saw each box. A track holds at most one box per frame and source.
    labels : ndarray of bool (n, c), optional
        What each box is called; calling it by a name that its track never had costs `relabel_cost` box sizes.
    """
    from scipy.optimize import linear_sum_assignment

    sources = np.zeros(len(frame), np.int64) if source is None else source
    tracks: list[list[int]] = []
    alive: list[list[int]] = []
    for now, who in sorted(set(zip(frame.tolist(), sources.tolist(), strict=True))):
        rows = [int(r) for r in np.flatnonzero((frame == now) & (sources == who))]
        alive = [t for t in alive if now - frame[t[-1]] <= max_gap_frames]
        free = set(rows)
        if alive:
            places = [_expected(t, int(now), frame, box_px) for t in alive]
            cost = np.array([[box_distance(place, box_px[r]) for r in rows] for place in places])
            if labels is not None:
                known = np.array([labels[t].any(axis=0) for t in alive])
                cost += relabel_cost * ~(known[:, None] & labels[rows][None]).any(axis=-1)
            for track, column in zip(*linear_sum_assignment(np.minimum(cost, _NEVER)), strict=True):
                if cost[track, column] <= max_distance:
                    alive[track].append(rows[column])
                    free.discard(rows[column])
        new = [[r] for r in rows if r in free]
        tracks += new
        alive += new
    return tracks


def _expected(track: list[int], now: int, frame: IntArray, box: FloatArray) -> FloatArray:
    """Box of a track at a frame, had it gone on as over its last three looks; at most one box further."""
    last: FloatArray = box[track[-1]]
    if len(track) < 3:
        return last
    first = track[-3]
    step = (last[:2] + last[2:] / 2 - box[first, :2] - box[first, 2:] / 2) / max(1, frame[track[-1]] - frame[first])
    moved = np.clip(step * (now - frame[track[-1]]), -last[2:], last[2:])
    return np.concatenate([last[:2] + moved, last[2:]])


def box_distance(a: FloatArray, b: FloatArray) -> float:
    """Distance of two boxes' centres in box sizes, plus how much their sizes differ (log ratio)."""
    size_a, size_b = float(np.sqrt(a[2] * a[3])), float(np.sqrt(b[2] * b[3]))
    apart = float(np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2))
    return apart / max(1e-9, (size_a + size_b) / 2) + 0.5 * abs(float(np.log(size_a / size_b)))
