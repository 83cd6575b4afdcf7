"""Screen content: pictures drawn like a screen, pictures like a camera's, and what moves."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.perceive.signals.screen import ScreenContentSignal
from pictures import film, measure

WIDTH, HEIGHT = 640, 360
SECONDS = 4
FRAMES = 25 * SECONDS


def page(left=40, top=24, width=560, height=312, *, lines_px=24, ground=240, ink=30, letters=1.0, seed=2):
    """A page of drawn letters: bars of ink, 3 px wide and 7 high, in lines on a flat ground."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), ground, np.uint8)
    for y in range(top, top + height - 7, lines_px):
        for x in range(left, left + width - 3, 6):
            edge = x == left or x + 6 >= left + width - 3
            if edge or rng.random() < letters:
                picture[y : y + 7, x : x + 3] = ink
    return picture


def camera(noise=6.0, seed=3):
    """What a camera sees: soft shapes, and noise that is new in each picture."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    scene = 110 + 50 * np.sin(x / 60) + 40 * np.cos(y / 45 + x / 110)
    rng = np.random.default_rng(seed)

    def draw(frame):
        grey = scene + rng.normal(0, noise, scene.shape)
        return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    return draw


def seen(draw, size=(WIDTH, HEIGHT), frames=FRAMES):
    return measure(ScreenContentSignal(film(size, frames)), draw, frames)


def test_a_page_of_letters_that_stands_still_is_screen_content():
    picture = page()
    found = seen(lambda frame: picture)
    assert found.looked.tolist() == [0, 27, 54, 80]  # at 0.9375 looks a second
    assert np.all(found.confidence > 0.9) and np.all(found.still == 1)
    assert np.all(found.hard > 0.12)


def test_light_letters_on_a_dark_ground_are_the_same():
    picture = page(ground=25, ink=230)
    assert np.all(seen(lambda frame: picture).confidence > 0.9)


def test_faint_marks_are_no_letters():
    picture = page(ground=200, ink=150)
    found = seen(lambda frame: picture)
    assert np.all(found.hard == 0) and np.all(found.confidence == 0)


def test_a_slide_is_mostly_empty_and_still_screen_content():
    picture = page(120, 150, 400, 20)
    found = seen(lambda frame: picture)
    assert np.all(found.flat > 0.75) and np.all(found.hard < 0.12)
    assert np.all(found.confidence > 0.9)


@pytest.mark.parametrize(("noise", "is_screen"), [(0.0, True), (6.0, False)])
def test_a_table_is_screen_content_though_pale_lines_are_everywhere(noise, is_screen):
    """Not before a camera, whose noise is on every line."""
    sheet, rng = page(40, 20, 60, 330, lines_px=14).astype(float), np.random.default_rng(6)
    sheet[::12] -= 20
    sheet[:, ::60] -= 20

    def draw(frame):
        noisy = sheet + rng.normal(0, noise, sheet.shape[:2])[..., None] if noise else sheet
        return np.clip(noisy, 0, 255).astype(np.uint8)

    assert np.all((seen(draw).confidence > 0.9) == is_screen)


def test_a_pointer_and_a_line_that_is_typed_do_not_change_that():
    def draw(frame):
        picture = page()
        picture[340:347, 40 : 40 + 4 * frame] = 30
        picture[100:116, 10 + 5 * frame : 22 + 5 * frame] = 0
        return picture

    assert np.all(seen(draw).confidence > 0.9)


@pytest.mark.parametrize("noise", [3.0, 6.0, 12.0])
def test_what_a_camera_sees_is_not(noise):
    found = seen(camera(noise))
    assert np.all(found.confidence == 0) and np.all(found.flat < 0.15)


def test_a_printed_page_before_a_camera_is_not():
    """Hard letters, but noise all over."""
    rng, sheet = np.random.default_rng(4), page().astype(float)

    def draw(frame):
        return np.clip(sheet + rng.normal(0, 6, sheet.shape), 0, 255).astype(np.uint8)

    assert np.all(seen(draw).confidence == 0)


def test_drawn_pictures_that_move_are_not():
    """A cartoon: flat and hard, but in motion."""
    levels = np.random.default_rng(7).integers(0, 256, (HEIGHT // 20, WIDTH // 20)).astype(np.uint8)
    tiles = np.repeat(np.repeat(np.repeat(levels, 20, axis=0), 20, axis=1)[..., None], 3, axis=2)
    found = seen(lambda frame: np.roll(tiles, 6 * frame + 3, axis=1))
    assert np.all(found.still < 0.75) and np.all(found.confidence == 0)
    assert np.all(found.flat > 0.15) and np.all(found.hard > 0.12), "nothing but its motion tells it apart"


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_is_not(level):
    found = seen(lambda frame: np.full((HEIGHT, WIDTH, 3), level, np.uint8))
    assert np.all(found.confidence == 0) and np.all(found.flat == 1) and np.all(found.hard == 0)
    assert found.box_px.tolist() == [[0, 0, WIDTH, HEIGHT]] * SECONDS


@pytest.mark.parametrize("box", [(40, 24, 560, 312), (320, 24, 280, 312), (80, 160, 200, 120)])
def test_the_box_holds_the_letters(box):
    picture = page(*box)
    found = seen(lambda frame: picture).box_px
    left, top, width, height = found[0]
    # Blocks of 8 px, and a fiftieth of the letters at each side may lie outside.
    slack = 8 + 0.02 * max(box[2:])
    assert (found == found[0]).all()
    edges = np.array([left, top, left + width, top + height])
    assert np.abs(edges - [box[0], box[1], box[0] + box[2], box[1] + box[3]]).max() <= slack + 12


def test_a_speck_does_not_widen_the_box():
    picture = page(320, 24, 280, 312)
    picture[340:348, 8:11] = 30
    assert seen(lambda frame: picture).box_px[0, 0] > 300


def test_boxes_are_in_px_of_the_display():
    picture = page(320, 24, 280, 312)
    small, large = seen(lambda frame: picture), seen(lambda frame: picture, size=(3 * WIDTH, 3 * HEIGHT))
    assert np.allclose(large.box_px, 3 * small.box_px)
    right, bottom = (large.box_px[:, :2] + large.box_px[:, 2:]).T
    assert np.all(right <= 3 * WIDTH) and np.all(bottom <= 3 * HEIGHT)


def test_one_look_counts_as_still_and_none_gives_none():
    picture = page()
    alone = seen(lambda frame: picture, frames=10)
    assert alone.looked.tolist() == [0] and alone.still.tolist() == [1.0] and alone.confidence[0] > 0.9
    none = ScreenContentSignal(film((WIDTH, HEIGHT), 10)).finish()
    assert len(none.looked) == 0 and none.box_px.shape == (0, 4) and none.confidence.shape == (0,)


def test_a_change_of_page_is_one_look_that_is_not_still():
    one, two = page(seed=5, letters=0.5), page(seed=6, letters=0.5, ground=60, ink=230)
    found = seen(lambda frame: one if frame < 40 else two)
    assert (found.confidence > 0.9).tolist() == [True, True, False, True]


def test_tiny_pictures_do_not_break_it():
    found = measure(ScreenContentSignal(film((6, 4), 3)), lambda frame: np.zeros((4, 6, 3), np.uint8), 3)
    assert found.confidence.tolist() == [0] and np.isfinite(found.box_px).all()
