"""One axis of a path: rest where that does, else move little and straight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panscan.operate import MODES
from panscan.operate.solve import best_place, path, resting_place
from panscan.operate.targets import Axis

WEIGHTS = MODES["balanced"].weights
FLOOR, CEILING = 0.16, 0.84


def axis(low, high, wish=None, *, nice=None, weight=None):
    low, high = np.asarray(low, float), np.asarray(high, float)
    count = len(low)
    middle = (np.clip(low, 0, 1) + np.clip(high, 0, 1)) / 2
    nice_low, nice_high = nice if nice else (np.full(count, -np.inf), np.full(count, np.inf))
    return Axis(
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
    assert resting_place(axis([0.4] * 9, [0.6] * 9, 0.47), 0.0) == pytest.approx(0.47)


def test_else_the_nearest_place_that_does():
    assert resting_place(axis([0.4] * 9, [0.6] * 9, 0.3), 0.0) == pytest.approx(0.4)
    assert resting_place(axis([0.4, 0.45, 0.3], [0.6, 0.7, 0.5], 0.8), 0.0) == pytest.approx(0.5)


def test_no_place_satisfies_corridors_that_do_not_meet():
    apart = axis([0.2] * 9 + [0.7], [0.3] * 9 + [0.8], 0.25)
    assert resting_place(apart, 0.0) is None
    assert resting_place(apart, 0.1) == pytest.approx(0.25)


def test_a_miss_may_not_last():
    ends = axis([0.2] * 8 + [0.7] * 2, [0.3] * 8 + [0.8] * 2, 0.25)
    spread = axis(([0.2] * 4 + [0.7]) * 2, ([0.3] * 4 + [0.8]) * 2, 0.25)
    assert resting_place(ends, 0.2, longest_miss=1) is None
    assert resting_place(spread, 0.2, longest_miss=1) == pytest.approx(0.25)


def test_what_is_nice_decides_between_places_that_satisfy():
    nice = ([0.55] * 9, [0.6] * 9)
    assert resting_place(axis([0.4] * 9, [0.6] * 9, 0.45, nice=nice), 0.0) == pytest.approx(0.55)
    beyond = ([0.7] * 9, [0.8] * 9)
    assert resting_place(axis([0.4] * 9, [0.6] * 9, 0.45, nice=beyond), 0.0) == pytest.approx(0.45)


def test_without_a_corridor_the_weighted_median_of_the_wishes():
    unsure = open_axis(5, [0.3, 0.3, 0.6, 0.6, 0.6])
    assert resting_place(unsure, 0.0) == pytest.approx(0.6)
    assert resting_place(replace(unsure, weight=np.array([1, 1, 0.1, 0.1, 0.1])), 0.0) == pytest.approx(0.3)


def test_the_best_place_holds_most():
    apart = axis([0.2] * 4 + [0.7] * 6, [0.3] * 4 + [0.8] * 6, 0.25)
    assert 0.7 <= best_place(apart) <= 0.8
    assert best_place(open_axis(5, 0.9)) == CEILING


# --- moving


def run(low_from, low_to, count=60):
    low = np.interp(np.arange(count), [count / 4, 3 * count / 4], [low_from, low_to])
    return axis(low, low + 0.1)


@pytest.mark.parametrize("mode", MODES)
def test_a_feasible_corridor_is_held(mode):
    moving = run(0.25, 0.55)
    solved = path(moving, 0.1, MODES[mode].weights)
    assert np.all(solved >= moving.low - 0.01) and np.all(solved <= moving.high + 0.01)


def test_a_path_rests_before_and_after_a_move():
    solved = path(run(0.25, 0.55), 0.1, WEIGHTS)
    still = np.diff(solved) == 0
    assert still[:5].all() and still[-5:].all()
    assert solved[-1] - solved[0] < 0.31, "no further than forced"
    assert np.all(np.diff(solved) >= 0), "it never turns back"


def test_a_path_stays_within_the_picture():
    wild = axis(np.tile([0.0, 0.9], 30), np.tile([0.05, 0.95], 30))
    solved = path(wild, 0.1, WEIGHTS)
    assert solved.min() >= FLOOR and solved.max() <= CEILING


def test_a_path_is_no_faster_than_allowed():
    leap = axis([0.2] * 30 + [0.7] * 30, [0.25] * 30 + [0.75] * 30)
    for mode in MODES.values():
        speed = np.abs(np.diff(path(leap, 0.1, mode.weights))).max() / 0.1
        assert speed <= mode.weights.max_speed * 1.01


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_short_paths_rest(count):
    solved = path(axis([0.4] * count, [0.6] * count, 0.45), 0.1, WEIGHTS)
    assert solved.tolist() == pytest.approx([0.45] * count)


def test_an_axis_without_room_stands_still():
    fixed = replace(axis([0.2] * 20, [0.3] * 20), floor=0.5, ceiling=0.5)
    assert path(fixed, 0.1, WEIGHTS).tolist() == [0.5] * 20


def test_solving_twice_gives_the_same_bytes():
    moving = run(0.25, 0.55)
    assert path(moving, 0.1, WEIGHTS).tobytes() == path(moving, 0.1, WEIGHTS).tobytes()


def test_an_open_corridor_makes_no_move():
    rng = np.random.default_rng(1)
    assert np.ptp(path(open_axis(50, rng.uniform(0.2, 0.8, 50)), 0.1, WEIGHTS)) == 0
