"""Horizons in photos: found where they are sure, told with their tilt, near a third of an establishing shot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import photo_scenes as scenes
from panscan.model.geometry import Ratio, Size
from panscan.photos.briefs import leading_people
from panscan.photos.composition import horizon_off
from panscan.photos.horizon import find_horizon
from panscan.photos.perception import Horizon
from panscan.photos.planner import plan_shots
from panscan.photos.words import describe

WIDE, TALL = 900, 600
NOBODY = np.zeros((0, 4))


def shore(tilt_deg=0.0, y=250, sea=60):
    """A sky of 150 to 190 levels over a darker sea, both with texture."""
    line = y + np.tan(np.radians(tilt_deg)) * (np.arange(WIDE) - WIDE / 2)
    above = np.arange(TALL)[:, None] < line[None, :]
    texture = scenes.textured(WIDE, TALL).astype(np.float64) / 255
    return (np.where(above[..., None], 150, sea) + 40 * texture).astype(np.uint8)


@pytest.mark.parametrize("tilt_deg", [-2.0, 0.0, 3.0])
def test_the_border_of_sky_and_sea_is_found_with_its_tilt(tilt_deg):
    found = find_horizon(shore(tilt_deg), NOBODY)
    assert found.y_px == pytest.approx(250, abs=6)
    assert found.tilt_deg == pytest.approx(tilt_deg, abs=0.5)


def test_people_may_stand_before_it_unless_they_hide_most_of_it():
    picture = shore()
    picture[100:, 200:420] = 20
    body = np.array([[200.0, 100, 420, TALL]])
    assert find_horizon(picture, NOBODY) is None
    assert find_horizon(picture, body).y_px == pytest.approx(250, abs=6)
    assert find_horizon(shore(), np.array([[0.0, 0, 500, TALL]])) is None


def test_a_stripe_a_slope_and_a_texture_are_no_horizon():
    stripe = shore(sea=150)
    stripe[250:262] = 20
    assert find_horizon(stripe, NOBODY) is None
    assert find_horizon(shore(tilt_deg=9.0), NOBODY) is None
    assert find_horizon(shore(sea=150), NOBODY) is None


def test_a_horizon_at_a_third_is_better_than_in_the_middle_or_outside():
    windows = np.array([[0.0, 100, 600, 550], [0, 25, 600, 475], [0, 260, 600, 500]])
    third, middle, outside = horizon_off(windows, Horizon(250.0, 0.0), Size(WIDE, TALL))
    assert third == pytest.approx(0, abs=1e-9)
    assert middle == pytest.approx(outside) == pytest.approx(1 / 6)


def test_an_establishing_shot_lays_the_horizon_nearer_to_a_third_and_words_tell_its_faults():
    seen = scenes.perception((1500, 1000), [scenes.standing("person-1", 700, 420, 400)])
    line = Horizon(440.0, -2.0)
    lined = replace(seen, horizon=line)
    before, after = (
        horizon_off(np.array([plan_shots(s, leading_people(s), Ratio(3, 2)).shots[0].box_px], float), line, s.size)
        for s in (seen, lined)
    )
    assert after < before
    assert "tilted by 2 degrees, its left end is lower" in describe(lined)
    assert "through the head of person-1" in describe(lined)
    assert "horizon" not in describe(replace(seen, horizon=Horizon(700.0, 0.5)))
