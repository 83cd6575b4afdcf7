"""A worker takes up one job after the other until it is told to end. Any number may run, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from procrastinate import App
from psycopg_pool import PoolTimeout

from panscan.service.database import connections
from panscan.service.engine import create_engine, remove_expired_folders
from panscan.service.queue import BUCKETS, JOBS, NOTICES
from panscan.service.running import RECONNECT_S, WORK, WorkerContext
from panscan.service.secrets import KEY_VARIABLE, open_secret_box
from panscan.service.settings import ServiceSettings
from panscan.service.storage import GuardedClient

_SECRETS = (KEY_VARIABLE, "PANSCAN_DATABASE_URL")  # environment variables
_NOTICE_SLOTS = 4  # messages at once: they wait for others most of the time
_BUCKET_SLOTS = 2  # buckets looked at at once
_RESTART_S = 1.0  # before the queue is asked again after an error: the database is back in a few seconds
_BEAT_SHARE = 3  # signs of life of the queue's own within the time after which a worker counts as killed
_TIDY_S = 3600.0  # retention is counted in hours
_log = logging.getLogger("panscan.worker")


def run_worker(settings: ServiceSettings, url: str, *, work: str = WORK, client: GuardedClient | None = None) -> None:
    """Work until SIGTERM or Ctrl-C; then running jobs may go on for `drain_s`, and are given back after that.

    Parameters
    ----------
    settings : ServiceSettings
    url : str
        Of a database that is up to date.
    work : str
        "module:function" that does a job.
    client : GuardedClient, optional
        For webhooks; without it one that reaches the public internet alone.
    """
    with _context(settings, url, work) as context:
        for name in _SECRETS:  # processes that open media of strangers get none of them
            os.environ.pop(name, None)
        asyncio.run(_work(context, url, client))


@contextmanager
def _context(settings: ServiceSettings, url: str, work: str) -> Iterator[WorkerContext]:
    name = f"{platform.node()} {os.getpid()}"
    with connections(url, reconnect_s=RECONNECT_S) as pool:
        slots = threading.Semaphore(settings.slots)
        yield WorkerContext(settings, pool, open_secret_box(settings.key_file), name, work, slots)


async def _work(context: WorkerContext, url: str, client: GuardedClient | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        _log.info("ending: %s s for running jobs", context.settings.drain_s)
        context.drain()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    app = create_engine(url, context, client)
    queues = {JOBS: context.settings.slots, NOTICES: _NOTICE_SLOTS, BUCKETS: _BUCKET_SLOTS}
    async with app.open_async():
        tasks = [asyncio.create_task(_keep_serving(app, context, *one)) for one in queues.items()]
        tasks.append(asyncio.create_task(_keep_tidy(context)))
        await stopped.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_serving(app: App, context: WorkerContext, queue: str, slots: int) -> None:
    """Serve one queue; again and again, where the database was away."""
    while not context.draining.is_set():
        with suppress(Exception):  # which the queue has logged
            await app.run_worker_async(
                queues=[queue],
                name=f"{context.name} {queue}",
                concurrency=slots,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=context.settings.stale_s / _BEAT_SHARE,
                stalled_worker_timeout=context.settings.stale_s,
            )
        await asyncio.sleep(_RESTART_S)


async def _keep_tidy(context: WorkerContext) -> None:
    """Remove folders of this machine whose time is over: each machine may have its own."""
    while True:
        with suppress(psycopg.OperationalError, PoolTimeout, OSError):  # the next time it goes
            await asyncio.to_thread(remove_expired_folders, context)
        await asyncio.sleep(_TIDY_S)
