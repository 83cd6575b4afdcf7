"""One axis of a path: rests and straight moves, as few as what they hold is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panscan.operate.moves import solve_path
from panscan.operate.targets import AxisTargets
from scenes import MODES

FLOOR, CEILING = 0.16, 0.84
HOLDING = MODES["balanced"].box_costs
WISHING = MODES["balanced"].point_costs


def wishing(wish, weight=None):
    wish = np.asarray(wish, float)
    none = np.full(len(wish), np.inf)
    weight = np.ones(len(wish)) if weight is None else np.asarray(weight, float)
    return AxisTargets(wish, weight, -none, none, -none, none, FLOOR, CEILING)


def corridor(low, width=0.1):
    low = np.asarray(low, float)
    return replace(wishing(low + width / 2), low=low, high=low + width)


def run(start, end, count=60):
    return corridor(np.interp(np.arange(count), [count / 4, 3 * count / 4], [start, end]))


@pytest.mark.parametrize("mode", MODES)
def test_a_feasible_corridor_is_held(mode):
    axis = run(0.25, 0.55)
    path = solve_path(axis, 0.1, MODES[mode].box_costs)
    held = (path >= axis.low - 0.01) & (path <= axis.high + 0.01)
    assert held.mean() >= (0.95 if mode != "stable" else 0.8)


def test_a_path_rests_before_and_after_a_move():
    path = solve_path(run(0.25, 0.55), 0.1, HOLDING)
    still = np.abs(np.diff(path)) < 1e-12
    assert still[:5].all() and still[-5:].all()
    assert path[-1] - path[0] < 0.31, "no further than forced"
    assert np.all(np.diff(path) >= -1e-12), "it never turns back"


def test_a_path_stays_within_the_picture():
    path = solve_path(corridor(np.tile([0.0, 0.9], 30), 0.05), 0.1, HOLDING)
    assert path.min() >= FLOOR and path.max() <= CEILING


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["box_costs", "point_costs"])
def test_a_path_is_no_faster_than_allowed(mode, kind):
    prices = getattr(MODES[mode], kind)
    leap = np.where(np.arange(80) < 40, 0.2, 0.8)
    axis = corridor(leap - 0.025, 0.05) if kind == "holding" else wishing(leap)
    assert np.abs(np.diff(solve_path(axis, 0.1, prices))).max() / 0.1 <= prices.max_speed * 1.001


def test_a_wish_at_rest_is_met_exactly():
    rng = np.random.default_rng(4)
    wish = 0.437 + rng.normal(0, 0.002, 101)
    path = solve_path(wishing(wish), 0.1, WISHING)
    assert path == pytest.approx(np.full(101, np.median(wish)), abs=1e-3) and np.ptp(path) == 0


def test_a_wish_that_moves_house_is_followed_once():
    path = solve_path(wishing(np.where(np.arange(120) < 60, 0.3, 0.7)), 0.1, WISHING)
    assert path[:45] == pytest.approx(0.3, abs=0.01) and path[75:] == pytest.approx(0.7, abs=0.01)
    assert np.all(np.diff(path) >= 0)


def test_outliers_and_what_weighs_nothing_do_not_count():
    wish = np.full(100, 0.4)
    wish[5:95:9] = 0.8
    assert np.ptp(solve_path(wishing(wish), 0.1, WISHING)) == 0
    weight = np.where(np.arange(100) < 50, 1.0, 0.0)
    away = np.where(np.arange(100) < 50, 0.4, 0.8)
    assert solve_path(wishing(away, weight), 0.1, WISHING) == pytest.approx(0.4, abs=1e-3)


def restlessness(path, step_s, prices):
    """What a path pays for its moves, its time on the move and its turns."""
    step = np.round(np.diff(path), 9)
    moves = int((np.abs(np.diff(np.append(0, step))) > 0)[step != 0].sum())
    way = np.sign(step[step != 0])
    turns = int((np.diff(way) != 0).sum())
    return prices.move_s * moves + prices.moving * step_s * int((step != 0).sum()) + prices.turn_s * turns


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_higher_prices_make_a_calmer_path(seed):
    rng = np.random.default_rng(seed)
    axis = wishing(np.clip(0.5 + np.cumsum(rng.normal(0, 0.02, 600)), 0.2, 0.8))
    paid = []
    for factor in (0.25, 1, 4, 16):
        calmer = replace(
            WISHING,
            move_s=WISHING.move_s * factor,
            moving=WISHING.moving * factor,
            turn_s=WISHING.turn_s * factor,
        )
        paid.append(restlessness(solve_path(axis, 0.1, calmer), 0.1, WISHING))
    assert paid == sorted(paid, reverse=True) and paid[-1] < paid[0] / 2


@pytest.mark.parametrize("hold_s", [0.4, 1.0, 2.0])
def test_a_camera_that_stops_rests_a_while(hold_s):
    rng = np.random.default_rng(3)
    wish = np.repeat(rng.uniform(0.2, 0.8, 40), rng.integers(3, 30, 40))
    path = solve_path(wishing(wish), 0.1, replace(WISHING, min_hold_s=hold_s, max_speed=1.0))
    still = np.abs(np.diff(path)) < 1e-9
    edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]]).astype(int)))
    rests = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a > 0 and b < len(still)]
    assert rests, "it rests in between"
    assert min(b - a for a, b in rests) * 0.1 >= hold_s - 0.1


def test_the_programme_is_no_worse_than_any_rest_or_single_move():
    """Its own price of its path against all rests, and all single moves, on the same levels."""
    rng = np.random.default_rng(12)
    step_s, count = 0.1, 61
    wish = np.interp(np.arange(count), [0, 20, 35, 60], [0.3, 0.3, 0.65, 0.65]) + rng.normal(0, 0.01, count)
    prices = replace(WISHING, dead_zone=0.0, min_hold_s=0.0, max_speed=2.0)

    def price(path):
        moving = np.abs(np.diff(path)) > 1e-9
        moves = int((np.diff(np.concatenate([[0], moving.astype(int)])) == 1).sum())
        return step_s * np.abs(path - wish).sum() + prices.move_s * moves + prices.moving * step_s * moving.sum()

    found = price(solve_path(wishing(wish), step_s, prices))
    others = []
    for low, high in ((0.3, 0.65), (0.31, 0.64), (0.35, 0.6), (0.5, 0.5)):
        for start in range(10, 40, 2):
            for end in range(start + 2, 60, 2):
                others.append(price(np.interp(np.arange(count), [start, end], [low, high])))
    assert found <= min(others) * 1.05


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_short_paths_rest(count):
    path = solve_path(wishing([0.45] * count), 0.1, WISHING)
    assert np.ptp(path) == 0 and FLOOR <= path[0] <= CEILING


def test_an_axis_without_room_stands_still():
    fixed = replace(run(0.2, 0.3), floor=0.5, ceiling=0.5)
    assert solve_path(fixed, 0.1, HOLDING).tolist() == [0.5] * 60


def test_solving_twice_gives_the_same_bytes():
    axis = run(0.25, 0.55)
    assert solve_path(axis, 0.1, HOLDING).tobytes() == solve_path(axis, 0.1, HOLDING).tobytes()
