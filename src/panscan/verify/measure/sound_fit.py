"""How much of each expected sound is in a movie, stretch by stretch.

What is heard is taken apart: the levels of all clips that sound together are found at once, by least squares. So a
clip is missed, or found too loud or out of time, even where another one is louder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise, takewhile

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve, resample_poly

from panscan.timeline.sound import SoundClip
from panscan.verify.measure.sound_parts import SoundPart
from panscan.verify.measure.sound_reading import RATE_HZ, Samples, SoundReader

Floats = npt.NDArray[np.floating]

_STEP = 6  # sound is compared at 8 kHz: below 4 kHz codecs keep the waves themselves
_STRETCH_S = Fraction(1, 2)  # at most: what is lost for half as long is seen
_EDGE_S = Fraction(1, 25)  # of each end of a clip, apart: what starts or ends so much too late is seen there
_EMPHASIS = 0.7  # bass alone would hide the rest, and fits at many places
_MIN_ENERGY_SHARE = 0.01  # of the expected: what is 20 dB quieter is not it
_RIDGE = 1e-3  # sounds that are alike by more than this cannot be told apart, and share what is wrong
_COARSE_SAMPLES = RATE_HZ // 1000  # two roundings to half a millisecond
_SETTLE_SAMPLES = 4 * RATE_HZ  # in which a clip's place is looked for
_MIN_LIKENESS = 0.05  # correlation under which nothing is known of the place
_INDEPENDENT = 1 / 20  # share of the samples whose errors are independent, in narrow sounds


@dataclass(frozen=True, slots=True)
class PartLevel:
    """How much of one clip is in one channel of a stretch.

    Attributes
    ----------
    clip : SoundClip
    level : float
        Of what is expected of it, rms of full scale.
    found : float
        Share of it that is there; 1 is right.
    doubt : float
        Standard error of that.
    """

    clip: SoundClip
    level: float
    found: float
    doubt: float


@dataclass(frozen=True, slots=True)
class StretchFit:
    """One channel of one stretch.

    Attributes
    ----------
    first, end : int
        Record samples.
    channel : int
    heard, expected : float
        Levels, rms of full scale; of what is expected if no sound hinders another.
    waves, rest : float
        Levels of the clips whose waves are expected, and of what none of them accounts for; with raised treble.
    peak : float
        Of what is expected, of full scale.
    has_free : bool
        A clip at another speed sounds, whose waves cannot be foretold: it is part of the rest.
    parts : tuple of PartLevel
    """

    first: int
    end: int
    channel: int
    heard: float
    expected: float
    waves: float
    rest: float
    peak: float
    has_free: bool
    parts: tuple[PartLevel, ...] = field(default=())

    @property
    def length_s(self) -> float:
        """How long it is."""
        return (self.end - self.first) / RATE_HZ


def stretches(clips: Iterable[SoundClip], end_s: Fraction) -> list[tuple[int, int]]:
    """Parts of the record, one after another, of half a second at most; ends of clips and of fades lie between them."""
    times = {Fraction(0), end_s}
    for clip in clips:
        for at_s, fade, way in ((clip.start_s, clip.fade_in, 1), (clip.end_s, clip.fade_out, -1)):
            times |= {at_s - _EDGE_S, at_s, at_s + _EDGE_S}
            times |= {at_s + way * fade.length_s / 2, at_s + way * fade.length_s}
    inside = sorted(time for time in times if 0 <= time <= end_s)
    # Ends of clips lie near each other, too: what is shorter than an edge says nothing.
    kept = [inside[0]]
    for time in inside:
        if time - kept[-1] >= _EDGE_S:
            kept.append(time)
    if len(kept) > 1:
        kept[-1] = end_s
    cut = [
        before + (after - before) * n / parts
        for before, after in pairwise(kept)
        for parts in [max(1, -(-(after - before) // _STRETCH_S))]
        for n in range(int(parts))
    ]
    samples = [round(time * RATE_HZ) for time in [*cut, kept[-1]]]
    return [(first, end) for first, end in pairwise(samples) if end > first]


def fits(
    reader: SoundReader, zero: int, parts: Sequence[SoundPart], spans: Iterable[tuple[int, int]]
) -> Iterator[StretchFit]:
    """Take the sound of a movie apart. `zero`: its sample at the start of the record; `spans`: in rising order."""
    waiting = sorted(parts, key=lambda part: part.first, reverse=True)
    sounding: list[SoundPart] = []
    for first, end in spans:
        for part in [part for part in sounding if part.end <= first]:
            part.close()
            sounding.remove(part)
        while waiting and waiting[-1].first < end:
            sounding.append(waiting.pop())
            if sounding[-1].is_coarse:
                begin = sounding[-1].first
                others = chain(sounding[:-1], reversed(waiting))
                _settle(sounding[-1], others, reader, zero, (begin, begin + _SETTLE_SAMPLES))
        here = [part for part in sounding if part.end > first]
        for part in here:
            if part.clock_jumps:  # where the recordings meet, their samples lie between each other
                _settle(part, [other for other in here if other is not part], reader, zero, (first, end))
        yield from _fit(reader.read(zero + first, end - first), reader.full_channels, here, first, end)
    for part in sounding:
        part.close()


def _settle(
    part: SoundPart, others: Iterable[SoundPart], reader: SoundReader, zero: int, span: tuple[int, int]
) -> None:
    """Move a part whose file does not tell samples apart to where it fits best in a span, by a millisecond at most.

    others: in rising order of their starts, from those on that sound already.
    """
    first, end = max(span[0], part.first), min(span[1], part.end)
    if not part.keeps_waveform or end <= first + 1:
        return
    part.late_samples = 0
    expected, rest = part.samples(first, end), reader.read(zero + first, end - first)
    for other in takewhile(lambda one: one.first < end, others):
        if other.keeps_waveform and other.end > first:
            rest -= other.samples(first, end)
    rest, expected = np.diff(rest, axis=0), np.diff(expected, axis=0)
    product = fftconvolve(rest, expected[::-1], axes=0).sum(axis=1)
    reach = min(_COARSE_SAMPLES, len(rest) - 1)
    near = product[len(rest) - 1 - reach : len(rest) + reach]
    likeness = near.max() / max(float(np.sqrt(np.sum(rest**2) * np.sum(expected**2))), 1e-9)
    if likeness > _MIN_LIKENESS:
        part.late_samples = int(np.argmax(near)) - reach


def _fit(
    heard: Samples, channels: Sequence[int], parts: Sequence[SoundPart], first: int, end: int
) -> Iterator[StretchFit]:
    kept = [part for part in parts if part.keeps_waveform]
    free = [part for part in parts if not part.keeps_waveform]
    waves = [part.samples(first, end) for part in kept]
    free_power = sum((part.power(first, end) for part in free), np.zeros(heard.shape[1]))
    total = sum(waves, np.zeros_like(heard))
    slow = _slow(heard)
    slow_waves = np.zeros((*slow.shape, len(kept)))
    for number, wave in enumerate(waves):
        slow_waves[:, :, number] = _slow(wave)
    for channel in channels:
        columns = slow_waves[:, channel]
        found, unsure, rest = _shares(slow[:, channel], columns)
        rest_level = _level(rest)
        levels = [_level(column) for column in columns.T]
        count = max(1.0, len(columns) * _INDEPENDENT)
        yield StretchFit(
            first,
            end,
            channel,
            _level(heard[:, channel]),
            float(np.sqrt(np.mean(total[:, channel] ** 2) + free_power[channel])),
            _level(columns.sum(axis=1)),
            rest_level,
            float(np.abs(total[:, channel]).max(initial=0)),
            bool(free),
            tuple(
                PartLevel(part.clip, level, share, rest_level / max(level, 1e-9) / count**0.5 * factor)
                for part, level, share, factor in zip(kept, levels, found, unsure, strict=True)
            ),
        )


def _shares(heard: Floats, expected: Floats) -> tuple[list[float], Floats, Floats]:
    """How much of each expected sound (column) is heard, how many times less sure that is than alone, what is left."""
    rest = heard - expected.sum(axis=1)
    count = expected.shape[1]
    more, unsure = np.zeros(count), np.ones(count)
    sounding = np.flatnonzero(np.any(expected, axis=0))
    if len(sounding) and len(rest) > 1:
        # Places are rounded to samples on both sides: a part of the slope moves a sound by a part of a sample.
        columns = np.hstack([expected[:, sounding], np.gradient(expected[:, sounding], axis=0)])
        norms = np.sqrt(np.sum(columns**2, axis=0))
        unit = columns / norms
        gram = unit.T @ unit + _RIDGE * np.eye(len(norms))
        # Shares beside 1 are kept small: of two equal sounds, both count as right if their sum is.
        found = np.linalg.solve(gram, unit.T @ rest) / norms
        more[sounding] = found[: len(sounding)]
        unsure[sounding] = np.sqrt(np.diag(np.linalg.inv(gram)))[: len(sounding)]  # what is alike hinders each other
        rest = rest - columns @ found
    return [float(1 + value) for value in more], unsure, rest


def _slow(samples: Samples) -> Floats:
    """Samples (n, channels) at 8 kHz, their treble raised."""
    slow = resample_poly(samples.astype(np.float64), 1, _STEP, axis=0)
    slow[1:] -= _EMPHASIS * slow[:-1]
    return np.asarray(slow)


def _level(samples: Floats) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def likeness_by_lag(heard: Samples, expected: Samples) -> Floats:
    """Correlation of two sounds at each lag, at 8 kHz: `heard` (more samples, channels), `expected` (n, channels)."""
    a, b = _slow(heard).mean(axis=1), _slow(expected).mean(axis=1)
    product = fftconvolve(a, b[::-1], mode="valid")
    energy = np.maximum(fftconvolve(a**2, np.ones(len(b)), mode="valid"), _MIN_ENERGY_SHARE * np.sum(b**2))
    # Where nothing is to be heard, nothing is alike.
    return np.asarray(product / np.sqrt(energy * np.sum(b**2) + 1e-12))
