"""Buckets of an account that are looked at, and what was taken of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from panscan.errors import UsageError
from panscan.service.database import Db
from panscan.service.spec import JobSpec, parse_job_spec

_MAX_WATCHES = 50  # of an account: each bucket is listed each minute
_LOOK_EVERY_S = 60  # a movie takes longer than this to upload


@dataclass(frozen=True, slots=True)
class BucketWatch:
    """A bucket that is looked at.

    Attributes
    ----------
    account_id, name : str
    connection : str
        The stored connection below whose prefix is looked.
    request : dict
        What each job is asked to do, without its source.
    is_dated : bool
        Whether later movies have keys later in the alphabet: then only these are listed.
    start_after : str
        Of such a bucket the last key that was taken.
    takes_existing : bool
        Whether movies that are there at the first look become jobs too.
    looked_at : datetime, optional
    error : dict, optional
        What, why and fix of the last look, where it failed.
    """

    account_id: str
    name: str
    connection: str
    request: dict[str, Any]
    is_dated: bool
    start_after: str
    takes_existing: bool
    looked_at: datetime | None
    error: dict[str, str] | None

    def to_json(self) -> dict[str, Any]:
        """As answers hold it."""
        looked_at = self.looked_at and self.looked_at.isoformat()
        names = ("name", "connection", "request", "is_dated", "takes_existing", "error")
        return {name: getattr(self, name) for name in names} | {"looked_at": looked_at}

    def spec(self, key: str) -> JobSpec:
        """The job of a movie in the bucket."""
        return _spec(self.request, self.connection, key)


def save_watch(
    db: Db,
    account_id: str,
    name: str,
    connection: str,
    request: Mapping[str, Any],
    *,
    is_dated: bool = False,
    takes_existing: bool = False,
) -> None:
    """Look at a bucket from now on, in place of what was looked at under this name.

    Raises
    ------
    UsageError
        The request is no job's, names a source, or holds secrets; or the account has too many.
    """
    others = [one for one in list_watches(db, account_id) if one.name != name]
    if len(others) >= _MAX_WATCHES:
        raise UsageError("too many watches", why=f"{_MAX_WATCHES} are the most.", fix="Remove one first.")
    if request.get("source") is not None:
        raise UsageError("a watch names no source", why="Its sources are found in the bucket.", fix="Leave it out.")
    if _spec(request, connection, "movie.mp4").secrets():
        raise UsageError(
            "a watch holds no secrets", why="It is kept as it is.", fix="Name a stored connection as destination."
        )
    db.execute(
        """
        insert into watches (account_id, name, connection, request, is_dated, takes_existing)
        values (%s, %s, %s, %s, %s, %s) on conflict (account_id, name) do update set
            connection = excluded.connection, request = excluded.request, is_dated = excluded.is_dated,
            takes_existing = excluded.takes_existing, start_after = '', looked_at = null, error = null
        """,
        [account_id, name, connection, Jsonb(dict(request)), is_dated, takes_existing],
    )


def remove_watch(db: Db, account_id: str, name: str) -> bool:
    """Look at a bucket no more; whether it was."""
    return db.execute("delete from watches where account_id = %s and name = %s", [account_id, name]).rowcount > 0


def list_watches(db: Db, account_id: str) -> list[BucketWatch]:
    """All of an account, by name."""
    with db.cursor(row_factory=class_row(BucketWatch)) as cursor:
        return cursor.execute("select * from watches where account_id = %s order by name", [account_id]).fetchall()


def find_watch(db: Db, account_id: str, name: str) -> BucketWatch | None:
    """A watch of an account."""
    return next((one for one in list_watches(db, account_id) if one.name == name), None)


def watches_due(db: Db) -> list[tuple[str, str]]:
    """Account and name of those that were not looked at for a minute."""
    rows = db.execute(
        """
        select account_id, watches.name from watches join accounts on accounts.id = account_id
        where disabled_at is null and coalesce(looked_at < now() - make_interval(secs => %s), true)
        """,
        [_LOOK_EVERY_S],
    )
    return [(row["account_id"], row["name"]) for row in rows]


def taken_keys(db: Db, account_id: str) -> set[str]:
    """Idempotency keys of the movies that were taken."""
    rows = db.execute("select idempotency_key from taken_objects where account_id = %s", [account_id])
    return {row["idempotency_key"] for row in rows}


def take(db: Db, watch: BucketWatch, idempotency_key: str, job_id: str | None) -> bool:
    """Note that a movie is taken; whether it was not before."""
    sql = "insert into taken_objects (account_id, idempotency_key, job_id) values (%s, %s, %s) on conflict do nothing"
    return db.execute(sql, [watch.account_id, idempotency_key, job_id]).rowcount > 0


def note_look(db: Db, watch: BucketWatch, start_after: str, error: Mapping[str, str] | None) -> None:
    """Write how a look went. One that failed is none: the next may be the first, with movies that were there before."""
    db.execute(
        """
        update watches set start_after = %s, error = %s, looked_at = case when %s then looked_at else now() end
        where account_id = %s and name = %s
        """,
        [start_after, error and Jsonb(dict(error)), error is not None, watch.account_id, watch.name],
    )


def _spec(request: Mapping[str, Any], connection: str, key: str) -> JobSpec:
    return parse_job_spec({**request, "source": {"object": {"connection": connection, "key": key}}})
