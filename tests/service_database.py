"""A database of the service for each test: one server, and in it a fresh copy for whoever asks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from panscan.service.database import migrate
from panscan.service.embedded import embedded_postgres

_NUMBERS = count()


@contextmanager
def database_server() -> Iterator[str]:
    """A running server with a template of the service's tables; its address."""
    # Not in pytest's own folder: the name of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="panscan-") as folder, embedded_postgres(Path(folder) / "database") as url:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("create database template_service")
        migrate(_named(url, "template_service"))
        yield url


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
