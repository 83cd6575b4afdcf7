"""Tracks of several shots as people: who looks alike is one person, and nobody is in two places at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.arrays.samples import interpolate_rows
from panscan.model.perception import Appearance, FloatArray, IntArray

_PERSON = 0  # kind of a person in `Tracks`
_OWN_MAX_DISTANCE = 0.5  # of an appearance's box from its track, in face sizes: another face is further away
_MIN_SIMILARITY = 0.62  # 0..1; measured: one person in two shots 0.7 to 0.95, two people up to 0.5
_MIN_SIMILARITY_AT_PLACE = 0.55  # the same for a person at the same place and size two or four shots ago
_MIN_COMMON_PARTS = 2  # of hair, face and clothes: one alone is alike by chance
_SAME_PLACE_MAX_DISTANCE = 0.35  # face sizes: a cut back shows the same set-up, in which people move a little
_SAME_PLACE_MAX_RATIO = 1.2  # of sizes
_RETURN_AFTER_SHOTS = (2, 4)  # A-B-A-B: a camera comes back after the other one


@dataclass(slots=True, eq=False)
class _KnownPerson:
    """A person seen before.

    Attributes
    ----------
    descriptor : ndarray, optional
        Colour histograms of its first track; None where they were not measured.
    place_by_shot : dict
        Its median face box by number of shot.
    """

    descriptor: FloatArray | None
    place_by_shot: dict[int, FloatArray]


def reidentify(
    track: IntArray, frame: IntArray, box_px: FloatArray, kind: IntArray, shot: IntArray, appearance: Appearance | None
) -> IntArray:
    """Number of the person of every track (t,), -1 for what is no person.

    Parameters
    ----------
    track, frame, box_px : rows of all tracks
        The boxes of persons are their faces, seen or estimated.
    kind, shot : one per track
    appearance : Appearance or None
        Without it everybody is a new person.

    Returns
    -------
    ndarray (t,), int64
        Numbers rise in order of first appearance. A track joins the person it resembles most, if it resembles them
        clearly and they are not in the same shot already. A person at the same place two or four shots ago (shot and
        reverse shot) needs less similarity, but always some.
    """
    result = np.full(len(kind), -1, np.int64)
    known: list[_KnownPerson] = []
    for number in np.flatnonzero(kind == _PERSON):
        rows = np.flatnonzero(track == number)
        here, place = int(shot[number]), np.asarray(np.median(box_px[rows], axis=0))
        descriptor = _median_descriptor(frame[rows], box_px[rows], appearance)
        best, most = -1, 0.0
        for person, other in enumerate(known):
            if descriptor is None or other.descriptor is None or here in other.place_by_shot:
                continue
            similarity = _histogram_intersection(other.descriptor, descriptor)
            least = _MIN_SIMILARITY_AT_PLACE if _was_at_same_place(other, here, place) else _MIN_SIMILARITY
            if similarity > max(least, most):
                best, most = person, similarity
        if best < 0:
            best = len(known)
            known.append(_KnownPerson(descriptor, {}))
        known[best].place_by_shot[here] = place
        result[number] = best
    return result


def _was_at_same_place(person: _KnownPerson, shot: int, place: FloatArray) -> bool:
    """Whether a person had this place and size when the camera was last here."""
    for before in _RETURN_AFTER_SHOTS:
        old = person.place_by_shot.get(shot - before)
        if old is None:
            continue
        size, old_size = float(np.sqrt(place[2] * place[3])), float(np.sqrt(old[2] * old[3]))
        apart = float(np.hypot(*(place[:2] + place[2:] / 2 - old[:2] - old[2:] / 2)))
        if (
            apart <= _SAME_PLACE_MAX_DISTANCE * old_size
            and 1 / _SAME_PLACE_MAX_RATIO <= size / old_size <= _SAME_PLACE_MAX_RATIO
        ):
            return True
    return False


def _median_descriptor(frame: IntArray, box_px: FloatArray, appearance: Appearance | None) -> FloatArray | None:
    """Median colour histograms of a track, or None where they were not measured."""
    if appearance is None or not len(appearance.frame):
        return None
    inside = np.flatnonzero((appearance.frame >= frame[0]) & (appearance.frame <= frame[-1]))
    if not inside.size:
        return None
    place = interpolate_rows(frame, box_px, appearance.frame[inside])
    box = appearance.box_px[inside]
    apart = np.hypot(*(place[:, :2] + place[:, 2:] / 2 - box[:, :2] - box[:, 2:] / 2).T) / place[:, 2]
    own = inside[apart <= _OWN_MAX_DISTANCE]
    return np.asarray(np.median(appearance.tone[own], axis=0)) if own.size else None


def _histogram_intersection(a: FloatArray, b: FloatArray) -> float:
    """Share of colours that two people have in common, 0..1: histogram intersection over the parts that both show."""
    parts = [(x, y) for x, y in zip(np.split(a, 3), np.split(b, 3), strict=True) if x.any() and y.any()]
    if len(parts) < _MIN_COMMON_PARTS:
        return 0.0
    return float(np.mean([2 * np.minimum(x, y).sum() / (x.sum() + y.sum()) for x, y in parts]))
