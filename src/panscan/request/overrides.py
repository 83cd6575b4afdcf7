"""Overrides: a small TOML or YAML file beside a movie or a cut with what a person wants otherwise, shot by shot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.model.plan import Shot
from panscan.model.request import Override
from panscan.request.config_files import ConfigTable, read_config
from panscan.request.timecode_input import TIME_FORMATS, FrameGrid

SUFFIXES = (".panscan.toml", ".panscan.yaml", ".panscan.yml")
_SUBJECT = re.compile(r"left|right|largest|speaker|(person|mover|object)-[1-9]\d*")
_PLACE_KEYS = ("shot", "from", "to", "ratio")
_CUT_PLACE_KEYS = ("shot", "clip", "from", "to", "ratio")
_SETTING_KEYS = ("subject", "layout", "center", "hold", "fit", "zoom", "method", "mode")
_SETTING_FIELDS = ("subject", "layout", "center", "hold", "zoom", "method", "mode")


def find_overrides(source: Path, *, whole_name: bool = False) -> Path | None:
    """The overrides beside a movie or a cut: STEM.panscan.toml, .yaml or .yml; None where there are none.

    whole_name: look for NAME.panscan.toml and so on, with the suffix of `source` in it.

    Raises
    ------
    UsageError
        There are several.
    """
    stem = source.name if whole_name else source.stem
    found = [path for suffix in SUFFIXES if (path := source.with_name(stem + suffix)).is_file()]
    if len(found) > 1:
        raise UsageError(
            f"{source.name} has {len(found)} files of overrides",
            why=f"There are {' and '.join(path.name for path in found)}.",
            fix="Keep one of them, or name it with --override.",
        )
    return found[0] if found else None


def load_overrides(
    path: Path, rate: Fraction, frame_count: int, start_frames: int = 0, *, of_cut: bool = False
) -> tuple[Override, ...]:
    """The entries of an overrides file, in order.

    Parameters
    ----------
    path : Path
        A .toml, .yaml or .yml file.
    rate : Fraction
        Frames per second of the media's grid, or of the cut.
    frame_count : int
        Frames of the media or of the cut.
    start_frames : int
        The media's embedded timecode, or that of the cut, in frames since midnight: where "HH:MM:SS:FF" counts from.
        Seconds and "MM:SS.s" always count from the first frame.
    of_cut : bool
        The file belongs to an editor's cut: entries may name clips.

    Raises
    ------
    UsageError
        The file has mistakes, or an entry lies outside the media; the message names entry, key and what is allowed.
    """
    content = read_config(path)
    ConfigTable(str(path), content).refuse_unknown_keys(("shot",))
    entries = content.get("shot", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(
            f"{path}: `shot` is no list of entries",
            why="Each entry is a table of keys.",
            fix="Begin each entry with [[shot]] in TOML, or with a dash under `shot:` in YAML.",
        )
    grid = FrameGrid(rate, frame_count, start_frames, "cut" if of_cut else "movie")
    return tuple(_override(ConfigTable(f"{path}, entry {n}", entry), grid) for n, entry in enumerate(entries, 1))


def shot_overrides(
    shots: Sequence[Shot], overrides: Sequence[Override], ratio: Ratio
) -> list[tuple[Shot, int, Override | None]]:
    """The shots, divided where something else applies, each with what applies.

    Where several overrides meet, the later one wins, key by key. If `subject` and `center` are both given, only the
    later one applies.

    Parameters
    ----------
    shots : sequence of Shot
        All shots of the media, in order.
    overrides : sequence of Override
        As `load_overrides` gives them.
    ratio : Ratio
        The shape that is made.

    Returns
    -------
    list of (Shot, int, Override or None)
        The part, the number (from 1) of the shot it came from, and all that applies to it as one override.

    Raises
    ------
    UsageError
        An override names a shot that is not there.
    """
    for number, override in enumerate(overrides, 1):
        if override.shot is not None and override.shot > len(shots):
            raise UsageError(
                f"overrides, entry {number}: there is no shot {override.shot}",
                why=f"The movie has {len(shots)} shots.",
                fix="Use a number of the table that reframe prints, or give `from` and `to`.",
            )
    meant = [o for o in overrides if o.ratio is None or Ratio.parse(o.ratio) == ratio]
    found: list[tuple[Shot, int, Override | None]] = []
    for number, shot in enumerate(shots, 1):
        edges = {edge for o in meant if o.shot is None for edge in (o.first, o.end) if edge is not None}
        bounds = [shot.first, *sorted(edge for edge in edges if shot.first < edge < shot.end), shot.end]
        pieces: list[tuple[Shot, Override | None]] = []
        for first, end in pairwise(bounds):
            said = _merged([o for o in meant if _covers(o, number, first)])
            if pieces and pieces[-1][1] == said:  # nothing changes here: a division would only make the camera jump
                pieces[-1] = (Shot(pieces[-1][0].first, end), said)
            else:
                pieces.append((Shot(first, end), said))
        for piece, said in pieces:
            applied = said and replace(said, shot=number, first=piece.first, end=piece.end, ratio=str(ratio))
            found.append((piece, number, applied))
    return found


def overrides_recipe(overrides: Sequence[Override]) -> list[dict[str, Any]]:
    """All that is said as plain JSON, for a timeline's metadata; equal overrides give equal recipes."""
    recipe = []
    for override in overrides:
        said = {field.name: getattr(override, field.name) for field in fields(override)}
        recipe.append({key: _plain(value) for key, value in said.items() if value is not None})
    return recipe


def _covers(override: Override, number: int, frame: int) -> bool:
    if override.shot is not None:
        return override.shot == number
    return (override.first or 0) <= frame and (override.end is None or frame < override.end)


def _merged(overrides: Sequence[Override]) -> Override | None:
    said: dict[str, Any] = {}
    for override in overrides:
        new = {key: value for key in _SETTING_FIELDS if (value := getattr(override, key)) is not None}
        for key, other in (("subject", "center"), ("center", "subject")):
            if key in new:
                said.pop(other, None)
        said |= new
    return Override(**said) if said else None


def _override(table: ConfigTable, grid: FrameGrid) -> Override:
    table.refuse_unknown_keys((*(_PLACE_KEYS if grid.kind == "movie" else _CUT_PLACE_KEYS), *_SETTING_KEYS))
    values = table.values
    _check_where(table, grid)
    if not any(key in values for key in _SETTING_KEYS):
        raise UsageError(
            f"{table.where}: it does not say what",
            why="It changes nothing.",
            fix=f"Give one of {', '.join(_SETTING_KEYS)}.",
        )
    if "subject" in values and "center" in values:
        raise UsageError(
            f"{table.where}: `subject` and `center` exclude each other",
            why="Both say where to look.",
            fix="Remove one of them.",
        )
    first, end = _frame(table, "from", grid), _frame(table, "to", grid)
    if (first or 0) >= (grid.frame_count if end is None else end):
        raise UsageError(
            f"{table.where}: the range is empty",
            why=f"`from` is frame {first or 0}, `to` is frame {end}.",
            fix="`to` is the first moment after the range: it must come later than `from`.",
        )
    return Override(
        shot=table.integer("shot", 1),
        first=first,
        end=end,
        ratio=_ratio(table),
        subject=_subject(table),
        layout=_layout(table),
        center=_center(table),
        hold=table.flag("hold"),
        zoom=table.number("zoom", 1.0, 2.0),
        method=table.choice("method", registry.names("methods")),
        mode=table.choice("mode", registry.names("modes")),
        clip=table.text("clip"),
    )


def _check_where(table: ConfigTable, grid: FrameGrid) -> None:
    """Refuse an entry that does not say where it holds in exactly one way."""
    ranged = "from" in table.values or "to" in table.values
    named = [key for key in ("shot", "clip") if key in table.values]
    if len(named) + ranged == 1:
        return
    clips, by_name = ("", "") if grid.kind == "movie" else (", for clips by their name", "`clip`, or ")
    problem = "it does not say where"
    if ranged and named:
        problem = f"`{named[0]}` goes without `from` and `to`"
    elif named:
        problem = "`shot` and `clip` exclude each other"
    raise UsageError(
        f"{table.where}: {problem}",
        why=f"An entry holds for one shot by its number{clips}, or for a range of time.",
        fix=f"Give `shot`, or {by_name}`from`, `to` or both; `from = 0` is the whole {grid.kind}.",
    )


def _frame(table: ConfigTable, key: str, grid: FrameGrid) -> int | None:
    if key not in table.values:
        return None
    try:
        return grid.frame_of(table.values[key])
    except ValueError as error:
        raise table.value_error(
            key, f"a moment of the {grid.kind}: {TIME_FORMATS}", f"{str(error)[0].upper()}{str(error)[1:]}."
        ) from error


def _ratio(table: ConfigTable) -> str | None:
    text = table.text("ratio")
    try:
        return None if text is None else str(Ratio.parse(text))
    except UsageError as error:
        raise table.value_error("ratio", "a shape such as 9:16", error.why) from error


def _subject(table: ConfigTable) -> str | None:
    text = table.text("subject")
    if text is not None and not _SUBJECT.fullmatch(text):
        allowed = "left, right, largest, speaker, or a name that reframe prints, such as person-2"
        raise table.value_error("subject", allowed)
    return text


def _layout(table: ConfigTable) -> str | None:
    layout, fit = table.choice("layout", ("auto", *registry.names("layouts"))), table.flag("fit")
    if fit is False:
        raise table.value_error("fit", "true, or not there", "Name another layout with `layout` instead.")
    if fit and layout not in (None, "fit"):
        raise table.value_error("fit", 'short for layout = "fit"', "Remove `fit` or `layout`.")
    return "fit" if fit else layout


def _center(table: ConfigTable) -> tuple[float, float] | None:
    value = table.values.get("center")
    if "center" not in table.values:
        return None
    allowed = "a pair [x, y], each 0 to 1: shares of the picture's width and height from its top left"
    if not isinstance(value, list) or len(value) != 2:
        raise table.value_error("center", allowed)
    pair = ConfigTable(table.where, {"x": value[0], "y": value[1]})
    try:
        x, y = pair.number("x", 0.0, 1.0), pair.number("y", 0.0, 1.0)
    except UsageError as error:
        raise table.value_error("center", allowed) from error
    return (x or 0.0, y or 0.0)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value
