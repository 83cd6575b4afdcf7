"""Values as a Lua data file: tables of names, lists, texts and numbers, nothing to run.

Many numbers go into one text, a row per line: Lua limits how many constants a file may hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from panscan.deliver.numbers import format_number

_DECIMALS = 9  # of px and of shares of the canvas: far less than a hundredth of a px
_HEAD = "-- A plan of panscan for DaVinci Resolve. Data only; made anew by `panscan deliver --to resolve-plan`.\n"


def format_rows(numbers: Sequence[Sequence[float]]) -> str:
    """Numbers as text, one row per line."""
    return "\n".join(" ".join(_number(value) for value in row) for row in numbers)


def lua_text(value: Mapping[str, Any]) -> str:
    """A Lua file that returns `value` when it is loaded and called."""
    return f"{_HEAD}return {_lua(value, 0)}\n"


def _lua(value: Any, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        lines = [f"{inner}{name} = {_lua(item, depth + 1)},\n" for name, item in value.items()]
        return "{\n" + "".join(lines) + outer + "}"
    if all(isinstance(item, int | float) for item in value):
        return "{ " + ", ".join(_number(item) for item in value) + " }"
    return "{\n" + "".join(f"{inner}{_lua(item, depth + 1)},\n" for item in value) + outer + "}"


def _number(value: float) -> str:
    return format_number(value, _DECIMALS)


def _text(value: str) -> str:
    """A quoted Lua string; control characters as decimal escapes, everything else as UTF-8."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + re.sub("[\x00-\x1f\x7f]", lambda found: f"\\{ord(found[0]):03d}", escaped) + '"'
