"""The movies under review, made ready one after the other while the page is open already."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from panscan.errors import PanscanError, internal_error
from panscan.review.footage import Footage
from panscan.review.proxy import COPYING
from panscan.review.sources import ReportProgress, ReviewSource, ReviewWork
from panscan.serve.child import in_child_process
from panscan.serve.jobs import error_json
from panscan.serve.runner import JobStopped

_LOOKING_SHARE = 0.6  # of the time that a movie takes to be ready; measured: as much as the copy, or twice that
_STOP_TIMEOUT_S = 10  # for the process at work to end

MovieState = Literal["waiting", "analysing", "ready", "failed"]


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedMovie:
    """A movie under review.

    Attributes
    ----------
    source : ReviewSource
    state : "waiting", "analysing", "ready" or "failed"
    percent : float
        How far it is, 0..100.
    stage : str
        What is being done.
    error : dict, optional
        What, why and fix of a failure.
    footage : Footage, optional
        What it is, once it is ready.
    proxy : Path, optional
        Once it is ready.
    """

    source: ReviewSource
    state: MovieState = "waiting"
    percent: float = 0.0
    stage: str = ""
    error: dict[str, str] | None = None
    footage: Footage | None = None
    proxy: Path | None = None


class Library:
    """All movies under review; safe to use from several threads."""

    def __init__(self, sources: Sequence[ReviewSource], work: ReviewWork, cache: Path) -> None:
        """`cache`: where proxies and small pictures are kept."""
        self._work, self._cache = work, cache
        self._movies = {source.id: ReviewedMovie(source) for source in sources}
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panscan review", daemon=True)

    def start(self) -> None:
        """Begin to make the movies ready, in their order."""
        for movie_id in self._movies:
            self._queue.put(movie_id)
        self._queue.put(None)
        self._thread.start()

    def stop(self) -> None:
        """End the process at work."""
        self._stopping.set()
        self._thread.join(timeout=_STOP_TIMEOUT_S)

    def get(self, movie_id: str) -> ReviewedMovie | None:
        """A movie by its id."""
        return self._movies.get(movie_id)

    def all(self) -> list[ReviewedMovie]:
        """All movies, in the order in which they were given."""
        return list(self._movies.values())

    def _run(self) -> None:
        while (movie_id := self._queue.get()) is not None and not self._stopping.is_set():
            self._movies[movie_id] = self._made_ready(movie_id)

    def _made_ready(self, movie_id: str) -> ReviewedMovie:
        def report_progress(stage: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise JobStopped
            share = done / total if total else 0.0
            first, length = (0.0, _LOOKING_SHARE) if stage != COPYING else (_LOOKING_SHARE, 1 - _LOOKING_SHARE)
            percent = 100 * (first + length * min(1.0, share))
            movie = self._movies[movie_id]
            self._movies[movie_id] = replace(movie, state="analysing", stage=stage, percent=percent)

        movie = self._movies[movie_id]
        try:
            prepared = in_child_process(_prepare, (self._work, movie.source, self._cache), report_progress)
            footage, proxy = self._work.opened(movie.source, prepared)
            source = movie.source.with_people(footage.movie) if footage.movie else movie.source
        except JobStopped:
            return movie
        except PanscanError as error:
            return replace(movie, state="failed", error=error_json(error))
        except Exception as error:  # a fault of ours must not end the service
            return replace(movie, state="failed", error=error_json(internal_error(error)))
        return replace(movie, source=source, state="ready", percent=100.0, footage=footage, proxy=proxy)


def _prepare(work: ReviewWork, source: ReviewSource, cache: Path, report_progress: ReportProgress) -> bytes:
    return work.prepare(source, cache, report_progress)
