"""Tracks -> the subjects of one shot."""

from __future__ import annotations

import numpy as np

from panscan.model.perception import Tracks
from panscan.model.plan import Subject

# Kind of a track -> kind of the subject, and how it is called in timelines.
_KINDS = {0: ("face", "person"), 1: ("mover", "mover")}


def subjects_of(tracks: Tracks | None, shot: int) -> tuple[Subject, ...]:
    """The subjects of the shot with this number: faces first, then movers, each in order of appearance."""
    if tracks is None:
        return ()
    subjects: list[Subject] = []
    count: dict[int, int] = {}
    for track in np.flatnonzero(tracks.shot == shot):
        kind = int(tracks.kind[track])
        count[kind] = count.get(kind, 0) + 1
        name, label = _KINDS[kind]
        rows = np.flatnonzero(tracks.track == track)
        subjects.append(
            Subject(
                name=f"{label}-{int(tracks.person[track]) + 1 if tracks.person[track] >= 0 else count[kind]}",
                kind=name,
                track=int(track),
                frame=tracks.frame[rows],
                box_px=tracks.box_px[rows],
                keep_px=tracks.keep_px[rows],
                score=tracks.score[rows],
            )
        )
    return tuple(subjects)
