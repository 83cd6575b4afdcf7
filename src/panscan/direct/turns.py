"""Who holds the floor: speaking probabilities over time -> turns, without following every back-channel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.best_sequence import best_sequence, merge_short_runs
from panscan.arrays.samples import run_bounds

FloatArray = npt.NDArray[np.float64]

MIN_HOLD_S = 1.5
_SWITCH_PRICE_S = 0.8  # seconds of clear speech that a change of speaker must gain


@dataclass(frozen=True, slots=True)
class Turn:
    """Steps [first, end) of the probability table during which `who` (a column) is shown."""

    first: int
    end: int
    who: int


def find_turns(probability: FloatArray, step_s: float, min_hold_s: float = MIN_HOLD_S) -> list[Turn]:
    """Partition the time into turns.

    Parameters
    ----------
    probability : ndarray, shape (k, n)
        Probability that each of n people speaks, per step.
    step_s : float
        Seconds per step.
    min_hold_s : float
        Shortest turn.

    Returns
    -------
    list of Turn
        They cover all k steps. The choice of columns that gains most probability less a price per change
        (Viterbi); turns shorter than `min_hold_s` go to the neighbour that speaks more in them. In silence the floor
        stays where it was, and nobody speaking at all gives one turn of column 0.
    """
    steps, people = probability.shape
    if steps == 0 or people == 0:
        return []
    path = best_sequence(probability.astype(np.float64), switch_cost=_SWITCH_PRICE_S / step_s)
    path = merge_short_runs(path, max(1, round(min_hold_s / step_s)), strength=probability)
    return [Turn(first, end, int(path[first])) for first, end in pairwise(run_bounds(path).tolist())]
