"""Who is shown by the methods beside the adaptive one, and the plan around: scenes whose right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct
from panscan.direct.aims import fit_together
from panscan.direct.importance import DEFAULT_PARAMETERS, lean
from panscan.direct.methods import adaptive, gravity, max_movement, max_weight, single_object, talking_person
from panscan.errors import UsageError
from panscan.model.geometry import Rect, Size
from panscan.model.perception import ShotBoundaries
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from scenes import (
    LOOKS,
    center_x,
    faces,
    flow,
    loudness,
    objects,
    perception,
    preset,
    scene,
    speaker,
    still,
    thing,
)

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
    assert choice.aim.jumps == (50,) and choice.why.endswith(" speak in turn")
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
        assert fallback.why.endswith("; nobody is seen to speak")
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
    assert sorted(map(left_of, choice.subjects)) == [700, 950] and choice.why.endswith(": 2 of 3 fit")
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
    assert shown.label == "car" and choice.why == "follows the car, the fastest"
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
    assert choice.why.endswith("; nothing moves") and center_x(choice.aim) == pytest.approx(1410, abs=10)


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
