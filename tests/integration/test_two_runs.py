"""Two processes at one output or one cache: both end well, and what they leave is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import av
import pytest

from commandline import panscan
from panscan.timeline.files import read_timeline


@pytest.fixture(scope="module")
def film(movie, tmp_path_factory) -> Path:
    """A movie with its timeline and a filled cache, as the first run leaves them."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    shutil.copy(movie("cuts"), path)
    assert panscan("reframe", path, "--canvas", "180x320", "--fast").code == 0
    return path


def both(*words: object, cwd: Path, **environment: str) -> None:
    """Run a command twice at the same time."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "panscan", *map(str, words)],
                    cwd=cwd,
                    env={**os.environ, **environment},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )
            )
            for _ in range(2)
        ]
        said = [process.communicate(timeout=300)[1].decode() for process in started]
        assert [process.returncode for process in started] == [0, 0], "\n".join(said)
    assert not [path.name for path in cwd.iterdir() if path.name.startswith(".") or "unverified" in path.name]


def pictures(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("words", [(), ("--jobs", "2"), ("--to", "hls")])
def test_two_renders(words, film, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(film.parent, tmp_path / "work"))
    shutil.copy(film, folder / "film.mp4")
    output = folder / ("out.hls" if "hls" in words else "out.mp4")
    both("render", "film.9x16.otio", "-o", output.name, *words, cwd=folder)
    found = output / "180x320.m3u8" if output.is_dir() else output
    assert pictures(found) == pictures(film)


def test_two_reframes_with_movies_and_one_empty_cache(film, tmp_path: Path) -> None:
    shutil.copy(film, tmp_path / "film.mp4")
    cache = tmp_path.parent / f"{tmp_path.name}-cache"
    words = ("reframe", "film.mp4", "--canvas", "180x320", "--fast", "--render")
    both(*words, cwd=tmp_path, PANSCAN_CACHE_DIR=str(cache))
    assert pictures(tmp_path / "film.9x16.mp4") == pictures(film)
    assert read_timeline(tmp_path / "film.9x16.otio").name == "film 9:16"
    assert "VERIFIED" in (tmp_path / "film.9x16.html").read_text(encoding="utf-8")
    assert not [path for path in cache.rglob("*") if ".part" in path.name]
    assert panscan(*words[:1], tmp_path / "film.mp4", *words[2:]).code == 0
