"""Jobs as workers see them. Every write says whose attempt it is: a worker that was given up changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from panscan.errors import PanscanError
from panscan.service.database import Db
from panscan.service.queue import enqueue_job
from panscan.service.records import announcements, events, minutes, parts
from panscan.service.records.jobs import Seals, end_job
from panscan.service.spec import JobSpec, parse_job_spec
from panscan.service.states import CANCELLED, FAILED, QUEUED, RUNNING, STATE_OF_STAGE, percent_of

MAX_KILLS = 3  # in one stage: the media, not the machine, is what ends the process
_RETRY_DELAYS_S = (10, 60, 300, 900)  # after errors that may pass: a busy store, a network that is away for a while


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has taken up.

    Attributes
    ----------
    job_id, account_id : str
    attempt, run : int
    spec : JobSpec
        With its secrets.
    """

    job_id: str
    account_id: str
    attempt: int
    run: int
    spec: JobSpec


def claim(db: Db, job_id: str, worker: str, seals: Seals | None = None) -> Claim | None:
    """Take a queued job up; None where it does not wait any more, or cannot be read: then it has failed."""
    with db.transaction():
        row = db.execute(
            """
            update jobs set state = 'ingesting', stage = 'ingest', attempt = attempt + 1, worker = %s,
                heartbeat_at = now(), started_at = coalesce(started_at, now())
            where id = %s and state = 'queued' returning account_id, attempt, run, spec, sealed
            """,
            [worker, job_id],
        ).fetchone()
        if row is None:
            return None
        events.add_event(db, job_id, "state", {"state": "ingesting"})
        try:
            spec = _spec(row, seals)
        except PanscanError as error:  # written by another version, or sealed with another key
            end_job(db, job_id, FAILED, {"what": error.what, "why": error.why, "fix": error.fix})
            return None
    return Claim(job_id, row["account_id"], row["attempt"], row["run"], spec)


def _spec(row: Mapping[str, Any], seals: Seals | None) -> JobSpec:
    spec = parse_job_spec(row["spec"], warnings=[])
    if row["sealed"] is None or seals is None:
        return spec
    return spec.with_secrets(json.loads(seals.unseal(bytes(row["sealed"])).reveal()))


def beat(db: Db, mine: Claim) -> bool:
    """Say that the work goes on; False where it must stop: it was cancelled, or another worker has it."""
    row = db.execute(
        "update jobs set heartbeat_at = now() where (id, attempt) = (%s, %s) and state = any (%s) "
        "returning is_cancelled",
        [mine.job_id, mine.attempt, list(RUNNING)],
    ).fetchone()
    return row is not None and not row["is_cancelled"]


def progress(db: Db, mine: Claim, stage: str, done: int = 0, total: int = 0) -> None:
    """Write how far the work is; an event where state or percent changed."""
    state, percent = STATE_OF_STAGE[stage], percent_of(stage, done, total)
    with db.transaction():
        row = db.execute(
            """
            update jobs set state = %(state)s, stage = %(stage)s, percent = %(percent)s, heartbeat_at = now(),
                has_worked = has_worked or %(stage)s <> 'ingest'
            from (select id, state, percent from jobs where id = %(id)s for update) as before
            where jobs.id = before.id and attempt = %(attempt)s and jobs.state = any (%(running)s)
            returning before.state as old_state, before.percent as old_percent
            """,
            {
                **{"state": state, "stage": stage, "percent": percent, "id": mine.job_id},
                **{"attempt": mine.attempt, "running": list(RUNNING)},
            },
        ).fetchone()
        if row is None:
            return
        if row["old_state"] != state:
            events.add_event(db, mine.job_id, "state", {"state": state, "stage": stage, "percent": percent})
        elif row["old_percent"] != percent:
            events.add_event(db, mine.job_id, "progress", {"state": state, "stage": stage, "percent": percent})


def confirm(db: Db, mine: Claim, source_s: float) -> bool:
    """Count the source once it is there; False where the job is held now, and the work must stop."""
    with db.transaction():
        if not _lock(db, mine):
            return False
        db.execute("update jobs set source_s = %s where id = %s", [source_s, mine.job_id])
        if minutes.count(db, mine.account_id, mine.job_id, mine.run, source_s):
            return True
        db.execute("update jobs set state = 'held', heartbeat_at = null where id = %s", [mine.job_id])
        announcements.announce_held(db, mine.job_id)
    return False


def note_result(db: Db, mine: Claim, result: Mapping[str, Any]) -> None:
    """Add to what is known of a job: any of flags, verdicts, outputs and warnings, as a stage found them."""
    with db.transaction():
        if not _lock(db, mine):
            return
        for name in ("flags", "verdicts", "outputs", "warnings"):
            if name in result:
                sql = f"update jobs set {name} = %s where id = %s"
                db.execute(sql.encode(), [Jsonb(result[name]), mine.job_id])
        if result.get("outputs"):
            announcements.announce_planned(db, mine.job_id)


def finish(db: Db, mine: Claim, state: str, error: Mapping[str, str] | None = None) -> bool:
    """Write the end of a job; False where it is not this worker's any more."""
    with db.transaction():
        row = _lock(db, mine)
        if row:
            end_job(db, mine.job_id, CANCELLED if row["is_cancelled"] and state == FAILED else state, error)
    return row is not None


def try_again(db: Db, mine: Claim, error: Mapping[str, str]) -> None:
    """Put a job back after an error that may pass; it fails when that was so too often."""
    with db.transaction():
        row = _lock(db, mine)
        if row is None:
            return
        if row["retries"] >= len(_RETRY_DELAYS_S):
            end_job(db, mine.job_id, FAILED, error)
            return
        db.execute("update jobs set retries = retries + 1 where id = %s", [mine.job_id])
        _requeue(db, mine.job_id, row["priority"], _RETRY_DELAYS_S[row["retries"]])


def give_back(db: Db, mine: Claim) -> None:
    """Put a job back whose worker ends: another goes on with it, and nothing counts as a failure."""
    with db.transaction():
        row = _lock(db, mine)
        if row:
            _requeue(db, mine.job_id, row["priority"])


def stopped(db: Db, mine: Claim) -> None:
    """Write the end of a job that was stopped because it was cancelled."""
    with db.transaction():
        row = _lock(db, mine)
        if row and row["is_cancelled"]:
            end_job(db, mine.job_id, CANCELLED)


def killed(db: Db, mine: Claim, error: Mapping[str, str]) -> None:
    """Put a job back whose process was killed; it fails when that was so too often in the same stage."""
    with db.transaction():
        row = _lock(db, mine)
        if row:
            note_kill(db, mine.job_id, row, error)


def note_kill(db: Db, job_id: str, row: Mapping[str, Any], error: Mapping[str, str]) -> None:
    """Count a kill in the stage of a job that is locked; put it back, or end it."""
    stage = row["stage"]
    kills = row["kills"] | {stage: row["kills"].get(stage, 0) + 1}
    db.execute("update jobs set kills = %s where id = %s", [Jsonb(kills), job_id])
    if row["is_cancelled"]:
        end_job(db, job_id, CANCELLED)
    elif kills[stage] < MAX_KILLS:
        _requeue(db, job_id, row["priority"])
    else:
        what = f"panscan was killed {MAX_KILLS} times in {stage}"
        end_job(db, job_id, FAILED, dict(error) | {"what": what})


def _requeue(db: Db, job_id: str, priority: int, delay_s: float = 0.0) -> None:
    sql = "update jobs set state = 'queued', queued_at = now(), heartbeat_at = null where id = %s"
    db.execute(sql, [job_id])
    parts.release(db, job_id)
    events.add_event(db, job_id, "state", {"state": QUEUED})
    enqueue_job(db, job_id, priority, delay_s)


def _lock(db: Db, mine: Claim) -> dict[str, Any] | None:
    """The row, locked, while it is this worker's."""
    return db.execute(
        "select * from jobs where (id, attempt) = (%s, %s) and state = any (%s) for update",
        [mine.job_id, mine.attempt, list(RUNNING)],
    ).fetchone()
