"""Mel-frequency cepstral coefficients as the network was trained on: 100 rows of 13 a second."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
HOP = 160
WINDOW = 400
COUNT = 13

_FFT = 512
_FILTERS = 26
_LIFTER = 22
_PRE_EMPHASIS = 0.97
_FULL_SCALE = 32768.0  # trained on 16-bit samples

_Floats = npt.NDArray[np.float64]


def mfcc(samples: npt.NDArray[np.floating], before: float = 0.0) -> npt.NDArray[np.float32]:
    """One row per 10 ms of which a whole window of 25 ms is given.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Mono, 16 kHz, -1..1.
    before : float
        The sample before the first.
    """
    count = max(0, (len(samples) - WINDOW) // HOP + 1)
    if not count:
        return np.zeros((0, COUNT), np.float32)
    loud = np.asarray(samples, np.float64) * _FULL_SCALE
    sharp = loud - _PRE_EMPHASIS * np.concatenate([[before * _FULL_SCALE], loud[:-1]])
    frames = np.lib.stride_tricks.sliding_window_view(sharp, WINDOW)[::HOP][:count]
    power = np.abs(np.fft.rfft(frames, _FFT)) ** 2 / _FFT
    energy = np.maximum(power.sum(axis=1), np.finfo(np.float64).eps)
    bands = np.log(np.maximum(power @ _mel_filters().T, np.finfo(np.float64).eps))
    rows = bands @ _cosines().T
    rows[:, 0] = np.log(energy)
    return rows.astype(np.float32)


@lru_cache(maxsize=1)
def _mel_filters() -> _Floats:
    """Triangles (26, 257) evenly spaced on the mel scale from 0 to 8 kHz."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE_HZ / 2 / 700), _FILTERS + 2)
    corner = np.floor((_FFT + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE_HZ)
    bins = np.arange(_FFT // 2 + 1)
    filters = np.zeros((_FILTERS, len(bins)))
    for row, (left, top, right) in enumerate(zip(corner[:-2], corner[1:-1], corner[2:], strict=True)):
        rising, falling = (bins >= left) & (bins < top), (bins >= top) & (bins < right)
        filters[row, rising] = (bins[rising] - left) / (top - left)
        filters[row, falling] = (right - bins[falling]) / (right - top)
    return filters


@lru_cache(maxsize=1)
def _cosines() -> _Floats:
    """Orthonormal DCT-II (13, 26), its rows lifted as speech recognisers do."""
    row, column = np.arange(COUNT)[:, None], np.arange(_FILTERS)
    table = np.sqrt(2 / _FILTERS) * np.cos(np.pi * row * (2 * column + 1) / (2 * _FILTERS))
    table[0] /= np.sqrt(2)
    return np.asarray(table * (1 + _LIFTER / 2 * np.sin(np.pi * row / _LIFTER)))
