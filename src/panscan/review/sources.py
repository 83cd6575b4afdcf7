"""What is reviewed: movies, the shapes that are made of them, and where their files go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from panscan.model.geometry import Ratio
from panscan.model.media import Media
from panscan.model.request import Request
from panscan.request.config_files import read_config
from panscan.request.people import people_of_movie
from panscan.review.footage import Footage

ReportProgress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """A movie or a cut to review.

    Attributes
    ----------
    movie : Path
        The movie, or the file of the cut.
    folder : Path
        Where timelines and what is made of them lie.
    requests : tuple of Request
        One for each shape, without the decisions made by hand.
    overrides_file : Path
        Where decisions made by hand are written, whether it is there or not.
    is_cut : bool
        It is an editor's cut.
    """

    movie: Path
    folder: Path
    requests: tuple[Request, ...]
    overrides_file: Path
    is_cut: bool = False

    @property
    def id(self) -> str:
        """A short name for addresses, the same in every run."""
        return blake2b(str(self.movie.resolve()).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that people were given."""
        return tuple(person.name for person in self.requests[0].people) if self.requests else ()

    def with_people(self, media: Media) -> ReviewSource:
        """The same with the people that the file of decisions names.

        Raises
        ------
        UsageError
            The file has a mistake.
        """
        file = self.overrides_file
        people = people_of_movie(read_config(file), str(file), media) if file.is_file() else ()
        return replace(self, requests=tuple(replace(request, people=people) for request in self.requests))

    def request_of(self, ratio: Ratio) -> Request | None:
        """The request for a shape, if it is made."""
        return next((request for request in self.requests if request.ratio == ratio), None)

    def timeline_path(self, request: Request) -> Path:
        """The timeline of a shape."""
        return self.folder / f"{self.movie.stem}.{request.ratio.slug}.otio"


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is to be made of a movie once it is as it should be.

    Attributes
    ----------
    ratios : tuple of Ratio
    formats : tuple of str
        Files for editors, by the names of their exporters.
    renders : bool
        Whether movies are rendered and verified.
    """

    ratios: tuple[Ratio, ...]
    formats: tuple[str, ...]
    renders: bool


class ReviewWork(Protocol):
    """What the server cannot do itself; it is handed in by the command line, and must be able to be pickled."""

    def prepare(self, source: ReviewSource, cache: Path, report_progress: ReportProgress) -> bytes:
        """Analyse a movie or a cut, and make its small copy, in a process of its own; what `opened` needs.

        Raises
        ------
        PanscanError
            It cannot be used.
        """

    def opened(self, source: ReviewSource, prepared: bytes) -> tuple[Footage, Path]:
        """What was prepared, and the path of its small copy.

        Raises
        ------
        PanscanError
            It cannot be used.
        """

    def write_timeline(self, timeline: Any, path: Path) -> str:
        """Write a timeline; one that was changed elsewhere is kept aside, and a note on that is given back.

        Raises
        ------
        InputError
            It cannot be written.
        """

    def deliver(
        self, source: ReviewSource, request: DeliveryRequest, report_progress: ReportProgress
    ) -> dict[str, Any]:
        """Make files from the timelines, in a process of its own; what was made, as JSON.

        Raises
        ------
        PanscanError
            They cannot be made.
        """

    def deliveries(self) -> list[dict[str, Any]]:
        """The formats there are: `name`, `title`, `editors` that read it and `import_hint` of each."""
