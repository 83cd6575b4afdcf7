"""The fewest points of a curve whose straight lines stay near it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt


def douglas_peucker(count: int, deviation: Callable[[int, int], npt.NDArray[np.float64]]) -> list[int]:
    """Points to keep of a curve of `count` points (Ramer, Douglas and Peucker).

    Parameters
    ----------
    count : int
        At least 1; the first and the last point are always kept.
    deviation : function of (first, last)
        How far the points strictly between `first` and `last` lie from the straight line between those two, as a
        share of what is allowed: array (last - first - 1,).

    Returns
    -------
    list of int
        Rising; between neighbours no point deviates by more than 1.
    """
    kept = {0, count - 1}
    open_spans = [(0, count - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        far = deviation(first, last)
        worst = int(np.argmax(far))
        if far[worst] > 1:
            middle = first + 1 + worst
            kept.add(middle)
            open_spans += [(first, middle), (middle, last)]
    return sorted(kept)


def points_on_chord(values: npt.NDArray[np.float64], first: int, last: int) -> npt.NDArray[np.float64]:
    """The points strictly between two rows of `values` (n, k) on the straight line between them: array (m, k)."""
    share = (np.arange(first + 1, last) - first)[:, None] / (last - first)
    return np.asarray(values[first] + share * (values[last] - values[first]), np.float64)
