"""By what angle pictures are turned against the expected ones, from many small pictures together."""

from __future__ import annotations

import math

import numpy as np

from panscan.verify.measure.planes import Gray, Mask

_DOUBT_LEVELS = 8.0  # a difference of this size has half a small one's weight: it is something else than a turn
_DAMPING = 1e-4  # share of the diagonal, so that flat pictures have a solution
_NOISE_LEVELS = 1.0  # change from px to px by banding and compression: a smooth picture has no edges to be turned
_MIN_EVIDENCE = 1e-6  # squared levels


class TurnSums:
    """Equations of least squares for a small turn, beside offset, zoom and levels."""

    def __init__(self) -> None:
        self._squares = np.zeros((8, 8))
        self._products = np.zeros(8)
        self._noise = np.zeros(8)  # what steps that are only noise would add to the squares of the turn

    def add(self, found: Gray, wanted: Gray, mask: Mask) -> None:
        """Add one picture."""
        if found.shape != wanted.shape or min(found.shape) < 3:
            return
        inner = (slice(1, -1), slice(1, -1))
        gx = (wanted[1:-1, 2:] - wanted[1:-1, :-2]) / 2
        gy = (wanted[2:, 1:-1] - wanted[:-2, 1:-1]) / 2
        difference = (wanted - found)[inner]
        height, width = gx.shape
        across = np.arange(width, dtype=np.float32) - (width - 1) / 2
        down = (np.arange(height, dtype=np.float32) - (height - 1) / 2)[:, None]
        level = wanted[inner]
        effects = np.stack(
            [gx, gy, gx * across, gy * down, gx * down, gy * across, level - level.mean(), np.ones_like(level)]
        ).reshape(8, -1)
        weighted = effects * (mask[inner] / (1 + (difference / _DOUBT_LEVELS) ** 2)).reshape(-1)
        self._squares += weighted @ effects.T
        self._products += weighted @ difference.reshape(-1)
        self._noise[4:6] += _NOISE_LEVELS**2 * gx.size * np.array([np.mean(down**2), np.mean(across**2)])

    def degrees(self) -> float:
        """The turn, clockwise; 0 without evidence.

        Turning moves px down on the right, and to the left below the middle. The lesser of the two counts: each alone
        may be something else.
        """
        squares = self._squares + np.diag(np.diag(self._squares) * _DAMPING + self._noise + _MIN_EVIDENCE)
        solved = np.linalg.solve(squares, self._products)
        both = math.degrees(solved[5]), math.degrees(-solved[4])
        return min(both, key=abs) if both[0] * both[1] > 0 else 0.0
