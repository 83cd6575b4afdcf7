"""Shots that a person divided or joined, and what was linked inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from panscan.model.perception import IntArray, Perception, Speaker, Tracks
from panscan.model.plan import Shot
from panscan.model.request import Override

_NEAR_FRAMES = 5  # between a frame that was named and the cut that is meant: two analyses put a cut so far apart
_PERSON = 0  # kind of a person in `Tracks`


def divided_and_joined(shots: Sequence[Shot], overrides: Sequence[Override]) -> tuple[Shot, ...]:
    """The shots, divided where an override has `split`, and joined where one has `merge`."""
    merged = [one.frame for one in overrides if one.merge and one.frame is not None]
    cuts = {shot.first for shot in shots[1:]} - {cut for frame in merged for cut in _near(frame, shots)}
    cuts |= {one.frame for one in overrides if one.split and one.frame is not None and 0 < one.frame < shots[-1].end}
    return tuple(Shot(a, b) for a, b in pairwise([shots[0].first, *sorted(cuts), shots[-1].end]))


def merges_without_cut(shots: Sequence[Shot], overrides: Sequence[Override]) -> list[int]:
    """Frames at which shots are to be joined and no shot begins."""
    return [one.frame for one in overrides if one.merge and one.frame is not None and not _near(one.frame, shots)]


def linked_anew(perception: Perception, shots: Sequence[Shot]) -> Perception:
    """What was measured, its tracks belonging to other shots: divided with them, and those of a person joined."""
    tracks, speaker = perception.get(Tracks), perception.get(Speaker)
    if tracks is None:
        return perception
    starts = np.array([shot.first for shot in shots])
    shot = np.searchsorted(starts, tracks.frame, side="right") - 1
    # Those of a person in one new shot are one track, if they come from several of the shots before.
    before = _first_of_person(tracks, shot, tracks.kind[tracks.track] == _PERSON)
    kind = tracks.kind[tracks.track]  # persons, then movers, then objects
    keys, first, new = np.unique(np.stack([shot, kind, before]), axis=1, return_index=True, return_inverse=True)
    order = np.lexsort((tracks.frame, new))
    own = tracks.track[first]
    joined = Tracks(
        track=np.asarray(new[order], np.int64),
        frame=tracks.frame[order],
        box_px=tracks.box_px[order],
        keep_px=tracks.keep_px[order],
        score=tracks.score[order],
        kind=tracks.kind[own],
        shot=np.asarray(keys[0], np.int64),
        person=tracks.person[own],
        basis=tracks.basis[order],
        body_px=tracks.body_px[order],
        label=tracks.label[own],
    )
    values: dict[type, object] = {Tracks: joined}
    if speaker is not None:
        values[Speaker] = replace(speaker, track=_renumbered(speaker, tracks, new, starts))
    signals = {name: values.get(type(value), value) for name, value in perception.signals.items()}
    return replace(perception, signals=signals)


def _near(frame: int, shots: Sequence[Shot]) -> list[int]:
    return [shot.first for shot in shots[1:] if abs(shot.first - frame) <= _NEAR_FRAMES]


def _first_of_person(tracks: Tracks, shot: IntArray, is_person: IntArray) -> IntArray:
    """For each row its track; for those of one person in one new shot the first such track, if they do not overlap."""
    before = tracks.track.copy()
    for number in np.unique(shot[is_person]).tolist():
        rows = is_person & (shot == number)
        own = np.unique(tracks.track[rows])
        if len(np.unique(tracks.shot[own])) < 2:
            continue
        for person in np.unique(tracks.person[own]).tolist():
            same = own[tracks.person[own] == person]
            if len(np.unique(tracks.shot[same])) == len(same):  # one of each shot before: they follow one another
                before[rows & np.isin(tracks.track, same)] = same[0]
    return before


def _renumbered(speaker: Speaker, tracks: Tracks, new: IntArray, starts: IntArray) -> IntArray:
    """Tracks of the speaker's rows: the new one of the same track before, in the same new shot."""
    shot = np.searchsorted(starts, speaker.frame, side="right") - 1
    of_tracks = np.searchsorted(starts, tracks.frame, side="right") - 1
    known = dict(zip(zip(tracks.track.tolist(), of_tracks.tolist(), strict=True), new.tolist(), strict=True))
    pairs = zip(speaker.track.tolist(), shot.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in pairs], np.int64)
