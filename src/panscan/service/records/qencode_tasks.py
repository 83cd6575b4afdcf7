"""Tasks of Qencode's clients: made first, started later, and asked for by their names alone."""

from __future__ import annotations

import secrets

from panscan.service.database import Db
from panscan.service.records.accounts import Caller, plan_of, token_hash
from panscan.service.records.jobs import ServiceJob, get_job

_ID_BYTES = 16  # 128 random bits: whoever knows a task may see its status
_TASK_S = 24 * 3600  # in which a task can be started, in seconds
_KEPT_DAYS = 30  # for which a task may be asked for, as long as the events of its jobs are kept


def create_task(db: Db, account_id: str, token: str) -> str:
    """A new task; old ones of the account go."""
    db.execute(
        "delete from qencode_tasks where account_id = %s and created_at < now() - make_interval(days => %s)",
        [account_id, _KEPT_DAYS],
    )
    task = secrets.token_hex(_ID_BYTES)
    sql = "insert into qencode_tasks (id, account_id, token_hash) values (%s, %s, %s)"
    db.execute(sql, [task, account_id, token_hash(token)])
    return task


def account_of_task(db: Db, task: str) -> str | None:
    """The account that a task belongs to; None where there is no such task."""
    row = db.execute("select account_id from qencode_tasks where id = %s", [task]).fetchone()
    return None if row is None else str(row["account_id"])


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


def jobs_of_task(db: Db, account_id: str, task: str, most: int) -> list[ServiceJob]:
    """The jobs of a task in the order of their formats; none before it is started."""
    found: list[ServiceJob] = []
    while len(found) < most and (job := get_job(db, account_id, job_name(task, len(found)))):
        found.append(job)
    return found
