"""The panel for Premiere, run in Node against a strict Premiere: every frame of every cell is the document's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction

import pytest

import documents as make
import needed
from hosts import cases, timelines
from hosts.placed import agrees
from hosts.premiere_node import ADAPTER, FOLDER, HOSTS, PANEL, TICKS, node, placed, plan_of, run, scenario, sequence_of
from panscan.timeline.cut import read_cut

CASES = {**timelines.CASES, **{f"{name}-2": case for name, case in cases.CASES.items()}}
MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))


def _panel(timeline, *steps, **named):
    return run("premiere_run.js", scenario(timeline, *steps, **named))


def _one():
    return make.timeline((5, 45, make.framing(MOVE)))


def _long():
    return make.timeline(*((n * 20, n * 20 + 20, make.framing(MOVE)) for n in range(5)))


@pytest.mark.parametrize("from_timecode", [False, True], ids=["zero", "timecode"])
@pytest.mark.parametrize("case", CASES)
def test_premiere_shows_what_the_document_says(case, from_timecode) -> None:
    timeline = CASES[case]()
    told = _panel(timeline, sequence=sequence_of(timeline, from_timecode=from_timecode))
    cut = read_cut(timeline, folder=FOLDER)
    original, copy = told["sequences"]
    agrees(placed(copy["shown"]), cut)
    assert copy["size"] == [cut.canvas.width, cut.canvas.height]
    assert copy["name"] == told["active"] == f"Entrevista {cut.canvas.width}x{cut.canvas.height}"
    assert not any(original["keys"][0][0]), "the editor's own sequence stays"
    assert set(copy["modes"]) <= {0}, "every key runs straight"
    report = told["runs"][0]["report"]
    assert [clip["status"] for clip in report["clips"]] == ["done"] * len(cut.clips)
    assert not any(clip["notes"] for clip in report["clips"])


def test_photos_are_found_wherever_premiere_counts_their_time_from() -> None:
    timeline, hour = timelines.photos(), 3600 * TICKS
    sequence = sequence_of(timeline)
    for clip in sequence["tracks"][0]:
        clip |= {edge: clip[edge] + hour for edge in ("clock", "in", "out")}
    told = _panel(timeline, sequence=sequence)
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


def test_the_comparison_is_able_to_fail() -> None:
    timeline = _one()
    plan = json.loads(plan_of(timeline))
    plan["clips"][0]["layers"][0]["position"]["x"][0] += 0.0001  # a tenth of a px
    told = _panel(timeline, {"plan": json.dumps(plan)})
    with pytest.raises(AssertionError):
        agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


# The worked numbers: source, canvas, crop -> scale in percent and position as shares of the sequence's frame.
@pytest.mark.parametrize(
    ("source", "canvas", "crop", "percent", "x", "y"),
    [
        (make.HD, make.VERTICAL, (800, 0, 607.5, 1080), 177.7778, 0.263374, 0.5),
        (make.HD, make.VERTICAL, (1100, 200, 405, 720), 266.6667, -0.345679, 0.472222),
        (make.UHD, make.VERTICAL, (1600, 0, 1215, 2160), 88.8889, 0.263374, 0.5),
        (make.HD, make.Size(1080, 1350), (528, 0, 864, 1080), 125, 0.5, 0.5),
    ],
)
def test_worked_numbers(source, canvas, crop, percent, x, y) -> None:
    from panscan.model.framing import key_values_of_crop
    from panscan.model.geometry import Rect

    key = key_values_of_crop(Rect(*crop), canvas, source)
    timeline = make.timeline(
        (0, 10, make.framing(((0, *key),), canvas=canvas, source=source)), of=make.media(size=source)
    )
    (layer,) = json.loads(plan_of(timeline))["clips"][0]["layers"]
    assert layer["scale"]["percent"] == pytest.approx([percent], abs=1e-4)
    assert (layer["position"]["x"][0], layer["position"]["y"][0]) == pytest.approx((x, y), abs=1e-6)


def test_keys_lie_in_media_time() -> None:
    told = _panel(_one())
    position = told["sequences"][1]["keys"][0][0][0]
    assert sorted(map(int, position)) == [5 * TICKS // 25, 40 * TICKS // 25]


def test_one_undo_step_per_clip() -> None:
    told = _panel(_long())
    labels = [step["label"] for step in told["undo"]]
    assert [label.startswith("Panscan: reframe") for label in labels] == [False] * 3 + [True] * 5
    assert labels[:3] == ["Panscan: copy the sequence", "Panscan: name the copy", "Panscan: set the frame size"]


def test_update_goes_on_where_a_cancelled_run_stopped_and_adds_no_keys() -> None:
    timeline = _long()
    told = _panel(timeline, {"cancelAfter": 2}, {"mode": "update"}, {"mode": "update"})
    first, second, third = (step["report"] for step in told["runs"])
    assert first["cancelled"] and 0 < len(first["clips"]) < 5
    assert not second["cancelled"] and second == third and len(second["clips"]) == 5
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))
    assert len(told["sequences"]) == 2


def test_update_with_another_plan_leaves_no_old_keys() -> None:
    before, after = _one(), make.timeline((5, 45, make.framing(((7, 1.9, 300.0, 5.0), (31, 2.2, -90.0, 40.0)))))
    still = make.timeline((5, 45, make.framing(((0, 2.0, 100.0, 10.0),))))
    for later in (after, still):
        told = _panel(before, {}, {"mode": "update", "plan": plan_of(later)})
        assert told["runs"][1]["report"]["clips"][0]["status"] == "done"
        agrees(placed(told["sequences"][1]["shown"]), read_cut(later, folder=FOLDER))


def test_progress_is_told() -> None:
    told = _panel(_long())["runs"][0]["progress"]
    assert [(done, total) for done, total, _ in told] == [(n, 5) for n in range(6)]


def test_updating_a_split_uses_the_copies_that_are_there() -> None:
    timeline = timelines.CASES["split"]()
    told = _panel(timeline, {}, {"mode": "update"})
    assert [len(track) for track in told["sequences"][1]["keys"]] == [1, 1]
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


def test_titles_above_a_split_are_not_overwritten() -> None:
    timeline = timelines.CASES["split"]()
    sequence = sequence_of(timeline)
    sequence["tracks"].append([{**sequence["tracks"][0][0], "name": "title", "file": "/media/title.png"}])
    told = _panel(timeline, sequence=sequence)
    tracks = told["sequences"][1]["shown"]
    assert next(iter(tracks[1].values()))["file"] == "/media/title.png"
    agrees(placed([tracks[0], tracks[2]]), read_cut(timeline, folder=FOLDER))


def test_a_host_that_makes_no_tracks_is_told() -> None:
    told = _panel(timelines.CASES["split"](), world={"makesTracks": False})
    (clip,) = told["runs"][0]["report"]["clips"]
    assert clip["status"] == "failed" and any("1 cells are missing" in note for note in clip["notes"])


@pytest.mark.parametrize("case", ["in_point", "split", "letterbox"])
def test_a_host_that_sees_nothing_inside_a_transaction_gets_one_step_at_a_time(case) -> None:
    timeline = timelines.CASES[case]()
    told = _panel(timeline, {}, {"mode": "update"}, world={"isShortsighted": True})
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))
    notes = [clip["notes"] for clip in told["runs"][0]["report"]["clips"]]
    assert notes == [[] if case == "letterbox" else ["Written in several undo steps."]]


def test_a_host_that_bends_the_path_is_told() -> None:
    told = _panel(_one(), world={"bends": True})
    (clip,) = told["runs"][0]["report"]["clips"]
    assert clip["status"] == "failed" and "every-frame" in clip["notes"][-1]


def test_a_motion_without_crop_is_told() -> None:
    told = _panel(timelines.CASES["split"](), world={"motionCount": 7})
    (clip,) = told["runs"][0]["report"]["clips"]
    assert any("Crop effect" in note for note in clip["notes"])


def test_what_the_editor_did_to_motion_makes_room() -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    sequence["tracks"][0][0]["changed"] = {"3": False, "4": 12.5, "5": {"x": 0.1, "y": 0.9}, "7": 20}
    told = _panel(timeline, sequence=sequence)
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))
    notes = " ".join(told["runs"][0]["report"]["clips"][0]["notes"])
    assert all(word in notes for word in ("anchor", "rotation", "Uniform", "crop"))


def test_a_clip_cut_in_two_keeps_its_camera() -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    (whole,) = sequence["tracks"][0]
    cut = whole["in"] + 20 * TICKS // 25
    early = {**whole, "out": cut, "end": whole["start"] + 20 * TICKS // 25}
    late = {**whole, "in": cut, "start": early["end"]}
    told = _panel(timeline, sequence={**sequence, "tracks": [[early, late]]})
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))
    assert [clip["status"] for clip in told["runs"][0]["report"]["clips"]] == ["done", "done"]
    assert all("Trimmed" in clip["notes"][0] for clip in told["runs"][0]["report"]["clips"])


@pytest.mark.parametrize("change", [{"reversed": True}, {"end": "doubled"}])
def test_a_changed_speed_is_left_alone(change) -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    (clip,) = sequence["tracks"][0]
    clip.update({k: 2 * clip["end"] if v == "doubled" else v for k, v in change.items()})
    told = _panel(timeline, sequence=sequence)
    assert [clip["status"] for clip in told["runs"][0]["report"]["clips"]] == ["left"]
    assert not any(told["sequences"][1]["keys"][0][0])


def test_the_same_shot_used_twice_gets_each_its_camera() -> None:
    other = ((0, 2.0, -300.0, 10.0), (40, 2.0, 200.0, 10.0))
    timeline = make.timeline((5, 45, make.framing(MOVE)), (5, 45, make.framing(other)))
    told = _panel(timeline)
    agrees(placed(told["sequences"][1]["shown"]), read_cut(timeline, folder=FOLDER))


def test_media_moved_to_a_windows_machine_is_known_by_name() -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    sequence["tracks"][0][0]["file"] = "D:\\Filme\\talk.mp4"
    (clip,) = _panel(timeline, sequence=sequence)["runs"][0]["report"]["clips"]
    assert clip["status"] == "done" and "file name only" in clip["notes"][0]


def test_other_media_is_missing() -> None:
    timeline = _one()
    sequence = sequence_of(timeline)
    sequence["tracks"][0][0]["file"] = "/media/other.mp4"
    (clip,) = _panel(timeline, sequence=sequence)["runs"][0]["report"]["clips"]
    assert clip["status"] == "missing"


def test_update_refuses_a_sequence_of_another_size() -> None:
    told = _panel(_one(), {"mode": "update"})
    assert "1080 x 1920" in told["runs"][0]["error"] and told["undo"] == []


def test_a_size_that_premiere_keeps_is_told() -> None:
    told = _panel(_one(), world={"keepsSize": True})
    assert "frame size" in told["runs"][0]["error"]


def test_a_name_that_is_taken_gets_a_number() -> None:
    told = _panel(_one(), {"after": []}, {"mode": "copy"})
    names = [sequence["name"] for sequence in told["sequences"]]
    assert names == ["Entrevista", "Entrevista 1080x1920", "Entrevista 1080x1920 2"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plan: "no JSON",
        lambda plan: json.dumps({**plan, "format": "other"}),
        lambda plan: json.dumps({**plan, "version": 2}),
        lambda plan: json.dumps({**plan, "clips": []}),
        lambda plan: json.dumps({**plan, "canvas_px": [0, 1920]}),
        lambda plan: json.dumps(plan).replace('"x": [', '"x": [null, '),
        lambda plan: json.dumps(plan).replace(str(5 * TICKS // 25), "soon"),
    ],
)
def test_a_damaged_plan_changes_nothing(spoil) -> None:
    timeline = _one()
    told = _panel(timeline, {"plan": spoil(json.loads(plan_of(timeline)))})
    assert told["runs"][0]["error"].startswith("This plan cannot be used") and told["undo"] == []


def test_ticks_are_exact_for_broadcast_rates() -> None:
    for rate in (Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)):
        assert (TICKS / rate).denominator == 1


# --- the strict Premiere is strict


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("param.createSetTimeVaryingAction(true)", "without the lock"),
        ("project.lockedAccess(() => param.createSetTimeVaryingAction(true))", "outside a transaction"),
        ("param.createKeyframe([0.5, 0.5])", "Illegal Parameter type"),
        ("param.addKey(1)", "has no addKey"),
        ("param.displayNames", "has no displayNames"),
        ("ppro.openFCPXML", "has no openFCPXML"),
        ("world.generation++; param.isTimeVarying()", "before a transaction"),
        ("ppro.TickTime.createWithTicks(5)", "Illegal Parameter type"),
        ("project.lockedAccess(() => { if (!project.executeTransaction((c) => {"
         " const a = param.createSetTimeVaryingAction(true); c.addAction(a); c.addAction(a); }, 'x'))"
         " throw new Error('refused'); })", "refused"),
        ("project.lockedAccess(() => project.executeTransaction((c) => c.addAction("
         "param.createSetInterpolationAtKeyframeAction(ppro.TickTime.TIME_ZERO, 2)), 'x')"
         " || (() => { throw new Error('refused'); })())", "refused"),
    ],
)  # fmt: skip
def test_the_strict_premiere_refuses(code, words) -> None:
    clip = sequence_of(_one())
    script = f"""
    const {{ premiere }} = require({json.dumps(str(HOSTS / "premiere_host.js"))});
    const {{ worldOf }} = require({json.dumps(str(HOSTS / "premiere_world.js"))});
    const world = worldOf({json.dumps(clip)});
    const ppro = premiere(world);
    (async () => {{
      const project = await ppro.Project.getActiveProject();
      const sequence = await project.getActiveSequence();
      const [item] = (await sequence.getVideoTrack(0)).getTrackItems(1, false);
      const param = (await item.getComponentChain()).getComponentAtIndex(1).getParam(0);
      {code};
    }})().then(() => console.log("went through"), (error) => console.log(error.message));
    """
    ran = subprocess.run([node(), "-e", script], capture_output=True, text=True, timeout=60)
    assert words in ran.stdout, ran.stdout + ran.stderr


# --- the files


def test_the_manifest_asks_for_no_more_than_it_needs() -> None:
    manifest = json.loads((PANEL / "manifest.json").read_text())
    assert manifest["manifestVersion"] == 5
    assert manifest["host"] == {"app": "premierepro", "minVersion": "25.6.0"}
    service = (PANEL / "js/service.js").read_text()
    (address,) = manifest["requiredPermissions"]["network"]["domains"]
    assert f'"{address}"' in service and address.startswith("http://127.0.0.1:")
    assert manifest["requiredPermissions"]["localFileSystem"] == "request"
    assert set(manifest["requiredPermissions"]) == {"network", "localFileSystem"}
    for icon in (*manifest["icons"], *manifest["entrypoints"][0]["icons"]):
        assert (PANEL / icon["path"]).is_file()
    assert (PANEL / manifest["main"]).is_file()


def test_the_page_has_every_part_that_the_script_uses() -> None:
    script, page = (PANEL / "panel.js").read_text(), (PANEL / "index.html").read_text()
    used = set(re.findall(r'(?:part|field|button)\("(\w+)"\)', script))
    assert used >= {"apply", "update", "cancel", "open"}
    assert used <= set(re.findall(r'id="(\w+)"', page))


def test_no_number_of_an_interpolation_and_no_shown_name_is_written_down() -> None:
    text = "\n".join(path.read_text() for path in (PANEL / "js").glob("*.js"))
    assert "InterpolationMode.LINEAR" in text
    assert not re.search(r"InterpolationAtKeyframeAction\([^)]*,\s*\d", text)
    assert "getDisplayName" not in text and "displayName" not in text


def _types(folder) -> str:
    """What TypeScript says of the panel in a folder; nothing if all is well."""
    node()
    needed.npm_package("@adobe/premierepro")
    compiler = needed.npm_package("typescript") / "bin" / "tsc"
    done = subprocess.run([compiler, "-p", folder], capture_output=True, text=True, timeout=120)
    assert (done.returncode == 0) == (done.stdout == ""), done.stderr
    return done.stdout


def test_types_agree_with_adobes_declarations() -> None:
    assert _types(ADAPTER) == ""
    options = json.loads((ADAPTER / "tsconfig.json").read_text())["compilerOptions"]
    assert options["strict"] and options["checkJs"] and options["skipLibCheck"]
    for path in PANEL.rglob("*.js"):
        assert path.read_text().startswith("// @ts-check\n"), path


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("getComponentChain()", "getComponentsChain()"),
        ("new ppro.PointF(CENTRE, CENTRE)", "[CENTRE, CENTRE]"),
        ("ppro.TickTime.createWithTicks(String(ticks[number]))", "ppro.TickTime.createWithTicks(ticks[number])"),
    ],
)
def test_the_check_of_types_is_able_to_fail(right, wrong, tmp_path) -> None:
    shutil.copytree(ADAPTER, tmp_path / "copy", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "copy" / "node_modules").symlink_to(ADAPTER / "node_modules")
    path = tmp_path / "copy" / "panel" / "js" / "motion.js"
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    assert "motion.js" in _types(tmp_path / "copy")


def test_the_page_about_premiere_quotes_what_is_said() -> None:
    root = ADAPTER.parents[1]
    page = (root / "docs/editors/premiere.md").read_text(encoding="utf-8")
    said = "\n".join(
        path.read_text(encoding="utf-8") for path in (*PANEL.rglob("*.js"), *root.glob("src/panscan/cli/serve.py"))
    )
    said += (root / "src/panscan/serve/app.py").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    assert len(quoted) > 10
    for text in quoted:
        for part in filter(None, re.split(r"\.\.\. | at http\S+| 8765|1080 x 1920", text)):
            assert part.strip().lower() in said.lower(), text
