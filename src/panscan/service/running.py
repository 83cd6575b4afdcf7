"""One job as its worker sees it: taken up, done in a process of its own, written down as long as it is the worker's."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from psycopg_pool import PoolTimeout

from panscan.errors import PanscanError
from panscan.service.child import Ending, Kind, run_in_child
from panscan.service.database import Db, Pool
from panscan.service.records import parts, upkeep, work
from panscan.service.records.jobs import Seals
from panscan.service.records.stored_connections import connections_of
from panscan.service.settings import ServiceSettings
from panscan.service.states import FAILED
from panscan.service.work_order import WorkOrder, remove_parts

WORK = "panscan.service.work:do_work"  # what does a job, as a process finds it
_BEAT_SHARE = 5  # signs of life within the time after which a worker counts as killed
_OUTAGE_STEP_S = 0.5  # between two tries to reach a database that is away
# For which one try waits. A worker gives a sign as soon as the database is back, or it counts as killed.
RECONNECT_S = 2.0
_log = logging.getLogger("panscan.worker")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker works with.

    Attributes
    ----------
    settings : ServiceSettings
    pool : Pool
        Connections to the database.
    seals : Seals
        Opens the secrets of jobs.
    name : str
        Of the machine and process.
    work : str
        "module:function" that does a job.
    slots : semaphore
        So many jobs at once.
    draining : Event
        Set when the worker was told to end.
    drain_until_s : list of float
        Monotonic time until which jobs may go on then.
    """

    settings: ServiceSettings
    pool: Pool
    seals: Seals
    name: str
    work: str
    slots: threading.Semaphore
    draining: threading.Event = field(default_factory=threading.Event)
    drain_until_s: list[float] = field(default_factory=list)

    def drain(self) -> None:
        """Take up no more jobs, and let those that run go on for a while."""
        self.drain_until_s.append(time.monotonic() + self.settings.drain_s)
        self.draining.set()

    @property
    def must_stop(self) -> bool:
        """Whether the time for running jobs is over."""
        return self.draining.is_set() and time.monotonic() > self.drain_until_s[0]


def run_job(context: WorkerContext, job_id: str) -> None:
    """Do a job that waits; nothing where it does not wait any more. Safe to call any number of times, also at once."""
    with context.slots:
        if context.draining.is_set():
            return  # the sweep writes its entry again
        mine = reach(context, lambda db: work.claim(db, job_id, context.name, context.seals))
        if mine is None:
            return
        order = _order(context, mine)
        watch = Watch(context, lambda db: work.beat(db, mine), _writers(mine))
        ending = run_in_child(order, context.work, watch.on_message, watch.should_stop, context.settings.silent_s)
        remove_parts(order)  # of a process that was killed
        _log.info("%s: %s %s", job_id, ending.kind, ending.state)
        reach(context, lambda db: _write_end(db, mine, ending, context))
        if "share" in watch.heard and reach(context, lambda db: upkeep.ended_jobs(db, [job_id])):
            with suppress(PanscanError):  # the hourly tidying does it later
                context.settings.exchange.remove_job(job_id)


def _order(context: WorkerContext, mine: work.Claim) -> WorkOrder:
    settings = context.settings
    return WorkOrder(
        mine.job_id,
        mine.attempt,
        mine.spec,
        settings.job_folder(mine.job_id),
        mine.account_id,
        settings.folders,
        settings.uploads,
        reach(context, lambda db: connections_of(db, mine.account_id, mine.spec, context.seals)),
        settings.exchange,
    )


Writers = Mapping[Kind, Callable[[Db, Any], Any]]


class Watch:
    """Writes down what the work says, gives signs of life, and sees when it must stop.

    Parameters
    ----------
    context : WorkerContext
    beat : callable (db)
        Writes a sign of life; False where the work must stop: it was cancelled, or given to another.
    writers : mapping
        What writes down a message of each kind, and gives the answer to it; other kinds are not written down.
    """

    def __init__(self, context: WorkerContext, beat: Callable[[Db], bool], writers: Writers) -> None:
        self._context, self._beat, self._writers = context, beat, writers
        self._next_beat_s = 0.0
        self.heard: set[Kind] = set()

    def on_message(self, kind: Kind, value: Any) -> Any:
        """Write down what the work says; the answer to what it asks."""
        self.heard.add(kind)
        writer = self._writers.get(kind)
        return writer and reach(self._context, lambda db: writer(db, value))

    def should_stop(self) -> bool:
        """Whether the work must stop, or the worker ends."""
        if self._context.must_stop:
            return True
        now = time.monotonic()
        if now < self._next_beat_s:
            return False
        self._next_beat_s = now + self._context.settings.stale_s / _BEAT_SHARE
        return not reach(self._context, self._beat)


def _writers(mine: work.Claim) -> Writers:
    return {
        "confirm": lambda db, source_s: work.confirm(db, mine, source_s),
        "progress": lambda db, how_far: work.progress(db, mine, *how_far),
        "result": lambda db, found: work.note_result(db, mine, found),
        "share": lambda db, offered: parts.share(db, mine, offered),
        "part": lambda db, done: parts.next_part(db, mine, *done),
    }


def _write_end(db: Db, mine: work.Claim, ending: Ending, context: WorkerContext) -> None:
    error = ending.error or {}
    if ending.kind == "done":
        work.finish(db, mine, ending.state)
    elif ending.kind == "failed":
        work.finish(db, mine, FAILED, error)
    elif ending.kind == "temporary":
        work.try_again(db, mine, error)
    elif ending.kind == "killed":
        work.killed(db, mine, error)
    elif context.must_stop:
        work.give_back(db, mine)
    else:
        work.stopped(db, mine)


def reach(context: WorkerContext, ask: Callable[[Db], T]) -> T:
    """What the database says; while it is away, wait for it: the work goes on meanwhile."""
    while True:
        try:
            with context.pool.connection(RECONNECT_S) as db:
                return ask(db)
        except (psycopg.OperationalError, PoolTimeout) as error:
            if context.must_stop:
                raise
            _log.warning("the database is away: %s", str(error).strip().splitlines()[0])
            time.sleep(_OUTAGE_STEP_S)
