"""`panscan people`: a sheet of pictures, and names that later runs use."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from commandline import panscan
from panscan import pipeline
from panscan.ingest.media.probe import probe
from scenes import LOOKS, faces, perception, still


@pytest.fixture
def film(movie, tmp_path, monkeypatch):
    """A movie in which two people are seen, whatever its pictures show."""
    path = shutil.copy(movie("cuts"), tmp_path / "talk.mp4")
    looks = [frame for frame in LOOKS if frame < 60]
    seen = perception(
        faces=faces(sorted(still(20, 40, frames=looks, top=40) + still(220, 60, frames=looks, top=50)), looks)
    )

    def analyse(*_, models, **__):
        assert "Anna" not in models.prompt, "somebody's name is no thing to look for"
        return pipeline.MovieAnalysis(probe(path), seen)

    monkeypatch.setattr(pipeline, "analyse", analyse)
    return path


def test_names_are_given_and_used(film):
    first = panscan("people", film, "--json")
    assert first.code == 0 and {row["person"] for row in first.data} == {"person-1", "person-2"}
    with Image.open(film.with_name("talk.people.jpg")) as sheet:
        assert sheet.width > sheet.height  # two side by side
    right = max(first.data, key=lambda row: row["best"]["box"][0])["person"]
    assert panscan("people", film, "--name", f"{right}=Anna").code == 0
    assert {row["name"] for row in panscan("people", film, "--json").data} == {None, "Anna"}
    ran = panscan("reframe", film, "--prompt", "Anna", "--to", "otio", "--fresh")
    assert ran.code == 0 and "Anna" in ran.err and "Anna" in film.with_name("talk.9x16.otio").read_text()


@pytest.mark.parametrize(
    ("given", "word"), [("nobody", "WHO=NAME"), ("person-7=Anna", "nobody is called"), ("person-1=left", "be somebody")]
)
def test_mistakes_write_nothing(film, given, word):
    ran = panscan("people", film, "--name", given)
    assert ran.code == 2 and word in ran.err and not film.with_name("talk.panscan.toml").exists()
