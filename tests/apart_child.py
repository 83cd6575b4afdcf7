"""The process that `apart` starts: reads a job per line, and answers each with a line of JSON."""

from __future__ import annotations

import contextlib
import dataclasses
import faulthandler
import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any


def command(arguments: list[str]) -> Any:
    """A command line."""
    from commandline import panscan

    return panscan(*arguments)


def _answer(job: str, **what: Any) -> dict[str, Any]:
    from commandline import Ran
    from panscan.errors import PanscanError

    module, _, function = job.partition(":")
    try:
        value = getattr(importlib.import_module(module), function)(**what)
    except PanscanError as error:
        return {"code": error.exit_code, "err": f"error: {error}"}
    except BaseException:  # whatever it is, the parent is told, and the next job comes
        return {"code": 1, "traceback": traceback.format_exc()}
    return dataclasses.asdict(value) if isinstance(value, Ran) else {"value": value}


def _limit(memory_mib: int) -> None:
    with contextlib.suppress(ImportError):  # Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_mib << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cpu_limit(seconds: float) -> None:
    """End the process with SIGPROF when it has worked for so long; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Answer until there are no more jobs; what libraries print goes to the parent's log."""
    _limit(int(sys.argv[1]))
    import commandline  # noqa: F401  (its imports take long)

    # Commands send descriptor 2 elsewhere while native libraries work, which is when they crash.
    faulthandler.enable(os.dup(2))
    if hasattr(signal, "setitimer"):
        faulthandler.register(signal.SIGPROF, os.dup(2), chain=True)  # and then it ends the process
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        os.dup2(2, 1)
        answers.write(b"ready\n")
        for line in sys.stdin:
            _cpu_limit(float(sys.argv[2]))
            answer = _answer(**json.loads(line))
            _cpu_limit(0)
            answers.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
