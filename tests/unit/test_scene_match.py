"""How much of one picture is seen in another."""

from __future__ import annotations

import numpy as np
import pytest

from media import texture
from panscan.perceive.signals.scene_match import is_same_scene, middle_match, remaining_share, share_of_either

ACROSS, DOWN = np.arange(96.0) * 3, np.arange(54.0) * 3


def scene(seed, across=0.0, down=0.0):
    """A picture of 96 x 54 px; each seed another scene."""
    return np.clip(texture(seed, 0, ACROSS + 3 * across, DOWN + 3 * down), 0, 255).astype(np.uint8)


def covered(picture, other, columns):
    """A picture whose first columns show another."""
    return np.where(np.arange(96) < columns, other, picture).astype(np.uint8)


@pytest.mark.parametrize("light", [lambda p: p, lambda p: p // 2, lambda p: np.minimum(p.astype(int) + 60, 255)])
def test_all_of_a_scene_remains_whatever_the_light(light):
    assert remaining_share(scene(1), light(scene(1)).astype(np.uint8)) > 0.9


def test_little_remains_of_another_scene():
    shares = [remaining_share(scene(1), scene(seed)) for seed in range(2, 12)]
    assert max(shares) < 0.45 and not any(is_same_scene(scene(1), scene(seed)) for seed in range(2, 12))


@pytest.mark.parametrize(("columns", "same"), [(24, True), (48, True), (96, False)])
def test_what_a_hand_covers_does_not_remain(columns, same):
    hand = covered(scene(1), scene(2), columns)
    assert remaining_share(scene(1), hand) == pytest.approx(1 - columns / 96, abs=0.45)
    assert is_same_scene(scene(1), hand) is same


def test_a_scene_that_the_camera_moved_is_looked_for_where_it_went():
    moved = scene(1, across=9)
    assert middle_match(scene(1), moved).shift_px == (9, 0)
    assert remaining_share(scene(1), moved) < 0.5 < 0.9 < remaining_share(scene(1), moved, (9, 0))
    assert is_same_scene(scene(1), moved)


def test_bars_do_not_count():
    rows = np.s_[[*range(12), *range(42, 54)]]
    one, other = scene(1), scene(2)
    one[rows], other[rows] = 16, 16
    assert not is_same_scene(one, other)


def test_flat_pictures_are_told_by_their_light():
    flat = np.full((54, 96), 60, np.uint8)
    assert is_same_scene(flat, flat + 3) and not is_same_scene(flat, flat + 60)


@pytest.mark.parametrize("shape", [(2, 96), (96, 2), (5, 8), (54, 30)])
def test_any_shape_is_taken(shape):
    noise = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    assert is_same_scene(noise, noise)


def test_a_picture_of_two_parts_is_seen_in_either():
    assert share_of_either(scene(1), scene(2), covered(scene(1), scene(2), 48)) > 0.9
    assert share_of_either(scene(1), scene(2), scene(3)) < 0.6
