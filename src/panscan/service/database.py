"""The database: opened, brought up to date, and asked by plain functions over a connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from panscan.errors import CapabilityError
from panscan.service.settings import ServiceSettings

Db = psycopg.Connection[DictRow]
Pool = ConnectionPool[Db]

_LOCK = 7240105  # number of the lock under which the tables are changed: any that nobody else uses
_MAX_CONNECTIONS = 10  # of one process; a server of PostgreSQL takes 100 in all
_RECONNECT_S = 300.0  # the pool's own habit
_WAIT_S = 30.0  # for a connection: a server that was killed is back before


@contextmanager
def open_database(settings: ServiceSettings) -> Iterator[Pool]:
    """Connections to the service's database, with all tables as this version wants them.

    Raises
    ------
    CapabilityError
        The server does not answer.
    """
    with database_address(settings) as url, connections(url) as pool:
        yield pool


@contextmanager
def database_address(settings: ServiceSettings, *, is_owner: bool = False) -> Iterator[str]:
    """The address of the server; without one in the settings, of the one that comes with panscan, started for this.

    is_owner: whether that one is stopped at the end also where it ran before.
    """
    if settings.database_url:
        migrate(settings.database_url)
        yield settings.database_url
        return
    from panscan.service.embedded import embedded_postgres

    with embedded_postgres(settings.data / "database", is_owner=is_owner) as url:
        migrate(url)
        yield url


@contextmanager
def connections(url: str, *, reconnect_s: float = _RECONNECT_S) -> Iterator[Pool]:
    """A pool of connections to a database that is up to date; one that broke is replaced.

    reconnect_s: after which the pool gives up to reach a server that is away, until it is asked again. Before that it
    waits twice as long after each try.
    """
    pool: Pool = ConnectionPool(
        url,
        min_size=1,
        max_size=_MAX_CONNECTIONS,
        timeout=_WAIT_S,
        reconnect_timeout=reconnect_s,
        open=False,
        kwargs={"row_factory": dict_row, "autocommit": True},
        check=ConnectionPool.check_connection,
    )
    with pool:
        yield pool


def migrate(url: str) -> None:
    """Bring all tables up to date; safe to call from several processes at once.

    Raises
    ------
    CapabilityError
        The server does not answer, or it was used by a newer version.
    """
    try:
        with psycopg.connect(url, row_factory=dict_row) as db:
            db.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            db.execute("create table if not exists schema_steps (name text primary key, at timestamptz default now())")
            done = {row["name"] for row in db.execute("select name from schema_steps")}
            steps = [*_queue_steps(done), *_own_steps()]
            _refuse_newer(done - {name for name, _ in steps} - {"queue"})
            for name, sql in steps:
                if name not in done:
                    if sql:
                        db.execute(sql.encode())
                    db.execute("insert into schema_steps (name) values (%s)", [name])
    except psycopg.OperationalError as error:
        raise CapabilityError(
            "the database does not answer",
            why=str(error).strip().splitlines()[0],
            fix="Start the server that PANSCAN_DATABASE_URL names, or unset it to use the one that comes with panscan.",
        ) from error


def _refuse_newer(unknown: set[str]) -> None:
    if unknown:
        raise CapabilityError(
            "the database was used by a newer version of panscan",
            why=f"It has {', '.join(sorted(unknown))}, which this version does not know.",
            fix="Install the newer version here, too.",
        )


def _own_steps() -> list[tuple[str, str]]:
    folder = Path(str(files("panscan.service"))) / "migrations"
    return [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))]


def _queue_steps(done: set[str]) -> list[tuple[str, str]]:
    """The queue's own tables: whole at first, later the steps that its newer versions bring."""
    steps = [(f"queue {path.stem}", path) for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))]
    if any(name in done for name, _ in steps):
        return [(name, path.read_text(encoding="utf-8")) for name, path in steps]
    whole = ("queue", SchemaManager.get_schema())
    return [whole, *((name, "") for name, _ in steps)]
