"""How late a sound is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from panscan.verify.measure.sound_fit import slow_sound
from panscan.verify.measure.sound_reading import Samples

Floats = npt.NDArray[np.floating]

_MIN_ENERGY_SHARE = 0.01  # of the expected: what is 20 dB quieter is not it


@dataclass(frozen=True, slots=True, eq=False)
class LagProducts:
    """What tells how late a sound is; sums of several tell it of all.

    Attributes
    ----------
    product : ndarray
        Of what is heard and what is expected, at each lag, at 8 kHz.
    heard : ndarray
        Energy of what is heard there.
    expected : float
        Energy of what is expected.
    """

    product: Floats
    heard: Floats
    expected: float

    def __add__(self, other: LagProducts) -> LagProducts:
        return LagProducts(self.product + other.product, self.heard + other.heard, self.expected + other.expected)

    @property
    def likeness(self) -> Floats:
        """Correlation at each lag; a reversed polarity is alike, too."""
        # Where nothing is to be heard, nothing is alike.
        energy = np.maximum(self.heard, _MIN_ENERGY_SHARE * self.expected)
        return np.asarray(np.abs(self.product) / np.sqrt(energy * self.expected + 1e-12))


def lag_products(heard: Samples, expected: Samples) -> LagProducts:
    """Compare two sounds at each lag: `heard` (more samples, channels), `expected` (n, channels)."""
    a, b = slow_sound(heard), slow_sound(expected)
    product = fftconvolve(a, b[::-1], mode="valid", axes=0).sum(axis=1)
    energy = np.cumsum(np.pad(np.sum(a**2, axis=1), (1, 0)))
    return LagProducts(product, energy[len(b) :] - energy[: -len(b)], float(np.sum(b**2)))


def finer_lag(windows: Sequence[tuple[Samples, Samples]], reach: int) -> int:
    """How many samples beside `reach` the first sound of each pair is heard late, at most as many, at full rate."""
    score = np.zeros(2 * reach + 1)
    for heard, expected in windows:
        # Treble tells places apart best; differences raise it.
        a, b = np.diff(heard, axis=0), np.diff(expected, axis=0)
        score += [np.vdot(a[lag : lag + len(b)], b) for lag in range(len(score))]
    return int(np.argmax(np.abs(score))) - reach
