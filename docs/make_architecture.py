"""Draw the picture of docs/architecture.md again: `python docs/make_architecture.py`.

Rooms and arrows of imports are read from the source. Only the flow and the words about each room are written here.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "panscan"
PAGE = ROOT / "docs" / "architecture.md"

# Groups of rooms; each room with what it is for.
GROUPS = {
    "front doors": {
        "cli": "the commands",
        "serve": "jobs from panels in editors",
        "service": "jobs for others, kept in a database",
        "review": "corrections in the browser",
        "calibrate": "a test kit for editors",
        "pipeline": "the flow on one screen",
        "measure": "what is measured of a media: whole, in stretches, or long media in spans",
        "photos": "three shots of one photo",
    },
    "the flow": {
        "ingest": "what is there",
        "perceive": "what is seen and heard",
        "direct": "who is shown, and how",
        "operate": "cameras with few keys",
        "timeline": "all about OpenTimelineIO",
        "deliver": "files for editors",
        "render": "the movie",
        "verify": "a verdict on the movie",
    },
    "given from outside": {
        "request": "what a person asks for",
        "weights": "files of networks",
    },
    "base": {
        "model": "values",
        "arrays": "arithmetic",
        "registry": "names",
        "decoding": "what media files hold",
        "files": "whole files or none",
        "processes": "that end with ours",
        "libraries": "quiet and thrifty",
        "errors": "what, why, fix",
    },
}
FLOW = (
    ("ingest", "perceive"),
    ("perceive", "direct"),
    ("direct", "operate"),
    ("operate", "timeline"),
    ("timeline", "deliver"),
    ("timeline", "render"),
    ("timeline", "verify"),
    ("request", "direct"),
)
# They join things up and are no rooms.
_JOINTS = {"__init__", "__main__", "callable_package", "moved_modules"}
_DOORS, _BASE = set(GROUPS["front doors"]), set(GROUPS["base"])


@cache
def imported_rooms() -> dict[str, set[str]]:
    """Each room, and the other rooms that it imports."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        names = [
            name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in _imported_names(node)
        ]
        others = found.setdefault(room, set())
        others |= {name.split(".")[1] for name in names if name.startswith("panscan.")} - {room}
    rooms = found.keys() - _JOINTS
    return {room: found[room] & rooms for room in rooms}


def _imported_names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]


def drawn_imports() -> list[tuple[str, str]]:
    """Who imports whom between steps, as far as no arrow of the flow joins the two already."""
    steps = imported_rooms()
    return [
        (room, other)
        for room in sorted(steps.keys() - _BASE - _DOORS)
        for other in sorted(steps[room] - _BASE)
        if (room, other) not in FLOW and (other, room) not in FLOW
    ]


def joined_rooms(door: str) -> str:
    """The rooms above the base that a front door imports, in words."""
    others = imported_rooms()[door] - _BASE
    return f"imports {', '.join(sorted(others))}" if others else "imports no room of the flow"


def mermaid() -> str:
    """The picture as Mermaid text.

    Raises
    ------
    ValueError
        The source has a room that is not described here, or the other way round.
    """
    described = {room for group in GROUPS.values() for room in group}
    if described != (there := set(imported_rooms())):
        raise ValueError(f"GROUPS and src/panscan differ: {', '.join(sorted(described ^ there))}")
    lines = ["flowchart LR"]
    for number, (title, rooms) in enumerate(GROUPS.items()):
        lines.append(f'    subgraph group{number}["{title}"]')
        for room, words in rooms.items():
            imports = f"<br/><i>{joined_rooms(room)}</i>" if room in _DOORS else ""
            lines.append(f'        {room}["<b>{room}</b><br/>{words}{imports}"]')
        lines.append("    end")
    lines += [f"    {a} ==> {b}" for a, b in FLOW]
    lines += [f"    {a} -.-> {b}" for a, b in drawn_imports()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Put the picture into the page."""
    text = PAGE.read_text(encoding="utf-8")
    block = f"```mermaid\n{mermaid()}```"
    PAGE.write_text(re.sub(r"```mermaid\n.*?```", lambda _: block, text, count=1, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
