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
from panscan.deliver import deliver
from panscan.document import timeline as document

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


def _otioconvert(installed: Path, source: Path, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "opentimelineio.console.otioconvert", "-i", source, "-o", target]
    return _run([*command, "-O", "panscan_fcpxml", *arguments], env=_environment(installed), cwd=source.parent)


@pytest.fixture
def talk(tmp_path) -> Path:
    path = tmp_path / "talk.9x16.otio"
    document.write(make.timeline((0, 30, make.framing(MOVE)), (30, 50, make.two_cells())), path)
    return path


def test_the_installed_copy_is_the_one_under_test(installed) -> None:
    code = "import panscan.deliver.fcpxml as m; print(m.__file__)"
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
    expected = deliver(document.read(talk), "fcpxml", folder=talk.parent, options=options)
    assert target.read_bytes() == expected.main
    assert "1 of 2 cells" in done.stderr


def test_the_plugin_claims_no_suffix_and_is_documented(installed) -> None:
    module = "opentimelineio.console.otiopluginfo"
    text = _run([sys.executable, "-m", module], env=_environment(installed)).stdout
    assert "panscan_fcpxml" in text and str(installed) in text
    manifest = (installed / "otio_panscan" / "plugin_manifest.json").read_text()
    assert '"suffixes": []' in manifest


def test_the_schema_is_in_the_wheel(installed) -> None:
    assert (installed / "panscan" / "document" / "framing.schema.json").is_file()


def test_the_adapter_here_refuses_what_is_no_timeline() -> None:
    with pytest.raises(ValueError, match="cannot be written as FCPXML"):
        otio.adapters.write_to_string(otio.schema.SerializableCollection(), "panscan_fcpxml")
