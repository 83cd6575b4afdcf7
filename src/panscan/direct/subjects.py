"""Tracks -> the subjects of one shot."""

from __future__ import annotations

import numpy as np

from panscan.model.perception import Tracks
from panscan.model.plan import Subject

_KINDS = {0: "person", 1: "mover", 2: "object"}  # kind of a track -> kind of the subject


def subjects_of(tracks: Tracks | None, shot: int) -> tuple[Subject, ...]:
    """The subjects of the shot with this number: persons, then movers, then objects, each in order of appearance."""
    if tracks is None:
        return ()
    subjects: list[Subject] = []
    count: dict[int, int] = {}
    for track in np.flatnonzero(tracks.shot == shot):
        kind = int(tracks.kind[track])
        count[kind] = count.get(kind, 0) + 1
        name = _KINDS[kind]
        rows = np.flatnonzero(tracks.track == track)
        subjects.append(
            Subject(
                name=f"{name}-{int(tracks.person[track]) + 1 if tracks.person[track] >= 0 else count[kind]}",
                kind=name,
                track=int(track),
                frame=tracks.frame[rows],
                box_px=tracks.box_px[rows],
                keep_px=tracks.keep_px[rows],
                score=tracks.score[rows],
                basis=tracks.basis[rows],
                body_px=tracks.body_px[rows],
                label=str(tracks.label[track]),
            )
        )
    return tuple(subjects)
