"""Parts of jobs as workers see them: those of the job itself do any, others help. Who was given up changes nothing.

What a helper cannot do, or what ends its process, goes back. After three times the job's own worker does it: so a job
ends as it would have without help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from panscan import __version__
from panscan.service.database import Db
from panscan.service.queue import enqueue_part
from panscan.service.spec import JobSpec, parse_job_spec
from panscan.service.states import RUNNING
from panscan.service.work_order import NextPart, SharedPart

if TYPE_CHECKING:
    from panscan.service.records.work import Claim

_MAX_FAILURES = 3  # of helpers: then it is the part, or something that all of them lack


@dataclass(frozen=True, slots=True)
class PartClaim:
    """A part that a helper has taken up.

    Attributes
    ----------
    job_id, account_id : str
    tries : int
        Raised each time that a helper takes it up.
    part : SharedPart
    spec : JobSpec
        Of the job, without its secrets.
    """

    job_id: str
    account_id: str
    tries: int
    part: SharedPart
    spec: JobSpec


def share(db: Db, mine: Claim, parts: Sequence[SharedPart]) -> bool:
    """Offer parts of a job to other workers. How far they are stays; parts of other versions go.

    Failures of helpers stay, too, while the part is the same: what ends processes shall not end three more of them with
    each attempt. It is False where the job is not this worker's any more.
    """
    with db.transaction():
        is_mine = db.execute(
            "select from jobs where (id, attempt) = (%s, %s) and state = any (%s) for update",
            [mine.job_id, mine.attempt, list(RUNNING)],
        ).rowcount
        if not is_mine:
            return False
        db.execute("delete from parts where job_id = %s and version <> %s", [mine.job_id, __version__])
        for part in parts:
            db.execute(
                """
                insert into parts (job_id, name, stage, what, size, version) values (%s, %s, %s, %s, %s, %s)
                on conflict (job_id, name) do update set what = excluded.what,
                    failures = case when parts.what = excluded.what then parts.failures else 0 end
                """,
                [mine.job_id, part.name, part.stage, Jsonb(dict(part.what)), part.size, __version__],
            )
        enqueue_waiting(db)
    return True


def next_part(db: Db, mine: Claim, names: Sequence[str], finished: str) -> NextPart:
    """Note the part that a job's own worker has done, if any, and give it the next one of these names.

    An answer that did not arrive is given again: until it is done, its part is the next one.
    """
    key = {"job": mine.job_id, "attempt": mine.attempt, "names": list(names), "count": len(names), "finished": finished}
    with db.transaction():
        db.execute(
            "update parts set state = 'done' where (job_id, name, attempt) = (%(job)s, %(finished)s, %(attempt)s)",
            key,
        )
        row = db.execute(
            """
            update parts set state = 'taken', attempt = %(attempt)s
            where job_id = %(job)s and name = (
                select parts.name from parts join jobs on jobs.id = job_id
                where job_id = %(job)s and name = any (%(names)s)
                    and (parts.state = 'waiting' or (parts.state = 'taken' and parts.attempt = %(attempt)s))
                    and jobs.attempt = %(attempt)s and jobs.ended_at is null
                order by parts.state, number limit 1 for update of parts skip locked
            ) returning name, stage, what, size
            """,
            key,
        ).fetchone()
        done = db.execute(
            """
            select coalesce(sum(size) filter (where state = 'done'), 0)::bigint as size,
                bool_and(state = 'done') and count(*) = %(count)s as is_over
            from parts where job_id = %(job)s and name = any (%(names)s)
            """,
            key,
        ).fetchone()
    assert done is not None
    return NextPart(None if row is None else SharedPart(**row), done["size"], bool(done["is_over"]))


def claim(db: Db, job_id: str, worker: str) -> PartClaim | None:
    """Take up any part of a job that waits; None where there is none for this worker."""
    row = db.execute(
        """
        update parts set state = 'taken', tries = tries + 1, attempt = null, worker = %(worker)s, heartbeat_at = now()
        from jobs where jobs.id = job_id and (job_id, name) = (
            select job_id, name from parts join jobs on jobs.id = job_id
            where job_id = %(job)s and parts.state = 'waiting' and version = %(version)s
                and failures < %(most)s and (failures = 0 or parts.worker <> %(worker)s)
                and jobs.ended_at is null and not jobs.is_cancelled
            order by number limit 1 for update of parts skip locked
        ) returning tries, name, parts.stage, what, size, account_id, spec
        """,
        {"job": job_id, "worker": worker, "version": __version__, "most": _MAX_FAILURES},
    ).fetchone()
    if row is None:
        return None
    part = SharedPart(row["name"], row["stage"], row["what"], row["size"])
    return PartClaim(job_id, row["account_id"], row["tries"], part, parse_job_spec(row["spec"], warnings=[]))


def beat(db: Db, mine: PartClaim) -> bool:
    """Say that the work goes on; False where it must stop: the job has ended, or another has the part."""
    row = db.execute(
        """
        update parts set heartbeat_at = now() from jobs
        where jobs.id = job_id and (job_id, name, tries) = (%s, %s, %s)
            and parts.attempt is null and parts.state = 'taken'
        returning jobs.is_cancelled
        """,
        [mine.job_id, mine.part.name, mine.tries],
    ).fetchone()
    return row is not None and not row["is_cancelled"]


def finish(db: Db, mine: PartClaim) -> None:
    """Write that a part is done."""
    _leave(db, mine, "done", is_failure=False)


def put_back(db: Db, mine: PartClaim, *, is_failure: bool) -> None:
    """Let another worker do a part."""
    _leave(db, mine, "waiting", is_failure=is_failure)
    enqueue_waiting(db)


def _leave(db: Db, mine: PartClaim, state: str, *, is_failure: bool) -> None:
    db.execute(
        """
        update parts set state = %s, failures = failures + %s
        where (job_id, name, tries) = (%s, %s, %s) and attempt is null and state = 'taken'
        """,
        [state, int(is_failure), mine.job_id, mine.part.name, mine.tries],
    )


def release(db: Db, job_id: str) -> None:
    """Put back the part that a job's own worker was at; what helpers do goes on."""
    db.execute(
        "update parts set state = 'waiting', attempt = null where job_id = %s and state = 'taken' "
        "and attempt is not null",
        [job_id],
    )


def put_back_stale(db: Db, stale_s: float, signs_since: datetime) -> None:
    """Put back the parts of helpers that gave no sign for so many seconds; before `signs_since` nobody could."""
    db.execute(
        """
        update parts set state = 'waiting', failures = failures + 1
        where (job_id, name) in (
            select job_id, name from parts where state = 'taken' and attempt is null
                and greatest(heartbeat_at, %s) < now() - make_interval(secs => %s)
            for update skip locked
        )
        """,
        [signs_since, stale_s],
    )


def enqueue_waiting(db: Db) -> None:
    """Have an entry in the queue for each part that a helper may take up."""
    rows = db.execute(
        """
        select job_id, name, priority from parts join jobs on jobs.id = job_id
        where parts.state = 'waiting' and failures < %s and jobs.ended_at is null and not is_cancelled
            and not exists (
                select from procrastinate_jobs
                where queueing_lock = 'part ' || job_id || ' ' || name and status = 'todo'
            )
        """,
        [_MAX_FAILURES],
    ).fetchall()
    for row in rows:
        enqueue_part(db, row["job_id"], row["name"], row["priority"])


def forget(db: Db, job_id: str) -> None:
    """Forget the parts of a job that has ended: whoever is at one stops."""
    db.execute("delete from parts where job_id = %s", [job_id])
