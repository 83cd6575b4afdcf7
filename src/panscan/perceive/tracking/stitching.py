"""Second thoughts about the persons of one shot: parts of one person seen with a pause, and bodies counted twice."""

from __future__ import annotations

from panscan.model.perception import FloatArray, IntArray
from panscan.perceive.tracking.association import box_distance
from panscan.perceive.tracking.body_and_face import (
    SAME_FACE_MAX_DISTANCE,
    BodyDetections,
    face_to_body_distance,
    interpolate_face,
)

PersonRows = tuple[list[int], list[int]]  # one person: rows of faces, rows of bodies

_PAUSE_S = 4.0  # a pose sees one body at a time: the others wait while it looks at another
_SAME_PLACE = 0.8  # distance of two faces, in face sizes
_EXPLAINED = 0.5  # share of a body's looks in which another person's face is in its head


def stitch_persons(
    persons: list[PersonRows], frame: IntArray, box_px: FloatArray, bodies: BodyDetections, rate: float, width_px: float
) -> list[PersonRows]:
    """Persons of whom a body was seen go on where one is seen at the same place after a pause, the nearest first.

    Not at the left and right edges of the picture, where people leave and others come.

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
            if a == b or not 0 < pause <= _PAUSE_S or not (persons[a][1] or persons[b][1]):
                continue
            if any(box[0] < 0.5 * box[2] or box[0] + 1.5 * box[2] > width_px for box in (leaves, comes)):
                continue
            apart = box_distance(leaves, comes)
            if apart <= _SAME_PLACE:
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


def _ends(
    person: PersonRows, frame: IntArray, box: FloatArray, bodies: BodyDetections
) -> tuple[tuple[int, FloatArray], tuple[int, FloatArray]]:
    """First and last frame of a person, each with the face there; of a frame's looks a face counts before a body."""
    seen = [(int(frame[r]), 0, r) for r in person[0]] + [(int(bodies.frame[r]), 1, r) for r in person[1]]
    first = min(seen)
    last = max(seen, key=lambda look: (look[0], -look[1], look[2]))
    (a, b) = ((f, bodies.face_px[r] if body else box[r]) for f, body, r in (first, last))
    return a, b


def drop_duplicate_bodies(
    persons: list[PersonRows], frame: IntArray, box_px: FloatArray, bodies: BodyDetections
) -> list[PersonRows]:
    """The persons without those known by their body alone in whose head another person's face mostly is.

    Detectors of objects draw two boxes around one body now and then.
    """
    faces = [person[0] for person in persons if person[0]]
    return [person for person in persons if person[0] or not _explained(person[1], faces, frame, box_px, bodies)]


def _explained(
    own: list[int], faces: list[list[int]], frame: IntArray, box: FloatArray, bodies: BodyDetections
) -> bool:
    count = 0
    for row in own:
        now = int(bodies.frame[row])
        present = (f for f in faces if frame[f[0]] <= now <= frame[f[-1]])
        count += any(
            face_to_body_distance(interpolate_face(frame, box, f, now), bodies, row) <= SAME_FACE_MAX_DISTANCE
            for f in present
        )
    return count >= _EXPLAINED * len(own)
