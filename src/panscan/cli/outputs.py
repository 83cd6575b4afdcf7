"""The files that commands write: what panscan did not make is never replaced without --overwrite.

A record holds the digest of everything that commands wrote. A file is panscan's while its content is in the record:
once an editor or a person changed it, it is theirs. A timeline is panscan's by its metadata too, hand edits or not: the
one that was there is kept under a number.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import say, short_path
from panscan.errors import InputError, UsageError

Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that panscan did not make, or that were changed since.")
]

_MAX_NAME_BYTES = 255  # of a file, where the system does not say
_MAX_NAMED = 5  # files in one message


def check_outputs(paths: Iterable[Path], overwrite: bool) -> None:
    """Refuse outputs that would replace a file of somebody else, or whose name cannot exist; before any work.

    Raises
    ------
    UsageError
        The message names the files.
    """
    wanted = list(dict.fromkeys(paths))
    for path in wanted:
        _check_name(path)
    foreign = [] if overwrite else [path for path in wanted if path.is_file() and not _is_ours(path)]
    if not foreign:
        return
    named = ", ".join(short_path(path) for path in foreign[:_MAX_NAMED])
    more = f" and {len(foreign) - _MAX_NAMED} more" if len(foreign) > _MAX_NAMED else ""
    raise UsageError(
        f"{named}{more} would be replaced",
        why="panscan did not make this content: the file is somebody else's, or was changed since.",
        fix="Move it away, choose another place with -o, or replace it with --overwrite.",
    )


def check_names_differ(inputs: Iterable[Path], output: Path | None) -> None:
    """Refuse inputs whose results would have one name; `output`: the folder of all results, None for each its own.

    Raises
    ------
    UsageError
        The message names two of them.
    """
    names: dict[Path, Path] = {}
    for path in inputs:
        other = names.setdefault((output or path.parent) / path.stem, path)
        if other != path:
            raise UsageError(
                f"{path} and {other} would be written under the same names",
                why="Their names differ in the folder or the ending alone.",
                fix="Give one of them another name, or run the command for each with an -o of its own.",
            )


def write_output(data: bytes, path: Path) -> None:
    """Write a file whole or not at all, and record it.

    Raises
    ------
    InputError
        It cannot be written.
    """
    from panscan.files import digest_of, write_bytes

    _record(digest_of(io.BytesIO(data)))  # first: another process must never see a file that is not recorded
    write_bytes(data, path)


def record_made(path: Path) -> None:
    """Record a file that was just made."""
    _record(_digest(path))


def is_as_made(path: Path) -> bool:
    """Whether a file is known to be what a command wrote, to the last byte."""
    return _digest(path) in _recorded()


def write_timeline_output(timeline: Any, path: Path) -> None:
    """Write a timeline; one that was there and differs is kept as STEM.otio.1, .2 and so on: the highest is the newest.

    Raises
    ------
    InputError
        It cannot be written, or the one that was there cannot be kept.
    """
    from panscan.timeline.files import timeline_text

    data = timeline_text(timeline).encode()
    try:
        earlier = path.read_bytes() if path.is_file() else data
        if earlier != data:  # made with other settings, and may hold an editor's own keys
            say(f"  the timeline that was there is now {short_path(_kept_aside(path))}")
    except OSError as error:
        raise InputError(
            f"the timeline {path} cannot be kept aside",
            why=f"{error.strerror or error}.",
            fix="Check free space and rights of the folder, or choose another with -o.",
        ) from error
    write_output(data, path)


def _kept_aside(path: Path) -> Path:
    """A second name for the file: its own with the next number. No name is ever given twice."""
    prefix = f"{path.name}."
    endings = [name.name.removeprefix(prefix) for name in path.parent.iterdir() if name.name.startswith(prefix)]
    taken = [int(ending) for ending in endings if ending.isascii() and ending.isdecimal()]
    for number in count(max(taken, default=0) + 1):
        kept = path.with_name(f"{prefix}{number}")
        with suppress(FileExistsError):
            _link_or_copy(path, kept)
            break
    return kept


def _link_or_copy(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with kept.open("xb") as file:
            file.write(path.read_bytes())


def _is_ours(path: Path) -> bool:
    return is_as_made(path) or (path.suffix == ".otio" and _has_our_metadata(path))


def _has_our_metadata(timeline: Path) -> bool:
    """Whether a timeline, maybe a damaged one, holds metadata of panscan."""
    try:
        return b'"panscan"' in timeline.read_bytes()
    except OSError:
        return False


def _check_name(path: Path) -> None:
    # An earlier timeline gets a number behind its name.
    size = len(os.fsencode(path.name)) + (len(".1") if path.suffix == ".otio" else 0)
    most = _MAX_NAME_BYTES
    with suppress(OSError, AttributeError, ValueError):
        most = os.pathconf(path.parent, "PC_NAME_MAX")
    if size > most:
        raise UsageError(
            f"the name {path.name} cannot be written",
            why=f"It has {size} bytes with its endings; this disk takes {most}.",
            fix="Give INPUT a shorter name.",
        )


def _record_file() -> Path:
    from platformdirs import user_data_path

    chosen = os.environ.get("PANSCAN_DATA_DIR")
    return (Path(chosen) if chosen else user_data_path("panscan", appauthor=False)) / "made.txt"


def _recorded() -> set[str]:
    try:
        return set(_record_file().read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return set()


def _record(digest: str) -> None:
    """Append to the record. Without it, a later run only asks for --overwrite."""
    if digest in _recorded():
        return
    with suppress(OSError):
        _record_file().parent.mkdir(parents=True, exist_ok=True)
        with _record_file().open("ab") as file:
            file.write(f"{digest}\n".encode("ascii"))  # one short write: lines of two processes do not mix


def _digest(path: Path) -> str:
    from panscan.files import digest_of

    try:
        with path.open("rb") as file:
            return digest_of(file)
    except OSError:
        return ""
