"""Events of all jobs of an account, for those who watch them together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from panscan.service.database import Db


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something that happened to one of the account's jobs.

    Attributes
    ----------
    id : int
        Rises from event to event.
    job_id : str
    data : dict
        State, stage and percent, as far as they changed.
    at : datetime
    """

    id: int
    job_id: str
    data: dict[str, Any]
    at: datetime


def events_of_account(db: Db, account_id: str, event_id: int, limit: int) -> list[AccountEvent]:
    """Events after one, in order."""
    with db.cursor(row_factory=class_row(AccountEvent)) as cursor:
        return cursor.execute(
            "select events.id, job_id, data, at from events join jobs on jobs.id = job_id"
            " where account_id = %s and events.id > %s order by events.id limit %s",
            [account_id, event_id, limit],
        ).fetchall()


def last_event(db: Db) -> int:
    """The number of the newest event of all."""
    row = db.execute("select coalesce(max(id), 0) as id from events").fetchone()
    return int(row["id"]) if row else 0


def count_jobs(db: Db, account_id: str | None = None) -> dict[str, int]:
    """How many jobs are in each state that is not an end; of one account, or of all."""
    sql = (
        "select state, count(*) as jobs from jobs where ended_at is null and (%s::text is null or account_id = %s)"
        " group by state"
    )
    return {row["state"]: row["jobs"] for row in db.execute(sql, [account_id, account_id])}
