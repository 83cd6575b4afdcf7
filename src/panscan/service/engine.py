"""The queue's tasks: which job or message is next is Procrastinate's matter, what is done with it stands elsewhere."""

from __future__ import annotations

import shutil

from procrastinate import App, PsycopgConnector

from panscan.service.notices import send_notice
from panscan.service.queue import DELIVER_WEBHOOK, JOBS, NOTICES, RUN_JOB
from panscan.service.records import upkeep
from panscan.service.running import WorkerContext, run_job
from panscan.service.storage import GuardedClient

_HOURLY = "7 * * * *"  # not at the full hour, when everybody's work begins
_TIDY, _SWEEP = "tidy", "sweep"


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

    @app.task(name=DELIVER_WEBHOOK, queue=NOTICES)
    def tell(delivery_id: int) -> None:
        with context.pool.connection() as db:
            send_notice(db, delivery_id, context.seals, client)

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
    """Remove the folders of jobs on this machine whose time is over, or that were deleted."""
    folder = context.settings.jobs
    with context.pool.connection() as db:
        for job_id in upkeep.expired_jobs(db, [path.name for path in folder.iterdir() if path.is_dir()]):
            shutil.rmtree(folder / job_id, ignore_errors=True)
            upkeep.note_files_removed(db, job_id)
