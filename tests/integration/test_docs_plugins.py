"""The pages about methods and layouts of one's own: their examples run, and the movie is framed as they say."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from panscan import registry
from panscan.timeline.effect import framing_of

DOCS = Path(__file__).parents[2] / "docs"


def python_blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def run_page(talk, tmp_path, monkeypatch):
    """Runs the examples of a page in a folder with its movie; a block that names a file is put there instead."""
    shutil.copy(talk, tmp_path / "talk.mp4")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def run(page: str) -> dict[str, object]:
        names: dict[str, object] = {}
        for block in python_blocks(page):
            if found := re.match(r"# (\w+)\.py\n", block):
                modules.append(found[1])
                Path(f"{found[1]}.py").write_text(block, encoding="utf-8")
            else:
                exec(compile(block, page, "exec"), names)
        return names

    yield run
    registry.refresh()
    for name in modules:
        sys.modules.pop(name, None)


def framings(timeline):
    return [framing_of(clip) for clip in timeline.video_tracks()[0].find_clips()]


def test_the_method_of_the_page_chooses(run_page):
    framed = framings(run_page("add-a-method.md")["timeline"])
    assert len(framed) > 1 and all("is furthest left" in framing.why for framing in framed)
    assert all(cell.subject.startswith("person-") for framing in framed for cell in framing.cells)


def test_the_layout_of_the_page_divides_the_canvas(run_page):
    both, *others = framings(run_page("add-a-layout.md")["timeline"])
    assert both.layout == "reaction" and [cell.size.height for cell in both.cells] == [1280, 640]
    assert len({cell.subject for cell in both.cells}) == 2
    assert all(framing.layout == "single" and "reaction cannot be made" in framing.why for framing in others)
