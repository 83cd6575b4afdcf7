"""Comparing stretches of sound: what is quiet says nothing about when sound plays."""

from __future__ import annotations

import wave
from fractions import Fraction

import numpy as np
import pytest

from panscan.verify.measure.audio import compare_sound, is_mismatch

RATE_HZ = 44100


def write_wave(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("quiet", [0.0, 2e-5])
def test_quiet_sound_beside_a_stretch_is_not_taken_for_it(quiet, tmp_path):
    rng = np.random.default_rng(5)
    loud = 0.2 * rng.normal(size=RATE_HZ)
    source = np.concatenate([loud[: RATE_HZ // 2], quiet * rng.normal(size=RATE_HZ), loud[: RATE_HZ // 2]])
    output = source + 1e-3 * rng.normal(size=len(source))  # what a codec leaves
    paths = write_wave(tmp_path / "source.wav", source), write_wave(tmp_path / "output.wav", output)
    pairs = [(at_s, Fraction(1, 4), paths[0], at_s) for at_s in (Fraction(n, 8) for n in range(15))]
    found = compare_sound(paths[1], Fraction(0), pairs)
    assert len(found) >= 6
    assert [(float(one.at_s), one.lag_s, one.likeness) for one in found if is_mismatch(one)] == []
    assert max(one.likeness for one in found) <= 1.001
