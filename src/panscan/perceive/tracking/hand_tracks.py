"""Hands of one shot, linked into identities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import centers
from panscan.model.perception import HAND_LABEL, Faces, Hands
from panscan.model.plan import Shot
from panscan.perceive.tracking.association import associate
from panscan.perceive.tracking.person_tracks import TrackRows

HAND_GAP_S = 0.6  # one sample may miss a hand: it is quick
HAND_REACH = 1.0  # box sizes between samples
_SURE_SCORE = 0.7  # 0..1: knees, wheels and folds of cloth have less
_MIN_SURE_SAMPLES = 3  # of these, that a hand needs: false detections rarely come three times


def track_hands(hands: Hands | None, faces: Faces | None, shot: Shot, rate: float) -> list[TrackRows]:
    """Hands of one shot; what lies on a face is its chin or its neck."""
    if hands is None:
        return []
    rows = np.flatnonzero((hands.frame >= shot.first) & (hands.frame < shot.end))
    if faces is not None:
        rows = rows[~_on_faces(hands, faces)[rows]]
    tracks = associate(hands.frame[rows], hands.box_px[rows], HAND_GAP_S * rate, HAND_REACH)
    own = [rows[track] for track in tracks]
    sure = [r for r in own if np.count_nonzero(hands.score[r] >= _SURE_SCORE) >= _MIN_SURE_SAMPLES]
    return [TrackRows.not_a_person(hands.frame[r], hands.box_px[r], hands.score[r], HAND_LABEL) for r in sure]


def _on_faces(hands: Hands, faces: Faces) -> npt.NDArray[np.bool_]:
    """Which hands (n,) have their middle in a face of the newest sample."""
    on_face = np.zeros(len(hands.frame), np.bool_)
    middle = centers(hands.box_px)
    for frame in np.unique(hands.frame):
        rows, found = np.flatnonzero(hands.frame == frame), faces.at(int(frame))
        inside = (middle[rows, None] >= found[:, :2]) & (middle[rows, None] <= found[:, :2] + found[:, 2:])
        on_face[rows] = np.any(np.all(inside, axis=2), axis=1)
    return on_face
