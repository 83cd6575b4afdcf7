"""Names of people, written into an overrides file: whatever else is there stays, comments too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from panscan.errors import UsageError
from panscan.files import write_text
from panscan.model.request import NamedPerson
from panscan.request.people import check_name

_HEAD = "# Who is who, and what was decided by hand. See the page on overrides in panscan's documentation."


def put_people(path: Path, people: Mapping[str, NamedPerson], media: str) -> None:
    """Name people in a .toml file.

    Parameters
    ----------
    path : Path
        Where there is no file, one is made.
    people : mapping
        By the name that they have there now, if they have one, else by any other word.
    media : str
        Digest of the movie whose frames are counted; put at the head of a new file.

    Raises
    ------
    UsageError
        The file is not TOML, or a name cannot be one.
    InputError
        It cannot be written.
    """
    if path.suffix.lower() != ".toml":
        raise UsageError(
            f"{path} cannot be changed here",
            why="Names are written to TOML files only: YAML would lose its comments.",
            fix="Write the same as a .toml file, or change it by hand.",
        )
    text = path.read_text(encoding="utf-8") if path.exists() else f'{_HEAD}\nmedia = "{media}"\n'
    document: Any = tomlkit.parse(text)
    rows = document.setdefault("people", tomlkit.aot())
    for earlier, person in people.items():
        check_name(person.name)
        row = next((one for one in rows if one.get("name") == earlier), None)
        if row is None:
            row = tomlkit.table()
            row.trivia.indent = "\n"  # an empty line before it
            rows.append(row)
        row["name"] = person.name
        row["subject_at"] = _box(person)
    write_text(tomlkit.dumps(document), path)


def _box(person: NamedPerson) -> Any:
    table = tomlkit.inline_table()
    table["frame"] = person.at.frame
    table["box"] = [round(share, 4) for share in person.at.box]
    return table
