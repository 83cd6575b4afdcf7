"""Values that every way of getting and giving files shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from panscan.errors import InputError

Progress = Callable[[int, int | None], None]  # bytes done, and in all if that is known

_BLOCK_BYTES = 1024 * 1024  # read at once for a digest: larger blocks are no faster


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source that lies on this machine.

    Attributes
    ----------
    path : Path
    sha256 : str
        Hexadecimal digest of its bytes.
    size_bytes : int
    """

    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Published:
    """A result that lies where it was asked to.

    Attributes
    ----------
    name : str
        Its name among the results of the job.
    url : str
        Where it lies: "s3://bucket/key" and the like, or a path.
    sha256 : str
        Hexadecimal digest of its bytes.
    size_bytes : int
    """

    name: str
    url: str
    sha256: str
    size_bytes: int


def sha256_of(path: Path, progress: Progress | None = None) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            if progress:
                progress(done, total)
    return digest.hexdigest()


def refuse_size(shown: str, size_bytes: int, max_bytes: int) -> None:
    """Raise an error for a file that is too large.

    Raises
    ------
    InputError
        It is.
    """
    if size_bytes > max_bytes:
        raise InputError(
            f"{shown} is too large", why=f"The largest size is {max_bytes} bytes.", fix="Give a smaller file."
        )
