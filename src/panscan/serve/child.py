"""A job in a process of its own: a crash inside a library ends the job, not the service."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from panscan.errors import PanscanError, internal_error
from panscan.processes import crash_error, end_with_parent
from panscan.serve.guard import AllowedFolders
from panscan.serve.jobs import JobRequest
from panscan.serve.runner import JobHandler, ReportProgress

_POLL_S = 0.2  # how soon a job that is cancelled ends
_END_S = 5  # for a process that was told to end; then it is killed


class ChildProcessHandler:
    """Makes each plan of another handler in a new process (a `JobHandler` of `panscan.serve.runner`)."""

    def __init__(self, handler: JobHandler) -> None:
        self._handler = handler

    def presets(self) -> list[str]:
        """Names that a request may give as its preset."""
        return self._handler.presets()

    def validate(self, job_request: JobRequest) -> None:
        """Refuse a request that is wrong."""
        self._handler.validate(job_request)

    def make_plan(
        self,
        job_request: JobRequest,
        source: Path,
        folder: Path,
        allowed_folders: AllowedFolders,
        report_progress: ReportProgress,
    ) -> bytes:
        """Make the plan in a process; it is killed when `report_progress` raises.

        Raises
        ------
        PanscanError
            It cannot be made; `InternalError`: the process crashed.
        """
        arguments = (self._handler, job_request, source, folder, allowed_folders)
        return in_child_process(_make_plan, arguments, report_progress)


def in_child_process(work: Callable[..., bytes], arguments: tuple[Any, ...], report_progress: ReportProgress) -> bytes:
    """What `work(*arguments, report_progress)` answers in a process, which is killed when `report_progress` raises.

    Parameters
    ----------
    work : callable
        A function of a module, so that the process finds it.
    arguments : tuple
        Values that can be pickled.
    report_progress : callable (stage, done, total)

    Raises
    ------
    PanscanError
        What `work` raises; `InternalError`: the process crashed.
    """
    context = multiprocessing.get_context("spawn")  # not forked: other threads of the service may hold locks
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, os.getpid(), work, arguments), name="panscan job")
    process.start()
    theirs.close()  # so that the pipe ends with the process
    try:
        return _answer(ours, process, report_progress)
    finally:
        ours.close()
        process.terminate()
        process.join(_END_S)
        process.kill()
        process.join()


def _answer(pipe: Connection, process: Any, report_progress: ReportProgress) -> bytes:
    """The answer, as the process sends it."""
    stage: tuple[str, int, int] = ("starting", 0, 0)
    with suppress(EOFError, OSError):
        while True:
            if not pipe.poll(_POLL_S):
                report_progress(*stage)  # which raises where the job is cancelled
                continue
            kind, value = pipe.recv()
            if kind == "answer":
                return bytes(value)
            if kind == "error":
                raise value
            stage = value
            report_progress(*stage)
    process.join(_END_S)
    raise crash_error("the job", process.exitcode)


def _make_plan(
    handler: JobHandler,
    job_request: JobRequest,
    source: Path,
    folder: Path,
    allowed_folders: AllowedFolders,
    report_progress: ReportProgress,
) -> bytes:
    return handler.make_plan(job_request, source, folder, allowed_folders, report_progress)


def _work(pipe: Connection, parent: int, work: Callable[..., bytes], arguments: tuple[Any, ...]) -> None:
    """What the process does: one piece of work, and all words about it into the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends this process
    end_with_parent(parent)

    def report_progress(stage: str, done: int, total: int) -> None:
        pipe.send(("progress", (stage, done, total)))

    try:
        answer: tuple[str, Any] = ("answer", work(*arguments, report_progress))
    except PanscanError as error:
        answer = ("error", error)
    except Exception as error:
        answer = ("error", internal_error(error))
    pipe.send(answer)
