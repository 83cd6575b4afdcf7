"""A database of the service for each test: one server, and in it a fresh copy for whoever asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest

import needed
from panscan.service.database import Db, migrate
from panscan.service.embedded import embedded_postgres
from panscan.service.records import upkeep

_NUMBERS = count()
DEBIAN_USER = "postgres" if os.geteuid() == 0 else None  # its server does not run as root; the package made this user

# For tests that run on both: on the server that comes with panscan, and on the one that Debian has.
on_both_servers = pytest.mark.parametrize("service_database", ["database_server", "debian_server"], indirect=True)


@contextmanager
def database_server() -> Iterator[str]:
    """The server that comes with panscan, with a template of the service's tables; its address."""
    # Not in pytest's own folder: the name of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="panscan-") as folder, embedded_postgres(Path(folder) / "database") as url:
        yield _with_template(url)


@contextmanager
def folder_of_server() -> Iterator[Path]:
    """A folder for a server of Debian, of the user whose it is; the name of a socket in it is short."""
    with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
        shutil.chown(folder, DEBIAN_USER or os.geteuid())
        yield Path(folder)


@contextmanager
def debian_server() -> Iterator[str]:
    """The server that Debian has, started by an ordinary user, with the same template; its address."""
    programs = needed.debian_postgres()
    with folder_of_server() as folder:
        run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, user=DEBIAN_USER, cwd=folder)
        data, options = f"{folder}/data", f"-k {folder} -c listen_addresses='' -c fsync=off"
        run([programs / "initdb", "-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"])
        run([programs / "pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "--wait", "start"])
        try:
            yield _with_template(f"postgresql://postgres@/postgres?host={folder}")
        finally:
            run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _with_template(server: str) -> str:
    with psycopg.connect(server, autocommit=True) as db:
        db.execute("create database template_service")
    migrate(_named(server, "template_service"))
    return server


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A database with empty tables; its address."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"create database {name} template template_service")
    yield _named(server, name)
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"drop database {name} with (force)")


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def sweep(db: Db) -> None:
    """As a service sweeps that has run for long: what gave no sign for a moment counts as killed."""
    db.execute("delete from sweeps")
    upkeep.sweep(db, 0)
