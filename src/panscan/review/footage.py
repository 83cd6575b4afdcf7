"""What is under review, on one grid of frames: a movie, or an editor's cut (`panscan.review.cut_footage`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from panscan import pipeline
from panscan.direct.director import with_planned_shots
from panscan.direct.setups import setups_of
from panscan.model.geometry import Size
from panscan.model.media import Media
from panscan.model.perception import Tracks
from panscan.model.plan import Shot
from panscan.model.request import Override, Request
from panscan.pipeline import MovieAnalysis
from panscan.request.overrides import spans_of
from panscan.request.timecode_input import FrameGrid
from panscan.review import seen
from panscan.timeline.conform import FramedShots, ReframedCut
from panscan.timeline.cut import read_cut
from panscan.timeline.effect import rounded

Shots = tuple[Shot, ...]


class Footage(Protocol):
    """What is under review. All frames count from 0."""

    @property
    def grid(self) -> FrameGrid:
        """Its frames, and whether it is a movie or a cut."""

    @property
    def size(self) -> Size:
        """The picture that crops are of, px."""

    @property
    def key(self) -> str:
        """Names its content."""

    @property
    def movie(self) -> Media | None:
        """The movie, if it is one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names that people were given, besides those in a movie's requests."""

    def with_preset(self, request: Request) -> Request:
        """The request with the preset that suits the material, where nobody chose one."""

    def framed(self, request: Request) -> FramedShots:
        """All shots, or parts of shots, as `panscan reframe` frames them."""

    def framed_at(self, request: Request, frame: int) -> FramedShots:
        """The one shot that has a frame, in a moment: its parts."""

    def timeline(self, request: Request, shots: FramedShots) -> ReframedCut:
        """The timeline of shots that were framed with this request, with notes on it."""

    def shots(self, request: Request) -> Shots:
        """All shots, undivided."""

    def setups(self, request: Request, shots: Shots) -> tuple[int, ...]:
        """Number of the camera set-up of each shot."""

    def spans(self, override: Override, shots: Shots, setups: Sequence[int]) -> list[tuple[int, int]]:
        """Frames [first, end) in which an override holds."""

    def subjects(self, request: Request, first: int, last: int) -> list[dict[str, Any]]:
        """Subjects in the frames `first` to `last`, each with some of its boxes there."""

    def people(self, request: Request) -> list[dict[str, Any]]:
        """Everybody who is known again."""

    def speakers(self, request: Request) -> list[dict[str, Any]]:
        """Who speaks from which frame to which."""


class MovieFootage:
    """A movie (a `Footage`)."""

    def __init__(self, analysis: MovieAnalysis) -> None:
        self.analysis = analysis

    @property
    def grid(self) -> FrameGrid:
        """Those of the media."""
        media = self.analysis.media
        return FrameGrid(media.video.rate, media.frame_count, media.start_frame, "movie")

    @property
    def size(self) -> Size:
        """Upright, with square px."""
        return self.analysis.media.video.display_size

    @property
    def key(self) -> str:
        """By the content of the file."""
        return self.analysis.media.key

    @property
    def movie(self) -> Media:
        """What was probed."""
        return self.analysis.media

    @property
    def names(self) -> tuple[str, ...]:
        """None: requests have them."""
        return ()

    def with_preset(self, request: Request) -> Request:
        """By what the movie is."""
        return pipeline.with_preset_of_material(request, *self.analysis)

    def framed(self, request: Request) -> FramedShots:
        """As the timeline has them."""
        cut = read_cut(pipeline.reframe(self.analysis, request), folder=Path("/"))
        start = self.analysis.media.start_frame
        return [
            (Shot(clip.first - start, clip.end - start), replace(clip.framing.shifted(-start), digest=""))
            for clip in cut.clips
        ]

    def framed_at(self, request: Request, frame: int) -> FramedShots:
        """With a look at its neighbours."""
        return [(shot, rounded(one)) for shot, one in pipeline.reframe_shot(self.analysis, request, frame)]

    def timeline(self, request: Request, shots: FramedShots) -> ReframedCut:
        """A clip for each."""
        return ReframedCut(pipeline.timeline_of_shots(self.analysis, request, shots), ())

    def shots(self, request: Request) -> Shots:
        """With those that a person divided or joined."""
        return with_planned_shots(*self.analysis, self.with_preset(request))[0]

    def setups(self, request: Request, shots: Shots) -> tuple[int, ...]:
        """By the people in front."""
        _, perception = with_planned_shots(*self.analysis, self.with_preset(request))
        return setups_of(perception.get(Tracks), len(shots))

    def spans(self, override: Override, shots: Shots, setups: Sequence[int]) -> list[tuple[int, int]]:
        """By shots, set-ups and frames."""
        return spans_of(override, shots, setups)

    def subjects(self, request: Request, first: int, last: int) -> list[dict[str, Any]]:
        """By the names that an override takes."""
        return seen.subjects_json(self.analysis, request, first, last)

    def people(self, request: Request) -> list[dict[str, Any]]:
        """Those seen most first."""
        return seen.people_json(self.analysis, request)

    def speakers(self, request: Request) -> list[dict[str, Any]]:
        """As far as it is clear."""
        return seen.speakers_json(self.analysis, request)
