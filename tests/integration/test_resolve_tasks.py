"""The Lua menu entries: where plans are found, reframing from the menu, check and calibrate."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from hosts import resolve_lua, resolve_scenes, timelines
from hosts.resolve_menu import applied, mixed, planned, stills
from panscan import ingest
from panscan.deliver import deliver
from panscan.deliver.host_space import fit_scale, to_resolve_inspector
from panscan.deliver.host_values import CameraKey
from panscan.model.geometry import Size
from panscan.timeline.files import read_timeline
from panscan_resolve.launchers import HERE, launcher

# --- plans


def test_a_plan_is_found_by_its_fixed_name(tmp_path):
    timeline = stills()
    planned(tmp_path, timeline, "panscan_plan")
    scene = {"items": resolve_scenes.items(timeline), "free_edition": True}
    report = resolve_lua.run(tmp_path, scene)
    assert report.runs == ["ok"]
    resolve_scenes.agrees(timeline, report.shown[2])


def elsewhere():
    """A plan of another project."""
    return make.timeline((0, 9, make.framing(timelines.ZOOM[:1])), of=make.media("/media/other.mp4"))


def test_the_plan_made_in_a_terminal_is_found_though_another_lies_about(tmp_path):
    """The free edition: reframe says what to run in a terminal; its plan is then the one that knows the clips."""
    planned(tmp_path, elsewhere(), "panscan_plan")
    applier = tmp_path / "apply.lua"
    applier.write_text(launcher("apply", {"data": str(tmp_path)}), encoding="utf-8")
    own = planned(tmp_path, stills(), "Interview.9x16.resolve-plan")
    scene = {"items": resolve_scenes.items(stills()), "free_edition": True, "runs": 2}
    report = resolve_lua.run(tmp_path, {**scene, "between": [{"task": str(applier)}]}, task="reframe")
    assert report.runs == ["ok", "ok"] and f'"Panscan - apply a plan": it finds {own}' in report.output
    assert f"Panscan: plan {own}\n" in report.output
    resolve_scenes.agrees(stills(), report.shown[2])


@pytest.mark.parametrize("is_named", [False, True])
def test_a_plan_of_another_project_says_so(is_named, tmp_path):
    path = planned(tmp_path, elsewhere(), "panscan_plan")
    scene = {"items": resolve_scenes.items(stills())}
    if is_named:  # then no other is taken, though it would fit
        planned(tmp_path, stills(), "Interview.9x16.resolve-plan")
        scene["globals"] = {"PANSCAN_PLAN": path}
    report = resolve_lua.run(tmp_path, scene)
    assert f"plan {path}\n" in report.output and "knows no clip of this timeline" in report.runs[0]
    assert len(report.timelines) == 1, "nothing is copied for it"


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
        size = media.video.display_size
        items.append({"file": str(movie("cuts")), "w": size.width, "h": size.height, **place})
    scene = {"items": items, "fps": rate, "otio": otio.adapters.write_to_string(timeline, "otio_json")}
    command = f'"{Path(sys.executable).with_name("panscan")}"'
    report = resolve_lua.run(tmp_path, scene, task="reframe", installed={"command": command})
    assert report.runs == ["ok"], report.output
    assert "2 clips reframed, 0 were done before, 0 left alone, 0 failed" in report.output
    resolve_scenes.agrees(read_timeline(tmp_path / "Interview.9x16.otio"), report.shown[2])


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
    assert "1 clip as planned, 1 not" in report.output  # the comp does not depend on the Inspector's units


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
    unit = to_resolve_inspector(CameraKey(fit_scale(make.HD, make.VERTICAL), 1.0, -1.0), make.HD, make.VERTICAL)
    assert found["width_px"] == pytest.approx(240 * fit_scale(make.HD, make.VERTICAL))
    assert (found["pan_px"], found["tilt_px"]) == pytest.approx((found["units"] / unit.pan, found["units"] / unit.tilt))


# --- the documentation


PAGE = (Path(__file__).parents[2] / "docs" / "editors" / "resolve.md").read_text(encoding="utf-8")


def test_the_page_about_resolve_shows_what_is_said(tmp_path):
    """The console's text in docs is that of a run: reframe from the menu, then check, on pictures of full size."""
    timeline, places = mixed(), resolve_scenes.items(mixed())
    fast = {**places[0], "name": "Intro.mp4", "start": 20, "span": 24}
    title = {"name": "Lower third", "track": 2, "start": 7, "left": 0, "duration": 1}
    made = tmp_path / "Interview.9x16.resolve-plan.lua"
    script = tmp_path / "panscan"
    script.write_text(f"#!/bin/sh\ncp {planned(tmp_path, timeline)} {made}\n")
    script.chmod(0o755)
    (tmp_path / "stills").mkdir()
    checker = tmp_path / "check.lua"
    checker.write_text(launcher("check", {"data": str(tmp_path)}), encoding="utf-8")
    scene = {"items": [*places, title, fast], "runs": 2, "between": [{"task": str(checker)}]}
    report = resolve_lua.run(tmp_path, scene, task="reframe", program="luajit", installed={"command": str(script)})
    said = [line for line in report.output.splitlines() if line.startswith("Panscan: ")]
    shown = [line.strip() for line in PAGE.splitlines() if line.strip().startswith("Panscan: ")]
    assert shown == [line.replace(str(tmp_path), "/home/ada/.local/share/panscan/resolve") for line in said]


def test_the_page_about_resolve_quotes_what_is_said():
    text = "".join(path.read_text(encoding="utf-8") for path in [*HERE.glob("*.lua"), *HERE.parent.glob("*.py")])
    found = re.findall(r"^\| `([^`]+)`", PAGE, re.MULTILINE)
    assert len(found) > 8
    for quoted in found:
        for part in filter(None, re.split(r"\.\.\.|left alone:|failed:|1920x1080|Pan at", quoted)):
            assert part.strip(" .") in text, quoted
