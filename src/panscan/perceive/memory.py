"""Giving memory back while a long movie is looked at."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system (glibc only; elsewhere nothing needs to be done).

    Pictures are made in one thread and freed in another: glibc keeps such blocks in its arenas, and a process that
    needs 0.2 GB grows past 2 GB within a quarter of an hour of movie. Trimming takes a few milliseconds.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return  # another C library than glibc
