"""Detections -> subjects: boxes of neighbouring looks linked into one identity, inside one shot only."""

from __future__ import annotations

import numpy as np

from panscan.model.perception import Faces, FloatArray, Flow, IntArray
from panscan.model.plan import Shot, Subject

_FACE_GAP_S = 1.2  # a face may be missed this long (turned away, covered) and still be the same
_MOVER_GAP_S = 0.8
_FACE_REACH = 1.2  # how far a box may travel between looks, in box sizes
_MOVER_REACH = 0.8


def link(
    faces: Faces | None, flow: Flow | None, shot: Shot, rate: float, picture_height_px: float
) -> tuple[Subject, ...]:
    """All subjects of a shot: faces first, then movers, each in order of appearance.

    Parameters
    ----------
    faces, flow : signals, or None where they were not measured
    shot : Shot
    rate : float
        Grid frames per second.
    picture_height_px : float
        Height of the display picture.
    """
    subjects: list[Subject] = []
    if faces is not None:
        # A blurred face belongs to the background: sharpness weighs as much as the detector's own score.
        score = faces.score * np.clip((faces.sharpness - 0.2) / 0.5, 0.05, 1.0)
        rows = _inside(faces.frame, shot)
        boxes = faces.box_px[rows]
        tracks = _link(faces.frame[rows], boxes, _FACE_GAP_S * rate, _FACE_REACH)
        subjects += _subjects(
            tracks, "face", "person", faces.frame[rows], boxes, faces.heads_px(picture_height_px)[rows], score[rows]
        )
    if flow is not None:
        # A pair of looks across the cut compares two scenes: it says nothing.
        true_pairs = flow.looked[flow.since >= shot.first]
        rows = np.flatnonzero(np.isin(flow.frame, true_pairs) & (flow.frame < shot.end))
        boxes = flow.box_px[rows]
        tracks = _link(flow.frame[rows], boxes, _MOVER_GAP_S * rate, _MOVER_REACH)
        subjects += _subjects(tracks, "mover", "mover", flow.frame[rows], boxes, boxes, flow.weight[rows])
    return tuple(subjects)


def _inside(frame: IntArray, shot: Shot) -> IntArray:
    return np.flatnonzero((frame >= shot.first) & (frame < shot.end))


def _subjects(
    tracks: list[list[int]],
    kind: str,
    label: str,
    frame: IntArray,
    box: FloatArray,
    keep: FloatArray,
    score: FloatArray,
) -> list[Subject]:
    ordered = sorted(tracks, key=lambda rows: (int(frame[rows[0]]), -len(rows), rows[0]))
    return [
        Subject(f"{label}-{n + 1}", kind, frame[rows], box[rows], keep[rows], score[rows])
        for n, rows in enumerate(ordered)
    ]


def _link(frame: IntArray, box: FloatArray, gap_frames: float, reach: float) -> list[list[int]]:
    """Tracks as lists of rows: each look's boxes go to the open tracks at the least total distance (Hungarian)."""
    from scipy.optimize import linear_sum_assignment

    tracks: list[list[int]] = []
    for now in np.unique(frame):
        rows = [int(r) for r in np.flatnonzero(frame == now)]
        alive = [t for t in tracks if now - frame[t[-1]] <= gap_frames]
        free = set(rows)
        if alive:
            cost = np.array([[_distance(box[t[-1]], box[r]) for r in rows] for t in alive])
            for track, column in zip(*linear_sum_assignment(np.minimum(cost, 1e3)), strict=True):
                if cost[track, column] <= reach:
                    alive[track].append(rows[column])
                    free.discard(rows[column])
        tracks += [[r] for r in rows if r in free]
    return tracks


def _distance(a: FloatArray, b: FloatArray) -> float:
    """Distance of two boxes' centres in box sizes, plus how much their sizes differ (log ratio)."""
    size_a, size_b = float(np.sqrt(a[2] * a[3])), float(np.sqrt(b[2] * b[3]))
    apart = float(np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2))
    return apart / max(1e-9, (size_a + size_b) / 2) + 0.5 * abs(float(np.log(size_a / size_b)))
