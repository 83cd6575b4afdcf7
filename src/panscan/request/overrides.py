"""Overrides: a small TOML or YAML file beside a movie or a cut with what a person wants otherwise, shot by shot."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.model.plan import Shot
from panscan.model.request import Override, PlacedKey
from panscan.request.config_files import ConfigTable, read_config
from panscan.request.override_entries import read_override
from panscan.request.people import names_in
from panscan.request.timecode_input import FrameGrid

# Each says where to look: the later one is meant. `subject_at` tells where a `subject` of the same entry is.
LOOKS = ("subject", "subject_at", "center", "keys")
SUFFIXES = (".panscan.toml", ".panscan.yaml", ".panscan.yml")
_SHOT_FIELDS = ("layout", "method", "mode", "background")  # said of a shot as a whole, whatever the cell
_RECIPE_DECIMALS = 6  # of numbers in a recipe: as many as a scale has in a timeline
_CAMERA_FIELDS = (*LOOKS, "hold", "zoom")
_NOT_TOLD = ("note", "cells")  # they change no timeline
# Frames: two analyses put a cut so far apart, more where it is soft; a shorter remnant of a shot is a flash.
_NEAR_CUT_FRAMES = 5


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
    path: Path,
    rate: Fraction,
    frame_count: int,
    start_frames: int = 0,
    *,
    of_cut: bool = False,
    names: Sequence[str] = (),
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
    names : sequence of str
        Names that people were given elsewhere.

    Raises
    ------
    UsageError
        The file has mistakes, or an entry lies outside the media; the message names entry, key and what is allowed.
    """
    grid = FrameGrid(rate, frame_count, start_frames, "cut" if of_cut else "movie")
    return overrides_of(read_config(path), str(path), grid, names)


def overrides_of(
    content: Mapping[str, Any], where: str, grid: FrameGrid, names: Sequence[str] = ()
) -> tuple[Override, ...]:
    """The same of what such a file holds; `where`: the place, for errors."""
    head = ConfigTable(where, content)
    head.refuse_unknown_keys(("media", "shot") if grid.kind == "cut" else ("media", "people", "shot"))
    head.text("media")
    known = (*names, *names_in(content, where))
    entries = enumerate(written_entries(content, where), 1)
    return tuple(read_override(ConfigTable(f"{where}, entry {n}", entry), grid, known) for n, entry in entries)


def written_entries(content: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The entries of such a file as they are written.

    Raises
    ------
    UsageError
        They are no list of tables.
    """
    entries = content.get("shot", [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise UsageError(
        f"{where}: `shot` is no list of entries",
        why="Each entry is a table of keys.",
        fix="Begin each entry with [[shot]] in TOML, or with a dash under `shot:` in YAML.",
    )


def shot_overrides(
    shots: Sequence[Shot], overrides: Sequence[Override], ratio: Ratio, setups: Sequence[int] = ()
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
    setups : sequence of int
        Number of the camera set-up of every shot; without it each shot is one of its own.

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
    meant = [part for override in of_shape(overrides, ratio) for part in _on_shots(override, shots, setups)]
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


def of_shape(overrides: Sequence[Override], ratio: Ratio) -> list[Override]:
    """Those that hold for a shape."""
    return [one for one in overrides if one.ratio is None or Ratio.parse(one.ratio) == ratio]


def spans_of(override: Override, shots: Sequence[Shot], setups: Sequence[int] = ()) -> list[tuple[int, int]]:
    """Frames [first, end) in which an override holds, a pair for each shot or range that is meant.

    None for one that names a shot that is not there.
    """
    end = shots[-1].end
    spans: list[tuple[int, int]] = []
    if override.shot is not None and override.shot > len(shots):
        return spans
    for meant in _on_shots(override, shots, setups):
        if meant.shot is None:
            spans.append((meant.first or 0, end if meant.end is None else meant.end))
        else:
            spans.append((shots[meant.shot - 1].first, shots[meant.shot - 1].end))
    return spans


def shot_at(shots: Sequence[Shot], frame: int) -> int:
    """Number, from 1, of the shot in which a frame lies."""
    return next((number for number, shot in enumerate(shots, 1) if frame < shot.end), len(shots))


def _on_shots(override: Override, shots: Sequence[Shot], setups: Sequence[int]) -> list[Override]:
    """An override with a place that does not depend on an analysis, as it holds for the shots of this one."""
    if override.frames is not None:
        first, end = override.frames
        first, end = _near_cut(first, end, shots)
        return [replace(override, frames=None, first=first, end=end)]
    number = override.shot if override.frame is None else shot_at(shots, override.frame)
    if number is None:
        return [override]
    alike = [number]
    if override.setup and setups:
        alike = [n for n in range(1, len(shots) + 1) if setups[n - 1] == setups[number - 1]]
    own = replace(override, frame=None, setup=None)
    return [replace(own, shot=n, keys=_moved(own, shots[n - 1].first - shots[number - 1].first)) for n in alike]


def _moved(override: Override, frames: int) -> tuple[PlacedKey, ...] | None:
    """Keys so many frames later: those of one shot, in another one."""
    return override.keys and tuple(replace(key, frame=key.frame + frames) for key in override.keys)


def _near_cut(first: int, end: int | None, shots: Sequence[Shot]) -> tuple[int, int | None]:
    """A range whose edges are put on a cut where one is near."""
    cuts = [shot.first for shot in shots] + [shots[-1].end]

    def near(frame: int) -> int:
        after = bisect(cuts, frame)
        nearest = min(cuts[max(0, after - 1) : after + 1], key=lambda cut: abs(cut - frame))
        return nearest if abs(nearest - frame) <= _NEAR_CUT_FRAMES else frame

    begin, stop = near(first), None if end is None else near(end)
    return (begin, stop) if stop is None or begin < stop else (first, end)


def overrides_recipe(overrides: Sequence[Override]) -> list[dict[str, Any]]:
    """All that is said as plain JSON, for a timeline's metadata; equal overrides give equal recipes."""
    recipe = []
    for override in overrides:
        said = {field.name: getattr(override, field.name) for field in fields(override) if field.name not in _NOT_TOLD}
        recipe.append({key: _plain(value) for key, value in said.items() if value is not None})
    return recipe


def _covers(override: Override, number: int, frame: int) -> bool:
    if override.shot is not None:
        return override.shot == number
    return (override.first or 0) <= frame and (override.end is None or frame < override.end)


def _merged(overrides: Sequence[Override]) -> Override | None:
    """All of them as one: what is said of the shot, and, cell by cell, of single cells."""
    said: dict[str, Any] = {}
    cells: dict[int, dict[str, Any]] = {}
    for override in overrides:
        said |= _told(override, _SHOT_FIELDS)
        if override.style:
            said["style"] = tuple((dict(said.get("style", ())) | dict(override.style)).items())
        own = said if override.cell is None else cells.setdefault(override.cell, {"cell": override.cell})
        new = _told(override, _CAMERA_FIELDS)
        if any(name in new for name in LOOKS):
            for replaced in [own, *(cells.values() if own is said else ())]:
                for name in LOOKS:
                    replaced.pop(name, None)
        own |= new
    of_cells = tuple(Override(**cells[number]) for number in sorted(cells) if len(cells[number]) > 1)
    return Override(**said, cells=of_cells) if said or of_cells else None


def _told(override: Override, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(override, name)) is not None}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return round(value, _RECIPE_DECIMALS) if isinstance(value, float) else value
