"""New media in a bucket: each object once, whoever looks and however often."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import PurePosixPath

import obstore
from obstore.store import ObjectStore

from panscan.service.storage.connections import Connection

# Endings of names of movies; a bucket holds notes and posters too.
_MOVIES = (
    *(".mp4", ".mov", ".m4v", ".3gp", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mxf", ".mpg", ".mpeg"),
    *(".wmv", ".asf", ".flv", ".ogv", ".gxf", ".dv"),
)
_MAX_FOUND = 1000  # at one look: more are found at the next


@dataclass(frozen=True, slots=True)
class FoundObject:
    """A movie in a bucket.

    Attributes
    ----------
    key : str
    etag : str
        The store's word for this version of it.
    size_bytes : int
    modified : datetime
    idempotency_key : str
        The same for the same account, bucket, key and version: the job is made once.
    """

    key: str
    etag: str
    size_bytes: int
    modified: datetime
    idempotency_key: str


def list_new(
    store: ObjectStore,
    connection: Connection,
    account: str,
    *,
    start_after: str = "",
    is_known: Callable[[str], bool] = lambda _: False,
) -> list[FoundObject]:
    """Movies below the prefix of a connection that nobody has taken yet, by key.

    Parameters
    ----------
    start_after : str
        Only keys that come later in the alphabet: for buckets whose keys begin with a date.
    is_known : callable
        Whether an idempotency key was used before.
    """
    pages = obstore.list(store, connection.prefix or None, offset=start_after or None)
    found = (
        FoundObject(
            one["path"], etag := one["e_tag"] or "", one["size"], one["last_modified"],
            _idempotency_key(account, connection, one["path"], etag),
        )
        for one in chain.from_iterable(pages)
        if one["size"] and PurePosixPath(one["path"]).suffix.lower() in _MOVIES
    )  # fmt: skip
    return list(islice((one for one in found if not is_known(one.idempotency_key)), _MAX_FOUND))


def _idempotency_key(account: str, connection: Connection, key: str, etag: str) -> str:
    parts = (account, connection.endpoint, connection.address_of(key), etag)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
