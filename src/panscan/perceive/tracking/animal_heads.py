"""Heads of animals: a detector of faces takes them for faces, and a detector of objects knows better whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panscan.arrays.samples import nearest_row
from panscan.model.perception import FloatArray, IntArray, Objects
from panscan.perceive.tracking.person_tracks import TrackRows

_ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
_SURE = 0.5  # score of an animal that is surely one: people far away are taken for animals with less
_MOSTLY = 0.5  # share of the looks at a face in which it must be an animal's: once, a hand or a coat is taken for a dog


def name_animals(persons: Sequence[TrackRows], objects: Objects | None) -> list[TrackRows]:
    """The persons of a shot; those whose face is the head of an animal are labelled as that animal."""
    if objects is None or not len(objects.frame):
        return list(persons)
    return [replace(rows, label=_animal(rows, objects) or rows.label) for rows in persons]


def _animal(rows: TrackRows, objects: Objects) -> str:
    """What the face mostly belongs to, if that is an animal."""
    faces = np.flatnonzero(rows.basis == 0)
    looks = objects.looked[nearest_row(objects.looked, rows.frame[faces])]
    owners = [_owner(rows.box[face], int(look), objects) for face, look in zip(faces, looks, strict=True)]
    label = max(_ANIMALS, key=owners.count)
    return label if owners.count(label) > _MOSTLY * len(owners) else ""


def _owner(face_px: FloatArray, look: int, objects: Objects) -> str:
    """The surest animal around the middle of a face, where no person is around it, too."""
    rows: IntArray = objects.rows_of_class("person", *_ANIMALS)
    rows = rows[objects.frame[rows] == look]
    x, y = face_px[:2] + face_px[2:] / 2
    left, top, width, height = objects.box_px[rows].T
    rows = rows[(left <= x) & (x <= left + width) & (top <= y) & (y <= top + height)]
    names = objects.names[objects.class_id[rows]]
    if not rows.size or "person" in names:
        return ""
    surest = int(np.argmax(objects.score[rows]))
    return str(names[surest]) if objects.score[rows[surest]] >= _SURE else ""
