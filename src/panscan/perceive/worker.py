"""A thread that gives pictures to a few signals, in order, while the decoder goes on."""

from __future__ import annotations

import ctypes
import queue
import sys
import threading
from collections.abc import Sequence

from panscan.perceive.signal import PictureLike, PictureSignal

# At most this many decoded pictures wait in the queue: enough to absorb slow detections, and memory use stays constant.
_MAX_QUEUED_PICTURES = 8


class SignalThread:
    """One thread for a few signals, each of which receives every picture."""

    def __init__(self, signals: Sequence[PictureSignal]) -> None:
        self._signals = signals
        self._error: BaseException | None = None
        self._pictures: queue.Queue[PictureLike | None] = queue.Queue(_MAX_QUEUED_PICTURES)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def submit(self, picture: PictureLike) -> None:
        """Hand over the next picture; waits while the signals are behind, raises what they raised."""
        self.raise_error()
        self._pictures.put(picture)

    def close(self) -> None:
        """Let the signals take the pictures that wait, and end the thread."""
        self._pictures.put(None)
        self._thread.join()

    def raise_error(self) -> None:
        """Raise what a signal raised, if any did."""
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (picture := self._pictures.get()) is not None:
            if self._error is not None:
                continue  # drain: the decoder must never wait for a thread that gave up
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
