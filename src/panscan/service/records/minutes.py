"""The ledger of minutes: what each job's source costs an account, once however many shapes are made of it.

Seconds are kept as they are; minutes are shown with two decimals. A month is one of UTC. The account's row is locked
while its sum is read and a row added, so that two jobs at once cannot both take what is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from panscan.service.database import Db
from panscan.service.queue import enqueue_job
from panscan.service.records import events

_THIS_MONTH = "date_trunc('month', now() at time zone 'utc')::date"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account used of a month.

    Attributes
    ----------
    period : date
        The month's first day, UTC.
    used_s : float
        Seconds of source that count.
    monthly_s : float, optional
        Seconds that the plan gives; None: without end.
    jobs : int
        Jobs that count.
    held : int
        Jobs that wait for the next month, or for another plan.
    """

    period: date
    used_s: float
    monthly_s: float | None
    jobs: int
    held: int


def usage(db: Db, account_id: str, period: date | None = None) -> Usage:
    """What an account used of a month, this one if none is named."""
    row = db.execute(
        f"""
        select coalesce(%s, {_THIS_MONTH}) as period, plans.monthly_s,
            coalesce(sum(case kind when 'count' then seconds else -seconds end), 0) as used_s,
            coalesce(sum(case kind when 'count' then 1 when 'release' then -1 end), 0) as jobs,
            (select count(*) from jobs where jobs.account_id = accounts.id and jobs.state = 'held') as held
        from accounts join plans on plans.name = accounts.plan
        left join minutes on minutes.account_id = accounts.id and minutes.period = coalesce(%s, {_THIS_MONTH})
        where accounts.id = %s group by accounts.id, plans.monthly_s
        """.encode(),
        [period, period, account_id],
    ).fetchone()
    assert row is not None
    monthly = None if row["monthly_s"] is None else float(row["monthly_s"])
    return Usage(row["period"], float(row["used_s"]), monthly, row["jobs"], row["held"])


def count(db: Db, account_id: str, job_id: str, run: int, seconds: float) -> bool:
    """Count a job's source; False where the month has not enough left. Call it in the transaction that queues.

    A run that is counted already stays as it is.
    """
    db.execute("select 1 from accounts where id = %s for update", [account_id])
    sql = "select 1 from minutes where (job_id, run, kind) = (%s, %s, 'count')"
    if db.execute(sql, [job_id, run]).fetchone():
        return True
    now = usage(db, account_id)
    if now.monthly_s is not None and now.used_s + seconds > now.monthly_s:
        return False
    db.execute(
        "insert into minutes (account_id, job_id, run, kind, seconds, period) values (%s, %s, %s, 'count', %s, %s)",
        [account_id, job_id, run, seconds, now.period],
    )
    return True


def release(db: Db, job_id: str, run: int) -> None:
    """Give back what a run was counted with, to the month in which it was; nothing where it was not, or twice."""
    db.execute(
        """
        insert into minutes (account_id, job_id, run, kind, seconds, period)
        select account_id, job_id, run, 'release', seconds, period from minutes
        where (job_id, run, kind) = (%s, %s, 'count') on conflict do nothing
        """,
        [job_id, run],
    )


def release_held(db: Db, account_id: str | None = None) -> list[str]:
    """Queue the held jobs for which there is enough now, the oldest first; their ids.

    account_id: of one account; without it of all.
    """
    with db.transaction():
        held = db.execute(
            """
            select id, account_id, run, source_s, priority from jobs
            where state = 'held' and (%s::text is null or account_id = %s) order by sequence for update skip locked
            """,
            [account_id, account_id],
        ).fetchall()
        left = {one: _left_s(db, one) for one in {row["account_id"] for row in held}}
        freed = []
        for row in held:
            seconds = float(row["source_s"])
            if seconds <= left[row["account_id"]] and count(db, row["account_id"], row["id"], row["run"], seconds):
                left[row["account_id"]] -= seconds
                freed.append(row)
        for row in freed:
            db.execute("update jobs set state = 'queued', queued_at = now() where id = %s", [row["id"]])
            enqueue_job(db, row["id"], row["priority"])
            events.add_event(db, row["id"], "state", {"state": "queued"})
    return [row["id"] for row in freed]


def _left_s(db: Db, account_id: str) -> float:
    """Seconds that an account has left this month."""
    now = usage(db, account_id)
    return math.inf if now.monthly_s is None else now.monthly_s - now.used_s
