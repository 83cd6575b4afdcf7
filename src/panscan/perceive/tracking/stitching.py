"""Corrections to the persons of one shot: joins parts separated by a pause, and removes bodies counted twice."""

from __future__ import annotations

from panscan.model.perception import FloatArray, IntArray
from panscan.perceive.tracking.association import box_distance
from panscan.perceive.tracking.body_and_face import (
    FACE_IN_HEAD_MAX_DISTANCE,
    BodyDetections,
    face_to_body_distance,
    interpolate_face,
)

PersonRows = tuple[list[int], list[int]]  # one person: rows of faces, rows of bodies

_MAX_PAUSE_S = 4.0  # a pose has one body at a time: others are not seen while it follows another
_SAME_PLACE_MAX_DISTANCE = 0.8  # of two faces, in face sizes: two heads side by side are further apart
_DUPLICATE_SHARE = 0.5  # share of a body's samples in which another person's face is in its head
_EDGE_FACES = 0.5  # face widths from the picture's edge, within which people leave and others come


def stitch_persons(
    persons: list[PersonRows], frame: IntArray, box_px: FloatArray, bodies: BodyDetections, rate: float, width_px: float
) -> list[PersonRows]:
    """Join two persons if one is first seen where the other was last seen, at most 4 s before; the nearest first.

    A body must have been seen of at least one of them. People at the left and right edges of the picture are not
    joined: there people leave and others come.

    Parameters
    ----------
    persons : list
        Rows of faces (frame (n,), box_px (n, 4)) and of `bodies` of each, rising in time.
    rate : float
        Grid frames per second.
    width_px : float
        Width of the display picture.
    """
    ends = [_ends(person, frame, box_px, bodies) for person in persons]
    found = []
    for a, (_, (last, leaves)) in enumerate(ends):
        for b, ((first, comes), _) in enumerate(ends):
            pause = (first - last) / rate
            if a == b or not 0 < pause <= _MAX_PAUSE_S or not (persons[a][1] or persons[b][1]):
                continue
            if any(_is_at_edge(box, width_px) for box in (leaves, comes)):
                continue
            apart = box_distance(leaves, comes)
            if apart <= _SAME_PLACE_MAX_DISTANCE:
                found.append((apart, pause, a, b))
    goes_on: dict[int, int] = {}
    for _, _, a, b in sorted(found):
        if a not in goes_on and b not in goes_on.values():
            goes_on[a] = b
    result = []
    for number in range(len(persons)):
        if number in goes_on.values():
            continue
        faces, own = list(persons[number][0]), list(persons[number][1])
        while number in goes_on:
            number = goes_on[number]
            faces += persons[number][0]
            own += persons[number][1]
        result.append((faces, own))
    return result


def _is_at_edge(box: FloatArray, width_px: float) -> bool:
    return bool(box[0] < _EDGE_FACES * box[2] or box[0] + (1 + _EDGE_FACES) * box[2] > width_px)


def _ends(
    person: PersonRows, frame: IntArray, box: FloatArray, bodies: BodyDetections
) -> tuple[tuple[int, FloatArray], tuple[int, FloatArray]]:
    """First and last frame of a person, each with the face there; at one frame a face comes before a body."""
    seen = [(int(frame[r]), 0, r) for r in person[0]] + [(int(bodies.frame[r]), 1, r) for r in person[1]]
    first = min(seen)
    last = max(seen, key=lambda sample: (sample[0], -sample[1], sample[2]))
    (a, b) = ((f, bodies.face_px[r] if body else box[r]) for f, body, r in (first, last))
    return a, b


def drop_duplicate_bodies(
    persons: list[PersonRows], frame: IntArray, box_px: FloatArray, bodies: BodyDetections
) -> list[PersonRows]:
    """Without those persons of whom only a body was seen, in whose head another person's face mostly is.

    Object detectors sometimes give two boxes for one body.
    """
    faces = [person[0] for person in persons if person[0]]
    return [(own, body) for own, body in persons if own or not _is_duplicate_body(body, faces, frame, box_px, bodies)]


def _is_duplicate_body(
    own: list[int], faces: list[list[int]], frame: IntArray, box: FloatArray, bodies: BodyDetections
) -> bool:
    count = 0
    for row in own:
        now = int(bodies.frame[row])
        present = (f for f in faces if frame[f[0]] <= now <= frame[f[-1]])
        count += any(
            face_to_body_distance(interpolate_face(frame, box, f, now), bodies, row) <= FACE_IN_HEAD_MAX_DISTANCE
            for f in present
        )
    return count >= _DUPLICATE_SHARE * len(own)
