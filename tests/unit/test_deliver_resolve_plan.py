"""The plan for Resolve's scripts: what it says, and that Lua and JSON say the same."""

from __future__ import annotations

import json
import subprocess

import opentimelineio as otio
import pytest

import documents as make
import needed
from host_crops import fusion_crop, resolve_inspector_crop
from hosts import timelines
from panscan.deliver import deliver
from panscan.deliver.host_values import FusionMerge as Merge
from panscan.deliver.host_values import ResolveInspector
from panscan.deliver.numbers import format_number
from panscan.deliver.plans.lua_text import lua_text
from panscan.errors import UsageError

PRINT = """
local function show(value)
  if type(value) == "table" then
    local parts = {}
    if #value > 0 then
      for _, item in ipairs(value) do parts[#parts + 1] = show(item) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for name, item in pairs(value) do parts[#parts + 1] = string.format("%q:%s", name, show(item)) end
    return "{" .. table.concat(parts, ",") .. "}"
  elseif type(value) == "string" then
    local function escaped(c) return string.format("\\\\u%04x", string.byte(c)) end
    return '"' .. string.gsub(value, '[%c"\\\\]', escaped) .. '"'
  elseif type(value) == "number" then
    return string.format("%.17g", value)
  end
  return tostring(value)
end
io.write(show(assert(loadfile(arg[1]))()))
"""


def files_of(timeline, **options):
    return deliver(timeline, "resolve-plan", folder=timelines.FOLDER, options=options).files


def plan_of(timeline, **options):
    return json.loads(files_of(timeline, **options)[".resolve-plan.json"])


@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
@pytest.mark.parametrize("program", ["lua5.1", "luajit"])
def test_lua_reads_what_json_says(case, program, tmp_path):
    (tmp_path / "plan.lua").write_bytes(files_of(case())[".resolve-plan.lua"])
    (tmp_path / "show.lua").write_text(PRINT, encoding="utf-8")
    command = [needed.program(program), tmp_path / "show.lua", tmp_path / "plan.lua"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == plan_of(case())


def test_texts_and_numbers_of_the_data_file(tmp_path):
    odd = {"name": 'a "quoted"\n\\ünïcode\x07', "on": True, "list": [1, 2.5], "small": -0.0}
    text = lua_text(odd)
    assert r'name = "a \"quoted\"\n\\ünïcode\007"' in text and "small = 0," in text
    (tmp_path / "plan.lua").write_text(text, encoding="utf-8")
    (tmp_path / "show.lua").write_text(PRINT, encoding="utf-8")
    command = [needed.program("lua5.1"), tmp_path / "show.lua", tmp_path / "plan.lua"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == {**odd, "small": 0}
    assert [format_number(v, 9) for v in (1e-12, 0.1, 12345678.5, 3)] == ["0", "0.1", "12345678.5", "3"]


def test_a_still_clip_gets_the_worked_numbers():
    """A crop of (1100, 200, 405, 720) of HD in 1080x1920: tilt is 53.33 px divided by 0.3164 px per unit."""
    clip = plan_of(make.timeline((0, 5, make.framing(((0, 2.6666666667, -913.33333333, -53.33333333),)))))["clips"][0]
    (values,) = clip["inspector"]
    assert values["ZoomX"] == values["ZoomY"] == pytest.approx(4.7407407)
    assert (values["Pan"], values["Tilt"]) == pytest.approx((-913.3333, 168.560), abs=1e-3)
    assert "fusion" not in clip and clip["left_offset"] == 0 and clip["duration"] == 5
    shown = resolve_inspector_crop(
        ResolveInspector(values["ZoomX"], values["Pan"], values["Tilt"]), make.HD, make.VERTICAL
    )
    assert (shown.left, shown.top, shown.width, shown.height) == pytest.approx((1100, 200, 405, 720), abs=1e-3)


def test_a_moving_clip_gets_keys_with_straight_handles():
    keys = ((0, 1.7777777778, 0.0, 0.0), (30, 2.6666666667, -913.33333333, -53.33333333))
    (cell,) = plan_of(make.timeline((0, 31, make.framing(keys))))["clips"][0]["fusion"]["cells"]
    size, x, y = ([[float(n) for n in row.split()] for row in cell[name].splitlines()] for name in ("size", "x", "y"))
    assert [row[0] for row in size] == [0, 30]
    assert (size[1][1], x[1][1], y[1][1]) == pytest.approx((2.666667, -0.345679, 0.527778), abs=1e-6)
    assert size[0][4:] == pytest.approx((10, size[0][1] + (size[1][1] - size[0][1]) / 3))
    assert x[1][2:4] == pytest.approx((20, x[1][1] + (x[0][1] - x[1][1]) / 3))
    shown = fusion_crop(Merge(size[1][1], x[1][1], y[1][1]), make.HD, make.VERTICAL)
    assert (shown.left, shown.top) == pytest.approx((1100, 200), abs=1e-3)


@pytest.mark.parametrize("key", [(0, 60.0, 0.0, 0.0), (0, 2.0, 5000.0, 0.0), (0, 2.0, 0.0, -2500.0)])
def test_what_the_inspector_cannot_hold_becomes_a_comp(key):
    clip = plan_of(make.timeline((0, 5, make.framing((key,)))))["clips"][0]
    assert "fusion" in clip and "inspector" not in clip


def test_colour_around_a_picture_becomes_a_comp_and_blur_is_told():
    fit = ((0, 0.5625, 0.0, 0.0),)
    blue = plan_of(make.timeline((0, 5, make.framing(fit, background="#0080ff"))))["clips"][0]
    assert blue["fusion"]["background_rgb"] == pytest.approx([0, 128 / 255, 1])
    black = deliver(
        make.timeline((0, 5, make.framing(fit, background="blur"))), "resolve-plan", folder=timelines.FOLDER
    )
    assert any("background 'blur'" in loss.what for loss in black.losses)
    assert "inspector = " in black.text


def test_points_lie_where_the_crop_says_and_are_not_covered():
    plan = plan_of(timelines.inset())
    looks = plan["clips"][0]["looks"]
    assert [look["frame"] for look in looks] == [0, 15, 29]
    clip = timelines.clips(timelines.inset())[0]
    for look in looks:
        for row in look["points"].splitlines():
            x, y, u, v = (float(word) for word in row.split())
            over = [
                c for c in clip.framing.cells if 0 <= x - c.left_px < c.size.width and 0 <= y - c.top_px < c.size.height
            ]
            crop = over[-1].crop_at(clip.first + look["frame"], make.HD)
            share = (x + 0.5 - over[-1].left_px) / over[-1].size.width
            assert u * 1920 == pytest.approx(crop.left + share * crop.width, abs=0.01)
            assert 0 < v < 1


def test_another_camera_is_another_plan():
    ids = [plan_of(make.timeline((0, 5, make.framing(((0, s, 0.0, 0.0),)))))["id"] for s in (2.0, 2.0, 2.1)]
    assert ids[0] == ids[1] != ids[2]


def test_cells_are_cut_in_pixels_of_the_fitted_picture():
    """A cell shows 127.5 to 1342.5 px of 1920, of which each is 0.5625 px when fitted."""
    first, second = plan_of(make.timeline((0, 5, make.two_cells())))["clips"][0]["inspector"]
    cut = [first[f"Crop{side}"] for side in ("Left", "Right", "Top", "Bottom")]
    assert cut == pytest.approx([71.71875, 324.84375, 0, 0], abs=1e-3)
    assert [second["CropRight"], second["CropLeft"]] == pytest.approx(cut[:2])


@pytest.mark.parametrize("options", [{"keys": "few"}, {"route": "by hand"}])
def test_options_are_checked(options):
    with pytest.raises(UsageError):
        files_of(timelines.in_point(), **options)


def test_retimed_clips_are_left_out_and_told():
    timeline = timelines.several()
    make.track(timeline)[2].effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    artifact = deliver(timeline, "resolve-plan", folder=timelines.FOLDER)
    clips = json.loads(artifact.files[".resolve-plan.json"])["clips"]
    assert [clip["record"] for clip in clips] == [
        c["record"] for c in plan_of(timelines.several())["clips"] if c["record"] != 62
    ]
    assert len(clips) == 2 and any("the retimed clip" in loss.what for loss in artifact.losses)


def test_keys_reach_into_the_handles_of_a_dissolve():
    timeline = make.timeline((20, 60, make.framing(timelines.PAN)), (60, 90, make.framing(timelines.PAN)))
    frames = otio.opentime.RationalTime(5, 25)
    make.track(timeline).insert(1, otio.schema.Transition("", "SMPTE_Dissolve", frames, frames))
    first, second = plan_of(timeline)["clips"]
    keys = [[float(row.split()[0]) for row in c["fusion"]["cells"][0]["x"].splitlines()] for c in (first, second)]
    assert keys == [[0, 44], [-5, 29]]


def test_keys_on_every_frame():
    sparse, dense = (plan_of(timelines.in_point(), keys=keys) for keys in ("sparse", "every-frame"))
    rows = [len(plan["clips"][0]["fusion"]["cells"][0]["x"].splitlines()) for plan in (sparse, dense)]
    assert rows == [2, 55]
