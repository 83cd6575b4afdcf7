"""Where the workers of one job find what others made: a folder that all of them see, or a bucket.

Everything has a name "JOB/NAME". It is written whole or not at all, and may be written twice: the bytes are the same.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from panscan.files import part_of
from panscan.service.temporary import TemporaryError


class Exchange(Protocol):
    """Keeps files of jobs for other workers."""

    def put(self, file: Path, name: str) -> None:
        """Keep a file; it stays where it is, too.

        Raises
        ------
        TemporaryError
            It cannot be kept now.
        """

    def get(self, name: str, file: Path) -> bool:
        """Write to a file what was kept; False where there is nothing of this name.

        Raises
        ------
        TemporaryError
            It cannot be had now.
        """

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""

    def place(self, name: str) -> Path | None:
        """Where it can be read without being fetched; None where it is not there, or has to be fetched."""

    def remove_job(self, job_id: str) -> None:
        """Remove all that was kept for a job."""

    def jobs(self) -> list[str]:
        """The jobs for which something is kept."""


def open_exchange(address: str) -> Exchange:
    """The exchange at an address: a folder, or "s3://BUCKET/FOLDER", "gs://...", "az://...".

    Raises
    ------
    UsageError
        It is neither.
    """
    if "://" not in address:
        return FolderExchange(Path(address))
    from panscan.service.storage.object_exchange import BucketExchange

    return BucketExchange.of(address)


@dataclass(frozen=True, slots=True)
class FolderExchange:
    """A folder that all workers see.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def put(self, file: Path, name: str) -> None:
        """Keep a file; see `Exchange`."""
        _link_or_copy(file, self.folder / name)

    def get(self, name: str, file: Path) -> bool:
        """Write to a file what was kept; see `Exchange`."""
        if self.has(name):
            _link_or_copy(self.folder / name, file)
            return True
        return False

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        return (self.folder / name).is_file()

    def place(self, name: str) -> Path | None:
        """Where it lies."""
        return self.folder / name if self.has(name) else None

    def remove_job(self, job_id: str) -> None:
        """Remove all that was kept for a job."""
        shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def jobs(self) -> list[str]:
        """The jobs for which something is kept."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir()) if self.folder.is_dir() else []


def _link_or_copy(file: Path, target: Path) -> None:
    """Give a file a second name; where that name is on another disk, a copy."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = part_of(target)
        try:
            try:
                os.link(file, part)
            except OSError:  # another disk, or one that has no links
                shutil.copyfile(file, part)
            os.replace(part, target)
        finally:
            with suppress(OSError):  # a link to what is there already keeps its name
                part.unlink()
    except OSError as error:
        raise TemporaryError(
            f"{target} cannot be written", why=f"{error.strerror or error}.", fix="Make room, or check the folder."
        ) from None
