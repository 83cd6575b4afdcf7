"""The work of a job in a process of its own: it can be killed, and a crash inside a library ends the job alone.

The process knows no database. It sends what it finds through a pipe, and whoever started it writes that down.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from panscan.errors import PanscanError, internal_error
from panscan.processes import crash_error, end_with_parent
from panscan.service.redaction import redact
from panscan.service.temporary import TemporaryError
from panscan.service.work_order import JobHeld, NextPart, SharedPart, WorkOrder

_POLL_S = 0.2  # how soon a job that is cancelled ends
_WAIT_S = 1.0  # before the same question again: other workers are at the last parts
_END_S = 5.0  # for a process that was told to end; then it is killed

Kind = Literal["progress", "result", "confirm", "share", "part"]
_QUESTIONS = ("confirm", "share", "part")  # these wait for an answer


@dataclass(frozen=True, slots=True)
class Ending:
    """How the work ended.

    Attributes
    ----------
    kind : str
        "done", "failed" (for good), "temporary" (an error that may pass), "killed", "stopped" (as it was told to).
    state : str
        The state of the job where it is done.
    error : dict, optional
        What, why and fix.
    """

    kind: Literal["done", "failed", "temporary", "killed", "stopped"]
    state: str = ""
    error: dict[str, str] | None = None


@dataclass(slots=True)
class PipeReport:
    """What the work has to say, sent through the pipe (a `WorkReport` of `panscan.service.work_order`).

    Attributes
    ----------
    pipe : Connection
    last_s : float
        When the last progress was sent.
    place : tuple of int, optional
        Where the part that is at work lies in its stage: what was done before, its size, and the size of all parts.
    """

    pipe: Connection
    last_s: float = 0.0
    place: tuple[int, int, int] | None = None

    def progress(self, stage: str, done: int = 0, total: int = 0) -> None:
        """How far a stage is; not oftener than five times a second."""
        now = time.monotonic()
        if done == 0 or now - self.last_s >= _POLL_S:
            self.last_s = now
            self.pipe.send(("progress", (stage, *self._in_stage(done, total))))

    def _in_stage(self, done: int, total: int) -> tuple[int, int]:
        if self.place is None:
            return done, total
        before, size, whole = self.place
        return before + (size * done // total if total else 0), whole

    def confirm(self, source_s: float) -> None:
        """Ask whether the source may be worked on."""
        self._ask("confirm", source_s)

    def result(self, **found: Any) -> None:
        """Flags, verdicts, outputs, warnings."""
        self.pipe.send(("result", found))

    def share(self, parts: Sequence[SharedPart]) -> Iterator[SharedPart]:
        """The parts to do here. While others are at the last ones, it asks again and again."""
        if not parts:
            return
        self._ask("share", tuple(parts))
        names, whole = tuple(part.name for part in parts), sum(part.size for part in parts)
        finished = ""
        while not (answer := self._ask("part", (names, finished))).is_over:
            finished = ""
            self.progress(parts[0].stage, answer.done, whole)
            if answer.part is None:
                time.sleep(_WAIT_S)
                continue
            self.place = answer.done, answer.part.size, whole
            yield answer.part
            self.place, finished = None, answer.part.name

    def _ask(self, kind: Kind, value: Any) -> Any:
        """The answer to a question; where it is no, the work stops."""
        self.pipe.send((kind, value))
        answer: bool | NextPart = self.pipe.recv()
        if not answer:
            raise JobHeld
        return answer


def run_in_child(
    order: WorkOrder,
    work: str,
    on_message: Callable[[Kind, Any], Any],
    should_stop: Callable[[], bool],
    silent_s: float,
) -> Ending:
    """Do the work of a job in a new process.

    Parameters
    ----------
    order : WorkOrder
    work : str
        "module:function" that does it: it gets the order and a `WorkReport`, and returns the job's state.
    on_message : callable (kind, value)
        Gets what the work says; what it answers to a question goes back.
    should_stop : callable
        Asked again and again; the process is killed when it says so.
    silent_s : float
        Seconds without a word after which the process hangs, and is killed.
    """
    context = multiprocessing.get_context("spawn")  # not forked: other threads of the worker may hold locks
    ours, theirs = context.Pipe()
    process = context.Process(target=_child, args=(theirs, os.getpid(), order, work), name="panscan job")
    process.start()
    theirs.close()  # so that the pipe ends with the process
    try:
        return _listen(ours, process, on_message, should_stop, silent_s)
    finally:
        ours.close()
        process.terminate()
        process.join(_END_S)
        process.kill()
        process.join()


def _listen(
    pipe: Connection,
    process: Any,
    on_message: Callable[[Kind, Any], Any],
    should_stop: Callable[[], bool],
    silent_s: float,
) -> Ending:
    heard_s = time.monotonic()
    with suppress(EOFError, OSError):
        while not should_stop():
            if not pipe.poll(_POLL_S):
                if time.monotonic() - heard_s > silent_s:
                    return Ending("killed", error=_hung(silent_s))
                continue
            heard_s = time.monotonic()
            kind, value = pipe.recv()
            if kind == "end":
                return Ending(*value)
            answer = on_message(kind, value)
            if kind in _QUESTIONS:
                pipe.send(answer)
        return Ending("stopped")
    process.join(_END_S)
    error = crash_error("the job", process.exitcode)
    return Ending("killed", error=error_values(error))


def _hung(silent_s: float) -> dict[str, str]:
    return {
        "what": "the job hung",
        "why": f"Its process said nothing for {silent_s:g} s, and was ended.",
        "fix": "Try another copy of the media. If it happens again, please report it.",
    }


def error_values(error: PanscanError) -> dict[str, str]:
    """An error as the job's record holds it: without what addresses in it carry."""
    return {name: redact(text) for name, text in (("what", error.what), ("why", error.why), ("fix", error.fix))}


def ending_of(work: Callable[[], str]) -> Ending:
    """How work ended, whatever it raised."""
    try:
        return Ending("done", work())
    except JobHeld:
        return Ending("stopped")
    except PanscanError as error:
        passes = error.exit_code == TemporaryError.exit_code
        return Ending("temporary" if passes else "failed", error=error_values(error))
    except Exception as error:  # a fault of ours must not end the worker
        return Ending("failed", error=error_values(internal_error(error)))


def _child(pipe: Connection, parent: int, order: WorkOrder, work: str) -> None:
    """What the process does: the work, and all words about it into the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then ends this process
    end_with_parent(parent)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more threads only wait for the next short sum, busily
    module, _, name = work.partition(":")
    with _output_in(order.folder / "log.txt"):
        ending = ending_of(lambda: str(getattr(import_module(module), name)(order, PipeReport(pipe))))
    pipe.send(("end", (ending.kind, ending.state, ending.error)))


@contextmanager
def _output_in(file: Path) -> Iterator[None]:
    """What libraries print goes into a file beside the job."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                os.dup2(handle, stream.fileno())
        yield
    finally:
        os.close(handle)
