"""Where a camera at rest should stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panscan.operate.solve import best_static_position, static_position
from panscan.operate.targets import AxisTargets

FLOOR, CEILING = 0.16, 0.84


def axis(low, high, wish=None, *, nice=None, weight=None):
    low, high = np.asarray(low, float), np.asarray(high, float)
    count = len(low)
    middle = (np.clip(low, 0, 1) + np.clip(high, 0, 1)) / 2
    nice_low, nice_high = nice if nice else (np.full(count, -np.inf), np.full(count, np.inf))
    return AxisTargets(
        wish=middle if wish is None else np.broadcast_to(np.asarray(wish, float), (count,)).copy(),
        weight=np.ones(count) if weight is None else np.asarray(weight, float),
        low=low,
        high=high,
        nice_low=np.asarray(nice_low, float),
        nice_high=np.asarray(nice_high, float),
        floor=FLOOR,
        ceiling=CEILING,
    )


def open_axis(count, wish):
    return axis(np.full(count, -np.inf), np.full(count, np.inf), wish)


# --- resting


def test_the_wish_is_taken_where_it_satisfies_the_corridor():
    assert static_position(axis([0.4] * 9, [0.6] * 9, 0.47), 0.0) == pytest.approx(0.47)


def test_else_the_nearest_place_that_does():
    assert static_position(axis([0.4] * 9, [0.6] * 9, 0.3), 0.0) == pytest.approx(0.4)
    assert static_position(axis([0.4, 0.45, 0.3], [0.6, 0.7, 0.5], 0.8), 0.0) == pytest.approx(0.5)


def test_the_middle_of_a_narrow_choice_is_taken_only_where_the_wish_lies_in_it():
    assert static_position(axis([0.5] * 9, [0.52] * 9, 0.505), 0.0) == pytest.approx(0.51)
    assert static_position(axis([0.5] * 9, [0.52] * 9, 0.45), 0.0) == pytest.approx(0.5)


def test_no_place_satisfies_corridors_that_do_not_meet():
    apart = axis([0.2] * 9 + [0.7], [0.3] * 9 + [0.8], 0.25)
    assert static_position(apart, 0.0) is None
    assert static_position(apart, 0.1) == pytest.approx(0.25)


def test_a_miss_may_not_last():
    ends = axis([0.2] * 8 + [0.7] * 2, [0.3] * 8 + [0.8] * 2, 0.25)
    spread = axis(([0.2] * 4 + [0.7]) * 2, ([0.3] * 4 + [0.8]) * 2, 0.25)
    assert static_position(ends, 0.2, longest_miss=1) is None
    assert static_position(spread, 0.2, longest_miss=1) == pytest.approx(0.25)


def test_what_is_nice_decides_between_places_that_satisfy():
    nice = ([0.55] * 9, [0.6] * 9)
    assert static_position(axis([0.4] * 9, [0.6] * 9, 0.45, nice=nice), 0.0) == pytest.approx(0.55)
    beyond = ([0.7] * 9, [0.8] * 9)
    assert static_position(axis([0.4] * 9, [0.6] * 9, 0.45, nice=beyond), 0.0) == pytest.approx(0.45)


def test_without_a_corridor_the_weighted_median_of_the_wishes():
    unsure = open_axis(5, [0.3, 0.3, 0.6, 0.6, 0.6])
    assert static_position(unsure, 0.0) == pytest.approx(0.6)
    assert static_position(replace(unsure, weight=np.array([1, 1, 0.1, 0.1, 0.1])), 0.0) == pytest.approx(0.3)


def test_the_best_place_holds_most():
    apart = axis([0.2] * 4 + [0.7] * 6, [0.3] * 4 + [0.8] * 6, 0.25)
    assert 0.7 <= best_static_position(apart) <= 0.8
    assert best_static_position(open_axis(5, 0.9)) == CEILING
