"""Cameras of retimed clips against what the speed says frame by frame."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panscan.model.framing import Camera
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES
from panscan.timeline.retiming import camera_in_record_frames, rounded_down
from retimed import camera_at

SPEEDS = st.sampled_from(
    [Fraction(s) for s in (2, 3, -1, -2)] + [Fraction(n, d) for n in (1, -1, 7, -3) for d in (2, 3, 10)]
)
PAN = Camera((0, 100), (2.0, 2.0), (0.0, 400.0), (0.0, -100.0))
JUMP = Camera((0, 39, 40, 80), (2.0, 2.0, 3.0, 3.0), (0.0, 100.0, -300.0, -300.0), (0.0, 0.0, 50.0, 90.0))


@settings(max_examples=60, deadline=None)
@given(SPEEDS, st.integers(0, 60), st.integers(0, 3))
@pytest.mark.parametrize("camera", [PAN, JUMP])
def test_every_frame_of_the_cut_has_the_camera_of_its_place(camera, speed, start, quarter) -> None:
    begin = start + Fraction(quarter, 4)
    made = camera_in_record_frames(camera, begin, speed, 1000)
    offsets = range(-20, 200)
    got = made.sample([1000 + r for r in offsets])
    assert np.abs(got - [camera_at(camera, begin + r * speed) for r in offsets]).max() < 1e-9


def test_a_freeze_frame_has_one_key() -> None:
    made = camera_in_record_frames(JUMP, Fraction(40), Fraction(0), 40)
    assert made == Camera((40,), (3.0,), (-300.0,), (50.0,))


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(-1, 3)])
def test_a_jump_falls_on_the_first_frame_that_shows_the_other_picture(speed) -> None:
    start = Fraction(30 if speed > 0 else 50)
    made = camera_in_record_frames(JUMP, start, speed, 0)
    for offset in range(50):
        later = math.floor(start + offset * speed + BOUNDARY_TOLERANCE_FRAMES) >= 40
        assert (made.sample([offset])[0][0] == 3.0) == later


@given(st.fractions(-100, 100, max_denominator=30000), st.fractions(-4, 4, max_denominator=2482000))
def test_many_positions_are_rounded_as_one(start, step) -> None:
    offsets = (0, 1, 7, 2_481_999)
    assert rounded_down(start, step, offsets) == [math.floor(start + n * step) for n in offsets]


def test_a_clip_slowed_down_to_a_day_is_counted_in_a_blink() -> None:
    began = time.process_time()
    assert rounded_down(Fraction(35), Fraction(7, 2_481_400), range(2_481_400))[-1] == 41
    assert time.process_time() - began < 5  # fractions take a minute
