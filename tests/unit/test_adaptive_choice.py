"""Who is shown by the adaptive method, on scenes made by hand whose right answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panscan.direct.aims import aim_at_subjects
from panscan.direct.methods import adaptive
from panscan.model.request import Taste
from panscan.request import presets
from scenes import (
    LOOKS,
    center_x,
    faces,
    flow,
    objects,
    perception,
    pose,
    preset,
    saliency,
    scene,
    still,
    thing,
)

WINDOW = 1080 * 9 / 16  # px, width of a vertical window in an HD picture


def chosen(*face_rows, motion=None, **named):
    rows = sorted(row for rows in face_rows for row in rows)
    seen = perception(faces=faces(rows, LOOKS), **({"flow": motion} if motion else {}), **named)
    return adaptive(scene(seen))


def held(aim, left, right):
    """Whether everything between two columns must be kept at every moment."""
    first, end = aim.must_keep_px[:, 0], aim.must_keep_px[:, 0] + aim.must_keep_px[:, 2]
    return bool(np.all(first <= left) and np.all(end >= right) and np.all(end - first <= WINDOW + 1e-6))


# --- faces


def test_the_largest_steady_face_wins():
    choice = chosen(still(300, 90), still(1300, 220))
    assert choice.why.startswith(f"shows {choice.aim.subject}")
    assert "+" not in choice.aim.subject
    assert center_x(choice.aim) == pytest.approx(1410, abs=10)
    assert "; person-1 left out" in choice.why


def test_a_large_face_that_only_flashes_up_loses():
    choice = chosen(still(300, 150), still(1300, 300, frames=LOOKS[:4]))
    assert center_x(choice.aim) == pytest.approx(375, abs=10)


def test_a_large_face_out_of_focus_loses():
    choice = chosen(still(300, 150), still(1300, 260, score=0.9, sharpness=0.3))
    assert center_x(choice.aim) == pytest.approx(375, abs=10)


def test_of_two_equal_faces_the_one_nearer_to_the_middle_wins():
    choice = chosen(still(40, 180), still(1150, 180))
    assert center_x(choice.aim) == pytest.approx(1240, abs=10)


def test_a_companion_that_fits_is_kept():
    choice = chosen(still(800, 160), still(1050, 140))
    assert set(choice.aim.subject.split("+")) == {"person-1", "person-2"} and choice.why.startswith("shows ")
    assert held(choice.aim, 800, 1190) and center_x(choice.aim) == pytest.approx(995, abs=10)


def test_ten_small_faces_do_not_outweigh_a_large_one():
    small = [still(60 + 55 * n, 45, top=200 + 60 * (n % 2)) for n in range(10)]
    choice = chosen(*small, still(1400, 320))
    assert len(choice.subjects) == 1 and center_x(choice.aim) == pytest.approx(1560, abs=15)


def test_a_companion_too_far_away_is_not():
    choice = chosen(still(500, 160), still(1250, 150))
    assert "+" not in choice.aim.subject


def test_a_blurred_face_in_the_background_is_no_companion():
    blurred = still(1080, 50, score=0.6, sharpness=0.3)
    assert "+" not in chosen(still(800, 260, score=0.9, sharpness=0.9), blurred).aim.subject


def test_heads_are_kept_with_their_hair_and_faces_belong_in_the_upper_part():
    aim = chosen(still(800, 200)).aim
    assert np.all(aim.must_keep_px[:, 1] < 300 - 60) and np.all(aim.must_keep_px[:, 1] + aim.must_keep_px[:, 3] >= 500)
    assert aim.anchor[0] == 0.5 and 0.3 < aim.anchor[1] < 0.5
    assert np.all(aim.target_px[:, 1] == pytest.approx(300 + 0.4 * 200))


def test_heads_are_cut_to_the_picture():
    box = chosen(still(0, 300, top=20.0)).aim.must_keep_px
    assert np.all(box[:, :2] >= 0) and np.all(box[:, :2] + box[:, 2:] <= [1920, 1080])


def test_what_moves_beside_a_face_is_nice_to_keep():
    hands = flow([(f, 1000, 500, 120, 120, 0.5) for f in LOOKS], LOOKS)
    aim = chosen(still(800, 200), motion=hands).aim
    assert np.all(aim.nice_to_keep_px[1:, 0] + aim.nice_to_keep_px[1:, 2] >= 1120)
    assert np.all(aim.must_keep_px[:, 0] + aim.must_keep_px[:, 2] < 1120)


def test_a_face_seen_now_and_then_is_kept_between():
    aim = chosen(still(800, 200, frames=LOOKS[::3])).aim
    assert np.isfinite(aim.must_keep_px).all()
    other = aim_at_subjects(
        list(
            scene(perception(faces=faces(sorted(still(800, 200) + still(1100, 150, frames=LOOKS[:3])), LOOKS))).subjects
        ),
        scene(perception(faces=faces([], LOOKS))),
    )
    # A second after its last look the second face is gone, and no longer held.
    width = other.must_keep_px[:, 2]
    assert width[0] > 1.4 * width[-1]


# --- what moves


def test_a_background_face_loses_to_what_moves_elsewhere():
    ball = flow([(f, 1200 + 3 * f, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    blurred = still(200, 130, score=0.8, sharpness=0.4)
    contradicted = chosen(blurred, motion=ball)
    assert contradicted.aim.subject.startswith("mover") and "left out" in contradicted.why
    assert chosen(blurred).aim.subject == "person-1", "with nothing to contradict it, it is the subject"


def test_a_sure_face_stays_whatever_moves():
    ball = flow([(f, 1200 + 3 * f, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    assert chosen(still(300, 320), motion=ball).aim.subject == "person-1"


def test_a_quiet_background_does_not_contradict_a_face():
    leaves = flow([(f, 1400, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.004)
    assert chosen(still(200, 130, score=0.8, sharpness=0.4), motion=leaves).aim.subject == "person-1"


def test_motion_around_a_face_supports_it():
    own = flow([(f, 150, 250, 250, 500, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    aim = chosen(still(200, 130, score=0.8, sharpness=0.4), motion=own).aim
    assert aim.subject == "person-1", "the mover is the person's own body"
    assert aim.anchor[1] == preset().headroom


def test_without_a_face_the_mover_is_followed():
    choice = chosen(motion=flow([(f, 200 + 10 * f, 500, 150, 150, 1.0) for f in LOOKS], LOOKS))
    aim = choice.aim
    assert aim.subject == "mover-1" and choice.why.startswith("follows what moves most")
    inner = (aim.frame > 12) & (aim.frame < 88)
    left = 200 + 10 * aim.frame[inner]
    box = aim.must_keep_px[inner]
    assert np.all(box[:, 0] <= left + 30) and np.all(box[:, 0] + box[:, 2] >= left + 120)
    assert np.all(box[:, 2] <= WINDOW + 1e-6) and np.ptp(aim.target_px[:, 0]) > 0.5 * WINDOW


def test_the_stronger_mover_is_followed_and_not_left_for_a_moment():
    rows = [(f, 300, 500, 150, 150, 0.7) for f in LOOKS]
    rows += [(f, 1400, 500, 150, 150, 0.95 if f in (40, 44) else 0.3) for f in LOOKS]
    aim = chosen(motion=flow(sorted(rows), LOOKS)).aim
    assert np.all(aim.must_keep_px[:, 0] < 600)


def test_a_mover_that_takes_over_is_followed():
    rows = [(f, 300, 500, 150, 150, 0.9 if f < 50 else 0.05) for f in LOOKS]
    rows += [(f, 1400, 500, 150, 150, 0.05 if f < 50 else 0.9) for f in LOOKS]
    aim = chosen(motion=flow(sorted(rows), LOOKS)).aim
    assert abs(aim.target_px[0, 0] - 375) < WINDOW / 2 and abs(aim.target_px[-1, 0] - 1475) < WINDOW / 2
    assert aim.subject == "mover-1+mover-2" and aim.jumps == (), "a change is a move: only turns are cut"


def test_a_mover_that_stops_is_still_there():
    moving = LOOKS[:10]
    unlike = np.ones((len(LOOKS), 48), np.float32)
    for row, f in zip(unlike, LOOKS, strict=True):  # its colours go on standing out
        first = (400 + 4 * min(f, moving[-1])) // 40
        row[first : first + 4] = 8.0
    interest = replace(saliency(LOOKS, (960.0, 540.0), 0.0), profile=unlike)
    rows = [(f, 400 + 4 * f, 500, 150, 150, 1.0) for f in moving]
    aim = chosen(motion=flow(rows, LOOKS), saliency=interest).aim
    assert aim.frame[-1] > 80
    assert abs(aim.target_px[-1, 0] - (400 + 4 * 36 + 75)) < WINDOW / 2


def test_a_mover_that_leaves_is_let_go():
    moving = LOOKS[:10]
    rows = [(f, max(0, 300 - 12 * f), 500, 150, 150, 1.0) for f in moving]
    aim = chosen(motion=flow(rows, LOOKS)).aim
    assert aim.target_px[-1, 0] > 600, "the window no longer waits at the edge where it left"


def test_a_mover_wider_than_the_window_is_held_by_its_middle():
    aim = chosen(motion=flow([(f, 200, 100, 1500, 900, 1.0) for f in LOOKS], LOOKS)).aim
    assert np.all(aim.must_keep_px[:, 2] <= WINDOW + 1e-6)
    assert aim.target_px[:, 0] == pytest.approx(950, abs=40)


def test_motion_that_is_nowhere_leads_nowhere():
    choice = chosen(motion=flow([], LOOKS))
    assert choice.subjects == () and "middle" in choice.why


# --- nothing at all


def test_without_a_subject_the_point_of_interest_is_rested_on():
    choice = chosen(saliency=saliency([0, 12, 24], (1300.0, 400.0), 0.5))
    assert np.ptp(choice.aim.target_px[:, 0]) == 0 and choice.why.startswith("where most moves and stands out")
    assert held(choice.aim, 1300 - 0.1 * WINDOW, 1300 + 0.1 * WINDOW)


def test_without_anything_the_middle_is_shown():
    choice = chosen()
    assert np.all(choice.aim.target_px == [960, 540]) and "middle" in choice.why


def test_a_faint_interest_does_not_leave_the_middle():
    aim = chosen(saliency=saliency([0, 12], (1800.0, 400.0), 0.02)).aim
    assert np.all(aim.target_px == [960, 540])


def test_interest_of_another_shot_does_not_count():
    seen = perception(saliency=saliency([0, 12], (1300.0, 400.0), 0.5))
    assert np.all(adaptive(scene(seen, first=50)).aim.target_px == [960, 540])


# --- adaptive: bodies, animals, and what the preset and the user make of them


def test_a_person_whose_face_is_turned_away_still_leads():
    seen = perception(pose=pose([(f, 1200, 200, 150) for f in range(0, 100, 8)], range(0, 100, 8)))
    choice = adaptive(scene(seen))
    assert choice.subjects[0].kind == "person" and center_x(choice.aim) == pytest.approx(1200 + 0.39 * 150, abs=5)


def test_a_face_counts_more_than_a_back():
    backs = pose([(f, 300, 200, 170) for f in range(0, 100, 8)], range(0, 100, 8))
    both = perception(faces=faces(still(1300, 120), LOOKS), pose=backs)
    assert center_x(adaptive(scene(both)).aim) == pytest.approx(1360, abs=10)
    bodies = preset(weights={"face": 0.1, "pose": 0.6})
    assert center_x(adaptive(scene(both, preset=bodies)).aim) == pytest.approx(366, abs=10)


def test_an_animal_leads_where_there_is_no_person():
    choice = adaptive(scene(perception(objects=objects(thing("dog", 1300, 400, 200, 160)))))
    assert choice.aim.subject == "object-1" and choice.why == "shows the dog"
    assert held(choice.aim, 1300, 1500)
    assert choice.aim.anchor == (0.5, 0.5), "eyes and headroom are for people"


def test_furniture_leads_only_if_it_was_asked_for():
    seen = perception(objects=objects(thing("chair", 1300, 400, 400, 260)))
    assert "middle" in adaptive(scene(seen)).why
    choice = adaptive(scene(seen, preferences=Taste(liked=frozenset({"chair"}))))
    assert center_x(choice.aim) == pytest.approx(1500, abs=5) and choice.why == "shows the chair"


def test_a_car_leads_where_there_is_nobody_and_gives_way_to_a_face():
    car = objects(thing("car", 1300, 400, 400, 260))
    assert adaptive(scene(perception(objects=car))).aim.subject == "object-1"
    both = perception(objects=car, faces=faces(still(300, 150), LOOKS))
    assert adaptive(scene(both)).aim.subject == "person-1"


def test_presets_choose_differently_between_a_person_and_an_animal():
    seen = perception(
        faces=faces(still(300, 110), LOOKS),
        objects=objects(thing("horse", 1200, 350, 420, 480, speed=2)),
        flow=flow([(f, 1250 + 2 * f, 400, 320, 400, 0.9) for f in LOOKS], LOOKS),
    )
    chosen_by = {
        name: adaptive(scene(seen, preset=presets.load_preset(name))).subjects[0].kind
        for name in ("talking-head", "nature")
    }
    assert chosen_by == {"talking-head": "person", "nature": "object"}


def test_the_weight_of_objects_alone_turns_the_choice():
    seen = perception(faces=faces(still(300, 60), LOOKS), objects=objects(thing("dog", 1200, 350, 400, 400)))
    led = [adaptive(scene(seen, preset=preset(weights={"objects": w}))).subjects[0].kind for w in (0.1, 0.8)]
    assert led == ["person", "object"]


def test_presets_choose_differently_between_a_face_and_what_moves():
    ball = flow([(f, 1200 + 3 * f, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.02)
    seen = perception(faces=faces(still(300, 150), LOOKS), flow=ball)
    shown = {
        name: adaptive(scene(seen, preset=presets.load_preset(name))).aim.subject for name in ("talking-head", "action")
    }
    assert shown == {"talking-head": "person-1", "action": "mover-1"}


def test_what_is_liked_goes_before_a_person_and_what_is_avoided_after_all():
    seen = perception(faces=faces(still(300, 70), LOOKS), objects=objects(thing("dog", 1300, 400, 160, 110)))
    tastes = {
        "none": Taste(),
        "likes dogs": Taste(liked=frozenset({"dog"})),
        "avoids people": Taste(avoided=frozenset({"person"})),
        "avoids a crowd": Taste(avoided=frozenset({"crowd"})),
        "avoids dogs": Taste(avoided=frozenset({"dog"})),
    }
    led = {name: adaptive(scene(seen, preferences=taste)).subjects[0].kind for name, taste in tastes.items()}
    assert led == {
        "none": "person",
        "likes dogs": "object",
        "avoids people": "object",
        "avoids a crowd": "object",
        "avoids dogs": "person",
    }


def test_taste_in_numbers():
    seen = perception(
        faces=faces(still(300, 120), LOOKS),
        objects=objects(thing("dog", 1300, 400, 160, 110)),
        flow=flow([(f, 900, 700, 80, 80, 0.5) for f in LOOKS], LOOKS),
    )
    person, mover, dog = scene(seen).subjects
    assert (person.kind, mover.kind, dog.kind) == ("person", "mover", "object")
    likes = Taste(liked=frozenset({"dog"}))
    assert (likes.factor(dog), likes.factor(person), Taste().factor(dog)) == (2.0, 0.25, 1.0)
    both = Taste(liked=frozenset({"dog"}), avoided=frozenset({"dog", "motion"}))
    assert both.factor(dog) == both.factor(mover) == 0.1, "avoided goes before liked"
    crowd = Taste(avoided=frozenset({"crowd"}))
    assert (crowd.factor(person, 0.11), crowd.factor(person, 0.12), crowd.factor(dog, 0.01)) == (0.1, 1.0, 1.0)


def test_two_alike_that_do_not_fit_are_contested_and_two_that_fit_are_not():
    assert [s.name for s in chosen(still(200, 220), still(1450, 220)).contested] == ["person-2", "person-1"]
    assert chosen(still(780, 200), still(1020, 200)).contested == ()
    assert chosen(still(200, 120), still(1450, 320)).contested == (), "one matters more"


# --- headroom and look room


@pytest.mark.parametrize(("turn", "across"), [(0.0, 0.5), (0.15, 0.5), (0.25, 0.38), (-0.25, 0.62)])
def test_one_who_looks_aside_has_room_there(turn, across):
    style = preset(look_room=0.12, headroom=0.33)
    aim = adaptive(scene(perception(faces=faces(still(900, 200), LOOKS, turn=turn)), preset=style)).aim
    assert aim.anchor == pytest.approx((across, 0.33))


def test_two_together_need_no_look_room():
    rows = sorted(still(780, 200) + still(1020, 200))
    aim = adaptive(scene(perception(faces=faces(rows, LOOKS, turn=0.25)), preset=preset(look_room=0.12))).aim
    assert len(aim.subject.split("+")) == 2 and aim.anchor[0] == 0.5
