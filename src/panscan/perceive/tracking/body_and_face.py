"""Joins face tracks and body tracks of one shot into persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panscan.arrays.boxes import centers
from panscan.arrays.samples import interpolate_rows
from panscan.model import bodies as shapes
from panscan.model.perception import FloatArray, IntArray, Objects, Pose
from panscan.model.plan import Shot
from panscan.perceive.tracking.association import box_distance

BASIS_POSE, BASIS_OBJECT = 1, 2  # how a body was measured: `Tracks.basis`

_MIN_POSE_CONFIDENCE, _MIN_OBJECT_SCORE = 0.3, 0.25  # 0..1, from which a body is used: what is less is no body
SURE_OBJECT_SCORE = 0.35  # 0..1, of an object that counts without other evidence
_MIN_BODY_SAMPLES = 3  # of a body without a face: false detections rarely last longer
_MIN_AGREEMENT = 0.5  # share of the common samples in which the face must lie in the head of the body
FACE_IN_HEAD_MAX_DISTANCE = 1.0  # of a face from where the body has it, in face sizes
_MAX_HANDOVER_S = 2.0  # between face and body: pose waits 1 s after the last large face, then may sample once a second

# Where a face may lie in an object's box of a body, as shares of the box: elsewhere it is another person's.
_MAX_ACROSS = 0.6  # of the width, from its middle
_MIN_DOWN, _MAX_DOWN = -0.1, 0.6  # of the height, from its top
_MIN_FACE_SHARE, _MAX_FACE_SHARE = 0.03, 1.0  # height of the face, in heights of the box
_FACE_SIZE_WEIGHT = 0.2  # box heights that a face e times as large as the estimate adds to the distance


@dataclass(frozen=True, slots=True, eq=False)
class BodyDetections:
    """Bodies of one shot, by frame and then by source.

    Attributes
    ----------
    frame : ndarray (n,), int64
    source : ndarray (n,), int64
        `BASIS_POSE` or `BASIS_OBJECT`.
    box_px : ndarray (n, 4)
        The body.
    head_px : ndarray (n, 4)
        Its head.
    face_px : ndarray (n, 4)
        Where the face should be in that head.
    score : ndarray (n,)
        0..1.
    """

    frame: IntArray
    source: IntArray
    box_px: FloatArray
    head_px: FloatArray
    face_px: FloatArray
    score: FloatArray

    def is_person_without_face(self, rows: Sequence[int], top_px: float) -> bool:
        """Whether these rows without a face are a person: with a high score, several times, and with a head.

        An object's box that starts at the top edge of the picture (above `top_px`) may be a body without its head.
        """
        own = np.asarray(rows, np.int64)
        whole = (self.box_px[own, 1] > top_px) & (self.score[own] >= SURE_OBJECT_SCORE)
        return int(np.count_nonzero(np.where(self.source[own] == BASIS_POSE, True, whole))) >= _MIN_BODY_SAMPLES


def body_detections(
    pose: Pose | None, objects: Objects | None, shot: Shot, size_px: tuple[float, float]
) -> BodyDetections:
    """The bodies in one shot whose heads are in the picture; `size_px`: its width and height."""
    frame, source, box, head, score = [], [], [], [], []
    if pose is not None and len(pose.frame):
        confidence = pose.confidence
        inside = (pose.frame >= shot.first) & (pose.frame < shot.end)
        rows = np.flatnonzero(inside & (confidence >= _MIN_POSE_CONFIDENCE))
        frame.append(pose.frame[rows])
        source.append(np.full(len(rows), BASIS_POSE))
        box.append(pose.box_px[rows])
        head.append(pose.head_px[rows])
        score.append(confidence[rows])
    if objects is not None and len(objects.frame):
        rows = objects.rows_of_class("person")
        inside = (objects.frame[rows] >= shot.first) & (objects.frame[rows] < shot.end)
        rows = rows[inside & (objects.score[rows] >= _MIN_OBJECT_SCORE)]
        frame.append(objects.frame[rows])
        source.append(np.full(len(rows), BASIS_OBJECT))
        box.append(objects.box_px[rows])
        head.append(shapes.head_boxes_from_bodies(objects.box_px[rows]))
        score.append(objects.score[rows])
    frames = np.concatenate([np.zeros(0, np.int64), *frame])
    sources = np.concatenate([np.zeros(0, np.int64), *source])
    boxes, heads = (np.concatenate([np.zeros((0, 4)), *column]) for column in (box, head))
    scores = np.concatenate([np.zeros(0), *score])
    middle = centers(heads)
    seen = np.all((middle > 0) & (middle < np.asarray(size_px)), axis=1)
    order = np.lexsort((sources, frames))
    order = order[seen[order]]
    face = shapes.face_boxes_from_heads(heads, size_px[1])
    return BodyDetections(frames[order], sources[order], boxes[order], heads[order], face[order], scores[order])


@dataclass(frozen=True, slots=True)
class _FaceBodyMatch:
    """A face track and a body track that may be one person.

    Attributes
    ----------
    rank : tuple of float
        Lower is better.
    face, body : int
        Numbers of the tracks.
    """

    rank: tuple[float, ...]
    face: int
    body: int


def match_faces_to_bodies(
    frame: IntArray,
    box_px: FloatArray,
    faces: list[list[int]],
    bodies: BodyDetections,
    tracks: list[list[int]],
    rate: float,
) -> list[tuple[list[int], list[int]]]:
    """Persons, each as the rows of its faces and the rows of its bodies, both rising in time.

    Two faces that are seen at the same time never become one person, nor do two bodies from the same source.

    Parameters
    ----------
    frame, box_px : ndarray (n,), (n, 4)
        Faces.
    faces, tracks : lists of rows
        Tracks of faces, and tracks of `bodies`.
    rate : float
        Grid frames per second.
    """
    group = list(range(len(faces) + len(tracks)))  # faces first, then bodies
    spans = [[(0, int(frame[t[0]]), int(frame[t[-1]]))] for t in faces]
    for track in tracks:
        own = np.asarray(track)
        seen_by = [own[bodies.source[own] == source] for source in (BASIS_POSE, BASIS_OBJECT)]
        spans.append([_span(bodies, rows) for rows in seen_by if rows.size])
    matches = _seen_together(frame, box_px, faces, bodies, tracks)
    matches += _one_after_the_other(frame, box_px, faces, bodies, tracks, rate)
    for match in sorted(matches, key=lambda one: (one.rank, one.face, one.body)):
        one, other = group[match.face], group[len(faces) + match.body]
        if one == other or _overlap_in_time(spans[one], spans[other]):
            continue
        spans[one] = spans[one] + spans[other]
        group = [one if g == other else g for g in group]
    persons: list[tuple[list[int], list[int]]] = []
    for number in sorted(set(group)):
        members = [n for n, g in enumerate(group) if g == number]
        face_rows = sorted((r for n in members if n < len(faces) for r in faces[n]), key=lambda r: (frame[r], r))
        body_rows = sorted(r for n in members if n >= len(faces) for r in tracks[n - len(faces)])
        persons.append((face_rows, body_rows))
    return persons


def _span(bodies: BodyDetections, rows: IntArray) -> tuple[int, int, int]:
    return int(bodies.source[rows[0]]), int(bodies.frame[rows[0]]), int(bodies.frame[rows[-1]])


def _overlap_in_time(one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]) -> bool:
    """Whether the same source has both at the same time; spans are source, first and last frame."""
    return any(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for a in one for b in other)


def _seen_together(
    frame: IntArray, box: FloatArray, faces: list[list[int]], bodies: BodyDetections, tracks: list[list[int]]
) -> list[_FaceBodyMatch]:
    """Pairs whose face lies in the head of the body in most of their common samples.

    Pairs supported by most common samples come first: a face with a single sample always has full agreement.
    """
    from scipy.optimize import linear_sum_assignment

    agreed = np.zeros((len(faces), len(tracks)))
    common = np.zeros((len(faces), len(tracks)))
    owner = {row: n for n, track in enumerate(tracks) for row in track}
    for now, source in sorted(set(zip(bodies.frame.tolist(), bodies.source.tolist(), strict=True))):
        rows = [r for r in np.flatnonzero((bodies.frame == now) & (bodies.source == source)).tolist() if r in owner]
        present = [n for n, track in enumerate(faces) if frame[track[0]] <= now <= frame[track[-1]]]
        if not rows or not present:
            continue
        apart = np.array(
            [
                [face_to_body_distance(interpolate_face(frame, box, faces[n], now), bodies, r) for r in rows]
                for n in present
            ]
        )
        columns = [owner[r] for r in rows]
        common[np.ix_(present, columns)] += 1
        for face, column in zip(*linear_sum_assignment(np.minimum(apart, 2 * FACE_IN_HEAD_MAX_DISTANCE)), strict=True):
            if apart[face, column] <= FACE_IN_HEAD_MAX_DISTANCE:
                agreed[present[face], columns[column]] += 1
    share = agreed / np.maximum(common, 1)
    return [
        _FaceBodyMatch((0.0, -float(2 * agreed[n, m] - common[n, m]), -float(share[n, m])), int(n), int(m))
        for n, m in np.argwhere((share >= _MIN_AGREEMENT) & (agreed > 0))
    ]


def _one_after_the_other(
    frame: IntArray,
    box: FloatArray,
    faces: list[list[int]],
    bodies: BodyDetections,
    tracks: list[list[int]],
    rate: float,
) -> list[_FaceBodyMatch]:
    """Pairs of which one was first seen where the other was last seen, shortly after."""
    found = []
    for n, face in enumerate(faces):
        first, last = int(frame[face[0]]), int(frame[face[-1]])
        for m, track in enumerate(tracks):
            own = np.asarray(track)
            if np.any((bodies.frame[own] >= first) & (bodies.frame[own] <= last)):
                continue  # they were seen together, which is better evidence
            waits = np.where(bodies.frame[own] > last, bodies.frame[own] - last, first - bodies.frame[own])
            nearest = int(np.argmin(waits))
            if waits[nearest] > _MAX_HANDOVER_S * rate:
                continue
            end = face[-1] if bodies.frame[own[nearest]] > last else face[0]
            apart = face_to_body_distance(box[end], bodies, int(own[nearest]))
            if apart <= FACE_IN_HEAD_MAX_DISTANCE:
                found.append(_FaceBodyMatch((1.0, apart), n, m))
    return found


def interpolate_face(frame: IntArray, box: FloatArray, track: list[int], now: int) -> FloatArray:
    """The face of a track at a frame between its samples."""
    return interpolate_rows(frame[track], box[track], now)


def face_to_body_distance(face: FloatArray, bodies: BodyDetections, row: int) -> float:
    """Distance of a face from where the body has it, in face sizes.

    An object's box gives only an approximate place of the face, so its distance is in box heights.
    """
    if bodies.source[row] == BASIS_POSE:
        return box_distance(face, bodies.face_px[row])
    left, top, width, height = bodies.box_px[row]
    across = abs(face[0] + face[2] / 2 - left - width / 2) / width
    down = (face[1] + face[3] / 2 - top) / height
    share = face[3] / height
    inside = across <= _MAX_ACROSS and _MIN_DOWN < down < _MAX_DOWN
    if not inside or not _MIN_FACE_SHARE < share < _MAX_FACE_SHARE:
        return 2 * FACE_IN_HEAD_MAX_DISTANCE
    estimate = bodies.face_px[row]
    below = abs(face[1] + face[3] / 2 - estimate[1] - estimate[3] / 2) / height
    return float(across + below + _FACE_SIZE_WEIGHT * abs(np.log(share * height / estimate[3])))
