"""Jobs as callers see them: asked for, looked at, cancelled, asked for again, deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from panscan.errors import UsageError
from panscan.service.database import Db
from panscan.service.queue import enqueue_job
from panscan.service.records import announcements, events, minutes, parts
from panscan.service.records.accounts import AccountPlan, new_id, plan_of
from panscan.service.spec import STREAMS, JobSpec, parse_job_spec
from panscan.service.states import CANCELLED, ENDED, HELD, QUEUED, STATES

_COLUMNS = """id, sequence, account_id, spec, state, stage, percent, priority, attempt, run, source_s::float, warnings,
    flags, verdicts, outputs, error, payload, is_cancelled, created_at, queued_at, started_at, ended_at, files_until,
    files_removed_at"""


class Seals(Protocol):
    """Seals secrets, and opens them again."""

    def seal(self, text: str) -> bytes:
        """The text as nobody can read it."""

    def unseal(self, sealed: bytes) -> Any:
        """What was sealed; `.reveal()` gives the text."""


@dataclass(frozen=True, slots=True)
class ServiceJob:
    """One job.

    Attributes
    ----------
    id : str
    sequence : int
        Rises from job to job.
    account_id : str
    spec : dict
        What was asked, without secrets.
    state, stage : str
    percent : int
    priority : int
    attempt : int
        How often a worker took it up.
    run : int
        How often it was asked for, from 1.
    source_s : float, optional
        Seconds of the source, once they are known.
    warnings : list of dict
        "message" and "details".
    flags : dict
        By shape and metric: what the verifier does not like.
    verdicts : dict
        By shape.
    outputs : list of dict
        "ratio", "kind", "state", "path" or "url", "key", "sha256", "size_bytes".
    error : dict, optional
        What, why and fix of a failure.
    payload : str, optional
    is_cancelled : bool
        Whether it was told to stop.
    created_at, queued_at, started_at, ended_at : datetime, optional
    files_until : datetime, optional
        When its files are removed.
    files_removed_at : datetime, optional
    """

    id: str
    sequence: int
    account_id: str
    spec: dict[str, Any]
    state: str
    stage: str
    percent: int
    priority: int
    attempt: int
    run: int
    source_s: float | None
    warnings: list[dict[str, Any]]
    flags: dict[str, Any]
    verdicts: dict[str, Any]
    outputs: list[dict[str, Any]]
    error: dict[str, str] | None
    payload: str | None
    is_cancelled: bool
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    files_until: datetime | None
    files_removed_at: datetime | None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED

    @property
    def job_spec(self) -> JobSpec:
        """What was asked, as values."""
        return parse_job_spec(self.spec, warnings=[])  # kept jobs of newer versions may know more


def create_job(
    db: Db,
    account_id: str,
    spec: JobSpec,
    *,
    seals: Seals | None = None,
    warnings: Sequence[Mapping[str, Any]] = (),
    source_s: float | None = None,
    job_id: str | None = None,
) -> ServiceJob:
    """A new job, queued and counted in one transaction.

    Parameters
    ----------
    db : Db
    account_id : str
    spec : JobSpec
    seals : Seals, optional
        Keeps the request's secrets; needed where it has some.
    warnings : sequence of mapping
        What the caller was told.
    source_s : float, optional
        Seconds of the source, where they are known already: it is counted now, and held where that is too much. Else
        this is done once the source is there.
    job_id : str, optional
        A name that was given before; the same job is given back where there is one of this account.

    Raises
    ------
    UsageError
        The plan does not allow it, or the name is somebody else's.
    """
    plan = plan_of(db, account_id)
    check_plan(plan, spec)
    given = spec.secrets()
    if given and seals is None:
        raise ValueError("the request brings secrets, and there is nothing to seal them with")
    sealed = seals.seal(json.dumps(given)) if seals and given else None
    job_id = job_id or new_id("job")
    with db.transaction():
        told = [*map(dict, warnings), *_warnings(db, account_id, spec)]
        counted = source_s is None or minutes.count(db, account_id, job_id, 1, source_s)
        made = db.execute(
            """
            insert into jobs (id, account_id, spec, sealed, state, priority, source_s, warnings, payload, queued_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, now()) on conflict (id) do nothing
            """,
            [
                *(job_id, account_id, Jsonb(spec.to_json()), sealed, QUEUED if counted else HELD),
                *(spec.priority or plan.priority, source_s, Jsonb(told), spec.payload),
            ],
        ).rowcount
        if made:
            _wait(db, job_id, spec.priority or plan.priority, is_counted=counted)
    job = get_job(db, account_id, job_id)
    if job is None:
        raise UsageError(f"the name {job_id} is taken", why="Names of jobs are given once.", fix="Leave it out.")
    return job


def _warnings(db: Db, account_id: str, spec: JobSpec) -> list[dict[str, str]]:
    """What is done otherwise than a client may think."""
    sql = "select 1 from webhook_endpoints where account_id = %s and disabled_at is null"
    if spec.webhook is None or spec.webhook.secret or spec.webhook.qencode or db.execute(sql, [account_id]).fetchone():
        return []
    details = "It has no secret, and the account has no endpoint whose secret could sign."
    return [{"message": "the webhook is sent without a signature", "details": details}]


def check_plan(plan: AccountPlan, spec: JobSpec) -> None:
    """Refuse what a plan does not hold.

    Raises
    ------
    UsageError
        The message names it.
    """
    shapes = [ratio for ratio in spec.ratios if plan.ratios is not None and ratio not in plan.ratios]
    custom, named = isinstance(spec.preset, Mapping), isinstance(spec.preset, str)
    refused = {
        f"the shape {', '.join(shapes)}": bool(shapes),
        "own presets": custom and not plan.custom_presets,
        f"the preset {spec.preset}": named and plan.presets is not None and spec.preset not in plan.presets,
        "streams": "streams" not in plan.features and any(name in STREAMS for name in spec.outputs),
        "destinations": "destinations" not in plan.features and spec.destination is not None,
        "webhooks": "webhooks" not in plan.features and spec.webhook is not None,
        f"priority {spec.priority}": (spec.priority or 0) > plan.priority,
    }
    for what, is_refused in refused.items():
        if is_refused:
            ratios = "any shape" if plan.ratios is None else ", ".join(plan.ratios)
            why = f"It holds {ratios}, {', '.join(plan.features) or 'no features'}, priority {plan.priority}."
            fix = "Leave it out, or ask for another plan."
            raise UsageError(f"the plan {plan.name} does not hold {what}", why=why, fix=fix)


def get_job(db: Db, account_id: str, job_id: str) -> ServiceJob | None:
    """A job of an account; None where it has no such job."""
    with db.cursor(row_factory=class_row(ServiceJob)) as cursor:
        sql = f"select {_COLUMNS} from jobs where id = %s and account_id = %s"
        return cursor.execute(sql.encode(), [job_id, account_id]).fetchone()


def list_jobs(
    db: Db,
    account_id: str,
    *,
    states: Sequence[str] = STATES,
    before_sequence: int | None = None,
    limit: int = 50,
) -> list[ServiceJob]:
    """Jobs of an account, the newest first, those before one where its sequence is given."""
    with db.cursor(row_factory=class_row(ServiceJob)) as cursor:
        sql = f"""
            select {_COLUMNS} from jobs
            where account_id = %s and state = any (%s) and (%s::bigint is null or sequence < %s)
            order by sequence desc limit %s
            """
        values = [account_id, list(states), before_sequence, before_sequence, limit]
        return cursor.execute(sql.encode(), values).fetchall()


def cancel_job(db: Db, account_id: str, job_id: str) -> ServiceJob | None:
    """Stop a job: at once where it waits, else as soon as its worker sees it. None where there is no such job."""
    with db.transaction():
        row = db.execute(
            "select state, run from jobs where id = %s and account_id = %s for update", [job_id, account_id]
        ).fetchone()
        if row and row["state"] in (HELD, QUEUED):
            end_job(db, job_id, CANCELLED)
        elif row and row["state"] not in ENDED:
            db.execute("update jobs set is_cancelled = true where id = %s", [job_id])
    return get_job(db, account_id, job_id)


def retry_job(db: Db, account_id: str, job_id: str) -> ServiceJob | None:
    """Ask once more for a job that ended: finished products are kept. None where there is no such job.

    It counts again: what failed was given back.

    Raises
    ------
    UsageError
        It has not ended.
    """
    with db.transaction():
        sql = "select * from jobs where id = %s and account_id = %s for update"
        row = db.execute(sql, [job_id, account_id]).fetchone()
        if row is None:
            return None
        if row["state"] not in ENDED:
            raise UsageError(
                "the job has not ended", why=f"It is {row['state']}.", fix="Wait for its end, or cancel it first."
            )
        run = row["run"] + 1
        seconds = None if row["source_s"] is None else float(row["source_s"])
        counted = seconds is None or minutes.count(db, account_id, job_id, run, seconds)
        db.execute(
            """
            update jobs set state = %s, run = %s, retries = 0, kills = '{}', is_cancelled = false, has_worked = false,
                error = null, stage = '', percent = 0, ended_at = null, files_until = null, files_removed_at = null,
                queued_at = now()
            where id = %s
            """,
            [QUEUED if counted else HELD, run, job_id],
        )
        _wait(db, job_id, row["priority"], is_counted=counted)
    return get_job(db, account_id, job_id)


def delete_job(db: Db, account_id: str, job_id: str) -> bool:
    """Forget a job that ended; whether there was one. Remove its folder afterwards.

    Raises
    ------
    UsageError
        It has not ended.
    """
    job = get_job(db, account_id, job_id)
    if job is not None and not job.is_ended:
        raise UsageError("the job has not ended", why=f"It is {job.state}.", fix="Cancel it first.")
    return bool(db.execute("delete from jobs where id = %s and account_id = %s", [job_id, account_id]).rowcount)


def end_job(db: Db, job_id: str, state: str, error: Mapping[str, str] | None = None) -> None:
    """Write a job's end, give back its minutes where they do not count, and tell it; in a transaction of the caller.

    A job that was cancelled counts once its media was worked on.
    """
    row = db.execute(
        """
        update jobs set state = %s, error = %s, ended_at = now(), heartbeat_at = null,
            percent = case when %s then 100 else percent end,
            files_until = now() + make_interval(hours => coalesce((spec ->> 'retention_h')::int, 24))
        where id = %s returning run, has_worked
        """,
        [state, None if error is None else Jsonb(dict(error)), state.startswith("completed"), job_id],
    ).fetchone()
    assert row is not None
    events.forget_progress(db, job_id)
    parts.forget(db, job_id)
    if state in ("failed", "verification_failed") or (state == CANCELLED and not row["has_worked"]):
        minutes.release(db, job_id, row["run"])
    announcements.announce(db, job_id, f"job.{state}", _tell_state(db, job_id, state))


def _wait(db: Db, job_id: str, priority: int, *, is_counted: bool) -> None:
    """Tell that a job waits: for a worker, or for minutes."""
    if is_counted:
        _tell_state(db, job_id, QUEUED)
        enqueue_job(db, job_id, priority)
    else:
        announcements.announce_held(db, job_id)


def _tell_state(db: Db, job_id: str, state: str) -> int:
    return events.add_event(db, job_id, "state", {"state": state})
