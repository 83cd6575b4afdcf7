"""The formats of input logs: each reader gives rows (seconds, kind, x, y), places in px of the movie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from panscan.model.geometry import Size
from panscan.model.input_log import INPUT_KINDS, InputKind

Row = tuple[float, InputKind, float, float]

_NOWHERE = float("nan")
# What Playwright calls doing something: https://playwright.dev/docs/api/class-locator
_PLAYWRIGHT_KINDS: dict[str, InputKind] = {
    **dict.fromkeys(("click", "dblclick", "tap", "check", "uncheck", "selectOption", "mouseClick"), "click"),
    **dict.fromkeys(("fill", "type", "press", "keyboardType", "keyboardPress", "keyboardInsertText"), "key"),
    **dict.fromkeys(("hover", "mouseMove"), "move"),
    "mouseWheel": "scroll",
}
# What openscreen and Recordly call it; every other sample is a move.
_SAMPLE_KINDS: dict[str, InputKind | None] = {
    **dict.fromkeys(("click", "double-click", "right-click", "middle-click"), "click"),
    "mouseup": None,
}


def json_lines(text: str) -> Iterator[Row]:
    """Our own: one object per line, {"t": seconds, "kind": ..., "x": px, "y": px}; a key needs no place."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _row_of(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"line {number}: {what}") from error


def _row_of(row: Any) -> Row:
    if not isinstance(row, dict):
        raise ValueError("it is no object with `t` and `kind`")
    if row["kind"] not in INPUT_KINDS:
        raise ValueError(f"the kind {row['kind']!r} is none of {', '.join(INPUT_KINDS)}")
    place = float(row.get("x", _NOWHERE)), float(row.get("y", _NOWHERE))
    if row["kind"] != "key" and not all(map(isfinite, place)):
        raise ValueError(f"a {row['kind']} needs a place, `x` and `y`")
    return float(row["t"]), row["kind"], *place


def cursor_samples(data: Any, size: Size) -> Iterator[Row]:
    """VIDEO.cursor.json of openscreen and Recordly: samples with milliseconds and shares of the picture."""
    for sample in data if isinstance(data, list) else data["samples"]:
        kind = _SAMPLE_KINDS.get(sample.get("interactionType", "move"), "move")
        if kind is not None:
            yield float(sample["timeMs"]) / 1000, kind, sample["cx"] * size.width, sample["cy"] * size.height


def cap_cursor(data: Any, size: Size) -> Iterator[Row]:
    """A segment's cursor.json of Cap: moves with shares of the picture, clicks without a place."""
    last = (_NOWHERE, _NOWHERE)
    rows = [(row["time_ms"] / 1000, row) for row in (*data["moves"], *data["clicks"])]
    for time_s, row in sorted(rows, key=lambda pair: pair[0]):
        if "down" not in row:
            last = (row["x"] * size.width, row["y"] * size.height)
            yield time_s, "move", *last
        elif row["down"]:
            yield time_s, "click", *last


def playwright_trace(path: Path, size: Size) -> Iterator[Row]:
    """A trace.zip of Playwright: what the test did, in px of its page."""
    with ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".trace"))
        lines = [json.loads(line) for name in names for line in archive.read(name).splitlines() if line.strip()]
    head = next(line for line in lines if line["type"] == "context-options" and line.get("options", {}).get("viewport"))
    scale = size.width / head["options"]["viewport"]["width"]
    points = {line["callId"]: line["point"] for line in lines if line["type"] in ("input", "after") and "point" in line}
    for line in lines:
        kind = _PLAYWRIGHT_KINDS.get(line.get("method", "")) if line["type"] == "before" else None
        if kind is None:
            continue
        point = points.get(line["callId"], {})
        time_s = (line["startTime"] - head["monotonicTime"]) / 1000
        yield time_s, kind, point.get("x", _NOWHERE) * scale, point.get("y", _NOWHERE) * scale
