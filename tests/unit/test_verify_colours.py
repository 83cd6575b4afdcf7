"""The map of all colours: what changes it, what does not, and where nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.verify.measure.colours import colour_map, sums_of
from panscan.verify.measure.similarity import fit_gain_and_lift, likeness, rms


def planes(seed, spread=(40.0, 12.0, 15.0)):
    """Brightness and colours that vary slowly, each in its own way: arrays (120, 160)."""
    rng = np.random.default_rng(seed)
    x, y = np.linspace(0, 2 * np.pi, 160), np.linspace(0, 2 * np.pi, 120)[:, None]
    made = []
    for levels in spread:
        a, b, phase = [*rng.uniform(1, 3, 2).tolist(), rng.uniform(0, 6)]
        made.append((128 + levels * np.sin(a * x + b * y + phase)).astype(np.float32))
    return tuple(made)


def mapped(change, cells=3, **kind):
    found = []
    for seed in range(cells):
        y, u, v = planes(seed, **kind)
        rng = np.random.default_rng(100 + seed)
        seen = [np.asarray(p + rng.normal(0, 2, p.shape), np.float32) for p in change(y, u, v)]
        found.append(sums_of(tuple(seen), (y, u, v)))
    return colour_map(found)


def test_the_same_colours_with_grain():
    same = mapped(lambda y, u, v: (y, u, v))
    assert same.saturation == pytest.approx(1, abs=0.01) and abs(same.crosstalk) < 0.01
    assert max(abs(t) for t in same.tint_levels) < 0.1


@pytest.mark.parametrize("factor", [0.8, 0.95, 1.1])
def test_saturation(factor):
    faded = mapped(lambda y, u, v: (y, 128 + (u - 128) * factor, 128 + (v - 128) * factor))
    assert faded.saturation == pytest.approx(factor, abs=0.02)


def test_a_tint():
    tinted = mapped(lambda y, u, v: (y, u + 3, v - 2))
    assert tinted.tint_levels == pytest.approx((3, -2), abs=0.1) and tinted.saturation == pytest.approx(1, abs=0.02)


def test_another_matrix_is_found_in_the_brightness():
    other = mapped(lambda y, u, v: (y - 0.118 * (u - 128) - 0.213 * (v - 128), u, v))
    assert other.crosstalk == pytest.approx(-0.213, abs=0.03)


def test_swapped_planes():
    assert abs(mapped(lambda y, u, v: (y, v, u)).crosstalk) > 0.5


def test_grey_pictures_say_nothing():
    grey = mapped(lambda y, u, v: (y, 128 + (u - 128) * 0.5, v), spread=(40.0, 0.2, 0.2))
    assert grey.saturation == pytest.approx(1, abs=0.02) and abs(grey.crosstalk) < 0.02
    assert colour_map([]) is None


def test_gain_lift_and_likeness():
    rng = np.random.default_rng(5)
    a = rng.normal(100, 20, (50, 60)).astype(np.float32)
    assert fit_gain_and_lift(a, 0.9 * a + 7) == pytest.approx((0.9, 7, 1), abs=1e-3)
    assert likeness(a, 200 - a) == pytest.approx(-1, abs=1e-3)
    assert rms(a, a + 3) == pytest.approx(3, abs=1e-4)
    flat = np.full_like(a, 90)
    assert fit_gain_and_lift(flat, flat + 4)[:2] == (1.0, pytest.approx(4)) and likeness(flat, a) == 0
