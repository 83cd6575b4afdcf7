"""What is missing is told: a skip on a person's machine, a failure in continuous integration, which installs it all."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

import needed

ROOT = Path(__file__).parents[2]
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

# Skips for want of files that the project may not ship are fine everywhere, and so is the extra with torch.
WANTS_A_TOOL = re.compile(r"importorskip|install|on the path|on this machine|npm", re.IGNORECASE)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: needed.program("no-such-program"),
        lambda: needed.npm_package("no-such-package"),
        lambda: needed.weights("yunet"),
        needed.browser,
        needed.debian_postgres,
    ],
    ids=["program", "npm package", "weights", "browser", "PostgreSQL"],
)
def test_a_skip_here_and_a_failure_in_continuous_integration(ask, monkeypatch):
    monkeypatch.setattr(needed, "MODELS", Path("no-such-folder"))
    monkeypatch.setattr(needed, "DEBIAN_POSTGRES", Path("no-such-folder"))
    monkeypatch.setattr(needed.chromium, "NAMES", {"full": ("no-such-browser",)})
    monkeypatch.delenv("PANSCAN_BROWSER", raising=False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"is missing; \.ci/run installs it"):
        ask()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="is not installed"):
        ask()


def skips():
    """(file, reason) of every test that may skip itself."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name in ("pytest.skip", "pytest.importorskip", "pytest.mark.skip"):
                yield path.relative_to(ROOT).as_posix(), ast.get_source_segment(text, node) or ""


def test_nothing_else_is_skipped_for_want_of_a_tool():
    loose = [
        (path, call)
        for path, call in skips()
        if path != "tests/needed.py" and WANTS_A_TOOL.search(call) and "ultralytics" not in call
    ]
    assert loose == [], "ask `needed` instead, which fails in continuous integration"


def test_continuous_integration_installs_what_tests_need():
    asked = set()
    for path in sorted({*(ROOT / "tests").rglob("*.py")} - {Path(__file__)}):
        asked |= set(re.findall(r'needed\.program\("([\w.-]+)"\)', path.read_text(encoding="utf-8")))
    assert asked >= {"node", "melt", "ffmpeg", "luacheck"}
    known = {"luac5.1": "lua5.1"}  # one Debian package has both
    assert {name for name in asked if f"need {known.get(name, name)} " not in CI} == set()
    assert "npm install" in CI and "chromium" in CI and "export CI=true" in CI


def test_npm_packages_have_one_version_and_bring_no_others():
    """No lock file is kept, which would name a registry: so each version is exact, and nothing comes along unpinned."""
    package = json.loads((needed.PANEL_ADAPTER / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    assert "dependencies" not in package
    for name in package["devDependencies"]:
        installed = json.loads((needed.npm_package(name) / "package.json").read_text(encoding="utf-8"))
        assert installed["version"] == package["devDependencies"][name]
        assert not installed.get("dependencies")
        # Builds for one system each: of the same version.
        assert set(installed.get("optionalDependencies", {}).values()) <= {installed["version"]}


def test_no_lock_file_is_written():
    assert (needed.PANEL_ADAPTER / ".npmrc").read_text(encoding="utf-8") == "package-lock=false\n"
    assert not list(needed.PANEL_ADAPTER.glob("*lock*"))


# --- what .ci/run does, on machines made of stubs

PACKAGES = {"melt", "ffmpeg", "curl", "nodejs", "lua5.1", "luajit", "postgresql", "lua-check", "libgl1", "libglib2.0-0"}
PROGRAMS = {"melt", "ffmpeg", "curl", "node", "lua5.1", "luajit", "pg_ctlcluster", "luacheck"} | {
    "chromium",
    "chromium-headless-shell",
}


def commands(folder: Path, *, there: set[str], shell: bool = True) -> list[list[str]]:
    """What the script runs where `there` is on the path besides make and npm.

    shell: the system's packages have a Chromium without windows.
    """
    machine = folder / "bin"
    machine.mkdir()
    for name in ("dirname", "grep", "id", "env"):
        (machine / name).symlink_to(needed.program(name))
    stubs = {name: f'echo "{name} $*" >> {folder}/log' for name in {"apt-get", "npm", "make"} | there}
    stubs["sudo"] = '"$@"'
    stubs["apt-cache"] = f"exit {0 if shell else 100}"
    stubs["ldconfig"] = f'echo "{"libGL.so.1 libgthread-2.0.so.0" if there else ""}"'
    for name, code in stubs.items():
        (machine / name).write_text(f"#!{needed.program('sh')}\n{code}\n")
        (machine / name).chmod(0o755)
    script = [needed.program("bash"), ROOT / ".ci" / "run"]
    ran = subprocess.run(script, env={"PATH": str(machine)}, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return [line.split() for line in (folder / "log").read_text().splitlines()]


def packages(words: list[str]) -> set[str]:
    assert words[:2] == ["apt-get", "install"]
    return {word for word in words[2:] if not word.startswith("-")}


@pytest.mark.parametrize("shell", [True, False])
def test_a_bare_machine_gets_everything(tmp_path, shell):
    browsers = {"chromium", "chromium-headless-shell"} if shell else {"chromium"}
    update, install, npm, make = commands(tmp_path, there=set(), shell=shell)
    assert update[:2] == ["apt-get", "update"] and packages(install) == PACKAGES | browsers
    assert npm[:4] == ["npm", "install", "--prefix", "adapters/panscan_premiere"] and make == ["make", "test"]


def test_a_machine_that_has_everything_installs_nothing(tmp_path):
    assert [words[0] for words in commands(tmp_path, there=PROGRAMS)] == ["npm", "make"]


def test_a_machine_that_lacks_one_thing_gets_that(tmp_path):
    _, install, *_ = commands(tmp_path, there=PROGRAMS - {"luajit"})
    assert packages(install) == {"luajit"}


@pytest.mark.parametrize("lacking", ["chromium", "chromium-headless-shell"])
def test_a_machine_with_one_flavour_of_browser_gets_the_other(tmp_path, lacking):
    _, install, *_ = commands(tmp_path, there=PROGRAMS - {lacking})
    assert packages(install) == {lacking}


def test_a_system_without_a_bare_browser_does_without(tmp_path):
    update, npm, make = commands(tmp_path, there=PROGRAMS - {"chromium-headless-shell"}, shell=False)
    assert update[:2] == ["apt-get", "update"] and npm[0] == "npm" and make == ["make", "test"]


def test_the_browser_fixture_takes_each_flavour_that_is_there(tmp_path, monkeypatch):
    monkeypatch.delenv("PANSCAN_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needed.chromium.flavours() == {}
    for name in ("google-chrome", "chromium-headless-shell"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    here = {"headless-shell": str(tmp_path / "chromium-headless-shell"), "full": str(tmp_path / "google-chrome")}
    assert needed.chromium.flavours() == here
    assert {flavour: needed.browser(flavour) for flavour in here} == here
    monkeypatch.setenv("PANSCAN_BROWSER", "/opt/mine")
    assert needed.chromium.flavours() == {"named": "/opt/mine"} and needed.browser("named") == "/opt/mine"
