"""Screen recordings of other programs than those the rules were made with: `python benchmarks/draw_screens.py FOLDER`.

Drawn with exact truth, NAME.mp4 beside NAME.events.json, for `benchmarks/screen.py FOLDER`: a chat, a form, a table,
an editor with large letters, a terminal with a long command, a board with cards, a phone's notes; dark and light, from
1280x720 to 2880x1620.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from screen_recordings import (
    DESKTOP_PT,
    LINE_PT,
    PHONE_PT,
    Ambient,
    Scene,
    Screen,
    Truth,
    draw_recording,
    phone_page,
    terminal_page,
    words,
)
from screen_scenes import click, clock, command, drag, move, pause, phone_typing, popup, scroll, spinner, typing


@dataclass(frozen=True)
class Recording:
    """What is drawn: scenes one after another on a page of a size in points, with px per point."""

    page: Callable[[Screen], None]
    scenes: tuple[Scene, ...]
    size_pt: tuple[int, int] = DESKTOP_PT
    scale: float = 1.0
    dark: bool = False
    ambient: tuple[Ambient, ...] = ()


def empty(screen: Screen, title: str) -> tuple[float, float]:
    """Clear the page and write the title of a window; its width and height in points."""
    width, height = (side / screen.scale for side in screen.truth.size_px)
    screen.page[:] = screen.ground()
    screen.box((0, 0, width, 28), 60 if screen.dark else 222)
    screen.text(title, (width / 2 - 40, 4))
    return width, height


def chat(screen: Screen) -> None:
    """Rooms at the left, messages, a field at the bottom."""
    width, height = empty(screen, "Team room")
    rng = np.random.default_rng(11)
    screen.box((0, 28, 230, height - 28), 45 if screen.dark else 235)
    for row in range(9):
        screen.text(words(rng, 16), (20, 50 + 44 * row))
    for row, left in enumerate((260, 260, 620, 260, 620)):
        screen.box((left - 10, 50 + 100 * row, 420, 70), 55 if screen.dark else 228)
        for line in range(2):
            screen.text(words(rng, 38), (left, 58 + 100 * row + 1.2 * LINE_PT * line))
    screen.box((250, height - 62, width - 280, 44), 60 if screen.dark else 255)
    screen.box((250, height - 62, width - 280, 1), 128)


def message(lines: int, top_pt: float) -> Scene:
    """What was written stands among the messages, and the field is empty."""

    def play(screen: Screen) -> Iterator[None]:
        height = screen.truth.size_px[1] / screen.scale
        screen.box((260, height - 52, 800, 24), 60 if screen.dark else 255)
        screen.caret_pt = (270, height - 50, 1.5, 18)
        yield from popup((610, top_pt, 440, 20 + 26 * lines), 1.5)(screen)

    return play


FIELDS = ((430, 130), (430, 210), (430, 290), (430, 450))


def form(screen: Screen) -> None:
    """Labels with fields, a button below."""
    empty(screen, "New account")
    for (left, top), label in zip(FIELDS, ("Name", "Street", "City", "Remarks"), strict=True):
        screen.text(label, (left, top - 26))
        screen.box((left - 10, top - 8, 440, 36), 128)
        screen.box((left - 9, top - 7, 438, 34), screen.ground())
    screen.box((750, 560, 110, 34), 160)
    screen.text("Send", (780, 566))


CELL_PT = (128, 26)


def table(screen: Screen) -> None:
    """Rows and columns, some of them with figures."""
    width, height = empty(screen, "Costs")
    rng = np.random.default_rng(5)
    for column in np.arange(40, width, CELL_PT[0]):
        screen.box((column, 60, 1, height - 60), 170 if not screen.dark else 80)
    for row, top in enumerate(np.arange(60, height, CELL_PT[1])):
        screen.box((0, top, width, 1), 170 if not screen.dark else 80)
        screen.text(str(row + 1), (10, top + 3))
        for column in range(4):
            screen.text(str(int(rng.integers(10, 9999))), (50 + CELL_PT[0] * column, top + 3))


def value(text: str, column: int, row: int) -> Scene:
    """A value is typed into a cell."""
    return typing(text, (50 + CELL_PT[0] * column, 60 + CELL_PT[1] * row + 3), letters_per_s=5)


def code(screen: Screen) -> None:
    """Files at the left, code, a panel at the bottom."""
    width, height = empty(screen, "main")
    rng = np.random.default_rng(8)
    screen.box((0, 28, 150, height - 28), 42 if screen.dark else 238)
    for row in range(12):
        screen.text(words(rng, 12), (12, 40 + 24 * row))
        screen.text(words(rng, int(rng.integers(12, 50))), (190 + 18 * (row % 3), 40 + 24 * row))
    screen.box((150, height - 110, width - 150, 1), 128)


def board(screen: Screen) -> None:
    """Three columns with cards."""
    width, height = empty(screen, "Plan")
    rng = np.random.default_rng(3)
    for column in range(3):
        left = 60 + column * width / 3
        screen.box((left - 30, 50, width / 3 - 30, height - 80), 48 if screen.dark else 236)
        screen.text(words(rng, 10), (left, 60))
        for row in range(4):
            screen.box((left, 100 + 70 * row, 200, 54), 70 if screen.dark else 255)
            screen.text(words(rng, 18), (left + 10, 116 + 70 * row))


LONG = (
    "rsync --archive --compress --delete --exclude node_modules --exclude target "
    "./project/ backup@example.org:/srv/copies"
)

RECORDINGS = {
    "chat_dark": Recording(
        chat,
        (
            *(pause(2), typing("has anybody seen the plan for next week?", (270, 668)), pause(0.6), message(2, 560)),
            *(pause(3), scroll(1, (240, 40, 1020, 600)), pause(1.5), typing("found it, thanks", (270, 668)), pause(3)),
        ),
        dark=True,
        scale=1.5,
    ),
    "form_twice_as_sharp": Recording(
        form,
        (
            *(pause(1.5), move((600, 138)), click(), typing("Ada Lovelace", FIELDS[0]), pause(0.8), move((600, 218))),
            *(click(), typing("12 St James Square", FIELDS[1]), pause(0.6), typing("London", FIELDS[2]), pause(1)),
            *(typing("please ring twice", FIELDS[3]), pause(1), move((805, 577)), click(110, 34), pause(3)),
        ),
        scale=2.25,
    ),
    "table": Recording(
        table,
        (
            *(pause(2), value("1250", 5, 4), pause(0.7), value("980", 5, 5), pause(0.7), value("2230", 5, 6), pause(2)),
            *(move((700, 500)), click(60, 20), pause(1), value("total", 8, 20), pause(3)),
        ),
        size_pt=(1440, 900),
    ),
    "editor_large_letters": Recording(
        code,
        (
            *(pause(1), typing("for name in names:", (190, 345)), popup((330, 366, 200, 80), 1.6), pause(1)),
            *(typing("print(name.title())", (220, 372)), pause(2), move((600, 300)), pause(2.5)),
        ),
        size_pt=(960, 540),
        scale=2,
        dark=True,
    ),
    "terminal_long_command": Recording(
        terminal_page,
        (pause(1), command(LONG, 9, output_rows=3), pause(4)),
        size_pt=(1280, 720),
        ambient=(clock((1180, 690)),),
    ),
    "board": Recording(
        board,
        (
            *(pause(1.5), move((160, 127)), drag((160, 127), (586, 340), size_pt=(200, 54)), pause(1.5)),
            *(move((1013, 197)), pause(1), popup((960, 210, 180, 150), 2), pause(3)),
        ),
        ambient=(spinner((1240, 14)),),
    ),
    "phone_note": Recording(
        phone_page,
        (pause(1.5), phone_typing("buy bread and milk", (16, 250)), pause(3)),
        size_pt=PHONE_PT,
        scale=2,
        dark=True,
    ),
}


def written(truth: Truth, file: str) -> str:
    """The truth as `benchmarks/screen.py` reads it."""
    events = [
        {
            "t0": event.first_frame / truth.rate,
            "t1": event.end_frame / truth.rate,
            "roi": [round(side, 1) for side in event.box_px],
            "kind": str(event.kind),
        }
        for event in truth.events
    ]
    width, height = truth.size_px
    letters = [[frame / truth.rate, *box] for frame, box in truth.written_px.items()]
    return json.dumps({"file": file, "width": width, "height": height, "events": events, "written": letters})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in RECORDINGS.items():
        path = folder / f"{name}.mp4"
        truth = draw_recording(
            path,
            *made.scenes,
            size_pt=made.size_pt,
            scale=made.scale,
            dark=made.dark,
            page=made.page,
            ambient=made.ambient,
        )
        path.with_suffix(".events.json").write_text(written(truth, path.name), encoding="utf-8")
        print(path, flush=True)


if __name__ == "__main__":
    main()
