"""Files made of reviewed movies, one order after the other, each in a process of its own."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from panscan.errors import PanscanError, internal_error
from panscan.review.sources import DeliveryRequest, ReportProgress, ReviewSource, ReviewWork
from panscan.serve.child import in_child_process
from panscan.serve.jobs import JobState, error_json
from panscan.serve.runner import JobStopped

_ID_BYTES = 8  # an id is no secret, only unlike all others
_STOP_TIMEOUT_S = 10  # for the process at work to end


@dataclass(frozen=True, slots=True)
class DeliveryJob:
    """One order.

    Attributes
    ----------
    id, movie : str
    state : "queued", "running", "done", "failed" or "cancelled"
    stage : str
        What is being done.
    done, total : int
        How far the stage is; 0 of 0 where that is not known.
    eta_s : float, optional
        Seconds until the stage is done, if it goes on as fast as so far.
    made : dict
        `files`, `verdicts`, `pages`, `refused` and `notes` of the result.
    error : dict, optional
        What, why and fix of a failure.
    """

    id: str
    movie: str
    state: JobState = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    eta_s: float | None = None
    made: dict[str, Any] = field(default_factory=dict)
    error: dict[str, str] | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        """The job as answers hold it."""
        return asdict(self)


class DeliveryQueue:
    """Orders of this run, done one after the other."""

    def __init__(self, work: ReviewWork) -> None:
        self._work = work
        self._jobs: dict[str, DeliveryJob] = {}
        self._orders: dict[str, tuple[ReviewSource, DeliveryRequest]] = {}
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panscan deliveries", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End; what runs is given up."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(timeout=_STOP_TIMEOUT_S)

    def add(self, source: ReviewSource, request: DeliveryRequest) -> DeliveryJob:
        """Queue an order."""
        job = DeliveryJob(secrets.token_hex(_ID_BYTES), source.id)
        self._jobs[job.id], self._orders[job.id] = job, (source, request)
        self._queue.put(job.id)
        return job

    def get(self, job_id: str) -> DeliveryJob | None:
        """An order by its id."""
        return self._jobs.get(job_id)

    def cancel(self, job_id: str) -> None:
        """Stop an order that waits or runs."""
        if not self._jobs[job_id].is_finished:
            self._jobs[job_id] = replace(self._jobs[job_id], state="cancelled", stage="")

    def _run(self) -> None:
        while (job_id := self._queue.get()) is not None and not self._stopping.is_set():
            if not self._jobs[job_id].is_finished:
                self._jobs[job_id] = self._finished(job_id)

    def _finished(self, job_id: str) -> DeliveryJob:
        started = dict[str, float]()

        def report_progress(stage: str, done: int, total: int) -> None:
            job = self._jobs[job_id]
            if self._stopping.is_set() or job.is_finished:
                raise JobStopped
            spent = time.monotonic() - started.setdefault(stage, time.monotonic())
            eta_s = round(spent * (total - done) / done, 1) if done and total else None
            self._jobs[job_id] = replace(job, state="running", stage=stage, done=done, total=total, eta_s=eta_s)

        try:
            answer = in_child_process(_deliver, (self._work, *self._orders[job_id]), report_progress)
            return replace(self._jobs[job_id], state="done", stage="done", eta_s=None, made=json.loads(answer))
        except JobStopped:
            return replace(self._jobs[job_id], state="cancelled", stage="")
        except PanscanError as error:
            return replace(self._jobs[job_id], state="failed", error=error_json(error))
        except Exception as error:  # a fault of ours must not end the service
            return replace(self._jobs[job_id], state="failed", error=error_json(internal_error(error)))


def _deliver(
    work: ReviewWork, source: ReviewSource, request: DeliveryRequest, report_progress: ReportProgress
) -> bytes:
    return json.dumps(work.deliver(source, request, report_progress)).encode()
