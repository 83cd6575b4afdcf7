"""`panscan install resolve`: which files it writes where, and that it removes only its own."""

from __future__ import annotations

import sys
from pathlib import Path, PureWindowsPath

import pytest

from commandline import panscan
from panscan.cli.install import scripts_folder
from panscan_resolve.launchers import ENTRIES


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A person's home folder on Linux."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def menu(home):
    return home / ".local/share/DaVinciResolve/Fusion/Scripts/Utility"


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_menu_shows_the_entries_and_nothing_else(home):
    ran = panscan("install", "resolve", "--user")
    assert ran.code == 0, ran.err
    scripts = menu(home).parents[0]
    assert sorted(path.name for path in scripts.rglob("*") if path.is_file()) == sorted(ENTRIES)
    written = {Path(line) for line in ran.out.splitlines()}
    assert written == {path for path in home.rglob("*") if path.is_file()}
    text = (menu(home) / "Panscan - apply a plan.lua").read_text(encoding="utf-8")
    data = home / ".local/share/panscan/resolve"
    assert f'data = "{data}"' in text and (data / "stills").is_dir() and (data / "chart.png").is_file()
    assert "Workspace > Scripts" in ran.err and "require" not in text.split("return panscan.main")[1]


def test_it_is_safe_to_repeat(home):
    panscan("install", "resolve")
    before = tree(home)
    stamps = {path: path.stat().st_mtime_ns for path in menu(home).iterdir()}
    again = panscan("install", "resolve")
    assert again.code == 0 and tree(home) == before and "wrote" not in again.err
    assert stamps == {path: path.stat().st_mtime_ns for path in menu(home).iterdir()}
    changed = panscan("install", "resolve", "--ratio", "1:1")
    assert changed.code == 0 and 'ratio = "1:1"' in (menu(home) / "Panscan - check.lua").read_text()


def test_a_dry_run_writes_and_removes_nothing(home):
    ran = panscan("install", "resolve", "--dry-run")
    assert ran.code == 0 and list(home.iterdir()) == []
    assert len(ran.out.splitlines()) == len(ENTRIES) + 1 and "would write" in ran.err
    panscan("install", "resolve")
    before = tree(home)
    gone = panscan("install", "resolve", "--uninstall", "--dry-run")
    assert gone.code == 0 and "would remove" in gone.err and tree(home) == before


def test_uninstall_removes_only_ours(home):
    panscan("install", "resolve")
    own = menu(home) / "Panscan - my own.lua"
    own.write_text("print('mine')\n")
    calibration = home / ".local/share/panscan/resolve/calibration.lua"
    calibration.write_text("return {}\n")
    ran = panscan("install", "resolve", "--uninstall")
    assert ran.code == 0 and len(ran.out.splitlines()) == len(ENTRIES) + 1
    assert {path for path in home.rglob("*") if path.is_file()} == {own, calibration}
    again = panscan("install", "resolve", "--uninstall")
    assert (again.code, again.out) == (0, "") and "nothing of panscan" in again.err
    calibration.unlink()
    panscan("install", "resolve", "--uninstall")
    assert not calibration.parent.exists(), "its own folder goes with the last file"


def test_entries_of_older_versions_go_and_foreign_files_stay(home):
    panscan("install", "resolve")
    old = menu(home) / "Panscan - old name.lua"
    old.write_bytes((menu(home) / "Panscan - check.lua").read_bytes())
    assert panscan("install", "resolve").code == 0 and not old.exists()
    foreign = menu(home) / "Panscan - check.lua"
    foreign.write_text("print('another')\n")
    refused = panscan("install", "resolve")
    assert refused.code == 3 and "is not ours" in refused.err and foreign.read_text() == "print('another')\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--user", "--system"), 2, "exclude each other"),
        (("--ratio", "tall"), 2, "not an aspect ratio"),
        (("--ratio", "9:0"), 2, "not an aspect ratio"),
    ],
)
def test_mistakes(arguments, code, words, home):
    ran = panscan("install", "resolve", *arguments)
    assert (ran.code, ran.out) == (code, "") and words in ran.err and list(home.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_missing_capability(home):
    blocked = home / ".local"
    blocked.write_text("a file, where a folder must be")
    ran = panscan("install", "resolve")
    assert ran.code == 4 and "cannot write" in ran.err and "--user" in ran.err


@pytest.mark.parametrize(
    ("platform", "system", "expected"),
    [
        ("linux", True, "/opt/resolve/Fusion/Scripts"),
        ("linux", False, "/home/ada/.local/share/DaVinciResolve/Fusion/Scripts"),
        ("darwin", True, "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts"),
        ("darwin", False, "/home/ada/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts"),
        ("win32", True, "/ProgramData/Blackmagic Design/DaVinci Resolve/Fusion/Scripts"),
        ("win32", False, "/Users/ada/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts"),
    ],
)
def test_folders_of_every_system(platform, system, expected):
    environ = {"APPDATA": "/Users/ada/AppData/Roaming", "PROGRAMDATA": "/ProgramData"}
    found = scripts_folder(system, platform, environ, Path("/home/ada"))
    assert found.as_posix() == expected
    assert PureWindowsPath(found).parts.count("Roaming") <= 1
