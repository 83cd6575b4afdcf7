"""Speaking probabilities over time -> speaker turns: the only place where turns are decided."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from panscan.arrays.best_sequence import best_sequence, merge_short_runs
from panscan.arrays.samples import newest_row, run_bounds
from panscan.model.perception import FloatArray, IntArray, Speaker

MIN_HOLD_S = 1.5  # seconds: about the shortest shot that a viewer can read
# Seconds of certain speech that a change of speaker must gain. Going there and back costs it twice, so a "yes" or a
# laugh of under 1.6 s takes no turn.
_SWITCH_COST_S = 0.8


@dataclass(frozen=True, slots=True)
class Turn:
    """A time in which one person is shown because they speak.

    Attributes
    ----------
    first : int
        First step of the probability table.
    end : int
        Step after the last.
    who : int
        Column of the table.
    """

    first: int
    end: int
    who: int


def speaking_elsewhere(speaker: Speaker, tracks: IntArray, first: int, end: int) -> FloatArray:
    """Probability (k,), at the steps in [first, end), that somebody speaks who is none of `tracks`."""
    inside = (speaker.looked >= first) & (speaker.looked < end)
    others = ~np.isin(speaker.track, tracks)
    step = np.searchsorted(speaker.looked, speaker.frame[others])
    spoken = np.bincount(step, speaker.probability[others], len(speaker.looked))
    return np.asarray((speaker.offscreen + spoken)[inside])


def find_turns(
    probability: FloatArray, elsewhere: FloatArray, step_s: float, min_hold_s: float = MIN_HOLD_S
) -> list[Turn]:
    """Partition the time into turns.

    Parameters
    ----------
    probability : ndarray, shape (k, n)
        Probability that each of n people speaks, per step; all 0 in silence.
    elsewhere : ndarray, shape (k,)
        Probability that none of them does but somebody is heard.
    step_s : float
        Seconds per step.
    min_hold_s : float
        Shortest turn.

    Returns
    -------
    list of Turn
        They cover all k steps: the sequence of speakers with the highest sum of probabilities, less a cost per change.
        In silence and while the voice comes from elsewhere the last speaker stays; if nobody ever speaks there is one
        turn of column 0. Turns shorter than `min_hold_s` go to the neighbouring turn whose person speaks more in them.
        A turn that follows a silence begins at its end.
    """
    steps, people = probability.shape
    if steps == 0 or people == 0:
        return []
    sure = np.column_stack([probability, elsewhere]).astype(np.float64)
    who = _held(best_sequence(sure, switch_cost=_SWITCH_COST_S / step_s), nobody=people)
    who = merge_short_runs(who, max(1, round(min_hold_s / step_s)), strength=probability)
    runs = list(pairwise(run_bounds(who).tolist()))
    starts = [0, *(_first_heard(sure, first, end) for first, end in runs[1:]), steps]
    return [Turn(start, starts[n + 1], int(who[runs[n][0]])) for n, start in enumerate(starts[:-1])]


def _held(speaking: IntArray, nobody: int) -> IntArray:
    """The last speaker where `nobody` speaks; before the first one the first, column 0 without any."""
    known = np.flatnonzero(speaking != nobody)
    if not known.size:
        return np.zeros_like(speaking)
    return speaking[known[np.maximum(newest_row(known, np.arange(len(speaking))), 0)]]


def _first_heard(sure: FloatArray, first: int, end: int) -> int:
    """The first step of a turn [first, end) in which anybody is heard; `first` where nobody is."""
    return first + int(np.argmax(sure[first:end].any(axis=1)))
