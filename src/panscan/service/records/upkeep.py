"""What is done now and then: jobs of killed workers are put back, lost entries of the queue written again.

The queue only says who works next. What is to be done stands in the tables of jobs and deliveries, so the queue can
always be made right again from these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panscan.service.database import Db
from panscan.service.queue import enqueue_delivery, enqueue_job
from panscan.service.records import minutes, parts, work

_LOCK = 7240106  # number of the lock under which the upkeep is done: one process at a time is enough
_IDEMPOTENCY_H = 24  # hours for which an answer is kept for the same request
_EVENTS_DAYS = 30  # for which the course of jobs is kept
_JOBS_DAYS = 90  # after their end for which jobs are kept, longer where their files are; the minutes stay for ever
_KILLED = {
    "what": "the worker was killed",
    "why": "It gave no sign any more: its process or its machine ended.",
    "fix": "Look at the worker's machine: the system ends processes where memory runs out.",
}


def sweep(db: Db, stale_s: float) -> None:
    """Make right what killed workers left.

    Parameters
    ----------
    db : Db
    stale_s : float
        Seconds without a sign after which a worker counts as killed. They count from when the database could be
        reached: since the server started, and since sweeps follow each other within that time. After a fail-over no
        server needs to have started.
    """
    with db.transaction():
        if not _is_first(db):
            return
        signs_since = _note_sweep(db, stale_s)
        _drop_entries_of_killed_workers(db, stale_s, signs_since)
        _put_back_stale_jobs(db, stale_s, signs_since)
        parts.put_back_stale(db, stale_s, signs_since)
        parts.enqueue_waiting(db)
        _write_lost_entries(db, stale_s)
        _age_priorities(db)
    minutes.release_held(db)


def forget_old_records(db: Db) -> None:
    """Remove answers, events and messages that nobody asks for any more."""
    db.execute("delete from idempotency where created_at < now() - make_interval(hours => %s)", [_IDEMPOTENCY_H])
    db.execute("delete from events where at < now() - make_interval(days => %s)", [_EVENTS_DAYS])
    db.execute(
        """
        delete from messages where at < now() - make_interval(days => %s)
            and not exists (select from deliveries where message_id = messages.id and state = 'waiting')
        """,
        [_EVENTS_DAYS],
    )
    db.execute(
        """
        delete from jobs where ended_at < now() - make_interval(days => %s) and files_until < now()
        """,
        [_JOBS_DAYS],
    )


def expired_jobs(db: Db, job_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of some folders of jobs whose time is over; and those of which no job is known."""
    rows = db.execute(
        """
        select name, jobs.id is null as is_unknown from unnest(%s::text[]) as name left join jobs on jobs.id = name
        where jobs.id is null or (jobs.ended_at is not null and jobs.files_until < now())
        """,
        [list(job_ids)],
    ).fetchall()
    return [row["name"] for row in rows if not row["is_unknown"]], [row["name"] for row in rows if row["is_unknown"]]


def ended_jobs(db: Db, job_ids: Sequence[str]) -> list[str]:
    """Those of some jobs that have ended, or are not known."""
    sql = """
        select name from unnest(%s::text[]) as name left join jobs on jobs.id = name
        where jobs.id is null or jobs.ended_at is not null
        """
    return [row["name"] for row in db.execute(sql.encode(), [list(job_ids)])]


def uploads_in_use(db: Db) -> set[str]:
    """Uploads that jobs still need: those that wait, too."""
    sql = "select spec -> 'source' ->> 'upload' as upload from jobs where ended_at is null"
    return {row["upload"] for row in db.execute(sql) if row["upload"]}


def note_files_removed(db: Db, job_id: str) -> None:
    """Write that a job's files are gone."""
    db.execute("update jobs set files_removed_at = now() where id = %s and files_until < now()", [job_id])


def _is_first(db: Db) -> bool:
    row = db.execute("select pg_try_advisory_xact_lock(%s) as mine", [_LOCK]).fetchone()
    return row is not None and bool(row["mine"])


def _note_sweep(db: Db, stale_s: float) -> datetime:
    """Note this sweep; the time since when workers could give signs of life."""
    row = db.execute(
        """
        insert into sweeps (at) values (now())
        on conflict (is_only) do update set at = now(), since = case
            when sweeps.at < now() - make_interval(secs => %s) then now() else sweeps.since end
        returning greatest(since, pg_postmaster_start_time()) as signs_since
        """,
        [stale_s],
    ).fetchone()
    assert row is not None
    signs_since: datetime = row["signs_since"]
    return signs_since


def _drop_entries_of_killed_workers(db: Db, stale_s: float, signs_since: datetime) -> None:
    db.execute(
        """
        select procrastinate_finish_job_v1(entry.id, 'failed', true)
        from procrastinate_jobs entry left join procrastinate_workers worker on worker.id = entry.worker_id
        where entry.status = 'doing'
            and (worker.id is null
                 or greatest(worker.last_heartbeat, %s) < now() - make_interval(secs => %s))
        """,
        [signs_since, stale_s],
    )


def _put_back_stale_jobs(db: Db, stale_s: float, signs_since: datetime) -> None:
    stale = db.execute(
        """
        select * from jobs where ended_at is null and state not in ('held', 'queued')
            and greatest(heartbeat_at, %s) < now() - make_interval(secs => %s)
        for update skip locked
        """,
        [signs_since, stale_s],
    ).fetchall()
    for row in stale:
        work.note_kill(db, row["id"], row, _KILLED)


def _write_lost_entries(db: Db, stale_s: float) -> None:
    sql = """
        select jobs.id, jobs.priority from jobs
        where state = 'queued' and queued_at < now() - make_interval(secs => %s)
            and not exists (select from procrastinate_jobs where queueing_lock = 'job ' || jobs.id)
        """
    for row in db.execute(sql.encode(), [stale_s]).fetchall():
        enqueue_job(db, row["id"], row["priority"])
    sql = """
        select id from deliveries where state = 'waiting' and next_at < now() - make_interval(secs => %s)
            and not exists (select from procrastinate_jobs where queueing_lock = 'delivery ' || deliveries.id)
        """
    for row in db.execute(sql.encode(), [stale_s]).fetchall():
        enqueue_delivery(db, row["id"])


def _age_priorities(db: Db) -> None:
    """One more for each hour that a job waits, but never as much as the next class has: so that none waits for ever."""
    db.execute(
        """
        update procrastinate_jobs set priority = aged.priority
        from (
            select 'job ' || id as entry, least(
                priority + floor(extract(epoch from now() - queued_at) / 3600)::int,
                case when priority < 20 then 19 when priority < 25 then 24 when priority < 30 then 29 else priority end
            ) as priority from jobs where state = 'queued'
        ) as aged
        where queueing_lock = aged.entry and status = 'todo' and procrastinate_jobs.priority <> aged.priority
        """
    )
