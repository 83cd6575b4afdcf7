"""Who is shown: each method on scenes made by hand whose right answer is known, and the plan around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct
from panscan.direct.aims import aim_at_subjects, fit_together
from panscan.direct.importance import DEFAULT_PARAMETERS, lean
from panscan.direct.methods import adaptive, gravity, max_movement, max_weight, single_object, talking_person
from panscan.errors import UsageError
from panscan.model.geometry import Rect, Size
from panscan.model.perception import ShotBoundaries
from panscan.model.plan import Shot
from panscan.model.request import Taste
from panscan.model.shots import shots_of
from panscan.request import presets
from scenes import (
    LOOKS,
    faces,
    flow,
    loudness,
    objects,
    perception,
    pose,
    preset,
    saliency,
    scene,
    speaker,
    thing,
)

WINDOW = 1080 * 9 / 16  # px, width of a vertical window in an HD picture


def still(left, size, *, top=300.0, frames=LOOKS, **quality):
    quality = (quality["score"], quality["sharpness"]) if quality else ()
    return [(f, left, top, size, size, *quality) for f in frames]


def chosen(*face_rows, motion=None, **named):
    rows = sorted(row for rows in face_rows for row in rows)
    seen = perception(faces=faces(rows, LOOKS), **({"flow": motion} if motion else {}), **named)
    return adaptive(scene(seen))


def center_x(aim):
    return float(np.median(aim.target_px[:, 0]))


def held(aim, left, right):
    """Whether everything between two columns must be kept at every moment."""
    first, end = aim.must_keep_px[:, 0], aim.must_keep_px[:, 0] + aim.must_keep_px[:, 2]
    return bool(np.all(first <= left) and np.all(end >= right) and np.all(end - first <= WINDOW + 1e-6))


# --- faces


def test_the_largest_steady_face_wins():
    choice = chosen(still(300, 90), still(1300, 220))
    assert choice.why.startswith(f"{choice.aim.subject} held")
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
    assert set(choice.aim.subject.split("+")) == {"person-1", "person-2"} and "held" in choice.why
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
    assert aim.subject == "mover-1" and choice.why.endswith("what moves most is followed")
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
    assert np.ptp(choice.aim.target_px[:, 0]) == 0 and choice.why.endswith("where most moves and stands out")
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
    assert choice.aim.subject == "object-1" and choice.why == "object-1 (dog) held: the only dog"
    assert held(choice.aim, 1300, 1500)
    assert choice.aim.anchor == (0.5, 0.5), "eyes and headroom are for people"


def test_furniture_leads_only_if_it_was_asked_for():
    seen = perception(objects=objects(thing("chair", 1300, 400, 400, 260)))
    assert "middle" in adaptive(scene(seen)).why
    choice = adaptive(scene(seen, preferences=Taste(liked=frozenset({"chair"}))))
    assert center_x(choice.aim) == pytest.approx(1500, abs=5) and choice.why == "object-1 (chair) held: the only chair"


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


# --- single_object


def test_single_object_shows_the_largest_person_whatever_else_there_is():
    seen = perception(
        faces=faces(sorted(still(300, 90) + still(1300, 220)), LOOKS),
        objects=objects(thing("car", 200, 300, 800, 500)),
        flow=flow([(f, 100 + 9 * f, 600, 400, 400, 0.9) for f in LOOKS], LOOKS),
        speaker=speaker([(0, 100, 0)], [0, 1]),
    )
    choice = single_object(scene(seen))
    assert center_x(choice.aim) == pytest.approx(1410, abs=10) and "largest person" in choice.why
    assert len(choice.subjects) == 1 and choice.aim.jumps == ()


def test_single_object_weighs_size_with_presence():
    seen = perception(faces=faces(sorted(still(300, 150) + still(1300, 300, frames=LOOKS[:5])), LOOKS))
    assert center_x(single_object(scene(seen)).aim) == pytest.approx(375, abs=10)


def test_single_object_without_a_person_shows_the_largest_thing_then_what_moves_then_the_middle():
    ball = flow([(f, 100 + 4 * f, 600, 80, 80, 0.9) for f in LOOKS], LOOKS)
    things = objects(thing("car", 900, 300, 400, 300) + thing("dog", 100, 300, 200, 100))
    choice = single_object(scene(perception(objects=things, flow=ball)))
    assert center_x(choice.aim) == pytest.approx(1100, abs=5) and "largest car" in choice.why
    moving = single_object(scene(perception(flow=ball)))
    assert moving.aim.subject == "mover-1" and "largest mover" in moving.why
    nothing = single_object(scene(perception()))
    assert nothing.aim.subject == "scene" and nothing.subjects == ()


# --- talking_person


def talkers(*turns, **signals):
    rows = sorted(still(250, 150) + still(1450, 220))
    heard = {"speaker": speaker(turns, [0, 1])} if turns else {}
    return perception(faces=faces(rows, LOOKS), **heard, **signals)


def test_whoever_speaks_is_shown_turn_by_turn():
    seen = talkers((0, 50, 1), (50, 100, 0))
    names = {s.track: s.name for s in scene(seen).subjects}
    choice = talking_person(scene(seen))
    assert choice.aim.jumps == (50,) and "2 turns" in choice.why
    assert [s.name for s in choice.subjects] == [names[1], names[0]]
    middle = choice.aim.must_keep_px[:, 0] + choice.aim.must_keep_px[:, 2] / 2
    at = {s.track: float(np.median(s.box_px[:, 0] + s.box_px[:, 2] / 2)) for s in scene(seen).subjects}
    assert middle[choice.aim.frame < 50] == pytest.approx(at[1], abs=10)
    assert middle[choice.aim.frame >= 50] == pytest.approx(at[0], abs=10)
    assert choice.aim.anchor == (0.5, scene(seen).preset.headroom)


def test_a_short_remark_is_no_turn():
    choice = talking_person(scene(talkers((0, 45, 0), (45, 57, 1), (57, 100, 0))))
    assert choice.aim.jumps == () and "speaks; person-2 left out" in choice.why and len(choice.subjects) == 1


def test_the_shortest_turn_is_the_presets():
    seen = talkers((0, 70, 0), (70, 100, 1))
    jumps = [talking_person(scene(seen, preset=preset(min_hold_s=hold))).aim.jumps for hold in (1.0, 2.0)]
    assert jumps == [(70,), ()]


@pytest.mark.parametrize("method", [talking_person, adaptive])
def test_a_preset_without_jump_cuts_has_no_jumps(method):
    seen = talkers((0, 50, 1), (50, 100, 0))
    with_jumps, without = (method(scene(seen, preset=preset(jump_cuts=jumps))).aim for jumps in (True, False))
    assert with_jumps.jumps == (50,) and without.jumps == ()
    assert np.array_equal(with_jumps.must_keep_px, without.must_keep_px), "the same people, eased instead"


def test_while_nobody_is_known_to_speak_the_best_view_is_shown():
    for fallback in (
        talking_person(scene(talkers())),
        talking_person(scene(talkers((0, 100, 0)), with_speaker=False)),
    ):
        assert center_x(fallback.aim) == pytest.approx(1560, abs=10)
        assert fallback.why.startswith("nobody is seen to speak: person-")
        assert fallback.aim.jumps == ()
        assert len(fallback.contested) == 2, "a layout may still show both"
    alone = talking_person(scene(perception(objects=objects(thing("dog", 900, 300, 200, 100)))))
    assert "dog" in alone.why


@pytest.mark.parametrize("method", [talking_person, adaptive])
@pytest.mark.parametrize(("others", "told"), [(0.45, True), (0.60, False)])
def test_a_guess_at_who_speaks_is_not_followed(method, others, told):
    rows = faces(sorted(still(250, 200) + still(1450, 220)), LOOKS)
    heard = speaker([(0, 50, 1), (50, 100, 0)], [0, 1], others=others)
    choice = method(scene(perception(faces=rows, speaker=heard)))
    assert bool(choice.aim.jumps) == told and len(choice.contested) == (0 if told else 2)


def test_adaptive_lets_the_speaker_lead_only_where_people_do_not_fit_side_by_side():
    assert center_x(adaptive(scene(talkers((0, 100, 0)))).aim) == center_x(
        talking_person(scene(talkers((0, 100, 0)))).aim
    )
    rows = faces(sorted(still(780, 200) + still(1020, 200)), LOOKS)
    near = adaptive(scene(perception(faces=rows, speaker=speaker([(0, 50, 0), (50, 100, 1)], [0, 1]))))
    assert len(near.subjects) == 2 and near.aim.jumps == ()


# --- max_weight


def trio(**signals):
    rows = sorted(still(700, 160) + still(950, 150) + still(1600, 140))
    return perception(faces=faces(rows, LOOKS), **signals)


def left_of(subject):
    return float(np.median(subject.box_px[:, 0]))


def test_max_weight_shows_as_many_as_fit():
    choice = max_weight(scene(trio()))
    assert sorted(map(left_of, choice.subjects)) == [700, 950] and choice.why.startswith("2 of 3 subjects fit")
    wide = max_weight(scene(trio(), canvas=make.HD))
    assert len(wide.subjects) == 3 and "3 of 3" in wide.why
    assert np.all(choice.aim.must_keep_px[:, 2] <= 1080 * 9 / 16)


def test_max_weight_begins_with_the_most_important():
    first = {s.track: left_of(s) for s in scene(trio()).subjects}
    aside = next(track for track, left in first.items() if left == 1600)
    seen = trio(speaker=speaker([(0, 100, aside)], [0, 1, 2]))
    choice = max_weight(scene(seen))
    assert list(map(left_of, choice.subjects)) == [1600]
    deaf = preset(weights={"speech": 0.0})
    assert len(max_weight(scene(seen, preset=deaf)).subjects) == 2


def test_max_weight_takes_things_and_movers_too():
    seen = perception(
        faces=faces(still(900, 120), LOOKS),
        objects=objects(thing("dog", 1080, 500, 150, 120)),
        flow=flow([(f, 760, 400, 80, 80, 0.8) for f in LOOKS], LOOKS),
    )
    assert {s.kind for s in max_weight(scene(seen)).subjects} == {"person", "object", "mover"}


def test_what_fits_is_asked_of_width_and_height():
    rows = sorted(still(900, 110, top=60) + still(1000, 110, top=900))
    seen = perception(faces=faces(rows, LOOKS))
    tall, wide = scene(seen), scene(seen, canvas=Size(2520, 1080))
    assert wide.window[1] == pytest.approx(823, abs=1)
    assert fit_together(tall.subjects, tall)
    assert not fit_together(wide.subjects, wide), "one head is at the top, the other at the bottom"


# --- max_movement


def test_max_movement_shows_the_fastest():
    seen = perception(
        faces=faces(still(300, 220), LOOKS),
        objects=objects(thing("dog", 200, 700, 120, 80, speed=5) + thing("car", 1500, 300, 200, 120, speed=-9)),
    )
    choice = max_movement(scene(seen))
    (shown,) = choice.subjects
    assert shown.label == "car" and choice.why == f"fastest subject: {shown.name}"
    inner = (choice.aim.frame > 20) & (choice.aim.frame < 80)
    middle = choice.aim.must_keep_px[inner, 0] + choice.aim.must_keep_px[inner, 2] / 2
    assert np.abs(middle - (1600 - 9 * choice.aim.frame[inner])).max() < 40


def runs(first_px, speed, *frames):
    """Rows of a dog that moves only while its frame lies in `frames` (first, end)."""
    rows, x = [], float(first_px)
    for f in LOOKS:
        rows.append((f, "dog", x, 400, 120, 80))
        x += 4 * speed if any(a <= f < b for a, b in frames) else 0
    return rows


def test_a_change_of_the_fastest_needs_a_clear_gain():
    steady = runs(200, 3.0, (0, 100))
    hop = max_movement(scene(perception(objects=objects(sorted(steady + runs(1500, 6.0, (44, 52)))))))
    assert np.all(hop.aim.target_px[:, 0] < 700) and len(hop.subjects) == 1
    relay = sorted(runs(200, 12.0, (0, 48)) + runs(1700, -12.0, (48, 100)))
    change = max_movement(scene(perception(objects=objects(relay))))
    assert change.aim.target_px[0, 0] < 700 and change.aim.target_px[-1, 0] > 1000 and len(change.subjects) == 2


def test_where_nothing_moves_the_largest_is_shown():
    choice = max_movement(scene(perception(faces=faces(sorted(still(300, 90) + still(1300, 220)), LOOKS))))
    assert choice.why.startswith("nothing moves: ") and center_x(choice.aim) == pytest.approx(1410, abs=10)


# --- gravity


def pair(**signals):
    return perception(faces=faces(sorted(still(585, 150) + still(1185, 150)), LOOKS), **signals)


def test_gravity_rests_between_equals_and_holds_nothing():
    aim = gravity(scene(pair())).aim
    assert aim.target_px[:, 0] == pytest.approx(960, abs=0.01) and aim.subject == "gravity"
    assert np.isnan(aim.must_keep_px).all() and aim.anchor == (0.5, 0.5)


@pytest.mark.parametrize("speech", [0.0, 0.25, 0.6])
def test_gravity_is_the_weighted_centre(speech):
    seen = pair(speaker=speaker([(0, 100, 1)], [0, 1]))
    places = [float(np.median(s.keep_px[:, 0] + s.keep_px[:, 2] / 2)) for s in scene(seen).subjects]
    leaning = lean(scene(seen, preset=preset(weights={"speech": speech})), "speech")
    quiet, heard = (1 + DEFAULT_PARAMETERS.speech * leaning * p for p in (0.05, 0.95))
    expected = (places[0] * quiet + places[1] * heard) / (quiet + heard)
    choice = gravity(scene(seen, preset=preset(weights={"speech": speech})))
    assert choice.aim.target_px[:, 0] == pytest.approx(expected, abs=0.5)
    if speech:
        assert choice.subjects[0].track == 1 and choice.subjects[0].name in choice.why


def test_who_has_left_no_longer_pulls():
    seen = perception(faces=faces(sorted(still(585, 150) + still(1185, 150, frames=LOOKS[:8])), LOOKS))
    aim = gravity(scene(seen)).aim
    both = float(np.median(aim.target_px[aim.frame < 28, 0]))
    assert 860 < both < 960, "one of two who leaves weighs less than who stays"
    assert aim.target_px[aim.frame > 50, 0] == pytest.approx(660, abs=1)


def test_loud_motion_pulls_more_than_quiet_motion_where_the_preset_listens():
    listening = preset(weights={"audio": 0.4})

    def wish(level_db, style=listening):
        seen = perception(
            faces=faces(still(300, 150), LOOKS),
            flow=flow([(f, 1400, 400, 150, 150, 0.9) for f in LOOKS], LOOKS),
            loudness=loudness(level_db),
        )
        return float(np.median(gravity(scene(seen, preset=style)).aim.target_px[:, 0]))

    assert wish(-70.0) == pytest.approx(wish(-50.0)) and wish(-20.0) > wish(-35.0) > wish(-50.0) + 1
    assert wish(-20.0, preset()) == pytest.approx(wish(-50.0, preset())), "by default loudness changes nothing"


@pytest.mark.parametrize("method", [gravity, max_weight, max_movement, talking_person, single_object, adaptive])
def test_every_method_finds_something_where_there_is_nothing(method):
    for nothing in (perception(), perception(faces=faces([], LOOKS), flow=flow([], LOOKS))):
        choice = method(scene(nothing))
        assert np.all(choice.aim.target_px == [960, 540]) and "middle" in choice.why


# --- the plan


def test_shots_cover_the_media():
    assert shots_of(ShotBoundaries(np.array([20, 35])), 60) == (Shot(0, 20), Shot(20, 35), Shot(35, 60))
    assert shots_of(None, 60) == shots_of(ShotBoundaries(np.array([], int)), 60) == (Shot(0, 60),)
    assert shots_of(ShotBoundaries(np.array([0, 60, 70])), 60) == (Shot(0, 60),)


def test_each_shot_has_its_own_subject():
    rows = still(300, 200, frames=[f for f in LOOKS if f < 50]) + still(1400, 200, frames=[f for f in LOOKS if f >= 50])
    seen = perception(faces=faces(rows, LOOKS), cuts=ShotBoundaries(np.array([50])))
    plan = direct.plan(make.media(frame_count=100), seen, scenes.request(make.VERTICAL))
    assert [shot.shot for shot in plan.shots] == [Shot(0, 50), Shot(50, 100)]
    assert [center_x(shot.cells[0].aim) for shot in plan.shots] == pytest.approx([400, 1500], abs=10)
    assert plan.canvas == make.VERTICAL and {shot.bounds for shot in plan.shots} == {Rect(0, 0, 1920, 1080)}
    assert all(shot.why for shot in plan.shots)


def test_nothing_outside_the_border_is_shown():
    seen = perception(faces=faces(still(210, 100), LOOKS), border=scenes.bars(238.25, 0, 238.25, 0))
    plan = direct.plan(make.media(frame_count=100), seen, scenes.request(make.SQUARE))
    assert plan.shots[0].bounds == Rect(240, 0, 1440, 1080)
    assert np.all(plan.shots[0].cells[0].aim.must_keep_px[:, 0] >= 240)


def test_an_unknown_method_is_refused():
    with pytest.raises(UsageError, match="unknown method 'luck'") as refused:
        direct.plan(make.media(), perception(), scenes.request(make.VERTICAL, method="luck"))
    assert "adaptive" in refused.value.why


def test_planning_twice_gives_the_same_plan():
    rng = np.random.default_rng(5)
    rows = [(f, *rng.uniform(0, 1500, 2), 150, 150) for f in LOOKS for _ in range(2)]
    seen = perception(faces=faces(rows, LOOKS), flow=flow([(f, *rng.uniform(0, 900, 4), 0.5) for f in LOOKS], LOOKS))
    one, two = (direct.plan(make.media(frame_count=100), seen, scenes.request(make.VERTICAL)) for _ in range(2))
    assert one.shots[0].why == two.shots[0].why
    assert one.shots[0].cells[0].aim.must_keep_px.tobytes() == two.shots[0].cells[0].aim.must_keep_px.tobytes()
