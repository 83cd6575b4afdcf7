"""What is heard beside what is expected, half a second at a time: by frequency, by moment, and between left and right.

Spectra see what waves below 4 kHz do not: treble, hum, and faint noise in the gaps between louder sounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import maximum_filter1d

from panscan.verify.measure.sound_reading import RATE_HZ, Samples
from panscan.verify.measure.sound_stretches import Stretch

Floats = npt.NDArray[np.floating]

# Edges of critical bands after Zwicker (1961), in Hz, beside which louder sounds mask fainter ones; codecs keep little
# below the first.
BAND_EDGES_HZ = (45, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400,
                 5300, 6400, 7700, 9500, 12000, 15500)  # fmt: skip
_WINDOW, _HOP = 4096, 2048  # samples: 85 ms tell 50 Hz from 60 Hz
_BLOCK = _WINDOW + 11 * _HOP  # samples, 0.55 s; the last hop is the first one of the next block
_SIDES_HZ = 4000  # up to which codecs keep left and right apart
_TICK = RATE_HZ // 200  # samples of 5 ms
_GAP_TICKS = 3  # all of which lie inside any gap of 20 ms
_NEAR_TICKS = 20  # on either side, 100 ms: what is much louder there masks a gap
_SMEAR_TICKS = 6  # on either side, 30 ms: how early and late codecs let a sound be heard
_CLEAR, _CLEAR_SHARE = 3e-6, 0.03  # power from which a gap is seen, -55 dB, and share of the loudest nearby
_MIN_BURST = 1e-6  # power, -60 dB, that bursts are compared with at least
_PEAK_STEP = 6  # samples that are averaged where peaks are compared: 8 kHz
_PEAK_SHARE = 0.01  # of the samples of a block are its peaks


@dataclass(frozen=True, slots=True, eq=False)
class BlockLevels:
    """Half a second of all channels.

    Attributes
    ----------
    first : int
        Record sample.
    expected, heard, added : ndarray, shape (channels, bands)
        Power between `BAND_EDGES_HZ`, of full scale; `added`: of what is heard and has nothing to do with the expected.
    gap, burst : ndarray, shape (2, channels)
        Power beside what is expected, in the 15 ms where it is least, and in the 5 ms where it is most beside all near
        ones; and the sample where.
    peaks : ndarray, shape (channels, 5)
        Product with what is expected and its power, of the highest peaks, the same of all the rest; highest peak.
    sides : ndarray, shape (4,)
        Between left and right: power of the expected difference and sum, of the difference that is heard, and product
        of the differences; empty unless there are two channels.
    """

    first: int
    expected: Floats
    heard: Floats
    added: Floats
    gap: Floats
    burst: Floats
    peaks: Floats
    sides: Floats


class BlockMeter:
    """Measures blocks of stretches that follow each other."""

    def __init__(self) -> None:
        self.blocks: list[BlockLevels] = []
        self._first = 0
        self._measured = 0  # samples of the pending ones that were
        self._heard: list[Samples] = []
        self._expected: list[Samples] = []

    def add(self, stretch: Stretch) -> None:
        """Measure what is complete with the next stretch."""
        if not self._heard:
            self._first = stretch.first
        self._heard.append(stretch.heard[:, list(stretch.channels)])
        # Mixes beyond full scale are cut off, which is no fault of the movie.
        self._expected.append(np.clip(stretch.expected[:, list(stretch.channels)], -1, 1))
        while sum(map(len, self._heard)) - max(self._measured - _HOP, 0) >= _BLOCK:
            start = max(self._measured - _HOP, 0)
            heard, expected = np.concatenate(self._heard), np.concatenate(self._expected)
            self._measure(heard, expected, start)
            keep = start  # what was just measured stays, for a short rest at the end
            self._heard, self._expected = [heard[keep:]], [expected[keep:]]
            self._first, self._measured = self._first + keep, _BLOCK

    def finish(self) -> None:
        """Measure the rest; what is added next does not follow it."""
        if sum(map(len, self._heard)) > self._measured:
            heard, expected = np.concatenate(self._heard), np.concatenate(self._expected)
            self._measure(heard, expected, max(len(heard) - _BLOCK, 0))
        self._heard, self._expected, self._measured = [], [], 0

    def _measure(self, heard: Samples, expected: Samples, start: int) -> None:
        heard, expected = heard[start : start + _BLOCK], expected[start : start + _BLOCK]
        first = self._first + start
        a, b = _spectra(heard), _spectra(expected)
        heard_power, expected_power = (np.mean(np.abs(x) ** 2, axis=1) for x in (a, b))
        product = np.abs(np.mean(a * b.conj(), axis=1)) ** 2
        added = np.maximum(heard_power - product / np.maximum(expected_power, 1e-16), 0)
        self.blocks.append(
            BlockLevels(
                first,
                _bands(expected_power),
                _bands(heard_power),
                _bands(added),
                _gap(heard, expected, first),
                _burst(heard, expected, first),
                _peaks(heard, expected),
                _sides(a, b),
            )
        )


_SHAPE = np.hanning(_WINDOW).astype(np.float32)
_SHAPE /= np.sqrt(np.sum(_SHAPE**2) * _WINDOW / 2)  # so that the powers of a spectrum add up to the mean square
_BINS_PER_HZ = _WINDOW / RATE_HZ
_BAND_STARTS = [round(hz * _BINS_PER_HZ) for hz in BAND_EDGES_HZ]


def _spectra(samples: Samples) -> npt.NDArray[np.complex64]:
    """Array (channels, windows, bins)."""
    padded = np.pad(samples, ((0, max(_WINDOW - len(samples), 0)), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW, axis=0)[::_HOP]
    return np.asarray(rfft(np.moveaxis(windows, 1, 0) * _SHAPE))


def _bands(power: Floats) -> Floats:
    return np.asarray(np.add.reduceat(power, _BAND_STARTS, axis=1)[:, :-1])


def _sides(heard: npt.NDArray[np.complex64], expected: npt.NDArray[np.complex64]) -> Floats:
    if len(heard) != 2:
        return np.zeros(0)
    last = round(_SIDES_HZ * _BINS_PER_HZ)
    (a, b), total = (x[0, :, 1:last] - x[1, :, 1:last] for x in (heard, expected)), expected[:, :, 1:last].sum(axis=0)
    powers = [np.mean(np.sum(np.abs(x) ** 2, axis=1)) for x in (b, total, a)]
    return np.array([*powers, np.mean(np.sum((a * b.conj()).real, axis=1))])


def _ticks(samples: Samples) -> Floats:
    """Mean square of each 5 ms: array (ticks, channels)."""
    count = len(samples) // _TICK
    return np.asarray(np.mean(samples[: count * _TICK].reshape(count, _TICK, -1) ** 2, axis=1))


def _gap(heard: Samples, expected: Samples, first: int) -> Floats:
    kernel = np.ones(_GAP_TICKS) / _GAP_TICKS
    powers = [_ticks(samples) for samples in (heard, expected)]
    if len(powers[0]) < _GAP_TICKS:
        return np.ones((2, heard.shape[1])) * [[1], [first]]
    a, b = (np.apply_along_axis(np.convolve, 0, power, kernel, "valid") for power in powers)
    near = maximum_filter1d(b, 2 * _NEAR_TICKS + 1, axis=0)
    share = np.where((b > _CLEAR) & (b > _CLEAR_SHARE * near), a / np.maximum(b, _CLEAR), 1.0)
    return np.stack([share.min(axis=0), first + share.argmin(axis=0) * _TICK])


def _burst(heard: Samples, expected: Samples, first: int) -> Floats:
    a, b = _ticks(heard), _ticks(expected)
    if not len(a):
        return np.zeros((2, heard.shape[1]))
    share = a / (maximum_filter1d(b, 2 * _SMEAR_TICKS + 1, axis=0) + _MIN_BURST)
    return np.stack([share.max(axis=0), first + share.argmax(axis=0) * _TICK])


def _peaks(heard: Samples, expected: Samples) -> Floats:
    count = len(heard) // _PEAK_STEP
    a, b = (x[: count * _PEAK_STEP].reshape(count, _PEAK_STEP, -1).mean(axis=1) for x in (heard, expected))
    rows = []
    for channel in range(heard.shape[1]):
        size = np.abs(b[:, channel])
        few = max(1, int(count * _PEAK_SHARE))
        is_peak = size >= (np.partition(size, -few)[-few] if count else 0)
        both, own = a[:, channel] * b[:, channel], b[:, channel] ** 2
        sums = (both[is_peak].sum(), own[is_peak].sum(), both[~is_peak].sum(), own[~is_peak].sum())
        rows.append((*sums, size.max(initial=0)))
    return np.array(rows)
