"""A camera is judged per second: the same move scores the same at every frame rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from panscan.model.framing import Cell
from panscan.model.plan import Shot
from panscan.operate import modes
from panscan.operate.judge import camera_metrics, camera_score
from scenes import aim

RATES = (24, 30, 60)
GRID_HZ = 6  # every moment on this grid is a whole frame at all of these rates
SCALE = 16 / 9
FASTEST = modes.RESPONSIVE.box_costs.max_speed * make.HD.width / GRID_HZ  # source px per moment
BOX = [900.0, 400.0, 160.0, 200.0]


@st.composite
def moves(draw):
    """Moments and crop centres of a camera's bends; `True` where it jumps there; and how many moments it is shown."""
    moments, centers, jumps = [0], [draw(st.floats(304, 1616))], [False]
    for _ in range(draw(st.integers(0, 6))):
        jumps.append(draw(st.booleans()) and draw(st.booleans()))
        if jumps[-1]:
            far = st.floats(304, 1616).filter(lambda x: abs(x - centers[-1]) > 200)
            moments.append(moments[-1] + draw(st.integers(1, 8)))
            centers.append(draw(far))
        else:
            moments.append(moments[-1] + draw(st.integers(2, 12)))
            reach = 0.95 * FASTEST * (moments[-1] - moments[-2])
            target = draw(st.one_of(st.just(centers[-1]), st.floats(304, 1616)))
            centers.append(float(np.clip(target, centers[-1] - reach, centers[-1] + reach)))
    return moments, centers, jumps, moments[-1] + draw(st.integers(1, 30))


def judged(move, rate):
    """Figures and worth of a camera, were it keyed at a frame rate."""
    moments, centers, jumps, length = move
    frames, places = [0], [centers[0]]
    for moment, place, jumped in zip(moments[1:], centers[1:], jumps[1:], strict=True):
        frame = moment * rate // GRID_HZ
        if jumped:
            frames, places = [*frames, frame - 1], [*places, places[-1]]
        frames, places = [*frames, frame], [*places, place]
    keys = [(f, SCALE, SCALE * (make.HD.width / 2 - x), 0.0) for f, x in zip(frames, places, strict=True)]
    cell = Cell(0, 0, make.VERTICAL, make.camera(tuple(keys)))
    shot = Shot(0, length * rate // GRID_HZ)
    looks = np.arange(0, length) * rate // GRID_HZ
    figures = camera_metrics(cell, aim(looks, [BOX] * length), shot, make.HD, float(rate))
    return figures, camera_score(figures, cell, shot, float(rate), 1.0)


@settings(max_examples=60, deadline=None)
@given(moves())
def test_the_same_move_scores_the_same_at_every_rate(move):
    (first, worth), *others = (judged(move, rate) for rate in RATES)
    for figures, other in others:
        assert figures == pytest.approx(first, rel=1e-6, abs=1e-6)
        assert other == pytest.approx(worth, rel=1e-6, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 0.95), st.sampled_from((*RATES, 25, 50, 10)))
def test_the_fastest_moves_are_no_jumps(share, rate):
    """A mode's fastest pan counts as a move at every rate, also where few frames carry it."""
    length = 2 * rate
    far = share * modes.RESPONSIVE.box_costs.max_speed * make.HD.width * (length - 1) / rate
    keys = ((0, SCALE, 0.0, 0.0), (length - 1, SCALE, -SCALE * far, 0.0))
    cell = Cell(0, 0, make.VERTICAL, make.camera(keys))
    figures = camera_metrics(cell, aim([0], [BOX]), Shot(0, length), make.HD, float(rate))
    assert figures["still"] == 0
    assert figures["p95_speed"] == pytest.approx(share * modes.RESPONSIVE.box_costs.max_speed)


@pytest.mark.parametrize("rate", RATES)
def test_a_jump_is_one_at_every_rate(rate):
    figures, _ = judged(([0, 6, 12], [500.0, 500.0, 1400.0], [False, False, True], 18), rate)
    assert (figures["p95_speed"], figures["still"], figures["jerk_s3"]) == (0, 1, 0)
