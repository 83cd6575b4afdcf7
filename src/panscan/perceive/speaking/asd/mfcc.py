"""Mel-frequency cepstral coefficients as the network was trained on: 100 rows of 13 a second."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

# All values are those of the published training, which are usual in speech recognition.
RATE_HZ = 16_000  # samples a second
HOP_SAMPLES = 160  # from window to window: 10 ms
WINDOW_SAMPLES = 400  # 25 ms
COEFFICIENT_COUNT = 13

_FFT_SAMPLES = 512  # the next power of two after the window
_FILTER_COUNT = 26
_LIFTER = 22  # coefficients: period of the sine that weights them
_PRE_EMPHASIS = 0.97  # share of the sample before that is subtracted
_FULL_SCALE = 32768.0  # of the 16-bit samples that the network was trained on

_Floats = npt.NDArray[np.float64]


def mfcc(samples: npt.NDArray[np.floating], previous_sample: float = 0.0) -> npt.NDArray[np.float32]:
    """One row per 10 ms for which a whole window of 25 ms is given.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Mono, 16 kHz, -1..1.
    previous_sample : float
        The sample before the first.
    """
    count = max(0, (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES + 1)
    if not count:
        return np.zeros((0, COEFFICIENT_COUNT), np.float32)
    loud = np.asarray(samples, np.float64) * _FULL_SCALE
    sharp = loud - _PRE_EMPHASIS * np.concatenate([[previous_sample * _FULL_SCALE], loud[:-1]])
    frames = np.lib.stride_tricks.sliding_window_view(sharp, WINDOW_SAMPLES)[::HOP_SAMPLES][:count]
    power = np.abs(np.fft.rfft(frames, _FFT_SAMPLES)) ** 2 / _FFT_SAMPLES
    energy = np.maximum(power.sum(axis=1), np.finfo(np.float64).eps)
    bands = np.log(np.maximum(power @ _mel_filters().T, np.finfo(np.float64).eps))
    rows = bands @ _dct_matrix().T
    rows[:, 0] = np.log(energy)
    return rows.astype(np.float32)


@lru_cache(maxsize=1)
def _mel_filters() -> _Floats:
    """Triangles (26, 257) evenly spaced on the mel scale from 0 to 8 kHz."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE_HZ / 2 / 700), _FILTER_COUNT + 2)
    corner = np.floor((_FFT_SAMPLES + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE_HZ)
    bins = np.arange(_FFT_SAMPLES // 2 + 1)
    filters = np.zeros((_FILTER_COUNT, len(bins)))
    for row, (left, top, right) in enumerate(zip(corner[:-2], corner[1:-1], corner[2:], strict=True)):
        rising, falling = (bins >= left) & (bins < top), (bins >= top) & (bins < right)
        filters[row, rising] = (bins[rising] - left) / (top - left)
        filters[row, falling] = (right - bins[falling]) / (right - top)
    return filters


@lru_cache(maxsize=1)
def _dct_matrix() -> _Floats:
    """Orthonormal DCT-II (13, 26) with weighted rows (a lifter), as speech recognisers use it."""
    row, column = np.arange(COEFFICIENT_COUNT)[:, None], np.arange(_FILTER_COUNT)
    table = np.sqrt(2 / _FILTER_COUNT) * np.cos(np.pi * row * (2 * column + 1) / (2 * _FILTER_COUNT))
    table[0] /= np.sqrt(2)
    return np.asarray(table * (1 + _LIFTER / 2 * np.sin(np.pi * row / _LIFTER)))
