"""Defaults of options from panscan.toml: which file counts, what it may say, and what goes before it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from commandline import panscan
from panscan.cli import defaults
from panscan.cli.reframe_options import ReframeOptions
from panscan.errors import UsageError


@pytest.fixture(autouse=True)
def users(tmp_path, monkeypatch) -> Path:
    """The user's own file, in a folder beside those of the tests."""
    folder = tmp_path / "settings"
    folder.mkdir()
    monkeypatch.setenv("PANSCAN_CONFIG_DIR", str(folder))
    return folder / "panscan.toml"


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "project"
    (folder / "day one").mkdir(parents=True)
    return folder


def context(*given: str):
    """A command line with these options given."""
    source = {name: SimpleNamespace(name="COMMANDLINE") for name in given}
    return SimpleNamespace(get_parameter_source=source.get)


def found(folder: Path, *given: str) -> dict:
    return defaults.defaults_for(folder / "day one" / "talk.mp4", context(*given), (ReframeOptions,))


def test_the_nearest_file_upward_wins_over_the_users(project, users):
    users.write_text('mode = "stable"\nfast = true\n')
    (project / "panscan.toml").write_text('mode = "responsive"\nratio = "1:1"\n')
    assert found(project) == {"mode": "responsive", "ratio": ["1:1"], "fast": True}
    (project / "day one" / "panscan.toml").write_text("tolerance = 2\n")
    assert found(project) == {"mode": "stable", "fast": True, "tolerance": 2}


def test_the_command_line_goes_before_files(project):
    (project / "panscan.toml").write_text('mode = "stable"\nspeaker = false\n')
    assert found(project, "speaker") == {"mode": "stable"}


def test_paths_count_from_the_file(project):
    (project / "panscan.toml").write_text('output = "vertical"\nskip-offline = true\n')
    assert found(project) == {"output": project / "vertical", "skip_offline": True}


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ('mood = "stable"', "unknown key 'mood'", "Did you mean 'mode'?"),
        ("json = true", "unknown key 'json'", ""),
        ("fast = 1", "fast = 1 is not allowed", ""),
        ("ratio = [9]", "ratio", ""),
    ],
)
def test_mistakes_are_told_with_the_file(project, line, what, fix):
    (project / "panscan.toml").write_text(line)
    with pytest.raises(UsageError, match=what) as refused:
        found(project)
    assert str(project / "panscan.toml") in refused.value.what and fix in refused.value.fix


def test_a_run_uses_them_and_says_so(project, movie):
    film = project / "film.mp4"
    film.write_bytes(movie("cuts").read_bytes())
    (project / "panscan.toml").write_text('ratio = ["4:5"]\nto = "otio"\nquality = "draft"\n')
    ran = panscan("reframe", film)
    assert ran.code == 0 and "panscan.toml" in ran.err and (project / "film.4x5.otio").is_file()
    ran = panscan("reframe", film, "--no-config")
    assert ran.code == 0 and "panscan.toml" not in ran.err and (project / "film.9x16.fcpxml").is_file()
