"""Defaults of options from files: panscan.toml in the folder of an input or above, and the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer

from panscan.cli.console import say, short_path
from panscan.cli.options import kinds_of

if TYPE_CHECKING:
    from panscan.request.config_files import ConfigTable

NAME = "panscan.toml"
# What a value may be, by the type of its option.
_WRITTEN: Mapping[Any, str] = {bool: "true or false", int: "a whole number", float: "a number", list: "a list of texts"}


def files_for(source: Path) -> list[Path]:
    """The files whose defaults hold for an input: the user's, and the nearest one upward, which wins."""
    from platformdirs import user_config_path

    chosen = os.environ.get("PANSCAN_CONFIG_DIR")
    users = (Path(chosen) if chosen else user_config_path("panscan", appauthor=False)) / NAME
    folder = source.absolute().parent
    nearest = next((path for one in (folder, *folder.parents) if (path := one / NAME).is_file()), None)
    return list(dict.fromkeys(path for path in (users, nearest) if path is not None and path.is_file()))


def defaults_for(source: Path, context: typer.Context, groups: Sequence[type]) -> dict[str, Any]:
    """Values of options that were not given on the command line, by their names.

    groups: the dataclasses whose annotated fields are the options.

    Raises
    ------
    UsageError
        A file names an option that is none, or a value that an option does not take.
    """
    kinds = {name: kind for group in groups for name, kind in kinds_of(group).items()}
    found: dict[str, Any] = {}
    for path in files_for(source):
        found |= _read(path, kinds)
    return {name: value for name, value in found.items() if not _is_given(name, context)}


def say_used(sources: Sequence[Path]) -> None:
    """Say which files gave defaults to any of the inputs."""
    used = dict.fromkeys(path for source in sources for path in files_for(source))
    if used:
        named = ", ".join(short_path(path) for path in used)
        say(f"defaults from {named} (--no-config leaves them out)")


def _read(path: Path, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names of their fields; a file calls them as the command line does, without the first dashes."""
    from panscan.request.config_files import ConfigTable, read_config

    table = ConfigTable(str(path), read_config(path))
    table.refuse_unknown_keys([name.replace("_", "-") for name in kinds])
    names = {key: str(key).replace("-", "_") for key in table.values}
    return {name: _value(table, key, kinds[name], path.parent) for key, name in names.items()}


def _value(table: ConfigTable, key: str, kind: Any, folder: Path) -> Any:
    """A value as the command line would give it; paths count from the folder of the file."""
    value = table.values[key]
    wanted = next((one for one in (bool, int, float, Path) if kind is one or one in get_args(kind)), str)
    if wanted is str and any(getattr(one, "__origin__", None) is list for one in get_args(kind)):
        rows = [value] if isinstance(value, str) else value
        if isinstance(rows, list) and all(isinstance(row, str) for row in rows):
            return rows
        raise table.value_error(key, _WRITTEN[list])
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is str and is_number:  # rate = 25
        return str(value)
    if wanted is Path and isinstance(value, str):
        return folder / Path(value).expanduser()
    if (wanted is float and is_number) or (wanted is not Path and type(value) is wanted):
        return value
    raise table.value_error(key, _WRITTEN.get(wanted, "text"))


def _is_given(name: str, context: typer.Context) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT")
