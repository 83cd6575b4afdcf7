"""Better parameters: one step along the slope of what clips are worth, and what it is worth on clips left out.

Parameters are drawn around the start, each as a factor of its value, in pairs that mirror each other. The slope of a
clip's worth along each parameter is that of the plane through all draws, so a fit without some clip needs no further
draw: it leaves out that clip's slopes, and is honest as long as the start does not know the clip either. A parameter
is followed as far as clips agree on it; how long the step is, is the only choice left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

from panscan.direct.importance import ImportanceParameters

Floats = npt.NDArray[np.float64]

NAMES = tuple(field.name for field in fields(ImportanceParameters))
LEAST = 1e-3  # of a parameter: it needs a logarithm
LIMITS = {"beside_face": (0.0, 1.0), "crowd": (1.0, 12.0)}  # beyond, weights are negative or a norm is none

# Values that know no clip: one for what adds or takes all, a half or a quarter for what is less, powers 1/2 and 2.
PLAIN = ImportanceParameters(
    head=0.5,
    body=0.25,
    object=0.5,
    front=0.5,
    mover=0.25,
    motion_profile=0.25,
    interest_profile=0.25,
    center_of_interest=0.25,
    middle=0.05,
    size=0.5,
    presence=0.5,
    speech=1.0,
    motion=1.0,
    held=1.0,
    aside=1.0,
    wide=2.0,
    beside_face=0.25,
    crowd=2.0,
    cut=0.5,
    move=0.25,
    way=0.25,
)


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """How the worth of clips changes around some parameters.

    Attributes
    ----------
    start : ImportanceParameters
        Where.
    spread : float
        Standard deviation of the draws, as a natural logarithm: 0.4 is half as much more, or a third less.
    points : ndarray (parameters, clips)
        Points that each clip gains per spread of each parameter.
    """

    start: ImportanceParameters
    spread: float
    points: Floats

    def fitted(self, length: float, without: int | None = None) -> ImportanceParameters:
        """The parameters some spreads up the steepest way, by all clips but one."""
        points = self.points if without is None else np.delete(self.points, without, axis=1)
        way = agreed_mean(points)
        return moved(self.start, length * self.spread * way / max(float(np.linalg.norm(way)), 1e-12))


def agreed_mean(points: Floats) -> Floats:
    """Mean (n,) of rows (n, m), the less of it the less surely it differs from 0: none where its error is as large."""
    mean = points.mean(axis=1)
    error = points.std(axis=1, ddof=1) / np.sqrt(points.shape[1]) if points.shape[1] > 1 else np.zeros(len(mean))
    return np.asarray(mean * np.clip(1 - (error / np.maximum(np.abs(mean), 1e-12)) ** 2, 0.0, 1.0))


def moved(start: ImportanceParameters, logs: Floats) -> ImportanceParameters:
    """Parameters times factors, whose logarithms are given, inside their limits."""
    values = np.maximum(astuple(start), LEAST) * np.exp(logs)
    found = dict(zip(NAMES, values.tolist(), strict=True))
    return ImportanceParameters(**{n: float(np.clip(v, *LIMITS.get(n, (0.0, np.inf)))) for n, v in found.items()})


def scaled(start: ImportanceParameters, name: str, factor: float) -> ImportanceParameters:
    """Parameters with one of them times a factor."""
    return moved(start, np.log(factor) * (np.array(NAMES) == name))


def slopes_around(
    start: ImportanceParameters,
    worth: Callable[[ImportanceParameters], Floats],
    *,
    draws: int,
    spread: float,
    seed: int = 0,
) -> Slopes:
    """The slopes of what clips (c,) are worth, from so many draws."""
    half = np.random.default_rng(seed).standard_normal((max(1, draws // 2), len(NAMES)))
    steps = np.concatenate([half, -half])
    worths = np.array([worth(moved(start, spread * step)) for step in steps])
    design = np.column_stack([np.ones(len(steps)), steps])
    return Slopes(start, spread, np.linalg.lstsq(design, worths, rcond=None)[0][1:])
