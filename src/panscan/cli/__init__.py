"""The command line: one file per command; heavy libraries are imported inside the command that needs them.

Most commands run in a second process. The first one only waits, and so it imports hardly anything.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

from panscan.cli import supervised
from panscan.errors import InternalError, PanscanError, internal_error


def main() -> None:
    """The script `panscan`: commands that use native libraries run in a process that may crash."""
    _end_with_code(lambda: supervised.run(sys.argv[1:]) if supervised.is_wanted(sys.argv[1:]) else run())


def run() -> None:
    """Run the command line in this process."""
    from panscan.cli.commands import command_line

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    _end_with_code(lambda: command_line(sys.argv[1:])(prog_name="panscan"))


def _stop(number: int, frame: object) -> None:
    """Say what is kept, and let SIGTERM clean up as Ctrl-C does."""
    for repeated in (signal.SIGINT, signal.SIGTERM):  # the signal may come from the supervisor, too
        signal.signal(repeated, signal.SIG_IGN)
    _tell("\nstopped; what was finished is kept: run the same command to go on")
    raise KeyboardInterrupt


def _end_with_code(work: Callable[[], object]) -> None:
    """Our errors print what, why and fix, and end with their own code."""
    try:
        work()
    except PanscanError as error:
        _tell(f"error: {error}")
        raise SystemExit(error.exit_code) from error
    except Exception as error:  # a fault of ours: never exit code 1, which is a verdict on a movie
        if os.environ.get("PANSCAN_DEBUG"):
            traceback.print_exc()
        _tell(f"error: {internal_error(error)}")
        raise SystemExit(InternalError.exit_code) from error


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
