"""Links the boxes of many samples into tracks: each sample's boxes go to open tracks at the least total distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.model.perception import FloatArray, IntArray

_FORBIDDEN_COST = 1e3  # box sizes: more than any `max_distance`, and finite, as the solver needs
_PREDICTION_SAMPLES = 3  # newest ones whose mean motion goes on: two alone would carry the detector's jitter
_SIZE_WEIGHT = 0.5  # box sizes that a size e times as large adds to the distance


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
    """Tracks as lists of rows, rising in time (Hungarian algorithm, sample by sample).

    Distances are measured from the predicted place of a track, so that two people who cross keep their identities.

    Parameters
    ----------
    frame, box_px : ndarray (n,), (n, 4)
    max_gap_frames : float
        How long a track may not be found and still go on.
    max_distance : float
        How far a box may move between samples, in box sizes.
    source : ndarray (n,), optional
        The detector of each box. A track has at most one box per frame and source.
    labels : ndarray of bool (n, c), optional
        The labels of each box.
    relabel_cost : float
        What adding a box adds to the distance where the track never had its label, in box sizes.
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
            places = [_predicted_box(t, int(now), frame, box_px) for t in alive]
            cost = np.array([[box_distance(place, box_px[r]) for r in rows] for place in places])
            if labels is not None:
                known = np.array([labels[t].any(axis=0) for t in alive])
                cost += relabel_cost * ~(known[:, None] & labels[rows][None]).any(axis=-1)
            for track, column in zip(*linear_sum_assignment(np.minimum(cost, _FORBIDDEN_COST)), strict=True):
                if cost[track, column] <= max_distance:
                    alive[track].append(rows[column])
                    free.discard(rows[column])
        new = [[r] for r in rows if r in free]
        tracks += new
        alive += new
    return tracks


def _predicted_box(track: list[int], now: int, frame: IntArray, box: FloatArray) -> FloatArray:
    """Box of a track at a frame, if it goes on as in its last three samples; at most one box size further."""
    last: FloatArray = box[track[-1]]
    if len(track) < _PREDICTION_SAMPLES:
        return last
    first = track[-_PREDICTION_SAMPLES]
    step = (last[:2] + last[2:] / 2 - box[first, :2] - box[first, 2:] / 2) / max(1, frame[track[-1]] - frame[first])
    moved = np.clip(step * (now - frame[track[-1]]), -last[2:], last[2:])
    return np.concatenate([last[:2] + moved, last[2:]])


def box_distance(a: FloatArray, b: FloatArray) -> float:
    """Distance of two boxes' centres in box sizes, plus half the logarithm of their sizes' ratio."""
    size_a, size_b = float(np.sqrt(a[2] * a[3])), float(np.sqrt(b[2] * b[3]))
    apart = float(np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2))
    return apart / max(1e-9, (size_a + size_b) / 2) + _SIZE_WEIGHT * abs(float(np.log(size_a / size_b)))
