"""Looking at a photo: what detectors find becomes people and things, most important first, texts, a horizon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panscan.arrays.boxes import edges, iou
from panscan.decoding.photo import Image, Photo
from panscan.direct.evidence import SETTING
from panscan.model.bodies import face_plausibility, head_boxes_from_bodies, head_boxes_from_faces
from panscan.perceive.signals.face_detection import FaceDetection
from panscan.perceive.signals.pose import head_box_of_joints
from panscan.photos.bodies import Joints
from panscan.photos.briefs import ANIMALS
from panscan.photos.composition import inside_share
from panscan.photos.detectors import PhotoDetectors
from panscan.photos.horizon import find_horizon
from panscan.photos.perception import FloatArray, Horizon, PhotoPerception, PhotoPerson, PhotoThing
from panscan.photos.texts import find_texts

_MIN_PERSON, _MIN_THING = 0.35, 0.35  # 0..1, score from which a body without a face, and a thing, count
_MIN_FACE_SHAPE = 0.05  # plausibility 0..1: eyes over nose over mouth; hands stay below
_FACE_TALL = 1 / 0.857  # of YuNet's box, from hairline to chin, per side of the square that all detectors give
_FACE_RISE = 0.053  # of YuNet's box height, by which the square lies lower
_BODY_WIDE, _BODY_TALL = 3.0, 7.0  # of a face without a known body: shoulders across, and down to the feet, in faces
_SAME_BODY = 0.6  # intersection over union: two boxes of one person
_SAME_ANIMAL, _SURE_ANIMAL = 0.5, 0.35  # intersection over union and score: riders cover less of what they ride
_PART = 0.85  # of a body without a face inside others: an arm or a leg of them
_SAME_OUTLINE = 0.5  # intersection over union of a body's box and its silhouette; less is somebody else's
_LIES = 1.2  # width over height of a body from which it lies: nothing tells on which side its head is
_MIN_VISIBILITY = 0.5  # 0..1, of joints that are seen, not guessed
_HAIR = 0.35  # of a head's height, that hair and hats may rise above what its face tells
_CUT_OFF = 0.01  # of the photo's height: a body that begins so near to its top has its head outside
_CENTRE_FALL = 0.6  # how much less a subject at the very side counts than one in the middle
_MAX_READ = 6  # faces whose expression is read: more are a crowd
_DETAIL_PX = 160  # longer side of the map of detail: finer than any framing needs
_DETAIL_BLUR = 0.03  # of its longer side: detail counts where it is near, not only on its own pixel


def perceive_photo(photo: Photo, detectors: PhotoDetectors) -> PhotoPerception:
    """All that is seen in a photo."""
    view = photo.view()
    scale = photo.size.width / view.shape[1]
    detections, names = detectors.objects(view)
    labels = [names[c] for c in detections.class_id]
    boxes, scores = edges(detections.box), detections.score
    is_person = np.array([label == "person" for label in labels], np.bool_)
    faces = [
        f for f in detectors.faces(view) if float(face_plausibility(f.box[None], f.points[None])[0]) >= _MIN_FACE_SHAPE
    ]
    things = _things(view, labels, boxes, scores)
    animals = [t for t in things if t.label in ANIMALS]
    people = [
        p for p in _people(view, faces, boxes[is_person], scores[is_person], detectors) if not _is_animal(p, animals)
    ]
    things = things if things or people else _foreground(view, detectors)
    people = [
        replace(p, smile=detectors.smile(view, p.face_px) if p.face_px is not None and n < _MAX_READ else None)
        for n, p in enumerate(_by_importance(people, view))
    ]
    return PhotoPerception(
        photo.size,
        tuple(_scaled_person(p, scale) for p in people),
        tuple(replace(t, box_px=t.box_px * scale) for t in things),
        _detail(view),
        detectors.names,
        find_texts(view) * scale,
        _horizon(view, people, things, scale),
    )


def _horizon(view: Image, people: Sequence[PhotoPerson], things: Sequence[PhotoThing], scale: float) -> Horizon | None:
    hiding = np.array([*(p.body_px for p in people), *(t.box_px for t in things)]).reshape(-1, 4)
    found = find_horizon(view, hiding)
    return replace(found, y_px=found.y_px * scale) if found else None


def _is_animal(person: PhotoPerson, animals: Sequence[PhotoThing]) -> bool:
    """Whether detectors took an animal for a person: their boxes are the same, and it is not less surely an animal."""
    rows = np.array([t.box_px for t in animals]).reshape(-1, 4)
    overlap = iou(_ltwh(rows), _ltwh(person.body_px[None])[0]) if len(rows) else np.zeros(0)
    return any(overlap[n] >= _SAME_ANIMAL and t.score >= _SURE_ANIMAL for n, t in enumerate(animals))


def _people(
    view: Image, faces: list[FaceDetection], boxes: FloatArray, scores: FloatArray, detectors: PhotoDetectors
) -> list[PhotoPerson]:
    """People from faces and bodies: each face takes the body that it fits; bodies without a face stand alone."""
    height, width = view.shape[:2]
    free = list(range(len(boxes)))
    pairs: list[tuple[FaceDetection | None, FloatArray, float]] = []
    for face in sorted(faces, key=lambda f: -f.box[3]):
        mine = min((n for n in free if _carries(boxes[n], face)), key=lambda n: _gap(boxes[n], face), default=None)
        if mine is None:
            pairs.append((face, _body_of_face(face, width, height), face.score))
            continue
        free.remove(mine)
        pairs.append((face, boxes[mine], max(face.score, float(scores[mine]))))
    taken = np.array([body for _, body, _ in pairs]).reshape(-1, 4)
    for n in free:
        alone = boxes[n : n + 1]
        twin = len(taken) and iou(_ltwh(taken), _ltwh(alone)[0]).max() >= _SAME_BODY
        part = sum(float(inside_share(other[None], boxes[n])[0]) for other in taken) >= _PART
        if scores[n] >= _MIN_PERSON and not twin and not part:
            pairs.append((None, boxes[n], float(scores[n])))
    if not pairs:  # without weights, the pose looks for one body in all of the photo
        pairs = [(None, np.array([0.0, 0.0, width, height]), _MIN_PERSON)]
        joints = detectors.bodies(view, [pairs[0][1]])
        if joints[0] is None:
            return []
        pairs = [(None, _box_of_joints(joints[0], width, height), _MIN_PERSON)]
    else:
        joints = detectors.bodies(view, [body for _, body, _ in pairs])
        pairs = [
            (face, _outlined(view, body, detectors) if face is None and found is None else body, score)
            for (face, body, score), found in zip(pairs, joints, strict=True)
        ]
    return [
        _person(face, body, score, found, (width, height))
        for (face, body, score), found in zip(pairs, joints, strict=True)
    ]


def _outlined(view: Image, body: FloatArray, detectors: PhotoDetectors) -> FloatArray:
    """A body's box as its silhouette has it, unless that is of something else."""
    found = detectors.silhouette(view, body)
    return body if found is None or iou(_ltwh(found[None]), _ltwh(body[None])[0])[0] < _SAME_OUTLINE else found


def _foreground(view: Image, detectors: PhotoDetectors) -> list[PhotoThing]:
    """What stands out from its background, where nothing is known of it."""
    height, width = view.shape[:2]
    found = detectors.silhouette(view, np.array([0.0, 0.0, width, height]))
    return [] if found is None else [PhotoThing("foreground", "foreground", found, _MIN_THING)]


def _person(
    face: FaceDetection | None, body: FloatArray, score: float, joints: Joints | None, size: tuple[int, int]
) -> PhotoPerson:
    """One person, with the head from the best that is known of it."""
    head, face_box, points = None, None, None
    if face is not None:
        head = edges(head_boxes_from_faces(face.box[None], face.points[None], size[1]))[0]
        face_box, points = _hairline_to_chin(face.box), face.points
        if joints is not None and not _belongs(joints, head):
            joints = None
    elif body[1] > _CUT_OFF * size[1]:
        if joints is not None:
            ltwh = head_box_of_joints(joints.points_px, joints.visibility)
            head = np.concatenate([ltwh[:2], ltwh[:2] + ltwh[2:]])
        elif body[2] - body[0] < _LIES * (body[3] - body[1]):
            head = edges(head_boxes_from_bodies(_ltwh(body[None])))[0]
    else:
        joints = None
    if head is not None:
        head = _within(_with_hair(head, body), size)
        body = np.concatenate([np.minimum(body[:2], head[:2]), np.maximum(body[2:], head[2:])])
    return PhotoPerson(
        "",
        _within(body, size),
        head,
        face_box,
        points,
        joints.points_px if joints else None,
        joints.visibility if joints else None,
        score,
        face.sharpness if face is not None else 1.0,
    )


def _with_hair(head: FloatArray, body: FloatArray) -> FloatArray:
    """A head up to the top of its body's box: hair and hats; not up to a raised hand."""
    above = head[1] - body[1]
    if 0 < above <= _HAIR * (head[3] - head[1]):
        return np.array([head[0], body[1], head[2], head[3]])
    return head


def _carries(body: FloatArray, face: FaceDetection) -> bool:
    """Whether a face lies in the upper part of a body's box, and is no larger than a head of it."""
    centre = face.box[:2] + face.box[2:] / 2
    wide, tall = body[2:] - body[:2]
    inside = body[0] <= centre[0] <= body[2] and body[1] - face.box[3] <= centre[1] <= body[1] + 0.6 * tall
    return bool(inside and face.box[2] <= 1.1 * wide)


def _gap(body: FloatArray, face: FaceDetection) -> float:
    """How far a face is from where the head of a body would be, in faces."""
    centre = face.box[:2] + face.box[2:] / 2
    ideal = np.array([(body[0] + body[2]) / 2, body[1] + 0.8 * face.box[3]])
    aside = (body[2] - body[0]) / 2 / face.box[2]  # in a wide body the head may be anywhere
    return float(np.abs(centre - ideal)[1] / face.box[3] + np.abs(centre - ideal)[0] / face.box[2] / max(1.0, aside))


def _body_of_face(face: FaceDetection, width: int, height: int) -> FloatArray:
    """Where the body of a face must be of which no detector says anything."""
    left, top, wide, tall = face.box
    middle = left + wide / 2
    body = np.array(
        [middle - _BODY_WIDE * wide / 2, top - 0.45 * tall, middle + _BODY_WIDE * wide / 2, top + _BODY_TALL * tall]
    )
    return _within(body, (width, height))


def _belongs(joints: Joints, head: FloatArray) -> bool:
    """Whether the nose of a body lies in a head: in a group the pose may find the neighbour."""
    nose = joints.points_px[0]
    margin = 0.25 * (head[2:] - head[:2])
    return bool(np.all(nose >= head[:2] - margin) and np.all(nose <= head[2:] + margin))


def _hairline_to_chin(square: FloatArray) -> FloatArray:
    """A face's box (4,) from the hairline to the chin, from the square that all detectors give."""
    tall = square[3] * _FACE_TALL
    top = square[1] + square[3] / 2 - tall / 2 - _FACE_RISE * tall
    return np.array([square[0], top, square[0] + square[2], top + tall])


def _box_of_joints(joints: Joints, width: int, height: int) -> FloatArray:
    head = head_box_of_joints(joints.points_px, joints.visibility)
    seen = np.concatenate([joints.points_px[joints.visibility >= _MIN_VISIBILITY], [head[:2], head[:2] + head[2:]]])
    return _within(np.concatenate([seen.min(axis=0), seen.max(axis=0)]), (width, height))


def _things(view: Image, labels: list[str], boxes: FloatArray, scores: FloatArray) -> list[PhotoThing]:
    """Things that may be looked at, most important first."""
    counts: Counter[str] = Counter()
    found = []
    rows = [
        n for n, label in enumerate(labels) if label != "person" and label not in SETTING and scores[n] >= _MIN_THING
    ]
    for n in sorted(rows, key=lambda n: -_weight(boxes[n], view) * float(scores[n])):
        counts[labels[n]] += 1
        found.append(PhotoThing(f"{labels[n]}-{counts[labels[n]]}", labels[n], boxes[n], float(scores[n])))
    return found


def _by_importance(people: list[PhotoPerson], view: Image) -> list[PhotoPerson]:
    """People, most important first, named from left to right."""
    by_place = sorted(range(len(people)), key=lambda n: people[n].body_px[0])
    named = [replace(people[n], name=f"person-{place + 1}") for place, n in enumerate(by_place)]
    return sorted(named, key=lambda p: -person_weight(p, view))


def person_weight(person: PhotoPerson, view: Image) -> float:
    """How much a person matters: large, sharp, seen from the front, in the middle."""
    shape = person.head_px if person.head_px is not None else person.body_px
    turned = 1.0 if person.face_px is not None else (0.5 if person.head_px is not None else 0.1)
    return _weight(shape, view) * turned * (0.3 + 0.7 * person.sharpness) * person.score


def _weight(box: FloatArray, view: Image) -> float:
    """Size times how near to the middle a box is."""
    height, width = view.shape[:2]
    aside = abs((box[0] + box[2]) / 2 / width - 0.5) * 2
    return float(np.sqrt((box[2] - box[0]) * (box[3] - box[1]) / (width * height)) * (1 - _CENTRE_FALL * aside))


def _detail(view: Image) -> FloatArray:
    """Where there is something to look at: sharp contrast, smoothed, 0..1."""
    import cv2

    scale = _DETAIL_PX / max(view.shape[:2])
    size = (max(1, round(view.shape[1] * scale)), max(1, round(view.shape[0] * scale)))
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    fine = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    small = cv2.resize(fine, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), _DETAIL_BLUR * _DETAIL_PX)
    return np.asarray(soft / max(float(soft.max()), 1e-6), np.float64)


def _ltwh(boxes: FloatArray) -> FloatArray:
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def _within(box: FloatArray, size: tuple[int, int]) -> FloatArray:
    return np.clip(box, 0, np.tile(np.array(size, np.float64), 2))


def _scaled_person(person: PhotoPerson, scale: float) -> PhotoPerson:
    def scaled(points: FloatArray | None) -> FloatArray | None:
        return None if points is None else points * scale

    return replace(
        person,
        body_px=person.body_px * scale,
        head_px=scaled(person.head_px),
        face_px=scaled(person.face_px),
        points_px=scaled(person.points_px),
        joints_px=scaled(person.joints_px),
    )
