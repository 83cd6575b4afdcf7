"""Values that every way of getting and giving files shares."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from panscan.errors import InputError
from panscan.service.temporary import TemporaryError

Progress = Callable[[int, int | None], None]  # bytes done, and in all if that is known

_ROOM_BYTES = 1024**3  # left free on the disk: for the movies of the jobs that run
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
    key : str
        Its name in the bucket; of a folder empty.
    url : str
        Where it lies: "s3://bucket/key" and the like, or a path.
    sha256 : str
        Hexadecimal digest of its bytes.
    size_bytes : int
    """

    name: str
    key: str
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


def refuse_full_disk(shown: str, size_bytes: int, folder: Path) -> None:
    """Raise an error for a file that would fill the disk, and with it end other jobs.

    Raises
    ------
    TemporaryError
        It would; there may be room later.
    """
    if size_bytes + _ROOM_BYTES > shutil.disk_usage(folder).free:
        raise TemporaryError(
            f"there is no room for {shown}", why=f"It has {size_bytes} bytes.", fix="Make room, or wait for other jobs."
        )
