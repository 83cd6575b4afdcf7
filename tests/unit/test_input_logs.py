"""Logs of mouse and keyboard: read in each format, and put in place of what was seen."""

from __future__ import annotations

import json
from fractions import Fraction
from zipfile import ZipFile

import numpy as np
import pytest

import documents
from panscan.errors import InputError
from panscan.ingest.input_logs.read import input_log_beside, read_input_log
from panscan.model.geometry import Size
from panscan.model.input_log import INPUT_KINDS, InputLog
from panscan.model.perception import Perception, ScreenEventKind, ScreenEvents
from panscan.perceive.inputs import with_inputs

SIZE = Size(1280, 720)


def written(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def rows(log):
    columns = zip(log.time_s, log.kind, log.point_px.tolist(), strict=True)
    return [(time_s, INPUT_KINDS[kind], *point) for time_s, kind, point in columns]


def trace(path):
    lines = [
        {"type": "context-options", "monotonicTime": 5000.0, "options": {"viewport": {"width": 640, "height": 360}}},
        {"type": "before", "callId": "1", "method": "goto", "startTime": 5100.0},
        {"type": "before", "callId": "2", "method": "click", "startTime": 6250.0},
        {"type": "input", "callId": "2", "point": {"x": 100, "y": 50}},
        {"type": "before", "callId": "3", "method": "fill", "startTime": 7000.0},
    ]
    with ZipFile(path, "w") as archive:
        archive.writestr("trace.trace", "\n".join(map(json.dumps, lines)))
        archive.writestr("trace.network", "")
    return path


LINES = '{"t": 2.0, "kind": "key"}\n\n{"t": 1.25, "kind": "click", "x": 200, "y": 100}\n'
SAMPLES = {
    "version": 1,
    "samples": [
        {"timeMs": 1000, "cx": 0.25, "cy": 0.5},
        {"timeMs": 1250, "cx": 0.5, "cy": 0.5, "interactionType": "click"},
        {"timeMs": 1300, "cx": 0.5, "cy": 0.5, "interactionType": "mouseup"},
    ],
}
CAP = {
    "clicks": [
        {"active_modifiers": [], "cursor_num": 0, "cursor_id": "0", "time_ms": 1250.0, "down": True},
        {"active_modifiers": [], "cursor_num": 0, "cursor_id": "0", "time_ms": 1300.0, "down": False},
    ],
    "moves": [{"active_modifiers": [], "cursor_id": "0", "time_ms": 1000.0, "x": 0.25, "y": 0.5}],
}


def test_json_lines_are_read_in_order_of_time(tmp_path):
    click, key = rows(read_input_log(written(tmp_path / "a.jsonl", LINES), SIZE))
    assert click == (1.25, "click", 200, 100)
    assert key[:2] == (2.0, "key") and np.isnan(key[2:]).all()


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES["samples"]])
def test_cursor_samples_are_read(tmp_path, samples):
    log = read_input_log(written(tmp_path / "a.mp4.cursor.json", samples), SIZE)
    assert rows(log) == [(1.0, "move", 320, 360), (1.25, "click", 640, 360)]


def test_a_click_of_cap_is_where_the_pointer_was(tmp_path):
    log = read_input_log(written(tmp_path / "cursor.json", CAP), SIZE)
    assert rows(log) == [(1.0, "move", 320, 360), (1.25, "click", 320, 360)]


def test_a_trace_of_playwright_is_read_in_px_of_the_movie(tmp_path):
    click, key = rows(read_input_log(trace(tmp_path / "trace.zip"), SIZE))
    assert click == (1.25, "click", 200, 100)
    assert key[:2] == (2.0, "key")


@pytest.mark.parametrize("text", ["", "hello", '{"t": 1, "kind": "shout"}', '{"a": 1}', "[1, 2]", "7"])
def test_what_is_no_log_is_refused_in_words(tmp_path, text):
    log = written(tmp_path / "a.jsonl", text)
    if text:
        with pytest.raises(InputError, match="no input log") as refused:
            read_input_log(log, SIZE)
        assert "JSON lines" in refused.value.fix
    else:
        assert rows(read_input_log(log, SIZE)) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"t": 1, "kind": "click"}', "line 2: a click needs a place"),
        ('{"kind": "key"}', "line 2: 't' is missing"),
        ("shout", "line 2: Expecting value"),
        ("[1, 2]", "line 2: it is no object"),
        ('{"t": NaN, "kind": "key"}', "a time is no number"),
    ],
)
def test_a_line_with_a_mistake_is_told(tmp_path, line, told):
    log = written(tmp_path / "a.jsonl", f'{{"t": 1, "kind": "key"}}\n{line}')
    with pytest.raises(InputError) as refused:
        read_input_log(log, SIZE)
    assert told in refused.value.why


def test_the_log_beside_a_movie_is_found(tmp_path):
    movie = tmp_path / "take.mp4"
    assert input_log_beside(movie) is None
    cursor = written(tmp_path / "take.mp4.cursor.json", SAMPLES)
    assert input_log_beside(movie) == cursor
    assert input_log_beside(movie) != written(tmp_path / "take.inputs.jsonl", LINES) == input_log_beside(movie)


# --- in place of what was seen

SEEN = (
    (ScreenEventKind.CLICK, 30, 36, (190, 90, 60, 24)),  # a button at the first click of the log
    (ScreenEventKind.CLICK, 200, 206, (900, 500, 60, 24)),  # nobody clicked there
    (ScreenEventKind.TYPING, 50, 80, (100, 300, 200, 20)),
    (ScreenEventKind.TYPING, 120, 150, (700, 40, 80, 20)),  # no key was pressed
    (ScreenEventKind.POINTER, 10, 20, (0, 0, 200, 200)),
    (ScreenEventKind.POPUP, 33, 90, (300, 300, 300, 200)),
    (ScreenEventKind.SCROLL, 222, 260, (640, 0, 640, 720)),
)
DONE = (
    *((0.2 + n / 60, "move", 100 + 5 * n, 100) for n in range(20)),
    (1.0, "click", 200, 100),
    *((1.7 + n / 5, "key", np.nan, np.nan) for n in range(5)),
    (4.0, "click", 1275, 700),
    *((7.2 + n / 10, "scroll", 800, 300) for n in range(5)),
    (99.0, "click", 10, 10),  # after the movie
)


def seen_events():
    kinds = list(ScreenEventKind)
    count = len(SEEN)
    return ScreenEvents(
        kind=np.array([kinds.index(kind) for kind, *_ in SEEN]),
        first_frame=np.array([first for _, first, *_ in SEEN]),
        end_frame=np.array([end for _, _, end, _ in SEEN]),
        box_px=np.array([box for *_, box in SEEN], np.float64),
        confidence=np.full(count, 0.8),
        text_height_px=np.full(count, 18.0),
        keyboard_frame=np.zeros(0, np.int64),
        keyboard_top_px=np.zeros(0),
    )


def log_of(done):
    return InputLog(
        np.array([t for t, *_ in done]),
        np.array([INPUT_KINDS.index(kind) for _, kind, *_ in done]),
        np.array([point for *_, x, y in done for point in [(x, y)]], np.float64),
    )


@pytest.fixture
def corrected():
    media = documents.media(size=SIZE, frame_count=300, rate=Fraction(30))
    perception = Perception("m", "seen", {"screen_events": seen_events(), "other": 7})
    return lambda done: with_inputs(perception, media, log_of(done))


def told(perception, kind):
    return [event for event in perception.signals["screen_events"] if event.kind == kind]


def test_clicks_are_the_logged_ones_with_the_buttons_that_are_seen(corrected):
    first, second = told(corrected(DONE), ScreenEventKind.CLICK)
    assert (first.first_frame, first.box_px, first.confidence) == (30, (190, 90, 60, 24), 1)
    left, top, width, height = second.box_px
    assert second.first_frame == 120 and left <= 1275 <= left + width == 1280 and top <= 700 <= top + height == 720


def test_typing_is_sure_with_keys_and_doubted_without(corrected):
    written_at, elsewhere = told(corrected(DONE), ScreenEventKind.TYPING)
    assert written_at.confidence == 1 and elsewhere.confidence == 0.4


def test_pointer_and_wheel_are_the_logged_ones_and_popups_stay(corrected):
    (move,) = told(corrected(DONE), ScreenEventKind.POINTER)
    left, _, width, _ = move.box_px
    assert (move.first_frame, move.end_frame) == (6, 16) and left < 100 < 195 < left + width
    (scroll,) = told(corrected(DONE), ScreenEventKind.SCROLL)
    assert (scroll.first_frame, scroll.end_frame, scroll.box_px) == (216, 260, (640, 0, 640, 720))
    assert len(told(corrected(DONE), ScreenEventKind.POPUP)) == 1


def test_a_log_without_a_kind_leaves_what_is_seen_of_it(corrected):
    keys = [row for row in DONE if row[1] == "key"]
    assert len(told(corrected(keys), ScreenEventKind.CLICK)) == 2
    assert (
        len(told(corrected(keys), ScreenEventKind.SCROLL)) == len(told(corrected(keys), ScreenEventKind.POINTER)) == 1
    )


def test_events_stay_in_order_and_another_log_is_another_perception(corrected):
    one, other = corrected(DONE), corrected(DONE[:-2])
    assert np.all(np.diff(one.signals["screen_events"].first_frame) >= 0)
    assert len({one.digest, other.digest, "seen"}) == 3 and one.signals["other"] == 7


def test_what_lies_beside_the_movie_is_left_out_and_keys_have_no_place():
    inside = [(0.0, "key", np.nan, np.nan), (1.0, "click", 0.0, 720.0), (1.9, "scroll", 1280.0, 0.0)]
    before, after = (-0.1, "key", np.nan, np.nan), (2.0, "click", 5.0, 5.0)
    beside = [before, (1.0, "move", -1.0, 5.0), (1.0, "move", 5.0, 721.0), after]
    kept = log_of(sorted([*inside, *beside])).within(2.0, SIZE)
    np.testing.assert_equal(rows(kept), rows(log_of(inside)))


def test_without_screen_events_nothing_changes():
    bare = Perception("m", "seen", {"other": 7})
    assert with_inputs(bare, documents.media(), log_of(DONE)) is bare
