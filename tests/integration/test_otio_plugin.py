"""The OTIO adapter from an installed wheel: `otioconvert -O panscan_fcpxml` writes what `deliver` returns."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
import numbered
from panscan import registry
from panscan.deliver import deliver
from panscan.timeline.files import read_timeline, write_timeline

ROOT = Path(__file__).parents[2]
MOVE = ((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0))


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with panscan as its wheel installs it, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    isolation = ["--no-isolation"] if find_spec("hatchling") else []
    _run([sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder, ROOT])
    (wheel,) = folder.glob("panscan-*.whl")
    site = folder / "site"
    _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel])
    return site


def _run(command, **options) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _environment(installed: Path) -> dict[str, str]:
    # The installed copy comes before the editable one on sys.path and hides it.
    return {**os.environ, "PYTHONPATH": str(installed)}


def _otioconvert(
    installed: Path, source: Path, target: Path, *arguments: str, adapter: str = "panscan_fcpxml"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "opentimelineio.console.otioconvert", "-i", source, "-o", target]
    return _run([*command, "-O", adapter, *arguments], env=_environment(installed), cwd=source.parent)


@pytest.fixture
def talk(tmp_path) -> Path:
    path = tmp_path / "talk.9x16.otio"
    write_timeline(make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.two_cells())), path)
    return path


def test_the_installed_copy_is_the_one_under_test(installed) -> None:
    code = "import panscan.deliver.fcpxml.exporter as m; print(m.__file__)"
    assert _run([sys.executable, "-c", code], env=_environment(installed)).stdout.startswith(str(installed))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [((), {}), (("-A", "version=1.10"), {}), (("-A", "version=1.11", "-A", "y_unit=fitted"), None)],
)
def test_otioconvert_writes_what_deliver_returns(installed, talk, arguments, options) -> None:
    target = talk.parent / "talk.fcpxml"
    done = _otioconvert(installed, talk, target, *arguments)
    if options is None:
        options = {"version": "1.11", "y_unit": "fitted"}
    expected = deliver(read_timeline(talk), "fcpxml", folder=talk.parent, options=options)
    assert target.read_bytes() == expected.main
    assert all(loss.what in done.stderr for loss in expected.losses)


def test_otioconvert_says_what_is_left_out(installed, talk) -> None:
    target = talk.parent / "talk.edl"
    done = _otioconvert(installed, talk, target, adapter="panscan_edl")
    expected = deliver(read_timeline(talk), "edl", folder=talk.parent)
    assert target.read_bytes() == expected.main
    assert expected.losses and all(loss.what in done.stderr for loss in expected.losses)


def _tool(installed: Path, name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"opentimelineio.console.{name}", *arguments]
    return _run(command, env=_environment(installed))


def test_otiopluginfo_lists_all_of_it_without_an_error(installed) -> None:
    done = _tool(installed, "otiopluginfo")
    assert "ERROR" not in done.stdout and "Traceback" not in done.stderr
    names = {f"panscan_{name.replace('-', '_')}" for name in registry.EXPORTERS}
    assert names <= set(done.stdout.split()) and "panscan_reframe" in done.stdout.split()
    assert f"path: {installed}" in done.stdout
    manifest = (installed / "otio_panscan" / "plugin_manifest.json").read_text()
    assert manifest.count('"suffixes": []') == len(names)


def test_the_tools_of_otio_leave_timelines_alone(installed, talk) -> None:
    text = _tool(installed, "otiostat", talk).stdout
    assert "number of clips: 4" in text and "system error" not in text
    copy = talk.with_name("copy.otio")
    listed = _tool(installed, "otiotool", "-i", talk, "--list-clips", "-o", copy)
    assert listed.stdout.count("talk.mp4") >= 2
    assert read_timeline(copy).is_equivalent_to(read_timeline(talk))
    plain = talk.with_name("plain.otio")
    _tool(installed, "otioconvert", "-i", talk, "-o", plain)
    assert read_timeline(plain).is_equivalent_to(read_timeline(talk))


def test_the_hook_loads_nothing_when_it_is_not_asked(installed) -> None:
    code = "import sys, opentimelineio as o; o.adapters.write_to_string(o.schema.Timeline(), 'otio_json'); "
    code += "print('panscan_reframe' in o.hooks.scripts_attached_to('pre_adapter_write'), 'panscan' in sys.modules)"
    assert _run([sys.executable, "-c", code], env=_environment(installed)).stdout.split() == ["True", "False"]


def test_a_cut_is_framed_and_converted_in_one_go(installed, tmp_path) -> None:
    """What a build server does; by the adapter's argument and by the hook, with the same result."""
    numbered.movie(tmp_path / "a.mp4", 0)
    path = tmp_path / "cut.otio"
    numbered.written(numbered.timeline(numbered.track(numbered.clip("a.mp4", 10, 20))), path)
    by_argument, by_hook = tmp_path / "cut.fcpxml", tmp_path / "hook.fcpxml"
    _otioconvert(installed, path, by_argument, "-A", "ratio=9:16")
    _otioconvert(installed, path, by_hook, "-H", "panscan_ratio=9:16")
    assert 'width="1080" height="1920"' in by_argument.read_text()
    assert by_argument.read_bytes() == by_hook.read_bytes()
    assert list(read_timeline(path).find_clips()[0].effects) == []


def test_the_schema_is_in_the_wheel(installed) -> None:
    assert (installed / "panscan" / "timeline" / "framing.schema.json").is_file()


def test_the_adapter_here_refuses_what_is_no_timeline() -> None:
    with pytest.raises(ValueError, match="cannot be written as Final Cut Pro XML"):
        otio.adapters.write_to_string(otio.schema.SerializableCollection(), "panscan_fcpxml")
