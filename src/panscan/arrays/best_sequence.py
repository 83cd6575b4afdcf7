"""Which of several choices to follow over time: the best sequence at a price per change, without runs too short."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import run_bounds

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def best_sequence(strength: FloatArray, switch_cost: float) -> IntArray:
    """The choice at each step that gives the most strength in all, less a price per change (Viterbi).

    Parameters
    ----------
    strength : ndarray, shape (k, n)
        What each of n choices is worth at each of k steps.
    switch_cost : float
        Price of one change, in the unit of `strength`.

    Returns
    -------
    ndarray, shape (k,), int64
        Columns of `strength`. Of equal sequences, the one that stays; of equal choices, the first.
    """
    step_count, choice_count = strength.shape
    path = np.zeros(step_count, np.int64)
    if not step_count:
        return path
    total = np.array(strength[0], np.float64)
    came_from = np.zeros((step_count, choice_count), np.int64)
    for step in range(1, step_count):
        leader = int(np.argmax(total))
        stays = total >= total[leader] - switch_cost
        came_from[step] = np.where(stays, np.arange(choice_count), leader)
        total = np.where(stays, total, total[leader] - switch_cost) + strength[step]
    path[-1] = int(np.argmax(total))
    for step in range(step_count - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path


def merge_short_runs(
    path: IntArray, least: float, *, weight: npt.ArrayLike | None = None, strength: FloatArray | None = None
) -> IntArray:
    """Give runs that are too short to a neighbour, the shortest first, until no short one or only one run is left.

    Parameters
    ----------
    path : ndarray, shape (k,)
        The choice at each step.
    least : float
        The shortest run that stays, in steps or in the unit of `weight`.
    weight : array_like, shape (k,), optional
        How much each step counts for the length of a run; 1 by default.
    strength : ndarray, shape (k, n), optional
        What each choice is worth at each step: the run goes to the neighbour that is worth more during it, of equals
        to the one before. Without it, to the one before, or to the one after where there is none before.
    """
    path = path.copy()
    counts = np.ones(len(path), np.int64) if weight is None else np.asarray(weight)
    while True:
        bounds = run_bounds(path)
        lengths = [counts[first:end].sum() for first, end in pairwise(bounds)]
        if len(lengths) < 2 or min(lengths) >= least:
            return path
        shortest = int(np.argmin(lengths))
        first, end = int(bounds[shortest]), int(bounds[shortest + 1])
        neighbours = [int(path[n]) for n in (first - 1, end) if 0 <= n < len(path)]
        winner = neighbours[0]
        if strength is not None:
            winner = max(neighbours, key=lambda choice: float(strength[first:end, choice].sum()))
        path[first:end] = winner
