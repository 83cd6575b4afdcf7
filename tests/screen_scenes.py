"""What happens in a drawn screen recording: scenes, one after another, and ambient things that go on all the time."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from panscan.model.perception import ScreenEventKind
from screen_recordings import LETTER_PT, LINE_PT, Ambient, Box, Grey, Point, Scene, Screen, around, desktop, words

KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KEY_ROW_PT, BAR_PT = 54, 44  # heights of a row of keys and of the bar of predicted words


def pause(seconds: float) -> Scene:
    """Nothing happens; a caret that is there blinks."""

    def play(screen: Screen) -> Iterator[None]:
        for _ in screen.frames(seconds):
            yield

    return play


def typing(text: str, at_pt: Point, *, letters_per_s: float = 7.0, block: bool = False, pause_s: float = 0.0) -> Scene:
    """A line is typed; with a block cursor as in a terminal; with a pause in the middle."""

    def play(screen: Screen) -> Iterator[None]:
        first, rng = screen.frame, np.random.default_rng(len(text))
        x, y = at_pt
        for place, letter in enumerate(text):
            screen.text(letter, (x + place * LETTER_PT, y))
            caret_pt = LETTER_PT if block else 1.5
            screen.caret_pt = (x + (place + 1) * LETTER_PT, y + 1, caret_pt, LINE_PT - 2)
            screen.caret_since = screen.frame
            place_px = screen.px((x + place * LETTER_PT, y, LETTER_PT + caret_pt, LINE_PT))
            wait_s = rng.uniform(0.6, 1.4) / letters_per_s + pause_s * (place == len(text) // 2)
            if place == len(text) - 1:
                wait_s = min(wait_s, 0.15)  # typing ends with its last letter
            for _ in screen.frames(wait_s):
                screen.truth.written_px[screen.frame] = place_px
                yield
        screen.happened(ScreenEventKind.TYPING, first, (x, y, (len(text) + 1) * LETTER_PT, LINE_PT))

    return play


def move(to_pt: Point, seconds: float = 0.8, *, from_pt: Point | None = None) -> Scene:
    """The pointer goes somewhere, slowly at both ends."""

    def play(screen: Screen) -> Iterator[None]:
        first, start = screen.frame, from_pt or screen.pointer_pt or (40.0, 40.0)
        for at in _path(start, to_pt, len(screen.frames(seconds))):
            screen.pointer_pt = at
            yield
        screen.happened(ScreenEventKind.POINTER, first, around([(*start, 11, 18), (*to_pt, 11, 18)]))

    return play


def _path(start: Point, end: Point, count: int) -> Iterator[Point]:
    for share in (np.arange(count) + 1) / count:
        eased = share * share * (3 - 2 * share)
        yield start[0] + eased * (end[0] - start[0]), start[1] + eased * (end[1] - start[1])


def click(width_pt: float = 90, height_pt: float = 28) -> Scene:
    """The button under the pointer is pressed for a moment."""

    def play(screen: Screen) -> Iterator[None]:
        x, y = screen.pointer_pt or (100.0, 100.0)
        button = (x - width_pt / 2, y - height_pt / 2, width_pt, height_pt)
        first, before = screen.frame, screen.page.copy()
        screen.box(button, 120)
        for _ in screen.frames(0.2):
            yield
        screen.page[:] = before
        yield
        screen.happened(ScreenEventKind.CLICK, first, button)

    return play


def scroll(seconds: float, area_pt: Box, *, pt_per_s: float = 500.0) -> Scene:
    """What an area shows moves up, and new lines come from below."""

    def play(screen: Screen) -> Iterator[None]:
        first, rng = screen.frame, np.random.default_rng(7)
        left, top, width, height = (round(v * screen.scale) for v in area_pt)
        step, line = round(pt_per_s * screen.scale / screen.truth.rate), round(1.2 * LINE_PT * screen.scale)
        rows = height + step * len(screen.frames(seconds))
        long = np.full((rows + line, width), screen.ground(), np.uint8)
        long[:height] = screen.page[top : top + height, left : left + width]
        for y in range(height + line // 4, rows, line):
            screen.text(words(rng, int(width / screen.scale / LETTER_PT) - 3), (10, y / screen.scale), image=long)
        for n in range(len(screen.frames(seconds))):
            screen.page[top : top + height, left : left + width] = long[(n + 1) * step :][:height]
            yield
        screen.happened(ScreenEventKind.SCROLL, first, area_pt)

    return play


def popup(box_pt: Box, seconds: float, *, seed: int = 3) -> Scene:
    """A menu or a dialog with lines of text comes, and goes after a while."""

    def play(screen: Screen) -> Iterator[None]:
        first, before, rng = screen.frame, screen.page.copy(), np.random.default_rng(seed)
        left, top, width, height = box_pt
        screen.box(box_pt, 110)
        screen.box((left + 1, top + 1, width - 2, height - 2), 60 if screen.dark else 225)
        for y in np.arange(top + 8, top + height - LINE_PT, 1.3 * LINE_PT):
            screen.text(words(rng, int(width / LETTER_PT) - 3), (left + 12, y))
        for _ in screen.frames(seconds):
            yield
        screen.page[:] = before
        yield
        screen.happened(ScreenEventKind.POPUP, first, box_pt)

    return play


def switch_window(seed: int = 9) -> Scene:
    """Another window takes the whole screen."""

    def play(screen: Screen) -> Iterator[None]:
        first = screen.frame
        screen.caret_pt, screen.dark = None, not screen.dark
        desktop(seed)(screen)
        yield
        width, height = (side / screen.scale for side in screen.truth.size_px)
        screen.happened(ScreenEventKind.WINDOW, first, (0, 0, width, height))

    return play


def drag(from_pt: Point, to_pt: Point, seconds: float = 1.2, *, size_pt: tuple[float, float] = (160, 44)) -> Scene:
    """A card goes from one place to another with the pointer, which holds its middle."""

    def play(screen: Screen) -> Iterator[None]:
        first, below, (width, height) = screen.frame, screen.page.copy(), size_pt
        boxes = [(x - width / 2, y - height / 2, width, height) for x, y in (from_pt, to_pt)]
        for at in _path(from_pt, to_pt, len(screen.frames(seconds))):
            screen.pointer_pt, screen.page[:] = at, below
            left, top = at[0] - width / 2, at[1] - height / 2
            screen.box((left, top, width, height), 120)
            screen.box((left + 1, top + 1, width - 2, height - 2), 90 if screen.dark else 205)
            screen.text("Write the plan", (left + 14, top + 12))
            yield
        screen.happened(ScreenEventKind.DRAG, first, around(boxes))

    return play


def erase(text: str, at_pt: Point, letters: int) -> Scene:
    """A line is typed, and its last letters are erased at once."""

    def play(screen: Screen) -> Iterator[None]:
        yield from typing(text, at_pt)(screen)
        first = screen.truth.events.pop().first_frame
        for place in range(len(text) - 1, len(text) - 1 - letters, -1):
            box = (at_pt[0] + place * LETTER_PT, at_pt[1], LETTER_PT, LINE_PT)
            screen.box(box, screen.ground())
            screen.caret_pt, screen.caret_since = (box[0], box[1] + 1, 1.5, LINE_PT - 2), screen.frame
            for _ in screen.frames(0.12):
                screen.truth.written_px[screen.frame] = screen.px(box)
                yield
        screen.happened(ScreenEventKind.TYPING, first, (*at_pt, (len(text) + 1) * LETTER_PT, LINE_PT))

    return play


def mark(at_pt: Point, width_pt: float, seconds: float = 1.0) -> Scene:
    """Text is marked with the pointer from left to right."""

    def play(screen: Screen) -> Iterator[None]:
        first, before, (x, y) = screen.frame, screen.page.copy(), at_pt
        for end in _path((x, y), (x + width_pt, y), len(screen.frames(seconds))):
            screen.page[:] = before
            left, top, right, bottom = (round(v * screen.scale) for v in (x, y, end[0], y + LINE_PT))
            marked = screen.page[top:bottom, left:right]
            marked[:] = cv2.addWeighted(marked, 0.6, marked, 0, 40)
            screen.pointer_pt = (end[0], y + LINE_PT / 2)
            yield
        screen.happened(ScreenEventKind.DRAG, first, (x, y, width_pt, LINE_PT * 1.4))

    return play


def pass_over(buttons_pt: tuple[float, ...], y_pt: float, seconds: float = 1.5) -> Scene:
    """The pointer goes along a row of buttons, each of which is lit while it is there."""

    def play(screen: Screen) -> Iterator[None]:
        first, before = screen.frame, screen.page.copy()
        start, end = (buttons_pt[0], y_pt), (buttons_pt[-1], y_pt)
        for at in _path(start, end, len(screen.frames(seconds))):
            screen.page[:] = before
            for x in buttons_pt:
                if abs(x - at[0]) < 20:
                    screen.box((x - 20, y_pt - 14, 40, 28), 150)
            screen.pointer_pt = at
            yield
        screen.page[:] = before
        yield
        row = (buttons_pt[0] - 20, y_pt - 14, buttons_pt[-1] - buttons_pt[0] + 40, 32)
        screen.happened(ScreenEventKind.POINTER, first, row)

    return play


def command(text: str, row: int, *, output_rows: int = 4) -> Scene:
    """A command is typed in a terminal with a block cursor, and lines come out at once below it: two events."""

    def play(screen: Screen) -> Iterator[None]:
        top, rng = 10 + row * LINE_PT, np.random.default_rng(row)
        yield from typing(text, (10 + 2 * LETTER_PT, top), block=True)(screen)
        first, rows = screen.frame, [words(rng, int(rng.integers(30, 70))) for _ in range(output_rows)]
        for n, line in enumerate(rows):
            screen.text(line, (10, top + (n + 1) * LINE_PT))
        screen.caret_pt = (10 + 2 * LETTER_PT, top + (output_rows + 1) * LINE_PT + 1, LETTER_PT, LINE_PT - 2)
        for _ in screen.frames(0.3):
            yield
        width = max(map(len, rows)) * LETTER_PT
        screen.happened(ScreenEventKind.TYPING, first, (10, top, width, (output_rows + 1) * LINE_PT))

    return play


# --- phones


def phone_typing(text: str, at_pt: Point, *, letters_per_s: float = 5.0) -> Scene:
    """A keyboard slides in, keys are pressed (a balloon rises over each), words are predicted; the keyboard stays."""

    def play(screen: Screen) -> Iterator[None]:
        height = screen.truth.size_px[1] / screen.scale
        above, full = screen.page.copy(), BAR_PT + 4 * KEY_ROW_PT
        for share in (np.arange(len(screen.frames(0.3))) + 1) / len(screen.frames(0.3)):
            screen.page[:] = above
            _keyboard(screen, height - share * full)
            screen.truth.keyboard.append((screen.frame, (height - share * full) * screen.scale))
            yield
        for _ in screen.frames(0.8):
            yield
        for frame in (screen.frame for _ in _pressed(screen, text, at_pt, letters_per_s, height - full)):
            screen.truth.written_px.setdefault(frame, screen.px((*at_pt, LETTER_PT, LINE_PT)))
            yield

    return play


def _pressed(screen: Screen, text: str, at_pt: Point, letters_per_s: float, top_pt: float) -> Iterator[None]:
    """Key by key: the balloon is there for half of the time."""
    known = -1
    for _ in typing(text, at_pt, letters_per_s=letters_per_s)(screen):
        place = round((screen.caret_pt[0] - at_pt[0]) / LETTER_PT) - 1 if screen.caret_pt else 0
        if place != known or screen.frame - screen.caret_since == round(0.5 / letters_per_s * screen.truth.rate):
            _keyboard(screen, top_pt)
            rng = np.random.default_rng(place)
            for third in range(3):
                screen.text(words(rng, 8), (20 + third * 125, top_pt + 12))
            if place != known:
                _balloon(screen, text[place], top_pt)
            known = place
        yield


def _keyboard(screen: Screen, top_pt: float) -> None:
    width, height = (side / screen.scale for side in screen.truth.size_px)
    screen.box((0, top_pt, width, max(0.0, height - top_pt)), 45 if screen.dark else 208)
    _keys(screen, top_pt)


def _keys(screen: Screen, top_pt: float) -> None:
    """The keys, without any balloon."""
    for row, letters in enumerate(KEY_ROWS):
        for column, letter in enumerate(letters):
            left, top = _key_place(row, column, top_pt)
            screen.box((left, top, 33, KEY_ROW_PT - 11), 100 if screen.dark else 252)
            screen.text(letter, (left + 12, top + 12))
    screen.box((100, top_pt + BAR_PT + 3 * KEY_ROW_PT + 5, 190, KEY_ROW_PT - 11), 100 if screen.dark else 252)


def _key_place(row: int, column: int, top_pt: float) -> Point:
    return 3 + 19 * row + 39 * column, top_pt + BAR_PT + row * KEY_ROW_PT + 5


def _balloon(screen: Screen, letter: str, top_pt: float) -> None:
    for row, letters in enumerate(KEY_ROWS):
        if letter in letters:
            left, top = _key_place(row, letters.index(letter), top_pt)
            screen.box((left - 8, top - 48, 49, 86), 120 if screen.dark else 254)
            screen.text(letter, (left + 12, top - 36))


# --- ambient things


def spinner(at_pt: Point, radius_pt: float = 10) -> Ambient:
    """An arc that turns once a second."""

    def draw(screen: Screen, image: Grey, time_s: float) -> None:
        centre = (round(at_pt[0] * screen.scale), round(at_pt[1] * screen.scale))
        axes = (round(radius_pt * screen.scale),) * 2
        thick = max(2, round(2.5 * screen.scale))
        cv2.ellipse(image, centre, axes, 360 * time_s, 0, 270, screen.ink(), thick, cv2.LINE_AA)

    return draw


def clock(at_pt: Point) -> Ambient:
    """Seconds that count up."""

    def draw(screen: Screen, image: Grey, time_s: float) -> None:
        screen.text(f"10:{int(time_s) // 60 % 60:02d}:{int(time_s) % 60:02d}", at_pt, image=image)

    return draw


def video(box_pt: Box, *, pictures_per_s: float = 0.0) -> Ambient:
    """A movie that plays in the page, with few pictures a second if so many are given."""

    def draw(screen: Screen, image: Grey, time_s: float) -> None:
        time_s = int(time_s * pictures_per_s) / pictures_per_s if pictures_per_s else time_s
        left, top, width, height = (round(v * screen.scale) for v in box_pt)
        x, y = np.arange(width)[None] / screen.scale, np.arange(height)[:, None] / screen.scale
        waves = np.sin(x / 23 + 5 * time_s) + np.cos(y / 17 - 4 * time_s + x / 60)
        image[top : top + height, left : left + width] = np.clip(128 + 50 * waves, 0, 255).astype(np.uint8)

    return draw


def progress(box_pt: Box, seconds: float) -> Ambient:
    """A bar that fills."""

    def draw(screen: Screen, image: Grey, time_s: float) -> None:
        screen.box(box_pt, 190 if not screen.dark else 70, image=image)
        left, top, width, height = box_pt
        screen.box((left, top, width * min(1.0, time_s / seconds), height), 90, image=image)

    return draw


def turns(box_pt: Box, seconds: float) -> Ambient:
    """Cards that take turns, as on the first page of a shop."""

    def draw(screen: Screen, image: Grey, time_s: float) -> None:
        rng = np.random.default_rng(int(time_s / seconds))
        left, top, width, height = box_pt
        screen.box(box_pt, int(rng.integers(60, 220)), image=image)
        for y in np.arange(top + 10, top + height - LINE_PT, 1.3 * LINE_PT):
            screen.text(words(rng, int(width / LETTER_PT) - 4), (left + 14, y), image=image)

    return draw
