"""Tracks of several shots -> people: the same look, and never two places at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.arrays.samples import interpolate_rows
from panscan.model.perception import Appearance, FloatArray, IntArray

_PERSON = 0
_SAME_PLACE = 0.5  # distance of an appearance's box from its track, in face sizes
_ALIKE = 0.62  # similarity of two looks, 0..1; measured: one person in two shots 0.7 to 0.95, two people up to 0.5
_MIN_SIMILARITY_AT_PLACE = 0.55  # where the same place and size, two or four shots ago, say the same
_SAME_PLACE_MAX_DISTANCE, _SAME_PLACE_MAX_RATIO = (
    0.35,
    1.2,
)  # face sizes, and ratio of sizes, up to which a place is the same
_RETURN_AFTER_SHOTS = (2, 4)  # A-B-A-B: a camera comes back after the other one


@dataclass(slots=True, eq=False)
class _Known:
    """A person met before: its look, and where it sat in which shot."""

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
        clearly and they are not in the same shot already. Who sits where somebody sat two or four shots ago (shot and
        counter-shot) may resemble them less clearly, never not at all.
    """
    result = np.full(len(kind), -1, np.int64)
    known: list[_Known] = []
    for number in np.flatnonzero(kind == _PERSON):
        rows = np.flatnonzero(track == number)
        here, seat = int(shot[number]), np.asarray(np.median(box_px[rows], axis=0))
        tone = _tone_of(frame[rows], box_px[rows], appearance)
        best, likeness = -1, 0.0
        for person, other in enumerate(known):
            if tone is None or other.descriptor is None or here in other.place_by_shot:
                continue
            similar = _likeness(other.descriptor, tone)
            least = _MIN_SIMILARITY_AT_PLACE if _was_at_same_place(other, here, seat) else _ALIKE
            if similar > max(least, likeness):
                best, likeness = person, similar
        if best < 0:
            best = len(known)
            known.append(_Known(tone, {}))
        known[best].place_by_shot[here] = seat
        result[number] = best
    return result


def _was_at_same_place(person: _Known, shot: int, seat: FloatArray) -> bool:
    """Whether a person had this place and size when the camera was last here."""
    for before in _RETURN_AFTER_SHOTS:
        old = person.place_by_shot.get(shot - before)
        if old is None:
            continue
        size, old_size = float(np.sqrt(seat[2] * seat[3])), float(np.sqrt(old[2] * old[3]))
        apart = float(np.hypot(*(seat[:2] + seat[2:] / 2 - old[:2] - old[2:] / 2)))
        if (
            apart <= _SAME_PLACE_MAX_DISTANCE * old_size
            and 1 / _SAME_PLACE_MAX_RATIO <= size / old_size <= _SAME_PLACE_MAX_RATIO
        ):
            return True
    return False


def _tone_of(frame: IntArray, box_px: FloatArray, look: Appearance | None) -> FloatArray | None:
    """Median look of a track, or None where its colours were never counted."""
    if look is None or not len(look.frame):
        return None
    inside = np.flatnonzero((look.frame >= frame[0]) & (look.frame <= frame[-1]))
    if not inside.size:
        return None
    place = interpolate_rows(frame, box_px, look.frame[inside])
    box = look.box_px[inside]
    apart = np.hypot(*(place[:, :2] + place[:, 2:] / 2 - box[:, :2] - box[:, 2:] / 2).T) / place[:, 2]
    own = inside[apart <= _SAME_PLACE]
    return np.asarray(np.median(look.tone[own], axis=0)) if own.size else None


def _likeness(a: FloatArray, b: FloatArray) -> float:
    """How much of their colours two looks share, 0..1: histogram intersection over the parts both show."""
    parts = [(x, y) for x, y in zip(np.split(a, 3), np.split(b, 3), strict=True) if x.any() and y.any()]
    if len(parts) < 2:
        return 0.0
    return float(np.mean([2 * np.minimum(x, y).sum() / (x.sum() + y.sum()) for x, y in parts]))
