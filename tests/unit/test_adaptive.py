"""From the path of the window to an aim: who is named, what is held, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from panscan.direct.adaptive import adaptive
from panscan.model.geometry import Rect, Size
from panscan.model.perception import Perception
from scenes import (
    HD_RECT,
    LOOKS,
    faces,
    flow,
    objects,
    perception,
    pose,
    preset,
    saliency,
    scene,
    shot_of,
    speaker,
    still,
    subject,
    thing,
)

WIDE = Size(2520, 1080)
LONG = list(range(0, 250, 4))  # looks of a shot of ten seconds


def face(left, size=150.0, top=300.0, **named):
    return subject("person", left, top, size, size, **named)


def together(*people):
    """Subjects of one shot, with names of their own."""
    return tuple(replace(person, name=f"{person.kind}-{n}", track=n - 1) for n, person in enumerate(people, 1))


def choose(*people, end=100, **named):
    return adaptive(shot_of(*together(*people), seen=perception(frame_count=end), end=end, **named))


def kept(aim, left, right):
    """Whether the columns between two must be kept, at each row."""
    first = aim.must_keep_px[:, 0]
    return (first <= left + 1e-6) & (first + aim.must_keep_px[:, 2] >= right - 1e-6)


def assert_sound(aim, context):
    """An aim that a camera can follow."""
    assert np.all(np.diff(aim.frame) > 0) and len(aim.frame) >= 1
    assert context.shot.first <= aim.frame[0] and aim.frame[-1] < context.shot.end
    assert np.isfinite(aim.target_px).all() and np.all((aim.weight > 0) & (aim.weight <= 1))
    known = np.isfinite(aim.must_keep_px[:, 0])
    for left, top, width, height in aim.must_keep_px[known]:
        assert context.bounds.contains(Rect(left, top, width, height), slack_px=1e-6)


# --- who is named


def test_one_who_stays_is_held_and_one_who_walks_is_followed():
    assert choose(face(900)).why == "shows person-1, the only face"
    assert choose(face(100, speed=8.0)).why == "follows person-1, the only face"


def test_things_are_called_by_what_they_are():
    assert choose(subject("object", 900, 300, 200, 150, label="cat")).why == "shows the cat"


def test_who_is_left_out_is_named():
    choice = choose(face(200, 200), face(1000, 180), face(1600, 180))
    assert len(choice.subjects) == 1
    assert choice.why.startswith("shows ") and choice.why.endswith("person-1 and person-3 left out")


def test_more_than_three_are_told_as_a_number():
    choice = choose(*(face(660 + 130 * n, 80) for n in range(4)))
    assert len(choice.subjects) == 4 and "and 2 more, all who are there" in choice.why


def test_the_first_named_is_the_one_who_matters_most():
    choice = choose(face(760, 90), face(960, 200))
    assert [s.name for s in choice.subjects] == ["person-2", "person-1"]


def test_who_only_passes_through_the_window_is_not_named():
    passing = face(-600, 150, top=500, speed=40.0)
    choice = choose(face(860, 240), passing)
    assert [s.name for s in choice.subjects] == ["person-1"]


def test_what_counts_little_beside_who_leads_is_not_held():
    choice = choose(face(800, 250), subject("object", 1080, 700, 60, 60, score=0.4, label="cup"))
    assert [s.name for s in choice.subjects] == ["person-1"]


def test_hands_are_not_named_beside_their_owner():
    hand = subject("mover", 900, 560, 120, 120)
    seen = perception(flow=flow([(f, 900, 560, 120, 120, 0.9) for f in LOOKS], LOOKS))
    faint = face(860, 120, score=0.2)  # hardly weighs more than what moves
    choice = adaptive(shot_of(*together(faint, hand), seen=seen))
    assert [s.kind for s in choice.subjects] == ["person"] and choice.aim.anchor[1] == preset().headroom


# --- what is held


def test_the_aim_holds_the_middle_of_the_window_and_who_is_in_it():
    choice = choose(face(860, 200))
    assert np.all(kept(choice.aim, 860, 1060))
    widths = choice.aim.must_keep_px[:, 2]
    assert np.all((widths >= 607.5 / 2 - 1e-6) & (widths <= 607.5 + 1e-6)), "half of the window at least, never more"
    assert choice.aim.target_px[:, 0] == pytest.approx(960)


def test_two_in_one_window_are_aimed_at_by_their_middle():
    assert choose(face(700, 150), face(1050, 150)).aim.target_px[:, 0] == pytest.approx(950)


def test_a_head_that_the_window_cuts_is_not_aimed_at():
    """The second is half outside: the aim is at the first alone."""
    choice = choose(face(300, 260), face(1000, 200))
    assert [s.name for s in choice.subjects] == ["person-2"]
    assert choice.aim.target_px[:, 0] == pytest.approx(1100, abs=5)


def test_a_body_lost_for_a_moment_does_not_move_the_aim():
    body = (780.0, 200.0, 400.0, 850.0)
    steady = face(1000, 120, top=220, body=body)
    holes = steady.body_px.copy()
    holes[10:12] = np.nan
    aims = [choose(one).aim.target_px[:, 0] for one in (steady, replace(steady, body_px=holes))]
    assert aims[1] == pytest.approx(aims[0], abs=2)


def test_what_is_wider_than_the_window_is_held_by_its_middle():
    aim = choose(subject("object", 400, 300, 900, 500, label="car")).aim
    assert np.all(aim.must_keep_px[:, 2] <= 607.5 + 1e-6) and np.all(kept(aim, 800, 900))


# --- when


def test_who_comes_takes_over_and_both_are_told():
    looks = range(0, 250, 4)
    one = face(200, 180, frames=[f for f in looks if f < 120])
    two = face(1500, 180, frames=[f for f in looks if f >= 120])
    choice = choose(one, two, end=250)
    aim = choice.aim
    assert (
        aim.subject == "person-1+person-2"
        and choice.why.startswith("follows ")
        and {s.name for s in choice.subjects}
        == {
            "person-1",
            "person-2",
        }
    )
    early, late = aim.frame < 70, aim.frame > 180
    assert kept(aim, 200, 380)[early].all() and kept(aim, 1500, 1680)[late].all()
    assert aim.jumps == (), "inside a shot only turns are cut"


def test_every_frame_has_an_aim_near_it():
    """Between stretches nothing is left open for a second."""
    one = face(200, 180, frames=[f for f in LONG if f < 120])
    two = face(1500, 180, frames=[f for f in LONG if f >= 120])
    aim = choose(one, two, end=250).aim
    assert aim.frame[0] <= 5 and aim.frame[-1] >= 240 and np.diff(aim.frame).max() < 25


def test_where_nobody_is_left_the_window_has_its_own_place():
    gone = face(300, 180, frames=[f for f in LONG if f < 100])
    aim = choose(gone, end=250).aim
    assert aim.subject == "person-1" and aim.frame[-1] > 240
    assert np.all(kept(aim, 300, 480)[aim.frame < 80])


# --- nobody at all


def test_what_moves_without_a_name_is_shown_and_told():
    there = flow([(f, 1500, 0, 200, 1080, 0.9) for f in LOOKS], LOOKS)
    nameless = replace(flow([], LOOKS), profile=there.profile)
    choice = adaptive(scene(perception(flow=nameless)))
    assert (
        choice.subjects == ()
        and choice.aim.subject == "scene"
        and choice.why.startswith("where most moves and stands out")
    )
    assert np.all(np.abs(choice.aim.target_px[:, 0] - 1600) < 607.5 / 2 - 100) and choice.aim.anchor == (0.5, 0.5)


@pytest.mark.parametrize("end", [1, 2, 100])
def test_of_nothing_the_middle_is_shown(end):
    choice = adaptive(scene(perception(frame_count=end), end=end))
    assert np.all(choice.aim.target_px == [960, 540]) and "nothing stands out" in choice.why
    assert choice.contested == () == choice.subjects


# --- up and down


def test_up_and_down_the_eyes_are_at_the_headroom():
    aim = choose(face(900, 100, top=500), canvas=WIDE).aim
    assert aim.target_px[:, 1] == pytest.approx(540) and aim.anchor[1] == preset().headroom
    assert aim.target_px[:, 0] == pytest.approx(950)


def test_up_and_down_a_thing_is_centred():
    aim = choose(subject("object", 900, 600, 200, 100), canvas=WIDE).aim
    assert aim.target_px[:, 1] == pytest.approx(650) and aim.anchor == (0.5, 0.5)


# --- speakers


def talk(*turns, others=0.05, left=(250, 1450)):
    rows = sorted(row for x in left for row in still(x, 200))
    return perception(faces=faces(rows, LOOKS), speaker=speaker(turns, [0, 1], others=others))


def test_who_speaks_goes_before_the_best_window():
    seen = talk((0, 50, 1), (50, 100, 0))
    names = {s.track: s.name for s in scene(seen).subjects}
    choice = adaptive(scene(seen))
    assert choice.aim.jumps == (50,) and [s.name for s in choice.subjects] == [names[1], names[0]]
    assert adaptive(scene(seen, with_speaker=False)).aim.jumps == ()


def test_one_who_is_heard_weighs_more_even_where_turns_are_not_clear():
    """A guess is not followed turn by turn, yet it leans the choice."""
    seen = talk((0, 100, 0), others=0.6)
    (speaks,) = [s for s in scene(seen).subjects if s.track == 0]
    choice = adaptive(scene(seen))
    assert choice.aim.jumps == () and choice.subjects[0].name == speaks.name


# --- always


@given(
    people=st.lists(
        st.tuples(st.floats(0, 1700), st.floats(30, 260), st.floats(-10, 10), st.integers(0, 20), st.integers(1, 25)),
        max_size=4,
    ),
    dogs=st.lists(st.tuples(st.floats(0, 1500), st.floats(40, 400), st.floats(-10, 10)), max_size=2),
    movers=st.lists(st.tuples(st.floats(0, 1500), st.floats(40, 400), st.floats(0.1, 1.0)), max_size=2),
    interest=st.none() | st.tuples(st.floats(0, 1920), st.floats(0, 1)),
    canvas=st.sampled_from([make.VERTICAL, make.SQUARE, make.HD, WIDE]),
)
@settings(max_examples=60, deadline=None)
def test_every_aim_is_sound(people, dogs, movers, interest, canvas):
    rows = [
        (f, min(1890.0 - size, max(0.0, left + speed * f)), 300.0, size, size)
        for left, size, speed, first, end in people
        for f in LOOKS[first:end]
    ]
    things = [
        (f, label, min(1910.0 - width, max(0.0, x)), top, width, height)
        for left, size, speed in dogs
        for f, label, x, top, width, height in thing("dog", left, 500, size, size / 2, speed=speed)
    ]
    motion = sorted((f, left, 400, size, size, weight) for f in LOOKS for left, size, weight in movers)
    signals = {"faces": faces(sorted(rows), LOOKS), "objects": objects(things), "flow": flow(motion, LOOKS)}
    if interest:
        signals["saliency"] = saliency(LOOKS, (interest[0], 500.0), interest[1])
    context = scene(perception(**signals), canvas=canvas)
    choice = adaptive(context)
    assert_sound(choice.aim, context)
    assert choice.why and set(choice.subjects) <= set(context.subjects)
    assert choice.aim.jumps == tuple(sorted(choice.aim.jumps))
    assert set(choice.contested) <= {s for s in context.subjects if s.kind == "person"}
    again = adaptive(context)
    assert again.why == choice.why and again.aim.target_px.tobytes() == choice.aim.target_px.tobytes()


@pytest.mark.parametrize("part", [(0, 1), (37, 38), (40, 43), (90, 100)])
def test_parts_of_a_shot_however_short_have_an_aim(part):
    seen: Perception = perception(
        faces=faces(still(900, 200), LOOKS), pose=pose([(f, 880, 200, 300) for f in LOOKS[::2]], LOOKS[::2])
    )
    context = scene(seen, first=part[0], end=part[1])
    assert_sound(adaptive(context).aim, context)
    assert context.bounds == HD_RECT
