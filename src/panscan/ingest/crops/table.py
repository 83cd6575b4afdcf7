"""The table of crops beside an edit list, as the "edl" delivery writes it."""

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

_VERSION = 1  # of the table, in its first line

Crop = tuple[float, ...]  # left, top, width, height in display px of the source
Place = tuple[int, int, int, int]  # left, top, width, height in px of the canvas
Crops = dict[int, tuple[Place, Crop]]  # by number of the cell


@dataclass(frozen=True, slots=True)
class CropMedia:
    """One media of the table.

    Attributes
    ----------
    path : str
    reel : str
        Its name in the edit list.
    first : int
        Its first frame, counted from its timecode.
    count : int
        All its frames.
    size : Size
        Display px.
    facts : mapping
        What a timeline keeps on the media's reference.
    """

    path: str
    reel: str
    first: int
    count: int
    size: Size
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CropTable:
    """A table of crops.

    Attributes
    ----------
    name : str
        Of the timeline.
    canvas : Size
        px.
    rate : Fraction
        Record frames per second.
    start_frame : int
        Timecode of the first record frame, in frames since midnight.
    media : tuple of CropMedia
    cells : mapping of (str, int or None, int) to Crops
        By media path, record frame (None: the first record frame that shows the media frame) and media frame.
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


def _media(entry: Mapping[str, Any]) -> CropMedia:
    if not Path(entry["path"]).is_absolute():
        raise ValueError(f"{entry['path']} is no full path on this machine")
    first, count = (int(v) for v in entry["available"])
    facts = {name: entry[name] for name in ("size_px", "rate", "vfr", "audio", "timecode")}
    facts |= {"still": entry["still"]} if "still" in entry else {}
    return CropMedia(str(entry["path"]), str(entry["reel"]), first, count, Size(*entry["size_px"]), facts)


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
    """The error for a table that cannot be true."""
    return InputError(
        f"{path} is no table of crops, or is damaged",
        why=f"{why}.",
        fix="Write it again with `panscan deliver --to edl`.",
    )
