"""What an installed package brings works wherever panscan's own does: the registry is the only list of names.

The package is the one that docs/add-a-signal.md and docs/add-an-exporter.md build, with a method, a layout and a mode.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

import media
from made_up_package import Site
from panscan import registry
from panscan.direct.layouts import choose_layout
from panscan.direct.shot_context import MethodResult
from panscan.model.geometry import Size
from panscan.timeline.effect import framing_of
from panscan.timeline.files import read_timeline, recipe_of
from scenes import aim, perception, scene

ROOT = Path(__file__).parents[2]
PAGES = ("add-a-signal.md", "add-an-exporter.md")
BROUGHT = {
    "signals": "brightness",
    "methods": "left_edge",
    "modes": "sleepy",
    "layouts": "stacked",
    "exporters": "crops",
}
CHOICES = '''
"""A method, a layout and a mode."""

from dataclasses import replace

from my_package.brightness import BrightnessValue
from panscan.direct.aims import aim_at_place
from panscan.direct.layouts import Layout
from panscan.direct.shot_context import MethodResult
from panscan.direct.shot_context import MethodResult
from panscan.model.geometry import Size
from panscan.model.plan import CellPlan
from panscan.operate.modes import STABLE

SLEEPY = replace(STABLE, rest_miss_share=1.0, rest_miss_s=1000.0)  # nothing is worth a movement


def left_edge(scene):
    """The left edge of the picture, whatever is there."""
    level = scene.perception.get(BrightnessValue).level
    return MethodResult(aim_at_place((0.0, 0.5), scene), f"left edge, brightness {level.mean():.2f}")


def stacked(proposal):
    """The same twice, one above the other."""
    half = Size(proposal.canvas.width, proposal.canvas.height // 2)
    cells = [CellPlan(0, top, half, proposal.choice.aim) for top in (0, half.height)]
    return Layout("stacked", tuple(cells), "the same twice")
'''


def block(page, language):
    """The first block of code of a page."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Where the package is installed, with what the pages say and as they say it."""
    site = Site(tmp_path_factory.mktemp("site"))
    modules = {"my_package/__init__.py": "", "my_package/choices.py": CHOICES}
    entry_points = {
        f"panscan.{kind}": {BROUGHT[kind]: f"my_package.choices:{target}"}
        for kind, target in (("methods", "left_edge"), ("modes", "SLEEPY"), ("layouts", "stacked"))
    }
    for page in PAGES:
        points = tomllib.loads(block(page, "toml"))["project"]["entry-points"]
        ((_, named),) = points.items()
        ((_, target),) = named.items()
        modules[f"{target.partition(':')[0].replace('.', '/')}.py"] = block(page, "python")
        entry_points |= points
    site.install("my-package", modules, entry_points)
    return site


@pytest.fixture(scope="module")
def movie(site, tmp_path_factory):
    """A movie that has been looked at."""
    path = media.moving_block(tmp_path_factory.mktemp("movie") / "block.mp4", frames=60)
    ran = site.panscan("perceive", path)
    assert ran.code == 0 and "brightness: 10 rows from 10 looks" in ran.err, ran.err
    return path


def reframed(site, movie, folder, *options):
    """Reframes and delivers; what was printed, and the one framing of the timeline."""
    ran = site.panscan("reframe", movie, "-o", folder, "--to", "crops", "--json", *options)
    assert ran.code == 0, ran.err
    ((made),) = ran.data
    timeline = read_timeline(Path(made["timeline"]))
    (framing,) = [found for clip in timeline.find_clips() if (found := framing_of(clip)) is not None]
    return made, framing, recipe_of(timeline)


# --- commands


def test_it_is_listed_with_who_brought_it(site):
    ran = site.panscan("plugins", "--json")
    brought = {row["kind"]: row for row in ran.data if row["source"] == "my-package"}
    assert {kind: row["name"] for kind, row in brought.items()} == BROUGHT
    lines = [line.split() for line in site.panscan("plugins").out.splitlines()]
    assert [line for line in lines if "my-package" in line] == [
        [row["kind"], row["name"], "my-package", row["target"]] for row in brought.values()
    ]


def test_its_format_is_listed(site):
    (row,) = [row for row in site.panscan("formats", "--json").data if row["name"] == "crops"]
    assert row["suffix"] == ".crops.txt" and row["how_to_import"] == "Open it."
    assert re.search(r"^ *crops +\.crops\.txt +List of crops", site.panscan("formats").out, re.MULTILINE)


def test_its_names_are_options(site, movie, tmp_path):
    choices = ("--method", "left_edge", "--mode", "sleepy", "--layouts", "stacked")
    made, framing, recipe = reframed(site, movie, tmp_path, *choices)
    assert framing.layout == "stacked" and len(framing.cells) == 2
    assert re.search(r"left edge, brightness 0\.\d\d; the same twice", framing.why)
    assert (recipe["method"], recipe["mode"], recipe["layouts"]) == ("left_edge", "sleepy", ["stacked"])
    (listed,) = made["deliveries"]
    assert re.fullmatch(r"block\.mp4: 20[23] x 180 at 0, 0\n", Path(listed).read_text(encoding="utf-8"))
    again, _, _ = reframed(site, movie, tmp_path, *choices)
    assert again["kept"] and not made["kept"]


def test_its_mode_moves_the_camera_its_own_way(site, movie, tmp_path):
    def keys(mode):
        _, framing, _ = reframed(site, movie, tmp_path / mode, "--layouts", "single", "--mode", mode)
        return len(framing.cells[0].camera.frame)

    assert keys("sleepy") == 1 < keys("responsive")


def test_its_names_may_stand_in_a_preset(site, movie, tmp_path):
    preset = tmp_path / "mine.toml"
    preset.write_text('method = "left_edge"\nmode = "sleepy"\nlayouts = ["stacked"]\n', encoding="utf-8")
    shown = site.panscan("presets", preset, "--json").data
    assert (shown["method"], shown["mode"], shown["layouts"]) == ("left_edge", "sleepy", ["stacked"])
    _, framing, recipe = reframed(site, movie, tmp_path, "--preset", preset)
    assert framing.layout == "stacked" and framing.why.startswith("left edge")
    assert (recipe["method"], recipe["mode"], recipe["layouts"]) == ("left_edge", "sleepy", ["stacked"])


def test_its_names_may_stand_in_overrides(site, movie, tmp_path):
    overrides = tmp_path / "hand.toml"
    overrides.write_text(
        '[[shot]]\nshot = 1\nmethod = "left_edge"\nmode = "sleepy"\nlayout = "stacked"\n', encoding="utf-8"
    )
    _, framing, recipe = reframed(site, movie, tmp_path, "--override", overrides)
    assert framing.layout == "stacked" and framing.why.startswith("left edge")
    assert recipe["overrides"] == [{"shot": 1, "method": "left_edge", "mode": "sleepy", "layout": "stacked"}]


def test_its_layout_is_automatic_where_none_of_ours_is_needed(site, movie, tmp_path):
    _, framing, _ = reframed(site, movie, tmp_path, "--layouts", "auto")
    assert framing.layout == "stacked"


def test_its_format_is_delivered(site, movie, tmp_path):
    made, _, _ = reframed(site, movie, tmp_path)
    ran = site.panscan("deliver", made["timeline"], "--to", "crops", "-o", "-")
    assert ran.code == 0 and ran.out == Path(made["deliveries"][0]).read_text(encoding="utf-8")
    assert "not carried: 1 of 2 cells of clip 'block.mp4' (layout stacked)" in ran.err


def test_its_signal_is_measured_with_ours(site, movie):
    seen = site.panscan("perceive", movie, "-o", "-").data["signals"]
    assert set(seen) == {*registry.entries("signals"), "brightness"}
    assert seen["brightness"]["looked"][:5] == [0, 7, 13, 19, 25] and 0.3 < seen["brightness"]["level"][0] < 0.7


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--method", "nothing"), "left_edge"),
        (("--mode", "nothing"), "sleepy"),
        (("--layouts", "nothing"), "stacked"),
        (("--to", "nothing"), "crops"),
        (("--preset", 'method = "nothing"'), "left_edge"),
        (("--preset", 'mode = "nothing"'), "sleepy"),
        (("--preset", 'layouts = ["nothing"]'), "stacked"),
        (("--override", '[[shot]]\nshot = 1\nmethod = "nothing"'), "left_edge"),
        (("--override", '[[shot]]\nshot = 1\nmode = "nothing"'), "sleepy"),
        (("--override", '[[shot]]\nshot = 1\nlayout = "nothing"'), "stacked"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_it_is_named_where_a_name_is_unknown(options, name, site, movie, tmp_path):
    option, value = options
    if option in ("--preset", "--override"):
        file = tmp_path / "wrong.toml"
        file.write_text(value + "\n", encoding="utf-8")
        value = file
    ran = site.panscan("reframe", movie, "-o", tmp_path, option, value)
    assert ran.code == 2 and "nothing" in ran.err, ran.err
    assert re.search(rf"why: .*\b{name}\b", ran.err), ran.err


# --- inside one process


@pytest.fixture
def installed(site, monkeypatch):
    """The package is installed for this process too."""
    monkeypatch.syspath_prepend(str(site.folder))
    registry.refresh()
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "my_package"]:
        del sys.modules[name]
    monkeypatch.undo()
    registry.refresh()


def test_automatic_layouts_are_ours_then_its_then_single(installed, monkeypatch):
    """Also where it is listed after "single"."""
    assert registry.names("layouts")[-2:] == ("single", "stacked")
    tried = []

    def load(kind, name):
        return lambda proposal: tried.append(name) if name != "single" else real(kind, name)(proposal)

    real = registry.load
    monkeypatch.setattr(registry, "load", load)
    shot = scene(perception())
    choice = MethodResult(aim([0], [[900, 200, 100, 100]]), "")
    assert choose_layout(shot, choice, Size(1080, 1920), ("auto",)).name == "single"
    assert tried == [*(name for name in registry.LAYOUTS if name != "single"), "stacked"]


# --- contract tests


def test_the_pages_lead_to_what_keeps_the_contract(site):
    """Contract tests look at whatever is installed."""
    names = "(brightness and (declares or seen_anything)) or (crops and not crops-json)"
    files = [ROOT / "tests" / "contract" / f"test_{kind}.py" for kind in ("signals", "exporters", "structures_out")]
    ran = site.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ROOT, *files, "-k", names)
    assert ran.code == 0, ran.out
    assert int(re.search(r"(\d+) passed", ran.out)[1]) > 40
