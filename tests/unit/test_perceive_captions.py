"""Captions that change: found on any picture, in any writing; what is no caption is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_perceive_text import RATE, SIZE, ground, noisy, seen

from panscan.perceive.signals.text import CAPTION, TextSignal
from pictures import film, measure

LINES = ("this is what she wanted", "to tell about the house", "and nobody went there", "until winter came again")
PLAIN, BOLD = cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX
EVERY = 38  # frames: a second and a half


def write(picture, words, *, bottom=330, middle=320, left=None, scale=0.8, colour=(255, 255, 255), font=BOLD):
    """Draw outlined words; their box."""
    (width, height), base = cv2.getTextSize(words, font, scale, 2)
    x = round(middle - width / 2) if left is None else left
    for shade, thick in (((0, 0, 0), 6), (colour, 2)):
        cv2.putText(picture, words, (x, bottom), font, scale, shade, thick, cv2.LINE_AA)
    return (x, bottom - height, width, height + base)


def glyphs(picture, number):
    """A line of square signs made of strokes, as Chinese has them."""
    random = np.random.default_rng(number)
    count = 11 + number % 3
    for sign in range(count):
        x = 320 - 13 * count + 26 * sign
        for _ in range(6):
            at, low = random.integers(0, 20, 2)
            end = (x + at, 330 - low + 12) if random.random() < 0.5 else (x + at + 12, 330 - low)
            for shade, thick in ((0, 4), (255, 2)):
                cv2.line(picture, (x + int(at), 330 - int(low)), (int(end[0]), int(end[1])), (shade,) * 3, thick)


def plain(picture, number, _since):
    return write(picture, LINES[number % 4])


def yellow(picture, number, _since):
    return write(picture, LINES[number % 4], colour=(40, 230, 240), font=PLAIN)


def at_the_top(picture, number, _since):
    return write(picture, LINES[number % 4], bottom=45)


def two_lines(picture, number, _since):
    write(picture, LINES[number % 4], bottom=300)
    return write(picture, LINES[(number + 1) % 4])


def one_or_two_lines(picture, number, _since):
    if number % 2:
        write(picture, LINES[(number + 2) % 4], bottom=300)
    return write(picture, LINES[number % 4])


def flush_left(picture, number, _since):
    return write(picture, LINES[number % 4], left=90)


def words_light_up(picture, number, since):
    box = write(picture, LINES[number % 4])
    step = box[2] // 4
    lit = picture[box[1] : box[1] + box[3], box[0] + step * (since // 8 % 4) :][:, :step]
    lit[lit.min(axis=2) > 200] = (0, 200, 255)
    return box


def on_a_plate(picture, number, _since):
    cv2.rectangle(picture, (60, 300), (580, 345), (40, 40, 40), -1)
    return write(picture, LINES[number % 4])


def signs(picture, number, _since):
    glyphs(picture, number)


STYLES = [plain, yellow, at_the_top, two_lines, one_or_two_lines, flush_left, words_light_up, on_a_plate, signs]


def captions(draw, seconds=6.0):
    frames = round(seconds * RATE)
    found = measure(TextSignal(film(SIZE, frames)), lambda frame: noisy(draw(frame), frame), frames)
    rows = found.kind == CAPTION
    return found.first[rows], found.end[rows], found.box_px[rows]


def covered(first, end, frames):
    """Share of the frames in which a caption stands."""
    stands = np.zeros(frames, bool)
    for a, b in zip(first, end, strict=True):
        stands[a:b] = True
    return stands.mean()


@pytest.mark.parametrize("speed_px", [0, 2.0], ids=["still", "moving"])
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
def test_captions_that_change_are_found(style, speed_px):
    def draw(frame):
        picture = ground(speed_px * frame)
        style(picture, frame // EVERY, frame % EVERY)
        return picture

    first, end, box = captions(draw)
    assert covered(first, end, 6 * RATE) > 0.6
    assert box[:, 2].max() > 0.4 * SIZE[0], "as wide as its line"


def test_a_caption_has_its_place_and_time():
    def draw(frame):
        picture = ground(2.0 * frame)
        if frame >= EVERY:
            write(picture, LINES[frame // EVERY % 4])
        return picture

    first, end, box = captions(draw)
    assert len(first) == 3 and (np.abs(first - EVERY * np.arange(1, 4)) <= 14).all()
    assert (np.abs(end[:-1] - first[1:]) <= 14).all()
    for n, found in enumerate(box, 1):
        left, top, width, height = np.subtract(found, write(ground(0), LINES[n % 4]))
        assert np.abs([left, top, left + width, top + height]).max() <= 8


@pytest.mark.parametrize("style", [plain, two_lines])
def test_captions_are_not_titles_too(style):
    """Letters of the next caption stand where some of the last one did: that is no title that stands on."""

    def draw(frame):
        picture = ground(2.0 * frame)
        style(picture, frame // EVERY, 0)
        return picture

    frames = 6 * RATE
    found = measure(TextSignal(film(SIZE, frames)), lambda frame: noisy(draw(frame), frame), frames)
    assert len(found.kind) >= 3 and (found.kind == CAPTION).all()


def test_one_line_is_no_run_of_captions():
    def draw(frame):
        picture = ground(2.0 * frame)
        if 40 <= frame < 90:
            write(picture, LINES[0])
        return picture

    assert not len(captions(draw)[0])


def test_a_line_that_comes_again_is_one_line():
    """As a sign does, that people pass in front of."""

    def draw(frame):
        picture = ground(2.0 * frame)
        if frame % 40 < 30:
            write(picture, LINES[0])
        return picture

    assert not len(captions(draw)[0])


def test_lines_at_different_places_are_no_captions():
    def draw(frame):
        picture, number = ground(2.0 * frame), frame // EVERY
        write(
            picture, LINES[number % 4], bottom=(330, 90, 200, 140, 270)[number % 5], middle=(320, 250, 390)[number % 3]
        )
        return picture

    assert not len(captions(draw)[0])


def test_writing_that_scrolls_is_no_caption():
    def draw(frame):
        picture = ground(0)
        write(picture, " ".join(LINES), left=600 - 6 * frame)
        return picture

    assert not len(captions(draw)[0])


@pytest.mark.parametrize("speed_px", [0.5, 3.0, 11.0])
def test_texture_has_no_captions(speed_px):
    assert not len(captions(lambda frame: ground(speed_px * frame * (frame % 50 < 25), seed=4))[0])


# --- films


def test_a_run_of_captions_on_a_plate(shared_media):
    found = seen("variety_interview_captions", shared_media)
    rows = found.kind == CAPTION
    assert rows.sum() >= 3 and (found.box_px[rows, 1] > 600).all(), "at the bottom of 720"
    assert found.first[rows].min() / 29.97 > 10 and found.end[rows].max() / 29.97 < 20


@pytest.mark.parametrize("name", ["hockey_goal_cuts", "soccer_broadcast_720p", "man_beside_title_640", "surf_waves"])
def test_scores_titles_and_water_are_no_captions(name, shared_media):
    assert not (seen(name, shared_media).kind == CAPTION).any()
