"""Overlay graphics: what stands still to the pixel while the picture changes."""

from __future__ import annotations

from functools import cache, lru_cache

import cv2
import numpy as np
import pytest

import media
from panscan import ingest
from panscan.measure import Decoder
from panscan.perceive.observe import observe
from panscan.perceive.signals.text import IGNORE, KEEP, TextSignal
from pictures import film, measure

SIZE, RATE = (640, 360), 25


def ground(shift_px, seed=1):
    """Texture; twice as fine and strong as that of the other clips, so that it has edges of its own."""
    return cv2.cvtColor(_grey_ground(shift_px, seed), cv2.COLOR_GRAY2BGR)


@lru_cache(maxsize=200)  # of 225 KiB each: many films have the same ground
def _grey_ground(shift_px, seed):
    x, y = np.arange(float(SIZE[0])), np.arange(float(SIZE[1]))
    return np.clip(126 + 1.6 * (media.texture(seed, 0, 2 * (x - shift_px), 2 * y) - 126), 0, 255).astype(np.uint8)


@cache
def noise(number):
    return np.random.default_rng(number).normal(0, 2.0, (SIZE[1], SIZE[0], 3)).astype(np.float32)


def noisy(picture, frame):
    """Noise takes long to draw: it comes again after 29 frames, which no row of looks meets twice in a caption."""
    return cv2.add(picture, noise(frame % 29), dtype=cv2.CV_8U)


def caption(picture, words="The quick brown fox", at=(150, 320), scale=0.9):
    for colour, thick in (((0, 0, 0), 6), ((255, 255, 255), 2)):
        cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thick, cv2.LINE_AA)
    (width, height), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    return (at[0], at[1] - height, width, height + base)


def look(draw, seconds):
    frames = round(seconds * RATE)
    return measure(TextSignal(film(SIZE, frames)), lambda frame: noisy(draw(frame), frame), frames)


def overlap(a, b):
    both = np.minimum(np.add(a[:2], a[2:]), np.add(b[:2], b[2:])) - np.maximum(a[:2], b[:2])
    common = float(np.prod(np.maximum(both, 0)))
    return common / (a[2] * a[3] + b[2] * b[3] - common)


@pytest.mark.parametrize("speed_px", [0.7, 3.0])
def test_a_caption_over_a_moving_picture(speed_px):
    place = caption(ground(0))

    def draw(frame):
        picture = ground(speed_px * frame)
        if 40 <= frame < 140:
            caption(picture)
        return picture

    found = look(draw, 8)
    assert len(found.first) == 1
    assert abs(found.first[0] - 40) <= 13 and abs(found.end[0] - 140) <= 13
    assert overlap(found.box_px[0], place) > 0.6
    assert found.kind[0] == KEEP and found.score[0] > 0.6


def test_two_lines_are_one_caption():
    first, second = caption(ground(0), at=(150, 290)), caption(ground(0), "jumps over the dog", at=(150, 325))

    def draw(frame):
        picture = ground(2.0 * frame)
        caption(picture, at=(150, 290))
        caption(picture, "jumps over the dog", at=(150, 325))
        return picture

    found = look(draw, 4)
    top, bottom = first[1], second[1] + second[3]
    covered = found.box_px[(found.box_px[:, 1] <= top + 8) & (found.box_px[:, 1] + found.box_px[:, 3] >= bottom - 12)]
    assert len(covered) == 1


def test_a_lower_third_on_a_plate():
    def draw(frame):
        picture = ground(2.0 * frame)
        if 50 <= frame < 150:
            cv2.rectangle(picture, (30, 270), (300, 320), (140, 50, 20), -1)
            caption(picture, "JANE DOE", at=(45, 305), scale=1.0)
        return picture

    found = look(draw, 8)
    assert len(found.first) == 1 and found.kind[0] == KEEP
    left, top, width, height = found.box_px[0]
    assert left <= 50 and top >= 250 and left + width >= 190 and top + height <= 330


def test_a_logo_stands_through_cuts_and_is_ignored():
    def draw(frame):
        picture = ground(0.8 * frame, seed=1 + frame // 60)
        cv2.rectangle(picture, (580, 15), (620, 50), (120, 60, 10), -1)
        cv2.putText(picture, "TV1", (584, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 2, cv2.LINE_AA)
        return picture

    found = look(draw, 10)
    assert len(found.first) == 1
    assert found.kind[0] == IGNORE and found.first[0] == 0 and found.end[0] == 250
    assert overlap(found.box_px[0], (580, 15, 40, 35)) > 0.4


def test_a_caption_that_pops_up_over_a_still_picture():
    still = ground(0)

    def draw(frame):
        picture = still.copy()
        if 40 <= frame < 120:
            caption(picture)
        return picture

    found = look(draw, 6)
    assert len(found.first) == 1 and found.kind[0] == KEEP
    assert 0.3 <= found.score[0] <= 0.6, "less sure than over a moving picture"


def letters():
    picture = ground(0)
    caption(picture)
    caption(picture, "Another sign", at=(80, 120))
    return picture


def test_writing_in_a_still_scene_is_undecided():
    still = letters()
    assert look(lambda frame: still, 6).first.size == 0


def test_writing_that_moves_with_the_scene_is_no_overlay():
    still = letters()
    assert look(lambda frame: np.roll(still, 3 * frame, axis=1), 6).first.size == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texture_is_no_overlay(seed):
    assert look(lambda frame: ground(2.0 * max(0, frame - 60), seed), 6).first.size == 0


def test_a_moving_thing_before_a_still_background_is_no_overlay():
    still, thing = letters(), ground(0, 9)[:120, :90]

    def draw(frame):
        picture = still.copy()
        left = 20 + 3 * frame
        picture[60:180, left : left + 90] = thing[:, : max(0, 640 - left)]
        return picture

    assert look(draw, 6).first.size == 0


# --- films


def seen(name, shared_media):
    probed = ingest.probe(shared_media / f"{name}.mp4")
    return observe(probed, Decoder(probed), signals=["text"]).signals["text"]


def test_the_logo_of_the_white_house(shared_media):
    found = seen("stage_rap_multicut_audio", shared_media)
    assert found.kind.tolist() == [IGNORE]
    assert overlap(found.box_px[0], (576, 17, 33, 33)) > 0.6
    assert (found.first[0], found.end[0]) == (0, 275)


@pytest.mark.parametrize(
    "name",
    [
        "gesture_test_video",
        "football_juggle",
        "dog_and_woman_fetch",
        "coffee_pour_no_face",
        "chaplin_pillarbox",
        "talking_head_512_a",
        "talking_head_square_vfr",
        "derived_interview_two_shot_cuts",
        "one_by_one_person_10fps",
    ],
)
def test_films_without_graphics(name, shared_media):
    assert seen(name, shared_media).first.size == 0
