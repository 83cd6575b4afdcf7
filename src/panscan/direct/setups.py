"""Camera set-ups: which shots show the same framing of the same people, so that what suits one suits all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panscan.model.perception import FloatArray, Tracks

_PERSON = 0  # kind of a person in `Tracks`
_LEADS = 0.5  # of the largest face: whoever is smaller stands behind, and may come and go
_APART = 1.0  # face widths: people lean and turn between two shots of one set-up
_SIZES = 1.25  # ratio of two faces: more is another lens, or another distance


def setups_of(tracks: Tracks | None, shot_count: int) -> tuple[int, ...]:
    """Number of the set-up of every shot, from 0 in order of appearance.

    Two shots are of one set-up where the same people are in front, each at the same place and of the same size. A shot
    without people is a set-up of its own.
    """
    known: dict[frozenset[int], list[tuple[int, Mapping[int, FloatArray]]]] = {}
    numbers: list[int] = []
    for shot in range(shot_count):
        places = _places(tracks, shot)
        alike = known.setdefault(frozenset(places), [])
        found = next((number for number, others in alike if places and _same_framing(places, others)), None)
        if found is None:
            found = max(numbers, default=-1) + 1
            alike.append((found, places))
        numbers.append(found)
    return tuple(numbers)


def _places(tracks: Tracks | None, shot: int) -> dict[int, FloatArray]:
    """Median face box of each person in front, by the person's number."""
    if tracks is None:
        return {}
    rows = np.isin(tracks.track, np.flatnonzero((tracks.shot == shot) & (tracks.kind == _PERSON)))
    person = tracks.person[tracks.track[rows]]
    places = {int(one): np.median(tracks.box_px[rows][person == one], axis=0) for one in np.unique(person)}
    largest = max((place[2] for place in places.values()), default=0.0)
    return {one: place for one, place in places.items() if place[2] >= _LEADS * largest}


def _same_framing(places: Mapping[int, FloatArray], others: Mapping[int, FloatArray]) -> bool:
    return all(alike(place, others[person]) for person, place in places.items())


def alike(place: FloatArray, other: FloatArray) -> bool:
    """Whether two faces are about as large, and at the same place."""
    apart = np.abs(place[:2] + place[2:] / 2 - other[:2] - other[2:] / 2).max()
    ratio = float(place[2] / other[2])
    return bool(apart <= _APART * other[2]) and 1 / _SIZES <= ratio <= _SIZES
