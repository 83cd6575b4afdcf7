"""Several processes that encode segments."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from panscan.errors import InternalError
from panscan.processes import end_with_parent
from panscan.render.segments.encoding import encode_segment
from panscan.render.segments.orders import SegmentedMovie, SegmentOrder
from panscan.render.threads import Progress


def encode_missing(movie: SegmentedMovie, count: int, progress: Progress | None) -> None:
    """Encode the missing segments of a movie in `count` processes.

    Raises
    ------
    RenderError
        One cannot be encoded. Finished segments are kept for the next run.
    """
    missing, total = movie.missing, movie.frame_count
    done = total - sum(order.frame_count for order in missing)
    if progress:
        progress(done, total)
    for order in _encoded(missing, count):
        done += order.frame_count
        if progress:
            progress(done, total)


def _encoded(missing: Sequence[SegmentOrder], count: int) -> Iterator[SegmentOrder]:
    """Encode segments in `count` processes; yields each as it is finished."""
    if count == 1 or len(missing) < 2:
        for order in missing:
            encode_segment(order)
            yield order
        return
    before = set(multiprocessing.active_children())
    # Not forked: other threads of this process may hold locks.
    with ProcessPoolExecutor(
        min(count, len(missing)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_process,
        initargs=(os.getpid(),),
    ) as pool:
        pending = {pool.submit(encode_segment, order): order for order in missing}
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    yield pending.pop(future)
        except BrokenProcessPool as error:
            raise InternalError(
                "a process that encoded a segment crashed",
                why="Perhaps for want of memory.",
                fix="Run the command again with fewer --jobs; finished segments are kept.",
            ) from error
        except BaseException:
            # To wait for segments that are not needed any more would look like a hang.
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start_process(parent: int) -> None:
    """Make this process end quietly on Ctrl-C, and with the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(parent)
