"""Many inputs at once: folders, what is passed over, and one that fails or crashes beside others."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from commandline import panscan
from panscan.cli.many import inputs_of, outcomes_of
from panscan.cli.outputs import record_made
from panscan.errors import InputError, UsageError


def touched(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(path.name)
    return paths


def test_a_folder_stands_for_its_movies(tmp_path, capsys):
    touched(tmp_path, "a.mp4", "b.MOV", "notes.txt", "a.panscan.toml")
    made, named = touched(tmp_path, "a.9x16.mp4", "c.odd")
    record_made(made)
    assert [path.name for path in inputs_of([tmp_path, named], None)] == ["a.mp4", "b.MOV", "c.odd"]
    said = capsys.readouterr().err
    assert "made by panscan: a.9x16.mp4" in said and "notes.txt" in said and "a.panscan.toml" not in said


def test_a_folder_without_movies_is_told(tmp_path):
    touched(tmp_path, "notes.txt")
    with pytest.raises(InputError, match="there is no movie in"):
        inputs_of([tmp_path], None)


def test_results_with_the_same_names_are_refused(tmp_path):
    with pytest.raises(UsageError, match="under the same names"):
        inputs_of(touched(tmp_path, "a.mp4", "a.mov"), None)


def work(source: Path) -> list[dict]:
    """What a test wants to happen, by the name of the input."""
    if source.stem == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if source.stem == "wrong":
        raise InputError("it is wrong")
    if source.stem == "fault":
        raise KeyError("oh")
    return [{"refused": {}, "verdict": "REJECTED" if source.stem == "rejected" else "VERIFIED"}]


@pytest.mark.parametrize("processes", [1, 3])
def test_none_stops_the_others(processes):
    codes = {"fine": 0, "crash": 70, "wrong": 3, "fault": 70, "rejected": 1}
    done = outcomes_of([Path(f"{name}.mp4") for name in codes], work, processes)
    assert {outcome.source.stem: outcome.exit_code for outcome in done} == codes
    assert "SIGKILL" in done[1].error and "it is wrong" in done[2].error and "'oh'" in done[3].error


def test_reframe_makes_what_can_be_made(movie, tmp_path):
    for name in ("one", "two"):
        shutil.copy(movie("cuts"), tmp_path / f"{name}.mp4")
    touched(tmp_path, "broken.mp4")
    ran = panscan("reframe", tmp_path, "--to", "premiere", "--jobs", "2", "--json")
    assert ran.code == 3 and (tmp_path / "one.9x16.xml").is_file() and (tmp_path / "two.9x16.xml").is_file()
    assert [Path(row["input"]).name for row in ran.data] == ["broken.mp4", "one.mp4", "two.mp4"]
    assert ran.data[0]["exit_code"] == 3 and ran.data[1]["ratio"] == "9:16"
    assert "1 timeline" in ran.err and "failed: " in ran.err


def test_a_mistake_in_all_is_told_once(tmp_path):
    ran = panscan("reframe", *touched(tmp_path, "a.mp4", "b.mp4"), "--to", "premire")
    assert (ran.code, ran.err.count("error:")) == (2, 1) and "Did you mean 'premiere'?" in ran.err
