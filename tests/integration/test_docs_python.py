"""The page about Python: its examples run, one after the other."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

import panscan
from panscan import registry

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def folder(talk, tmp_path, monkeypatch):
    """The folder of the page, with its movie, from which modules can be imported."""
    shutil.copy(talk, tmp_path / "talk.mp4")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    registry.refresh()
    for block in BLOCKS:
        if found := re.match(r"# (\w+)\.py\n", block):
            sys.modules.pop(found[1], None)


def test_every_example_runs(folder, capsys):
    names: dict[str, object] = {}
    for block in BLOCKS:
        if found := re.match(r"# (\w+\.py)\n", block):
            (folder / found[1]).write_text(block, encoding="utf-8")
        else:
            exec(compile(block, str(PAGE), "exec"), names)
    told = capsys.readouterr().out
    assert "VERIFIED" in told and "unknown mode 'wild'" in told
    assert {path.name for path in folder.iterdir()} >= {"talk.9x16.otio", "talk.9x16.fcpxml", "talk.9x16.mp4"}
    (clip, *_) = names["timeline"].video_tracks()[0]
    (effect,) = clip.effects
    assert effect.metadata["panscan"]["layout"] == "wide-and-close" and len(effect.metadata["panscan"]["cells"]) == 2


def test_the_page_names_the_public_functions():
    text = PAGE.read_text(encoding="utf-8")
    functions = [name for name in panscan.__all__ if name[0].islower()]
    assert len(functions) >= 10 and [name for name in functions if name not in text] == []
