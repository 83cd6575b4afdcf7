"""Sources and results in folders of this machine: only inside those that the operator allows."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from panscan.errors import InputError, PanscanError, UsageError
from panscan.files import whole_file
from panscan.serve.guard import AllowedFolders
from panscan.service.storage.transfer import Fetched, Progress, Published, refuse_size, sha256_of
from panscan.service.temporary import TemporaryError


def take_file(path: Path, allowed: AllowedFolders, *, max_bytes: int, progress: Progress | None = None) -> Fetched:
    """A source that lies on this machine already. It stays where it is; links are followed once, here.

    Raises
    ------
    UsageError
        It lies outside of the folders that may be read.
    InputError
        There is no such file, or it is too large.
    """
    if not allowed.contains(path):
        raise _outside(path, "read")
    real = path.resolve()
    if not real.is_file():
        raise InputError(f"{path} is no file", why="There is none at this path.", fix="Check the path.")
    refuse_size(str(path), real.stat().st_size, max_bytes)
    return Fetched(real, sha256_of(real, progress), real.stat().st_size)


def put_file(file: Path, name: str, folder: Path, allowed: AllowedFolders, *, overwrite: bool = False) -> Published:
    """Copy a result to a folder, whole or not at all. A file that is there with other content is left, or replaced.

    Raises
    ------
    UsageError
        The folder may not be written to.
    InputError
        Another file has this name.
    TemporaryError
        The folder cannot be written to now.
    """
    target = folder / relative_name(name)
    refuse_folder(target, allowed)
    sha256 = sha256_of(file)
    is_there = target.is_file() and sha256_of(target) == sha256
    if not is_there and target.exists() and not overwrite:
        raise already_there(str(target))
    if not is_there:
        _copy(file, target)
    return Published(name, "", str(target), sha256, file.stat().st_size)


def _copy(file: Path, target: Path) -> None:
    try:
        with file.open("rb") as source, whole_file(target) as copy:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        raise TemporaryError(
            f"cannot write {target}", why=str(error.strerror), fix="Make room, or check the folder."
        ) from None


def refuse_folder(folder: Path, allowed: AllowedFolders) -> None:
    """Raise an error for a folder, or a file in it, that may not be written to.

    Raises
    ------
    UsageError
        It lies outside of those that may.
    """
    if not allowed.contains(folder):
        raise _outside(folder, "written to")


def relative_name(name: str) -> PurePosixPath:
    """The name of a result, which may hold folders but leads nowhere else.

    Raises
    ------
    UsageError
        It would lead outside.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise UsageError(
            f"a result cannot be called {name!r}", why="Its name leads out of the folder.", fix="Give a plain name."
        )
    return path


def already_there(shown: str) -> PanscanError:
    """The error for a name that something else has."""
    return InputError(
        f"{shown} is there already",
        why="It has other content, and this job has not written it.",
        fix='Choose another folder or prefix, or allow it with "overwrite": true.',
    )


def _outside(path: Path, how: str) -> UsageError:
    return UsageError(
        f"{path} may not be {how}",
        why=f"It lies outside of the folders that may be {how}.",
        fix="Ask whoever runs the service to allow its folder.",
    )
