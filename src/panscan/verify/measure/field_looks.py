"""How much of a source's combs, and of its fields in the wrong order, is seen in the output.

Only for sources whose own pictures are made of fields. Some are made whole in every way that a movie may show them, and
the output is placed between these by least squares: grain and compression are like neither, and do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from panscan.verify.expectation import Expectation
from panscan.verify.measure.cells import CellView, cell_views
from panscan.verify.measure.field_order import FieldOrder, field_order, is_combed
from panscan.verify.measure.fields import moments
from panscan.verify.measure.planes import Gray, Plane, luma_plane
from panscan.verify.measure.similarity import fit_gain_and_lift, rms
from panscan.verify.source_pictures import SourcePictures

# Where a movie's source is measured for fields; where each of many sources is.
_PLACES, _LEAST_PLACES = 6, 2
_LOOKS = 15  # pictures of the output for each source
_PULLDOWN = 5  # pictures after which 3:2 pulldown repeats
_BESIDE = 2  # pictures on both sides, of which a deinterlacer makes a picture whole
_DISTINCT_LEVELS = 0.7  # rms of 255: two ways to show a picture that differ by less are no evidence


@dataclass(frozen=True, slots=True)
class FieldLook:
    """One cell of one picture of the output.

    Attributes
    ----------
    number : int
        Of the output picture.
    combs, wrong_order : float, optional
        How far it lies from a whole picture to one with combs, or with fields in the wrong order: 0 to 1; None where
        these look the same.
    """

    number: int
    combs: float | None
    wrong_order: float | None


class FieldSampler:
    """Looks at some pictures of the output while it is decoded.

    Attributes
    ----------
    orders : dict of Path to FieldOrder
        Of the sources that are made of fields.
    looks : list of FieldLook
    """

    def __init__(self, expectation: Expectation) -> None:
        self._expectation = expectation
        self._raw: dict[Path, SourcePictures] = {}
        self._wanted: set[int] = set()
        self.orders: dict[Path, FieldOrder] = {}
        self.looks: list[FieldLook] = []
        for path, source in expectation.sources.items():
            order = field_order(source, max(_LEAST_PLACES, _PLACES // len(expectation.sources)))
            if order is not None:
                self.orders[path] = order
                self._wanted |= _evenly(self._shown(path))

    def _shown(self, path: Path) -> list[int]:
        return [
            n
            for n, one in enumerate(self._expectation.pictures)
            if one is not None and n not in self._expectation.mixes and self._expectation.source_of(one).path == path
        ]

    def add_picture(self, frame: Any, number: int) -> None:
        """Look at one picture of the output, if it is one of those that are looked at."""
        if number not in self._wanted:
            return
        views = cell_views(number, self._expectation)
        if not views:
            return
        expected = self._expectation.source_of(views[0].expected_picture)
        if expected.path not in self._raw:
            self._raw[expected.path] = SourcePictures(expected.path)
        source = self._raw[expected.path]
        if len(source.pts) != len(expected.pts):  # not all pictures decode, and the numbers are others
            return
        ways = _ways(source, views[0].expected_picture.source_picture, self.orders[source.path])
        if ways is not None:
            plane = luma_plane(frame)
            self.looks += [look for look in (_look(view, plane, ways) for view in views) if look]

    def close(self) -> None:
        """Close all files."""
        for source in self._raw.values():
            source.close()


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways to show a picture that is made of fields: luma, upright.

    Attributes
    ----------
    right : tuple of Plane
        Whole, at the moment of its first field and at that of the second one.
    wrong : Plane
        As a deinterlacer makes it that takes the second field for the first one.
    woven : Plane
        As it is, with combs.
    """

    right: tuple[Plane, ...]
    wrong: Plane
    woven: Plane


def _evenly(numbers: list[int]) -> set[int]:
    """Some of them, at every step of the round in which 3:2 pulldown has combs."""
    places = (len(numbers) * (2 * n + 1) // (2 * _LOOKS) + n % _PULLDOWN for n in range(_LOOKS))
    return {numbers[place] for place in places if place < len(numbers)}


def _ways(source: SourcePictures, number: int, order: FieldOrder) -> _Ways | None:
    """The ways to show a picture; None where it has no combs of its own, as most pictures of 3:2 pulldown."""
    frames = [source.frame(n) for n in range(number - _BESIDE, number + _BESIDE + 1)]
    if any(frame is None for frame in frames) or len({(f.width, f.height, f.format.name) for f in frames}) > 1:
        return None
    if not is_combed(frames[_BESIDE - 1 : _BESIDE + 2], order):
        return None
    other: FieldOrder = "bottom_first" if order == "top_first" else "top_first"

    def shown(frame: Any) -> Plane:
        return source.upright_plane(luma_plane(frame))

    right, wrong = (moments(frames, source.time_base, one)[2 * _BESIDE :][:2] for one in (order, other))
    return _Ways((shown(right[0]), shown(right[1])), shown(wrong[0]), shown(frames[_BESIDE]))


def _look(view: CellView, plane: Plane, ways: _Ways) -> FieldLook | None:
    part, window = view.output(plane), view.window()
    if part is None or window is None:
        return None
    output = part[window]
    *right, wrong, woven = (view.expected(way)[window] for way in (*ways.right, ways.wrong, ways.woven))
    whole = min(right, key=lambda one: rms(one, output))
    gain, lift, _ = fit_gain_and_lift(whole, output)  # levels have a finding of their own
    output = np.asarray((output - np.float32(lift)) / np.float32(gain or 1.0), np.float32)
    return FieldLook(view.number, _share(output, whole, woven), _share(output, whole, wrong))


def _share(output: Gray, right: Gray, wrong: Gray) -> float | None:
    """Where the output lies on the line from one view to another, by least squares."""
    change = wrong - right
    weight = float(np.mean(change * change))
    return float(np.mean((output - right) * change)) / weight if weight > _DISTINCT_LEVELS**2 else None
