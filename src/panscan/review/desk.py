"""All that one run of the review server holds: movies, drafts, solvers, orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panscan.errors import InputError
from panscan.review.deliveries import DeliveryQueue
from panscan.review.drafts import DraftStore
from panscan.review.footage import Footage
from panscan.review.library import Library, ReviewedMovie
from panscan.review.solving import Solver
from panscan.review.sources import ReviewSource, ReviewWork


class Desk:
    """What the routes work with."""

    def __init__(self, sources: Sequence[ReviewSource], work: ReviewWork, cache: Path, drafts: Path) -> None:
        """`cache`: where proxies are kept; `drafts`: where corrections are kept until they are saved."""
        self.work = work
        self.library = Library(sources, work, cache)
        self.drafts = DraftStore(drafts)
        self.deliveries = DeliveryQueue(work)
        self._solvers: dict[str, Solver] = {}

    def start(self) -> None:
        """Begin to make movies ready."""
        self.library.start()
        self.deliveries.start()

    def stop(self) -> None:
        """End all processes at work."""
        self.library.stop()
        self.deliveries.stop()

    def ready(self, movie: ReviewedMovie) -> tuple[Footage, Solver, Path]:
        """What a movie is, its solver and its proxy.

        Raises
        ------
        InputError
            It is not ready, or cannot be used.
        """
        if movie.footage is None or movie.proxy is None:
            name = movie.source.movie.name
            error = movie.error or {"what": f"{name} is not ready", "why": "It is looked at.", "fix": "Wait."}
            raise InputError(error["what"], why=error["why"], fix=error["fix"])
        names = movie.source.names or movie.footage.names
        solver = self._solvers.setdefault(movie.source.id, Solver(movie.footage, names))
        return movie.footage, solver, movie.proxy
