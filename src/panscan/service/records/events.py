"""What happened to jobs, in order, for those who watch one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from panscan.service.database import Db


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job.

    Attributes
    ----------
    id : int
        Rises from event to event.
    kind : str
        "state" or "progress".
    data : dict
        State, stage and percent, as far as they changed.
    at : datetime
    """

    id: int
    kind: str
    data: dict[str, Any]
    at: datetime


def add_event(db: Db, job_id: str, kind: str, data: Mapping[str, Any]) -> int:
    """Note an event; its id."""
    sql = "insert into events (job_id, kind, data) values (%s, %s, %s) returning id"
    row = db.execute(sql, [job_id, kind, Jsonb(dict(data))]).fetchone()
    assert row is not None
    return int(row["id"])


def events_after(db: Db, job_id: str, event_id: int = 0, limit: int = 100) -> list[JobEvent]:
    """A job's events after one, in order."""
    with db.cursor(row_factory=class_row(JobEvent)) as cursor:
        return cursor.execute(
            "select id, kind, data, at from events where job_id = %s and id > %s order by id limit %s",
            [job_id, event_id, limit],
        ).fetchall()


def forget_progress(db: Db, job_id: str) -> None:
    """Remove what was told of a job's progress: at its end nobody asks for it, and it would fill the table."""
    db.execute("delete from events where job_id = %s and kind = 'progress'", [job_id])
