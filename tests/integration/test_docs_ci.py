"""The jobs of docs/ci.md: they parse, name what exists, and their scripts run."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
import yaml

import numbered

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.S)]
GITHUB, STEP, GITLAB = BLOCKS


def github_steps():
    (job,) = GITHUB["jobs"].values()
    return job["steps"]


def scripts() -> dict[str, str]:
    """The scripts that do the work, by a name for each."""
    found = {f"github {step['name']}": step["run"] for step in [*github_steps(), *STEP] if "name" in step}
    jobs = {name: job for name, job in GITLAB.items() if not name.startswith(".")}
    return found | {f"gitlab {name}": "\n".join(job["script"]) for name, job in jobs.items()}


SCRIPTS = scripts()


def commands():
    """Words of every otioconvert command of the page."""
    for line in TEXT.replace("\\\n", " ").splitlines():
        if line.strip().startswith("otioconvert "):
            yield shlex.split(line.strip())


def test_there_are_four_scripts():
    assert len(SCRIPTS) == 4
    assert sum("otioconvert " in s for s in SCRIPTS.values()) == sum("panscan reframe " in s for s in SCRIPTS.values())


def test_both_machines_get_the_packages_and_keep_the_analysis():
    template = GITLAB[".panscan"]
    for installs in (" ".join(step.get("run", "") for step in github_steps()), " ".join(template["before_script"])):
        assert {"libgl1", "libglib2.0-0", "panscan"} <= set(installs.split())
    (cache,) = [step["with"] for step in github_steps() if step.get("uses", "").startswith("actions/cache@")]
    (job,) = GITHUB["jobs"].values()
    assert job["env"]["PANSCAN_CACHE_DIR"].endswith(f"/{cache['path']}")
    assert any(template["variables"]["PANSCAN_CACHE_DIR"].endswith(f"/{p}") for p in template["cache"]["paths"])
    assert all("uses" in step or "run" in step for step in github_steps())
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in github_steps() if "uses" in step)


def test_commands_name_adapters_and_arguments_that_exist():
    found = list(commands())
    assert len(found) == 3
    for words in found:
        pairs = list(pairwise(words))
        for adapter in [value for option, value in pairs if option == "-O"]:
            known = inspect.getfullargspec(otio.adapters.from_name(adapter).module().write_to_file).args
            assert {value.split("=")[0] for option, value in pairs if option == "-A"} <= set(known)
        assert {w for w in words if re.fullmatch(r"-{1,2}[a-zA-Z-]+", w)} <= {"-i", "-o", "-O", "-A", "-H"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_makes_the_file(name, tmp_path):
    (tmp_path / "cuts").mkdir()
    numbered.movie(tmp_path / "cuts" / "a.mp4", 0)
    cut = numbered.timeline(numbered.track(numbered.clip("a.mp4", 10, 20)))
    numbered.written(cut, tmp_path / "cuts" / "my talk.otio")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-u", "-c", SCRIPTS[name]],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "out" / "my talk.9x16.fcpxml").read_text()
    assert 'width="1080" height="1920"' in made
