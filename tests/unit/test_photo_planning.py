"""Planning the shots of a photo: hard rules hold whatever is seen, and the set steps."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import photo_scenes as scenes
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.photos.briefs import leading_people, waist
from panscan.photos.composition import inside_share, look_room, touching, voted_score
from panscan.photos.people import chosen_people
from panscan.photos.planner import plan_shots
from panscan.photos.words import describe, why

OWN, PORTRAIT, TALL = Ratio(3, 2), Ratio(4, 5), Ratio(9, 16)


def planned(seen, ratio=OWN):
    return {shot.shot: shot for shot in plan_shots(seen, leading_people(seen), ratio).shots}


def side(shot):
    return shot.box_px[3] - shot.box_px[1]


def share_inside(shot, box):
    return float(inside_share(np.array([shot.box_px], np.float64), np.asarray(box, np.float64))[0])


def test_somebody_who_stands_in_a_wide_place_gets_three_shots_that_step():
    person = scenes.standing("person-1", 700, 200, 700)
    shots = planned(scenes.perception((1500, 1000), [person]))
    assert list(shots) == ["establishing", "medium", "close-up"]
    assert share_inside(shots["establishing"], person.body_px) == pytest.approx(1, abs=0.01)
    assert side(shots["establishing"]) >= 1.6 * side(shots["medium"]) >= 1.6 * 1.6 * side(shots["close-up"]) * 0.99
    hips, knees = person.joints_px[23, 1], person.joints_px[25, 1]
    assert hips < shots["medium"].box_px[3] < knees  # from head to thigh
    face = person.face_px[3] - person.face_px[1]
    assert 0.25 <= face / side(shots["close-up"]) <= 0.6
    assert "fills" in why(shots["close-up"], scenes.perception((1500, 1000), [person]))


def test_a_medium_shot_does_not_end_at_a_joint():
    person = scenes.standing("person-1", 700, 100, 850)
    bottom = planned(scenes.perception((1500, 1000), [person]))["medium"].box_px[3]
    seen = person.visibility > 0.5
    assert np.abs(person.joints_px[seen, 1] - bottom).min() > 0.03 * 850


def test_the_waist_is_guessed_where_no_joints_are_seen():
    drawn, guessed = (scenes.standing("person-1", 700, 100, 800, joints=known) for known in (True, False))
    seen = scenes.perception((1500, 1000), [drawn])
    assert waist(guessed, seen) == pytest.approx(waist(drawn, seen), abs=0.08 * 800)


def test_a_photo_that_is_close_already_gives_fewer_shots_and_says_why():
    head = scenes.standing("person-1", 350, 20, 3800, cut_at=600)
    found = plan_shots(scenes.perception((700, 600), [head]), [head], Ratio(7, 6))
    assert found.shots[0].shot == "establishing"
    assert len(found.shots) < 3
    assert "too close" in " ".join(found.absent.values()) or "holds" in " ".join(found.absent.values())


def test_a_pair_with_their_heads_together_shares_the_close_up():
    pair = [scenes.standing("person-1", 640, 150, 800), scenes.standing("person-2", 790, 140, 820)]
    shot = planned(scenes.perception((1500, 1000), pair))["close-up"]
    assert shot.brief.what == "heads"
    assert all(share_inside(shot, p.head_px) > 0.99 for p in pair)
    far = [scenes.standing("person-1", 300, 150, 800), scenes.standing("person-2", 1200, 140, 820)]
    assert planned(scenes.perception((1500, 1000), far))["close-up"].brief.what == "head"


def test_a_close_up_of_one_in_a_row_cuts_nobody_elses_head():
    row = [scenes.standing(f"person-{n + 1}", 250 + 330 * n, 120, 800) for n in range(4)]
    shot = planned(scenes.perception((1500, 1000), row), PORTRAIT)["close-up"]
    shares = [share_inside(shot, p.head_px) for p in row]
    assert all(s < 0.04 or s > 0.97 for s in shares)


def test_room_is_left_where_a_face_looks():
    for yaw in (-0.9, 0.9):
        shot = planned(scenes.perception((1500, 1000), [scenes.standing("person-1", 750, 150, 800, yaw=yaw)]))["medium"]
        middle = (shot.box_px[0] + shot.box_px[2]) / 2
        assert (750 - middle) * yaw < 0, yaw
        assert "where the look goes" in why(shot, scenes.perception((1500, 1000)))


def test_animals_lead_before_small_people_and_look_into_the_photo():
    dog = scenes.thing("dog", (500, 300, 1400, 900))
    walker = scenes.standing("person-1", 100, 50, 200)
    seen = scenes.perception((1500, 1000), [walker], [dog])
    shots = planned(seen)
    assert leading_people(seen) == []
    assert shots["establishing"].brief.subject == "dog-1"
    close = shots["close-up"]
    assert share_inside(close, (500, 300, 860, 600)) > 0.95  # head and shoulders, at the end towards the middle
    assert "dog" in describe(seen)


def test_what_is_ridden_belongs_to_the_rider_and_a_truck_does_not():
    rider = scenes.standing("person-1", 750, 200, 500)
    bicycle = scenes.thing("bicycle", (640, 450, 860, 800))
    held = planned(scenes.perception((1500, 1000), [rider], [bicycle]))["establishing"]
    assert share_inside(held, bicycle.box_px) > 0.99
    truck = scenes.thing("truck", (0, 0, 1450, 900))
    whole = plan_shots(scenes.perception((1500, 1000), [rider], [truck]), [rider], TALL).shots[0]
    assert whole.brief.hold_px[2] - whole.brief.hold_px[0] < 400


def test_without_anything_known_the_crops_go_in_on_the_detail():
    seen = scenes.perception((1500, 1000))
    seen.detail[:, 120:] = 1.0
    shots = planned(seen)
    assert len(shots) == 3
    assert (shots["close-up"].box_px[0] + shots["close-up"].box_px[2]) / 2 > 800
    assert "No person" in describe(seen)


def test_the_same_sight_gives_the_same_shots():
    seen = scenes.perception((1500, 1000), [scenes.standing("person-1", 700, 200, 700)])
    assert [s.box_px for s in plan_shots(seen, leading_people(seen), PORTRAIT).shots] == [
        s.box_px for s in plan_shots(seen, leading_people(seen), PORTRAIT).shots
    ]


def test_subject_picks_by_place_number_or_name():
    people = [scenes.standing("person-1", 300, 300, 300), scenes.standing("person-2", 1000, 100, 800)]
    seen = scenes.perception((1500, 1000), people[::-1])
    assert [p.name for p in chosen_people(seen, "left")] == ["person-1"]
    assert [p.name for p in chosen_people(seen, "right")] == ["person-2"]
    assert [p.name for p in chosen_people(seen, "1")] == ["person-1"]
    assert [p.name for p in chosen_people(seen, "person-2")] == ["person-2"]
    assert len(chosen_people(seen, "all")) == 2
    assert [p.name for p in chosen_people(seen, "")] == ["person-2"]  # the other is background
    with pytest.raises(UsageError, match="answers to 'anna'"):
        chosen_people(seen, "anna")


people = st.lists(
    st.tuples(st.integers(0, 1500), st.integers(5, 500), st.integers(120, 1200), st.floats(-1, 1)), max_size=4
)


@given(people, st.sampled_from([OWN, PORTRAIT, TALL, Ratio(1, 1), Ratio(16, 9)]))
@settings(max_examples=50)  # each plans all shots of a photo
def test_hard_rules_hold_for_any_people(places, ratio):
    size = (1500, 1000)
    seen = scenes.perception(
        size,
        [
            scenes.standing(f"person-{n + 1}", x, y, tall, yaw=yaw, cut_at=size[1])
            for n, (x, y, tall, yaw) in enumerate(places)
            if x - tall / 15 > 0 and x + tall / 15 < size[0] and y + tall / 7 < size[1]
        ],
    )
    main = leading_people(seen)
    shots = plan_shots(seen, main, ratio).shots
    for shot in shots:
        x0, y0, x1, y1 = shot.box_px
        assert 0 <= x0 < x1 <= size[0]
        assert 0 <= y0 < y1 <= size[1]
        assert abs((x1 - x0) - (y1 - y0) * ratio.width / ratio.height) <= 1
        assert all(math.isfinite(v) for v in shot.scores.values())
        for person in shot.brief.people:
            assert share_inside(shot, person.head_px) > 0.97  # the head of whom it is about is whole
        about = max((p.head_px[3] - p.head_px[1] for p in shot.brief.people), default=np.inf)
        for other in seen.people:
            if other.head_px[3] - other.head_px[1] > about:
                share = share_inside(shot, other.head_px)
                assert share > 0.96 or share < 0.05  # nobody nearer loses half a head
    for wide, tight in pairwise(shots):
        assert side(wide) > 1.1 * side(tight)


def test_votes_like_a_whole_person_with_air_above():
    from panscan.model.geometry import Size

    person = np.array([400.0, 200, 600, 900])
    windows = np.array([[200.0, 80, 800, 980], [200, 250, 800, 980], [420, 80, 1020, 980], [200, 200, 800, 980]])
    whole, headless, sideless, tight = voted_score(windows, person, Size(1000, 1000))
    assert whole > tight > headless
    assert whole > sideless


def test_look_room_and_touching_edges():
    windows = np.array([[0.0, 0, 400, 300], [200, 0, 600, 300]])
    head = np.array([250.0, 50, 350, 150])
    right = look_room(windows, head, 1.0)
    assert right[1] > 0 > right[0]
    assert look_room(windows, head, 0.0) == pytest.approx([0, 0])
    boxes = np.array([[600.0, 100, 700, 200]])
    assert touching(windows, boxes).tolist() == [0, 1]
