"""Entries of the queue, written in the transaction that needs them: either both are there, or neither."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from panscan.service.database import Db

RUN_JOB, HELP = "run_job", "help"  # names of tasks
DELIVER_WEBHOOK, LOOK_AT_BUCKET = "deliver_webhook", "look_at_bucket"
JOBS, NOTICES, BUCKETS = "jobs", "notices", "buckets"  # queues: webhooks never wait behind movies or slow stores
_NOTICE_PRIORITY = 50  # above all jobs

# It writes entries through connections that are given to it, and never opens one of its own.
_APP = App(connector=SyncPsycopgConnector())


def enqueue_job(db: Db, job_id: str, priority: int, delay_s: float = 0.0) -> None:
    """Let a worker take a job up; nothing happens where one is told to already."""
    _enqueue(db, RUN_JOB, JOBS, {"job_id": job_id}, f"job {job_id}", priority, delay_s)


def enqueue_part(db: Db, job_id: str, name: str, priority: int) -> None:
    """Let a worker help with a job: it takes any part that waits. There is one entry for each part."""
    _enqueue(db, HELP, JOBS, {"job_id": job_id}, f"part {job_id} {name}", priority, 0)


def enqueue_delivery(db: Db, delivery_id: int, delay_s: float = 0.0) -> None:
    """Let a worker tell a webhook; nothing happens where one is told to already."""
    key = f"delivery {delivery_id}"
    _enqueue(db, DELIVER_WEBHOOK, NOTICES, {"delivery_id": delivery_id}, key, _NOTICE_PRIORITY, delay_s)


def enqueue_look(db: Db, account_id: str, name: str) -> None:
    """Let a worker look at a bucket; nothing happens where one is told to already."""
    arguments = {"account_id": account_id, "name": name}
    _enqueue(db, LOOK_AT_BUCKET, BUCKETS, arguments, f"bucket {account_id} {name}", 0, 0)


def _enqueue(
    db: Db, task: str, queue: str, arguments: dict[str, str] | dict[str, int], key: str, priority: int, delay_s: float
) -> None:
    later = timedelta(seconds=delay_s) if delay_s else None
    deferrer = _APP.configure_task(
        task,
        queue=queue,
        queueing_lock=key,
        priority=priority,
        connection=db,
        allow_unknown=True,
        **({"schedule_in": {"seconds": later.total_seconds()}} if later else {}),
    )
    with suppress(AlreadyEnqueued), db.transaction():
        deferrer.defer(**arguments)
