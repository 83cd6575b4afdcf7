"""Faces, bodies and things of one shot become identities whose right answer is known."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

import documents as make
from panscan.cli.perceive import _plain
from panscan.model import bodies
from panscan.model.perception import Objects, Perception, Pose, ShotBoundaries
from panscan.perceive.tracking.tracks import TracksSignal
from scenes import RATE, faces, flow

NAMES = ("person", "dog", "cat", "cup")
LOOKS = list(range(0, 200, 4))  # of faces


def pose(rows):
    """Standing bodies; a row is frame, left, top and height of the head, and how visible they are (1)."""
    full = np.array([(*row, 1.0)[:5] for row in rows], float).reshape(-1, 5)
    left, top, tall, seen = full[:, 1:].T
    x, points = left + 0.39 * tall, np.zeros((len(full), 33, 2))
    places = {0: (0, 0.5), 11: (-0.8, 1.6), 12: (0.8, 1.6), 23: (-0.5, 3.8), 24: (0.5, 3.8)}
    for point in range(33):
        across, down = places.get(point, (0, 2.0))
        points[:, point] = np.stack([x + across * tall, top + down * tall], axis=-1)
    return Pose(
        looked=full[:, 0].astype(np.int64),
        frame=full[:, 0].astype(np.int64),
        box_px=np.stack([x - tall, top, 2 * tall, 7 * tall], axis=-1),
        head_px=np.stack([left, top, 0.78 * tall, tall], axis=-1),
        points_px=points,
        visibility=np.repeat(seen[:, None], 33, axis=1),
    )


def things(rows):
    """Objects; a row is frame, class, left, top, width, height, score."""
    frames = np.array([row[0] for row in rows], np.int64)
    return Objects(
        looked=np.unique(frames),
        frame=frames,
        box_px=np.array([row[2:6] for row in rows], float).reshape(-1, 4),
        score=np.array([row[6] for row in rows], float),
        class_id=np.array([NAMES.index(row[1]) for row in rows], np.int64),
        names=np.array(NAMES),
    )


def face_of(left, top, tall):
    """The face that belongs to a head."""
    return bodies.face_boxes_from_heads(np.array([[left, top, 0.78 * tall, tall]]), 1080.0)[0]


def standing(left, top, tall):
    """The box of the body under a head."""
    return (left + 0.39 * tall - tall, top, 2 * tall, 7 * tall)


def linked(*, cuts=(), frame_count=200, **signals):
    return TracksSignal(make.media(frame_count=frame_count)).derive(
        {"cuts": ShotBoundaries(np.array(cuts, np.int64)), **signals}
    )


def walking(frame):
    """Left, top, height of a head that walks slowly."""
    return 600 + 0.5 * frame, 200.0, 120.0


def seen_faces(frames, place=walking):
    return faces([(f, *face_of(*place(f))) for f in frames], LOOKS)


def test_a_face_that_turns_away_goes_on_as_a_head():
    bodies_seen = pose([(f, *walking(f)) for f in range(66, 200, 8)])
    found = linked(faces=seen_faces(range(0, 42, 4)), pose=bodies_seen)
    assert found.kind.tolist() == [0] and found.label.tolist() == ["person"] and found.person.tolist() == [0]
    assert found.basis.tolist() == [0] * 11 + [1] * 17
    middle = found.box_px[:, 0] + found.box_px[:, 2] / 2
    assert np.allclose(middle, 600 + 0.5 * found.frame + 0.39 * 120), "the estimated face stays where the face was"
    assert np.allclose(found.box_px[:, 3], found.box_px[0, 3]) and np.allclose(found.keep_px[11:, 3], 120)
    assert np.isnan(found.body_px[found.frame < 50]).all()
    assert np.allclose(found.body_px[found.basis == 1], bodies_seen.box_px)


def test_a_doubtful_face_yields_to_the_pose_and_a_picture_of_one_does_not():
    looks = list(range(0, 100, 4))
    clear, blurred = [(f, *face_of(*walking(f))) for f in looks[:10]], looks[10:]
    rows = [*clear, *((f, *face_of(*walking(f)), 0.4, 0.3) for f in blurred)]
    seen, body = faces(rows, LOOKS), pose([(f, *walking(f)) for f in range(0, 100, 6)])
    found = linked(faces=seen, pose=body)
    assert len(found.kind) == 1
    assert np.all(found.basis[found.frame < 40] == 0), "a clear face is surer"
    late = found.frame > 36 + 0.5 * RATE
    assert np.all(found.basis[late] == 1) and late.sum() == 8
    assert np.all(linked(faces=seen).basis == 0), "without a body it is all there is"
    still = dataclasses.replace(seen, life=np.full(len(rows), 0.1))
    assert np.all(linked(faces=still, pose=body).basis == 0), "a pose takes a poster for a living body"


def test_a_body_that_turns_round_gets_its_face():
    found = linked(faces=seen_faces(range(100, 200, 4)), pose=pose([(f, *walking(f)) for f in range(0, 120, 8)]))
    assert len(found.kind) == 1
    # Poses at and close to a face look are not needed.
    assert found.basis.tolist() == [1] * 11 + [0] * 25
    assert np.isfinite(found.body_px[found.frame <= 120]).all() and np.isnan(found.body_px[found.frame > 130]).all()


def test_a_face_in_between_splits_nothing():
    """Seen, turned away for two seconds, seen again: one person, who would be two by faces alone."""
    seen = seen_faces([*range(0, 52, 4), *range(120, 200, 4)])
    assert len(linked(faces=seen).kind) == 2
    found = linked(faces=seen, pose=pose([(f, *walking(f)) for f in range(20, 160, 8)]))
    assert len(found.kind) == 1 and np.all(np.diff(found.frame) > 0)
    assert set(found.frame[found.basis == 1]) == {68, 76, 84, 92, 100}


def test_a_head_by_pose_is_surer_than_one_by_objects():
    where = [(f, "person", *standing(*walking(f)), 0.8) for f in range(0, 200, 12)]
    found = linked(pose=pose([(f, *walking(f)) for f in range(0, 100, 6)]), objects=things(where))
    assert len(found.kind) == 1
    assert np.all(found.basis[found.frame <= 96] == 1)
    late = found.frame > 96 + 0.5 * RATE
    assert np.all(found.basis[late] == 2) and late.sum() >= 7
    head = np.array([walking(f) for f in found.frame[late]])
    kept = found.keep_px[late]
    assert np.all(kept[:, 0] <= head[:, 0]) and np.all(kept[:, 0] + kept[:, 2] >= head[:, 0] + 0.78 * head[:, 2])
    assert np.all(kept[:, 1] <= head[:, 1]) and np.all(kept[:, 1] + kept[:, 3] >= head[:, 1] + head[:, 2])
    assert np.all(kept[:, 3] < 0.3 * found.body_px[late, 3]), "not the whole body"


def test_two_who_cross_keep_their_bodies_and_faces():
    """One comes from the left and shows a face at first, the other from the right and shows it at last."""
    frames = range(0, 200, 12)

    def one(f):
        return 200 + 6 * f, 200.0, 100.0

    def other(f):
        return 1500 - 6 * f, 260.0, 120.0

    rows = [(f, "person", *standing(*who(f)), 0.8) for f in frames for who in (one, other)]
    shown = [(f, *face_of(*one(f))) for f in range(0, 60, 4)] + [(f, *face_of(*other(f))) for f in range(150, 200, 4)]
    shown = [(round(f), *box) for f, *box in shown]
    found = linked(faces=faces(shown, LOOKS), objects=things(rows))
    assert len(found.kind) == 2
    for track, sign in ((0, 1), (1, -1)):
        rows_of = np.flatnonzero(found.track == track)
        body = found.body_px[rows_of]
        known = np.isfinite(body[:, 0])
        assert np.all(sign * np.diff(body[known, 0]) >= 0) and sign * (body[known][-1, 0] - body[known][0, 0]) > 900
        assert set(found.basis[rows_of]) == {0, 2}
        assert found.frame[rows_of][0] == 0 and found.frame[rows_of][-1] >= 192


def test_two_faces_of_one_look_are_two_people():
    """A child on its mother's arm: a single body box holds both heads."""
    mother, child = (600.0, 200.0, 120.0), (680.0, 230.0, 110.0)
    both = [(f, *face_of(*who)) for f in LOOKS for who in (mother, child)]
    found = linked(
        faces=faces(both, LOOKS), objects=things([(f, "person", *standing(*mother), 0.9) for f in range(0, 200, 12)])
    )
    assert found.kind.tolist() == [0, 0] and np.bincount(found.track).tolist() == [len(LOOKS)] * 2
    owner = [np.isfinite(found.body_px[found.track == n, 0]).any() for n in (0, 1)]
    assert sorted(owner) == [False, True], "one body belongs to one of them"


def test_a_second_box_on_a_head_does_not_take_its_body():
    """Found once, below the true face but nearer to where the pose has it; the true face agrees in all other looks."""
    looks = range(60, 160, 4)
    seen = [(f, *np.add(face_of(*walking(f)), [0, -20, 0, 0])) for f in looks]
    second = face_of(*walking(100))
    rows = sorted([*seen, (100, *np.add(second, [4, 4, 0, 0]))], key=lambda row: row[0])
    found = linked(faces=faces(rows, LOOKS), pose=pose([(f, *walking(f)) for f in range(0, 200, 10)]))
    parts = [np.flatnonzero(found.track == track) for track in range(len(found.kind))]
    woman = max(parts, key=len)
    assert np.count_nonzero(found.basis[woman] == 0) == len(seen) and np.any(found.basis[woman] == 1)
    assert [len(part) for part in parts if part is not woman] == [1]


def test_whatever_bodies_say_every_face_has_one_track():
    rng = np.random.default_rng(5)
    for _ in range(10):
        rows = [
            (f, *rng.uniform(0, 1500, 2) * (1, 0.5), *[rng.uniform(40, 200)] * 2)
            for f in LOOKS[:25]
            for _ in range(rng.integers(0, 4))
        ]
        stood = [
            (f, "person", *rng.uniform(10, 900, 2), *rng.uniform(80, 500, 2), rng.uniform(0.2, 1))
            for f in range(0, 100, 12)
            for _ in range(rng.integers(0, 4))
        ]
        posed = pose([(f, rng.uniform(0, 1500), rng.uniform(0, 500), rng.uniform(30, 150)) for f in range(0, 100, 8)])
        found = linked(faces=faces(rows, LOOKS), objects=things(stood), pose=posed)
        own = found.basis == 0
        seen = sorted((int(f), *box) for f, box in zip(found.frame[own], found.box_px[own], strict=True))
        assert seen == sorted(rows)
        assert all(np.all(np.diff(found.frame[found.track == n]) > 0) for n in range(len(found.kind)))
        assert np.all(found.box_px[:, 2:] > 0) and np.all(found.keep_px[:, 2:] > 0)


@pytest.mark.parametrize("cut", [96, 100, 104])
def test_nobody_reaches_over_a_cut(cut):
    posed = pose([(f, *walking(f)) for f in range(0, 200, 8)])
    stood = things([(f, what, *standing(*walking(f)), 0.9) for f in range(0, 200, 12) for what in ("person", "cup")])
    found = linked(cuts=[cut], faces=seen_faces(range(0, 60, 4)), pose=posed, objects=stood)
    assert found.kind.tolist() == [0, 2, 0, 2] and found.shot.tolist() == [0, 0, 1, 1]
    assert found.person.tolist() == [0, -1, 1, -1]
    for track, shot in enumerate(found.shot):
        assert np.all((found.frame[found.track == track] >= cut) == bool(shot))


def test_without_bodies_nothing_changes():
    seen, moving = seen_faces(range(0, 80, 4)), flow([(f, 400, 200, 80, 80, 1.0) for f in LOOKS], LOOKS)
    alone = linked(faces=seen, flow=moving)
    none = np.zeros(0, np.int64)
    empty = Objects(none, none, np.zeros((0, 4)), np.zeros(0), none, np.array([], str), available=False)
    beside = linked(faces=seen, flow=moving, pose=pose([]), objects=empty)
    for name in ("track", "frame", "box_px", "keep_px", "score", "kind", "shot", "person", "basis", "body_px", "label"):
        assert getattr(alone, name).tobytes() == getattr(beside, name).tobytes()
    assert alone.kind.tolist() == [0, 1] and alone.label.tolist() == ["person", ""]
    assert not alone.basis.any() and np.isnan(alone.body_px).all()


@pytest.mark.parametrize(
    ("looks", "score", "top", "people"),
    [(5, 0.6, 200.0, 1), (2, 0.9, 200.0, 0), (8, 0.3, 200.0, 0), (8, 0.9, 0.0, 0), (8, 0.9, 30.0, 1)],
)
def test_a_body_alone_is_a_person_if_it_is_sure_and_has_a_head(looks, score, top, people):
    """Seen often enough, surely enough, and not cut off by the top of the picture."""
    rows = [(12 * n, "person", 600.0, top, 220.0, 600.0, score) for n in range(looks)]
    assert linked(objects=things(rows)).kind.tolist() == [0] * people


def test_hands_taken_for_a_body_are_nobody():
    assert len(linked(pose=pose([(f, *walking(f), 0.2) for f in range(0, 100, 8)])).kind) == 0


@pytest.mark.parametrize(
    ("height", "looks", "seen", "score"),
    [(600.0, 5, 0, 0.24), (600.0, 5, 1, 0.8), (600.0, 2, 0, 0.8), (200.0, 5, 0, 0.8)],
    ids=["an arm", "a body", "hardly looked", "too far away for a pose"],
)
def test_a_large_person_in_whom_no_pose_sees_a_body_is_doubted(height, looks, seen, score):
    rows = [(12 * n, "person", 600.0, 200.0, 220.0, height, 0.8) for n in range(9)]
    body = pose([(20 * n + 1, 1500.0, 100.0, 60.0) for n in range(seen)])
    body = dataclasses.replace(body, looked=np.array([20 * n + 1 for n in range(looks)], np.int64))
    found = linked(objects=things(rows), pose=body)
    assert np.allclose(found.score[found.basis == 2], score)


def test_two_boxes_around_one_body_are_one_person():
    box = standing(600.0, 200.0, 120.0)
    wide = (box[0] - 60, box[1] - 20, box[2] + 120, box[3] - 100)
    rows = [(f, "person", *place, 0.8) for f in range(0, 200, 12) for place in (box, wide)]
    found = linked(faces=seen_faces(LOOKS, lambda f: (600.0, 200.0, 120.0)), objects=things(rows))
    assert found.kind.tolist() == [0]


@pytest.mark.parametrize(
    ("left", "pause_s", "count"), [(600.0, 3.0, 1), (600.0, 5.0, 2), (5.0, 3.0, 2), (1830.0, 3.0, 2)]
)
def test_a_body_may_be_left_alone_for_a_while(left, pause_s, count):
    """A pose looks at one body at a time; at the picture's sides people go and others come."""
    again = 32 + round(pause_s * RATE)
    frames = [*range(0, 40, 8), *range(again, again + 40, 8)]
    assert len(linked(pose=pose([(f, left, 200.0, 100.0) for f in frames])).kind) == count


def test_a_thing_with_two_names_is_one_thing():
    called = ["dog", "dog", "cat", "dog", "cat", "cat", "dog"]
    rows = [(12 * n, name, 300 + 20 * n, 500, 200, 150, 0.9 if name == "dog" else 0.7) for n, name in enumerate(called)]
    rows += [(0, "cat", 302, 500, 200, 150, 0.5), (72, "cat", 420, 505, 200, 150, 0.6)]  # both names in one look
    rows += [(12 * n, "cup", 1200, 600, 60, 80, 0.8) for n in range(7)]
    found = linked(objects=things(rows))
    assert found.kind.tolist() == [2, 2] and sorted(found.label) == ["cup", "dog"]
    assert np.bincount(found.track).tolist() == [7, 7] and found.person.tolist() == [-1, -1]


def test_another_thing_further_away_is_another():
    rows = [(12 * n, "dog", 300, 500, 200, 150, 0.9) for n in range(4)]
    rows += [(12 * n, "cat", 700, 500, 200, 150, 0.9) for n in range(4, 8)]
    assert linked(objects=things(rows)).label.tolist() == ["dog", "cat"]


@pytest.mark.parametrize("tall", [20.0, 120.0, 500.0, 1000.0])
def test_face_and_head_are_consistent(tall):
    head = np.array([[300.0, 100.0, 0.78 * tall, tall]])
    face = bodies.face_boxes_from_heads(head, 1080.0)
    left, top, width, height = face[0]
    points = faces([(0, left, top, width, height)], [0]).points_px
    assert np.allclose(bodies.head_boxes_from_faces(face, points, 1080.0), head)


def test_unknown_bodies_are_null_in_json():
    media, tracks = make.media(frame_count=200), linked(faces=seen_faces(range(0, 40, 4)))
    text = json.dumps(_plain(media, Perception("media", "analysis", {"tracks": tracks})), allow_nan=False)
    assert json.loads(text)["signals"]["tracks"]["body_px"] == [[None] * 4] * 10
