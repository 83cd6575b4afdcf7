"""The figures that are stored with a camera."""

from __future__ import annotations

import numpy as np
import pytest

import documents as make
from panscan.model.framing import Cell
from panscan.model.plan import Shot
from panscan.operate.judge import camera_metrics
from scenes import aim

SHOT = Shot(0, 101)
NOTHING = aim([0], np.full((1, 4), np.nan))


def figures(keys, an_aim=NOTHING, shot=SHOT):
    return camera_metrics(Cell(0, 0, make.VERTICAL, make.camera(keys)), an_aim, shot, make.HD, 25.0)


def at(frame, center_x, scale=16 / 9):
    return (frame, scale, scale * (960 - center_x), 0.0)


def test_a_camera_at_rest():
    assert figures((at(0, 960),)) == {
        "still": 1.0,
        "reversals_s": 0.0,
        "p95_speed": 0.0,
        "containment": 1.0,
        "keys_min": pytest.approx(60 * 25 / 101),
        "continuity": 1.0,
        "acceleration_s2": 0.0,
        "jerk_s3": 0.0,
    }


def test_a_steady_pan():
    found = figures((at(0, 500), at(100, 1460)))
    assert (found["still"], found["reversals_s"]) == (0, 0)
    assert found["p95_speed"] == pytest.approx(960 / 1920 / 4)


def test_half_of_the_time_still():
    assert figures((at(50, 500), at(100, 980)))["still"] == pytest.approx(0.5, abs=0.02)


def test_every_turn_counts():
    found = figures((at(0, 600), at(30, 900), at(60, 600), at(100, 900)))
    assert found["reversals_s"] * 101 / 25 == pytest.approx(2)


def test_a_rest_between_does_not_hide_a_turn():
    found = figures((at(0, 600), at(30, 900), at(60, 900), at(100, 600)))
    assert found["reversals_s"] * 101 / 25 == pytest.approx(1)


def test_turns_downwards_count_too():
    keys = tuple((frame, 16 / 9, 0.0, y_px) for frame, y_px in ((0, 0.0), (50, 300.0), (100, 0.0)))
    assert figures(keys)["reversals_s"] > 0


def test_a_jump_is_not_speed():
    found = figures((at(0, 500), at(50, 500), at(51, 1400)))
    assert (found["p95_speed"], found["still"], found["reversals_s"]) == (0, 1, 0)


@pytest.mark.parametrize(("left", "share"), [(700, 1.0), (660, 1.0), (640, 0.0), (1063, 1.0), (1090, 0.0)])
def test_containment_forgives_two_percent(left, share):
    # The crop shows 656.25 to 1263.75.
    assert figures((at(0, 960),), aim([0], [[left, 100, 200, 200]]))["containment"] == share


def test_containment_is_a_share_of_the_boxes_that_there_are():
    boxes = np.array([[700, 100, 200, 200], [100, 100, 200, 200], [np.nan] * 4, [700, 100, 200, 200]], float)
    assert figures((at(0, 960),), aim([0, 10, 20, 30], boxes))["containment"] == pytest.approx(2 / 3)


def test_containment_looks_up_and_down():
    assert figures((at(0, 960, scale=3.0),), aim([0], [[900, 0, 100, 100]]))["containment"] == 0


def test_a_shot_of_one_frame_can_be_judged():
    assert figures((at(0, 960),), shot=Shot(0, 1))["still"] == 1


# --- continuity and smoothness


@pytest.mark.parametrize(("center", "inner"), [(960, 1.0), (1190, 1.0), (1210, 0.0), (730, 1.0), (710, 0.0)])
def test_the_middle_of_the_subject_belongs_in_the_inner_zone(center, inner):
    # The crop shows 656.25 to 1263.75, its middle 80 % 717 to 1203.
    assert figures((at(0, 960),), aim([0], [[center - 20, 500, 40, 40]]))["continuity"] == inner


def test_at_the_edge_of_the_picture_the_inner_zone_reaches_out():
    at_edge = (at(0, 303.75),)
    assert figures(at_edge, aim([0], [[0, 500, 40, 40]]))["continuity"] == 1
    assert figures(at_edge, aim([0], [[560, 500, 40, 40]]))["continuity"] == 0


def test_where_nothing_must_be_kept_the_wish_is_the_subject():
    lone = aim([0, 50], np.full((2, 4), np.nan), [[960, 500], [1500, 500]])
    assert figures((at(0, 960),), lone)["continuity"] == 0.5


def test_a_straight_pan_has_no_acceleration_and_a_bend_has():
    straight = figures((at(0, 500), at(100, 1460)))
    bent = figures((at(0, 500), at(50, 500), at(100, 1460)))
    assert straight["acceleration_s2"] == pytest.approx(0, abs=1e-9)
    assert bent["acceleration_s2"] > 0.05 and bent["jerk_s3"] > 0.05


def test_a_sharper_bend_is_less_smooth():
    soft = figures((at(0, 500), at(40, 600), at(60, 800), at(100, 1300)))
    hard = figures((at(0, 500), at(55, 500), at(60, 800), at(100, 1300)))
    assert hard["jerk_s3"] > 2 * soft["jerk_s3"]


def test_a_jump_does_not_count_as_jerk():
    assert figures((at(0, 500), at(50, 500), at(51, 1400)))["jerk_s3"] == pytest.approx(0, abs=1e-9)
