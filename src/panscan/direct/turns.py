"""Who holds the floor: speaking probabilities over time -> turns, without following every back-channel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.direct.boxes import best_sequence

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
    path = best_sequence(probability.T.astype(np.float64), switch_cost=_SWITCH_PRICE_S / step_s)
    return _merge_short_turns(_runs(path), probability, max(1, round(min_hold_s / step_s)))


def _runs(path: npt.NDArray[np.int64]) -> list[Turn]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [Turn(a, b, int(path[a])) for a, b in pairwise(edges)]


def _merge_short_turns(found: list[Turn], probability: FloatArray, shortest: int) -> list[Turn]:
    """Give turns that are too short to a neighbour, the shortest first."""
    while len(found) > 1:
        place = min(range(len(found)), key=lambda n: found[n].end - found[n].first)
        turn = found[place]
        if turn.end - turn.first >= shortest:
            break
        neighbours = [n for n in (place - 1, place + 1) if 0 <= n < len(found)]
        heard = probability[turn.first : turn.end]
        winner = max(neighbours, key=lambda n: float(heard[:, found[n].who].sum()))
        merged = [Turn(t.first, t.end, found[winner].who if n == place else t.who) for n, t in enumerate(found)]
        joined: list[Turn] = []
        for turn in merged:
            if joined and joined[-1].who == turn.who:
                joined[-1] = Turn(joined[-1].first, turn.end, turn.who)
            else:
                joined.append(turn)
        found = joined
    return found
