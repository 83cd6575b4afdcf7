"""Input logs: found beside a movie, recognised by what is in them, read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

import numpy as np

from panscan.errors import InputError
from panscan.ingest.input_logs.formats import Row, cap_cursor, cursor_samples, json_lines, playwright_trace
from panscan.model.geometry import Size
from panscan.model.input_log import INPUT_KINDS, InputLog


def input_log_beside(movie: Path) -> Path | None:
    """The log that lies beside a movie: NAME.inputs.jsonl, or the one that a recorder left there."""
    names = (f"{movie.stem}.inputs.jsonl", f"{movie.name}.cursor.json", f"{movie.stem}.cursor.json")
    return next((path for name in names if (path := movie.with_name(name)).is_file()), None)


def require_input_log(path: Path) -> None:
    """Refuse a log that is not there.

    Raises
    ------
    InputError
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist", why="There is no such file.", fix="Check the path.")


def read_input_log(path: Path, size: Size) -> InputLog:
    """A log of mouse and keyboard.

    Parameters
    ----------
    path : Path
        JSON lines, or what openscreen, Recordly, Cap or Playwright write.
    size : Size
        Of the movie, display px.

    Raises
    ------
    InputError
        It is none of these, or cannot be read.
    """
    require_input_log(path)
    try:
        return _log_of(_rows(path, size))
    except (OSError, ValueError, KeyError, TypeError, StopIteration, RuntimeError, AttributeError, BadZipFile) as error:
        raise InputError(
            f"{path} is no input log that panscan can read",
            why=f"{_in_words(error)}.",
            fix='Give JSON lines such as {"t": 1.25, "kind": "click", "x": 640, "y": 360}, a cursor file of '
            "openscreen, Recordly or Cap, or a trace.zip of Playwright.",
        ) from error


def _rows(path: Path, size: Size) -> list[Row]:
    if is_zipfile(path):
        return list(playwright_trace(path, size))
    text = path.read_text(encoding="utf-8")
    try:
        data = json.loads(text)
    except ValueError:
        return list(json_lines(text))
    if isinstance(data, dict) and {"t", "kind"} <= data.keys():
        return list(json_lines(text))
    is_cap = isinstance(data, dict) and {"moves", "clicks"} <= data.keys()
    return list(cap_cursor(data, size) if is_cap else cursor_samples(data, size))


def _in_words(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, ValueError | OSError | BadZipFile):
        return str(error)
    return "Its entries are of another kind"


def _log_of(rows: Iterable[Row]) -> InputLog:
    ordered = sorted(rows, key=lambda row: row[0])
    if not all(isfinite(row[0]) for row in ordered):
        raise ValueError("a time is no number")
    return InputLog(
        time_s=np.array([row[0] for row in ordered], np.float64),
        kind=np.array([INPUT_KINDS.index(row[1]) for row in ordered], np.int64),
        point_px=np.array([row[2:] for row in ordered], np.float64).reshape(-1, 2),
    )
