"""The Lua menu entries, run by real Lua inside a strict fake Resolve."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from hosts import resolve_lua, resolve_scenes, timelines
from panscan import ingest
from panscan.deliver import deliver
from panscan.deliver.host_space import Key, fit_scale, resolve_inspector
from panscan.document import timeline as document
from panscan.model.geometry import Size
from panscan_resolve.launchers import ENTRIES, HERE, PARTS, launcher
from panscan_resolve.stills import timecode

PROGRAMS = ("lua5.1", "luajit")
EDITIONS = ("everything", "no io, require, execute", "no os at all")
FAKES = sorted(Path(resolve_lua.__file__).parent.glob("*.lua"))
GLOBALS = ["resolve", "fusion", "fu", "bmd", "app", "comp", "ui", "Resolve", "PANSCAN_PLAN"]


def still_split():
    """Two cameras that stand still, over two clips."""
    return make.timeline((10, 40, make.two_cells()), (40, 60, make.two_cells()))


def stills():
    return make.timeline(
        (0, 12, make.framing(((0, 2.0, 12.5, -40.0),))), (12, 30, make.framing(((0, 2.4, 324.0, 240.0),)))
    )


CASES = {**timelines.CASES, "still_split": still_split, "stills": stills}


def planned(folder, timeline, name="plan", **options):
    path = folder / f"{name}.lua"
    path.write_bytes(deliver(timeline, "resolve-plan", folder=timelines.FOLDER, options=options).main)
    return str(path)


def applied(folder, timeline, *, program="lua5.1", more=(), **scene):
    globals_ = {"PANSCAN_PLAN": planned(folder, timeline)}
    scene = {"items": [*resolve_scenes.items(timeline), *more], "globals": globals_, **scene}
    return resolve_lua.run(folder, scene, program=program)


def untouched(report):
    """The editor's own timeline, its clips and its size."""
    assert report.timelines[1] == {"name": "Interview", "canvas": (1920, 1080), "tracks": 1}
    assert 1 not in report.notes and all(item[5] == item[6] == 0 for item in report.items[1])


# --- the files


@pytest.mark.parametrize("task", ENTRIES.values())
def test_the_entries_are_lua_5_1(task, tmp_path):
    path = tmp_path / "entry.lua"
    path.write_text(launcher(task, {"data": 'C:\\a "b"'}), encoding="utf-8")
    for command in ([resolve_lua.tool("luac5.1"), "-p", path], [resolve_lua.tool("luajit"), "-bl", path, os.devnull]):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
    path.write_text("local x = = 1\n", encoding="utf-8")
    assert subprocess.run([resolve_lua.tool("luac5.1"), "-p", path], capture_output=True, timeout=60).returncode


def test_luacheck_finds_nothing():
    files = [HERE / f"{part}.lua" for part in PARTS]
    assert sorted(files) == sorted(HERE.glob("*.lua"))
    command = [resolve_lua.tool("luacheck"), "--no-color", "--std", "lua51+luajit"]
    ran = subprocess.run([*command, *files], capture_output=True, text=True, timeout=60)
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
    ran = subprocess.run(
        [resolve_lua.tool("lua5.1"), tmp_path / "times.lua"], capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.split() == [timecode(*case) for case in cases]


def test_missing_lua_is_a_skip_here_and_a_failure_in_continuous_integration(monkeypatch):
    monkeypatch.setattr(resolve_lua.shutil, "which", lambda name: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"lua5\.1 is missing"):
        resolve_lua.tool("lua5.1")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        resolve_lua.tool("lua5.1")


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


def mixed():
    """A move, a still split and a still clip: every way of setting."""
    move = make.framing(((0, 1.8, 100.0, 0.0), (5, 2.2, -100.0, 20.0)))
    still = make.framing(timelines.ZOOM[:1])
    return make.timeline((0, 6, move), (6, 10, make.two_cells()), (10, 14, still))


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


# --- the fake has teeth: each of these mistakes of a script shows


SET, TEXTS = "timeline:SetSetting(setting[1], ", "setting[2])"
PATH = "camera.Center = comp:XYPath({})"
SIZE = 'spline_of(comp, camera, "Size"):SetKeyFrames(keys_of(cell.size, start), true)'
HANDLES = "      LH = { row[3] + shift, row[4] },\n      RH = { row[5] + shift, row[6] },\n"
MISTAKES = {
    "tilt in plain pixels": ("inspector", "values[name] /", '(name == "Tilt" and 0.3164 or 1) * values[name] /'),
    "scaling left as it is": ("inspector", "local SCALE_TO_FIT = 2", "local SCALE_TO_FIT = 3"),
    "the copy is not current": ("timeline", "project:SetCurrentTimeline(timeline)", ""),
    "custom settings come last": ("timeline", '{ "useCustomSettings", "1" },', ""),
    "numbers for settings": ("timeline", SET + TEXTS, f"{SET}tonumber(setting[2]) or {TEXTS}"),
    "values under lock": ("comp", "  comp:Unlock()\n", ""),
    "comps start at zero": ("comp", "comp:GetAttrs().COMPN_RenderStart", "0"),
    "a point on a spline": ("comp", PATH, f"{PATH} camera.Center = comp:BezierSpline({{}})"),
    "smooth handles": ("comp", HANDLES, ""),
    "keys before attaching": ("comp", SIZE, SIZE.replace('spline_of(comp, camera, "Size")', "comp:BezierSpline({})")),
    "a name that is taken": ("timeline", "while taken[name] do", "while false do"),
    "layers on a busy track": ("layers", "is_free = is_free and not (", "is_free = is_free and not (false and "),
    "one frame too long": ("layers", "if layer:GetDuration(false) == duration and", "if"),
    "matching by number": ("items", "key(path, item:GetLeftOffset(false), item:GetDuration(false))", "key(path, 0, 0)"),
    "a module from outside": ("base", "local P = ...", 'local P = ...\nrequire("socket")'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_a_script_shows(mistake, tmp_path, monkeypatch):
    part, right, wrong = MISTAKES[mistake]
    text = (HERE / f"{part}.lua").read_text(encoding="utf-8")
    assert text.count(right) == 1, mistake
    copy = tmp_path / "parts"
    copy.mkdir()
    for path in HERE.glob("*.lua"):
        (copy / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    timeline = mixed() if mistake not in ("tilt in plain pixels",) else stills()
    more = [{"name": "lower third", "track": 2, "start": 7, "left": 0, "duration": 1}]
    scene = {"more": more, "timelines": ["Interview 1080x1920"], "free_edition": True, "end_is_exclusive": True}

    def agrees():
        report = applied(tmp_path, timeline, **scene)
        (copied,) = [number for number, t in report.timelines.items() if t["name"] == "Interview 1080x1920 2"]
        frames = {at: [one for one in layers if one[0] != 2] for at, layers in report.shown[copied].items()}
        resolve_scenes.agrees(timeline, frames)

    monkeypatch.setattr("panscan_resolve.launchers.HERE", copy)
    agrees()
    (copy / f"{part}.lua").write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises((AssertionError, ValueError)):
        agrees()


# --- plans


def test_a_plan_is_found_by_its_fixed_name(tmp_path):
    timeline = stills()
    planned(tmp_path, timeline, "panscan_plan")
    scene = {"items": resolve_scenes.items(timeline), "free_edition": True}
    report = resolve_lua.run(tmp_path, scene)
    assert report.runs == ["ok"]
    resolve_scenes.agrees(timeline, report.shown[2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no plan found"),
        ("return {", "no plan found"),
        ("return 5", "is no plan of panscan"),
        ('return { format = "panscan-resolve-plan", version = 2 }', "run `panscan install resolve` again"),
        ('os.exit(1)', "no plan found"),
    ],
)  # fmt: skip
def test_other_files_are_refused(text, said, tmp_path):
    if text:
        (tmp_path / "panscan_plan.lua").write_text(text, encoding="utf-8")
    report = resolve_lua.run(tmp_path, {"items": resolve_scenes.items(stills())})
    assert report.runs[0].startswith("stopped") and said in report.output
    assert len(report.timelines) == 1


def test_the_timeline_file_is_imported_where_that_is_asked_for(tmp_path):
    path = tmp_path / "talk.9x16.resolve-plan.lua"
    path.write_bytes(deliver(stills(), "resolve-plan", folder=timelines.FOLDER, options={"route": "import"}).main)
    report = resolve_lua.run(tmp_path, {"items": [], "globals": {"PANSCAN_PLAN": str(path)}})
    assert report.runs == ["ok"] and report.facts["imported"] == str(tmp_path / "talk.9x16.resolve.otio")
    assert report.timelines[2] == {"name": "talk 9x16", "canvas": (1080, 1920), "tracks": 1}


# --- reframe, check, calibrate


def test_reframing_starts_panscan_and_applies_its_plan(tmp_path):
    timeline = stills()
    plan = planned(tmp_path, timeline, "made")
    script = tmp_path / "panscan"
    script.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncp {plan} {tmp_path}/Interview.9x16.resolve-plan.lua\n'
    )
    script.chmod(0o755)
    scene = {"items": resolve_scenes.items(timeline)}
    report = resolve_lua.run(tmp_path, scene, task="reframe", installed={"command": f'"{script}"', "ratio": "9:16"})
    assert report.runs == ["ok"]
    exported = tmp_path / "Interview.otio"
    assert report.facts["exported"] == str(exported)
    asked = (tmp_path / "asked").read_text().split()
    assert asked == f"reframe {exported} -r 9:16 --to resolve-plan --to otio-resolve -o {tmp_path}".split()
    resolve_scenes.agrees(timeline, report.shown[2])


def test_the_whole_way_from_the_menu_with_the_real_panscan(movie, tmp_path):
    """The editor's clips, exported as OTIO, come back with the cameras that panscan chose."""
    media = ingest.probe(movie("cuts"))
    rate = float(media.video.rate)
    timeline = otio.schema.Timeline("Interview")
    track = otio.schema.Track("V1", kind="Video")
    timeline.tracks.append(track)
    items = []
    for first, end in ((5, 20), (25, 40)):
        whole, used = (
            otio.opentime.TimeRange(otio.opentime.RationalTime(a, rate), otio.opentime.RationalTime(b - a, rate))
            for a, b in ((0, media.frame_count), (first, end))
        )
        track.append(otio.schema.Clip("film", otio.schema.ExternalReference(str(movie("cuts")), whole), used))
        place = {"start": 15 * len(items), "left": first, "duration": end - first, "track": 1}
        size = media.video.display
        items.append({"file": str(movie("cuts")), "w": size.width, "h": size.height, **place})
    scene = {"items": items, "fps": rate, "otio": otio.adapters.write_to_string(timeline, "otio_json")}
    command = f'"{Path(sys.executable).with_name("panscan")}"'
    report = resolve_lua.run(tmp_path, scene, task="reframe", installed={"command": command})
    assert report.runs == ["ok"], report.output
    assert "2 clips reframed, 0 were done before, 0 left alone, 0 failed" in report.output
    resolve_scenes.agrees(document.read(tmp_path / "Interview.9x16.otio"), report.shown[2])


def test_reframing_tells_what_to_run_where_it_cannot(tmp_path):
    scene = {"items": resolve_scenes.items(stills()), "free_edition": True}
    report = resolve_lua.run(tmp_path, scene, task="reframe", installed={"command": "/bin/panscan"})
    assert report.runs == ["ok"] and len(report.timelines) == 1
    assert "cannot start panscan" in report.output
    assert f"/bin/panscan reframe '{tmp_path}/Interview.otio' -r 9:16" in report.output


def test_file_names_reach_the_command_line_as_they_are(tmp_path):
    folder = tmp_path / "Ada's $HOME `x`"
    folder.mkdir()
    script = tmp_path / "panscan"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$2" > {tmp_path}/asked\nexit 1\n')
    script.chmod(0o755)
    installed = {"command": str(script), "data": str(folder)}
    resolve_lua.run(tmp_path, {"items": resolve_scenes.items(stills())}, task="reframe", installed=installed)
    assert (tmp_path / "asked").read_text() == f"{folder}/Interview.otio\n"


def test_reframing_says_when_panscan_failed(tmp_path):
    scene = {"items": resolve_scenes.items(stills())}
    report = resolve_lua.run(tmp_path, scene, task="reframe", installed={"command": "/bin/false"})
    assert "could not reframe the timeline" in report.runs[0] and len(report.timelines) == 1


SMALL, SOURCE = Size(90, 160), Size(160, 90)


def small():
    """Pictures so small that stills are quick: a still clip and one that moves."""
    fit = fit_scale(SOURCE, SMALL)
    keys = ((0, 3.2 * fit, 30.0, 0.0), (9, 4 * fit, -20.0, 20.0))
    framings = [make.framing(k, canvas=SMALL, source=SOURCE) for k in (((0, 4 * fit, 60.0, -20.0),), keys)]
    return make.timeline((0, 5, framings[0]), (5, 15, framings[1]), of=make.media(size=SOURCE))


@pytest.mark.parametrize("spoil", [None, 0.4])
def test_check_compares_stills_with_the_plan(spoil, tmp_path):
    timeline = small()
    (tmp_path / "stills").mkdir()
    checker = tmp_path / "check.lua"
    checker.write_text(launcher("check", {"data": str(tmp_path)}), encoding="utf-8")
    between = [{"task": str(checker), **({"spoil": spoil} if spoil else {})}]
    report = applied(tmp_path, timeline, runs=2, between=between, project_px=[160, 90])
    assert report.runs == ["ok", "ok"]
    assert ("2 clips as planned, 0 not" if spoil is None else "0 clips as planned, 2 not") in report.output
    assert len(list((tmp_path / "stills").iterdir())) == 12


def test_check_sees_what_reading_back_does_not(tmp_path):
    """A version that draws tilt twice as strongly keeps every value and shows another crop."""
    (tmp_path / "stills").mkdir()
    checker = tmp_path / "check.lua"
    checker.write_text(launcher("check", {"data": str(tmp_path)}), encoding="utf-8")
    gains = {"pan": 2, "tilt": 2, "zoom": 1}
    report = applied(tmp_path, small(), runs=2, between=[{"task": str(checker)}], project_px=[160, 90], gains=gains)
    assert "0 failed" in report.output and "shows another crop than planned" in report.output
    assert "1 clips as planned, 1 not" in report.output  # the comp does not depend on the Inspector's units


@pytest.mark.parametrize("gains", [{"pan": 1, "tilt": 1, "zoom": 1}, {"pan": 2, "tilt": 2, "zoom": 1}])
def test_calibrate_measures_and_the_next_run_allows_for_it(gains, tmp_path):
    (tmp_path / "stills").mkdir()
    timeline = stills()
    applier = tmp_path / "apply.lua"
    applier.write_text(launcher("apply", {"data": str(tmp_path)}), encoding="utf-8")
    scene = {"items": resolve_scenes.items(timeline), "gains": gains, "runs": 2, "between": [{"task": str(applier)}]}
    scene["globals"] = {"PANSCAN_PLAN": planned(tmp_path, timeline)}
    report = resolve_lua.run(tmp_path, scene, task="calibrate", program="luajit")
    assert report.runs == ["ok", "ok"], report.output
    numbers = [f"{name} = {gains[name]:.3f}" for name in ("pan", "tilt", "zoom")]
    assert (tmp_path / "calibration.lua").read_text() == f'return {{ version = "21.0.3.7", {", ".join(numbers)} }}\n'
    assert list(report.timelines) == [1, 2] and report.timelines[2]["name"] == "Interview 1080x1920"
    resolve_scenes.agrees(timeline, report.shown[2])


def test_calibrate_without_files_says_what_to_look_for(tmp_path):
    report = resolve_lua.run(tmp_path, {"items": [], "free_edition": True}, task="calibrate")
    assert report.runs == ["ok"] and "x 640.0, y 928.4" in report.output
    assert report.facts["current"] == "Panscan calibration"


def test_the_numbers_of_the_chart_follow_the_law():
    text = (HERE / "calibrate.lua").read_text(encoding="utf-8")
    found = {name: float(value) for name, value in re.findall(r"(\w+_px|units) = ([\d.]+)", text)}
    unit = resolve_inspector(Key(fit_scale(make.HD, make.VERTICAL), 1.0, -1.0), make.HD, make.VERTICAL)
    assert found["width_px"] == pytest.approx(240 * fit_scale(make.HD, make.VERTICAL))
    assert (found["pan_px"], found["tilt_px"]) == pytest.approx((found["units"] / unit.pan, found["units"] / unit.tilt))
