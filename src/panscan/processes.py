"""Processes that are started for a part of the work: how they end, and what is told of one that crashed."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress

from panscan.errors import InternalError

_PARENT_CHECK_S = 0.2  # how soon a process ends after the one that started it
_SYNCHRONIZE, _INFINITE = 0x00100000, 0xFFFFFFFF  # of the Windows API: the right to wait for a process; without end


def end_with_parent(parent: int) -> None:
    """Make this process end when the process that started it (its id) ends in any way."""

    def wait_for_parent() -> None:
        # A killed parent sends nothing, and the pipe between the two stays open on this side.
        if sys.platform == "win32":  # where a process keeps the id of its parent
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.WaitForSingleObject(kernel.OpenProcess(_SYNCHRONIZE, False, parent), _INFINITE)
        else:
            while os.getppid() == parent:
                time.sleep(_PARENT_CHECK_S)
        os._exit(1)

    threading.Thread(target=wait_for_parent, name="panscan-parent", daemon=True).start()


def crash_error(what: str, exit_code: int | None, *, at: str = "", fix: str = "") -> InternalError:
    """The error for a process that ended without an answer.

    Parameters
    ----------
    what : str
        What crashed: "the job".
    exit_code : int or None
        A negative code is the signal that ended the process.
    at : str
        Where it was, if that is known.
    fix : str
        What to do first.
    """
    ended, reason = f"with code {exit_code}", "a fault inside a library, or too little memory"
    with suppress(ValueError):
        ended = f"by {signal.Signals(-(exit_code or 0)).name}"
    if ended == "by SIGKILL":
        reason = "the system does so where memory runs out"
    return InternalError(
        f"{what} crashed",
        why=f"Its process was ended {ended}{f', at {at}' if at else ''}: {reason}.",
        fix=f"{fix} Try another copy of the media. If it happens again, please report it.".strip(),
    )
