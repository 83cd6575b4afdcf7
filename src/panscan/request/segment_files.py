"""Camera segments that a person edited, as `panscan deliver --to segments` writes them -> values, or what is wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Rect
from panscan.model.request import MOVES, RESTS, CameraSegment
from panscan.request.config_files import ConfigTable, read_config

_KEYS = ("t0", "t1", "mode", "roi", "reason", "easing", "layout", "file")
_EASINGS = ("smootherstep", "linear")  # of moves; rests have none, whatever they say
_LONGEST_S = 1e6  # seconds: eleven days, longer than any movie
_SAME_S = 1e-3  # seconds that two segments may overlap: times are rounded


def load_segments(path: Path) -> tuple[CameraSegment, ...]:
    """The segments of a file, in order.

    Raises
    ------
    UsageError
        The file cannot be read or has mistakes; the message names the segment and what is allowed.
    """
    table = ConfigTable(str(path), read_config(path))
    table.refuse_unknown_keys(("version", "canvas_px", "segments"))
    rows = table.values.get("segments")
    if not isinstance(rows, list) or not rows:
        raise table.value_error("segments", "a list with one segment or more", "See docs/screen.md for an example.")
    segments = tuple(_segment(f"{path}, segment {number}", row) for number, row in enumerate(rows, 1))
    for number, (before, after) in enumerate(pairwise(segments), 2):
        if after.start_s < before.end_s - _SAME_S:
            raise UsageError(
                f"{path}, segment {number} starts at {after.start_s:g} s, before the one ahead ends",
                why=f"That one lasts to {before.end_s:g} s, and a camera does one thing at a time.",
                fix="Correct t0 or t1; segments are in order of time.",
            )
    return segments


def _segment(where: str, row: Any) -> CameraSegment:
    if not isinstance(row, dict):
        raise UsageError(f"{where} is no object", why="A segment has t0, t1, mode and roi.", fix="Write { ... }.")
    table = ConfigTable(where, row)
    table.refuse_unknown_keys(_KEYS)
    start, end = (table.number(key, 0.0, _LONGEST_S) for key in ("t0", "t1"))
    mode = table.choice("mode", (*RESTS, *MOVES))
    if start is None or end is None or mode is None:
        raise UsageError(f"{where} is not complete", why="It needs t0, t1 and mode.", fix="Add what is missing.")
    if end <= start:
        raise table.value_error("t1", f"more than t0, which is {start:g}")
    return CameraSegment(
        start_s=start,
        end_s=end,
        mode=mode,
        roi=_roi(table, mode),
        reason=table.text("reason") or "by hand",
        easing=(table.choice("easing", _EASINGS) or "smootherstep") if mode in MOVES else "none",
        layout=table.choice("layout", registry.names("layouts")) or "single",
    )


def _roi(table: ConfigTable, mode: str) -> Rect | None:
    """What is shown; None for the whole picture."""
    value = table.values.get("roi")
    if value is None and mode == "wide":
        return None
    numbers = [v for v in value if isinstance(v, int | float) and v == v] if isinstance(value, list) else []
    if len(numbers) != 4 or min(numbers[2:]) <= 0:
        raise table.value_error(
            "roi", "left, top, width and height in px of the source", 'e.g. "roi": [0, 0, 960, 540].'
        )
    left, top, width, height = (float(v) for v in numbers)
    return Rect(left, top, width, height)
