"""The script for Premiere up to 25.x, run in a strict ExtendScript DOM: every frame is the document's."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

import documents as make
import needed
from hosts import timelines
from hosts.placed import agrees
from hosts.premiere_node import ADAPTER, FOLDER, TICKS, node, placed, run, scenario, sequence_of
from panscan.timeline.cut import read_cut

SCRIPT = ADAPTER / "legacy" / "panscan.jsx"
MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))
SPLITS = {"split", "inset"}


def _script(timeline, *steps, **named):
    return run("premiere_extendscript.js", scenario(timeline, *steps, script=str(SCRIPT), **named))


def _one():
    return make.timeline((5, 45, make.framing(MOVE)))


def _stacked(timeline, **named):
    """The sequence after the editor copied its clips to the track above, as the script asks for split layouts."""
    sequence = sequence_of(timeline, **named)
    sequence["tracks"].append([dict(clip) for clip in sequence["tracks"][0]])
    return sequence


@pytest.mark.parametrize("from_timecode", [False, True], ids=["zero", "timecode"])
@pytest.mark.parametrize("case", timelines.CASES)
def test_premiere_shows_what_the_document_says(case, from_timecode) -> None:
    timeline = timelines.CASES[case]()
    sequence = (_stacked if case in SPLITS else sequence_of)(timeline, from_timecode=from_timecode)
    told = _script(timeline, sequence=sequence)
    cut = read_cut(timeline, folder=FOLDER)
    original, copy = told["sequences"]
    agrees(placed(copy["shown"]), cut)
    assert copy["name"] == told["active"] == f"Entrevista {cut.canvas.width}x{cut.canvas.height}"
    assert copy["modes"] == [0] * len(copy["modes"]) and original["modes"] == []
    (said,) = told["said"]
    assert said.count("done: ") == len(cut.clips) and "missing" not in said


def test_photos_are_found_wherever_premiere_counts_their_time_from() -> None:
    timeline, hour = timelines.photos(), 3600 * TICKS
    sequence = sequence_of(timeline)
    for clip in sequence["tracks"][0]:
        clip |= {edge: clip[edge] + hour for edge in ("clock", "in", "out")}
    told = _script(timeline, sequence=sequence)
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


def test_a_second_run_updates_the_same_sequence() -> None:
    timeline = _one()
    told = _script(timeline, {}, {})
    assert len(told["sequences"]) == 2 and told["said"][0] == told["said"][1]
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


def test_missing_cells_and_crops_are_told() -> None:
    timeline = timelines.CASES["split"]()
    assert "Cells are missing" in _script(timeline)["said"][0]
    assert "Crop effect" in _script(timeline, world={"motionCount": 7})["said"][0]


def test_other_media_and_changed_speed_are_told() -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    sequence["tracks"][0][0]["file"] = "/media/other.mp4"
    assert _script(timeline, sequence=sequence)["said"] == ["missing: talk.mp4."]
    sequence = sequence_of(timeline)
    sequence["tracks"][0][0]["reversed"] = True
    assert _script(timeline, sequence=sequence)["said"][0].startswith("left: talk.mp4")


def test_a_size_that_premiere_keeps_is_told() -> None:
    assert "frame size" in _script(_one(), world={"keepsSize": True})["said"][0]


@pytest.mark.parametrize("text", ["", "nothing", "{", '{"format": "other", "version": 1}', "app.quit()", '{"a": 1} x'])
def test_a_file_that_is_no_plan_is_refused(text) -> None:
    told = _script(_one(), {"plan": text})
    assert "not a plan" in told["said"][0] and len(told["sequences"]) == 1


def test_no_file_chosen_is_no_error() -> None:
    assert _script(_one(), {"dismissed": True})["said"] == []


def test_names_with_quotes_and_signs_are_read() -> None:
    of = make.media('/media/Gespräch "A" \\ 日本 \u2028.mp4')
    timeline = make.timeline((5, 45, make.framing(MOVE)), of=of)
    agrees(placed(_script(timeline)["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


# --- ES3: what ExtendScript's engine reads


def _newer(text: str) -> list[str]:
    """Marks of newer JavaScript in a script, outside its strings, comments and regular expressions."""
    comment, string = r"/\*.*?\*/|//[^\n]*", r"\"(?:\\.|[^\"\\\n])*\""
    expression = r"/(?![ *])(?:\\.|\[(?:\\.|[^\]])*\]|[^/\\\n])+/"
    plain = re.sub(f"{comment}|{string}|{expression}", '""', text, flags=re.DOTALL)
    marks = {
        "let or const": r"\b(?:let|const)\b",
        "arrow": r"=>",
        "template": r"`",
        "trailing comma": r",\s*[\]})]",
        "class, async or of": r"\bclass\b|\basync\b|\bawait\b|\bof\b",
        "JSON": r"\bJSON\b",
        "ES5 method": r"\.(?:forEach|map|filter|some|every|indexOf\(function|trim|reduce|bind|keys|includes)\(",
        "spread": r"\.\.\.",
        "getter": r"\bget \w+\(",
    }
    return [name for name, mark in marks.items() if re.search(mark, plain)]


def test_the_script_is_es3() -> None:
    assert _newer(SCRIPT.read_text()) == []


@pytest.mark.parametrize(
    "code", ["let a = 1;", "var f = () => 1;", "var a = [1, 2,];", "var a = {b: 1,};", "a.forEach(f);", "var a = `b`;"]
)
def test_the_check_of_es3_is_able_to_fail(code) -> None:
    assert _newer(code)


def _parsed_as_es3(text: str) -> bool:
    code = f"""
    const acorn = require({json.dumps(str(needed.npm_package("acorn")))});
    acorn.parse(require("fs").readFileSync(0, "utf8"), {{ ecmaVersion: 3, allowReserved: "never" }});
    """
    done = subprocess.run([node(), "-e", code], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 or "SyntaxError" in done.stderr, done.stderr
    return done.returncode == 0


def test_a_parser_of_es3_reads_the_script() -> None:
    assert _parsed_as_es3(SCRIPT.read_text())
    assert not _parsed_as_es3("var a = {class: 1}.class;") and not _parsed_as_es3("let a = 1;")
