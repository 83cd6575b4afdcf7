"""Entries of an overrides file, added and removed in place: whatever else is written there stays, comments too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Item

from panscan.errors import UsageError
from panscan.files import write_text
from panscan.request.config_files import read_config
from panscan.request.overrides import LOOKS, written_entries

Entry = Mapping[str, Any]  # keys and values of one [[shot]]

# Keys that say where an entry holds: two entries that say the same are one.
_PLACE_AND_CELL = ("frame", "setup", "shot", "clip", "from", "to", "ratio", "cell")
_HEADER = re.compile(r"\s*\[\[\s*[\"']?shot[\"']?\s*\]\]")
_PERSON = re.compile(r"\s*\[\[\s*[\"']?people[\"']?\s*\]\]")  # beside the entries: it stays where it is
_HEAD = "# What was decided by hand, shot by shot. See the page on overrides in panscan's documentation.\n"


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The entries as they are written; none where there is no file.

    Raises
    ------
    UsageError
        The file cannot be read, or its entries are no list of tables.
    """
    return written_entries(read_config(path), str(path)) if path.exists() else []


def put_entries(path: Path, entries: Sequence[Entry], media: str = "") -> None:
    """Put entries at the end of a .toml file, where they win.

    One that is there already for the same place and cell is changed and comes along, with its comments.

    Parameters
    ----------
    path : Path
        Where there is no file, one is made.
    entries : sequence of mapping
    media : str
        Digest of the movie whose frames they count. It is put at the head of a file that has no entries yet.

    Raises
    ------
    UsageError
        The file is not TOML, or is written in a way that cannot be changed without loss.
    InputError
        It cannot be written.
    """
    gaps, blocks = _parts(path)
    _add_media(gaps, blocks, media)
    places = [_place(_entry_in(block)) for block in blocks]
    for entry in entries:
        place, block = _place(entry), "[[shot]]\n"
        if place in places:
            there = places.index(place)
            del places[there]
            block = _taken_out(gaps, blocks, there)
        _append(gaps, blocks, _changed(block, entry))
        places.append(place)
    _write(path, gaps, blocks)


def replace_entries(path: Path, wanted: Sequence[tuple[int | None, Entry]], media: str = "") -> None:
    """Make a .toml file hold exactly these entries, in this order.

    Parameters
    ----------
    path : Path
        Where there is no file, one is made.
    wanted : sequence of (int or None, mapping)
        Each entry with its number, from 1, in the file as it is: its comments stay. None: a new one. Those that are
        not named are removed.
    media : str
        As in `put_entries`.

    Raises
    ------
    UsageError
        There is no such entry, the file is not TOML, or is written in a way that cannot be changed without loss.
    InputError
        It cannot be written.
    """
    gaps, blocks = _parts(path)
    _add_media(gaps, blocks, media)
    in_place = _rising(number for number, _ in wanted)
    made = [_changed(_block(path, blocks, number), entry, exactly=True) for number, entry in wanted]
    for number in range(len(blocks), 0, -1):
        if number in in_place:
            blocks[number - 1] = made[in_place.index(number)]
        else:
            _taken_out(gaps, blocks, number - 1)
    for block in made[len(in_place) :]:
        _append(gaps, blocks, block)
    _write(path, gaps, blocks)


def remove_entries(path: Path, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """Remove entries by their numbers, from 1; those that were removed.

    Raises
    ------
    UsageError
        There is no such entry, the file is not TOML, or is written in a way that cannot be changed without loss.
    InputError
        It cannot be written.
    """
    gaps, blocks = _parts(path)
    removed = []
    for number in sorted(set(numbers), reverse=True):
        if not 1 <= number <= len(blocks):
            raise _no_entry(path, number, len(blocks))
        removed.append(_entry_in(_taken_out(gaps, blocks, number - 1)))
    _write(path, gaps, blocks)
    return removed[::-1]


def _parts(path: Path) -> tuple[list[str], list[str]]:
    """What stands before, between and after the entries, and the entries themselves: together the text of the file."""
    if path.suffix.lower() != ".toml":
        raise UsageError(
            f"{path} cannot be changed here",
            why="Entries are added to and removed from TOML files only: YAML would lose its comments.",
            fix="Write the same as a .toml file, or change it by hand.",
        )
    entries = read_entries(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    gaps, blocks = [""], list[str]()
    is_entry = False
    for line in (text + "\n" if text and not text.endswith("\n") else text).splitlines(keepends=True):
        if _HEADER.match(line):
            blocks.append(line)
            gaps.append("")
            is_entry = True
        elif _PERSON.match(line):
            gaps[-1] += line
            is_entry = False
        elif is_entry and line.strip() and not line.lstrip().startswith("#"):
            blocks[-1] += gaps[-1] + line
            gaps[-1] = ""
        else:
            gaps[-1] += line
    _check(path, blocks, entries)
    return gaps, blocks


def _write(path: Path, gaps: Sequence[str], blocks: Sequence[str]) -> None:
    text = "".join(gap + block for gap, block in zip(gaps, [*blocks, ""], strict=True))
    _check(path, blocks, tomllib.loads(text).get("shot", []))
    write_text(text, path)


def _check(path: Path, blocks: Sequence[str], entries: object) -> None:
    """Refuse a file whose text was not taken apart as TOML does."""
    try:
        if [_entry_in(block) for block in blocks] == entries:
            return
    except tomllib.TOMLDecodeError:
        pass
    raise UsageError(
        f"{path} cannot be changed here",
        why="Its entries do not each begin with a line [[shot]].",
        fix="Write them so, or change it by hand.",
    )


def _entry_in(block: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(block)["shot"][0]
    return found


def _place(entry: Entry) -> dict[str, Any]:
    return {key: entry[key] for key in _PLACE_AND_CELL if key in entry}


def _add_media(gaps: list[str], blocks: Sequence[str], media: str) -> None:
    """Put the digest of a movie at the head of a file without entries."""
    if media and not blocks and "media" not in tomllib.loads(gaps[0]):
        head, people, rest = gaps[0].partition("[[people]]")
        written = f'{head.rstrip() or _HEAD.rstrip()}\nmedia = "{media}"\n'
        gaps[0] = written + (f"\n{people}{rest}" if people else "")


def _append(gaps: list[str], blocks: list[str], block: str) -> None:
    blocks.append(block)
    gaps[-1] = gaps[-1].rstrip("\n") + "\n\n" if gaps[-1].strip() else ("\n" if len(blocks) > 1 else _HEAD + "\n")
    gaps.append("")


def _rising(numbers: Iterable[int | None]) -> list[int]:
    """Numbers from the first on, up to where one is None or not greater than the one before: these stay in place."""
    found = [0]
    for number in numbers:
        if number is None or number <= found[-1]:
            break
        found.append(number)
    return found[1:]


def _block(path: Path, blocks: Sequence[str], number: int | None) -> str:
    """The text of an entry by its number; that of an empty one for None."""
    if number is None:
        return "[[shot]]\n"
    if not 1 <= number <= len(blocks):
        raise _no_entry(path, number, len(blocks))
    return blocks[number - 1]


def _no_entry(path: Path, number: int, count: int) -> UsageError:
    return UsageError(
        f"{path} has no entry {number}", why=f"It has {count}.", fix="Take a number that `panscan edits` lists."
    )


def _taken_out(gaps: list[str], blocks: list[str], number: int) -> str:
    """One of the entries, which is then not there any more; what stood on both sides of it stays, without a gap."""
    before, after = gaps[number : number + 2]
    gaps[number : number + 2] = [before + (after.removeprefix("\n") if before.endswith("\n") or not before else after)]
    return blocks.pop(number)


def _changed(block: str, entry: Entry, *, exactly: bool = False) -> str:
    """The text of an entry with other values; where it looks is said by the new ones alone; `exactly`: all of it."""
    document = tomlkit.parse(block)
    table: Any = document["shot"][0]
    replaced = list(table) if exactly else LOOKS if any(key in entry for key in LOOKS) else ()
    for key in replaced:
        if key in table and key not in entry:
            del table[key]
    for key, value in entry.items():
        if key not in table or table[key] != value:  # what stays keeps the way in which it is written
            table[key] = _item(value)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _item(value: Any) -> Item:
    """A value as TOML: keys of a camera each on a line of its own."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _item(inner) for key, inner in value.items()})
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend([_item(inner) for inner in value])
        array.multiline(bool(value) and isinstance(value[0], Mapping))
        return array
    found: Item = tomlkit.item(value)
    return found
