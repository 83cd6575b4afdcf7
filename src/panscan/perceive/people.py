"""Tracks of several shots -> people: the same look, and never two places at once."""

from __future__ import annotations

import numpy as np

from panscan.model.perception import Appearance, FloatArray, IntArray

_FACE = 0
_SAME_PLACE = 0.5  # distance of an appearance's box from its track, in face sizes
_ALIKE = 0.62  # similarity of two looks, 0..1; measured: one person in two shots 0.7 to 0.95, two people up to 0.5


def people(
    track: IntArray, frame: IntArray, box_px: FloatArray, kind: IntArray, shot: IntArray, look: Appearance | None
) -> IntArray:
    """Number of the person of every track (t,), -1 for what is no face.

    Parameters
    ----------
    track, frame, box_px : rows of all tracks
    kind, shot : one per track
    look : Appearance or None
        Without it everybody is a new person.

    Returns
    -------
    ndarray (t,), int64
        Numbers rise in order of first appearance. A track joins the person it resembles most, if it resembles them
        clearly and they are not in the same shot already.
    """
    result = np.full(len(kind), -1, np.int64)
    known: list[tuple[FloatArray, set[int]]] = []
    for number in np.flatnonzero(kind == _FACE):
        rows = np.flatnonzero(track == number)
        tone = _tone_of(frame[rows], box_px[rows], look)
        best, likeness = -1, _ALIKE
        if tone is not None:
            for person, (seen, shots) in enumerate(known):
                if int(shot[number]) in shots or not seen.any():
                    continue
                similar = _likeness(seen, tone)
                if similar > likeness:
                    best, likeness = person, similar
        if best < 0:
            known.append((np.zeros(0) if tone is None else tone, {int(shot[number])}))
            result[number] = len(known) - 1
        else:
            known[best][1].add(int(shot[number]))
            result[number] = best
    return result


def _tone_of(frame: IntArray, box_px: FloatArray, look: Appearance | None) -> FloatArray | None:
    """Median look of a track, or None where its colours were never counted."""
    if look is None or not len(look.frame):
        return None
    inside = np.flatnonzero((look.frame >= frame[0]) & (look.frame <= frame[-1]))
    if not inside.size:
        return None
    place = np.stack([np.interp(look.frame[inside], frame, box_px[:, n]) for n in range(4)], axis=-1)
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
