"""How much of each expected sound is in a movie, stretch by stretch.

What is heard is taken apart: the levels of all clips that sound together are found at once, by least squares. So a
clip is missed, or found too loud or out of time, even where another one is louder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from panscan.timeline.sound import SoundClip
from panscan.verify.measure.sound_reading import RATE_HZ, Samples
from panscan.verify.measure.sound_stretches import Stretch

Floats = npt.NDArray[np.floating]

_STEP = 6  # sound is compared at 8 kHz: below 4 kHz codecs keep the waves themselves
_EMPHASIS = 0.7  # bass alone would hide the rest, and fits at many places
_RIDGE = 1e-3  # sounds that are alike by more than this cannot be told apart, and share what is wrong
MOMENT_SAMPLES = RATE_HZ * 4 // 25  # 160 ms: what is something else for half as long is found
_MIN_MOMENT = 1e-3  # rms of full scale, -60 dB: fainter moments are not compared ...
_MIN_MOMENT_SHARE = 0.1  # ... nor those 10 dB fainter than the loudest nearby: codecs spend little on them
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
    moments : tuple of float
        Share of all waves that is there, for moments of a sixth of a second, one after another.
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
    moments: tuple[float, ...]
    parts: tuple[PartLevel, ...] = field(default=())

    @property
    def length_s(self) -> float:
        """How long it is."""
        return (self.end - self.first) / RATE_HZ

    @property
    def moment_doubt(self) -> float:
        """Three standard errors of a moment's share."""
        independent = MOMENT_SAMPLES / _STEP * _INDEPENDENT
        return float(3 * self.rest / max(self.waves, 1e-9) / independent**0.5)


def fit_stretch(stretch: Stretch) -> Iterator[StretchFit]:
    """Take one stretch of a movie's sound apart, channel by channel."""
    heard, expected = stretch.heard, stretch.expected
    free_power = sum((part.power(stretch.first, stretch.end) for part in stretch.free), np.zeros(heard.shape[1]))
    slow = slow_sound(heard)
    slow_waves = np.zeros((*slow.shape, len(stretch.parts)))
    for number, wave in enumerate(stretch.waves):
        slow_waves[:, :, number] = slow_sound(wave)
    for channel in stretch.channels:
        columns = slow_waves[:, channel]
        found, unsure, rest = _shares(slow[:, channel], columns)
        rest_level = _level(rest)
        levels = [_level(column) for column in columns.T]
        count = max(1.0, len(columns) * _INDEPENDENT)
        yield StretchFit(
            stretch.first,
            stretch.end,
            channel,
            _level(heard[:, channel]),
            float(np.sqrt(np.mean(expected[:, channel] ** 2) + free_power[channel])),
            _level(columns.sum(axis=1)),
            rest_level,
            float(np.abs(expected[:, channel]).max(initial=0)),
            bool(stretch.free),
            _moments(slow[:, channel], columns.sum(axis=1)),
            tuple(
                PartLevel(part.clip, level, share, rest_level / max(level, 1e-9) / count**0.5 * factor)
                for part, level, share, factor in zip(stretch.parts, levels, found, unsure, strict=True)
            ),
        )


def _moments(heard: Floats, expected: Floats) -> tuple[float, ...]:
    """How much of what is expected is heard, moment by moment; 1 where too little is to be told."""
    count = len(expected) * _STEP // MOMENT_SAMPLES
    if not count:
        return ()
    power, product = (
        np.array([np.mean(part) for part in np.array_split(values, count)])
        for values in (expected**2, heard * expected)
    )
    is_clear = (power > _MIN_MOMENT**2) & (power > _MIN_MOMENT_SHARE * power.max())
    return tuple(float(share) for share in np.where(is_clear, product / np.maximum(power, _MIN_MOMENT**2), 1.0))


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


def slow_sound(samples: Samples) -> Floats:
    """Samples (n, channels) at 8 kHz, their treble raised."""
    slow = resample_poly(samples.astype(np.float64), 1, _STEP, axis=0)
    slow[1:] -= _EMPHASIS * slow[:-1]
    return np.asarray(slow)


def _level(samples: Floats) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
