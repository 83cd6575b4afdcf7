"""Titles that stand in part of a shot: shown whole for their time, where no face leads."""

from __future__ import annotations

from itertools import pairwise

import pytest

import documents as make
import scenes
from panscan import direct
from panscan.direct.layouts.fit import title_spans
from panscan.model.plan import Shot
from panscan.model.request import Override
from scenes import LOOKS, center_x, faces, objects, perception, pose, scene, still, text, thing

MEDIA = make.media(frame_count=250)
END = 250
CENTRAL = (200.0, 480.0, 1500.0, 120.0)  # left, top, width, height: wider than a vertical crop of HD, 608 px
LOWER = (200.0, 850.0, 1500.0, 120.0)
TOP = (200.0, 40.0, 1500.0, 80.0)
NARROW = (700.0, 480.0, 500.0, 120.0)


def title(first, end, box=CENTRAL, kind=0):
    return (first, end, *box, kind)


def spans(*titles, first=0, end=END):
    return title_spans(scene(perception(frame_count=END, text=text(titles)), first=first, end=end))


def planned(*titles, overrides=(), layouts=None, cuts=None, **signals):
    named = {"cuts": cuts} if cuts is not None else {}
    seen = perception(frame_count=END, text=text(titles), **signals, **named)
    request = scenes.request(make.VERTICAL, overrides=overrides, layouts=layouts)
    return direct.plan(MEDIA, seen, request).shots


def told(shots):
    return [(shot.shot.first, shot.shot.end, shot.layout) for shot in shots]


def face(size=220.0, **named):
    looks = range(0, END, 4)
    return faces(still(900, size, top=150, frames=looks), looks, **named)


# --- when a title stands


@pytest.mark.parametrize("box", [LOWER, TOP, NARROW])
def test_lower_thirds_names_of_channels_and_narrow_titles_are_left_to_the_crop(box):
    assert spans(title(50, 150, box)) == []


def test_a_title_that_would_touch_the_sides_of_the_crop_is_too_wide():
    assert spans(title(60, 140, (700.0, 480.0, 540.0, 120.0))) == []
    assert spans(title(60, 140, (700.0, 480.0, 555.0, 120.0))) == [(60, 140)]


@pytest.mark.parametrize("kind", [1, 2])
def test_logos_and_captions_are_no_titles(kind):
    assert spans(title(50, 150, kind=kind)) == []


def test_the_time_of_a_title_is_its_own():
    assert spans(title(60, 140)) == [(60, 140)]


def test_a_title_nobody_can_read_does_not_count():
    assert spans(title(60, 97)) == [] and spans(title(60, 98)) == [(60, 98)]


def test_a_title_near_an_end_of_the_shot_stands_until_it():
    assert spans(title(20, 140)) == [(0, 140)] and spans(title(60, 230)) == [(60, END)]
    assert spans(title(26, 140)) == [(26, 140)] and spans(title(60, 224)) == [(60, 224)]


def test_titles_close_to_each_other_are_one():
    assert spans(title(50, 100), title(120, 170)) == [(50, 170)]
    assert spans(title(30, 90), title(120, 170)) == [(30, 90), (120, 170)]
    assert spans(title(120, 170), title(50, 190)) == [(50, 190)], "one inside another"


def test_a_title_counts_inside_its_shot_only():
    assert spans(title(0, 140), first=100) == [(100, 140)]
    assert spans(title(0, 120), first=100) == [], "what is left of it is too short to be read"


# --- titles narrower than a crop

LOGO = (1300.0, 480.0, 300.0, 120.0)


def window_x(shot):
    """First and last px that the window holds all along."""
    middle, half = center_x(shot.cells[0].aim), shot.bounds.height * 9 / 32
    return middle - half, middle + half


def test_a_title_that_fits_is_what_an_empty_picture_is_framed_on():
    (shot,) = planned(title(80, END, LOGO))
    left, right = window_x(shot)
    assert left <= LOGO[0] and right >= LOGO[0] + LOGO[2]
    assert shot.layout == "single" and "title-1" in shot.why


@pytest.mark.parametrize("box", [(1300.0, 850.0, 300.0, 120.0), (1300.0, 480.0, 150.0, 120.0)])
def test_lower_thirds_and_labels_on_things_are_not(box):
    (shot,) = planned(title(80, END, box))
    assert "title" not in shot.why


def test_a_thing_does_not_go_before_it():
    (shot,) = planned(title(0, END, LOGO), objects=objects(thing("dog", 200, 400, 300, 300), LOOKS))
    left, right = window_x(shot)
    assert left <= LOGO[0] and right >= LOGO[0] + LOGO[2]


def test_a_face_goes_before_it():
    (shot,) = planned(title(80, END, LOGO), faces=face())
    left, right = window_x(shot)
    assert left <= 900 - 110 and right >= 900 + 110 and right < LOGO[0] + LOGO[2]


# --- what is shown


def test_a_title_over_no_face_is_shown_whole_for_its_time():
    shots = planned(title(80, 160))
    assert told(shots) == [(0, 80, "single"), (80, 160, "fit"), (160, END, "single")]
    assert "text across it" in shots[1].why


def test_most_of_the_shot_is_all_of_it():
    assert told(planned(title(30, 200))) == [(0, END, "fit")]


def test_who_looks_at_us_goes_before_a_title():
    shots = planned(title(80, 160), faces=face())
    assert told(shots) == [(0, END, "single")]


def test_a_face_that_is_hardly_one_does_not():
    assert "fit" in {layout for *_, layout in told(planned(title(80, 160), faces=face(score=0.3)))}


def test_the_back_of_a_head_does_not():
    looks = range(0, END, 8)
    turned = pose([(f, 900, 60, 150) for f in looks], looks)
    assert (80, 160, "fit") in told(planned(title(80, 160), pose=turned))


def test_an_animal_does_not():
    dog = objects(thing("dog", 900, 650, 300, 300), LOOKS)
    assert (80, 160, "fit") in told(planned(title(80, 160), objects=dog))


def test_parts_follow_each_other_without_gaps():
    shots = planned(title(40, 90), title(130, 190))
    assert told(shots)[0][0] == 0 and told(shots)[-1][1] == END
    assert all(one.shot.end == two.shot.first for one, two in pairwise(shots))
    assert {shot.layout for shot in shots} == {"single", "fit"}


def test_aims_of_a_part_lie_inside_it():
    for shot in planned(title(80, 160), objects=objects(thing("dog", 900, 700, 200, 150), LOOKS)):
        for cell in shot.cells:
            assert shot.shot.first <= cell.aim.frame[0] and cell.aim.frame[-1] < shot.shot.end


# --- who is asked


@pytest.mark.parametrize("layouts", [("single",), ("single", "split-2")])
def test_without_that_layout_the_shot_stays_in_one_piece(layouts):
    assert told(planned(title(80, 160), layouts=layouts)) == [(0, END, "single")]


def test_a_layout_by_hand_goes_before():
    assert told(planned(title(80, 160), overrides=(Override(first=0, layout="single"),))) == [(0, END, "single")]
    assert [shot.layout for shot in planned(title(80, 160), overrides=(Override(first=0, layout="fit"),))] == ["fit"]


def test_a_place_by_hand_goes_before():
    assert told(planned(title(80, 160), overrides=(Override(first=0, center=(0.2, 0.5)),))) == [(0, END, "single")]


def test_every_part_is_one_of_its_shot():
    shots = planned(title(80, 160))
    assert [shot.shot for shot in shots] == [Shot(0, 80), Shot(80, 160), Shot(160, END)]
    assert [shot.layout for shot in shots] == ["single", "fit", "single"]
