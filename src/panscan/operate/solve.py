"""Where a camera that does not move should stand: the one place that satisfies most of a corridor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import runs_of_true
from panscan.operate.targets import AxisTargets

FloatArray = npt.NDArray[np.float64]

_NARROW = 0.03  # source widths: with less room than that a camera stands in the middle of it
_NICE_STEP = 0.03  # shares of what is nice to keep that differ by less count as equal: no reason to leave the wish
_ROUNDING = 1e-9  # source widths, shares: less is rounding of floats


def static_position(
    axis: AxisTargets, tolerance: float, knots: slice = slice(None), longest_miss: int | None = None
) -> float | None:
    """One position that satisfies the corridor at all but a share `tolerance` of the knots, or None.

    `longest_miss`: knots in a row that may be missed at the most. Of all such positions, those that hold most of what
    is nice to keep; of these the one nearest to the weighted median of the wishes. Where they all lie close together
    around that, their middle.
    """
    wish = float(np.clip(weighted_median(axis.wish[knots], axis.weight[knots]), axis.floor, axis.ceiling))
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
    middle = np.array([(good.min() + good.max()) / 2])
    if (
        good.min() <= wish <= good.max()
        and np.ptp(good) < _NARROW
        and _share_held(middle, low, high)[0] >= held.max() - _ROUNDING
    ):
        return float(middle[0])  # what nearly fills the window gets the same air on both sides, over all of the shot
    nice = np.round(_share_held(good, nice_low, nice_high), 2)
    best = good[nice >= nice.max() - _NICE_STEP]
    return float(best[np.argmin(np.abs(best - wish))])


def best_static_position(axis: AxisTargets) -> float:
    """The one position that satisfies the corridor at most knots, whatever that share is."""
    ends = np.concatenate([axis.low, axis.high])
    candidates = np.clip(ends[np.isfinite(ends)], axis.floor, axis.ceiling)
    most = float(_share_held(candidates, axis.low, axis.high).max()) if candidates.size else 1.0
    place = static_position(axis, 1.0 - most + _NICE_STEP)
    return axis.floor if place is None else place


def _longest_miss(place: float, low: FloatArray, high: FloatArray) -> int:
    """Most knots in a row whose corridor does not hold a place."""
    missed = (place < low - _ROUNDING) | (place > high + _ROUNDING)
    return int(np.diff(runs_of_true(missed), axis=1).max(initial=0))


def _share_held(places: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Share of the bounded corridors (n,) that hold each place (m,); 1 where none is bounded."""
    bound = np.isfinite(low)
    if not bound.any():
        return np.ones(len(places))
    opened, closed = np.sort(low[bound]), np.sort(high[bound])
    inside = np.searchsorted(opened, places + _ROUNDING, side="right") - np.searchsorted(closed, places - _ROUNDING)
    return np.asarray(inside / int(bound.sum()), np.float64)


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """The value (of n) with half of the weight (n,) on either side; the plain median where nothing weighs."""
    if weights.sum() <= 0:
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])
