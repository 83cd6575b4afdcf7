"""The three things that the service asks of storage: fetch a source, publish results, look for new media."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from obstore.store import S3Store

from panscan.errors import InputError, UsageError
from panscan.service.redaction import RedactedUrl
from panscan.service.spec_parts import DestinationSpec, SourceSpec
from panscan.service.storage.broken_off import S3Bucket, end_broken_uploads
from panscan.service.storage.connections import Connection
from panscan.service.storage.containers import check_container
from panscan.service.storage.downloads import download
from panscan.service.storage.folders import put_file, refuse_folder, relative_name, take_file
from panscan.service.storage.http import GuardedClient
from panscan.service.storage.names import naming
from panscan.service.storage.objects import check_keys, get_object, goes_in_parts, open_store, put_object, told
from panscan.service.storage.policy import StoragePolicy
from panscan.service.storage.transfer import Fetched, Progress, Published, refuse_size, sha256_of
from panscan.service.storage.watching import FoundObject, list_new
from panscan.service.temporary import TemporaryError

Connections = Callable[[str], Connection]  # a stored connection by its name; a UsageError where there is none
_FILES_AT_ONCE = 4  # of segments, each with an answer to wait for; and 128 MiB in memory
_PLAYLISTS = (".m3u8", ".mpd")
_MAX_NAME_LETTERS = 100  # of a file: names of results are longer, and file systems take 255 bytes


def fetch_source(
    source: SourceSpec,
    folder: Path,
    *,
    policy: StoragePolicy,
    connections: Connections,
    uploads: Callable[[str], Path] | None = None,
    progress: Progress | None = None,
    client: GuardedClient | None = None,
) -> Fetched:
    """Bring a job's media to this machine, and see that it is a movie before anything opens it.

    Parameters
    ----------
    source : SourceSpec
    folder : Path
        Where downloads are written. Files of this machine and uploads stay where they are.
    policy : StoragePolicy
    connections, uploads : callable
        Give a stored connection, and the file of an upload.
    progress : callable, optional
        Told the bytes that are there, and how many there will be.
    client : GuardedClient, optional
        For http(s); None for one that reaches the public internet.

    Raises
    ------
    UsageError, InputError
        It is not allowed, not there, too large or no movie: another try is useless.
    TemporaryError
        A network or a store failed in a way that may pass.
    """
    client = client or GuardedClient(policy.http)
    fetched = _fetch(source, folder, policy, connections, uploads, progress, client)
    try:
        check_container(fetched.path)
    except InputError:
        if fetched.path.parent == folder:  # it was brought here: what is no movie does not stay
            fetched.path.unlink(missing_ok=True)
        raise
    return fetched


def _fetch(
    source: SourceSpec,
    folder: Path,
    policy: StoragePolicy,
    connections: Connections,
    uploads: Callable[[str], Path] | None,
    progress: Progress | None,
    client: GuardedClient,
) -> Fetched:
    most = policy.http.max_bytes
    if source.path:
        return take_file(Path(source.path), policy.read_folders, max_bytes=most, progress=progress)
    if source.upload:
        return _uploaded(source.upload, uploads, most, progress)
    if source.connection or source.secret:
        connection, key = _object_of(source, connections)
        store = open_store(connection, client, policy.trusted_endpoints)
        target = folder / _file_name(key)
        return get_object(store, connection.address_of(key), key, target, max_bytes=most, progress=progress)
    url = RedactedUrl(source.url)
    try:
        return download(client, url, folder / _file_name(unquote(urlsplit(source.url).path)), progress)
    except OSError as error:
        raise TemporaryError(f"{url} cannot be kept here", why=str(error.strerror), fix="Make room.") from None


def _object_of(source: SourceSpec, connections: Connections) -> tuple[Connection, str]:
    """The bucket that a source lies in, and its key there."""
    if source.secret:
        return Connection.of_source(source)
    connection = connections(source.connection)
    return connection, connection.key_inside(source.key)


def _uploaded(upload: str, uploads: Callable[[str], Path] | None, max_bytes: int, progress: Progress | None) -> Fetched:
    if uploads is None:
        raise UsageError("there are no uploads here", why="The service takes none.", fix="Give another source.")
    path = uploads(upload)
    if not path.is_file():
        raise InputError(f"upload {upload} is not there", why="It is not known or too old.", fix="Upload it again.")
    refuse_size(f"upload {upload}", path.stat().st_size, max_bytes)
    return Fetched(path, sha256_of(path, progress), path.stat().st_size)


def _file_name(key: str) -> str:
    """A harmless name for a download, near to the one it had: letters, digits, dots and dashes."""
    path = PurePosixPath(key)
    stem, suffix = (re.sub(r"[^\w.-]+", "_", part, flags=re.ASCII).strip("._") for part in (path.stem, path.suffix))
    return f"{stem[:_MAX_NAME_LETTERS] or 'movie'}.{suffix[:10] or 'bin'}"


def publish(
    files: Mapping[str, Path],
    destination: DestinationSpec,
    *,
    owner: str,
    policy: StoragePolicy,
    connections: Connections,
    is_retry: bool = False,
    progress: Progress | None = None,
    client: GuardedClient | None = None,
) -> tuple[Published, ...]:
    """Copy results to where the job wants them. It may be called again: what is there already is left.

    Playlists go last, so that whoever finds one finds all that it names. An address that ends like a movie
    ("s3://bucket/a/final.mp4") is the movie's own name; the rest goes beside it, "talk.9x16.otio" as "final.otio". With
    `names` this holds for each shape.

    Parameters
    ----------
    files : mapping of str to Path
        Each name, which may hold folders ("hls/9x16/main.m3u8"), and the file.
    destination : DestinationSpec
    owner : str
        The job's id: it may replace objects that it has written, and no others.
    policy, connections, client
        As of `fetch_source`.
    is_retry : bool
        Whether it was called before, and may have been killed: what S3 keeps of files that were half sent is removed.
    progress : callable, optional
        Told the bytes that are sent, after each file, and how many there are.

    Raises
    ------
    UsageError, InputError
        It is not allowed, or something else is there: another try is useless.
    TemporaryError
        A network or a store failed in a way that may pass.
    """
    url, called = naming(destination, files)
    known = client or GuardedClient(policy.http)
    put = _putter(replace(destination, url=url), owner, policy, connections, known, is_retry)
    total, published = sum(file.stat().st_size for file in files.values()), []
    for is_last in (False, True):
        names = [name for name in files if (PurePosixPath(name).suffix in _PLAYLISTS) is is_last]
        for name, one in _at_once(lambda name: put(called(name), files[name]), names):
            published.append(replace(one, name=name))
            if progress:
                progress(sum(each.size_bytes for each in published), total)
    return tuple(published)


def _at_once(put: Callable[[str], Published], names: Sequence[str]) -> Iterator[tuple[str, Published]]:
    """Several files at the same time: most of it is waiting for the store. One that fails stops those that wait."""
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        sent = [pool.submit(put, name) for name in names]
        try:
            yield from ((name, one.result()) for name, one in zip(names, sent, strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _putter(
    destination: DestinationSpec,
    owner: str,
    policy: StoragePolicy,
    connections: Connections,
    client: GuardedClient,
    is_retry: bool,
) -> Callable[[str, Path], Published]:
    if destination.path:
        folder = Path(destination.path)
        return lambda name, file: put_file(file, name, folder, policy.write_folders, overwrite=destination.overwrite)
    connection = _bucket_of(destination, connections)
    store = open_store(connection, client, policy.trusted_endpoints, permissions=destination.permissions)

    def put(name: str, file: Path) -> Published:
        key = str(PurePosixPath(connection.prefix) / relative_name(name))
        shown = connection.address_of(key)
        chosen = destination.storage_class
        if is_retry and isinstance(store, S3Store) and goes_in_parts(file):
            is_trusted = connection.endpoint in policy.trusted_endpoints
            end_broken_uploads(S3Bucket.of(store, connection), key, client, is_trusted=is_trusted)
        return put_object(
            store, shown, key, name, file, owner=owner, storage_class=chosen, overwrite=destination.overwrite
        )

    return put


def _bucket_of(destination: DestinationSpec, connections: Connections) -> Connection:
    if destination.connection:
        return connections(destination.connection).narrowed(destination.url)
    return Connection.of_destination(destination)


def check_destination(
    destination: DestinationSpec,
    *,
    policy: StoragePolicy,
    connections: Connections,
    client: GuardedClient | None = None,
) -> None:
    """Refuse a destination that cannot work, before hours are spent on what goes there.

    Parameters are those of `publish`.

    Raises
    ------
    UsageError, InputError
        It is not allowed, its bucket is not there, or its keys are unknown.
    TemporaryError
        It is not known where it lies.
    """
    if destination.path:
        refuse_folder(Path(destination.path), policy.write_folders)
        return
    connection = _bucket_of(destination, connections)
    known = client or GuardedClient(policy.http)
    store = open_store(connection, known, policy.trusted_endpoints, permissions=destination.permissions)
    check_keys(store, connection.url, str(PurePosixPath(connection.prefix) / ".panscan"))


def watch_bucket(
    connection: Connection,
    account: str,
    *,
    policy: StoragePolicy,
    start_after: str = "",
    is_known: Callable[[str], bool] = lambda _: False,
    client: GuardedClient | None = None,
) -> list[FoundObject]:
    """Movies below the prefix of a connection that were not taken yet: see `watching.list_new`.

    Raises
    ------
    UsageError, InputError
        The bucket may not be read.
    TemporaryError
        The store failed in a way that may pass.
    """
    store = open_store(connection, client or GuardedClient(policy.http), policy.trusted_endpoints)
    with told(connection.url):
        return list_new(store, connection, account, start_after=start_after, is_known=is_known)
