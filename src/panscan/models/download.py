"""Fetches one file of the table: resumable, verified, and under its own name only when whole."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from panscan import __version__
from panscan.errors import CapabilityError
from panscan.models.store import models_folder, sha256_of, state
from panscan.models.table import Weights

Progress = Callable[[int, int], None]

_BLOCK_BYTES = 1 << 16
# A server that drips is as good as one that is silent: less than this on average per time-out ends the attempt.
_MIN_BYTES_PER_S = 1000


def pull(
    weights: Weights, *, folder: Path | None = None, timeout_s: float = 30.0, progress: Progress | None = None
) -> Path:
    """Fetch the weights unless they are there; what an earlier attempt got is continued.

    Parameters
    ----------
    weights : Weights
    folder : Path, optional
        Where to put the file; the models folder by default.
    timeout_s : float
        Longest silence of the server.
    progress : callable (bytes done, bytes in all), optional

    Raises
    ------
    CapabilityError
        No network, another file than expected, or a folder that cannot be written.
    """
    folder = folder or models_folder()
    path = folder / weights.file
    if state(weights, folder) == "present":
        return path
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{weights.file}.part"
    resumed = _size(part) > 0
    _fetch(weights, part, timeout_s, progress)
    if resumed and sha256_of(part) != weights.sha256:
        # The older half may stem from another file or a broken disk: once more, from the start.
        part.unlink()
        _fetch(weights, part, timeout_s, progress)
    if (found := sha256_of(part)) != weights.sha256:
        part.unlink()
        raise _other_file(weights, f"its SHA-256 is {found}, expected is {weights.sha256}")
    with _writing(folder):
        os.replace(part, path)
    return path


def _fetch(weights: Weights, part: Path, timeout_s: float, progress: Progress | None) -> None:
    """Bring `part` to its full size, from where it stands if the server can."""
    have = _size(part)
    if have > weights.size_bytes:
        part.unlink()
        have = 0
    if have == weights.size_bytes:
        return
    try:
        with _answer(weights, have, timeout_s) as answer:
            have = _start(weights, answer, have)
            # An incomplete part stays for the next attempt, whatever ends this one.
            with _writing(part.parent), part.open("r+b" if have else "wb") as file:
                file.seek(have)
                for block in _blocks(answer, timeout_s):
                    have += len(block)
                    if have > weights.size_bytes:
                        file.truncate(0)
                        raise _other_file(weights, f"it is longer than {weights.size_bytes} bytes")
                    file.write(block)
                    if progress:
                        progress(have, weights.size_bytes)
                file.flush()
                os.fsync(file.fileno())
    except CapabilityError:
        raise
    except Exception as error:  # urllib lets through whatever a broken server provokes
        raise _no_answer(weights, error, have, timeout_s) from error
    if have < weights.size_bytes:
        raise CapabilityError(
            f"the download of {weights.name} ended early",
            why=f"The server closed the connection after {have} of {weights.size_bytes} bytes.",
            fix="Run the same command again: it continues where this one stopped.",
        )


def _answer(weights: Weights, have: int, timeout_s: float) -> Any:
    headers = {"User-Agent": f"panscan/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    return urllib.request.urlopen(urllib.request.Request(weights.url, headers=headers), timeout=timeout_s)


def _start(weights: Weights, answer: Any, have: int) -> int:
    """The byte at which the answer starts: `have`, or 0 where the server knows no ranges."""
    if answer.status == 206:
        wanted = f"bytes {have}-{weights.size_bytes - 1}/{weights.size_bytes}"
        given = answer.headers.get("Content-Range", "")
        if given != wanted:
            raise _other_file(weights, f"the server offers {given!r} of it, asked for was {wanted!r}")
        return have
    length = answer.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != weights.size_bytes:
        raise _other_file(weights, f"it has {length} bytes, expected are {weights.size_bytes}")
    return 0


def _blocks(answer: Any, timeout_s: float) -> Iterator[bytes]:
    """The body as it arrives; raises TimeoutError when the server drips."""
    since, got = time.monotonic(), 0
    # read1 returns what one packet brought; read would wait for a full block, and a drip would never time out.
    while block := answer.read1(_BLOCK_BYTES):
        yield block
        got += len(block)
        if (passed_s := time.monotonic() - since) > timeout_s:
            if got < _MIN_BYTES_PER_S * passed_s:
                raise TimeoutError
            since, got = time.monotonic(), 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


class _WritingError(Exception):
    """Tells a disk that refuses from a network that fails: both raise OSError."""


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    yield


def _other_file(weights: Weights, why: str) -> CapabilityError:
    return CapabilityError(
        f"the server gives another file than the model {weights.name}",
        why=f"{weights.url}: {why}.",
        fix=f"Nothing was kept. Get {weights.file} from somebody who has it and put it into the models folder "
        "(`panscan models path`), or update panscan.",
    )


def _no_answer(weights: Weights, error: Exception, have: int, timeout_s: float) -> CapabilityError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        why = f"The server answered {error.code} {error.reason}"
    elif isinstance(reason, TimeoutError):
        why = f"The server was silent or too slow for {timeout_s:g} s"
    else:
        why = str(reason) or type(reason).__name__
    return CapabilityError(f"the model {weights.name} cannot be fetched", why="", fix="")
