"""What is known of each subject at each moment: its parts, and the features of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panscan.direct.evidence import (
    BODY,
    FACE,
    FRONT,
    HEAD,
    MOVER,
    OBJECT,
    PART_NAMES,
    SETTING,
    gather_evidence,
    moments_of,
)
from panscan.model.perception import HAND_LABEL
from panscan.model.request import Taste
from scenes import LOOKS, RATE, flow, loudness, perception, scene, shot_of, speaker, subject

STANDING = (800.0, 200.0, 300.0, 800.0)  # a body, px
LYING = (500.0, 700.0, 900.0, 300.0)


def parts(evidence):
    return {PART_NAMES[part] for part in np.unique(evidence.part)}


def rows(evidence, part):
    """The rows of one part, in order of moments."""
    return {
        name: getattr(evidence, name)[evidence.part == part]
        for name in evidence.__slots__
        if name not in ("frame", "part")
    }


def of(part, *subjects, **named):
    return rows(gather_evidence(shot_of(*subjects, **named)), part)


# --- moments


@pytest.mark.parametrize("end", [1, 2, 3, 7, 100, 101])
def test_moments_lie_inside_the_shot_and_evenly(end):
    at = moments_of(scene(perception(), end=end))
    assert len(at) >= 1 and at[0] >= 0 and at[-1] < end
    assert np.all(np.diff(at) == 0.2 * RATE)
    assert at[0] <= 0.2 * RATE and end - at[-1] <= 0.2 * RATE, "no end of the shot is far from a moment"


def test_rows_are_in_order_of_moments():
    found = gather_evidence(shot_of(subject("person", 900, 300, 150, 150), subject("mover", 200, 500, 99, 99)))
    assert np.all(np.diff(found.moment) >= 0) and set(found.subject.tolist()) == {0, 1}


def test_nobody_gives_nothing_of_the_right_shape():
    found = gather_evidence(shot_of())
    assert len(found.frame) == 20 and found.box_px.shape == (0, 4) and len(found.part) == 0


# --- parts


def test_a_person_has_a_face_where_it_is_seen_and_else_a_head():
    turning = subject("person", 850, 220, 150, 150, body=STANDING)
    turning = replace(turning, basis=np.where(turning.frame < 50, 0, 1))
    found = gather_evidence(shot_of(turning))
    face, head, body = (found.moment[found.part == part] for part in (FACE, HEAD, BODY))
    assert found.frame[face].max() < 50 < found.frame[head].min()
    assert sorted([*face, *head]) == sorted(body) == list(range(20))


@pytest.mark.parametrize(("body", "expected"), [(STANDING, {"head", "body"}), (LYING, {"body"})])
def test_a_body_wider_than_tall_has_no_head(body, expected):
    assert parts(gather_evidence(shot_of(subject("person", 850, 220, 150, 150, basis=2, body=body)))) == expected


def test_one_who_lies_may_still_show_a_face():
    assert "face" in parts(gather_evidence(shot_of(subject("person", 850, 720, 150, 150, body=LYING))))


def test_without_a_body_there_is_only_a_face():
    assert parts(gather_evidence(shot_of(subject("person", 850, 220, 150, 150)))) == {"face"}


def test_things_and_movers_have_their_own_parts():
    assert parts(gather_evidence(shot_of(subject("object", 100, 100, 300, 200)))) == {"object", "front"}
    assert parts(gather_evidence(shot_of(subject("mover", 100, 100, 300, 200)))) == {"mover"}


def test_what_stands_around_is_no_evidence_unless_it_is_asked_for():
    for label in sorted(SETTING):
        chair = subject("object", 100, 100, 300, 200, label=label)
        assert parts(gather_evidence(shot_of(chair))) == set()
        asked = shot_of(chair, preferences=Taste(liked=frozenset({label})))
        assert parts(gather_evidence(asked)) == {"object", "front"}
    assert not SETTING & {"person", "dog", "car", "sports ball", "boat", "book"}


# --- when it is there


@pytest.mark.parametrize(("kind", "kept_s"), [("person", 0.7), ("object", 0.7), ("mover", 0.4)])
def test_who_is_not_seen_is_there_for_a_while(kind, kept_s):
    gone = subject(kind, 900, 300, 150, 150, frames=[f for f in LOOKS if f <= 40])
    found = gather_evidence(shot_of(gone))
    there = found.frame[np.unique(found.moment)]
    assert there.max() <= 40 + kept_s * RATE < there.max() + 0.2 * RATE
    assert found.presence == pytest.approx(len(there) / 20)


def test_one_who_stays_is_present_throughout():
    assert np.all(of(FACE, subject("person", 900, 300, 150, 150))["presence"] == 1)


# --- how large


def test_sizes_compare_with_each_other():
    """Head and shoulders, a whole body, the root of an area: shares of the picture, 1 at most."""
    person = subject("person", 850, 220, 100, 108, body=STANDING)
    assert of(FACE, person)["size"] == pytest.approx(2.5 * 108 / 1080)
    assert of(BODY, person)["size"] == pytest.approx(800 / 1080)
    assert of(OBJECT, subject("object", 0, 0, 480, 270))["size"] == pytest.approx(0.25)
    assert of(FACE, subject("person", 300, 100, 700, 700))["size"] == pytest.approx(1.0)


def test_place_and_score():
    middle, edge = subject("person", 860, 300, 200, 200), subject("person", 0, 300, 200, 200, score=0.4)
    assert of(FACE, middle)["aside"] == pytest.approx(0.0) and of(FACE, middle)["score"] == pytest.approx(0.9)
    assert of(FACE, edge)["aside"] == pytest.approx(860 / 1920) and of(FACE, edge)["score"] == pytest.approx(0.4)


def test_boxes_are_those_of_the_moment():
    walking = of(OBJECT, subject("object", 100, 300, 200, 100, speed=5))
    frame = moments_of(scene(perception()))[walking["moment"]]
    inside = frame <= LOOKS[-1]
    assert walking["box_px"][inside, 0] == pytest.approx((100 + 5 * frame)[inside])


# --- hands


def cup_beside(hand_left_px, *, until=100, label=HAND_LABEL):
    """The rows of a cup at 500 to 700 px, beside which a hand lies until some frame."""
    hand = subject("object", hand_left_px, 500, 100, 100, label=label, frames=[n for n in LOOKS if n < until])
    found = of(OBJECT, subject("object", 500, 500, 200, 200, label="cup"), hand)
    return {name: column[found["subject"] == 0] for name, column in found.items()}


def test_a_hand_has_no_front_and_is_soon_gone():
    hand = subject("object", 300, 500, 100, 100, label=HAND_LABEL, frames=[n for n in LOOKS if n <= 50], speed=4.0)
    found = gather_evidence(shot_of(hand))
    assert parts(found) == {"hand"}
    assert 50 < found.frame[found.moment].max() <= 50 + 0.4 * RATE


@pytest.mark.parametrize(("left_px", "held"), [(410, 1.0), (390, 0.0), (690, 1.0), (710, 0.0)])
def test_what_a_hand_touches_is_held(left_px, held):
    assert set(cup_beside(left_px)["held"]) == {held}


def test_held_is_the_share_of_moments():
    half = cup_beside(410, until=40)["held"]
    assert 0.4 < half[0] < 0.6 and np.ptp(half) == 0


def test_only_hands_hold():
    assert not cup_beside(410, label="dog")["held"].any()


# --- the end that goes ahead


def panning(speed_px_s):
    """Flow of a camera under which the background moves."""
    still = flow([], LOOKS)
    return perception(flow=replace(still, camera_px_s=np.tile([speed_px_s, 0.0], (len(LOOKS), 1))))


def front_of(speed, background=0.0, *, width=400, height=200):
    dog = subject("object", 700, 400, width, height, speed=speed)
    front, whole = (of(part, dog, seen=panning(background)) for part in (FRONT, OBJECT))
    offset = np.median(front["box_px"][:, 0] - whole["box_px"][:, 0])
    return float(offset), float(np.median(front["box_px"][:, 2])), float(np.median(front["score"]))


def test_an_animal_that_walks_has_its_head_ahead():
    assert front_of(5.0) == pytest.approx((220, 180, 0.9)), "to the right"
    assert front_of(-5.0) == pytest.approx((0, 180, 0.9)), "to the left"


def test_a_camera_that_goes_along_does_not_hide_the_walk():
    assert front_of(0.0, -125.0) == pytest.approx((220, 180, 0.9)), "the ground goes to the left, so it walks right"
    assert front_of(0.0, 125.0) == pytest.approx((0, 180, 0.9))


def test_what_only_the_camera_moves_goes_nowhere():
    assert front_of(5.0, 125.0)[2] == pytest.approx(0.0, abs=1e-6)
    assert front_of(0.0)[2] == pytest.approx(0.0)


def test_a_slow_walk_is_less_clear():
    clear = [front_of(speed)[2] for speed in (0.5, 1.5, 3.0, 5.0, 9.0)]
    assert clear == sorted(clear) and 0 < clear[0] < clear[1] < clear[2] and clear[3] == clear[4]


@pytest.mark.parametrize(
    ("width", "height", "length"), [(400, 200, 180), (200, 200, 90), (200, 400, 160), (100, 400, 100)]
)
def test_of_one_seen_from_the_front_all_is_front(width, height, length):
    assert front_of(5.0, width=width, height=height)[1] == pytest.approx(length)


def test_what_is_seen_once_goes_nowhere():
    once = subject("object", 700, 400, 400, 200, frames=[40])
    assert np.all(of(FRONT, once)["score"] == 0)


# --- who speaks, what moves, what is loud


def test_a_face_speaks_and_a_body_does_not():
    talker = subject("person", 850, 220, 150, 150, body=STANDING)
    seen = perception(speaker=speaker([(0, 50, 0)], [0]))
    face = of(FACE, talker, seen=seen)
    frame = moments_of(scene(perception()))[face["moment"]]
    assert face["speech"][frame < 48] == pytest.approx(0.95) and face["speech"][frame > 52] == pytest.approx(0.05)
    assert np.all(of(BODY, talker, seen=seen)["speech"] == 0)
    assert np.all(of(FACE, talker, seen=seen, with_speaker=False)["speech"] == 0)
    assert np.all(of(FACE, talker)["speech"] == 0)


def moving(left, weight=0.6, energy=0.03):
    return perception(flow=flow([(f, left, 500, 100, 100, weight) for f in LOOKS], LOOKS, energy=energy))


@pytest.mark.parametrize(("left", "share"), [(900, 0.6), (300, 0.0)])
def test_motion_on_a_body_is_the_persons(left, share):
    dancer = subject("person", 850, 220, 150, 150, body=STANDING)
    assert of(FACE, dancer, seen=moving(left))["motion"] == pytest.approx(share)


def test_faint_motion_counts_little():
    mover = subject("mover", 900, 500, 100, 100)
    assert of(MOVER, mover, seen=moving(900, energy=0.001))["motion"] == pytest.approx(0.5)
    assert of(MOVER, mover, seen=moving(900))["motion"] == pytest.approx(1.0)
    assert of(MOVER, mover)["motion"] == pytest.approx(0.0), "nobody measured it"


@pytest.mark.parametrize(("level_db", "loud"), [(-80, 0.0), (-50, 0.0), (-35, 0.5), (-20, 1.0), (0, 1.0)])
def test_loudness_is_0_to_1(level_db, loud):
    assert of(FACE, subject("person", 850, 220, 150, 150), seen=perception(loudness=loudness(level_db)))[
        "loud"
    ] == pytest.approx(loud)
