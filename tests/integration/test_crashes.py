"""A crash inside a library ends a command with exit code 70 and a message, and leaves nothing half-written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commandline import Ran, panscan
from made_up_package import Site
from panscan.render.segments import ranges

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of Unix stand in for faults of a library")

# What a process does when it gives a file its name: "SIGSEGV" and so on, "exit" or "wait".
PLANTED = """
import os, signal, sys, time

def at_rename(event, arguments):
    name = os.environ.get("CRASH_AT", "")
    if event != "os.rename" or not name or not os.fsdecode(arguments[1]).endswith(name):
        return
    how = os.environ["CRASH_BY"]
    if how == "exit":
        os._exit(255)
    if how == "wait":
        with open(os.environ["WAITS"], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(120)
    os.kill(os.getpid(), getattr(signal, how))

sys.addaudithook(at_rename)
"""


@pytest.fixture(scope="module")
def framed(movie, tmp_path_factory) -> Path:
    """A folder with a movie, its timeline and its rendered movie: do not write to it."""
    folder = tmp_path_factory.mktemp("framed")
    shutil.copy(movie("cuts"), folder / "film.mp4")
    shape = ("--canvas", "180x320", "--fast")
    assert panscan("reframe", folder / "film.mp4", *shape).code == 0
    assert panscan("render", folder / "film.9x16.otio", "-o", folder / "made.mp4").code == 0
    return folder


@pytest.fixture
def folder(framed, tmp_path) -> Path:
    return Path(shutil.copytree(framed, tmp_path / "work"))


@pytest.fixture
def site(tmp_path) -> Site:
    planted = Site(tmp_path / "site")
    planted.install("planted", {"sitecustomize.py": PLANTED}, {})
    return planted


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def crashed(ran: Ran, command: str, why: str) -> None:
    assert (ran.code, ran.out) == (70, ""), ran
    assert f"error: panscan {command} crashed\n  why: Its process was ended {why}" in ran.err, ran.err
    assert "fix: Run the same command again: finished analysis is kept." in ran.err and "report" in ran.err
    assert "Traceback" not in ran.err


FRESH = ("--canvas", "180x320", "--fast", "--fresh", "-o", "new")


@pytest.mark.parametrize(
    ("words", "at", "by", "why"),
    [
        (("reframe", "film.mp4", *FRESH), "film.9x16.otio", "SIGSEGV", "by SIGSEGV, at "),
        (
            ("reframe", "film.mp4", *FRESH, "--render", "--to", "otio"),
            "film.9x16.unverified.mp4",
            "SIGABRT",
            "by SIGABRT",
        ),
        (("render", "film.9x16.otio", "-o", "out.mp4"), "out.unverified.mp4", "SIGSEGV", "by SIGSEGV, at "),
        (
            ("render", "film.9x16.otio", "-o", "out.mp4", "--no-verify"),
            "out.mp4",
            "SIGKILL",
            "by SIGKILL: the system does so",
        ),
        (("render", "film.9x16.otio", "-o", "out.mp4", "--no-verify"), "out.mp4", "exit", "with code 255"),
        (("render", "film.9x16.otio", "--to", "hls", "-o", "out.hls"), "out.hls", "SIGSEGV", "by SIGSEGV"),
        (("verify", "made.mp4", "film.9x16.otio", "--html", "page.html"), "page.html", "SIGSEGV", "by SIGSEGV"),
        (("deliver", "film.9x16.otio", "--to", "edl", "-o", "new.edl"), "new.edl", "SIGSEGV", "by SIGSEGV"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_crash(words, at, by, why, folder, site, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    before = files(folder)
    ran = site.panscan(*words, CRASH_AT=at, CRASH_BY=by)
    crashed(ran, words[0], why)
    # A timeline that was finished before stays, as after any error.
    assert files(folder) - before <= {"new", "new/film.9x16.otio"}
    assert site.panscan(*words).code == 0


def test_the_place_of_a_crash_is_told(folder, site, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    words = ("render", "film.9x16.otio", "-o", "out.mp4", "--no-verify")
    ran = site.panscan(*words, CRASH_AT="out.mp4", CRASH_BY="SIGSEGV", PANSCAN_DEBUG="1")
    assert "at site/sitecustomize.py:" in ran.err and ", called at container/mux.py:" in ran.err
    assert "most recent call first" in ran.err


def test_a_process_that_encodes_a_segment_crashes(folder, site, monkeypatch) -> None:
    monkeypatch.setattr(ranges, "_MIN_SEGMENT_S", 0)  # the movie lasts two seconds
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site.folder), *filter(None, sys.path)]))
    words = ("render", folder / "film.9x16.otio", "-o", folder / "out.mp4", "--jobs", "2")
    with monkeypatch.context() as planted:
        planted.setenv("CRASH_AT", "00000.mp4")
        planted.setenv("CRASH_BY", "SIGSEGV")
        ran = panscan(*words)
    assert ran.code == 70 and "a process that encoded a segment crashed" in ran.err, ran
    assert not (folder / "out.mp4").exists()
    assert panscan(*words).code == 0
    assert not list(folder.glob(".*"))


@contextmanager
def waiting(site: Site, folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A render that waits before its last step, in a group of its own as a shell starts it; the id of its worker."""
    told = folder.parent / "waits"
    path = os.pathsep.join([str(site.folder), *filter(None, sys.path)])
    planted = {"CRASH_AT": "out.mp4", "CRASH_BY": "wait", "WAITS": str(told)}
    with subprocess.Popen(
        [sys.executable, "-m", "panscan", "render", "film.9x16.otio", "-o", "out.mp4", "--no-verify"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **planted},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Tests that run in the background of a shell inherit that Ctrl-C is ignored, and so would the command.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            until(lambda: told.is_file() and told.read_text())
            yield process, int(told.read_text())
        finally:
            process.kill()


def until(happened) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("to_all", [True, False], ids=["terminal", "kill"])
def test_a_stopped_command_cleans_up(number, to_all, folder, site) -> None:
    before = files(folder)
    with waiting(site, folder) as (process, _):
        (os.killpg if to_all else os.kill)(process.pid, number)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 130
    assert said.count("stopped; what was finished is kept") == 1 and "Traceback" not in said
    assert files(folder) == before


@pytest.fixture
def hears_hangups():
    """Commands end with their terminal, though these tests be run by nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_leaves_nothing(folder, site, hears_hangups) -> None:
    before = files(folder)
    with waiting(site, folder) as (process, _):
        os.killpg(process.pid, signal.SIGHUP)
        assert process.wait(60) == 130
    assert files(folder) == before


def test_a_command_ends_with_the_one_that_started_it(folder, site) -> None:
    def is_alive() -> bool:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return False
        return True

    with waiting(site, folder) as (process, worker):
        assert worker != process.pid and is_alive()
        process.kill()
        until(lambda: not is_alive())
