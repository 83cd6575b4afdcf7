"""One linear map from the source's colours to the output's, for all pictures together.

A wrong matrix, lost saturation and a tint change luma and chroma in the same way everywhere. A single small picture may
not show it; all compared pictures together do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from panscan.verify.measure.planes import Gray

Matrix = npt.NDArray[np.float64]

# Rms levels of the noise that compression leaves in each plane; colours that vary by less are no evidence.
_NOISE_LEVELS = 2.0
_GREY_LEVEL = 128.0  # of chroma planes without colour; subtracted to keep sums small
_REDUCTION = 4  # factor: lost detail is not lost saturation
_MIN_VARIANCE = 1e-6  # squared levels, of both chroma planes: below it there is no colour


@dataclass(frozen=True, slots=True)
class ColourSums:
    """Sums of products over some px, in levels of 255.

    Attributes
    ----------
    auto_moments : ndarray, shape (4, 4)
        Of the expected (y, u, v, 1) with itself.
    cross_moments : ndarray, shape (4, 3)
        Of the expected (y, u, v, 1) with the output's (y, u, v).
    """

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
        Of both chroma planes together; 1 is the source's.
    crosstalk : float
        The largest share of one component that is found in another.
    tint_levels : tuple of two float
        Change of (u, v) at the source's mean colour.
    error_levels : float
        Rms change of the chroma planes by the map.
    spread_levels : float
        Standard deviation of the source's chroma.
    """

    saturation: float
    crosstalk: float
    tint_levels: tuple[float, float]
    error_levels: float
    spread_levels: float


def sums_of(output: tuple[Gray, Gray, Gray], expected: tuple[Gray, Gray, Gray]) -> ColourSums:
    """Sums over three planes (y, u, v), averaged down."""
    height, width = expected[0].shape
    size = (max(1, width // _REDUCTION), max(1, height // _REDUCTION))
    own, other = (
        np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes]).reshape(3, -1).astype(np.float64)
        for planes in (expected, output)
    )
    own = np.concatenate([own - _GREY_LEVEL, np.ones((1, own.shape[1]))])
    return ColourSums(own @ own.T, own @ (other - _GREY_LEVEL).T)


def luma_at_chroma_size(plane: Gray, like: Gray) -> Gray:
    """Luma at the size of a chroma plane."""
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
    output_mean = across[3]
    spread = own[:3, :3] - np.outer(mean, mean)
    joint = across[:3] - np.outer(mean, output_mean)
    # A ridge towards the identity: where the source's colours vary little, the map changes nothing.
    ridge = _NOISE_LEVELS**2 * np.eye(3)
    matrix = np.linalg.solve(spread + ridge, joint + ridge).T
    change = matrix - np.eye(3)
    chroma = spread[1:, 1:]
    strength = float(np.trace(chroma))
    saturation = float(np.trace(matrix[1:, 1:] @ chroma)) / strength if strength > _MIN_VARIANCE else 1.0
    crosstalks = [change[0, 1], change[0, 2], change[1, 2], change[2, 1]]
    tint = output_mean[1:] - mean[1:]
    moved = change[1:] @ spread @ change[1:].T
    return ColourMap(
        saturation,
        float(crosstalks[int(np.argmax(np.abs(crosstalks)))]),
        (float(tint[0]), float(tint[1])),
        float(np.sqrt(max(0.0, np.trace(moved) / 2) + float(np.mean(tint**2)))),
        strength**0.5,
    )
