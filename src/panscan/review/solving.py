"""The shots of a movie as they are framed, with corrections that are not saved yet: all of them, or one in a moment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from panscan.model.framing import Framing
from panscan.model.plan import Shot
from panscan.model.request import Override, Request
from panscan.request.overrides import of_shape, overrides_of, shot_at
from panscan.review.footage import Footage, Shots
from panscan.timeline.conform import ReframedCut

_NEIGHBOURS = 2  # shots on each side whose effect may change with a shot: an exchange between two people
_MOST_CHANGED = 0.5  # of the shots: beyond, each alone takes longer than all at once
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
    """Frames the shots of one movie or cut."""

    def __init__(self, footage: Footage, names: Sequence[str] = ()) -> None:
        """`names`: those that people were given."""
        self._footage, self._names = footage, names
        self._lock = threading.Lock()
        self._setups: dict[Shots, tuple[int, ...]] = {}  # in a long movie they take longer than a shot
        self._kept: OrderedDict[Any, list[FramedPart]] = OrderedDict()

    def overrides(self, entries: Entries) -> tuple[Override, ...]:
        """Entries as they are meant.

        Raises
        ------
        UsageError
            One of them has a mistake.
        """
        return overrides_of({"shot": list(entries)}, "the corrections", self._footage.grid, self._names)

    def all_parts(self, request: Request, overrides: tuple[Override, ...]) -> list[FramedPart]:
        """All shots as `panscan reframe` frames them."""
        wanted = replace(request, overrides=overrides)
        key = (request.ratio, overrides)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._changed_only(wanted) or self._numbered(wanted, self._footage.framed(wanted))
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def parts_at(self, request: Request, overrides: tuple[Override, ...], frame: int) -> list[FramedPart]:
        """The one shot that has a frame, in a moment."""
        wanted = replace(request, overrides=overrides)
        return self._numbered(wanted, self._footage.framed_at(wanted, frame))

    def timeline(self, request: Request, overrides: tuple[Override, ...]) -> ReframedCut:
        """The timeline of a shape, as `panscan reframe` makes it, with notes on it."""
        shots = [(part.shot, part.framing) for part in self.all_parts(request, overrides)]
        return self._footage.timeline(replace(request, overrides=overrides), shots)

    def covering(self, request: Request, overrides: tuple[Override, ...], parts: Sequence[Shot]) -> list[list[int]]:
        """For each part the places, in `overrides`, of those that hold there."""
        shots, setups = self._shots(replace(request, overrides=overrides))
        found: list[list[int]] = [[] for _ in parts]
        for place, override in enumerate(overrides):
            spans = self._footage.spans(override, shots, setups) if of_shape((override,), request.ratio) else []
            for held, part in zip(found, parts, strict=True):
                if any(first < part.end and part.first < end for first, end in spans):
                    held.append(place)
        return found

    def _shots(self, request: Request) -> tuple[Shots, tuple[int, ...]]:
        shots = self._footage.shots(request)
        if shots not in self._setups:
            if len(self._setups) >= _MOST_KEPT:
                self._setups.clear()
            self._setups[shots] = self._footage.setups(request, shots)
        return shots, self._setups[shots]

    def _changed_only(self, request: Request) -> list[FramedPart] | None:
        """All shots where most are known from the newest state of this shape; None where a fresh start is quicker."""
        known = next((key for key in reversed(self._kept) if key[0] == request.ratio), None)
        changed = _difference(known[1], request.overrides) if known else ()
        shots, setups = self._shots(request)
        if known is None or any(one.split or one.merge or (one.shot or 0) > len(shots) for one in changed):
            return None
        spans = [span for one in of_shape(changed, request.ratio) for span in self._footage.spans(one, shots, setups)]
        numbers = {
            number + beside
            for number, shot in enumerate(shots, 1)
            if any(first < shot.end and shot.first < end for first, end in spans)
            for beside in range(-_NEIGHBOURS, _NEIGHBOURS + 1)
            if 0 < number + beside <= len(shots)
        }
        if len(numbers) > _MOST_CHANGED * len(shots):
            return None
        parts = [part for part in self._kept[known] if part.number not in numbers]
        parts += [part for n in numbers for part in self.parts_at(request, request.overrides, shots[n - 1].first)]
        return sorted(parts, key=lambda part: part.shot.first)

    def _numbered(self, request: Request, framed: Sequence[tuple[Shot, Framing]]) -> list[FramedPart]:
        shots, setups = self._shots(request)
        parts: list[FramedPart] = []
        for shot, framing in framed:
            number = shot_at(shots, shot.first)
            part = parts[-1].part + 1 if parts and parts[-1].number == number else 1
            parts.append(FramedPart(shot, framing, number, part, setups[number - 1] + 1))
        return parts


def _difference(before: Sequence[Override], after: Sequence[Override]) -> list[Override]:
    """The overrides of both lists between the begin and the end that they share."""
    shortest = min(len(before), len(after))
    same = next((n for n in range(shortest) if before[n] != after[n]), shortest)
    alike = next((n for n in range(shortest - same) if before[-1 - n] != after[-1 - n]), shortest - same)
    return [*before[same : len(before) - alike], *after[same : len(after) - alike]]
