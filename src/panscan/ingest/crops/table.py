"""The table of crops that goes with an edit list, as it was written by the "edl" delivery."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from panscan.errors import InputError
from panscan.model.geometry import Size

_VERSION = 1

Row = tuple[float, ...]
Place = tuple[int, int, int, int]
Crops = dict[int, tuple[Place, Row]]


@dataclass(frozen=True, slots=True)
class CropMedia:
    """One media of the table; frames count from its timecode.

    first, count: all its frames; size: px; facts: what a timeline keeps on the media's reference.
    """

    path: str
    reel: str
    first: int
    count: int
    size: Size
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CropTable:
    """A table of crops. Frames count at `rate`, sizes in px.

    start_frame: timecode of the timeline's first frame; cells: by media path, record frame (None for the first record
    frame that shows it) and media frame: the number of each cell, its place on the canvas and its crop.
    """

    name: str
    canvas: Size
    rate: Fraction
    start_frame: int
    media: tuple[CropMedia, ...]
    cells: Mapping[tuple[str, int | None, int], Crops]


def read_table(path: Path) -> CropTable:
    """Read a table of crops.

    Raises
    ------
    InputError
        The file cannot be read, or is no such table.
    """
    lines = iter(read_table_text(path).splitlines(keepends=True))
    head: dict[str, Any] = {}
    media: list[CropMedia] = []
    try:
        for line in lines:
            if line.startswith("# panscan crops "):
                head = json.loads(line.removeprefix("# panscan crops "))
            elif line.startswith("# media "):
                media.append(_media(json.loads(line.removeprefix("# media "))))
            elif not line.startswith("#"):
                break
        if head.get("version") != _VERSION:
            raise ValueError(f"its first line should say version {_VERSION}")
        canvas, rate = Size(*head["canvas_px"]), Fraction(*head["rate"])
        columns = next(csv.reader([line]))
        cells = _rows(csv.DictReader(lines, columns))
        return CropTable(str(head["name"]), canvas, rate, int(head["start_frame"]), tuple(media), cells)
    except (KeyError, TypeError, ValueError, ArithmeticError, StopIteration) as error:
        raise damaged_table(path, f"{type(error).__name__}: {error}") from error


def _media(said: Mapping[str, Any]) -> CropMedia:
    if not Path(said["path"]).is_absolute():
        raise ValueError(f"{said['path']} is no full path on this machine")
    first, count = (int(v) for v in said["available"])
    facts = {name: said[name] for name in ("size_px", "rate", "vfr", "audio", "timecode")}
    return CropMedia(str(said["path"]), str(said["reel"]), first, count, Size(*said["size_px"]), facts)


def _rows(rows: Iterable[dict[str, str]]) -> dict[tuple[str, int | None, int], Crops]:
    cells: dict[tuple[str, int | None, int], Crops] = {}
    for row in rows:
        media, record, frame, cell = row["media"], int(row["record_frame"]), int(row["media_frame"]), int(row["cell"])
        left, top, width, height = (int(row[f"cell_{side}_px"]) for side in ("left", "top", "width", "height"))
        crop = tuple(float(row[f"{side}_px"]) for side in ("left", "top", "width", "height"))
        cells.setdefault((media, record, frame), {})[cell] = ((left, top, width, height), crop)
    for (media, _, frame), crops in list(cells.items()):
        cells.setdefault((media, None, frame), crops)
    return cells


def read_table_text(path: Path) -> str:
    """The text of a file (UTF-8).

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}", why=str(error), fix="Check the path; both files are UTF-8.") from error


def damaged_table(path: Path, why: str) -> InputError:
    """The error of a table that says something impossible."""
    return InputError(
        f"{path} is no table of crops, or is damaged",
        why=f"{why}.",
        fix="Write it again with `panscan deliver --to edl`.",
    )
