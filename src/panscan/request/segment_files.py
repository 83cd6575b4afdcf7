"""Camera segments that a person edited, as `panscan deliver --to segments` writes them -> values, or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Rect
from panscan.model.media import Media
from panscan.model.request import MOVES, RESTS, CameraSegment
from panscan.request.config_files import ConfigTable, read_config

_VERSION = 1  # that is written and read
_KEYS = ("t0", "t1", "mode", "roi", "reason", "easing", "layout", "file")
_EASINGS = ("smootherstep", "linear")  # of moves; rests have none, whatever they say
_LONGEST_S = 1e6  # seconds: eleven days, longer than any movie
_LEAST_PX = 1.0  # width and height of a roi: less shows one colour
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
    if table.values.get("version", _VERSION) != _VERSION:
        raise table.value_error(
            "version", f"{_VERSION}", "Write the segments anew with `panscan deliver --to segments`."
        )
    rows = table.values.get("segments")
    if not isinstance(rows, list) or not rows:
        raise UsageError(
            f"{path} holds no segments",
            why="`segments` is a list with one segment or more.",
            fix="Write the file with `panscan deliver TIMELINE --to segments`, and edit that.",
        )
    segments = tuple(_segment(f"{path}, segment {number}", row) for number, row in enumerate(rows, 1))
    for number, (before, after) in enumerate(pairwise(segments), 2):
        if after.start_s < before.end_s - _SAME_S:
            raise UsageError(
                f"{path}, segment {number} starts at {after.start_s:g} s, before the one ahead ends",
                why=f"That one lasts to {before.end_s:g} s, and a camera does one thing at a time.",
                fix="Correct t0 or t1; segments are in order of time.",
            )
    return segments


def check_segments(segments: Sequence[CameraSegment], media: Media) -> None:
    """Refuse segments that show nothing of a movie: they would be passed over.

    Raises
    ------
    UsageError
        One begins at the end of the movie or later, or lies beside its picture.
    """
    length_s, size = float(media.duration_s), media.video.display_size
    for number, segment in enumerate(segments, 1):
        if segment.start_s >= length_s:
            raise UsageError(
                f"segment {number} begins at {segment.start_s:g} s, where the movie is over",
                why=f"The movie lasts {length_s:.3f} s.",
                fix="Correct t0 or remove the segment; perhaps the file belongs to another movie.",
            )
        roi = segment.roi
        if roi and not (-roi.width < roi.left < size.width and -roi.height < roi.top < size.height):
            raise UsageError(
                f"segment {number} lies beside the picture",
                why=f"The picture is {size}, and `roi` is left, top, width and height in its px.",
                fix="Correct roi; perhaps the file belongs to another movie.",
            )


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
    if len(numbers) != 4 or min(numbers[2:]) < _LEAST_PX:
        raise table.value_error(
            "roi", "left, top, width and height in px of the source, 1 px at least", 'e.g. "roi": [0, 0, 960, 540].'
        )
    left, top, width, height = (float(v) for v in numbers)
    return Rect(left, top, width, height)
