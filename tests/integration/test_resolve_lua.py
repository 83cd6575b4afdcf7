"""The Lua menu entries, run by real Lua inside a strict fake Resolve: the files, and applying a plan."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import documents as make
import needed
from hosts import resolve_lua, resolve_scenes, timelines
from hosts.resolve_menu import CASES, applied, mixed, planned, still_split, stills, untouched
from panscan_resolve.launchers import ENTRIES, HERE, PARTS, launcher
from panscan_resolve.stills import timecode

PROGRAMS = ("lua5.1", "luajit")
EDITIONS = ("everything", "no io, require, execute", "no os at all")
FAKES = sorted(Path(resolve_lua.__file__).parent.glob("*.lua"))
GLOBALS = ["resolve", "fusion", "fu", "bmd", "app", "comp", "ui", "Resolve", "PANSCAN_PLAN"]


# --- the files


@pytest.mark.parametrize("task", ENTRIES.values())
def test_the_entries_are_lua_5_1(task, tmp_path):
    path = tmp_path / "entry.lua"
    path.write_text(launcher(task, {"data": 'C:\\a "b"'}), encoding="utf-8")
    for command in ([needed.program("luac5.1"), "-p", path], [needed.program("luajit"), "-bl", path, os.devnull]):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
    path.write_text("local x = = 1\n", encoding="utf-8")
    assert subprocess.run([needed.program("luac5.1"), "-p", path], capture_output=True, timeout=60).returncode


def test_luacheck_finds_nothing(tmp_path):
    files = [HERE / f"{part}.lua" for part in PARTS]
    assert sorted(files) == sorted(HERE.glob("*.lua"))
    whole = tmp_path / "entry.lua"
    whole.write_text(launcher("reframe", {"data": "/data", "command": "panscan", "ratio": "9:16"}), encoding="utf-8")
    command = [needed.program("luacheck"), "--no-color", "--std", "lua51+luajit"]
    ran = subprocess.run([*command, *files, whole], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout
    loose = ["--no-unused-args", "--no-max-line-length", "--globals", *GLOBALS, "io", "os", "require", "package", "ffi"]
    ran = subprocess.run([*command, *FAKES, *loose], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout


def test_only_documented_names_are_called():
    known = {name for names in resolve_lua.NAMES.values() for name in names}
    called = set()
    for path in [*HERE.glob("*.lua"), *HERE.parent.glob("*.py")]:
        pattern = r":([A-Z]\w+)\(" if path.suffix == ".lua" else r"\.([A-Z]\w+)\("
        called |= set(re.findall(pattern, path.read_text(encoding="utf-8")))
    assert {"DuplicateTimeline", "SetProperty", "AddFusionComp", "XYPath", "ExportCurrentFrameAsStill"} <= called
    assert called - known == {"ArgumentParser"}
    # What only Studio has opens a dialog in the free edition, after which other calls fail.
    assert not called & {"SmartReframe", "CreateMagicMask", "Stabilize", "TranscribeAudio", "DetectSceneCuts"}
    assert not any("UIManager" in path.read_text(encoding="utf-8") for path in HERE.glob("*.lua"))


def test_timecode_is_counted_alike_in_both_languages(tmp_path):
    parts = "\n".join(f'assert(loadfile("{HERE / part}.lua"))(P)' for part in ("base", "stills"))
    cases = [(n * 997, fps, drop) for n in range(300) for fps, drop in ((25, False), (29.97, True), (59.94, True))]
    calls = "\n".join(f"print(P.timecode({frame}, {fps}, {'true' if drop else 'false'}))" for frame, fps, drop in cases)
    (tmp_path / "times.lua").write_text(f"P = {{}}\n{parts}\n{calls}\n", encoding="utf-8")
    ran = subprocess.run([needed.program("lua5.1"), tmp_path / "times.lua"], capture_output=True, text=True, timeout=60)
    assert ran.stdout.split() == [timecode(*case) for case in cases]


# --- apply


@pytest.mark.parametrize("edition", [{}, {"free_edition": True}, {"free_edition": True, "bare": True}], ids=EDITIONS)
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_frame_shows_the_cameras_crops(case, program, edition, tmp_path):
    timeline = case()
    report = applied(tmp_path, timeline, program=program, **edition)
    assert report.runs == ["ok"]
    canvas = timelines.clips(timeline)[0].framing.canvas
    untouched(report)
    assert report.timelines[2]["name"] == f"Interview {canvas.width}x{canvas.height}"
    assert report.timelines[2]["canvas"] == (canvas.width, canvas.height)
    resolve_scenes.agrees(timeline, report.shown[2])
    assert report.facts["current"] == report.timelines[2]["name"] and report.facts["modal"] == "false"
    assert float(report.facts["waited"]) > 1, "changes are paced"
    assert report.lacking == set(), "only documented names are asked for"


@pytest.mark.parametrize("root", ["global", "function", "scriptapp"])
def test_the_root_object_is_found(root, tmp_path):
    assert applied(tmp_path, stills(), root=root).runs == ["ok"]


@pytest.mark.parametrize("render_start", [0, 10, 1001])
def test_comps_start_where_they_say(render_start, tmp_path):
    timeline = timelines.in_point()
    resolve_scenes.agrees(timeline, applied(tmp_path, timeline, render_start=render_start).shown[2])


def test_a_taken_name_is_not_taken_again(tmp_path):
    report = applied(tmp_path, stills(), timelines=["Interview 1080x1920", "Interview 1080x1920 2"])
    assert report.facts["modal"] == "false" and report.facts["current"] == "Interview 1080x1920 3"


@pytest.mark.parametrize("end_is_exclusive", [False, True])
def test_layers_go_to_free_tracks_at_their_exact_length(end_is_exclusive, tmp_path):
    timeline = still_split()
    busy = {"name": "lower third", "track": 2, "start": 20, "left": 0, "duration": 15}
    report = applied(tmp_path, timeline, more=[busy], end_is_exclusive=end_is_exclusive)
    tracks = {(track, start - resolve_scenes.START, length) for _, track, start, length, *_ in report.items[2]}
    assert tracks == {(1, 0, 30), (3, 0, 30), (2, 20, 15), (1, 30, 20), (3, 30, 20)}
    frames = {at: [layer for layer in layers if layer[0] != 2] for at, layers in report.shown[2].items()}
    resolve_scenes.agrees(timeline, frames)


def test_what_cannot_be_reframed_is_listed_and_left_alone(tmp_path):
    timeline = stills()
    clip = resolve_scenes.items(timeline)[0]
    size = {"w": 1920, "h": 1080}
    odd = {
        "a title": {"name": "Title"},
        "a nested timeline": {"name": "Nested", "file": "", **size},
        "retimed": {**clip, "name": "Fast", "span": 24},
        "flipped": {**clip, "name": "Mirror", "set": {"FlipX": True}},
        "turned by hand": {**clip, "name": "Turned", "set": {"RotationAngle": 5}},
        "no clip with this file": {**clip, "name": "Unknown", "left": 7},
    }
    more = [{"left": 0, "duration": 12, **o, "track": 1, "start": 100 + 20 * n} for n, o in enumerate(odd.values())]
    report = applied(tmp_path, timeline, more=more)
    lines = report.output.splitlines()
    for why, item in odd.items():
        assert any(item["name"] in line and why in line for line in lines), why
    assert f"2 clips reframed, 0 were done before, {len(odd)} left alone, 0 failed" in report.output
    assert any("6 left alone" in text and "state=done" in data for text, data in report.notes[2])
    own = {at: layers for at, layers in report.shown[2].items() if at < resolve_scenes.START + 100}
    resolve_scenes.agrees(timeline, own)
    assert all(item[6] == 0 for item in report.items[2] if item[2] >= resolve_scenes.START + 100)


def test_comps_and_locked_tracks_of_the_editor_are_respected(tmp_path):
    first, second = resolve_scenes.items(timelines.several())[:2]
    report = applied(
        tmp_path, timelines.several(), items=[{**first, "own_comp": True}, {**second, "track": 2}], locked=2
    )
    assert "Fusion comp of its own" in report.output and "its track is locked" in report.output
    assert "(clip003): not in this timeline" in report.output
    assert [item[5:] for item in report.items[2]] == [(1, 0), (0, 0)]


def test_other_scalings_of_the_editor_do_not_matter(tmp_path):
    timeline = stills()
    changed = {"Scaling": 3, "Pan": 0.25, "AnchorPointX": 30, "CropLeft": 99, "ZoomX": 3, "ZoomY": 3}
    items = [{**item, "set": changed} for item in resolve_scenes.items(timeline)]
    resolve_scenes.agrees(timeline, applied(tmp_path, timeline, items=items).shown[2])


def test_values_that_resolve_clips_silently_are_noticed(tmp_path):
    path = Path(planned(tmp_path, stills()))
    path.write_text(re.sub(r"Pan = [-\d.]+", "Pan = 5000", path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    report = resolve_lua.run(
        tmp_path, {"items": resolve_scenes.items(stills()), "globals": {"PANSCAN_PLAN": str(path)}}
    )
    assert "Resolve kept Pan at 4320 instead of 5000" in report.output and "1 failed" in report.output
    assert "state=building" in report.notes[2][0][1]


# --- again, and after a crash


def changed(timeline):
    """The same clips under other cameras: what moved stands still, and the other way round."""
    clips = timelines.clips(timeline)
    still, move = ((0, 2.0, 100.0, 30.0),), ((0, 1.8, 100.0, 0.0), (70, 2.2, -100.0, 20.0))
    cameras = [still if len(c.framing.cells[0].camera.frame) > 1 else move for c in clips]
    return make.timeline(*((c.first, c.end, make.framing(keys)) for c, keys in zip(clips, cameras, strict=True)))


def test_the_same_plan_again_changes_nothing(tmp_path):
    timeline = timelines.several()
    once = applied(tmp_path, timeline)
    again = applied(tmp_path, timeline, runs=3, between=[{"original": True}, {}])
    assert again.runs == ["ok"] * 3 and "0 clips reframed, 3 were done before" in again.output
    assert (again.items, again.shown) == (once.items, once.shown) and len(again.timelines) == 2


@pytest.mark.parametrize("case", ["several", "still_split", "split"])
def test_another_plan_updates_instead_of_stacking(case, tmp_path):
    timeline = make.timeline(*((c.first, c.end, c.framing) for c in timelines.clips(CASES[case]())))
    other = changed(timeline)
    between = [{"plan": planned(tmp_path, other, "other")}]
    report = applied(tmp_path, timeline, runs=2, between=between)
    assert report.runs == ["ok", "ok"] and len(report.timelines) == 2
    resolve_scenes.agrees(other, report.shown[2])
    assert all(item[5] <= 1 and item[6] == 1 for item in report.items[2])
    back = applied(
        tmp_path, timeline, runs=3, between=[*between, {"plan": str(tmp_path / "plan.lua"), "original": True}]
    )
    resolve_scenes.agrees(timeline, back.shown[2])


@pytest.mark.parametrize("share", range(1, 20))
def test_a_crash_anywhere_leaves_the_original_and_the_next_run_ends_well(share, tmp_path):
    timeline = mixed()
    calls = int(applied(tmp_path, timeline, runs=1).facts["calls"])
    assert calls > 60
    for crash_at in range(share, calls, 19):
        report = applied(tmp_path, timeline, crash_at=crash_at, runs=2, between=[{"original": True}])
        assert report.runs[0].startswith("stopped") and "your own timeline was not changed" in report.output
        assert report.runs[1] == "ok", (crash_at, report.output)
        untouched(report)
        copies = [number for number, t in report.timelines.items() if t["name"] == report.facts["current"]]
        resolve_scenes.agrees(timeline, report.shown[copies[0]])
        assert len(report.timelines) <= 3  # a copy that was made but not yet marked stays behind


def test_a_crash_leaves_a_note_of_what_was_done(tmp_path):
    timeline = mixed()
    calls = int(applied(tmp_path, timeline).facts["calls"])
    report = applied(tmp_path, timeline, crash_at=calls - 12)
    ((text, data),) = report.notes[2]
    assert "clips with a Panscan marker are done" in text and "state=building" in data
    assert sum(item[6] for item in report.items[2]) >= 2
