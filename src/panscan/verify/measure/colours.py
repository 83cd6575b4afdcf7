"""Whether the colours themselves are the source's: one linear map from its colours to the output's, for all pictures.

A wrong matrix, a lost saturation and a tint change brightness and colour together and in the same way everywhere. No
single small picture may show it; all compared pictures together do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from panscan.verify.measure.planes import Gray

Matrix = npt.NDArray[np.float64]

# Compression leaves about so much (rms levels) in each plane; colours that vary by less say nothing.
_NOISE_LEVELS = 2.0
_GREY = 128.0
_REDUCTION = 4


@dataclass(frozen=True, slots=True)
class ColourSums:
    """Sums over some px of expected (y, u, v, 1) and seen (y, u, v): `auto_moments` (4, 4), `cross_moments` (4, 3)."""

    auto_moments: Matrix
    cross_moments: Matrix

    @property
    def count(self) -> float:
        """How many px were summed."""
        return float(self.auto_moments[3, 3])


@dataclass(frozen=True, slots=True)
class ColourMap:
    """The linear map that explains the output's colours.

    Attributes
    ----------
    saturation : float
        Of both colour planes together; 1 as in the source.
    crosstalk : float
        The largest share of one component that is found in another.
    tint_levels : (float, float)
        u and v at what the source's mean colour is.
    error_levels : float
        Root mean square that the map puts on the colour planes.
    spread_levels : float
        How much the colours of the source vary (rms levels); of little variation nothing can be told.
    """

    saturation: float
    crosstalk: float
    tint_levels: tuple[float, float]
    error_levels: float
    spread_levels: float


def sums_of(seen: tuple[Gray, Gray, Gray], expected: tuple[Gray, Gray, Gray]) -> ColourSums:
    """Sums over three planes (y, u, v) of one shape each, averaged down: a lost detail is no lost saturation."""
    height, width = expected[0].shape
    size = (max(1, width // _REDUCTION), max(1, height // _REDUCTION))
    own, other = (
        np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes]).reshape(3, -1).astype(np.float64)
        for planes in (expected, seen)
    )
    own = np.concatenate([own - _GREY, np.ones((1, own.shape[1]))])
    return ColourSums(own @ own.T, own @ (other - _GREY).T)


def luma_at_chroma_size(plane: Gray, like: Gray) -> Gray:
    """Brightness at the size of a colour plane."""
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def colour_map(sums: Iterable[ColourSums]) -> ColourMap | None:
    """The map that all these px share, each cell with the same weight; None without any."""
    found = [s for s in sums if s.count]
    if not found:
        return None
    own = np.mean([s.auto_moments / s.count for s in found], axis=0)
    across = np.mean([s.cross_moments / s.count for s in found], axis=0)
    mean = own[3, :3]
    mean_seen = across[3]
    spread = own[:3, :3] - np.outer(mean, mean)
    joint = across[:3] - np.outer(mean, mean_seen)
    # Where the source's colours vary little, nothing is changed: a ridge towards the identity.
    ridge = _NOISE_LEVELS**2 * np.eye(3)
    matrix = np.linalg.solve(spread + ridge, joint + ridge).T
    change = matrix - np.eye(3)
    chroma = spread[1:, 1:]
    strength = float(np.trace(chroma))
    kept = float(np.trace(matrix[1:, 1:] @ chroma)) / strength if strength > 1e-6 else 1.0
    cross = [change[0, 1], change[0, 2], change[1, 2], change[2, 1]]
    tint = mean_seen[1:] - mean[1:]
    moved = change[1:] @ spread @ change[1:].T
    return ColourMap(
        kept,
        float(cross[int(np.argmax(np.abs(cross)))]),
        (float(tint[0]), float(tint[1])),
        float(np.sqrt(max(0.0, np.trace(moved) / 2) + float(np.mean(tint**2)))),
        strength**0.5,
    )
