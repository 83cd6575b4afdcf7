"""Runs panscan in a process of its own, many jobs after each other: one that crashes or hangs costs that job alone.

The other side is `apart_child.py`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

CHILD = Path(__file__).with_name("apart_child.py")
_MOST_JOBS = 40  # of one process: native libraries keep some address space of each
_PATIENCE = 6  # times the limit of working time, for a process that waits, or is not let to work
START_S = 120  # imports on a busy machine
MEMORY_MIB = 6144  # address space: models and decoders map much more than they use


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    code: exit code of the command, or of an error; value: what the job gave back; traceback: of an exception that no
    user should see; died: why the process ended, e.g. SIGSEGV or "hang"; where: the Python lines it was at, the
    innermost first.
    """

    code: int = 0
    out: str = ""
    err: str = ""
    value: Any = None
    traceback: str = ""
    died: str = ""
    where: list[str] = field(default_factory=list)


class Apart:
    """One child process, started when it is needed and again after each end; use it in a `with`.

    limit_s: working time of a job; memory_mib: address space of the process.
    """

    def __init__(self, limit_s: float = 60, memory_mib: int = MEMORY_MIB) -> None:
        self.limit_s, self.memory_mib = limit_s, memory_mib
        self._stack = ExitStack()
        self._child: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def __enter__(self) -> Self:
        self._log = self._stack.enter_context(tempfile.TemporaryFile())
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._stack.close()

    def panscan(self, *arguments: object) -> Ended:
        """A command line."""
        return self.do("apart_child:command", arguments=[str(argument) for argument in arguments])

    def do(self, job: str, **what: Any) -> Ended:
        """Call a function, "module:name", with arguments that JSON can carry."""
        if self._jobs == _MOST_JOBS:
            self._kill()
        if self._child is None or self._child.poll() is not None:
            self._start()
            self._jobs = 0
        self._jobs += 1
        child = self._child
        assert child is not None and child.stdin is not None
        self._log.seek(0)
        self._log.truncate()
        try:
            child.stdin.write(json.dumps({"job": job, **what}).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            return self._died("")
        answer = self._line(_PATIENCE * self.limit_s)
        if answer is None:
            child.send_signal(signal.SIGABRT)  # it writes where it is
            return self._died("hang")
        return Ended(**json.loads(answer)) if answer else self._died("")

    def _start(self) -> None:
        paths = os.pathsep.join([str(CHILD.parent), *(path for path in sys.path if path)])
        environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, str(CHILD), str(self.memory_mib), str(self.limit_s)]
        self._child = self._stack.enter_context(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment, bufsize=0
            )
        )
        assert self._line(START_S) == b"ready\n", self._logged()

    def _line(self, limit_s: float) -> bytes | None:
        """What the child says next; empty when it ended, None when the time is up."""
        assert self._child is not None and self._child.stdout is not None
        said = b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._child.stdout, selectors.EVENT_READ)
            while not said.endswith(b"\n"):
                if not waiting.select(limit_s):
                    return None
                part = os.read(self._child.stdout.fileno(), 1 << 20)
                if not part:
                    return b""
                said += part
        return said

    def _died(self, why: str) -> Ended:
        assert self._child is not None
        try:
            code = self._child.wait(10)
        except subprocess.TimeoutExpired:
            code = 0
        self._kill()
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        name = "hang" if name == "SIGPROF" else name
        log = self._logged()
        stack = log.rpartition("Current thread")[2].partition("\n\n")[0]
        lines = [line.strip() for line in stack.splitlines() if line.lstrip().startswith("File ")]
        return Ended(code=code, err=log.partition("Extension modules")[0][-4000:], died=why or name, where=lines)

    def _logged(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
        self._child = None
