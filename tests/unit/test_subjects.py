"""Detections become subjects: one identity per thing and shot."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.direct.shot_context import subjects_of
from panscan.model.perception import ShotBoundaries, Tracks
from scenes import RATE, faces, flow, perception

LOOKS = list(range(0, 100, 4))


def linked(found=None, motion=None, *, cuts=(), shot=0):
    """The subjects of one shot of a film of 100 frames."""
    signals = {"faces": found, "flow": motion, "cuts": ShotBoundaries(np.array(cuts, int))}
    seen = perception(**{name: value for name, value in signals.items() if value is not None})
    return subjects_of(seen.need(Tracks), shot)


def walk(frames, left, speed, *, top=300.0, size=100.0):
    return [(f, left + speed * f, top, size, size) for f in frames]


def test_nothing_gives_nothing():
    assert subjects_of(None, 0) == ()
    assert linked() == ()
    assert linked(faces([], LOOKS), flow([], LOOKS)) == ()


def test_one_face_is_one_subject():
    (subject,) = linked(faces(walk(LOOKS, 500, 4), LOOKS))
    assert (subject.name, subject.kind) == ("person-1", "person")
    assert subject.frame.tolist() == LOOKS
    assert subject.box_px[:, 0].tolist() == [500 + 4 * f for f in LOOKS]
    assert np.all(subject.keep_px[:, 1] < subject.box_px[:, 1]), "the head reaches above the face"


def test_two_faces_are_two_subjects_in_order_of_appearance():
    late = walk(LOOKS[5:], 200, 0)
    one, two = linked(faces(sorted(walk(LOOKS, 1200, 0) + late), LOOKS))
    assert (one.name, two.name) == ("person-1", "person-2")
    assert one.box_px[0, 0] == 1200 and two.frame[0] == 20


@pytest.mark.parametrize(("size", "top"), [(150.0, 300.0), (100.0, 350.0)])
def test_faces_that_cross_keep_their_identity(size, top):
    """One before the other: they differ in size or in height."""
    one, two = walk(LOOKS, 300, 8), walk(LOOKS, 1100, -8, size=size, top=top)
    subjects = linked(faces([row for pair in zip(one, two, strict=True) for row in pair], LOOKS))
    assert len(subjects) == 2
    assert {tuple(np.sign(np.diff(s.box_px[:, 0])).astype(int)) for s in subjects} == {(1,) * 24, (-1,) * 24}


@pytest.mark.parametrize("cut", [48, 50, 52])
def test_no_subject_reaches_over_a_cut(cut):
    found, motion = faces(walk(LOOKS, 500, 0), LOOKS), flow([(f, 400, 200, 80, 80, 1.0) for f in LOOKS], LOOKS)
    before, after = (linked(found, motion, cuts=[cut], shot=shot) for shot in (0, 1))
    assert [s.kind for s in before] == [s.kind for s in after] == ["person", "mover"]
    assert all(s.frame.max() < cut for s in before)
    assert all(s.frame.min() >= cut for s in after)
    assert sum(len(s.frame) for s in (before[0], after[0])) == len(LOOKS)


def test_motion_between_two_shots_says_nothing():
    motion = flow([(f, 400, 200, 80, 80, 1.0) for f in LOOKS], LOOKS)
    (mover,) = linked(None, motion, cuts=[50], shot=1)
    # The pair (48, 52) compares two scenes.
    assert mover.frame[0] == 56


@pytest.mark.parametrize(("missing_s", "count"), [(1.0, 1), (1.1, 1), (1.4, 2), (2.5, 2)])
def test_a_face_may_be_missed_for_a_while(missing_s, count):
    gap = round(missing_s * RATE)
    frames = [0, 3, 6, 6 + gap, 9 + gap, 12 + gap]
    assert len(linked(faces(walk(frames, 500, 0), frames))) == count


@pytest.mark.parametrize(("missing_s", "count"), [(0.7, 1), (1.0, 2)])
def test_a_mover_is_forgotten_sooner(missing_s, count):
    gap = round(missing_s * RATE)
    frames = [4, 8, 8 + gap, 12 + gap]
    assert len(linked(None, flow([(f, 400, 200, 80, 80, 1.0) for f in frames], frames))) == count


@pytest.mark.parametrize(("jump_px", "count"), [(110, 1), (130, 2)])
def test_a_box_cannot_travel_further_than_its_reach(jump_px, count):
    rows = [(0, 500, 300, 100, 100), (4, 500 + jump_px, 300, 100, 100)]
    assert len(linked(faces(rows, [0, 4]))) == count


def test_another_size_is_another_face():
    assert len(linked(faces([(0, 500, 300, 40, 40), (4, 270, 70, 500, 500)], [0, 4]))) == 2


def test_blur_lowers_the_score():
    sharp, soft = linked(faces([(0, 100, 300, 100, 100, 0.8, 0.9), (0, 900, 300, 100, 100, 0.8, 0.25)], [0]))
    assert sharp.score[0] == pytest.approx(0.8)
    assert soft.score[0] == pytest.approx(0.08)


def test_every_box_belongs_to_exactly_one_subject():
    rng = np.random.default_rng(3)
    rows = [
        (frame, *rng.uniform(0, 1500, 2), *rng.uniform(30, 300, 2))
        for frame in LOOKS
        for _ in range(rng.integers(0, 5))
    ]
    subjects = linked(faces(rows, LOOKS))
    owned = sorted((int(f), *box) for s in subjects for f, box in zip(s.frame, s.box_px, strict=True))
    assert owned == sorted(rows) and len(rows) > 30
    assert all(np.all(np.diff(s.frame) > 0) for s in subjects)
    assert len({s.name for s in subjects}) == len(subjects)


def test_tracks_are_numbered_through_the_film():
    found, motion = faces(walk(LOOKS, 500, 0), LOOKS), flow([(f, 400, 200, 80, 80, 1.0) for f in LOOKS], LOOKS)
    shots = [linked(found, motion, cuts=[50], shot=shot) for shot in (0, 1)]
    assert [[s.track for s in subjects] for subjects in shots] == [[0, 1], [2, 3]]
    assert [[s.name for s in subjects] for subjects in shots] == [
        ["person-1", "mover-1"],
        ["person-2", "mover-1"],  # nothing says that it is the same person
    ]
