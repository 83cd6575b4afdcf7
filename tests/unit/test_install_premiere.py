"""`panscan install premiere`: one file with the panel in it, the same every time."""

from __future__ import annotations

import json
import zipfile

import pytest

from commandline import panscan
from hosts.premiere_node import PANEL
from panscan.cli.install_premiere import _three_numbers


def test_the_panel_is_packed_whole(tmp_path) -> None:
    ran = panscan("install", "premiere", "-o", tmp_path / "a.ccx")
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'a.ccx'}\n")
    with zipfile.ZipFile(tmp_path / "a.ccx") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
        same = {name for name in names if archive.read(name) == (PANEL / name).read_bytes()}
    assert names == {path.relative_to(PANEL).as_posix() for path in PANEL.rglob("*") if path.is_file()}
    assert same >= names - {"manifest.json"}
    assert manifest["main"] in names and len(manifest["version"].split(".")) == 3
    assert not any(name.startswith("node_modules") or name.endswith((".ts", ".jsx")) for name in names)


def test_the_same_panel_gives_the_same_bytes(tmp_path) -> None:
    for name in ("a.ccx", "b.ccx"):
        assert panscan("install", "premiere", "-o", tmp_path / name).code == 0
    assert (tmp_path / "a.ccx").read_bytes() == (tmp_path / "b.ccx").read_bytes()


def test_it_says_how_to_load_it() -> None:
    ran = panscan("install", "premiere", "--dry-run")
    assert "UXP Developer Tool" in ran.err and "manifest.json" in ran.err and "panscan.jsx" in ran.err


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = panscan("install", "premiere", "--dry-run")
    assert (ran.code, ran.out) == (0, "panscan.ccx\n") and "would write" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path) -> None:
    ran = panscan("install", "premiere", "-o", tmp_path / "absent" / "a.ccx")
    assert ran.code == 3 and "no folder" in ran.err


@pytest.mark.parametrize(
    ("version", "numbers"), [("0.1.0", "0.1.0"), ("1.2.3.dev4", "1.2.3"), ("2.0", "2.0.0"), ("1.0rc1+x", "1.0.0")]
)
def test_versions_become_three_numbers(version, numbers) -> None:
    assert _three_numbers(version) == numbers
