"""Names of any bytes: from the movie through timeline, deliveries, render and verdict."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline

SHORT = ("--canvas", "180x320", "--fast")


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "panscan", *words], cwd=cwd, capture_output=True, check=False)


def copied(movie, folder: Path, raw: bytes) -> Path:
    path = folder / os.fsdecode(raw)
    try:
        shutil.copy(movie("cuts"), path)
    except OSError:
        pytest.skip("this file system has no such names")
    return path


@pytest.mark.parametrize("raw", [b"\xff\xfe.mp4", b"-r a:b|c\n'#\"50%41?[0]$(x)\\.mp4"])
def test_every_step_takes_the_name(raw, movie, tmp_path: Path) -> None:
    film = copied(movie, tmp_path, raw)
    otio = film.with_suffix(".9x16.otio").name
    made = run("reframe", *SHORT, "--render", "--json", "--", film.name, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    (row,) = json.loads(made.stdout)
    assert row["verdict"] == "VERIFIED" and all((tmp_path / row[key]).is_file() for key in ("movie", "timeline"))
    again = run("reframe", *SHORT, "--json", "--", film.name, cwd=tmp_path)
    assert json.loads(again.stdout)[0]["kept"]
    assert {c.path for c in read_cut(read_timeline(tmp_path / otio), folder=tmp_path).clips} == {film}
    for name in ("otio-resolve", "otio-premiere", "xmeml"):
        assert run("deliver", "--to", name, "--", otio, cwd=tmp_path).returncode == 0
    cut = run("reframe", "-r", "1:1", "--fast", "--to", "otio-resolve", "--json", "--", otio, cwd=tmp_path)
    assert cut.returncode == 0, cut.stderr


def test_a_format_that_cannot_say_the_name_refuses_it(movie, tmp_path: Path) -> None:
    film = copied(movie, tmp_path, b"\xff.mp4")
    made = run("reframe", *SHORT, "--to", "edl", "--to", "fcpxml", film.name, cwd=tmp_path)
    assert made.returncode == 3 and rb"\xff.mp4" in made.stderr and b"no UTF-8 text" in made.stderr
    assert film.with_suffix(".9x16.fcpxml").is_file() and not film.with_suffix(".9x16.edl").exists()


def test_long_names_work_or_are_refused_before_the_analysis(movie, tmp_path: Path) -> None:
    film = copied(movie, tmp_path, b"n" * 237 + b".mp4")
    made = run("reframe", *SHORT, "--to", "edl", "--render", film.name, cwd=tmp_path)
    assert made.returncode == 2 and b"it has" in made.stderr.lower()  # its .rejected.html would not fit
    assert [path.name for path in tmp_path.iterdir()] == [film.name]
    film = film.rename(tmp_path / ("n" * 232 + ".mp4"))
    made = run("reframe", *SHORT, "--to", "edl", "--render", film.name, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
