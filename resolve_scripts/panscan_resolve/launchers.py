"""The files that Resolve's Scripts menu shows: one self-contained Lua file per entry, put together from `lua/`.

Resolve lists every .lua and .py file of its script folders, and the free edition cannot load a second file with
`require`: so each entry carries all parts, and nothing else is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent / "lua"

# In the order they build on each other.
PARTS: tuple[str, ...] = ("base", "plan", "notes", "timeline", "items", "inspector", "comp", "layers", "apply")
PARTS += ("reframe", "stills", "check", "calibrate", "entry")

# File name (which is the menu entry; a colon is not allowed on every system) -> task.
ENTRIES: Mapping[str, str] = {
    "Panscan - reframe this timeline.lua": "reframe",
    "Panscan - apply a plan.lua": "apply",
    "Panscan - check.lua": "check",
    "Panscan - calibrate.lua": "calibrate",
}

MARK = "-- Panscan for DaVinci Resolve"  # the first words of our files, by which they are known again


def launcher(task: str, installed: Mapping[str, str]) -> str:
    """The text of one menu entry.

    installed: what the scripts must know of this machine: `data` (folder of plan and calibration), `command` (words
    that start panscan), `ratio` (shape that "reframe this timeline" makes).
    """
    known = ", ".join(f"{name} = {_quoted(value)}" for name, value in sorted(installed.items()))
    lines = [
        f"{MARK}: {task}. Written by `panscan install resolve`, which replaces it; do not edit.",
        f"local panscan = {{ installed = {{ {known} }} }}",
        "",
    ]
    for part in PARTS:
        text = (HERE / f"{part}.lua").read_text(encoding="utf-8")
        lines += [f"do -- {part}", "local function part(...)", text.rstrip("\n"), "end", "part(panscan)", "end", ""]
    lines.append(f'return panscan.main("{task}")')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A Lua string, bytes beyond ASCII as they are."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
