"""Who is shown: the adaptive method on scenes made by hand, and the plan around it."""

from __future__ import annotations

import numpy as np
import pytest

import documents as make
from panscan import direct
from panscan.direct.aims import aim_at_faces, aim_at_motion
from panscan.direct.methods import adaptive
from panscan.errors import UsageError
from panscan.model.geometry import Rect
from panscan.model.perception import Border, Cuts
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from scenes import faces, flow, perception, saliency, scene

LOOKS = list(range(0, 100, 4))


def still(left, size, *, top=300.0, frames=LOOKS, **quality):
    quality = (quality["score"], quality["sharpness"]) if quality else ()
    return [(f, left, top, size, size, *quality) for f in frames]


def chosen(*face_rows, motion=None, **named):
    rows = sorted(row for rows in face_rows for row in rows)
    seen = perception(faces=faces(rows, LOOKS), **({"flow": motion} if motion else {}), **named)
    return adaptive(scene(seen))


def center_x(aim):
    return float(np.median(aim.must_px[:, 0] + aim.must_px[:, 2] / 2))


# --- faces


def test_the_largest_steady_face_wins():
    choice = chosen(still(300, 90), still(1300, 220))
    assert choice.aim.subject in choice.why and "largest steady face" in choice.why
    assert "+" not in choice.aim.subject
    assert center_x(choice.aim) == pytest.approx(1410, abs=10)
    assert "1 more in the shot" in choice.why


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
    assert len(choice.aim.subject.split("+")) == 2 and "beside" in choice.why
    box = choice.aim.must_px[3]
    assert box[0] < 800 and box[0] + box[2] > 1190
    assert box[2] <= 1080 * 9 / 16


def test_a_companion_too_far_away_is_not():
    choice = chosen(still(500, 160), still(1250, 150))
    assert "+" not in choice.aim.subject


def test_an_unimportant_companion_is_not_kept():
    assert "+" not in chosen(still(800, 260), still(1080, 50)).aim.subject


def test_heads_are_kept_with_their_hair_and_faces_belong_in_the_upper_part():
    aim = chosen(still(800, 200)).aim
    assert np.all(aim.must_px[:, 1] < 300 - 60) and np.all(aim.must_px[:, 1] + aim.must_px[:, 3] >= 500)
    assert aim.anchor[0] == 0.5 and 0.3 < aim.anchor[1] < 0.5
    assert np.all(aim.wish_px[:, 1] == pytest.approx(300 + 0.4 * 200))


def test_heads_are_cut_to_the_picture():
    box = chosen(still(0, 300, top=20.0)).aim.must_px
    assert np.all(box[:, :2] >= 0) and np.all(box[:, :2] + box[:, 2:] <= [1920, 1080])


def test_what_moves_beside_a_face_is_nice_to_keep():
    hands = flow([(f, 1000, 500, 120, 120, 0.5) for f in LOOKS], LOOKS)
    aim = chosen(still(800, 200), motion=hands).aim
    assert np.all(aim.nice_px[1:, 0] + aim.nice_px[1:, 2] >= 1120)
    assert np.all(aim.must_px[:, 0] + aim.must_px[:, 2] < 1120)


def test_a_face_seen_now_and_then_is_kept_between():
    aim = chosen(still(800, 200, frames=LOOKS[::3])).aim
    assert np.isfinite(aim.must_px).all()
    other = aim_at_faces(
        list(
            scene(perception(faces=faces(sorted(still(800, 200) + still(1100, 150, frames=LOOKS[:3])), LOOKS))).subjects
        ),
        scene(perception(faces=faces([], LOOKS))),
    )
    # A second after its last look the second face is gone, and no longer held.
    width = other.must_px[:, 2]
    assert width[0] > 1.4 * width[-1]


# --- what moves


def test_a_background_face_loses_to_what_moves_elsewhere():
    ball = flow([(f, 1200 + 3 * f, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    blurred = still(200, 130, score=0.8, sharpness=0.4)
    contradicted = chosen(blurred, motion=ball)
    assert contradicted.aim.subject.startswith("mover") and "moves" in contradicted.why
    assert chosen(blurred).aim.subject == "person-1", "with nothing to contradict it, it is the subject"


def test_a_sure_face_stays_whatever_moves():
    ball = flow([(f, 1200 + 3 * f, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    assert chosen(still(300, 320), motion=ball).aim.subject == "person-1"


def test_a_quiet_background_does_not_contradict_a_face():
    leaves = flow([(f, 1400, 600, 200, 200, 0.9) for f in LOOKS], LOOKS, energy=0.004)
    assert chosen(still(200, 130, score=0.8, sharpness=0.4), motion=leaves).aim.subject == "person-1"


def test_motion_around_a_face_supports_it():
    own = flow([(f, 150, 250, 250, 500, 0.9) for f in LOOKS], LOOKS, energy=0.05)
    assert chosen(still(200, 130, score=0.8, sharpness=0.4), motion=own).aim.subject == "person-1"


def test_without_a_face_the_mover_is_followed():
    choice = chosen(motion=flow([(f, 200 + 10 * f, 500, 150, 150, 1.0) for f in LOOKS], LOOKS))
    aim = choice.aim
    assert aim.subject == "mover-1" and "no steady face" in choice.why
    inner = (aim.frame > 20) & (aim.frame < 80)
    assert np.abs(aim.must_px[inner, 0] + 75 - (275 + 10 * aim.frame[inner])).max() < 30


def test_the_stronger_mover_is_followed_and_not_left_for_a_moment():
    rows = [(f, 300, 500, 150, 150, 0.7) for f in LOOKS]
    rows += [(f, 1400, 500, 150, 150, 0.95 if f in (40, 44) else 0.3) for f in LOOKS]
    aim = chosen(motion=flow(sorted(rows), LOOKS)).aim
    assert np.all(aim.must_px[:, 0] < 600)


def test_a_mover_that_takes_over_is_followed():
    rows = [(f, 300, 500, 150, 150, 0.9 if f < 50 else 0.05) for f in LOOKS]
    rows += [(f, 1400, 500, 150, 150, 0.05 if f < 50 else 0.9) for f in LOOKS]
    aim = chosen(motion=flow(sorted(rows), LOOKS)).aim
    assert aim.must_px[0, 0] < 600 and aim.must_px[-1, 0] > 1200


def test_a_mover_that_stops_is_still_there():
    moving = LOOKS[:10]
    aim = chosen(motion=flow([(f, 400 + 4 * f, 500, 150, 150, 1.0) for f in moving], LOOKS)).aim
    assert aim.frame[-1] > 80
    assert abs(aim.must_px[-1, 0] - (400 + 4 * 36)) < 40


def test_a_mover_that_leaves_is_let_go():
    moving = LOOKS[:10]
    rows = [(f, max(0, 300 - 12 * f), 500, 150, 150, 1.0) for f in moving]
    aim = chosen(motion=flow(rows, LOOKS)).aim
    assert aim.frame[-1] <= 36


def test_a_mover_wider_than_the_window_is_held_by_its_middle():
    aim = chosen(motion=flow([(f, 200, 100, 1500, 900, 1.0) for f in LOOKS], LOOKS)).aim
    assert np.all(aim.must_px[:, 2] < 1080 * 9 / 16)
    assert np.all(aim.must_px[:, 0] + aim.must_px[:, 2] / 2 == pytest.approx(950))


def test_no_mover_no_aim():
    assert aim_at_motion(scene(perception(flow=flow([], LOOKS)))) is None
    assert aim_at_motion(scene(perception())) is None


# --- nothing at all


def test_without_a_subject_the_point_of_interest_is_rested_on():
    choice = chosen(saliency=saliency([0, 12, 24], (1300.0, 400.0), 0.5))
    assert choice.aim.wish_px.tolist() == [[1300, 400]] and "interest" in choice.why
    assert np.isnan(choice.aim.must_px).all()


@pytest.mark.parametrize("seen", [{}, {"saliency": saliency([0, 12], (1300.0, 400.0), 0.02)}])
def test_without_anything_the_middle_is_shown(seen):
    choice = chosen(**seen)
    assert choice.aim.wish_px.tolist() == [[960, 540]] and "middle" in choice.why


def test_interest_of_another_shot_does_not_count():
    seen = perception(saliency=saliency([0, 12], (1300.0, 400.0), 0.5))
    assert adaptive(scene(seen, first=50)).aim.wish_px.tolist() == [[960, 540]]


# --- the plan


def test_shots_cover_the_media():
    assert shots_of(Cuts(np.array([20, 35])), 60) == (Shot(0, 20), Shot(20, 35), Shot(35, 60))
    assert shots_of(None, 60) == shots_of(Cuts(np.array([], int)), 60) == (Shot(0, 60),)
    assert shots_of(Cuts(np.array([0, 60, 70])), 60) == (Shot(0, 60),)


def test_each_shot_has_its_own_subject():
    rows = still(300, 200, frames=[f for f in LOOKS if f < 50]) + still(1400, 200, frames=[f for f in LOOKS if f >= 50])
    seen = perception(faces=faces(rows, LOOKS), cuts=Cuts(np.array([50])))
    plan = direct.plan(make.media(frame_count=100), seen, direct.Brief(make.VERTICAL))
    assert [shot.shot for shot in plan.shots] == [Shot(0, 50), Shot(50, 100)]
    assert [center_x(shot.cells[0].aim) for shot in plan.shots] == pytest.approx([400, 1500], abs=10)
    assert plan.canvas == make.VERTICAL and plan.bounds == Rect(0, 0, 1920, 1080)
    assert all(shot.why for shot in plan.shots)


def test_nothing_outside_the_border_is_shown():
    seen = perception(faces=faces(still(210, 100), LOOKS), border=Border(np.array([240.0, 0, 1440, 1080])))
    plan = direct.plan(make.media(frame_count=100), seen, direct.Brief(make.SQUARE))
    assert plan.bounds == Rect(240, 0, 1440, 1080)
    assert np.all(plan.shots[0].cells[0].aim.must_px[:, 0] >= 240)


def test_an_unknown_method_is_refused():
    with pytest.raises(UsageError, match="unknown method 'luck'") as refused:
        direct.plan(make.media(), perception(), direct.Brief(make.VERTICAL, method="luck"))
    assert "adaptive" in refused.value.why


def test_planning_twice_gives_the_same_plan():
    rng = np.random.default_rng(5)
    rows = [(f, *rng.uniform(0, 1500, 2), 150, 150) for f in LOOKS for _ in range(2)]
    seen = perception(faces=faces(rows, LOOKS), flow=flow([(f, *rng.uniform(0, 900, 4), 0.5) for f in LOOKS], LOOKS))
    one, two = (direct.plan(make.media(frame_count=100), seen, direct.Brief(make.VERTICAL)) for _ in range(2))
    assert one.shots[0].why == two.shots[0].why
    assert one.shots[0].cells[0].aim.must_px.tobytes() == two.shots[0].cells[0].aim.must_px.tobytes()
