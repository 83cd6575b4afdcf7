"""The path worth most: never beaten by any other path, and still where nothing is gained."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panscan.arrays.best_path import best_path

WHOLE = st.integers(0, 6).map(float)  # whole numbers, so that equal sums are equal


def worth(path, value, start_cost, step_cost):
    """What a path gains, less what it costs."""
    way = np.abs(np.diff(path))
    return value[np.arange(len(path)), path].sum() - start_cost * np.count_nonzero(way) - step_cost * way.sum()


def walks(moments, count, reach):
    """All paths whose steps are no longer than the reach."""
    for path in product(range(count), repeat=moments):
        if np.all(np.abs(np.diff(path)) <= reach):
            yield np.array(path)


@given(
    rows=st.integers(1, 4).flatmap(
        lambda count: st.lists(st.lists(WHOLE, min_size=count, max_size=count), min_size=1, max_size=4)
    ),
    start_cost=WHOLE,
    step_cost=WHOLE,
    reach=st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_no_path_is_worth_more(rows, start_cost, step_cost, reach):
    value = np.array(rows)
    found = best_path(value, start_cost, step_cost, reach)
    assert np.all(np.abs(np.diff(found)) <= reach) and found.dtype == np.int64
    most = max(worth(path, value, start_cost, step_cost) for path in walks(*value.shape, reach))
    assert worth(found, value, start_cost, step_cost) == most


@pytest.mark.parametrize("value", [np.zeros((5, 7)), np.ones((5, 7)), np.tile([1.0, 3, 3, 0], (5, 1))])
def test_of_equal_paths_the_one_that_stays_is_taken_and_of_equal_positions_the_first(value):
    assert best_path(value, 0.0, 0.0, 3).tolist() == [int(np.argmax(value[0]))] * 5


def test_a_gain_as_large_as_its_price_is_not_worth_a_move():
    value = np.array([[5.0, 0], [5, 0], [0, 2], [0, 2]])
    assert best_path(value, 3.0, 1.0, 1).tolist() == [0, 0, 0, 0]
    assert best_path(value, 2.9, 1.0, 1).tolist() == [0, 0, 1, 1]


def test_a_long_way_costs_more_than_a_short_one():
    value = np.array([[9.0, 0, 0, 0], [0, 4, 0, 5]])
    assert best_path(value, 0.0, 0.0, 3).tolist() == [0, 3]
    assert best_path(value, 0.0, 1.0, 3).tolist() == [0, 1]


def test_what_is_out_of_reach_is_walked_to_in_time():
    value = np.zeros((4, 7))
    value[0, 0], value[3, 6] = 9.0, 9.0
    assert best_path(value, 0.0, 0.1, 2).tolist() == [0, 2, 4, 6]
    assert best_path(value[[0, 3]], 0.0, 0.1, 2).tolist() in ([0, 0], [6, 6])


def test_no_moment_and_one_position():
    assert best_path(np.zeros((0, 3)), 1.0, 1.0, 1).tolist() == []
    assert best_path(np.zeros((3, 1)), 1.0, 1.0, 1).tolist() == [0, 0, 0]
