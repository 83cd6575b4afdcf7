"""Movies that clients send in pieces: one folder per account, one file per upload, and beside it what was promised.

How much has arrived is the size of the file, so a break of any kind loses nothing that was written.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from panscan.errors import InputError
from panscan.files import try_lock, write_bytes

KEPT_S = 24 * 3600  # after the last byte, in seconds: a day to go on, or to begin a job
_FREE_BYTES = 2 * 1024**3  # of the disk that stay free: the database and running jobs need some
_ID = re.compile(r"[0-9a-f]{32}")  # of an upload; anything else would name a file elsewhere
_ID_BYTES = 16  # 128 random bits: nobody guesses them
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of a folder


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload.

    Attributes
    ----------
    id : str
    length_bytes : int
        Of the whole file.
    file_name : str
        As the client calls it; it names no file here.
    offset_bytes : int
        How much has arrived.
    expires_at_s : float
        When it is removed, in seconds since 1970.
    """

    id: str
    length_bytes: int
    file_name: str
    offset_bytes: int
    expires_at_s: float

    @property
    def is_finished(self) -> bool:
        """Whether all of it has arrived."""
        return self.offset_bytes == self.length_bytes


@dataclass(frozen=True, slots=True)
class _Promise:
    """What a client says before it sends."""

    length_bytes: int
    file_name: str


class UploadStore:
    """The uploads of all accounts in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, account: str, length_bytes: int, file_name: str = "") -> Upload:
        """Make room for a new upload.

        Raises
        ------
        UploadRefused
            The disk has no room for it.
        """
        left_bytes = sum(one.length_bytes - one.offset_bytes for one in self.of_account(account))
        if not self._has_room(left_bytes + length_bytes):
            raise UploadRefused(
                "there is no room for the upload", why="The disk is nearly full.", fix="Come back later."
            )
        upload_id = secrets.token_hex(_ID_BYTES)
        path = self._path(account, upload_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        promise = json.dumps(asdict(_Promise(length_bytes, file_name)))
        write_bytes(promise.encode(), path.with_suffix(".json"), private=True)
        path.touch(mode=0o600)
        return self.get(account, upload_id)

    def get(self, account: str, upload_id: str) -> Upload:
        """An upload of this account.

        Raises
        ------
        NoSuchUpload
            There is none.
        """
        path = self._path(account, upload_id)
        try:
            promise = _Promise(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
            state = path.stat()
        except (OSError, ValueError, TypeError) as error:
            raise NoSuchUpload from error
        expires_s = state.st_mtime + KEPT_S
        return Upload(upload_id, promise.length_bytes, promise.file_name, state.st_size, expires_s)

    def of_account(self, account: str) -> list[Upload]:
        """All uploads of an account."""
        folder = self._path(account, "0" * 2 * _ID_BYTES).parent
        return [self.get(account, path.stem) for path in sorted(folder.glob("*.json"))]

    @contextlib.contextmanager
    def writer(self, account: str, upload_id: str, offset_bytes: int) -> Iterator[UploadWriter]:
        """What appends to an upload; one at a time.

        Raises
        ------
        NoSuchUpload
            There is none.
        UploadConflict
            Another writer is at work, or the offset is not where it ends.
        """
        upload = self.get(account, upload_id)
        with self._path(account, upload_id).open("ab") as file:
            if not try_lock(file.fileno()):
                why = "Another request writes to it."
                raise UploadConflict("the upload is busy", why=why, fix="Ask where it ends, then go on.")
            if (end := file.seek(0, 2)) != offset_bytes:
                why = f"It has {end} bytes, and {offset_bytes} were expected."
                raise UploadConflict("the upload ends elsewhere", why=why, fix="Ask where it ends, then go on.")
            yield UploadWriter(file, upload.length_bytes - end)

    def file(self, account: str, upload_id: str) -> Path:
        """The file of a finished upload.

        Raises
        ------
        InputError
            There is none, or a part of it is missing.
        """
        upload = self.get(account, upload_id)
        if not upload.is_finished:
            why = f"{upload.offset_bytes} of {upload.length_bytes} bytes have arrived."
            raise InputError("the upload is not whole", why=why, fix="Send the rest, then begin the job.")
        return self._path(account, upload_id)

    def remove(self, account: str, upload_id: str) -> None:
        """Forget an upload.

        Raises
        ------
        NoSuchUpload
            There is none.
        """
        self.get(account, upload_id)
        for path in (self._path(account, upload_id), self._path(account, upload_id).with_suffix(".json")):
            path.unlink(missing_ok=True)

    def sweep(self, kept: Collection[str] = ()) -> int:
        """Remove what is too old, but for the ids that jobs still need; how many there were."""
        old = [
            (path.parent.name, path.stem)
            for path in self._folder.glob("*/*.json")
            if path.stem not in kept and self.get(path.parent.name, path.stem).expires_at_s < time.time()
        ]
        for account, upload_id in old:
            self.remove(account, upload_id)
        return len(old)

    def _has_room(self, size_bytes: int) -> bool:
        try:
            return shutil.disk_usage(self._folder).free - size_bytes > _FREE_BYTES
        except OSError:
            return True  # a folder that tells nothing of its disk

    def _path(self, account: str, upload_id: str) -> Path:
        if not _ACCOUNT.fullmatch(account) or not _ID.fullmatch(upload_id):
            raise NoSuchUpload
        return self._folder / account / upload_id


class NoSuchUpload(InputError):
    """It was removed, or never was, or belongs to another account."""

    def __init__(self) -> None:
        super().__init__("there is no such upload", why="It was removed, or never was.", fix="Make a new one.")


class UploadRefused(InputError):
    """There is no room for it."""


class UploadConflict(InputError):
    """Two clients, or one that lost count, write to the same upload."""


class UploadWriter:
    """Appends to an upload and stops at its promised length."""

    def __init__(self, file: BinaryIO, left_bytes: int) -> None:
        self._file, self._left_bytes = file, left_bytes

    def write(self, data: bytes) -> None:
        """Append a piece.

        Raises
        ------
        InputError
            It is more than was promised; nothing of the piece is kept.
        """
        if len(data) > self._left_bytes:
            why = f"{self._left_bytes} bytes were to come, and {len(data)} came."
            raise InputError("the upload is longer than promised", why=why, fix="Make a new one of the right length.")
        self._file.write(data)
        self._left_bytes -= len(data)
