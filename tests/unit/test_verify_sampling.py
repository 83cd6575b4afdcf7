"""Where a camera jumps, where it moves, and where samples of colour planes lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.expectation import ExpectedPicture
from panscan.verify.measure import sampling
from panscan.verify.measure.crop_views import expected_view
from panscan.verify.measure.planes import LUMA_SITING, Plane, PlaneSiting

SOURCE, CANVAS = Size(640, 360), Size(180, 320)


@dataclass
class Expected:
    """As much of an expectation as the sampling asks for."""

    cut: object
    pictures: list
    mixes: dict = field(default_factory=dict)

    def framing_of(self, shown):
        return self.cut.clips[shown.clip].framing


def expected(*clips):
    """Clips of (frame count, key frames, x_px)."""
    made, shown = [], []
    for n, (count, keys, x_px) in enumerate(clips):
        camera = Camera(keys, (1.0,) * len(keys), x_px, (0.0,) * len(keys))
        made.append(SimpleNamespace(framing=Framing(CANVAS, SOURCE, Fraction(25), (Cell(0, 0, CANVAS, camera),))))
        shown += [ExpectedPicture(n, frame, len(shown) + frame) for frame in range(count)]
    return Expected(SimpleNamespace(clips=made, rate=Fraction(25)), shown)


def test_keys_on_neighbouring_frames_are_a_jump():
    there = expected((40, (0, 19, 20, 39), (0.0, 0.0, 200.0, 200.0)))
    assert sampling.camera_jumps(there) == [20]
    assert {19, 20} <= sampling.sample_numbers(there)
    assert sampling.fastest_pictures(there) == []


def test_a_fast_pan_is_no_jump():
    fast = expected((11, (0, 10), (0.0, 300.0)))
    assert sampling.camera_jumps(fast) == []
    assert len(sampling.fastest_pictures(fast)) >= 3


def test_a_slow_move_is_sampled_where_it_moves():
    slow = expected((200, (0, 150, 170), (0.0, 0.0, 6.0)))
    assert all(150 < n <= 170 for n in sampling.fastest_pictures(slow)) and len(sampling.fastest_pictures(slow)) >= 5
    assert set(sampling.fastest_pictures(slow)) <= sampling.sample_numbers(slow)


def test_a_long_movie_is_sampled_as_closely_as_a_minute():
    minute = 60 * 25
    ends = tuple(range(0, 4 * minute + 1, 50))
    long = expected((4 * minute, ends, tuple(100.0 * (n % 2) for n in range(len(ends)))))
    counts, _ = np.histogram(sorted(sampling.sample_numbers(long)), range(0, 4 * minute + 1, minute))
    assert counts.min() >= 30 and counts.max() <= 72
    assert len(sampling.fastest_pictures(long)) == 4 * 12


@pytest.mark.parametrize(("x_px", "found"), [(0.0, []), (100.0, [10])])
def test_the_next_clip_shows_another_place(x_px, found):
    assert sampling.view_changes(expected((10, (0,), (0.0,)), (10, (0,), (x_px,)))) == found


LEFT = PlaneSiting(2, 2, 0.5, 1.0)


def test_samples_after_turning():
    assert LEFT.turned(0) == LEFT and LEFT.turned(4) == LEFT
    assert LEFT.turned(1) == PlaneSiting(2, 2, 1.0, 1.5)  # what was left lies at the bottom
    assert LEFT.turned(2) == PlaneSiting(2, 2, 1.5, 1.0)
    assert LEFT.turned(3) == PlaneSiting(2, 2, 1.0, 0.5)
    assert LUMA_SITING.turned(3) == LUMA_SITING


@pytest.mark.parametrize("scale", [0.75, 1.0, 1.78, 3.0])
def test_colour_samples_are_where_h264_puts_them(scale):
    """A wave over the source, sampled on the left of each pair, must come out on the left of each pair."""

    def wave(x):
        return 128 + 60 * np.sin(x / 23.0)

    plane = Plane(np.tile(wave(np.arange(320) * 2 + 0.5).astype(np.float32), (180, 1)), siting=LEFT)
    crop = (101.3, 40.0, 180 / scale, 160 / scale)
    view, _inside = expected_view(plane, crop, (1.0, 1.0), (90, 80), LEFT)
    wanted = wave(crop[0] + (np.arange(90) * 2 + 0.5) / scale)
    error = np.abs(view[40] - wanted)[3:-3]
    assert error.max() < 0.6
    other, _inside = expected_view(plane, crop, (1.0, 1.0), (90, 80), PlaneSiting(2, 2, 1.0, 1.0))
    assert np.abs(other[40] - wanted)[3:-3].mean() > 2 * error.mean()
