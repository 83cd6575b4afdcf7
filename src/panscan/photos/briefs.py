"""What each of the three shots is about: whom or what it must hold whole, and how large.

Several briefs per shot, the fullest first: where a shape cannot hold a group, it holds their heads, then the main
person, then the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panscan.photos.perception import FloatArray, PhotoPerception, PhotoPerson, PhotoThing

ESTABLISHING, MEDIUM, CLOSE_UP = SHOTS = ("establishing", "medium", "close-up")

_COMPANION = 0.55  # heads of this share of the main one's height belong to the group; smaller ones are the background
_LEADING_ANIMAL = 0.3  # an animal leads before people who are smaller than this share of its area
_MAX_GROUP = 6  # people of a group that a medium shot still shows: of more, faces get too small
_HEAD_MARGIN = 0.06  # of a head, kept around it
_BELONGS = 0.3  # share of a thing inside the box of a person from which it is worn, held or ridden,
_BELONGS_SIZE = 3.0  # unless it is larger than the person by so much: somebody beside a truck does not hold it
_WAIST = 0.6  # of the thigh below the hips, where a medium shot ends: between the joints
_WAIST_OF_BODY = 0.58  # of a body's height without known joints, from its top
_WAIST_OF_CUT_BODY = 0.75  # the same where the photo cuts the body off below
_SHOULDERS = 2.4  # head widths across the shoulders
_CUT_BELOW = 0.97  # of the photo's height: a body that ends below is cut off by the photo
_CHEST, _CHEST_BELOW = 1.5, 0.7  # head widths, and face heights below the chin, that a tight medium shot holds
_NEAR = 3.2  # head heights that two heads cover across when they belong together in one close-up
_SEEN = 0.5  # 0..1, visibility of a joint that counts
_FRONT = 0.45  # of an animal that is longer than tall: head and shoulders
_FRONT_TALL = 0.6  # of its height, from the top
_LONG = 1.2  # width over height from which an animal is seen from the side
_DETAIL_PART = 0.6  # of a thing's sides, that its close-up shows
_UPPER = 0.8  # of a thing's height: the rim, the label; below it stands on something
_FILL = {ESTABLISHING: 0.85, MEDIUM: 0.75, CLOSE_UP: 0.62}  # of the crop's tighter side, by what it must hold
_FACE = 0.45  # of the crop's height, in a close-up: 0.25 to 0.6 is usual
ANIMALS = frozenset({"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"})

# MediaPipe's numbers of joints.
_SHOULDER, _ELBOW, _WRIST, _HIP, _KNEE, _ANKLE = (11, 12), (13, 14), (15, 16), (23, 24), (25, 26), (27, 28)


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """What a crop must show.

    Attributes
    ----------
    shot : str
        One of `SHOTS`.
    subject : str
        Names of those it is about, such as "person-1" or "person-1, person-2".
    what : str
        What of them: "group", "whole", "upper body", "head", "front", "detail", "scene".
    hold_px : ndarray (4,)
        Must be inside whole.
    subject_px : ndarray (4,)
        What is composed: the subject as far as the shot shows it.
    fill : float
        Share of the crop's tighter side that `hold_px` should fill.
    people : tuple of PhotoPerson
        Those it is about.
    rank : int
        How many fuller ways there are to meet the same shot.
    """

    shot: str
    subject: str
    what: str
    hold_px: FloatArray
    subject_px: FloatArray
    fill: float
    people: tuple[PhotoPerson, ...] = ()
    rank: int = 0


def briefs(perception: PhotoPerception, main: Sequence[PhotoPerson]) -> dict[str, list[Brief]]:
    """The briefs for each shot, the fullest first.

    Parameters
    ----------
    perception : PhotoPerception
    main : sequence of PhotoPerson
        Those the shots are about, most important first; the first one alone gets the close-up.
    """
    if main:
        return _of_people(perception, main)
    animals = [t for t in perception.things if t.label in ANIMALS]
    things = animals or list(perception.things) or _headless(perception)
    return _of_things(perception, things) if things else _of_scene(perception)


def _headless(perception: PhotoPerception) -> list[PhotoThing]:
    """People whose heads are not seen, as things: their bodies are composed whole."""
    return [PhotoThing(p.name, "person", p.body_px, p.score) for p in perception.people if p.head_px is None]


def leading_people(perception: PhotoPerception) -> list[PhotoPerson]:
    """Those whom a photo is about: the most important person with a head, and everybody about as large."""
    heads = [p for p in perception.people if p.head_px is not None]
    animals = [area_share(t.box_px, perception) for t in perception.things if t.label in ANIMALS]
    if not heads or _LEADING_ANIMAL * max(animals, default=0.0) > area_share(heads[0].body_px, perception):
        return []
    tall = _height(_head(heads[0]))
    return [p for p in heads if p is heads[0] or _height(_head(p)) >= _COMPANION * tall][:_MAX_GROUP]


def area_share(box: FloatArray, perception: PhotoPerception) -> float:
    """Share of the photo that a box covers."""
    return float(np.prod(box[2:] - box[:2]) / (perception.size.width * perception.size.height))


def _of_people(perception: PhotoPerception, main: Sequence[PhotoPerson]) -> dict[str, list[Brief]]:
    first, group = main[0], list(main)
    names = ", ".join(p.name for p in sorted(group, key=lambda p: p.body_px[0]))
    whole = union([_with_belongings(p, perception) for p in group])
    heads = union([_padded_head(p) for p in group])
    own_body, own_head = _with_belongings(first, perception), _padded_head(first)
    upper = union([upper_body(p, perception) for p in group])
    own_upper, far = upper_body(first, perception), 2 if len(group) > 1 else 0
    close = [
        Brief(CLOSE_UP, p.name, "head", _padded_head(p), _head_and_shoulders(p, perception), _close_fill(p), (p,), rank)
        for rank, p in enumerate(group)
    ]
    if len(group) == 2 and heads[2] - heads[0] <= _NEAR * (own_head[3] - own_head[1]):
        close = [replace(brief, rank=brief.rank + 1) for brief in close]
        close.append(Brief(CLOSE_UP, names, "heads", heads, heads, 0.8, tuple(group)))
    single = [
        Brief(ESTABLISHING, first.name, "whole", own_body, first.body_px, _FILL[ESTABLISHING], (first,), far),
        Brief(ESTABLISHING, first.name, "upper body", own_upper, own_upper, 0.8, (first,), far + 1),
        Brief(ESTABLISHING, first.name, "head", own_head, own_head, 0.6, (first,), far + 2),
    ]
    middle = [
        Brief(MEDIUM, first.name, "upper body", own_upper, own_upper, _FILL[MEDIUM], (first,), min(far, 1)),
        Brief(MEDIUM, first.name, "chest", chest(first), chest(first), 0.68, (first,), min(far, 1) + 1),
    ]
    if len(group) > 1:
        everyone = tuple(group)
        single += [
            Brief(
                ESTABLISHING, names, "group", whole, union([p.body_px for p in group]), _FILL[ESTABLISHING], everyone
            ),
            Brief(ESTABLISHING, names, "heads", heads, heads, 0.8, everyone, 1),
        ]
        middle += [
            Brief(MEDIUM, names, "group", upper, upper, 0.85, everyone),
            Brief(MEDIUM, names, "heads", heads, heads, 0.8, everyone, 1),
        ]
    return {ESTABLISHING: single, MEDIUM: middle, CLOSE_UP: close}


def _of_things(perception: PhotoPerception, things: Sequence[PhotoThing]) -> dict[str, list[Brief]]:
    first = things[0]
    alike = [t for t in things if t.label == first.label or t.label in ANIMALS]
    every = union([t.box_px for t in alike])
    names = ", ".join(t.name for t in alike)
    part = _front(first, perception) if first.label in ANIMALS else _detail_part(first, perception)
    return {
        ESTABLISHING: [
            Brief(ESTABLISHING, names, "whole", every, every, _FILL[ESTABLISHING]),
            Brief(ESTABLISHING, first.name, "whole", first.box_px, first.box_px, _FILL[ESTABLISHING], rank=1),
            Brief(ESTABLISHING, first.name, "detail", part, part, 0.7, rank=2),
        ],
        MEDIUM: [
            Brief(MEDIUM, first.name, "whole", padded(first.box_px, 0.04), first.box_px, 0.9),
            Brief(MEDIUM, first.name, "detail", part, first.box_px, 0.5, rank=1),
        ],
        CLOSE_UP: [Brief(CLOSE_UP, first.name, "front" if first.label in ANIMALS else "detail", part, part, 0.7)],
    }


def _of_scene(perception: PhotoPerception) -> dict[str, list[Brief]]:
    """Nothing known is seen: go in on where there is most to look at."""
    width, height = perception.size.width, perception.size.height
    everything = np.array([0.0, 0.0, width, height])
    middle = _detail_middle(perception, everything)
    found = {ESTABLISHING: [Brief(ESTABLISHING, "scene", "scene", _around(middle, everything, 0.5), everything, 0.5)]}
    for shot, share in ((MEDIUM, 0.4), (CLOSE_UP, 0.22)):
        part = _around(middle, everything, share)
        found[shot] = [Brief(shot, "scene", "scene", part, part, 0.7)]
    return found


def upper_body(person: PhotoPerson, perception: PhotoPerception) -> FloatArray:
    """Head, arms and trunk, down to between hips and knees."""
    head, body = _padded_head(person), person.body_px
    points, seen = person.joints_px, person.visibility
    wide = head[2] - head[0]
    middle = (head[0] + head[2]) / 2
    box = union([head, np.array([middle - _SHOULDERS * wide / 2, head[1], middle + _SHOULDERS * wide / 2, head[3]])])
    bottom = waist(person, perception)
    if points is not None and seen is not None:
        arms = [j for pair in (_SHOULDER, _ELBOW, _WRIST) for j in pair if seen[j] >= _SEEN and points[j, 1] < bottom]
        if arms:
            pad = 0.15 * wide
            xy = points[arms]
            box = union([box, np.array([xy[:, 0].min() - pad, head[1], xy[:, 0].max() + pad, head[3]])])
    left, right = max(box[0], min(body[0], head[0])), min(box[2], max(body[2], head[2]))
    return np.array([left, head[1], right, max(bottom, head[3])])


def chest(person: PhotoPerson) -> FloatArray:
    """Head and shoulders, down to the middle of the chest."""
    head = _head(person)
    wide, middle = head[2] - head[0], (head[0] + head[2]) / 2
    face = person.face_px if person.face_px is not None else head
    bottom = max(head[3], face[3] + _CHEST_BELOW * (face[3] - face[1]))
    return np.array([middle - _CHEST * wide / 2, head[1], middle + _CHEST * wide / 2, bottom])


def waist(person: PhotoPerson, perception: PhotoPerception) -> float:
    """How far down a medium shot of a person reaches, px."""
    body, points, seen = person.body_px, person.joints_px, person.visibility
    is_cut = body[3] >= _CUT_BELOW * perception.size.height
    part = float(body[1] + (_WAIST_OF_CUT_BODY if is_cut else _WAIST_OF_BODY) * (body[3] - body[1]))
    if points is not None and seen is not None and min(seen[j] for j in _HIP) >= _SEEN:
        hip = float(points[list(_HIP), 1].mean())
        knee = float(points[list(_KNEE), 1].mean())
        thigh = hip + _WAIST * max(0.0, knee - hip)
        return float(min(thigh, part if is_cut else body[3]))
    return part


def union(boxes: Sequence[FloatArray]) -> FloatArray:
    """The smallest box (4,) around some."""
    rows = np.array(boxes, np.float64).reshape(-1, 4)
    return np.concatenate([rows[:, :2].min(axis=0), rows[:, 2:].max(axis=0)])


def padded(box: FloatArray, share: float) -> FloatArray:
    """A box (4,) with a share of its sides more on each side."""
    margin = share * (box[2:] - box[:2])
    return np.concatenate([box[:2] - margin, box[2:] + margin])


def joints_across(person: PhotoPerson) -> list[tuple[str, float]]:
    """Heights, px, at which no crop should end: the joints of a person that are seen."""
    points, seen = person.joints_px, person.visibility
    if points is None or seen is None:
        return []
    named = (("elbows", _ELBOW), ("wrists", _WRIST), ("hips", _HIP), ("knees", _KNEE), ("ankles", _ANKLE))
    return [(name, float(points[j, 1])) for name, pair in named for j in pair if seen[j] >= _SEEN]


def _with_belongings(person: PhotoPerson, perception: PhotoPerception) -> FloatArray:
    """A person with what is worn, held or ridden."""
    body = person.body_px
    size = float(np.prod(body[2:] - body[:2]))
    own = [body]
    for thing in perception.things:
        low, high = np.maximum(thing.box_px[:2], body[:2]), np.minimum(thing.box_px[2:], body[2:])
        shared = float(np.prod(np.clip(high - low, 0, None)))
        area = float(np.prod(thing.box_px[2:] - thing.box_px[:2]))
        if shared >= _BELONGS * area and area <= _BELONGS_SIZE * size:
            own.append(thing.box_px)
    return union(own)


def _head(person: PhotoPerson) -> FloatArray:
    assert person.head_px is not None  # only people with heads lead
    return person.head_px


def _padded_head(person: PhotoPerson) -> FloatArray:
    return padded(_head(person), _HEAD_MARGIN)


def _head_and_shoulders(person: PhotoPerson, perception: PhotoPerception) -> FloatArray:
    head = _head(person)
    wide, tall, middle = head[2] - head[0], head[3] - head[1], (head[0] + head[2]) / 2
    return np.array([middle - _SHOULDERS * wide / 2, head[1], middle + _SHOULDERS * wide / 2, head[3] + 0.5 * tall])


def _close_fill(person: PhotoPerson) -> float:
    """What share of the crop's height the padded head fills when the face has its share."""
    head = _padded_head(person)
    if person.face_px is None:
        return _FILL[CLOSE_UP]
    return float(min(0.9, _FACE * _height(head) / _height(person.face_px)))


def _height(box: FloatArray) -> float:
    return float(box[3] - box[1])


def _front(thing: PhotoThing, perception: PhotoPerception) -> FloatArray:
    """Head and shoulders of an animal: it looks into the photo, towards the middle or another animal."""
    left, top, right, bottom = thing.box_px
    wide, tall = right - left, bottom - top
    if wide < _LONG * tall:
        return padded(np.array([left, top, right, top + _FRONT_TALL * tall]), 0.03)
    others = [t for t in perception.things if t is not thing and t.label in ANIMALS]
    towards = (others[0].box_px[0] + others[0].box_px[2]) / 2 if others else perception.size.width / 2
    faces_left = towards < (left + right) / 2
    x0 = left if faces_left else right - _FRONT * wide
    return padded(np.array([x0, top, x0 + _FRONT * wide, top + _FRONT_TALL * tall]), 0.04)


def _detail_part(thing: PhotoThing, perception: PhotoPerception) -> FloatArray:
    """The part of a thing with the most to look at."""
    left, top, right, bottom = thing.box_px
    upper = np.array([left, top, right, top + _UPPER * (bottom - top)])
    return _around(_detail_middle(perception, upper), thing.box_px, _DETAIL_PART)


def _detail_middle(perception: PhotoPerception, box: FloatArray) -> FloatArray:
    """The centre (2,) of the detail inside a box."""
    height, width = perception.detail.shape
    x = (np.arange(width) + 0.5) * perception.size.width / width
    y = (np.arange(height) + 0.5) * perception.size.height / height
    inside = ((x >= box[0]) & (x <= box[2]))[None, :] & ((y >= box[1]) & (y <= box[3]))[:, None]
    weight = np.where(inside, perception.detail, 0.0)
    total = max(float(weight.sum()), 1e-9)
    return np.array([float((weight * x[None, :]).sum()), float((weight * y[:, None]).sum())]) / total


def _around(middle: FloatArray, box: FloatArray, share: float) -> FloatArray:
    """A part of a box with a share of its sides, around a point as far as it stays inside."""
    half = share * (box[2:] - box[:2]) / 2
    centre = np.clip(middle, box[:2] + half, box[2:] - half)
    return np.concatenate([centre - half, centre + half])
