"""Texts in photos: found where letters are large and clear, and held whole or left out."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

import photo_scenes as scenes
from panscan.model.geometry import Ratio
from panscan.photos.briefs import leading_people
from panscan.photos.composition import cut_texts
from panscan.photos.planner import plan_shots
from panscan.photos.texts import find_texts
from panscan.photos.words import describe


def with_words(picture, *lines, at, scale=2.2):
    """White letters with a thickness of a sixth of their height, one line below the other."""
    for n, words in enumerate(lines):
        place = (at[0], at[1] + round(32 * scale * n))
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 9, cv2.LINE_AA)
    return picture


def print_box(picture):
    rows, columns = np.nonzero(picture.min(axis=2) > 240)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def ground(wide=960, tall=640):
    return scenes.textured(wide, tall) // 3


@pytest.mark.parametrize("scale", [1.6, 4.0])
def test_lines_of_a_sign_are_one_text(scale):
    picture = with_words(ground(), "OPEN", "DAILY", at=(300, 260), scale=scale)
    assert find_texts(picture) == pytest.approx(np.array([print_box(picture)]), abs=12)


def test_a_texture_and_a_grid_hold_no_text():
    grid = np.full((640, 960, 3), 20, np.uint8)
    grid[::32] = grid[:, ::32] = 255
    assert not len(find_texts(ground()))
    assert not len(find_texts(grid))


def test_a_text_is_cut_unless_it_is_wholly_inside_or_outside():
    windows = np.array([[0.0, 0, 400, 300], [0, 0, 200, 300], [0, 0, 100, 300], [100, 0, 400, 300]])
    assert cut_texts(windows, np.array([[100.0, 50, 300, 100]])).tolist() == [0, 1, 0, 0]


def test_a_crop_makes_room_for_a_sign_and_the_words_tell_of_it():
    person = scenes.standing("person-1", 700, 150, 700)
    seen = scenes.perception((1500, 1000), [person])
    shot = plan_shots(seen, leading_people(seen), Ratio(3, 2)).shots[1]
    right = shot.box_px[2]
    sign = np.array([[right - 40.0, 300, right + 20, 340]])  # the crop without a sign would cut it
    signed = replace(seen, texts_px=sign)
    moved = plan_shots(signed, leading_people(signed), Ratio(3, 2)).shots[1]
    assert cut_texts(np.array([shot.box_px], np.float64), sign) == [1]
    assert cut_texts(np.array([moved.box_px], np.float64), sign) == [0]
    assert "a text" in describe(signed)
