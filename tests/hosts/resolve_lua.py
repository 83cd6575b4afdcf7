"""Runs the Lua menu entries inside the fake Resolve written in Lua, and reads what it then shows."""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import needed
from hosts.shown import Shown
from panscan_resolve.launchers import launcher

HERE = Path(__file__).parent

NAMES = json.loads((HERE / "resolve_names.json").read_text(encoding="utf-8"))


@dataclass
class Report:
    """What the fake Resolve looks like after the runs."""

    output: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    timelines: dict[int, dict] = field(default_factory=dict)
    notes: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    items: dict[int, list[tuple]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[int, dict[int, list]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    @property
    def runs(self) -> list[str]:
        return [line.split(" ", 2)[2] for line in self.output.splitlines() if line.startswith("RUN ")]


def run(
    folder: Path, scene: dict, *, program: str = "lua5.1", task: str = "apply", installed: dict | None = None
) -> Report:
    """Start the menu entry `task` in a scene (see resolve_fake.lua); plan paths go into its `globals`."""
    scene = {"names": _sets(NAMES), "fps": 25, "project_px": [1920, 1080], "root": "global", **scene}
    (folder / "scene.lua").write_text("return " + lua(scene) + "\n", encoding="utf-8")
    text = launcher(task, {"data": str(folder), **(installed or {})})
    (folder / "launcher.lua").write_text(text, encoding="utf-8")
    command = [needed.program(program), HERE / "resolve_run.lua", HERE, folder / "scene.lua", folder / "launcher.lua"]
    ran = subprocess.run(
        [*command, folder / "report"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "HOME": "/nowhere"},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "FAKE" not in ran.stdout, ran.stdout
    return _report(ran.stdout, (folder / "report").read_text(encoding="utf-8"))


def _report(output: str, text: str) -> Report:
    report = Report(output)
    for line in text.splitlines():
        kind, *words = line.split("\t")
        if kind == "lacking":
            report.lacking.add(words[0])
        elif kind == "timeline":
            name, width, height, tracks = words[1:]
            report.timelines[int(words[0])] = {
                "name": name, "canvas": (int(width), int(height)), "tracks": int(tracks)
            }  # fmt: skip
        elif kind == "note":
            report.notes[int(words[0])].append((words[1], words[2]))
        elif kind == "item":
            number, index, track, start, duration = (int(word) for word in words[:5])
            report.items[number].append((index, track, start, duration, words[5], int(words[6]), int(words[7])))
        elif kind == "shown":
            number, track, record, media_frame = (int(word) for word in words[:4])
            left, top, scale, *cut = (float(word) for word in words[4:])
            report.shown[number][record].append((track, media_frame, Shown(left, top, scale, tuple(cut))))
        else:
            report.facts[kind] = words[0]
    return report


def _sets(names: dict) -> dict:
    return {kind: {name: True for name in listed} for kind, listed in names.items()}


def lua(value) -> str:
    """A value as a Lua expression, for scenes."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ",".join(f"[{lua(name)}]={lua(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(lua, value)) + "}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
