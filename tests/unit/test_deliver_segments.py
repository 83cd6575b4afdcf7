"""Segments: what the camera does as data, read back from the JSON and made into the same camera again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import documents as make
from hosts import timelines
from panscan import direct, operate
from panscan.deliver import deliver
from panscan.errors import UsageError
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.request.segment_files import load_segments
from scenes import RATE, perception, request, screen_events

WIDE = Size(1920, 1080)
TYPED = ("typing", 3, 8, 300, 400, 700, 40)
CLICKED = ("click", 9.5, 12, 1500, 900, 200, 60)
FRAMES = np.arange(500)


def framed(canvas=WIDE, segments=(), preset="screen", **choices) -> Framing:
    media = make.media(frame_count=len(FRAMES))
    seen = perception(events=screen_events(TYPED, CLICKED), frame_count=len(FRAMES))
    plan = direct.plan(media, seen, replace(request(canvas, preset, **choices), segments=segments))
    return operate.frame_shot(plan.shots[0], plan, make.HD, make.PAL)


def delivered(framing: Framing, first=0, end=500):
    return deliver(make.timeline((first, end, framing)), "segments", folder=timelines.FOLDER)


@pytest.fixture
def written(tmp_path):
    def write(content) -> object:
        path = tmp_path / "edited.segments.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_they_follow_each_other_and_say_what_is_shown_and_why():
    rows = json.loads(delivered(framed()).text)["segments"]
    assert [row["mode"] for row in rows] == ["wide", "focus_in", "hold", "focus_in", "hold", "release", "wide"]
    assert [row["t0"] for row in rows[1:]] == [row["t1"] for row in rows[:-1]]
    assert (rows[0]["t0"], rows[-1]["t1"]) == (0, 20)
    assert rows[2]["reason"] == "typing" and rows[4]["reason"] == "a click"
    assert {row["easing"] for row in rows if row["mode"] in ("wide", "hold")} == {"none"}
    left, top, width, height = rows[2]["roi"]
    assert left <= 300 and left + width >= 1000 and top <= 400 and top + height >= 440


@pytest.mark.parametrize("canvas", [WIDE, make.SQUARE, make.VERTICAL], ids=str)
def test_unchanged_they_give_the_same_camera(canvas, written):
    before = framed(canvas)
    after = framed(canvas, load_segments(written(delivered(before).text)))
    assert after.layout == before.layout
    for one, other in zip(before.cells, after.cells, strict=True):
        assert np.abs(one.crops(FRAMES, make.HD) - other.crops(FRAMES, make.HD)).max() < 0.02
    assert [rest.reason for rest in after.cells[0].rests] == [rest.reason for rest in before.cells[0].rests]


def test_a_change_is_followed_to_the_frame_and_the_pixel(written):
    content = json.loads(delivered(framed()).text)
    hold = content["segments"][2]
    hold |= {"roi": [480, 270, 960, 540], "t0": 4.0, "reason": "look here"}
    content["segments"][1]["t1"] = 4.0
    cell = framed(segments=load_segments(written(content))).cells[0]
    assert cell.crops([100], make.HD)[0].tolist() == [480, 270, 960, 540]
    assert cell.crops([99], make.HD)[0, 2] > 960
    assert cell.rests[1].reason == "look here"


def test_any_camera_has_segments_and_gets_them_back(written):
    """A camera that was solved, with a pan and a jump."""
    keys = ((0, 1.777778, 700.0, 0.0), (90, 1.777778, 100.0, 0.0), (140, 1.777778, 100.0, 0.0))
    framing = make.framing((*keys, (141, 1.777778, -600.0, 0.0)), why="one who walks")
    rows = json.loads(delivered(framing).text)["segments"]
    assert [row["mode"] for row in rows] == ["hold", "pan", "hold", "hold"]
    assert {row["reason"] for row in rows} == {"one who walks"} and rows[2]["t1"] == rows[3]["t0"]
    segments = load_segments(written(delivered(framing).text))
    again = framed(make.VERTICAL, segments, preset="default").cells[0].crops(FRAMES, make.HD)
    assert np.abs(again - framing.cells[0].crops(FRAMES, make.HD)).max() < 0.05


def test_times_are_those_of_the_record():
    rows = json.loads(delivered(framed(), first=125, end=250).text)["segments"]
    assert (rows[0]["t0"], rows[-1]["t1"]) == (0, 5)
    assert rows[0]["reason"] == "typing" and rows[-1]["t0"] == pytest.approx(
        framed().cells[0].rests[2].first / RATE - 5, abs=1
    )


def test_cells_that_are_not_told_are_listed():
    """Those of a split; the whole screen of a stack is made again."""
    told = [
        any("all cells but one" in loss.what for loss in delivered(framing).losses)
        for framing in (make.two_cells(), framed(make.VERTICAL, layouts=("stack",)), framed())
    ]
    assert told == [True, False, False]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mode": "zoom"}, "mode"),
        ({"roi": [0, 0, -5, 10]}, "roi"),
        ({"roi": None}, "roi"),
        ({"t1": 0.0}, "t1"),
        ({"t0": 0.1}, "before the one ahead ends"),
        ({"mode": "pan", "easing": "bounce"}, "easing"),
        ({"mode": "pan", "easing": "none"}, "easing"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
def test_mistakes_are_answered_with_the_segment_and_what_is_allowed(change, told, written):
    content = json.loads(delivered(framed()).text)
    content["segments"][2] |= change
    with pytest.raises(UsageError) as error:
        load_segments(written(content))
    assert "segment 3" in error.value.what and told in f"{error.value.what} {error.value.why}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "segments": [{"t0": 0, "t1": 1, "mode": "wide"}]}',
        '{"segments": []}',
        '{"segments": [3]}',
        "{",
    ],
)
def test_a_file_that_is_none_is_refused(text, written):
    with pytest.raises(UsageError) as error:
        load_segments(written(text))
    assert error.value.why and error.value.fix
