"""Identities: detections linked into tracks inside one shot, and tracks of several shots into people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import Faces, FloatArray, Flow, IntArray
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from panscan.perceive.people import people

FACE, MOVER = 0, 1

_FACE_GAP_S = 1.2  # a face may be missed this long (turned away, covered) and still be the same
_MOVER_GAP_S = 0.8
_FACE_REACH = 1.2  # how far a box may travel between looks, in box sizes
_MOVER_REACH = 0.8


class Tracks:
    """Faces and movers, each with one identity inside its shot."""

    name: ClassVar[str] = "tracks"
    version: ClassVar[int] = 3
    produces: ClassVar[type] = perception.Tracks
    after: ClassVar[tuple[str, ...]] = ("cuts", "faces", "flow", "appearance")
    options = (_FACE_GAP_S, _MOVER_GAP_S, _FACE_REACH, _MOVER_REACH)

    def __init__(self, media: Media, pace: float = 1.0) -> None:
        self._media = media

    def derive(self, others: Mapping[str, Any]) -> perception.Tracks:
        """Link what was seen, shot by shot: faces first, then movers, each in order of appearance."""
        video = self._media.video
        linked: list[tuple[int, int, _Rows]] = []
        for number, shot in enumerate(shots_of(others.get("cuts"), self._media.frame_count)):
            for kind, rows in link(
                others.get("faces"), others.get("flow"), shot, float(video.rate), video.display.height
            ):
                linked.append((number, kind, rows))
        return _value(linked, others.get("appearance"))


class _Rows:
    """The rows of one track."""

    __slots__ = ("box", "frame", "keep", "score")

    def __init__(self, frame: IntArray, box: FloatArray, keep: FloatArray, score: FloatArray) -> None:
        self.frame, self.box, self.keep, self.score = frame, box, keep, score


def link(
    faces: Faces | None, flow: Flow | None, shot: Shot, rate: float, picture_height_px: float
) -> list[tuple[int, _Rows]]:
    """The tracks of one shot as (kind, rows).

    Parameters
    ----------
    faces, flow : signals, or None where they were not measured
    shot : Shot
    rate : float
        Grid frames per second.
    picture_height_px : float
        Height of the display picture.
    """
    found: list[tuple[int, _Rows]] = []
    if faces is not None:
        # A blurred face belongs to the background: sharpness weighs as much as the detector's own score.
        score = faces.score * np.clip((faces.sharpness - 0.2) / 0.5, 0.05, 1.0)
        rows = np.flatnonzero((faces.frame >= shot.first) & (faces.frame < shot.end))
        keep = faces.heads_px(picture_height_px)
        for track in _link(faces.frame[rows], faces.box_px[rows], _FACE_GAP_S * rate, _FACE_REACH):
            own = rows[track]
            found.append((FACE, _Rows(faces.frame[own], faces.box_px[own], keep[own], score[own])))
    if flow is not None:
        # A pair of looks across the cut compares two scenes: it says nothing.
        true_pairs = flow.looked[flow.since >= shot.first]
        rows = np.flatnonzero(np.isin(flow.frame, true_pairs) & (flow.frame < shot.end))
        for track in _link(flow.frame[rows], flow.box_px[rows], _MOVER_GAP_S * rate, _MOVER_REACH):
            own = rows[track]
            found.append((MOVER, _Rows(flow.frame[own], flow.box_px[own], flow.box_px[own], flow.weight[own])))
    return sorted(found, key=lambda item: (item[0], int(item[1].frame[0]), -len(item[1].frame)))


def _value(linked: list[tuple[int, int, _Rows]], look: perception.Appearance | None) -> perception.Tracks:
    def joined(columns: list[Any], width: int) -> FloatArray:
        return np.concatenate(columns) if columns else np.zeros((0, width))

    track = np.repeat(np.arange(len(linked)), [len(rows.frame) for _, _, rows in linked]).astype(np.int64)
    frame = np.concatenate([rows.frame for _, _, rows in linked]) if linked else np.zeros(0, np.int64)
    box = joined([rows.box for _, _, rows in linked], 4)
    kinds = np.array([kind for _, kind, _ in linked], np.int64)
    shots = np.array([shot for shot, _, _ in linked], np.int64)
    return perception.Tracks(
        track=track,
        frame=frame,
        box_px=box,
        keep_px=joined([rows.keep for _, _, rows in linked], 4),
        score=np.concatenate([rows.score for _, _, rows in linked]) if linked else np.zeros(0),
        kind=kinds,
        shot=shots,
        person=people(track, frame, box, kinds, shots, look),
    )


def _link(frame: IntArray, box: FloatArray, gap_frames: float, reach: float) -> list[list[int]]:
    """Tracks as lists of rows: each look's boxes go to the open tracks at the least total distance (Hungarian).

    Distance counts from where a track would be by now, so that two who cross keep their identities.
    """
    from scipy.optimize import linear_sum_assignment

    tracks: list[list[int]] = []
    alive: list[list[int]] = []
    for now in np.unique(frame):
        rows = [int(r) for r in np.flatnonzero(frame == now)]
        alive = [t for t in alive if now - frame[t[-1]] <= gap_frames]
        free = set(rows)
        if alive:
            expected = [_expected(t, int(now), frame, box) for t in alive]
            cost = np.array([[_distance(place, box[r]) for r in rows] for place in expected])
            for track, column in zip(*linear_sum_assignment(np.minimum(cost, 1e3)), strict=True):
                if cost[track, column] <= reach:
                    alive[track].append(rows[column])
                    free.discard(rows[column])
        new = [[r] for r in rows if r in free]
        tracks += new
        alive += new
    return tracks


def _expected(track: list[int], now: int, frame: IntArray, box: FloatArray) -> FloatArray:
    """Box of a track at a frame, had it gone on as over its last three looks; at most one box further."""
    last: FloatArray = box[track[-1]]
    if len(track) < 3:
        return last
    first = track[-3]
    step = (last[:2] + last[2:] / 2 - box[first, :2] - box[first, 2:] / 2) / max(1, frame[track[-1]] - frame[first])
    moved = np.clip(step * (now - frame[track[-1]]), -last[2:], last[2:])
    return np.concatenate([last[:2] + moved, last[2:]])


def _distance(a: FloatArray, b: FloatArray) -> float:
    """Distance of two boxes' centres in box sizes, plus how much their sizes differ (log ratio)."""
    size_a, size_b = float(np.sqrt(a[2] * a[3])), float(np.sqrt(b[2] * b[3]))
    apart = float(np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2))
    return apart / max(1e-9, (size_a + size_b) / 2) + 0.5 * abs(float(np.log(size_a / size_b)))
