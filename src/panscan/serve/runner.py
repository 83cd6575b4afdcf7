"""Does the jobs, one after the other, in a thread of its own: looking at movies takes all of a machine anyway."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from panscan.errors import PanscanError
from panscan.files import write_bytes
from panscan.serve.guard import AllowedFolders
from panscan.serve.jobs import Job, JobRequest, JobStore, error_json

PLAN = "plan.json"

ReportProgress = Callable[[str, int, int], None]


class JobStopped(Exception):
    """The job is to end here: it was cancelled, or the service ends."""


class JobHandler(Protocol):
    """What the service is for; handed in, so that the service knows nothing of the pipeline."""

    def presets(self) -> list[str]:
        """Names that a request may give as its preset."""

    def check(self, asked: JobRequest) -> None:
        """Refuse a request that is wrong before anything is decoded.

        Raises
        ------
        PanscanError
            The request is wrong.
        """

    def plan(
        self, asked: JobRequest, source: Path, folder: Path, allowed: AllowedFolders, report: ReportProgress
    ) -> bytes:
        """Make the plan; `report(stage, done, total)` is called as it goes on and may raise `Stopped`.

        folder: for files that belong to the job; allowed: what may be read besides.

        Raises
        ------
        PanscanError
            It cannot be made.
        """


class JobRunner:
    """Takes the jobs of a shelf in turn."""

    def __init__(self, shelf: JobStore, work: JobHandler, allowed: AllowedFolders) -> None:
        self._shelf, self._work, self._allowed = shelf, work, allowed
        self._waiting: queue.Queue[str | None] = queue.Queue()
        self._cancelled: set[str] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panscan jobs", daemon=True)

    def start(self) -> None:
        """Begin, with the jobs that an earlier run left."""
        for job in self._shelf.all():
            if not job.is_over:
                self._waiting.put(job.id)
        self._thread.start()

    def end(self) -> None:
        """Stop; the job that runs waits for the next start."""
        self._ending.set()
        self._waiting.put(None)
        self._thread.join(timeout=10)

    def ask(self, job: Job) -> None:
        """Queue a job."""
        self._waiting.put(job.id)

    def cancel(self, job_id: str) -> None:
        """Stop a job that waits or runs."""
        self._cancelled.add(job_id)
        job = self._shelf.get(job_id)
        if job is not None and job.state == "queued":
            self._shelf.change(job_id, state="cancelled")

    def _run(self) -> None:
        while (job_id := self._waiting.get()) is not None and not self._ending.is_set():
            job = self._shelf.get(job_id)
            if job is not None and job.state == "queued" and job_id not in self._cancelled:
                self._do(job)
            self._cancelled.discard(job_id)

    def _do(self, job: Job) -> None:
        def report(stage: str, done: int, total: int) -> None:
            if self._ending.is_set() or job.id in self._cancelled:
                raise JobStopped
            self._shelf.change(job.id, stage=stage, done=done, total=total)

        self._shelf.change(job.id, state="running", stage="starting")
        folder = self._shelf.place(job.id)
        source = folder / job.wish.source if job.wish.is_sent else Path(job.wish.source)
        try:
            plan = self._work.plan(job.wish, source, folder, self._allowed, report)
            write_bytes(plan, folder / PLAN, private=True)
            self._shelf.change(job.id, state="done", stage="done", done=1, total=1)
        except JobStopped:
            self._shelf.change(job.id, state="queued" if self._ending.is_set() else "cancelled", stage="")
        except PanscanError as error:
            self._shelf.change(job.id, state="failed", error=error_json(error))
        except Exception as error:  # a fault of ours must not end the service
            said = {"what": "panscan failed", "why": f"{type(error).__name__}: {error}", "fix": "Please report this."}
            self._shelf.change(job.id, state="failed", error=said)
