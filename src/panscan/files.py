"""Writing a file whole or not at all, also where two processes write it at once.

Unfinished parts have hidden names that no other process uses. Where a part is to be found again by a later run, its
name is fixed, and a lock says whether another process is at work on it.
"""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import BinaryIO

from panscan.errors import InputError

# The blocks of a file that its digest reads: together 4 MB, read in a moment even over a network.
_BLOCK_BYTES = 256 * 1024
_BLOCKS = 16
_LOCK = ".lock"  # ending of the name of a lock
_MAX_KEPT_BYTES = 200  # of a name inside a hidden name: file systems take 255 in all, and endings need up to 40
_ABANDONED_S = 3600  # since a part was last written: an encoder at work writes every few seconds
# Environment variable: a file where this process and those it starts list their unfinished parts and their locks, so
# that whoever started it can remove them after a crash.
UNFINISHED_LIST = "PANSCAN_UNFINISHED_LIST"


def name_text(path: Path | str) -> str:
    r"""A name or path as text that every file and screen takes: bytes that are no UTF-8 become \xff and so on."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


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
    part = part_of(path)
    handle = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600 if private else 0o666
    )
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def digest_of(file: BinaryIO) -> str:
    """Hash of a file's size and of 16 evenly spread blocks."""
    size = file.seek(0, os.SEEK_END)
    digest = blake2b(str(size).encode(), digest_size=16)
    whole = size <= _BLOCKS * _BLOCK_BYTES
    for start in [0] if whole else [n * (size - _BLOCK_BYTES) // (_BLOCKS - 1) for n in range(_BLOCKS)]:
        file.seek(start)
        digest.update(file.read(size if whole else _BLOCK_BYTES))
    return digest.hexdigest()


def part_of(path: Path) -> Path:
    """A new hidden name beside `path`, with the same suffix, for the unfinished file."""
    part = hidden(path, f".{secrets.token_hex(4)}.part{path.suffix}")
    _list_unfinished(part)
    return part


def _list_unfinished(path: Path) -> None:
    listed = os.environ.get(UNFINISHED_LIST)
    if listed:
        with suppress(OSError), open(listed, "ab") as file:
            file.write(os.fsencode(path.absolute()) + b"\0")  # one short write: lines of two processes do not mix


def remove_unfinished(listed: Path) -> None:
    """Remove what a process that crashed, and listed its unfinished parts, has left of them."""
    for name in listed.read_bytes().split(b"\0")[:-1] if listed.is_file() else ():
        path = Path(os.fsdecode(name))
        with suppress(OSError):
            if path.suffix == _LOCK:
                _remove_lock(path)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def remove_abandoned_parts(path: Path) -> None:
    """Remove what killed processes left under names of `part_of`; what another process may still write stays."""
    pattern = glob.escape(hidden(path, ".").name) + f"*.part{glob.escape(path.suffix)}"
    for part in path.parent.glob(pattern):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


@contextmanager
def claimed(path: Path) -> Iterator[Path]:
    """`path`, or the first numbered name (STEM.2.SUFFIX and so on) that no other process has claimed, for the block.

    A name is free again when the process ends in any way.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    names = (path if n == 1 else path.with_name(f"{path.stem}.{n}{path.suffix}") for n in count(1))
    tried = ((name, hidden(name, _LOCK)) for name in names)
    name, lock, handle = next((name, lock, got) for name, lock in tried if (got := _locked(lock)) is not None)
    _list_unfinished(lock)
    try:
        yield name
    finally:
        _free(lock, handle)


def _free(lock: Path, handle: int) -> None:
    with suppress(OSError):  # Windows removes no open file: it stays, empty, until the next run
        lock.unlink()
    os.close(handle)


def _remove_lock(lock: Path) -> None:
    """Remove a lock that nobody has any more."""
    handle = _locked(lock) if lock.is_file() else None
    if handle is not None:
        _free(lock, handle)


def _locked(lock: Path) -> int | None:
    """The open lock file; None if another process has it."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT)
        if not try_lock(handle):
            os.close(handle)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(lock)):
                return handle
        os.close(handle)  # the process that had it removed it in between


def try_lock(handle: int) -> bool:
    """Lock an open file until it is closed; False if another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks
    return True


def hidden(path: Path, ending: str) -> Path:
    """A hidden name beside `path` that shows to what it belongs."""
    name = path.name.removeprefix(".")
    if len(os.fsencode(name)) > _MAX_KEPT_BYTES:
        name = blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return path.with_name(f".{name}{ending}")
