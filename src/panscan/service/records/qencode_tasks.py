"""Tasks of Qencode's clients: made first, started later, and asked for by their names alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from psycopg.types.json import Jsonb

from panscan.service.database import Db
from panscan.service.records.accounts import Caller, plan_of, token_hash
from panscan.service.records.jobs import ServiceJob, get_job

_ID_BYTES = 16  # 128 random bits: whoever knows a task may see its status
_TASK_S = 24 * 3600  # in which a task can be started, in seconds
_KEPT_DAYS = 30  # for which a task may be asked for, as long as the events of its jobs are kept
_MAX_JOBS = 20  # of a task: as many as it may have formats


@dataclass(frozen=True, slots=True)
class TaskFormat:
    """One of a task's formats, and what is made for it.

    Attributes
    ----------
    job : int
        Number of the task's job.
    ratio, kind : str
        Of the job's output.
    tag : str, optional
        The client's own word for it.
    """

    job: int
    ratio: str
    kind: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class StartedTask:
    """A task as its client sees it.

    Attributes
    ----------
    id : str
    address : str
        Of the service, as the client called it.
    jobs : tuple of ServiceJob
        In the order of their formats; none before it is started.
    formats : tuple of TaskFormat
    """

    id: str
    address: str
    jobs: tuple[ServiceJob, ...]
    formats: tuple[TaskFormat, ...] = ()

    @property
    def last_ended(self) -> str | None:
        """The job that ended last, once all have ended."""
        ends = [(job.ended_at, job.id) for job in self.jobs if job.is_ended and job.ended_at]
        return max(ends)[1] if ends and len(ends) == len(self.jobs) else None


def create_task(db: Db, account_id: str, token: str, address: str) -> str:
    """A new task; old ones of the account go."""
    db.execute(
        "delete from qencode_tasks where account_id = %s and created_at < now() - make_interval(days => %s)",
        [account_id, _KEPT_DAYS],
    )
    task = secrets.token_hex(_ID_BYTES)
    sql = "insert into qencode_tasks (id, account_id, token_hash, address) values (%s, %s, %s, %s)"
    db.execute(sql, [task, account_id, token_hash(token), address])
    return task


def note_formats(db: Db, task: str, formats: Sequence[TaskFormat]) -> None:
    """Write what a task asks for."""
    sql = "update qencode_tasks set formats = %s where id = %s"
    db.execute(sql, [Jsonb([asdict(one) for one in formats]), task])


def find_task(db: Db, task: str) -> StartedTask | None:
    """A task with its jobs; None where there is no such task."""
    row = db.execute("select * from qencode_tasks where id = %s", [task]).fetchone()
    if row is None:
        return None
    jobs = _jobs_of_task(db, row["account_id"], task)
    return StartedTask(task, row["address"], tuple(jobs), tuple(TaskFormat(**one) for one in row["formats"]))


def task_of_job(db: Db, job: ServiceJob) -> StartedTask:
    """The task that a job belongs to; of a job that belongs to none, a task of its own."""
    return find_task(db, job.id.partition("-")[0]) or StartedTask(job.id, "", (job,))


def account_of_task(db: Db, task: str) -> str | None:
    """The account that a task belongs to; None where there is no such task."""
    row = db.execute("select account_id from qencode_tasks where id = %s", [task]).fetchone()
    return None if row is None else str(row["account_id"])


def accounts_of_tasks(db: Db, tasks: Sequence[str]) -> list[str]:
    """The accounts that some tasks belong to, each once."""
    sql = "select distinct account_id from qencode_tasks where id = any (%s)"
    rows = db.execute(sql, [[task.replace("\0", "") for task in tasks]])
    return [row["account_id"] for row in rows]


def caller_of_task(db: Db, task: str) -> Caller | None:
    """Who may start a task that is new: None where there is no such task, it is old, or its token is void.

    The task is locked until the transaction ends, so that it is started once.
    """
    row = db.execute(
        """
        select accounts.id, accounts.name, tokens.role
        from qencode_tasks as task join accounts on accounts.id = task.account_id
        join tokens on tokens.hash = task.token_hash
        where task.id = %s and tokens.revoked_at is null and accounts.disabled_at is null
            and task.created_at > now() - make_interval(secs => %s)
        for update of task
        """,
        [task, _TASK_S],
    ).fetchone()
    return None if row is None else Caller(row["id"], row["name"], row["role"], plan_of(db, row["id"]))


def job_name(task: str, number: int) -> str:
    """The name of a task's job, counted from 0; the first is called like the task."""
    return task if number == 0 else f"{task}-{number}"


def has_begun(db: Db, task: str) -> bool:
    """Whether a task was started; its jobs may be deleted since."""
    sql = "select 1 from qencode_tasks where id = %s and formats <> '[]'"
    return db.execute(sql, [task]).fetchone() is not None


def _jobs_of_task(db: Db, account_id: str, task: str) -> list[ServiceJob]:
    """The jobs of a task in the order of their formats; none before it is started."""
    found: list[ServiceJob] = []
    while len(found) < _MAX_JOBS and (job := get_job(db, account_id, job_name(task, len(found)))):
        found.append(job)
    return found
