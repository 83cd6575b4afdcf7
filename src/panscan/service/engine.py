"""The queue's tasks: which job or message is next is Procrastinate's matter, what is done with it stands elsewhere."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress

from procrastinate import App, PsycopgConnector

from panscan.errors import PanscanError
from panscan.service.database import Db
from panscan.service.helping import help_job
from panscan.service.notices import send_notice
from panscan.service.queue import BUCKETS, DELIVER_WEBHOOK, HELP, JOBS, LOOK_AT_BUCKET, NOTICES, RUN_JOB, enqueue_look
from panscan.service.records import upkeep, watches
from panscan.service.running import WorkerContext, run_job
from panscan.service.storage import GuardedClient, StoragePolicy
from panscan.service.uploads import UploadStore
from panscan.service.watching import look_at_bucket
from panscan.service.work_order import remove_part

_HOURLY = "7 * * * *"  # not at the full hour, when everybody's work begins
_EACH_MINUTE = "* * * * *"
_UNKNOWN_S = 24 * 3600  # for which a folder of no known job stays: time to see that the wrong database is asked
_HELPS, _ATTEMPTS = "help-*", "attempt-*.part"  # folders of a job that are removed when their work ends
_TIDY, _SWEEP, _WATCH = "tidy", "sweep", "watch"


def create_engine(url: str, context: WorkerContext, client: GuardedClient | None = None) -> App:
    """The application of one worker: its tasks, and what is done now and then.

    Parameters
    ----------
    url : str
        Of the database.
    context : WorkerContext
    client : GuardedClient, optional
        For webhooks; without it one that reaches the public internet alone.
    """
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name=RUN_JOB, queue=JOBS)
    def run(job_id: str) -> None:
        run_job(context, job_id)

    @app.task(name=HELP, queue=JOBS)
    def help_with(job_id: str) -> None:
        help_job(context, job_id)

    @app.task(name=DELIVER_WEBHOOK, queue=NOTICES)
    def tell(delivery_id: int) -> None:
        with context.pool.connection() as db:
            send_notice(db, delivery_id, context.seals, client)

    @app.task(name=LOOK_AT_BUCKET, queue=BUCKETS)
    def look(account_id: str, name: str) -> None:
        with context.pool.connection() as db:
            look_at_bucket(db, account_id, name, context.seals, StoragePolicy.of_environment())

    @app.periodic(cron=_EACH_MINUTE)
    @app.task(name=_WATCH, queue=BUCKETS, queueing_lock=_WATCH)
    def watch(timestamp: int) -> None:
        with context.pool.connection() as db:
            for account_id, name in watches.watches_due(db):
                enqueue_look(db, account_id, name)

    # No `lock`: a sweep whose worker was killed would keep all later ones from running.
    @app.periodic(cron=f"* * * * * */{context.settings.sweep_s}")
    @app.task(name=_SWEEP, queue=NOTICES, queueing_lock=_SWEEP)
    def sweep(timestamp: int) -> None:
        with context.pool.connection() as db:
            upkeep.sweep(db, context.settings.stale_s)

    @app.periodic(cron=_HOURLY)
    @app.task(name=_TIDY, queue=NOTICES, queueing_lock=_TIDY)
    def tidy(timestamp: int) -> None:
        with context.pool.connection() as db:
            upkeep.forget_old_records(db)

    return app


def remove_expired_folders(context: WorkerContext) -> None:
    """Remove the folders of jobs on this machine whose time is over, or that were deleted, and old uploads."""
    folder = context.settings.jobs
    with context.pool.connection() as db:
        expired, unknown = upkeep.expired_jobs(db, [path.name for path in folder.iterdir() if path.is_dir()])
        for job_id in expired:
            shutil.rmtree(folder / job_id, ignore_errors=True)
            upkeep.note_files_removed(db, job_id)
        for name in unknown:
            if time.time() - (folder / name).stat().st_mtime > _UNKNOWN_S:
                shutil.rmtree(folder / name, ignore_errors=True)
        UploadStore(context.settings.uploads).sweep(upkeep.uploads_in_use(db))
        _remove_remains(context, db)


def _remove_remains(context: WorkerContext, db: Db) -> None:
    """Remove what workers gave each other for jobs that have ended, and what they left unfinished of these.

    A job whose worker was killed may end without another attempt, which would remove what the killed one left.
    """
    left = [path for kind in (_HELPS, _ATTEMPTS) for path in context.settings.jobs.glob(f"*/{kind}")]
    ended = upkeep.ended_jobs(db, [path.parent.name for path in left])
    for path in left:
        if path.parent.name in ended:
            for part in path.glob(_ATTEMPTS):  # those of a helper
                remove_part(part)
            remove_part(path)
    exchange = context.settings.exchange
    with suppress(PanscanError):  # it cannot be reached now; the next time it goes
        for job_id in upkeep.ended_jobs(db, exchange.jobs()):
            exchange.remove_job(job_id)
