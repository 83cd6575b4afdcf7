"""Presets: panscan's own say what they should, the user's are read, and mistakes are answered with a way out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import asdict, fields
from importlib.util import find_spec
from pathlib import Path

import pytest

from commandline import panscan
from panscan import registry
from panscan.errors import UsageError
from panscan.model.request import Preset, SignalWeights
from panscan.request import presets
from panscan.request.styles import style_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
BUILT_IN = ["default", "action", "cinematic", "documentary", "drama", "educational", "nature", "podcast"]
BUILT_IN += ["screen", "smart-edit", "talking-head", "wide-screen"]
SIGNALS = [field.name for field in fields(SignalWeights)]
SUMS = "face = 0.3\nspeech = 0.25\npose = 0.15\nflow = 0.15\nobjects = 0.1\naudio = 0.05\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_PRESETS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def write(folder):
    def written(name, text):
        path = folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def refused(name) -> UsageError:
    with pytest.raises(UsageError) as error:
        presets.load_preset(str(name))
    assert error.value.exit_code == 2 and error.value.why and error.value.fix
    return error.value


# --- panscan's own


def test_these_presets_come_with_panscan(folder):
    assert presets.preset_names() == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_preset_of_ours_is_complete_and_in_range(name):
    preset = presets.load_preset(name)
    text = presets.preset_source(name)
    assert preset.name == name and 10 < len(preset.summary) < 80
    assert sum(asdict(preset.weights).values()) == pytest.approx(1, abs=1e-9)
    assert set(tomllib.loads(text)["weights"]) == set(SIGNALS), "all six are written out"
    assert text.startswith("#") and text.count("#") >= 4, "the file says why"
    assert preset.method in registry.METHODS and preset.mode in registry.MODES
    assert set(preset.layouts) <= {"auto", *registry.LAYOUTS}
    assert 0.2 <= preset.headroom <= 0.6 and 0 <= preset.look_room <= 0.2 and 1 <= preset.zoom_ceiling <= 2
    assert 0.5 <= preset.min_hold_s <= 10 and 0 <= preset.breathe <= 0.1


def test_the_default_is_neutral():
    preset = presets.load_preset("default")
    assert preset.weights == SignalWeights(0.30, 0.25, 0.15, 0.15, 0.10, 0.05)
    assert preset == Preset("default", preset.summary, preset.weights), "the values of the class, nothing else"


def test_each_preset_has_the_emphasis_of_its_trade():
    default, *_ = all_ours = [presets.load_preset(name) for name in BUILT_IN]
    weigh = {preset.name: preset.weights for preset in all_ours}
    of = {preset.name: preset for preset in all_ours}
    assert weigh["podcast"].speech > weigh["podcast"].face and of["podcast"].method == "talking_person"
    assert weigh["podcast"].speech == max(w.speech for w in weigh.values())
    assert weigh["talking-head"].face == max(w.face for w in weigh.values())
    assert min(weigh["action"].flow, weigh["action"].objects) > weigh["action"].face
    assert of["action"].mode == "responsive" and of["action"].min_hold_s == min(p.min_hold_s for p in all_ours)
    assert weigh["cinematic"].pose > weigh["cinematic"].face
    assert of["cinematic"].layouts == ("single", "fit") and of["cinematic"].look_room > default.look_room
    assert 0 < of["cinematic"].breathe <= 0.02 and of["cinematic"].zoom_ceiling == 1
    assert of["wide-screen"].headroom == min(p.headroom for p in all_ours)
    assert min(weigh["educational"].speech, weigh["educational"].objects) > weigh["educational"].face
    assert of["educational"].layouts[:2] == ("pip", "fit")
    assert min(weigh["nature"].objects, weigh["nature"].flow) >= 0.4 and of["nature"].breathe > 0
    assert weigh["drama"].objects == 0 and weigh["drama"].face + weigh["drama"].pose >= 0.7
    documentary = asdict(weigh["documentary"])
    assert max(documentary.values()) <= 0.25, "even-handed"
    calm = ("documentary", "cinematic", "wide-screen", "drama", "talking-head")
    assert {of[name].mode for name in calm} == {"stable"}
    assert min(of[name].min_hold_s for name in calm) > default.min_hold_s
    assert of["smart-edit"].prompt == ("person", "animal", "ball")
    assert of["smart-edit"].avoid == ("logo", "screen", "crowd")


def test_no_two_presets_do_the_same():
    recipes = [presets.preset_recipe(presets.load_preset(name)) for name in BUILT_IN]
    plain = [json.dumps({k: v for k, v in r.items() if k not in ("name", "summary")}) for r in recipes]
    assert len(set(plain)) == len(plain)


def test_the_wheel_carries_the_files(tmp_path):
    isolation = ["--no-isolation"] if find_spec("hatchling") else []
    command = [sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = [name for name in archive.namelist() if name.endswith(".toml")]
        archive.extractall(tmp_path / "site")
    files = [f"presets/{name}" for name in BUILT_IN] + [f"styles/{name}" for name in style_names()]
    assert sorted(carried) == sorted(f"panscan/request/{name}.toml" for name in files)
    code = "import panscan.request.presets as p; print(p.__file__); print(*p.preset_names()); p.load_preset('podcast')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path / "site")
    where, names = ran.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path) and names.split()[: len(BUILT_IN)] == BUILT_IN, ran.stderr


# --- the user's own


def test_a_preset_in_the_users_folder_has_a_name(write):
    write("zoo", 'base = "nature"\nbreathe = 0.05\n')
    write("my-show", 'base = "podcast"\nsummary = "two hosts"\n')
    assert presets.preset_names() == [*BUILT_IN, "my-show", "zoo"]
    zoo = presets.load_preset("zoo")
    assert (zoo.name, zoo.breathe, zoo.weights) == ("zoo", 0.05, presets.load_preset("nature").weights)
    assert zoo.summary == "nature, changed" and presets.load_preset("my-show").summary == "two hosts"


def test_the_users_folder_is_that_of_the_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("PANSCAN_PRESETS_DIR")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name, **_: str(tmp_path / name))
    (tmp_path / "panscan" / "presets").mkdir(parents=True)
    (tmp_path / "panscan" / "presets" / "mine.toml").write_text("headroom = 0.3\n")
    assert presets.user_folder() == tmp_path / "panscan" / "presets"
    assert presets.load_preset("mine").headroom == 0.3


def test_a_preset_is_read_by_its_path(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.toml").write_text('base = "../two.toml"\nlook_room = 0.2\n')
    (tmp_path / "two.toml").write_text('base = "drama"\nheadroom = 0.5\n')
    monkeypatch.chdir(tmp_path)
    one = presets.load_preset("deep/one.toml")
    assert (one.look_room, one.headroom, one.layouts) == (0.2, 0.5, ("single",)), "through both bases"
    assert presets.load_preset(str(tmp_path / "deep" / "one.toml")) == one


def test_what_is_not_said_comes_from_the_default(write):
    write("mine", "min_hold_s = 2\n")
    mine, default = presets.load_preset("mine"), presets.load_preset("default")
    assert mine.min_hold_s == 2.0 and isinstance(mine.min_hold_s, float)
    assert {f.name for f in fields(Preset) if getattr(mine, f.name) != getattr(default, f.name)} == {
        "name",
        "summary",
        "min_hold_s",
    }


def test_every_key_can_be_given(write):
    text = (
        'summary = "all"\nmethod = "gravity"\nmode = "stable"\nlayouts = ["fit", "pip"]\nheadroom = 0.2\n'
        "look_room = 0.2\nzoom_ceiling = 2\nmin_hold_s = 10\nbreathe = 0.1\njump_cuts = false\n"
        'background = "#A0b1C2"\nprompt = ["dog"]\navoid = ["logo"]\n[weights]\n' + SUMS.replace("0.3", "0.30")
    )
    write("all", text)
    weights = SignalWeights(0.30, 0.25, 0.15, 0.15, 0.10, 0.05)
    expected = Preset(
        "all", "all", weights, "gravity", "stable", ("fit", "pip"), 0.2, 0.2, 2.0, 10.0, 0.1, False, "#a0b1c2",
        ("dog",), ("logo",),
    )  # fmt: skip
    assert presets.load_preset("all") == expected


def test_a_method_of_an_installed_package_may_be_used(write, monkeypatch):
    write("mine", 'method = "luck"\n')
    assert "luck" not in registry.names("methods")
    monkeypatch.setattr("panscan.registry.names", lambda kind: ("luck",))
    assert presets.load_preset("mine").method == "luck"


def test_the_recipe_is_plain_and_rounded(write):
    write("mine", 'headroom = 0.30000000000000004\nprompt = ["dog"]\n')
    recipe = presets.preset_recipe(presets.load_preset("mine"))
    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["headroom"] == 0.3 and recipe["prompt"] == ["dog"] and recipe["layouts"] == ["auto"]
    assert list(recipe) == [field.name for field in fields(Preset)] and list(recipe["weights"]) == SIGNALS


# --- mistakes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("headroom = 0.7", ("headroom = 0.7", "a number from 0.2 to 0.6")),
        ("headroom = nan", ("headroom = nan", "0.2 to 0.6")),
        ("headroom = true", ("headroom = true", "0.2 to 0.6")),
        ('headroom = "high"', ('headroom = "high"', "0.2 to 0.6")),
        ("look_room = 0.21", ("look_room", "from 0 to 0.2")),
        ("zoom_ceiling = 0.9", ("zoom_ceiling", "from 1 to 2")),
        ("min_hold_s = 0.4", ("min_hold_s", "from 0.5 to 10")),
        ("breathe = -0.01", ("breathe = -0.01", "from 0 to 0.1")),
        ("jump_cuts = 1", ("jump_cuts = 1", "true or false")),
        ('method = "gravitiy"', ("gravitiy", "adaptive, single_object", "Did you mean 'gravity'?")),
        ('mode = "wild"', ("wild", "stable, balanced, responsive")),
        ('layouts = ["split2"]', ("split2", "split-2, split-3", "Did you mean 'split-2'?")),
        ('layouts = "single"', ("layouts", "a list of texts")),
        ("layouts = []", ("layouts", "or auto alone")),
        ('layouts = ["auto", "fit"]', ("layouts", "or auto alone")),
        ('layouts = ["fit", "fit"]', ("layouts", "each word once")),
        ('background = "red"', ("background", "black, blur, a colour #rrggbb")),
        ('background = "#fff"', ("background", "#rrggbb")),
        ("prompt = [1]", ("prompt", "a list of texts")),
        ('avoid = [" "]', ("avoid", "a list of texts")),
        ('summary = ""', ("summary", "text")),
        ('head_room = 0.3', ("unknown key 'head_room'", "Did you mean 'headroom'?")),
        ('name = "x"', ("unknown key 'name'", "summary")),
        ('prompt = ["dog"]\navoid = ["dog"]', ("'dog' is in `prompt` and in `avoid`",)),
        ('base = "podcats"', ("unknown preset 'podcats'", "Did you mean 'podcast'?")),
        ('base = "none.toml"', ("there is no preset file", "none.toml")),
        ("base = 1", ("base = 1", "text")),
        ("weights = 1", ("weights", "a table", "[weights]")),
        ("[weights]\nfaces = 0.3", ("[weights]", "unknown key 'faces'", "Did you mean 'face'?")),
        ("[weights]\nface = 1.5", ("[weights]", "face = 1.5", "from 0 to 1")),
        ("[weights]\nface = -0.1", ("face = -0.1", "from 0 to 1")),
        ("headroom = ", ("is not TOML", "line 1")),
    ],
)  # fmt: skip
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(write, line, words):
    path = write("mine", line + "\n")
    said = str(refused("mine"))
    for word in (*words, *((str(path),) if "base = " not in line else ())):
        assert word in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("speech = 0.5\n", ("sum to 1.25", "speech 0.5", "face, pose, flow, objects, audio come from the base",
                            "Take away 0.25 in all, e.g. from speech")),
        ("face = 0.1\n", ("sum to 0.8", "Add 0.2 in all")),
        (SUMS.replace("0.05", "0.050002"), ("sum to 1.000002", "Take away 2e-06")),
        (SUMS.replace("0.3", "0.0"), ("sum to 0.7", "Add 0.3")),
    ],
)  # fmt: skip
def test_weights_that_do_not_sum_to_one_are_refused_never_changed(write, text, words):
    write("mine", "[weights]\n" + text)
    said = str(refused("mine"))
    assert all(word in said for word in words), said


def test_weights_may_miss_one_by_a_millionth(write):
    write("mine", "[weights]\n" + SUMS.replace("0.05", "0.0500009"))
    assert presets.load_preset("mine").weights.audio == 0.0500009


def test_weights_given_partly_are_completed_from_the_base(write):
    write("mine", 'base = "podcast"\n[weights]\nspeech = 0.35\nface = 0.35\n')
    assert presets.load_preset("mine").weights == SignalWeights(0.35, 0.35, 0.10, 0.05, 0.05, 0.10)


def test_a_base_may_not_lead_back(write, folder):
    write("a", 'base = "b"\n')
    write("b", 'base = "./c.toml"\n')
    write("c", 'base = "a"\n')
    error = refused("a")
    assert "a.toml -> b.toml -> c.toml -> a.toml" in error.why
    write("self", 'base = "self"\n')
    assert "self.toml -> self.toml" in refused(folder / "self.toml").why


def test_a_name_of_ours_is_not_taken_silently(write, folder):
    path = write("podcast", 'base = "podcast"\nmin_hold_s = 9\n')
    assert "two presets are called 'podcast'" in str(refused("podcast")) and str(path) in refused("podcast").why
    path.write_text('base = "drama"\nmin_hold_s = 9\n')
    assert presets.load_preset(str(path)).min_hold_s == 9, "its path still means it"
    assert presets.preset_names() == BUILT_IN


def test_an_unknown_name_is_answered_with_the_known_ones(write, folder):
    write("my-show", "")
    error = refused("my-shw")
    assert "podcast" in error.why and str(folder) in error.why and error.fix == "Did you mean 'my-show'?"
    assert "Use one of these names" in refused("qqqqqq").fix


def test_a_file_that_is_no_text_is_refused(folder):
    (folder / "mine.toml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refused("mine").why


# --- the command


def test_the_list_shows_every_preset_with_its_weights(folder):
    ran = panscan("presets")
    lines = ran.out.splitlines()
    assert ran.code == 0 and [line.split()[0] for line in lines] == ["preset", *BUILT_IN]
    podcast = next(line for line in lines if line.startswith("podcast"))
    assert [int(n) for n in re.findall(r" (\d+) ", podcast)] == [25, 45, 10, 5, 5, 10]
    assert presets.load_preset("podcast").summary in podcast
    assert panscan("presets", "--json").data == [presets.preset_recipe(presets.load_preset(name)) for name in BUILT_IN]


def test_one_preset_is_shown_whole_and_its_file_can_be_kept(folder):
    ran = panscan("presets", "cinematic")
    assert ran.code == 0 and ran.out == presets.preset_source("cinematic")
    for key in presets.preset_recipe(presets.load_preset("cinematic")):
        assert key in ran.err
    (folder / "copy.toml").write_text(ran.out)
    copy, source = (presets.preset_recipe(presets.load_preset(name)) for name in ("copy", "cinematic"))
    assert copy == {**source, "name": "copy"}
    assert panscan("presets", "cinematic", "--json").data == source


def test_a_mistake_in_one_file_does_not_hide_the_others(write):
    write("mine", "headroom = 9\n")
    ran = panscan("presets", "--json")
    assert ran.code == 2 and [row["name"] for row in ran.data] == BUILT_IN and "headroom = 9" in ran.err
    assert panscan("presets", "nope").code == 2


# --- the page


def test_the_table_of_the_page_is_true():
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")
    ]
    rows = [row for row in rows if len(row) == 10]
    assert [row[0] for row in rows] == BUILT_IN
    for name, *shown in rows:
        preset = presets.load_preset(name)
        assert [float(cell) for cell in shown[:6]] == list(asdict(preset.weights).values())
        assert shown[6:] == [preset.method, preset.mode, f"{preset.min_hold_s:g} s"]


def test_the_example_of_the_page_works(write):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    write("my-show", example)
    show = presets.load_preset("my-show")
    assert show.weights == SignalWeights(0.25, 0.50, 0.10, 0.05, 0.05, 0.05)
    assert (show.layouts, show.method, show.headroom) == (("single", "split-2"), "talking_person", 0.36)


def test_the_page_names_every_key():
    for field in fields(Preset):
        assert field.name == "name" or f"`{field.name}`" in PAGE or f"`[{field.name}]`" in PAGE
    for word in (*registry.METHODS, *registry.MODES, *registry.LAYOUTS):
        assert f"`{word}`" in PAGE
