"""Titles in large letters, and cards: what is laid over the picture is told from what is written in the scene."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import media
from panscan.perceive.signals.text import KEEP, TextSignal
from pictures import film, measure

SIZE, RATE, SECONDS = (640, 360), 25, 6
TITLE_AT = (170, 190)


def scene():
    """Texture with edges of its own, and levels that leave room for white letters."""
    x, y = np.arange(float(SIZE[0])), np.arange(float(SIZE[1]))
    grey = np.clip(80 + 1.4 * (media.texture(1, 0, 2 * x, 2 * y) - 126), 0, 180).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def lettering(picture, opacity=1.0, words="BUNNY", at=TITLE_AT, zoom=1.0):
    """Letters of a sixth of the picture's height: so large that their edges are far apart."""
    over = picture.copy()
    cv2.putText(over, words, at, cv2.FONT_HERSHEY_SIMPLEX, 2.8 * zoom, (255, 255, 255), round(14 * zoom), cv2.LINE_AA)
    return cv2.addWeighted(over, opacity, picture, 1 - opacity, 0)


def look(draw):
    frames = SECONDS * RATE
    noise = np.random.default_rng(1).normal(0, 1.5, (SIZE[1], SIZE[0], 3))
    return measure(
        TextSignal(film(SIZE, frames)),
        lambda frame: np.clip(draw(frame) + np.roll(noise, 7 * frame, axis=0), 0, 255).astype(np.uint8),
        frames,
    )


def print_box(picture):
    rows, columns = np.nonzero(picture[..., 0] > 200)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def assert_is_at(found, wanted):
    assert found.kind.tolist() == [KEEP]
    left, top, width, height = found.box_px[0]
    assert (left, top, left + width, top + height) == pytest.approx(wanted, abs=12)


def test_large_letters_that_fade_in_and_out_are_a_title():
    still = scene()

    def draw(frame):
        return lettering(still, np.clip(min(frame - 30, 130 - frame) / 20, 0, 1))

    found = look(draw)
    assert_is_at(found, print_box(lettering(still)))
    assert 30 <= found.first[0] <= 60 and 105 <= found.end[0] <= 135


def test_a_card_is_a_title_although_it_stands_all_along_and_grows():
    def draw(frame):
        return lettering(np.full((SIZE[1], SIZE[0], 3), 40, np.uint8), zoom=1 + 0.0003 * frame)

    assert_is_at(look(draw), print_box(draw(0)))


def test_large_letters_in_the_scene_are_no_title():
    sign = lettering(scene())
    assert look(lambda frame: sign).first.size == 0


def test_a_sign_that_a_pan_ends_on_is_no_title():
    sign = lettering(scene())
    assert look(lambda frame: np.roll(sign, 8 * max(0, 60 - frame), axis=1)).first.size == 0


@pytest.mark.parametrize("spread_px", [0, 60])
def test_things_before_a_plain_sky_are_no_card(spread_px):
    def draw(frame):
        picture = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)
        for x in (320 - spread_px, 320 + spread_px):
            cv2.ellipse(picture, (x, 180), (50, 20), 20, 0, 360, (30, 30, 30), -1, cv2.LINE_AA)
        return picture

    assert look(draw).first.size == 0
