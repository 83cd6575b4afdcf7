"""Parts of a long movie, done by a worker that has not the job itself: taken up, and written down as long as it may."""

from __future__ import annotations

import logging
import shutil

from panscan.service.child import Ending, run_in_child
from panscan.service.database import Db
from panscan.service.records import parts
from panscan.service.running import Watch, WorkerContext, reach
from panscan.service.work_order import WorkOrder, remove_parts

_log = logging.getLogger("panscan.worker")


def help_job(context: WorkerContext, job_id: str) -> None:
    """Do one part of a job that waits; nothing where none does. Safe to call any number of times, also at once."""
    with context.slots:
        if context.draining.is_set():
            return  # the sweep writes its entry again
        mine = reach(context, lambda db: parts.claim(db, job_id, context.name))
        if mine is None:
            return
        watch = Watch(context, lambda db: parts.beat(db, mine), {})  # a part has no record of its own
        order = _order(context, mine)
        ending = run_in_child(order, context.work, watch.on_message, watch.should_stop, context.settings.silent_s)
        remove_parts(order)  # of a process that was killed
        if ending.kind == "done":
            shutil.rmtree(order.folder, ignore_errors=True)  # its log stays where something went wrong
        _log.info("%s, %s: %s %s", job_id, mine.part.name, ending.kind, (ending.error or {}).get("what", ""))
        reach(context, lambda db: _write_end(db, mine, ending))


def _order(context: WorkerContext, mine: parts.PartClaim) -> WorkOrder:
    """The order for a part, in a folder of its own: the job's may be another process's, on this machine too."""
    settings = context.settings
    return WorkOrder(
        mine.job_id,
        mine.tries,
        mine.spec,
        settings.job_folder(mine.job_id) / f"help-{mine.part.name}",
        mine.account_id,
        settings.folders,
        settings.uploads,
        exchange=settings.exchange,
        shared=mine.part,
    )


def _write_end(db: Db, mine: parts.PartClaim, ending: Ending) -> None:
    if ending.kind == "done":
        parts.finish(db, mine)
    else:
        parts.put_back(db, mine, is_failure=ending.kind != "stopped")
