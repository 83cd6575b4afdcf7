"""Parts of what is seen in screen recordings: changes, shifts, lines of text, keyboards, and odd recordings."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.screen_activity.areas import by_itself_left_out
from panscan.perceive.signals.screen_activity.changes import Blob, find_changes
from panscan.perceive.signals.screen_activity.found import FoundEvent
from panscan.perceive.signals.screen_activity.keyboard import keyboard_top
from panscan.perceive.signals.screen_activity.record import ScreenRecorder
from panscan.perceive.signals.screen_activity.shifts import content_shift, explains
from panscan.perceive.signals.screen_activity.signal import ScreenEventsSignal
from panscan.perceive.signals.screen_activity.text_lines import line_height, text_lines, whole_line
from panscan.perceive.signals.screen_activity.writing import find_writing
from pictures import Shown, film
from screen_recordings import DESKTOP_PT, PHONE_PT, Screen, Truth, desktop, phone_page
from screen_scenes import phone_typing


def screen(size_pt=DESKTOP_PT, page=None, scale=1, dark=False):
    width, height = (round(side * scale) for side in size_pt)
    drawn = Screen(np.zeros((height, width), np.uint8), scale, dark, Truth(size_px=(width, height)))
    (page or desktop())(drawn)
    return drawn


def test_changes_beside_each_other_are_kept_apart():
    before = screen()
    after = screen()
    after.text("a word", (60, 90))
    after.text("elsewhere", (60, 130))
    changes = find_changes(before.page, after.page, 7)
    assert [blob.sample for blob in changes.blobs] == [7, 7]
    (left, top, width, height), (_, lower, _, _) = sorted((blob.box for blob in changes.blobs), key=lambda box: box[1])
    assert 58 <= left <= 64 and 88 <= top <= 96 and 40 <= width <= 60 and 8 <= height <= 20 and lower >= 128
    assert 0 < changes.spread < 0.02


def test_coding_noise_is_no_change():
    page = screen().page
    noise = np.random.default_rng(1).integers(-8, 9, page.shape)
    assert find_changes(page, np.clip(page + noise, 0, 255).astype(np.uint8), 1).blobs == []


@pytest.mark.parametrize("shift", [(0, -36), (0, 100), (45, 0)])
def test_content_that_moves_is_told_by_how_much(shift):
    dx, dy = shift
    page = screen().page[:, 640:]
    moved = np.roll(page, (dy, dx), (0, 1))
    assert content_shift(page, moved) == shift
    assert explains(shift, page, moved, (100, 200, 300, 200))


def test_content_that_is_another_has_not_moved():
    one, other = (screen(page=desktop(seed)).page[:, 640:] for seed in (1, 2))
    assert content_shift(one, other) == (0, 0)
    assert not explains((0, -36), one, other, (100, 200, 300, 200))


@pytest.mark.parametrize("scale", [1, 2])
def test_a_line_of_text_is_found_whole_and_as_high_as_it_is(scale):
    drawn = screen(scale=scale)
    drawn.text("user at home with a prompt and what is typed", (60, 90))
    lines = text_lines(drawn.page)
    left, top, width, height = whole_line(lines, (200 * scale, 92 * scale, 40 * scale, 14 * scale))
    assert left <= 64 * scale and left + width >= 440 * scale and 88 * scale <= top and height <= 20 * scale
    assert 8 * scale <= line_height(lines, (60 * scale, 90 * scale, 400 * scale, 20 * scale)) <= 18 * scale


@pytest.mark.parametrize("dark", [False, True])
def test_a_keyboard_is_found_by_its_keys_and_nothing_else_is_one(dark):
    drawn = screen(PHONE_PT, phone_page, scale=2, dark=dark)
    assert keyboard_top(drawn.page) is None
    for _ in phone_typing("", (16, 250))(drawn):
        drawn.frame += 1
    _, top = drawn.truth.keyboard[-1]
    assert keyboard_top(drawn.page) == pytest.approx(top / len(drawn.page), abs=0.005)
    assert keyboard_top(screen(dark=dark).page) is None


def events(pictures, frames):
    """What is told of pictures (frame, grey), the only ones that a recording has."""
    height, width = pictures[0][1].shape
    signal = ScreenEventsSignal(film((width, height), frames, Fraction(30)))
    for frame, grey in pictures:
        signal.see(Shown(frame, np.repeat(grey[..., None], 3, axis=2)))
    return list(signal.finish())


def test_a_recorder_that_keeps_changed_pictures_only_is_understood():
    plain, menu = screen(), screen()
    menu.box((200, 200, 300, 240), 120)
    (popup,) = events([(0, plain.page), (1, plain.page), (150, menu.page), (240, plain.page)], 300)
    assert (popup.kind, popup.first_frame, popup.end_frame) == (ScreenEventKind.POPUP, 150, 241)
    assert popup.box_px == pytest.approx((200, 200, 300, 240), abs=4)


def test_pictures_too_small_to_read_hold_no_events():
    page = screen(scale=0.05).page
    assert events([(frame, np.roll(page, frame, 0)) for frame in range(0, 60, 2)], 60) == []


def test_a_movie_in_the_page_does_not_fill_the_memory():
    drawn, recorder = screen(), ScreenRecorder(*DESKTOP_PT)
    noise = np.random.default_rng(1)
    for sample in range(120):
        page = drawn.page.copy()
        page[300:480, 60:360] = noise.integers(0, 255, (180, 300))
        recorder.look(2 * sample, 2 * sample, sample / 15, page)
    kept = [len(blobs) for blobs in recorder.finish().blobs]
    assert all(kept[1:40]) and not any(kept[60:]), "known as a movie after three seconds"


def test_two_changes_of_one_place_at_once_do_not_take_turns():
    def popup(sample):
        return FoundEvent(ScreenEventKind.POPUP, sample, sample, (100, 100, 200, 150), confidence=1.0)

    time_s = [n / 2 for n in range(20)]
    twice = [popup(n) for n in (2, 2, 5, 9)]
    assert by_itself_left_out(twice, time_s) == twice
    assert by_itself_left_out([popup(n) for n in (2, 4, 6, 8)], time_s) == []


def test_letters_that_come_at_once_are_not_typed():
    def letter(number, sample):
        box = (100 + 10 * number, 100, 8, 12)
        return Blob(sample, box, changed_px=60, fresh_px=40)

    time_s = [n / 8 for n in range(12)]
    at_once = [[letter(n, 0) for n in range(4)], *[[] for _ in range(11)]]
    one_by_one = [[letter(n, n)] for n in range(4)] + [[] for _ in range(8)]
    found = [find_writing(blobs, time_s, (640, 360)) for blobs in (at_once, one_by_one)]
    assert found[0] == [] and [event.kind for event in found[1]] == [ScreenEventKind.TYPING]
