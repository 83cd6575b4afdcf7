"""Faults of the sound, planted beside pictures that are copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

import cut_sounds
import tones
from faults import films
from faults.fault import Fault, Plant
from faults.kinds import Stage
from faults.remaking import resounded

# Sound that is copied from one clip, from a clip of variable rate and over several, and sound that is mixed.
KINDS = ("slow pan", "variable rate", "three shots", "dissolves")
COPIED = KINDS[:3]

Floats = npt.NDArray[np.floating]


def _encoded(change: Callable[[Floats], Floats]) -> Plant:
    """The movie's own sound, samples (n, channels), changed and encoded again."""

    def plant(s, t):
        return replace(s, movie=films.with_sound(s.movie, t, change(cut_sounds.heard(s.movie)), bit_rate=192_000))

    return plant


def _other_language(s: Stage, target: Path) -> Stage:
    first = cut_sounds.heard(s.movie) * 0.98  # so that no packet is equal
    return replace(s, movie=films.with_sound(s.movie, target, first, films.noise(3, len(first) / tones.RATE_HZ)))


def late(samples: Floats, by_s: float, since_s: float = 0.0) -> Floats:
    """The samples from a moment on so much later."""
    first, by = round(since_s * tones.RATE_HZ), round(by_s * tones.RATE_HZ)
    return np.concatenate([samples[:first], np.zeros((by, *samples.shape[1:])), samples[first:]])[: len(samples)]


def _level(samples: Floats, gain: float, start_s: float = 0.0, end_s: float = 1e9) -> Floats:
    """Another level in one part."""
    at_s = np.arange(len(samples))[:, None] / tones.RATE_HZ
    return np.where((at_s >= start_s) & (at_s < end_s), samples * gain, samples)


FAULTS = (
    Fault(
        "sound 60 ms late",
        lambda s, t: replace(s, movie=resounded(s.movie, t, delay_s=Fraction(60, 1000))),
        "sound",
        KINDS,
    ),
    Fault("sound cut short", lambda s, t: replace(s, movie=resounded(s.movie, t, length_s=1.0)), "sound", KINDS),
    Fault("sound 60 ms late, encoded again", _encoded(lambda x: late(x, 0.06)), "sound", KINDS),
    Fault("sound 60 ms late from 0.7 s on", _encoded(lambda x: late(x, 0.06, 0.7)), "sound", KINDS),
    Fault("sound of another film", _encoded(lambda x: films.noise(2, len(x) / tones.RATE_HZ)), "sound", KINDS),
    Fault("second language of another film", _other_language, "sound", ("two languages",), why="others have one"),
    Fault("sound 3 dB louder", _encoded(lambda x: x * 1.41), "sound", KINDS),
    Fault("half a second of silence", _encoded(lambda x: _level(x, 0, 0.5, 1.0)), "sound", KINDS),
    Fault("sound 6 dB quieter in its last half second", _encoded(lambda x: _level(x, 0.5, 0.8)), "sound", KINDS),
)
