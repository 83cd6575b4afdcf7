"""Writing a file whole or not at all.

Movies, folders of streams and resumable downloads keep their unfinished parts under names of their own instead.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from panscan.errors import InputError


def write_text(text: str, path: Path) -> None:
    """Write a text file (UTF-8) whole or not at all.

    Raises
    ------
    InputError
        The folder or the file cannot be written.
    """
    write_bytes(text.encode(), path)


def write_bytes(data: bytes, path: Path, *, private: bool = False) -> None:
    """Write a file whole or not at all; `private`: only its owner can read it.

    Raises
    ------
    InputError
        The folder or the file cannot be written.
    """
    try:
        with whole_file(path, private=private) as file:
            file.write(data)
    except OSError as error:  # the disk is full, or the path is a folder
        raise InputError(
            f"cannot write {path}", why=str(error.strerror or error), fix="Choose another file or folder with -o."
        ) from error


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file open for writing under a temporary name beside `path`; it takes its name when the block ends well.

    private: only its owner can read it.

    Raises
    ------
    OSError
        The folder or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if not private:
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)  # mkstemp makes private files
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
