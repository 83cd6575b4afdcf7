"""Samples over time: which one counts at a moment, how far away it is, what lies between two, and runs of equal ones.

A series of samples has its times in a rising array (m,), in frames or seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]  # frames as int64, or seconds as float64


def newest_row(samples: Numbers, at: npt.ArrayLike) -> IntArray:
    """Row of the newest sample at or before each moment (n,): the one whose value is held then; -1 before the first."""
    return np.asarray(np.searchsorted(samples, at, side="right") - 1, np.int64)


def next_row(samples: Numbers, at: npt.ArrayLike) -> IntArray:
    """Row of the first sample at or after each moment (n,); the last row where there is none."""
    return np.asarray(np.clip(np.searchsorted(samples, at), 0, len(samples) - 1), np.int64)


def nearest_row(samples: Numbers, at: Numbers) -> IntArray:
    """Row of the sample nearest to each moment (n,); the earlier one of two equally near."""
    before = np.maximum(newest_row(samples, at), 0)
    after = np.minimum(before + 1, len(samples) - 1)
    return np.where(np.abs(samples[before] - at) <= np.abs(samples[after] - at), before, after)


def distance_to_nearest(samples: Numbers, at: Numbers) -> FloatArray:
    """Time between each moment (n,) and the nearest sample; infinite where there are no samples."""
    if not len(samples):
        return np.full(len(at), np.inf)
    after = next_row(samples, at)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.minimum(np.abs(samples[after] - at), np.abs(samples[before] - at)), np.float64)


def is_between_samples(samples: Numbers, at: Numbers, longest_gap: float) -> Mask:
    """Whether each moment (n,) lies between two neighbouring samples that are at most `longest_gap` apart.

    A moment on a sample belongs to the gap before it. A single sample has only its own moment.
    """
    after = np.clip(np.searchsorted(samples, at), 1, max(1, len(samples) - 1))
    first, end = samples[after - 1], samples[np.minimum(after, len(samples) - 1)]
    return np.asarray((at >= first) & (at <= end) & (end - first <= longest_gap), np.bool_)


def interpolate_rows(samples: Numbers, rows: FloatArray, at: Any) -> FloatArray:
    """Rows (m, k) of the samples at other moments (n,): linear in between, held before the first and after the last.

    For a single moment, a single row (k,).
    """
    return np.stack([np.interp(at, samples, column) for column in rows.T], axis=-1)


def runs_of_true(mask: Mask) -> IntArray:
    """Runs of True in a mask (n,): first and end (k, 2), the end not included."""
    return runs_of_numbers(np.flatnonzero(mask))


def runs_of_numbers(numbers: npt.ArrayLike) -> IntArray:
    """Runs of consecutive whole numbers among rising ones (n,): first and end (k, 2), the end not included."""
    rising = np.asarray(numbers, np.int64)
    if not len(rising):
        return np.zeros((0, 2), np.int64)
    breaks = np.flatnonzero(np.diff(rising) != 1)
    return np.stack([rising[np.append(0, breaks + 1)], rising[np.append(breaks, len(rising) - 1)] + 1], axis=-1)


def run_bounds(values: Numbers) -> IntArray:
    """Where runs of equal neighbours in an array (n,) begin, followed by n: bounds (k + 1,) of k runs."""
    return np.concatenate([[0], np.flatnonzero(np.diff(values) != 0) + 1, [len(values)]])
