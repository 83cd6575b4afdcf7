"""One axis of a camera path: first a single resting place, else a convex quadratic programme.

minimise   m h Σ (x - hold)² + a/h³ Σ (D²x)² + b/h Σ |D²x| + t Σ |Dx| + s h Σ e
subject to low - e <= x <= high + e,  e >= 0,  floor <= x <= ceiling,  |Dx| <= v h

x in source widths on knots h seconds apart; hold: the fewest resting places that satisfy the corridor. |Dx| makes
exact holds; |D²x| makes straight moves with few changes of speed, so that few keys carry them exactly; acceleration
spreads those changes into short eases; the slack e degrades softly where the corridor cannot be held. Solved with
Clarabel (interior point, sparse).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.operate.targets import Axis

FloatArray = npt.NDArray[np.float64]

_NICE_STEP = 0.03  # shares of what is nice to keep that differ by less count as equal
_STILL = 2e-4  # source widths per knot below which the camera is meant to stand still


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the programme above, and its limits.

    max_speed: fastest move, source widths per second; direction: +1 or -1 lets the camera move that way only (one
    pan without turning back), 0 both ways.
    """

    wish: float
    acceleration: float
    speed_change: float
    travel: float
    max_speed: float
    slack: float = 200.0
    direction: int = 0


def resting_place(
    axis: Axis, tolerance: float, knots: slice = slice(None), longest_miss: int | None = None
) -> float | None:
    """One position that satisfies the corridor at all but a share `tolerance` of the knots, or None.

    `longest_miss`: knots in a row that may be missed at the most. Of all such positions, those that hold most of what
    is nice to keep; of these the one nearest to the weighted median of the wishes.
    """
    wish = float(np.clip(_weighted_median(axis.wish[knots], axis.weight[knots]), axis.floor, axis.ceiling))
    low, high, nice_low, nice_high = (v[knots] for v in (axis.low, axis.high, axis.nice_low, axis.nice_high))
    # What is held only changes at the ends of corridors: try those, and the wish itself.
    ends = np.concatenate([low, high, nice_low, nice_high])
    candidates = np.unique(np.clip(np.append(ends[np.isfinite(ends)], wish), axis.floor, axis.ceiling))
    held = _share_held(candidates, low, high)
    good = candidates[held >= 1 - tolerance]
    if longest_miss is not None:
        good = np.array([x for x in good if _longest_miss(x, low, high) <= longest_miss])
    if good.size == 0:
        return None
    nice = np.round(_share_held(good, nice_low, nice_high), 2)
    best = good[nice >= nice.max() - _NICE_STEP]
    return float(best[np.argmin(np.abs(best - wish))])


def best_place(axis: Axis) -> float:
    """The one position that satisfies the corridor at most knots, whatever that share is."""
    ends = np.concatenate([axis.low, axis.high])
    candidates = np.clip(ends[np.isfinite(ends)], axis.floor, axis.ceiling)
    most = float(_share_held(candidates, axis.low, axis.high).max()) if candidates.size else 1.0
    place = resting_place(axis, 1.0 - most + _NICE_STEP)
    return axis.floor if place is None else place


def _longest_miss(place: float, low: FloatArray, high: FloatArray) -> int:
    """Most knots in a row whose corridor does not hold a place."""
    missed = (place < low - 1e-9) | (place > high + 1e-9)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missed, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0


def _share_held(places: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Share of the bounded corridors (n,) that hold each place (m,); 1 where none is bounded."""
    bound = np.isfinite(low)
    if not bound.any():
        return np.ones(len(places))
    opened, closed = np.sort(low[bound]), np.sort(high[bound])
    inside = np.searchsorted(opened, places + 1e-9, side="right") - np.searchsorted(closed, places - 1e-9)
    return np.asarray(inside / int(bound.sum()), np.float64)


def path(axis: Axis, step_s: float, weights: Weights) -> FloatArray:
    """Positions (n,) at the knots that minimise the programme; always within floor..ceiling."""
    count = len(axis.wish)
    if axis.ceiling - axis.floor < 1e-9 or count < 4:
        still = resting_place(axis, tolerance=1.0)
        return np.full(count, axis.floor if still is None else still)
    solved = _solve(axis, _holds(axis), step_s, weights)
    return np.clip(_with_holds(solved), axis.floor, axis.ceiling)


def _holds(axis: Axis) -> FloatArray:
    """Where a camera that moves only when forced would rest: positions (n,), constant over each hold.

    Greedy interval stabbing: a hold lasts as long as one position satisfies all its corridors, which gives the
    fewest holds there can be; within that freedom it rests at the weighted median of its wishes.
    """
    places = np.empty(len(axis.wish))
    start, last = 0, _weighted_median(axis.wish, axis.weight)
    while start < len(places):
        low, high, end = axis.floor, axis.ceiling, start
        while end < len(places) and max(low, axis.low[end]) <= min(high, axis.high[end]):
            low, high = max(low, float(axis.low[end])), min(high, float(axis.high[end]))
            end += 1
        block = slice(start, max(end, start + 1))
        place = resting_place(axis, 0.0, block) if axis.weight[block].any() else last
        last = float(np.clip(last if place is None else place, low, high))
        places[block] = last
        start = block.stop
    return places


def _solve(axis: Axis, wish: FloatArray, step_s: float, weights: Weights) -> FloatArray:
    import clarabel
    import scipy.sparse as sp

    n = len(axis.wish)
    first = sp.diags([-np.ones(n - 1), np.ones(n - 1)], [0, 1], shape=(n - 1, n), format="csc")
    second = (first[:-1, :-1] @ first).tocsc()
    pull = np.full(n, weights.wish * step_s)
    curve = sp.diags(pull) + (weights.acceleration / step_s**3) * (second.T @ second)
    # Unknowns: n positions, then bounds of |Dx| (n - 1), of |D²x| (n - 2), and the slacks (n).
    sizes = (n, n - 1, n - 2, n)
    quadratic = sp.block_diag([2 * curve, *(sp.csc_matrix((k, k)) for k in sizes[1:])], format="csc")
    linear = np.concatenate(
        [
            -2 * pull * wish,
            np.full(n - 1, weights.travel),
            np.full(n - 2, weights.speed_change / step_s),
            np.full(n, weights.slack * step_s),
        ]
    )
    eye, held = sp.identity(n, format="csc"), np.flatnonzero(np.isfinite(axis.low))

    def rows(*blocks: Any) -> Any:
        """One block row: a matrix, or None for zeros, per group of unknowns."""
        height = next(block.shape[0] for block in blocks if block is not None)
        filled = [
            sp.csc_matrix((height, k)) if block is None else block for block, k in zip(blocks, sizes, strict=True)
        ]
        return sp.hstack(filled)

    bound_1, bound_2 = sp.identity(n - 1), sp.identity(n - 2)
    # Clarabel's form: A z + s = b, s >= 0.
    constraints = sp.vstack(
        [
            rows(first, -bound_1, None, None),
            rows(-first, -bound_1, None, None),
            rows(second, None, -bound_2, None),
            rows(-second, None, -bound_2, None),
            rows(None, bound_1, None, None),
            *([rows(-weights.direction * first, None, None, None)] if weights.direction else []),
            rows(None, None, None, -eye),
            rows(-eye[held], None, None, -eye[held]),
            rows(eye[held], None, None, -eye[held]),
            rows(-eye, None, None, None),
            rows(eye, None, None, None),
        ],
        format="csc",
    )
    bounds = np.concatenate(
        [
            np.zeros(2 * (n - 1) + 2 * (n - 2)),
            np.full(n - 1, weights.max_speed * step_s),
            np.zeros(n - 1 if weights.direction else 0),
            np.zeros(n),
            -axis.low[held],
            axis.high[held],
            np.full(n, -axis.floor),
            np.full(n, axis.ceiling),
        ]
    )
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1  # one order of additions, so the same bytes in every run
    solver = clarabel.DefaultSolver(
        sp.triu(quadratic, format="csc"),
        linear,
        constraints,
        bounds,
        [clarabel.NonnegativeConeT(len(bounds))],
        settings,
    )
    x = np.asarray(solver.solve().x[:n], np.float64)
    return x if np.isfinite(x).all() else wish


def _with_holds(x: FloatArray) -> FloatArray:
    """Make what the |Dx| term left almost still exactly still: each run of tiny steps becomes its mean."""
    still = np.abs(np.diff(x)) < _STILL
    result = x.copy()
    start = 0
    while start < len(still):
        if not still[start]:
            start += 1
            continue
        end = start
        while end < len(still) and still[end] and abs(x[end + 1] - x[start]) < 12 * _STILL:
            end += 1
        result[start : end + 1] = x[start : end + 1].mean()
        start = end + 1
    return result


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    if weights.sum() <= 0:
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])
