"""Examples of deployment: files that parse, and commands and options that exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from panscan.cli.commands import command_line

FOLDER = Path(__file__).parents[2] / "docs" / "deploy"


def invocations() -> dict[str, list[str]]:
    """What each file gives to `panscan`, as a list of words."""
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    found = {f"compose {name}": one["command"] for name, one in compose["services"].items() if "command" in one}
    _, job = yaml.safe_load_all((FOLDER / "kubernetes-job.yaml").read_text())
    found["kubernetes"] = job["spec"]["template"]["spec"]["containers"][0]["args"]
    found["aws"] = json.loads((FOLDER / "aws-batch.json").read_text())["containerProperties"]["command"]
    docker = (FOLDER / "Dockerfile").read_text()
    found["docker"] = json.loads(re.search(r"^CMD (.*)$", docker, re.M).group(1))
    found["docker models"] = shlex.split(re.search(r"^RUN panscan (.*)$", docker, re.M).group(1))
    found["slurm"] = shlex.split(re.search(r"^panscan (.*)$", (FOLDER / "slurm.sh").read_text(), re.M).group(1))
    return found


@pytest.mark.parametrize("words", invocations().values(), ids=invocations())
def test_commands_and_options_exist(words):
    command = typer.main.get_command(command_line())
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    known = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert command.name in ("run", "worker", "work", "pull")


def test_the_job_of_the_example_is_one():
    from panscan.service.spec import parse_job_spec

    config, job = yaml.safe_load_all((FOLDER / "kubernetes-job.yaml").read_text())
    assert parse_job_spec(json.loads(config["data"]["job.json"])).ratios == ("9:16", "1:1")
    (final, _) = job["spec"]["podFailurePolicy"]["rules"]
    assert 75 not in final["onExitCodes"]["values"]
