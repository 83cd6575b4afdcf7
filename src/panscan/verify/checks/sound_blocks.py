"""What is wrong with a movie's sound by frequency, by moment, and between left and right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from panscan.verify.checks.sound_fault import SoundFault, decibels
from panscan.verify.measure.sound_blocks import BAND_EDGES_HZ, BlockLevels
from panscan.verify.report import Grade
from panscan.verify.thresholds import (
    ADDED_POWER,
    BURST_POWER,
    GAP_POWER,
    LOST_POWER,
    PEAK_SHARE,
    SIDES_POWER,
    SIDES_SHARE,
    TREBLE_FAIL_HZ,
    TREBLE_FLAG_HZ,
)

Floats = npt.NDArray[np.floating]

_MASKED_NEXT = 0.03  # loud bands mask the next ones up to 15 dB below; MP2 has no finer bands than 750 Hz
_MASKED_ALL = 1e-4  # 40 dB below the sound of all bands, where codecs save on pure tones
_INAUDIBLE = 3e-8  # power, -75 dB of full scale
_TOLD, _TOLD_SHARE = 1e-6, 1e-4  # power of a band from which it is missed, and share of all bands
_SIDE, _SIDE_SHARE = 1e-6, 1e-3  # power of the difference of left and right from which it is compared, of their sum
_SIDE_BLOCKS = 4  # two seconds, in which left and right are compared
_LOUD_PEAK = 0.5  # of the highest peak: lower ones are not cut off
_EDGES = np.array(BAND_EDGES_HZ)


def block_faults(blocks: Sequence[BlockLevels], louder: float) -> Iterator[SoundFault]:
    """What is wrong, the plainest first. `louder`: level of all beside what is expected."""
    yield from _side_faults(blocks)
    yield from _gaps(blocks, louder)
    yield from _lost_bands(blocks, louder)
    yield from _added_sounds(blocks)
    yield from _bursts(blocks, louder)
    yield from _cut_peaks(blocks)


def _side_faults(blocks: Sequence[BlockLevels]) -> Iterator[SoundFault]:
    told = [block for block in blocks if len(block.sides)]
    for n in range(0, len(told), _SIDE_BLOCKS):
        few = told[n : n + _SIDE_BLOCKS]
        expected, total, heard, product = np.mean([block.sides for block in few], axis=0)
        if expected < max(_SIDE, _SIDE_SHARE * total):
            continue
        share, power = product / expected, heard / expected
        if share < -SIDES_SHARE[0]:
            yield SoundFault(few[0].first, "has left and right swapped")
        elif power < SIDES_POWER:
            yield SoundFault(few[0].first, "is too much the same left and right")
        elif not SIDES_SHARE[0] <= share <= SIDES_SHARE[1]:
            yield SoundFault(few[0].first, "has another difference of left and right than it should")


def _gaps(blocks: Sequence[BlockLevels], louder: float) -> Iterator[SoundFault]:
    for block in blocks:
        if block.gap[0].min() < GAP_POWER * louder**2:
            yield SoundFault(int(block.gap[1, block.gap[0].argmin()]), "drops out for a moment")


def _bursts(blocks: Sequence[BlockLevels], louder: float) -> Iterator[SoundFault]:
    for block in blocks:
        if block.burst[0].max() > BURST_POWER * louder**2:
            yield SoundFault(int(block.burst[1, block.burst[0].argmax()]), "holds a click or another short sound")


def _lost_bands(blocks: Sequence[BlockLevels], louder: float) -> Iterator[SoundFault]:
    for block in blocks:
        told = block.expected > np.maximum(_TOLD, _TOLD_SHARE * block.expected.sum(axis=1, keepdims=True))
        lost = told & (block.heard < LOST_POWER * louder**2 * block.expected) & (_EDGES[:-1] < TREBLE_FLAG_HZ)
        if lost.any():
            bands = np.flatnonzero(lost.any(axis=0))
            low, high = _EDGES[bands[0]], _EDGES[bands[-1] + 1]
            grade: Grade = "fail" if low < TREBLE_FAIL_HZ else "flag"
            yield SoundFault(block.first, f"lacks what lies between {low} and {high} Hz", None, grade)


def _added_sounds(blocks: Sequence[BlockLevels]) -> Iterator[SoundFault]:
    for block in blocks:
        share = block.added / _masking(block.expected)
        if share.max() > ADDED_POWER:
            channel, band = np.unravel_index(share.argmax(), share.shape)
            level = decibels(float(block.added[channel, band]) ** 0.5)
            where = f"between {BAND_EDGES_HZ[band]} and {BAND_EDGES_HZ[band + 1]} Hz"
            yield SoundFault(block.first, f"holds something else {where}, {level:.0f} dB of full scale")


def _masking(expected: Floats) -> Floats:
    """Power in each band below which nothing else is heard beside what is expected."""
    spread = expected.copy()
    count = spread.shape[1]
    for band in range(1, count):
        spread[:, band] = np.maximum(spread[:, band], _MASKED_NEXT * spread[:, band - 1])
    for band in range(count - 2, -1, -1):
        spread[:, band] = np.maximum(spread[:, band], _MASKED_NEXT * spread[:, band + 1])
    return np.asarray(spread + _MASKED_ALL * expected.sum(axis=1, keepdims=True) + _INAUDIBLE)


def _cut_peaks(blocks: Sequence[BlockLevels]) -> Iterator[SoundFault]:
    if not blocks:
        return
    peaks = np.array([block.peaks for block in blocks])
    for channel in range(peaks.shape[1]):
        rows = peaks[:, channel]
        loud = rows[:, 4] >= _LOUD_PEAK * rows[:, 4].max()
        high, high_power, rest, rest_power = rows[loud, :4].sum(axis=0)
        if rest_power * high_power > 0 and high * rest_power < PEAK_SHARE * rest * high_power:
            yield SoundFault(blocks[int(rows[:, 4].argmax())].first, "has its peaks cut off")


def first_fault(faults: Iterator[SoundFault]) -> SoundFault | None:
    """The first fault that rejects, or else the first one."""
    found = list(islice(faults, 1))
    for fault in (*found, *faults):
        if fault.grade == "fail":
            return fault
    return found[0] if found else None
