"""The documentation: its pictures are the ones its script makes, its links lead somewhere, its names exist."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from panscan import registry

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# A frame of the demo movie; Premiere's panel in a browser.
PANEL = {"premiere-panel.png", "premiere-panel-light.png"}
REVIEW = {"review.webp", "review-shapes.webp", "review-deliver.webp"}
MADE_ELSEWHERE = {"demo.jpg"} | PANEL | REVIEW


@pytest.fixture(scope="module")
def script():
    """The script's own names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        yield runpy.run_path(str(DOCS / "make_pictures.py"))


def _links(page):
    """(whether it is a picture, its words, the file it leads to) of every link inside the project."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for mark, words, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield bool(mark), words, (page.parent / target.split("#")[0]).resolve()


def _pictures_in_pages():
    return {path for page in PAGES for is_picture, _, path in _links(page) if is_picture}


# --- pages


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    assert [str(path) for _, _, path in _links(page) if not path.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_picture_is_told_in_words(page):
    assert [path.name for is_picture, words, path in _links(page) if is_picture and len(words) < 15] == []


def test_every_page_can_be_reached():
    start = ROOT / "README.md"
    found, new = {start}, [start]
    while new:
        for _, _, path in _links(new.pop()):
            if path.suffix == ".md" and path not in found and path.exists():
                found.add(path)
                new.append(path)
    assert {page.resolve() for page in PAGES} <= found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("methods.md", list(registry.METHODS)),
        ("layouts.md", list(registry.LAYOUTS)),
        ("modes.md", list(registry.MODES)),
        ("effects.md", ["STATIC", "BREATHE", "PAN_FOLLOW", "FAST_CUT", "INTERVIEW"]),
    ],
)
def test_every_choice_has_its_words_and_its_picture(name, words):
    text = (DOCS / name).read_text(encoding="utf-8")
    assert [word for word in words if word not in text] == []
    shown = " ".join(path.name for is_picture, _, path in _links(DOCS / name) if is_picture)
    if name != "modes.md":  # which has one for all
        assert [word for word in words if word.lower().replace("_", "-") not in shown.replace("_", "-")] == []


@pytest.mark.parametrize(
    ("option", "known"),
    [("method", set(registry.METHODS)), ("mode", set(registry.MODES)), ("layouts", {*registry.LAYOUTS, "auto"})],
)
def test_commands_choose_what_exists(option, known):
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    given = re.findall(rf"panscan [^\n`]*--{option} ([a-z0-9_,-]+)", text)
    assert given and {name for value in given for name in value.split(",")} <= known


# --- pictures


def test_pages_show_what_the_script_makes(script):
    made = {(IMAGES / f"{name}.png").resolve() for name in script["PICTURES"]}
    there = {path.resolve() for path in IMAGES.iterdir() if path.name not in MADE_ELSEWHERE}
    assert made == there
    assert made == {path for path in _pictures_in_pages() if path.name not in MADE_ELSEWHERE}


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir() if path.name != "demo.jpg"}
    assert max(sizes.values()) < 60_000 and sum(sizes.values()) < 1_200_000


@pytest.mark.parametrize("name", ["choice", "presets", "layout-split-2", "effect-interview"])
def test_pictures_are_made_again_and_alike(script, name, tmp_path):
    (path,) = script["make"]([name], tmp_path)
    with Image.open(path) as new, Image.open(IMAGES / path.name) as old:
        assert new.size == old.size
        # Fonts may differ by a hair between versions; another crop, canvas or bar differs by much more.
        strip = [np.asarray(one.convert("L").reduce(8), np.float64) for one in (new, old)]
        assert np.ptp(strip[0]) > 100 and np.abs(strip[0] - strip[1]).mean() < 4, "run docs/make_pictures.py again"
    (again,) = script["make"]([name], tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()


def test_pictures_of_the_panel_are_made_again_and_alike(browser, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        panel = runpy.run_path(str(DOCS / "make_panel_pictures.py"))
    made = panel["make_pictures"](browser, tmp_path)
    assert {path.name for path in made} == PANEL
    for path in made:
        assert (IMAGES / path.name).stat().st_size < 60_000
        with Image.open(path) as new, Image.open(IMAGES / path.name) as old:
            assert new.size == old.size
            # Fonts differ between machines; a part that came, went or moved differs by more.
            strip = [np.asarray(one.convert("L").reduce(8), np.float64) for one in (new, old)]
            assert np.abs(strip[0] - strip[1]).mean() < 4, "run docs/make_panel_pictures.py again"


def test_an_unknown_picture_is_refused(tmp_path):
    command = [sys.executable, DOCS / "make_pictures.py", "-o", tmp_path, "nothing"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 2 and "layout-split-2" in ran.stderr
    assert list(tmp_path.iterdir()) == []
