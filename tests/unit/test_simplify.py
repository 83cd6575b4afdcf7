"""The fewest points whose straight lines stay near a curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panscan.arrays.simplify import douglas_peucker, points_on_chord


def _keys(values, allowed):
    points = np.asarray(values, float).reshape(len(values), -1)

    def stray(first, last):
        return np.abs(points[first + 1 : last] - points_on_chord(points, first, last)).max(axis=1) / allowed

    return douglas_peucker(len(points), stray)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([5], [0]),
        ([5, 6], [0, 1]),
        ([0, 1, 2, 3], [0, 3]),
        ([0, 0, 0, 9, 9], [0, 2, 3, 4]),
        ([0, 1, 2, 1, 0], [0, 2, 4]),
        ([0, 0.05, 0, -0.05, 0], [0, 4]),
    ],
)
def test_corners_are_kept_and_straight_parts_are_not(values, kept) -> None:
    assert _keys(values, 0.1) == kept


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-100, 100)))
def test_no_point_strays_further_than_allowed(points) -> None:
    kept = _keys(points, 0.5)
    assert kept == sorted(set(kept)) and kept[0] == 0 and kept[-1] == len(points) - 1
    frames = np.arange(len(points))
    for column in points.T:
        assert np.abs(np.interp(frames, kept, column[kept]) - column).max() <= 0.5 + 1e-9
