"""One entry of an overrides file -> an `Override`: where it holds and what it says, checked key by key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from panscan import registry
from panscan.errors import UsageError, did_you_mean
from panscan.model.backgrounds import BACKGROUNDS, is_background
from panscan.model.geometry import Ratio
from panscan.model.request import Override, PlacedKey, SubjectBox
from panscan.request.config_files import ConfigTable
from panscan.request.styles import STYLE_KEYS, style_fields
from panscan.request.timecode_input import TIME_FORMATS, FrameGrid

PLACE_KEYS = ("shot", "frame", "setup", "from", "to", "ratio")
CUT_PLACE_KEYS = ("shot", "clip", "frame", "from", "to", "ratio")
SETTING_KEYS = (
    *("subject", "layout", "center", "hold", "fit", "zoom", "method", "mode", "subject_at", "keys", "background"),
    *STYLE_KEYS,
    *("cell", "note"),
)
_SHOT_EDGES = ("split", "merge")  # they say where a movie's shots begin; those of a cut are its clips

_NO_SETTINGS = ("cell", "note")  # they change nothing by themselves
_CELL_SETTINGS = ("subject", "subject_at", "center", "hold", "zoom", "keys")
_SUBJECT = re.compile(r"left|right|largest|speaker|(person|mover|object)-[1-9]\d*")
_FURTHEST = 10.0  # pictures from the top left: a crop whose centre is further out shows nothing
_ZOOMS = (0.01, 100.0)  # of keys: a hundred times smaller or larger than the widest crop, nothing is seen


def read_override(table: ConfigTable, grid: FrameGrid, names: Sequence[str] = ()) -> Override:
    """One entry, on the frames of a movie or of a cut; `names`: those that people were given.

    Raises
    ------
    UsageError
        It has a mistake; the message names entry, key and what is allowed.
    """
    allowed = (*PLACE_KEYS, *_SHOT_EDGES) if grid.kind == "movie" else CUT_PLACE_KEYS
    table.refuse_unknown_keys((*allowed, *SETTING_KEYS))
    _check_where(table, grid)
    _check_edges(table)
    _check_what(table)
    first, end = _moment(table, "from", grid), _moment(table, "to", grid)
    _check_range(table, first or 0, end, grid)
    ratio = _ratio(table)
    return Override(
        shot=table.integer("shot", 1),
        first=first,
        end=end,
        ratio=ratio,
        subject=_subject(table, names),
        layout=_layout(table),
        center=_center(table),
        hold=table.flag("hold"),
        zoom=table.number("zoom", 1.0, 2.0),
        method=table.choice("method", registry.names("methods")),
        mode=table.choice("mode", registry.names("modes")),
        clip=table.text("clip"),
        frame=None if _is_pair(table) else _frame_number(table, grid),
        frames=_frame_range(table, grid) if _is_pair(table) else None,
        setup=table.flag("setup"),
        subject_at=subject_box(table, grid),
        cell=table.integer("cell", 1),
        keys=_keys(table, grid, inside=ratio is None),
        background=_background(table),
        style=tuple(style_fields(table).items()) or None,
        note=table.text("note"),
        split=table.flag("split"),
        merge=table.flag("merge"),
    )


def _check_where(table: ConfigTable, grid: FrameGrid) -> None:
    """Refuse an entry that does not say where it holds in exactly one way."""
    ranged = "from" in table.values or "to" in table.values
    named = [key for key in ("shot", "clip", "frame") if key in table.values]
    if len(named) + ranged != 1:
        clips, by_name = ("", "") if grid.kind == "movie" else (", for clips by their name", "`clip`, or ")
        problem = "it does not say where"
        if ranged and named:
            problem = f"`{named[0]}` goes without `from` and `to`"
        elif named:
            problem = f"`{named[0]}` and `{named[1]}` exclude each other"
        raise UsageError(
            f"{table.where}: {problem}",
            why=f"An entry holds for one shot by its number or a frame in it{clips}, or for a range of time.",
            fix=f"Give `shot`, `frame`, or {by_name}`from`, `to` or both; `from = 0` is the whole {grid.kind}.",
        )
    if "setup" in table.values and (ranged or _is_pair(table)):
        raise UsageError(
            f"{table.where}: `setup` goes with one shot",
            why="It means all shots that the camera shows in the same way as that one.",
            fix="Give `frame`, a frame of one of them, or `shot`.",
        )


def _check_edges(table: ConfigTable) -> None:
    """Refuse `split` and `merge` without the one frame that is meant."""
    told = [key for key in _SHOT_EDGES if key in table.values]
    if not told:
        return
    if any(table.flag(key) is False for key in told):
        raise table.value_error(told[0], "true, or not there", "Remove the entry instead.")
    if len(told) > 1:
        raise UsageError(
            f"{table.where}: `split` and `merge` exclude each other",
            why="One says that a shot begins there, the other that none does.",
            fix="Remove one of them.",
        )
    if table.integer("frame", 1) is None or "setup" in table.values:
        raise UsageError(
            f"{table.where}: `{told[0]}` goes with one frame",
            why="It says whether a shot begins at that frame.",
            fix=f"Write frame = 312 and {told[0]} = true.",
        )


def _check_what(table: ConfigTable) -> None:
    """Refuse an entry that changes nothing or contradicts itself."""
    told = [key for key in (*SETTING_KEYS, *_SHOT_EDGES) if key in table.values and key not in _NO_SETTINGS]
    if not told:
        allowed = ", ".join(key for key in (*SETTING_KEYS, *_SHOT_EDGES) if key not in _NO_SETTINGS)
        raise UsageError(
            f"{table.where}: it does not say what", why="It changes nothing.", fix=f"Give one of {allowed}."
        )
    if "center" in table.values and ("subject" in table.values or "subject_at" in table.values):
        raise UsageError(
            f"{table.where}: `subject` and `center` exclude each other",
            why="Both say where to look.",
            fix="Remove one of them.",
        )
    if "cell" in table.values and not set(told) & set(_CELL_SETTINGS):
        raise UsageError(
            f"{table.where}: it does not say what the cell is for",
            why=f"Of one cell can be said {', '.join(_CELL_SETTINGS)}.",
            fix="Give one of these, or remove `cell`.",
        )


def _check_range(table: ConfigTable, first: int, end: int | None, grid: FrameGrid) -> None:
    if first >= (grid.frame_count if end is None else end):
        raise UsageError(
            f"{table.where}: the range is empty",
            why=f"`from` is frame {first}, `to` is frame {end}.",
            fix="`to` is the first moment after the range: it must come later than `from`.",
        )


def _moment(table: ConfigTable, key: str, grid: FrameGrid) -> int | None:
    if key not in table.values:
        return None
    try:
        return grid.frame_of(table.values[key])
    except ValueError as error:
        raise table.value_error(
            key, f"a moment of the {grid.kind}: {TIME_FORMATS}", f"{str(error)[0].upper()}{str(error)[1:]}."
        ) from error


def _frame_number(table: ConfigTable, grid: FrameGrid) -> int | None:
    number = table.integer("frame", 0)
    if number is not None and number >= grid.frame_count:
        allowed = f"the number of a frame, from 0; the {grid.kind} has {grid.frame_count}"
        raise table.value_error("frame", allowed, "Or give a pair of frames: the first, and the first after.")
    return number


def _is_pair(table: ConfigTable) -> bool:
    return isinstance(table.values.get("frame"), list)


def _frame_range(table: ConfigTable, grid: FrameGrid) -> tuple[int, int | None]:
    pair = table.values["frame"]
    allowed = f"a frame, or [first] or [first, first after], rising, from 0 to {grid.frame_count}"
    named = ConfigTable(table.where, dict(zip(("first", "end"), pair, strict=False)))
    try:
        first, end = named.integer("first", 0), named.integer("end", 1)
    except UsageError as error:
        raise table.value_error("frame", allowed) from error
    if first is None or len(pair) > 2 or not first < (grid.frame_count if end is None else end) <= grid.frame_count:
        raise table.value_error("frame", allowed)
    return first, end


def _moment_of(table: ConfigTable, grid: FrameGrid) -> int:
    """The frame of a key or of a box: `frame`, or a moment in `at`."""
    if ("at" in table.values) == ("frame" in table.values):
        raise UsageError(
            f"{table.where}: it does not say when",
            why="It needs a moment in `at` or the number of a frame in `frame`, and not both.",
            fix='Give one of them, such as frame = 312 or at = "01:12.5".',
        )
    at = _moment(table, "at", grid)
    return _frame_number(table, grid) or 0 if at is None else min(at, grid.frame_count - 1)


def _keys(table: ConfigTable, grid: FrameGrid, *, inside: bool) -> tuple[PlacedKey, ...] | None:
    if "keys" not in table.values:
        return None
    rows = table.values["keys"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        allowed = "a list of keys"
        raise table.value_error("keys", allowed, "Write keys = [{ frame = 312, center = [0.4, 0.5], zoom = 1.2 }].")
    keys = []
    for number, row in enumerate(rows, 1):
        key = ConfigTable(f"{table.where}, key {number}", row)
        key.refuse_unknown_keys(("at", "frame", "center", "zoom"))
        frame, center = _moment_of(key, grid), _center(key, -_FURTHEST, 1 + _FURTHEST) or (0.5, 0.5)
        keys.append(PlacedKey(frame, center, key.number("zoom", *_ZOOMS) or 1.0, inside))
    if any(b.frame <= a.frame for a, b in pairwise(keys)):
        raise table.value_error("keys", "a list of keys in the order of time, one for a frame", "Put them in order.")
    return tuple(keys)


def subject_box(table: ConfigTable, grid: FrameGrid) -> SubjectBox | None:
    """The box of a subject at one frame, in `subject_at`; None where there is none."""
    if "subject_at" not in table.values:
        return None
    value = table.values["subject_at"]
    allowed = "the box of the subject at one frame: { frame = 312, box = [left, top, width, height] }, in shares"
    if not isinstance(value, dict):
        raise table.value_error("subject_at", allowed)
    box = ConfigTable(f"{table.where}, subject_at", value)
    box.refuse_unknown_keys(("at", "frame", "box"))
    left, top, width, height = _numbers(box, "box", ["left", "top", "width", "height"], (0.0, 1.0), allowed)
    if width <= 0 or height <= 0:
        raise box.value_error("box", allowed, "Its width and height must be over 0.")
    return SubjectBox(_moment_of(box, grid), (left, top, width, height))


def _ratio(table: ConfigTable) -> str | None:
    text = table.text("ratio")
    try:
        return None if text is None else str(Ratio.parse(text))
    except UsageError as error:
        raise table.value_error("ratio", "a shape such as 9:16", error.why) from error


def _subject(table: ConfigTable, names: Sequence[str]) -> str | None:
    text = table.text("subject")
    if text is not None and text not in names and not _SUBJECT.fullmatch(text):
        allowed = (
            "left, right, largest, speaker, a name that reframe prints, such as person-2, or one given in [[people]]"
        )
        raise table.value_error("subject", allowed, did_you_mean(text, names))
    return text


def _layout(table: ConfigTable) -> str | None:
    layout, fit = table.choice("layout", ("auto", *registry.names("layouts"))), table.flag("fit")
    if fit is False:
        raise table.value_error("fit", "true, or not there", "Name another layout with `layout` instead.")
    if fit and layout not in (None, "fit"):
        raise table.value_error("fit", 'short for layout = "fit"', "Remove `fit` or `layout`.")
    return "fit" if fit else layout


def _background(table: ConfigTable) -> str | None:
    text = table.text("background")
    if text is not None and not is_background(text):
        raise table.value_error("background", BACKGROUNDS)
    return text


def _center(table: ConfigTable, least: float = 0.0, most: float = 1.0) -> tuple[float, float] | None:
    if "center" not in table.values:
        return None
    allowed = "a pair [x, y], each 0 to 1: shares of the picture's width and height from its top left"
    x, y = _numbers(table, "center", ["x", "y"], (least, most), allowed)
    return x, y


def _numbers(
    table: ConfigTable, key: str, names: list[str], limits: tuple[float, float], allowed: str
) -> tuple[float, ...]:
    """A list of as many numbers as there are names."""
    value: Any = table.values.get(key)
    if not isinstance(value, list) or len(value) != len(names):
        raise table.value_error(key, allowed)
    row = ConfigTable(table.where, dict(zip(names, value, strict=True)))
    try:
        return tuple(row.number(name, *limits) or 0.0 for name in names)
    except UsageError as error:
        raise table.value_error(key, allowed) from error
