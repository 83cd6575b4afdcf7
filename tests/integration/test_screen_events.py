"""What is seen in screen recordings that are drawn with exact truth: where, when, and nothing besides."""

from __future__ import annotations

import numpy as np
import pytest

from panscan import ingest
from panscan.measure import Decoder
from panscan.model.perception import ScreenEventKind
from panscan.perceive.observe import observe
from screen_recordings import PHONE_PT, draw_recording, phone_page, terminal_page
from screen_scenes import (
    click,
    clock,
    command,
    drag,
    erase,
    mark,
    move,
    pass_over,
    pause,
    phone_typing,
    popup,
    progress,
    scroll,
    spinner,
    switch_window,
    turns,
    typing,
    video,
)

LATE_S = 0.25  # by which an event may begin early or late
RIGHT = 0.97  # share of the samples of typing in which its place is right
SURE = 0.5  # confidence from which a camera may look at an event
DAY = (
    *(pause(1), typing("the quick brown fox jumps over it", (60, 90), pause_s=1.5), pause(1.5)),
    *(move((400, 300)), click(), pause(1), popup((380, 310, 220, 180), 1.2), pause(0.7)),
    *(scroll(1.2, (642, 32, 638, 680)), pause(1), drag((200, 300), (500, 500)), pause(1)),
    *(typing("second line here", (60, 130), letters_per_s=10), pause(1), switch_window(), pause(1)),
)


def seen(path):
    media = ingest.probe(path)
    return observe(media, Decoder(media), signals=["screen", "screen_events"]).signals["screen_events"]


def common(box, other):
    left, top = np.maximum(box[:2], other[:2])
    right, bottom = np.minimum(np.add(box[:2], box[2:]), np.add(other[:2], other[2:]))
    return max(0.0, right - left) * max(0.0, bottom - top)


def area(box):
    return box[2] * box[3]


def alike(box, other):
    """Intersection over union."""
    both = common(box, other)
    return both / (area(box) + area(other) - both)


def share_in_place(found, truth):
    """Of the samples of typing, those in which what is told holds the new letter and is no larger than its line."""
    late = LATE_S * truth.rate
    true = [event for event in truth.events if event.kind == ScreenEventKind.TYPING]
    typed = [event for event in found if event.kind == ScreenEventKind.TYPING and event.confidence >= SURE]
    right = []
    for frame, letter in truth.written_px.items():
        line = next(event.box_px for event in true if event.first_frame <= frame < event.end_frame)
        now = [e.box_px for e in typed if e.first_frame <= frame + late and frame - late < e.end_frame]
        right.append(any(common(b, letter) >= 0.8 * area(letter) and common(b, line) >= 0.7 * area(b) for b in now))
    return np.mean(right)


def not_told(found, truth, place=0.75):
    """True events that none of its kind tells at its time and place."""
    late = LATE_S * truth.rate
    return [
        true
        for true in truth.events
        if not any(
            told.kind == true.kind
            and abs(told.first_frame - true.first_frame) <= late
            and alike(told.box_px, true.box_px) >= place
            for told in found
        )
    ]


def made_up(found, truth):
    """Events that a camera may look at and that are not true."""
    late = LATE_S * truth.rate
    return [
        told
        for told in found
        if told.confidence >= SURE
        and not any(
            true.first_frame - late <= told.end_frame
            and told.first_frame <= true.end_frame + late
            and common(told.box_px, true.box_px)
            for true in truth.events
        )
    ]


@pytest.mark.parametrize(
    ("dark", "scale", "rate"),
    [(False, 1, 30), (True, 1, 30), (False, 2, 15)],
    ids=["light", "dark", "twice as sharp"],
)
def test_each_thing_that_happens_is_told_with_its_time_and_place(tmp_path, dark, scale, rate):
    truth = draw_recording(tmp_path / "day.mp4", *DAY, dark=dark, scale=scale, rate=rate)
    found = seen(tmp_path / "day.mp4")
    assert not_told(found, truth) == []
    assert made_up(found, truth) == []
    assert share_in_place(found, truth) >= RIGHT
    typed = found.text_height_px[found.kind == list(ScreenEventKind).index(ScreenEventKind.TYPING)]
    assert np.all(np.abs(typed / (18 * scale) - 1) < 0.2), "the height of a caret"


def answer(screen):
    """The page shows other text, far from where something was dragged: nothing that must be seen."""
    for n in range(8):
        screen.text("a line with which the page answers", (660, 300 + 24 * n))
    yield


ALONE = {
    "slowly typed": (typing("slowly typed", (60, 90), letters_per_s=1.8),),
    "typed fast": (typing("typed by a person who is good at it", (60, 90), letters_per_s=13),),
    "line by line": tuple(
        typing(text, (60, 90 + 24 * n)) for n, text in enumerate(("one line", "and another", "more"))
    ),
    "erased": (erase("hello wrold agian", (60, 90), 8), pause(1.5), typing("world again", (60, 130))),
    "marked": (move((662, 60)), pause(0.7), mark((662, 52), 400)),
    "dragged slowly": (drag((200, 200), (400, 300), 3),),
    "dragged, and answered": (drag((200, 200), (400, 300)), answer),
    "dragged over text": (drag((700, 200), (1000, 500)),),
    "a window that is dragged": (drag((300, 250), (600, 350), size_pt=(500, 350)),),
    "passed over": (pass_over((100, 144, 188, 232, 276, 320), 16),),
    "dialog": (popup((340, 160, 600, 400), 3), pause(1), popup((60, 200, 240, 60), 1.5)),
}


@pytest.mark.parametrize("scenes", ALONE.values(), ids=ALONE)
def test_one_thing_alone_is_told_as_what_it_is(tmp_path, scenes):
    truth = draw_recording(tmp_path / "one.mp4", pause(1), *scenes, pause(1))
    found = seen(tmp_path / "one.mp4")
    assert not_told(found, truth, place=0.65) == []
    assert truth.written_px == {} or share_in_place(found, truth) >= RIGHT
    sure = [event for event in found if event.confidence >= SURE]
    assert len(sure) == len(truth.events), "each once, and nothing besides"


@pytest.mark.parametrize(("rate", "scale"), [(60, 1), (10, 1), (30, 0.5)])
def test_recordings_of_any_rate_and_size_are_understood(tmp_path, rate, scale):
    scenes = (typing("a small example", (60, 90)), pause(1), move((300, 300)), click(), pause(1))
    truth = draw_recording(tmp_path / "other.mp4", pause(1), *scenes, rate=rate, scale=scale)
    found = seen(tmp_path / "other.mp4")
    assert not_told(found, truth) == [] and made_up(found, truth) == []
    assert share_in_place(found, truth) >= RIGHT


AROUND = {
    "on a desktop": (
        spinner((1200, 15)),
        clock((1000, 5)),
        video((60, 400, 300, 180)),
        progress((60, 300, 400, 8), 50),
    ),
    "on a page": (video((60, 60, 300, 180), pictures_per_s=5), turns((60, 300, 400, 200), 4)),
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_goes_on_all_the_time_is_no_event(tmp_path, around):
    truth = draw_recording(tmp_path / "noise.mp4", pause(60), ambient=around, rate=10)
    assert len(made_up(seen(tmp_path / "noise.mp4"), truth)) <= 1


def test_things_that_happen_beside_a_movie_are_told(tmp_path):
    around = [spinner((1200, 15)), clock((1000, 5)), video((60, 500, 300, 180))]
    truth = draw_recording(tmp_path / "beside.mp4", *DAY, ambient=around)
    found = seen(tmp_path / "beside.mp4")
    assert not_told(found, truth) == [] and made_up(found, truth) == []
    assert share_in_place(found, truth) >= RIGHT


@pytest.mark.parametrize(("dark", "scale"), [(False, 2), (True, 3)])
def test_on_a_phone_the_text_is_told_and_not_the_keys(tmp_path, dark, scale):
    scenes = (pause(1), phone_typing("hello world this is", (16, 250)))
    truth = draw_recording(
        tmp_path / "phone.mp4",
        *scenes,
        size_pt=PHONE_PT,
        page=phone_page,
        scale=scale,
        dark=dark,
        ambient=[clock((300, 12))],
    )
    found = seen(tmp_path / "phone.mp4")
    assert not_told(found, truth) == [] and made_up(found, truth) == []
    assert share_in_place(found, truth) >= RIGHT
    came, top = truth.keyboard[-1]
    assert abs(found.keyboard_frame[-1] - came) <= truth.rate / 2
    assert abs(found.keyboard_top_px[-1] - top) <= 0.01 * truth.size_px[1]


def test_in_a_terminal_a_command_and_its_output_are_told(tmp_path):
    scenes = (pause(1), command("git status --short", 9), pause(1), command("ls -la src", 15), pause(1))
    truth = draw_recording(tmp_path / "terminal.mp4", *scenes, page=terminal_page, dark=True)
    found = seen(tmp_path / "terminal.mp4")
    assert not_told(found, truth) == [] and made_up(found, truth) == []
    assert share_in_place(found, truth) >= RIGHT


def test_lines_that_stand_and_letters_that_are_typed_are_told(tmp_path):
    draw = (pause(1), typing("git status --short", (60, 400)), pause(1))
    truth = draw_recording(tmp_path / "lines.mp4", *draw, page=terminal_page)
    found = seen(tmp_path / "lines.mp4")
    first, last = (found.line_px[found.line_frame == at(found.line_frame)] for at in (np.min, np.max))
    assert {round(top / 20) for top in first[:, 1]} == {1, 2, 3, 4, 5, 6, 7, 8}, "a row each 20 px"
    assert max(last[:, 1] + last[:, 3]) == pytest.approx(416, abs=6), "what was typed is a line then"
    assert len(found.letter_frame) >= 12
    for frame, letter in zip(found.letter_frame.tolist(), found.letter_px, strict=True):
        near = [box for at, box in truth.written_px.items() if abs(at - frame) <= 4]
        assert any(common(letter, box) > 0 for box in near)


def test_nothing_is_looked_for_in_camera_pictures(tmp_path):
    def scene(screen):
        y, x = np.mgrid[0 : screen.page.shape[0], 0 : screen.page.shape[1]]
        screen.page[:] = (120 + 50 * np.sin(x / 60) + 40 * np.cos(y / 45)).astype(np.uint8)

    draw_recording(tmp_path / "camera.mp4", pause(1), typing("no letters here", (60, 90)), page=scene)
    assert list(seen(tmp_path / "camera.mp4")) == []
