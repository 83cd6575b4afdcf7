"""Persons of one shot, row by row: the face where it was seen, or the head of a pose, or the top of a body's box."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

FACE_GAP_S = 1.2  # a face may not be found for so long (turned away, covered) and still be the same
FACE_REACH = 1.2  # box sizes that a face may move between samples: a person who walks in a wide shot
BODY_GAP_S = 1.6  # the same for bodies, which are sampled once a second where nothing moves
BODY_REACH = 1.0  # box sizes: bodies are larger than their steps
_HEADLESS_TOP = 0.01  # share of the picture's height: a body whose box starts above is cut off there
_MIN_CLEAR_SCORE = 0.2  # 0..1: a face below is turned away, blurred or half hidden; a pose knows better where it is
_BLURRED_SHARPNESS, _SHARPNESS_RANGE = 0.2, 0.5  # from which a face counts, and over which it comes to count fully
_MIN_SHARPNESS_FACTOR = 0.05  # on the score of a blurred face: alone in the picture it is still found
# An object detector takes an arm, a shoulder, a hand for a person. Where the box is so large (share of the picture's
# height) that a pose would see a body in it, it looked so often and hardly ever saw one, the box counts that much less.
_LIMB_HEIGHT, _LIMB_LOOKS, _LIMB_MAX_POSES, _LIMB_FACTOR = 0.4, 3, 0.2, 0.3
_SURER_S = 0.5  # less certain samples so close to a more certain one are dropped: their estimates would make it jitter


@dataclass(frozen=True, slots=True, eq=False)
class TrackRows:
    """The rows of one track: columns of `perception.Tracks`.

    Attributes
    ----------
    frame : ndarray (n,), int64
    box, keep : ndarray (n, 4)
        Display px.
    score : ndarray (n,)
    basis : ndarray (n,), int64
    body : ndarray (n, 4)
        Display px; NaN where it is not known.
    label : str
    """

    frame: IntArray
    box: FloatArray
    keep: FloatArray
    score: FloatArray
    basis: IntArray
    body: FloatArray
    label: str

    @classmethod
    def not_a_person(cls, frame: IntArray, box: FloatArray, score: FloatArray, label: str = "") -> TrackRows:
        """Rows of a mover or an object."""
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
    seen = _faces_in_shot(faces, shot, size_px[1])
    bodies = body_detections(pose, objects, shot, size_px)
    face_tracks = associate(seen.frame, seen.box, FACE_GAP_S * rate, FACE_REACH)
    body_tracks = associate(bodies.frame, bodies.box_px, BODY_GAP_S * rate, BODY_REACH, source=bodies.source)
    parts = match_faces_to_bodies(seen.frame, seen.box, face_tracks, bodies, body_tracks, rate)
    parts = drop_duplicate_bodies(parts, seen.frame, seen.box, bodies)
    parts = stitch_persons(parts, seen.frame, seen.box, bodies, rate, size_px[0])
    looked = pose.looked if pose is not None else np.zeros(0, np.int64)
    doubted = _with_doubted_limbs(bodies, [body for _, body in parts], looked, size_px[1])
    return [
        _rows(seen, np.asarray(face_rows, np.int64), doubted, np.asarray(body_rows, np.int64), rate)
        for face_rows, body_rows in parts
        if face_rows or bodies.is_person_without_face(body_rows, _HEADLESS_TOP * size_px[1])
    ]


def _with_doubted_limbs(
    bodies: BodyDetections, persons: list[list[int]], looked: IntArray, picture_height_px: float
) -> BodyDetections:
    """The bodies, with lower scores for those that are limbs; `looked`: frames in which a pose was searched for."""
    score = bodies.score.copy()
    for body in persons:
        own = np.asarray(body, np.int64)
        own = own[bodies.source[own] == BASIS_OBJECT]
        if not own.size or np.median(bodies.box_px[own, 3]) < _LIMB_HEIGHT * picture_height_px:
            continue
        first, last = bodies.frame[own[0]], bodies.frame[own[-1]]
        looks = np.count_nonzero((looked >= first) & (looked <= last))
        poses = np.count_nonzero((bodies.source == BASIS_POSE) & (bodies.frame >= first) & (bodies.frame <= last))
        if looks >= _LIMB_LOOKS and poses < _LIMB_MAX_POSES * looks:
            score[own] *= _LIMB_FACTOR
    return replace(bodies, score=score)


@dataclass(frozen=True, slots=True, eq=False)
class _ShotFaces:
    """Faces of one shot; `doubtful` (n,): a pose knows better where the head is."""

    frame: IntArray
    box: FloatArray
    head: FloatArray
    score: FloatArray
    doubtful: npt.NDArray[np.bool_]


def _faces_in_shot(faces: Faces | None, shot: Shot, picture_height_px: float) -> _ShotFaces:
    if faces is None:
        return _ShotFaces(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.bool_))
    rows = np.flatnonzero((faces.frame >= shot.first) & (faces.frame < shot.end))
    # A blurred face belongs to the background: sharpness weighs as much as the detector's own score. A face that
    # never moves is a picture of a face.
    sharp = (faces.sharpness - _BLURRED_SHARPNESS) / _SHARPNESS_RANGE
    clear = faces.score * np.clip(sharp, _MIN_SHARPNESS_FACTOR, 1.0)
    score, head = clear * faces.life, faces.heads_px(picture_height_px)
    # A picture of a face is not doubtful: a pose would take it for a living body.
    doubtful = (clear < _MIN_CLEAR_SCORE) & (faces.life >= 1.0)
    return _ShotFaces(faces.frame[rows], faces.box_px[rows], head[rows], score[rows], doubtful[rows])


def _rows(seen: _ShotFaces, face: IntArray, bodies: BodyDetections, body: IntArray, rate: float) -> TrackRows:
    """One person's rows in time: a body counts where nothing more certain is near, and then doubtful faces do not."""
    source = bodies.source[body]
    sure, doubtful = face[~seen.doubtful[face]], face[seen.doubtful[face]]
    pose = _away_from_surer(bodies.frame, body[source == BASIS_POSE], seen.frame[sure], rate)
    surer = np.sort(np.concatenate([seen.frame[face], bodies.frame[pose]]))
    thing = _away_from_surer(bodies.frame, body[source == BASIS_OBJECT], surer, rate)
    filled = np.concatenate([pose, thing])
    face = np.sort(np.concatenate([sure, _away_from_surer(seen.frame, doubtful, bodies.frame[pose], rate)]))
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


def _away_from_surer(frame: IntArray, rows: IntArray, surer: IntArray, rate: float) -> IntArray:
    """The rows further than half a second from all of `surer` (rising frames)."""
    return np.asarray(rows[distance_to_nearest(surer, frame[rows]) > _SURER_S * rate])


def _body_at(frame: IntArray, bodies: BodyDetections, body: IntArray, rate: float) -> FloatArray:
    """Body boxes (n, 4) at frames close to samples of the body, NaN elsewhere.

    An object's box holds the whole body, so a pose is used only where no object is near.
    """
    result = np.full((len(frame), 4), np.nan)
    for source in (BASIS_POSE, BASIS_OBJECT):
        own = body[bodies.source[body] == source]
        if not len(own) or not len(frame):
            continue
        known = distance_to_nearest(bodies.frame[own], frame) <= _SURER_S * rate
        result[known] = interpolate_rows(bodies.frame[own], bodies.box_px[own], frame[known])
    return result
