"""People whom somebody named: entries [[people]] of an overrides file, each with a place where the person is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from panscan.errors import UsageError
from panscan.model.media import Media
from panscan.model.request import NamedPerson
from panscan.request.config_files import ConfigTable
from panscan.request.override_entries import subject_box
from panscan.request.timecode_input import FrameGrid

# Words that mean somebody already, and what joins several: a name is neither.
_TAKEN = re.compile(r"(left|right|largest|speaker|all|(person|mover|object|title)-\d+)|.*[+,;\n].*", re.I | re.S)
_MOST_LETTERS = 40  # of a name: more does not fit into a line of the table


def check_name(name: str) -> None:
    """Refuse a name that could not be told from other words.

    Raises
    ------
    UsageError
        It is such a one.
    """
    if not name.strip() or len(name) > _MOST_LETTERS or _TAKEN.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be somebody's name",
            why=f"A name has up to {_MOST_LETTERS} letters and none of + , ; and is no word such as left or person-2.",
            fix='Choose another, such as "Anna".',
        )


def people_of(content: Mapping[str, Any], where: str, grid: FrameGrid) -> tuple[NamedPerson, ...]:
    """The people that an overrides file names; `where`: the file, for errors.

    Raises
    ------
    UsageError
        An entry has a mistake.
    """
    found: list[NamedPerson] = []
    for number, entry in enumerate(_entries(content, where), 1):
        table = ConfigTable(f"{where}, person {number}", entry)
        table.refuse_unknown_keys(("name", "subject_at", "note"))
        name, box = table.text("name"), subject_box(table, grid)
        if name is None or box is None:
            raise UsageError(
                f"{table.where}: it does not say who",
                why="A person has a name, and a place where they are seen.",
                fix='Write name = "Anna" and subject_at = { frame = 312, box = [left, top, width, height] }.',
            )
        check_name(name)
        if any(name.casefold() == other.name.casefold() for other in found):
            raise table.value_error("name", "said once", "Give one of them another name.")
        found.append(NamedPerson(name, box))
    return tuple(found)


def names_in(content: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The names in such a file."""
    return tuple(str(entry.get("name", "")).strip() for entry in _entries(content, where))


def people_of_movie(content: Mapping[str, Any], where: str, media: Media) -> tuple[NamedPerson, ...]:
    """The people that the file of a movie names."""
    return people_of(content, where, FrameGrid(media.video.rate, media.frame_count, media.start_frame, "movie"))


def _entries(content: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    entries = content.get("people", [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise UsageError(
        f"{where}: `people` is no list of entries", why="Each entry is a table.", fix="Begin each with [[people]]."
    )
