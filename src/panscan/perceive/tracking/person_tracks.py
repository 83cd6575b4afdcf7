"""Persons of one shot, row by row: the face where it is seen, else the head of the pose, else the body's upper end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import distance_to_nearest, interpolate_rows
from panscan.model.perception import Faces, FloatArray, IntArray, Objects, Pose
from panscan.model.plan import Shot
from panscan.perceive.tracking.association import associate
from panscan.perceive.tracking.body_and_face import (
    BASIS_OBJECT,
    BASIS_POSE,
    BodyDetections,
    body_detections,
    match_faces_to_bodies,
)
from panscan.perceive.tracking.stitching import drop_duplicate_bodies, stitch_persons

FACE_GAP_S = 1.2  # a face may be missed this long (turned away, covered) and still be the same
FACE_REACH = 1.2  # how far a box may travel between looks, in box sizes
BODY_GAP_S = 1.6  # bodies are looked for once a second where nothing moves
BODY_REACH = 1.0
_TOP = 0.01  # of the picture's height: a body that starts above is cut off there
_DOUBTFUL = 0.2  # a face turned away, blurred or half hidden: the pose knows better where the head is
_SURER_S = 0.5  # so long around a surer look, others stay out: their estimates would make the person tremble


@dataclass(frozen=True, slots=True, eq=False)
class TrackRows:
    """The rows of one track: the columns of `perception.Tracks`, and its label."""

    frame: IntArray
    box: FloatArray
    keep: FloatArray
    score: FloatArray
    basis: IntArray
    body: FloatArray
    label: str

    @classmethod
    def not_a_person(cls, frame: IntArray, box: FloatArray, score: FloatArray, label: str = "") -> TrackRows:
        """Rows of what is no person."""
        return cls(frame, box, box, score, np.zeros(len(frame), np.int64), np.full((len(frame), 4), np.nan), label)


def track_persons(
    faces: Faces | None,
    pose: Pose | None,
    objects: Objects | None,
    shot: Shot,
    rate: float,
    size_px: tuple[float, float],
) -> list[TrackRows]:
    """The persons of one shot.

    Parameters
    ----------
    faces, pose, objects : signals, or None where they were not measured
    shot : Shot
    rate : float
        Grid frames per second.
    size_px : tuple of float
        Width and height of the display picture.
    """
    seen = _faces(faces, shot, size_px[1])
    bodies = body_detections(pose, objects, shot, size_px)
    face_tracks = associate(seen.frame, seen.box, FACE_GAP_S * rate, FACE_REACH)
    body_tracks = associate(bodies.frame, bodies.box_px, BODY_GAP_S * rate, BODY_REACH, source=bodies.source)
    parts = match_faces_to_bodies(seen.frame, seen.box, face_tracks, bodies, body_tracks, rate)
    parts = drop_duplicate_bodies(parts, seen.frame, seen.box, bodies)
    parts = stitch_persons(parts, seen.frame, seen.box, bodies, rate, size_px[0])
    return [
        _rows(seen, np.asarray(face_rows, np.int64), bodies, np.asarray(body_rows, np.int64), rate)
        for face_rows, body_rows in parts
        if face_rows or bodies.is_person_without_face(body_rows, _TOP * size_px[1])
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    frame: IntArray
    box: FloatArray
    head: FloatArray
    score: FloatArray
    doubtful: npt.NDArray[np.bool_]


def _faces(faces: Faces | None, shot: Shot, picture_height_px: float) -> _Faces:
    if faces is None:
        return _Faces(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.bool_))
    rows = np.flatnonzero((faces.frame >= shot.first) & (faces.frame < shot.end))
    # A blurred face belongs to the background: sharpness weighs as much as the detector's own score. A face that
    # never moves is a picture of one.
    clear = faces.score * np.clip((faces.sharpness - 0.2) / 0.5, 0.05, 1.0)
    score, head = clear * faces.life, faces.heads_px(picture_height_px)
    # What is known to be a picture of a face is no doubtful one: a pose would take it for a living body.
    doubtful = (clear < _DOUBTFUL) & (faces.life >= 1.0)
    return _Faces(faces.frame[rows], faces.box_px[rows], head[rows], score[rows], doubtful[rows])


def _rows(seen: _Faces, face: IntArray, bodies: BodyDetections, body: IntArray, rate: float) -> TrackRows:
    """One person's rows in time; a body counts where nothing surer is near, and then doubtful faces do not."""
    source = bodies.source[body]
    sure, doubtful = face[~seen.doubtful[face]], face[seen.doubtful[face]]
    pose = _away(bodies.frame, body[source == BASIS_POSE], seen.frame[sure], rate)
    surer = np.sort(np.concatenate([seen.frame[face], bodies.frame[pose]]))
    thing = _away(bodies.frame, body[source == BASIS_OBJECT], surer, rate)
    filled = np.concatenate([pose, thing])
    face = np.sort(np.concatenate([sure, _away(seen.frame, doubtful, bodies.frame[pose], rate)]))
    frame = np.concatenate([seen.frame[face], bodies.frame[filled]])
    order = np.argsort(frame, kind="stable")
    return TrackRows(
        frame=frame[order],
        box=np.concatenate([seen.box[face], bodies.face_px[filled]])[order],
        keep=np.concatenate([seen.head[face], bodies.head_px[filled]])[order],
        score=np.concatenate([seen.score[face], bodies.score[filled]])[order],
        basis=np.concatenate([np.zeros(len(face), np.int64), bodies.source[filled]])[order],
        body=_body_at(frame[order], bodies, body, rate),
        label="person",
    )


def _away(frame: IntArray, rows: IntArray, surer: IntArray, rate: float) -> IntArray:
    """The rows further than half a second from all of `surer` (rising frames)."""
    return np.asarray(rows[distance_to_nearest(surer, frame[rows]) > _SURER_S * rate])


def _body_at(frame: IntArray, bodies: BodyDetections, body: IntArray, rate: float) -> FloatArray:
    """Body boxes (n, 4) at frames between and close to the looks at the body, NaN elsewhere.

    Objects see bodies whole; a pose is asked only where none is near.
    """
    result = np.full((len(frame), 4), np.nan)
    for source in (BASIS_POSE, BASIS_OBJECT):
        own = body[bodies.source[body] == source]
        if not len(own) or not len(frame):
            continue
        known = distance_to_nearest(bodies.frame[own], frame) <= _SURER_S * rate
        result[known] = interpolate_rows(bodies.frame[own], bodies.box_px[own], frame[known])
    return result
