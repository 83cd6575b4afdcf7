"""Files from http(s) addresses that strangers give, whole or not at all. What broke off goes on where it was."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from panscan.errors import InputError
from panscan.files import whole_file
from panscan.service.redaction import RedactedUrl
from panscan.service.storage.addresses import WebAddress
from panscan.service.storage.failures import refused_answer
from panscan.service.storage.http import GuardedClient
from panscan.service.storage.transfer import Fetched, Progress, refuse_full_disk, refuse_size
from panscan.service.temporary import TemporaryError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5  # signed links and short links take one to three
_MAX_BREAKS = 5  # of one file: a line that breaks oftener is left to the next try of the job
_BREAK_S = 1.0  # before it is asked for the rest; twice as long each time
_SPEED_GRACE_S = 30  # after the start: until then slowness is no sign
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


@dataclass(slots=True)
class _Received:
    """What has come of a file.

    Attributes
    ----------
    shown : str
        Its address, without what may be secret.
    folder : Path
    file : BinaryIO
        Where it is written.
    began_s : float
        By the clock that only goes forward.
    done_bytes, total_bytes : int
        The second is None where it is not announced.
    version : str
        The host's word for this version of it, with which the rest is asked for.
    """

    shown: str
    folder: Path
    file: BinaryIO
    began_s: float = field(default_factory=time.monotonic)
    done_bytes: int = 0
    total_bytes: int | None = None
    version: str = ""
    digest: Any = field(default_factory=hashlib.sha256)


def download(client: GuardedClient, url: RedactedUrl, path: Path, progress: Progress | None = None) -> Fetched:
    """Write the file at an address.

    Raises
    ------
    UsageError, InputError
        The address is refused, nothing is there, or it is too large: another try is useless.
    TemporaryError
        The network or the host failed, or was too slow.
    """
    return asyncio.run(client.in_time(_download(client, url, path, progress), client.policy.max_s, str(url)))


async def _download(client: GuardedClient, url: RedactedUrl, path: Path, progress: Progress | None) -> Fetched:
    with whole_file(path) as file:
        received = _Received(str(url), path.parent, file)
        for breaks in range(_MAX_BREAKS + 1):
            before_bytes = received.done_bytes
            try:
                async with _opened(client, url, received) as answer:
                    await _receive(client, answer, received, progress)
                    break
            except TemporaryError:
                if breaks == _MAX_BREAKS or not received.version or received.done_bytes == before_bytes:
                    raise
            await asyncio.sleep(_BREAK_S * 2**breaks)
    return Fetched(path, received.digest.hexdigest(), received.done_bytes)


@asynccontextmanager
async def _opened(client: GuardedClient, url: RedactedUrl, received: _Received) -> AsyncIterator[httpx.Response]:
    """The answer that holds the file, or the rest of it, after all redirects."""
    address = client.address(url.reveal())
    rest = {"Range": f"bytes={received.done_bytes}-", "If-Range": received.version} if received.done_bytes else {}
    for _ in range(_MAX_REDIRECTS + 1):
        async with client.answer("GET", address, headers=rest) as answer:
            if answer.status_code not in _REDIRECTS:
                _begin(client, answer, received)
                yield answer
                return
            address = _redirected(client, address, answer)
    raise InputError(
        f"{url} leads on and on",
        why=f"It was redirected more than {_MAX_REDIRECTS} times.",
        fix="Give the last address.",
    )


def _redirected(client: GuardedClient, address: WebAddress, answer: httpx.Response) -> WebAddress:
    try:
        target = address.url.join(answer.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError):
        raise InputError(
            f"{address} leads nowhere", why="Its redirect is not understood.", fix="Give the last address."
        ) from None
    return client.address(str(target))


def _begin(client: GuardedClient, answer: httpx.Response, received: _Received) -> None:
    """Judge the head of an answer, before anything of it is taken."""
    shown = received.shown
    if answer.status_code != (206 if received.done_bytes else 200):
        if received.done_bytes and answer.status_code == 200:  # the file changed, or the host gives no parts
            raise TemporaryError(f"{shown} broke off", why="Its host does not go on with it.", fix="Try again later.")
        raise refused_answer(f"{shown} gives no file", answer.status_code, "Check the address and its signature.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise InputError(
            f"{shown} is compressed on the way", why="Its size cannot be known.", fix="Serve the file as it is."
        )
    if received.done_bytes:
        found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if found is None or int(found[1]) != received.done_bytes:
            raise InputError(f"{shown} gives other parts than asked for", why="Its host errs.", fix="Use another host.")
        return
    length = answer.headers.get("content-length", "")
    received.total_bytes = int(length) if length.isdecimal() else None
    etag = answer.headers.get("etag", "")
    received.version = "" if etag.startswith("W/") else etag  # a weak one may stand for other bytes
    refuse_size(shown, received.total_bytes or 0, client.policy.max_bytes)
    refuse_full_disk(shown, received.total_bytes or 0, received.folder)


async def _receive(
    client: GuardedClient, answer: httpx.Response, received: _Received, progress: Progress | None
) -> None:
    async for chunk in answer.aiter_raw():
        received.done_bytes += len(chunk)
        refuse_size(received.shown, received.done_bytes, client.policy.max_bytes)
        _refuse_slowness(received, client.policy.min_bytes_per_s)
        received.digest.update(chunk)
        received.file.write(chunk)
        if progress:
            progress(received.done_bytes, received.total_bytes)
    if received.total_bytes not in (None, received.done_bytes):
        raise TemporaryError(f"{received.shown} broke off", why="Less came than was announced.", fix="Try again later.")


def _refuse_slowness(received: _Received, min_bytes_per_s: int) -> None:
    elapsed_s = time.monotonic() - received.began_s
    if received.done_bytes < min_bytes_per_s * (elapsed_s - _SPEED_GRACE_S):
        raise TemporaryError(
            f"{received.shown} is too slow",
            why=f"It gave less than {min_bytes_per_s} bytes a second.",
            fix="Use a faster host.",
        )
