"""A thread that shows pictures to a few signals, in order, while the decoder goes on."""

from __future__ import annotations

import ctypes
import queue
import sys
import threading
from typing import Any

from panscan.perceive.signal import PictureLike

# Decoded pictures waiting at the most: enough to even out the detectors' looks, and memory stays flat.
_WAITING = 8


class SignalThread:
    """Signals that are shown pictures in one thread of their own."""

    def __init__(self, signals: list[Any]) -> None:
        self._signals = signals
        self._error: BaseException | None = None
        self._pictures: queue.Queue[PictureLike | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def submit(self, picture: PictureLike) -> None:
        """Hand over the next picture; waits while the signals are behind, raises what they raised."""
        self.check()
        self._pictures.put(picture)

    def close(self) -> None:
        """Let the signals look at what is waiting, and end the thread."""
        self._pictures.put(None)
        self._thread.join()

    def check(self) -> None:
        """Raise what a signal raised."""
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (picture := self._pictures.get()) is not None:
            if self._error is not None:
                continue  # drain: the decoder must never wait for a worker that gave up
            try:
                for signal in self._signals:
                    signal.see(picture)
            except BaseException as error:
                self._error = error


def release_freed_memory() -> None:
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
