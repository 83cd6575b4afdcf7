"""The shots of a movie as they are framed, with corrections that are not saved yet: all of them, or one in a moment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from panscan import pipeline
from panscan.direct.director import with_planned_shots
from panscan.direct.setups import setups_of
from panscan.model.framing import Framing
from panscan.model.perception import Tracks
from panscan.model.plan import Shot
from panscan.model.request import Override, Request
from panscan.pipeline import MovieAnalysis
from panscan.request.overrides import overrides_of, shot_at, shot_overrides
from panscan.request.timecode_input import FrameGrid
from panscan.timeline.cut import read_cut

_MOST_KEPT = 8  # solved states of all shots: some shapes, before and after a correction

Entries = Sequence[dict[str, Any]]  # of an overrides file, as they are written


@dataclass(frozen=True, slots=True, eq=False)
class FramedPart:
    """A shot, or a part of it, with its cameras.

    Attributes
    ----------
    shot : Shot
        Its frames, from 0.
    framing : Framing
        Keys on the same frames.
    number : int
        Of the shot, from 1.
    part : int
        Of the shot's parts, from 1.
    setup : int
        Number of the camera set-up.
    """

    shot: Shot
    framing: Framing
    number: int
    part: int
    setup: int


class Solver:
    """Frames the shots of one movie."""

    def __init__(self, analysis: MovieAnalysis) -> None:
        self._analysis = analysis
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, list[FramedPart]] = OrderedDict()

    def overrides(self, entries: Entries) -> tuple[Override, ...]:
        """Entries as they are meant.

        Raises
        ------
        UsageError
            One of them has a mistake.
        """
        media = self._analysis.media
        grid = FrameGrid(media.video.rate, media.frame_count, media.start_frame, "movie")
        return overrides_of({"shot": list(entries)}, "the corrections", grid)

    def all_parts(self, request: Request, overrides: tuple[Override, ...]) -> list[FramedPart]:
        """All shots as `panscan reframe` frames them."""
        wanted = replace(request, overrides=overrides)
        key = (str(request.ratio), overrides)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._solved(wanted)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def parts_at(self, request: Request, overrides: tuple[Override, ...], frame: int) -> list[FramedPart]:
        """The one shot that has a frame, in a moment."""
        wanted = replace(request, overrides=overrides)
        return self._numbered(wanted, pipeline.reframe_shot(self._analysis, wanted, frame))

    def timeline(self, request: Request, overrides: tuple[Override, ...]) -> Any:
        """The timeline of a shape, as `panscan reframe` makes it."""
        return pipeline.reframe(self._analysis, replace(request, overrides=overrides))

    def covering(self, request: Request, overrides: tuple[Override, ...], parts: Sequence[Shot]) -> list[list[int]]:
        """For each part the places, in `overrides`, of those that hold there."""
        shots, setups = self._shots(replace(request, overrides=overrides))
        found: list[list[int]] = [[] for _ in parts]
        for place, override in enumerate(overrides):
            pieces = shot_overrides(shots, (override,), request.ratio, setups)
            held = [piece for piece, _, said in pieces if said is not None]
            for number, part in enumerate(parts):
                if any(piece.first < part.end and part.first < piece.end for piece in held):
                    found[number].append(place)
        return found

    def _shots(self, request: Request) -> tuple[tuple[Shot, ...], tuple[int, ...]]:
        media, perception = self._analysis
        request = pipeline.with_preset_of_material(request, media, perception)
        shots, perception = with_planned_shots(media, perception, request)
        return shots, setups_of(perception.get(Tracks), len(shots))

    def _solved(self, request: Request) -> list[FramedPart]:
        cut = read_cut(pipeline.reframe(self._analysis, request), folder=Path("/"))
        start = self._analysis.media.start_frame
        framed = [(Shot(c.first - start, c.end - start), c.framing.shifted(-start)) for c in cut.clips]
        return self._numbered(request, framed)

    def _numbered(self, request: Request, framed: Sequence[tuple[Shot, Framing]]) -> list[FramedPart]:
        shots, setups = self._shots(request)
        parts: list[FramedPart] = []
        for shot, framing in framed:
            number = shot_at(shots, shot.first)
            part = parts[-1].part + 1 if parts and parts[-1].number == number else 1
            parts.append(FramedPart(shot, framing, number, part, setups[number - 1] + 1))
        return parts
