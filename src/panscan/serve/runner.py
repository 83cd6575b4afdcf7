"""Runs the jobs, one after the other, in a thread of its own: analysing a movie takes all of a machine anyway."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from panscan.errors import PanscanError, internal_error
from panscan.files import write_bytes
from panscan.serve.guard import AllowedFolders
from panscan.serve.jobs import Job, JobRequest, JobStore, error_json

PLAN = "plan.json"  # name of a job's plan in its folder
_STOP_TIMEOUT_S = 10  # for the job that runs to notice that the service ends

ReportProgress = Callable[[str, int, int], None]


class JobStopped(Exception):
    """The job must end now: it was cancelled, or the service ends."""


class JobHandler(Protocol):
    """What does the work; it is handed in, so that the service knows nothing of the pipeline."""

    def presets(self) -> list[str]:
        """Names that a request may give as its preset."""

    def validate(self, job_request: JobRequest) -> None:
        """Refuse a request that is wrong before anything is decoded.

        Raises
        ------
        PanscanError
            The request is wrong.
        """

    def make_plan(
        self,
        job_request: JobRequest,
        source: Path,
        folder: Path,
        allowed_folders: AllowedFolders,
        report_progress: ReportProgress,
    ) -> bytes:
        """Make the plan.

        Parameters
        ----------
        job_request : JobRequest
        source : Path
            The movie or timeline.
        folder : Path
            For files that belong to the job.
        allowed_folders : AllowedFolders
            What may be read besides.
        report_progress : callable (stage, done, total)
            To be called again and again; may raise `JobStopped`.

        Raises
        ------
        PanscanError
            It cannot be made.
        """


class JobRunner:
    """Runs the jobs of a store in their order."""

    def __init__(self, store: JobStore, handler: JobHandler, allowed_folders: AllowedFolders) -> None:
        self._store, self._handler, self._allowed_folders = store, handler, allowed_folders
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._cancelled: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panscan jobs", daemon=True)

    def start(self) -> None:
        """Begin, with the jobs that an earlier run left."""
        for job in self._store.all():
            if not job.is_finished:
                self._queue.put(job.id)
        self._thread.start()

    def stop(self) -> None:
        """Stop; the job that runs waits for the next start."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(timeout=_STOP_TIMEOUT_S)

    def enqueue(self, job: Job) -> None:
        """Queue a job."""
        self._queue.put(job.id)

    def cancel(self, job_id: str) -> None:
        """Stop a job that waits or runs."""
        self._cancelled.add(job_id)
        job = self._store.get(job_id)
        if job is not None and job.state == "queued":
            self._store.update(job_id, state="cancelled")

    def _run(self) -> None:
        while (job_id := self._queue.get()) is not None and not self._stopping.is_set():
            job = self._store.get(job_id)
            if job is not None and job.state == "queued" and job_id not in self._cancelled:
                self._run_job(job)
            self._cancelled.discard(job_id)

    def _run_job(self, job: Job) -> None:
        def report_progress(stage: str, done: int, total: int) -> None:
            if self._stopping.is_set() or job.id in self._cancelled:
                raise JobStopped
            self._store.update(job.id, stage=stage, done=done, total=total)

        self._store.update(job.id, state="running", stage="starting")
        folder = self._store.job_folder(job.id)
        source = folder / job.wish.source if job.wish.is_sent else Path(job.wish.source)
        try:
            plan = self._handler.make_plan(job.wish, source, folder, self._allowed_folders, report_progress)
            write_bytes(plan, folder / PLAN, private=True)
            self._store.update(job.id, state="done", stage="done", done=1, total=1)
        except JobStopped:
            self._store.update(job.id, state="queued" if self._stopping.is_set() else "cancelled", stage="")
        except PanscanError as error:
            self._store.update(job.id, state="failed", error=error_json(error))
        except Exception as error:  # a fault of ours must not end the service
            self._store.update(job.id, state="failed", error=error_json(internal_error(error)))
