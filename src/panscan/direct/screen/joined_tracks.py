"""Tracks of a screen recording: people stay who they are while windows come and go, which look like cuts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panscan.direct.setups import alike
from panscan.model.perception import IntArray, Tracks

_PERSON = 0  # kind of a person in `Tracks`
_NO_SHOT = -1  # of a track that is part of another one


def as_one_shot(tracks: Tracks | None) -> Tracks | None:
    """All tracks in one shot, those of a person joined: known again, or seen at the same place in another shot."""
    if tracks is None or not tracks.shot.any():
        return tracks
    joined = _joined(tracks)
    own = np.arange(len(joined))
    rows = np.lexsort((tracks.frame, joined[tracks.track]))
    columns = ("frame", "box_px", "keep_px", "score", "basis", "body_px")
    return replace(
        tracks,
        track=joined[tracks.track][rows],
        shot=np.where(joined == own, 0, _NO_SHOT),
        **{name: getattr(tracks, name)[rows] for name in columns},
    )


def _joined(tracks: Tracks) -> IntArray:
    """For each track the first one of the same person, or itself."""
    joined = np.arange(len(tracks.kind), dtype=np.int64)
    people = [track for track in joined.tolist() if tracks.kind[track] == _PERSON]
    place = {track: np.median(tracks.box_px[tracks.track == track], axis=0) for track in people}
    for n, track in enumerate(people):
        for other in people[:n]:
            is_known = tracks.person[track] == tracks.person[other]
            if tracks.shot[track] != tracks.shot[other] and (is_known or alike(place[track], place[other])):
                joined[track] = joined[other]
                break
    return joined
