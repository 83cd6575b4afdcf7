"""Faces that are heads of animals are named as these."""

from __future__ import annotations

import pytest

from scenes import LOOKS, faces, objects, perception, scene, still, thing

HORSE = thing("horse", 600, 200, 700, 600)
FACE = faces(still(1100, 120, top=260, frames=LOOKS), LOOKS)


def name_of_face(seen, *, score=0.8):
    things = objects(seen, score=score)
    (found,) = scene(perception(faces=FACE, objects=things)).of_kind("person")
    return found.name, found.label


def test_the_head_of_a_horse_is_a_horse():
    assert name_of_face(HORSE) == ("horse-1", "horse")


@pytest.mark.parametrize(
    ("seen", "score"),
    [
        (thing("horse", 100, 200, 400, 600), 0.8),  # stands elsewhere
        (HORSE, 0.4),  # is hardly one
        (HORSE[: len(HORSE) // 3], 0.8),  # is seen in few looks: a hand may be taken for it
        (thing("chair", 600, 200, 700, 600), 0.8),  # is no animal
    ],
)
def test_other_faces_stay_persons(seen, score):
    assert name_of_face(seen, score=score) == ("person-1", "person")


def test_a_rider_is_a_person():
    name, _ = name_of_face([*HORSE, *thing("person", 950, 150, 300, 500)])
    assert name == "person-1"
