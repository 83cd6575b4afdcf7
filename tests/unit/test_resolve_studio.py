"""The Python twin of the menu entries: check, calibrate, the command line, and what it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import documents as make
from hosts import resolve_fake, resolve_scenes, timelines
from hosts.resolve_menu import still_split
from hosts.resolve_studio import copy_of, opened, plan_of, session
from panscan.deliver import deliver
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan_resolve import apply as applying
from panscan_resolve import calibrate as calibrating
from panscan_resolve import check as checking
from panscan_resolve import layers as layering
from panscan_resolve import plan as planning
from panscan_resolve import stills
from panscan_resolve.__main__ import main
from panscan_resolve.host import ScriptError

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
    root = opened(still_split(), draw=draw, gains=gains)
    found = calibrating.calibrate(session(root), tmp_path)
    assert found == pytest.approx(gains, abs=0.02)
    assert len(root._manager._project._timelines) == 1
    used = planning.gains(root, tmp_path / "calibration.json")
    assert used == found
    applying.apply(replace(session(root), gains=used), plan_of(still_split()))
    resolve_scenes.agrees(still_split(), resolve_fake.frames_of(copy_of(root)))
    root._world.version = "22.0"
    assert planning.gains(root, tmp_path / "calibration.json") == planning.UNIT_GAINS


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


def test_a_dialog_of_the_free_edition_blocks_everything_after_it():
    root = opened(timelines.in_point(), is_studio=False)
    timeline = root._manager._project._current
    assert timeline._items[0].SmartReframe() is False
    assert timeline.DuplicateTimeline("another") is False and timeline.SetSetting("useCustomSettings", "1") is False
    with pytest.raises(ScriptError, match="nothing was changed"):
        applying.apply(session(root), plan_of(timelines.in_point()))


def test_a_layer_that_resolve_drops_is_told(monkeypatch):
    """A handle of a dropped clip is true, and hasattr finds everything on it."""
    busy = {"name": "lower third", "track": 2, "start": 0, "left": 0, "duration": 30}
    root = opened(still_split(), [busy])
    monkeypatch.setattr(layering, "free_tracks", lambda *_: [2])
    result = applying.apply(session(root), plan_of(still_split()))
    assert result.failed == ["talk.mp4 (clip001): Resolve dropped the layer on track 2"]
    assert len(result.applied) == 1


def test_only_the_standard_library_is_needed():
    """An interpreter without any installed package imports every module."""
    folder = Path(applying.__file__).parent
    names = sorted(f"panscan_resolve.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__")
    code = f"import sys; sys.path.insert(0, {str(folder.parent)!r})\nfor name in {names}: __import__(name)"
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


# Names and forms that no Resolve has; the published types of its objects must tell.
WRONG = {
    "timeline.py": ("original.DuplicateTimeline(", "original.DuplicateTimelines("),
    "items.py": ("item.GetLeftOffset(False)", "item.GetLeftOffset()"),
    "layers.py": ('GetIsTrackLocked("video", track)', 'GetIsTrackLocked("picture", track)'),
    "inspector.py": ("item.SetProperty(name, value)", "item.SetKeyframe(name, value)"),
}


def test_the_types_of_resolves_objects_are_checked(tmp_path):
    copy = tmp_path / "panscan_resolve"
    shutil.copytree(Path(applying.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (right, wrong) in WRONG.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert right in text, name
        (copy / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "-p", "panscan_resolve"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert {line.split(":")[0].split("/")[-1] for line in ran.stdout.splitlines() if ": error:" in line} == set(WRONG)
