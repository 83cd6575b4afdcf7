"""The Python twin of the menu entries, inside a strict fake Resolve."""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import documents as make
from hosts import resolve_fake, resolve_lua, resolve_scenes, timelines
from panscan.deliver import deliver
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan_resolve import apply as applying
from panscan_resolve import calibrate as calibrating
from panscan_resolve import check as checking
from panscan_resolve import plan as planning
from panscan_resolve import stills
from panscan_resolve.__main__ import main
from panscan_resolve.host import ScriptError, Session


def plan_of(timeline, **options):
    files = deliver(timeline, "resolve-plan", folder=timelines.FOLDER, options=options).files
    return json.loads(files[".resolve-plan.json"])


def session(root, said=None):
    return Session(root, say=(said if said is not None else []).append, sleep=lambda seconds: None)


def opened(timeline, more=(), **rules):
    return resolve_fake.open_resolve([*resolve_scenes.items(timeline), *more], **rules)


def still_split():
    """Two cameras that stand still, over two clips."""
    return make.timeline((10, 40, make.two_cells()), (40, 60, make.two_cells()))


CASES = {**timelines.CASES, "still_split": still_split}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_frame_shows_the_cameras_crops(case):
    timeline = case()
    root = opened(timeline)
    result = applying.apply(session(root), plan_of(timeline))
    assert not (result.failed or result.left_alone or result.missing), result
    project = root._manager._project
    original, copy = project._timelines
    canvas = timelines.clips(timeline)[0].framing.canvas
    assert project._current is copy is result.copy and copy._px == (canvas.width, canvas.height)
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy))
    assert original._px == (1920, 1080) and not original._markers and original._tracks == 1
    assert all(i._values == resolve_fake.DEFAULTS and not i._comps and not i._markers for i in original._items)
    assert not root._world.modal


# --- what the copy is made of


def copy_of(root):
    return root._manager._project._timelines[-1]


def untouched(root):
    original = root._manager._project._timelines[0]
    assert original._px == (1920, 1080) and not original._markers and original._tracks == 1
    assert all(i._values == resolve_fake.DEFAULTS and not i._comps and not i._markers for i in original._items)


@pytest.mark.parametrize("render_start", [0, 10, 1001])
def test_comps_start_where_they_say(render_start):
    timeline = timelines.in_point()
    root = opened(timeline, render_start=render_start)
    applying.apply(session(root), plan_of(timeline))
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))


def test_a_taken_name_is_not_taken_again():
    root = opened(still_split(), other_timelines=("Interview 1080x1920",))
    assert applying.apply(session(root), plan_of(still_split())).copy._name == "Interview 1080x1920 2"
    assert not root._world.modal


@pytest.mark.parametrize("end_is_exclusive", [False, True])
def test_layers_go_to_free_tracks_at_their_exact_length(end_is_exclusive):
    busy = {"name": "lower third", "track": 2, "start": 20, "left": 0, "duration": 15}
    root = opened(still_split(), [busy], end_is_exclusive=end_is_exclusive)
    result = applying.apply(session(root), plan_of(still_split()))
    assert not result.failed and result.left_alone == ["lower third (track 2): a title or generator"]
    tracks = {(i._track, i._start - resolve_fake.START, i._duration) for i in copy_of(root)._items}
    assert tracks == {(1, 0, 30), (3, 0, 30), (2, 20, 15), (1, 30, 20), (3, 30, 20)}
    frames = resolve_fake.frames_of(copy_of(root))
    resolve_scenes.agrees(still_split(), frames)


def test_what_cannot_be_reframed_is_listed_and_left_alone():
    timeline = timelines.several()
    clip = resolve_scenes.items(timeline)[0]
    odd = {
        "a title": {"name": "Title", "left": 0, "duration": 9},
        "a nested timeline": {**clip, "name": "Nested", "file": ""},
        "retimed": {**clip, "name": "Fast", "span": clip["duration"] * 2},
        "flipped": {**clip, "name": "Mirror", "set": {"FlipY": True}},
        "turned by hand (Yaw)": {**clip, "name": "Turned", "set": {"Yaw": 0.5}},
        "no clip with this file": {**clip, "name": "Unknown", "left": 7},
        "Fusion comp of its own": {**clip, "own_comp": True},
    }
    more = [{**item, "track": 1, "start": 1000 + 100 * n} for n, item in enumerate(odd.values())]
    said: list[str] = []
    items = [*resolve_scenes.items(timeline)[1:], *more]
    root = resolve_fake.open_resolve(items)
    result = applying.apply(session(root, said), plan_of(timeline))
    assert len(result.applied) == 2 and len(result.left_alone) == len(odd) and not result.failed
    for why in odd:
        assert any(why in line for line in result.left_alone) and any(why in line for line in said)
    # The clip with its own comp is the one the plan means: it is there, so it is not missing.
    assert result.missing == []


def test_a_locked_track_and_missing_clips_are_told():
    timeline = timelines.several()
    root = resolve_fake.open_resolve([{**resolve_scenes.items(timeline)[0], "track": 2}])
    root._manager._project._current._locked = 2
    result = applying.apply(session(root), plan_of(timeline))
    assert "its track is locked" in result.left_alone[0] and len(result.missing) == 3


def test_a_media_path_may_be_spelt_otherwise():
    timeline = timelines.in_point()
    plan = json.loads(json.dumps(plan_of(timeline)).replace("/media/talk.mp4", "c:/Media/talk.mp4"))
    items = [{**item, "file": "C:\\media\\Talk.mp4"} for item in resolve_scenes.items(timeline)]
    assert len(applying.apply(session(resolve_fake.open_resolve(items)), plan).applied) == 1


def test_values_that_resolve_clips_silently_are_noticed():
    plan = plan_of(still_split())
    plan["clips"][0]["inspector"][0]["Pan"] = 5000.0
    root = opened(still_split())
    result = applying.apply(session(root), plan)
    assert result.failed == ["talk.mp4 (clip001): Resolve kept Pan at 4320.0 instead of 5000.0"]
    assert "state=building" in next(iter(copy_of(root)._markers.values()))["customData"]


def test_a_version_without_a_needed_method_fails_by_name_and_keeps_the_original():
    root = opened(timelines.in_point(), lacks=frozenset({"AddFusionComp"}))
    result = applying.apply(session(root), plan_of(timelines.in_point()))
    assert len(result.failed) == 1
    untouched(root)


def test_nothing_is_changed_where_it_cannot_begin(monkeypatch):
    root = opened(timelines.in_point())
    plan = plan_of(timelines.in_point())
    with monkeypatch.context() as patch:
        patch.setattr(resolve_fake.Timeline, "DuplicateTimeline", lambda self, name: None)
        with pytest.raises(ScriptError, match="nothing was changed"):
            applying.apply(session(root), plan)
    untouched(root)
    root._manager._project._current = None
    with pytest.raises(ScriptError, match="no timeline is open"):
        applying.apply(session(root), plan)


# --- again, and after a crash


def mixed():
    """A move, a still split and a still clip: every way of setting."""
    move = make.framing(((0, 1.8, 100.0, 0.0), (5, 2.2, -100.0, 20.0)))
    still = make.framing(timelines.ZOOM[:1])
    return make.timeline((0, 6, move), (6, 10, make.two_cells()), (10, 14, still))


def test_the_same_plan_again_changes_nothing():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    before = resolve_fake.frames_of(copy_of(root))
    root._manager._project._current = root._manager._project._timelines[0]
    again = applying.apply(session(root), plan_of(mixed()))
    assert len(again.kept) == 3 and not again.applied and len(root._manager._project._timelines) == 2
    assert resolve_fake.frames_of(copy_of(root)) == before


def test_another_plan_updates_instead_of_stacking():
    move, split, still = (clip.framing for clip in timelines.clips(mixed()))
    turned = make.timeline((0, 6, still), (6, 10, move), (10, 14, split))
    root = opened(mixed())
    for timeline in (mixed(), turned, mixed(), turned):
        assert len(applying.apply(session(root), plan_of(timeline)).applied) == 3
        resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))
    assert len(root._manager._project._timelines) == 2
    assert all(len(i._comps) <= 1 and len(i._markers) == 1 for i in copy_of(root)._items)


def test_edits_by_hand_survive_the_same_plan():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    last = max(copy_of(root)._items, key=lambda item: item._start)
    last._values["Pan"] = 0.125
    applying.apply(session(root), plan_of(mixed()))
    assert last._values["Pan"] == 0.125


def test_a_crash_anywhere_leaves_the_original_and_the_next_run_ends_well():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    calls = root._world.calls
    assert calls > 60
    for crash_at in range(1, calls + 1):
        root = opened(mixed(), crash_at=crash_at)
        with pytest.raises(resolve_fake.Crashed):
            applying.apply(session(root), plan_of(mixed()))
        untouched(root)
        project, root._world.crash_at = root._manager._project, None
        project._current = project._timelines[0]
        result = applying.apply(session(root), plan_of(mixed()))
        assert not result.failed and not result.left_alone and not root._world.modal, (crash_at, result)
        resolve_scenes.agrees(mixed(), resolve_fake.frames_of(result.copy))
        assert len(project._timelines) <= 3  # a copy that was made but not yet marked stays behind
        untouched(root)


# --- the notes of both languages are the same


def test_lua_goes_on_where_python_stopped_and_the_other_way(tmp_path):
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    plan = tmp_path / "plan.lua"
    plan.write_bytes(deliver(mixed(), "resolve-plan", folder=timelines.FOLDER).main)
    scene = {"items": resolve_scenes.items(mixed()), "globals": {"PANSCAN_PLAN": str(plan)}}
    report = resolve_lua.run(tmp_path, scene)
    copy = copy_of(root)
    python = sorted(marker["customData"] for marker in copy._markers.values())
    assert sorted(data for _, data in report.notes[2]) == python
    assert report.timelines[2]["name"] == copy._name
    assert sorted(item[1:4] for item in report.items[2]) == sorted(
        (i._track, i._start, i._duration) for i in copy._items
    )


# --- check and calibrate


def draw(project, path, timeline, frame):
    """A still as PPM: soft waves, or the chart's square, antialiased by sampling."""
    width, height = timeline._px
    picture = np.zeros((height, width))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    for item in sorted(timeline._items, key=lambda item: item._track):
        if not item._start <= frame < item._start + item._duration:
            continue
        media = item._media
        for layer in item._shown(frame - item._start):
            level = np.zeros((height, width))
            for dx, dy in ((0.125 + i / 4, 0.125 + j / 4) for i in range(4) for j in range(4)):
                u = (x + dx - layer.left) / layer.scale / media._size.width
                v = (y + dy - layer.top) / layer.scale / media._size.height
                if media._properties["File Path"].endswith("chart.png"):
                    level += ((abs(u - 0.5) * 1920 < 120) & (abs(v - 0.5) * 1080 < 120)) / 16
                else:
                    level += (0.5 + 0.24 * np.sin(11 * u) + 0.24 * np.cos(9 * v - 3 * u)) / 16
            left, top, right, bottom = layer.cut
            inside = (x + 0.5 >= left) & (x + 0.5 < right) & (y + 0.5 >= top) & (y + 0.5 < bottom)
            picture = np.where(inside, level, picture)
    levels = np.repeat(np.round(picture * 65535).astype(">u2")[..., None], 3, axis=2)
    Path(path).write_bytes(b"P6\n%d %d\n65535\n" % (width, height) + levels.tobytes())


def small():
    """Pictures so small that stills are quick: a still clip, one that moves, and a split."""
    source, canvas = Size(320, 180), Size(180, 320)
    half = Size(180, 160)
    cells = tuple(Cell(0, top, half, make.camera(((0, 1.0, x_px, 0.0),))) for top, x_px in ((0, 40.0), (160, -40.0)))
    named = {"canvas": canvas, "source": source}
    still = make.framing(((0, 2.25, 60.0, -20.0),), **named)
    move = make.framing(((0, 1.8, 30.0, 0.0), (9, 2.25, -20.0, 20.0)), **named)
    split = Framing(canvas, source, make.PAL, cells, layout="split-2")
    return make.timeline((0, 5, still), (5, 15, move), (15, 20, split), of=make.media(size=source))


def checked(root, folder, plan):
    return checking.check(session(root), plan, folder)


@pytest.mark.parametrize("gains", [{"pan": 1.0, "tilt": 1.0}, {"pan": 2.0, "tilt": 1.0}, {"pan": 1.0, "tilt": 4.0}])
def test_check_sees_what_reading_back_does_not(gains, tmp_path):
    root = opened(small(), draw=draw, project_px=(320, 180), gains={"zoom": 1.0, **gains})
    plan = plan_of(small())
    assert not applying.apply(session(root), plan).failed
    found = checked(root, tmp_path, plan)
    strong = set(gains.values()) != {1.0}
    assert any("clip001" in line and "another crop" in line for line in found) == strong
    assert not any("clip002" in line for line in found)  # a comp does not depend on the Inspector's units
    if not strong:
        assert found == [] and len(list(tmp_path.iterdir())) == 18


def test_check_tells_what_was_changed_by_hand(tmp_path):
    root = opened(small(), draw=draw, project_px=(320, 180))
    plan = plan_of(small())
    with pytest.raises(ScriptError, match="open the copy"):
        checked(root, tmp_path, plan)
    applying.apply(session(root), plan)
    items = sorted(copy_of(root)._items, key=lambda item: (item._start, item._track))
    items[0]._values["Tilt"] += 0.5
    items[1]._comps.clear()
    copy_of(root)._items.remove(items[3])
    told = checked(root, tmp_path, plan)
    assert [line.split(": ")[1].split()[0] for line in told] == ["Tilt", "its", "layers"]
    assert len(checked(root, tmp_path, {**plan, "id": "another"})) == 3


@pytest.mark.parametrize("gains", [{"pan": 1.0, "tilt": 1.0, "zoom": 1.0}, {"pan": 2.0, "tilt": 4.0, "zoom": 1.0}])
def test_calibrate_measures_and_the_next_run_allows_for_it(gains, tmp_path):
    root = opened(timelines.several(), draw=draw, gains=gains)
    found = calibrating.calibrate(session(root), tmp_path)
    assert found == pytest.approx(gains, abs=0.02)
    assert len(root._manager._project._timelines) == 1
    used = planning.gains(root, tmp_path / "calibration.json")
    assert used == found
    applying.apply(replace(session(root), gains=used), plan_of(still_split()))
    root._world.version = "22.0"
    assert planning.gains(root, tmp_path / "calibration.json") == planning.NO_GAIN


def test_the_chart_has_its_square_in_the_middle(tmp_path):
    from PIL import Image

    (tmp_path / "chart.png").write_bytes(calibrating.chart())
    with Image.open(tmp_path / "chart.png") as image:
        picture = np.asarray(image)
    assert picture.shape == (1080, 1920) and (picture > 0).sum() == 240 * 240
    assert (picture[420:660, 840:1080] == 255).all()


@pytest.mark.parametrize(
    ("frame", "fps", "drop", "text"),
    [
        (90000, 25.0, False, "01:00:00:00"),
        (107892, 29.97, True, "01:00:00;00"),
        (1799, 29.97, True, "00:00:59;29"),
        (1800, 29.97, True, "00:01:00;02"),
        (17981, 29.97, True, "00:09:59;29"),
        (17982, 29.97, True, "00:10:00;00"),
        (3600, 59.94, True, "00:01:00;04"),
        (86400 + 47, 23.976, False, "01:00:01:23"),
    ],
)
def test_timecode(frame, fps, drop, text):
    assert stills.timecode(frame, fps, drop) == text


# --- from the command line


def test_the_command_line_runs_the_tasks(tmp_path, capsys):
    timeline = timelines.several()
    files = deliver(timeline, "resolve-plan", folder=timelines.FOLDER).files
    for suffix, content in files.items():
        (tmp_path / f"talk{suffix}").write_bytes(content)
    root = opened(timeline)
    common = ["--data", str(tmp_path), "--pause", "0"]
    assert main([*common, "apply", str(tmp_path / "talk.resolve-plan.lua")], root) == 0
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))
    assert main([*common, "apply", str(tmp_path / "absent.json")], root) == 4
    assert "cannot read the plan" in capsys.readouterr().err
    (tmp_path / "old.json").write_text('{"format": "panscan-resolve-plan", "version": 9}', encoding="utf-8")
    assert main([*common, "apply", str(tmp_path / "old.json")], root) == 4


def test_without_resolve_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path / "none"))
    monkeypatch.setenv("RESOLVE_SCRIPT_LIB", str(tmp_path / "none.so"))
    assert main(["calibrate"]) == 4
    assert "scripting module is not in" in capsys.readouterr().err
    (tmp_path / "Modules").mkdir()
    (tmp_path / "Modules" / "DaVinciResolveScript.py").write_text("def scriptapp(name):\n    return None\n")
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    assert main(["calibrate"]) == 4
    monkeypatch.delitem(sys.modules, "DaVinciResolveScript")
    assert "need Resolve Studio" in capsys.readouterr().err


def test_reframing_starts_panscan_and_applies_its_plan(tmp_path):
    timeline = timelines.in_point()
    plan = tmp_path / "made"
    plan.write_bytes(deliver(timeline, "resolve-plan", folder=timelines.FOLDER).files[".resolve-plan.json"])
    script = tmp_path / "panscan"
    made = tmp_path / "Interview.9x16.resolve-plan.json"
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncp {plan} {made}\n')
    script.chmod(0o755)
    root = opened(timeline)
    common = ["--data", str(tmp_path), "--pause", "0", "reframe"]
    assert main([*common, "--panscan", str(script)], root) == 0
    assert (tmp_path / "asked").read_text().split()[:2] == ["reframe", str(tmp_path / "Interview.otio")]
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))
    assert main([*common, "--panscan", "/bin/false"], root) == 4
    assert main([*common, "--panscan", str(tmp_path / "absent")], root) == 4


def test_the_timeline_file_is_imported_where_that_is_asked_for(tmp_path):
    files = deliver(timelines.in_point(), "resolve-plan", folder=timelines.FOLDER, options={"route": "import"}).files
    (tmp_path / "talk.9x16.resolve-plan.json").write_bytes(files[".resolve-plan.json"])
    root = opened(timelines.in_point())
    assert main(["--pause", "0", "apply", str(tmp_path / "talk.9x16.resolve-plan.json")], root) == 0
    assert root._world.imported[0] == str(tmp_path / "talk.9x16.resolve.otio")
    assert copy_of(root)._px == (1080, 1920)


def test_the_fake_is_strict():
    root = opened(timelines.in_point())
    timeline = root._manager._project._current
    assert hasattr(timeline, "NoSuchThing") and timeline.NoSuchThing is None
    with pytest.raises(AssertionError, match="not modelled"):
        _ = timeline.GrabStill
    with pytest.raises(AssertionError, match="texts"):
        timeline.SetSetting("timelineResolutionWidth", 1080)


def test_only_the_standard_library_is_needed():
    found = set()
    for path in Path(applying.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {name.split(".")[0] for name in names}
    assert found - sys.stdlib_module_names == {"panscan_resolve"}
