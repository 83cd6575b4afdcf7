"""Arithmetic on arrays: boxes, samples over time, runs, and the best sequence of choices."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from panscan.arrays.best_sequence import best_sequence, merge_short_runs
from panscan.arrays.boxes import centers, edges, intersection_and_union, iou, iou_of_edges, union_within
from panscan.arrays.samples import (
    distance_to_nearest,
    interpolate_rows,
    is_between_samples,
    nearest_row,
    newest_row,
    next_row,
    run_bounds,
    runs_of_numbers,
    runs_of_true,
)
from panscan.model.geometry import Rect

SAMPLES = np.array([10, 20, 40])


# --- boxes


def test_overlaps_of_boxes():
    boxes = np.array([[0.0, 0, 10, 10], [5, 0, 10, 10], [20, 20, 5, 5], [10, 0, 10, 10]])
    shared, union = intersection_and_union(boxes, boxes[0])
    assert shared.tolist() == [100, 50, 0, 0] and union.tolist() == [100, 150, 125, 200]
    assert iou(boxes, boxes[0]).tolist() == [1, 50 / 150, 0, 0]
    assert iou_of_edges(edges(boxes), edges(boxes)[0]).tolist() == iou(boxes, boxes[0]).tolist()
    assert iou(boxes[:0], boxes[0]).shape == (0,)


def test_boxes_without_area_overlap_nothing():
    flat = np.zeros((1, 4))
    assert iou(flat, flat[0]).tolist() == [0]
    swapped = np.array([[10.0, 10, 0, 0]])
    assert iou_of_edges(swapped, np.array([0.0, 0, 10, 10])).tolist() == [0]


def test_centres_and_edges():
    boxes = np.array([[1.0, 2, 4, 8]])
    assert centers(boxes).tolist() == [[3, 6]] and centers(boxes[0]).tolist() == [3, 6]
    assert edges(boxes).tolist() == [[1, 2, 5, 10]]


def test_the_union_ends_at_the_bounds_and_skips_what_is_not_there():
    nothing = [np.nan] * 4
    first = [[10.0, 10, 10, 10], nothing, nothing, [200, 0, 5, 5]]
    second = [[50.0, -20, 100, 40], [1, 2, 3, 4], nothing, [300, 0, 5, 5]]
    found = union_within(np.array([first, second]), Rect(0, 0, 100, 100))
    assert found[:2].tolist() == [[10, 0, 90, 20], [1, 2, 3, 4]]
    assert np.isnan(found[2:]).all()


# --- samples


@pytest.mark.parametrize(
    ("at", "newest", "following", "nearest", "distance"),
    [(5, -1, 0, 0, 5), (10, 0, 0, 0, 0), (15, 0, 1, 0, 5), (16, 0, 1, 1, 4), (20, 1, 1, 1, 0), (99, 2, 2, 2, 59)],
)
def test_the_sample_that_counts_at_a_moment(at, newest, following, nearest, distance):
    moments = np.array([at])
    assert newest_row(SAMPLES, moments).tolist() == [newest] and int(newest_row(SAMPLES, at)) == newest
    assert next_row(SAMPLES, moments).tolist() == [following]
    assert nearest_row(SAMPLES, moments).tolist() == [nearest]
    assert distance_to_nearest(SAMPLES, moments).tolist() == [distance]


def test_no_sample_is_infinitely_far():
    assert distance_to_nearest(SAMPLES[:0], np.array([1, 2])).tolist() == [np.inf, np.inf]
    assert distance_to_nearest(SAMPLES, np.zeros(0)).shape == (0,)


def test_a_moment_in_a_long_gap_is_not_between_samples():
    at = np.array([9.0, 10, 15, 20, 21, 40, 41])
    assert is_between_samples(SAMPLES, at, 10).tolist() == [False, True, True, True, False, False, False]
    assert is_between_samples(SAMPLES, at, 20).tolist() == [False, True, True, True, True, True, False]
    assert is_between_samples(SAMPLES[:1], at, 0).tolist() == [False, True, False, False, False, False, False]


def test_rows_between_samples():
    rows = np.array([[0.0, 1], [10, 2], [30, 3]])
    assert interpolate_rows(SAMPLES, rows, [0, 15, 50]).tolist() == [[0, 1], [5, 1.5], [30, 3]]
    assert interpolate_rows(SAMPLES, rows, 30).tolist() == [20, 2.5]


# --- runs


def test_runs():
    mask = np.array([True, True, False, True, False, False, True])
    assert runs_of_true(mask).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert runs_of_true(~mask[:1]).shape == runs_of_numbers([]).shape == (0, 2)
    assert runs_of_numbers([3, 4, 5, 9, 11, 12]).tolist() == [[3, 6], [9, 10], [11, 13]]
    assert run_bounds(np.array([7, 7, 1, 1, 1, 7])).tolist() == [0, 2, 5, 6]
    assert run_bounds(np.zeros(0)).tolist() == [0, 0]


# --- sequences


def _gain(path, strength, switch_cost):
    steps = np.arange(len(path))
    return strength[steps, list(path)].sum() - switch_cost * np.count_nonzero(np.diff(path))


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_gains_more(seed):
    strength = np.random.default_rng(seed).random((6, 3))
    for cost in (0.0, 0.3, 5.0):
        most = max(_gain(path, strength, cost) for path in product(range(3), repeat=6))
        assert _gain(best_sequence(strength, cost), strength, cost) == pytest.approx(most)


def test_it_stays_where_nothing_is_gained():
    assert best_sequence(np.array([[1.0, 0], [0, 0.5], [0, 0.5], [1, 0]]), 0.5).tolist() == [0, 0, 0, 0]
    assert best_sequence(np.zeros((3, 2)), 0.0).tolist() == [0, 0, 0]
    assert best_sequence(np.zeros((0, 2)), 1.0).tolist() == []


def test_a_short_run_goes_to_the_neighbour_that_is_worth_more_in_it():
    path = np.array([0, 0, 0, 1, 2, 2, 2])
    strength = np.zeros((7, 3))
    assert merge_short_runs(path, 2, strength=strength).tolist() == [0, 0, 0, 0, 2, 2, 2]
    strength[3, 2] = 0.1
    assert merge_short_runs(path, 2, strength=strength).tolist() == [0, 0, 0, 2, 2, 2, 2]
    assert path.tolist() == [0, 0, 0, 1, 2, 2, 2]


def test_the_shortest_run_goes_first():
    path = np.array([0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1])
    assert merge_short_runs(path, 3).tolist() == [0, 0, 0, 0] + [1] * 7


def test_without_worth_a_short_run_goes_to_the_one_before_it():
    assert merge_short_runs(np.array([0, 0, 1, 2, 2]), 2).tolist() == [0, 0, 0, 2, 2]
    assert merge_short_runs(np.array([1, 2, 2]), 2).tolist() == [2, 2, 2]
    assert merge_short_runs(np.array([1]), 2).tolist() == [1]
    assert merge_short_runs(np.zeros(0, np.int64), 2).tolist() == []


def test_steps_may_count_differently():
    path, spoken = np.array([0, 0, 1, 1, 1]), np.array([True, True, False, True, False])
    assert merge_short_runs(path, 2, weight=spoken).tolist() == [0] * 5
