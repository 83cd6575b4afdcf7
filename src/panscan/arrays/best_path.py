"""Where to go over time: the path over positions worth most, at a price per move and per way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def best_path(value: FloatArray, start_cost: float, step_cost: float, reach: int) -> IntArray:
    """The position at each of k moments that is worth most in all, less what moving costs (Viterbi).

    Parameters
    ----------
    value : ndarray, shape (k, p)
        What each of p positions in a row is worth at each moment.
    start_cost : float
        Price of a move between two moments, however short, in the unit of `value`.
    step_cost : float
        Price of each position passed.
    reach : int
        Positions that can be passed between two moments, 1 or more.

    Returns
    -------
    ndarray, shape (k,), int64
        Of equal paths, the one that stays; of equal positions, the first.
    """
    moments, count = value.shape
    path = np.zeros(moments, np.int64)
    if not moments:
        return path
    position = np.arange(count)
    way = np.abs(position[:, None] - position[None, :])
    cost = np.where(way > reach, np.inf, start_cost * (way > 0) + step_cost * way)
    total = np.array(value[0], np.float64)
    came_from = np.zeros((moments, count), np.int64)
    for moment in range(1, moments):
        gained = total[None, :] - cost
        came_from[moment] = np.argmax(gained, axis=1)
        best = gained[position, came_from[moment]]
        stays = total >= best
        came_from[moment] = np.where(stays, position, came_from[moment])
        total = np.where(stays, total, best) + value[moment]
    path[-1] = int(np.argmax(total))
    for moment in range(moments - 1, 0, -1):
        path[moment - 1] = came_from[moment, path[moment]]
    return path
