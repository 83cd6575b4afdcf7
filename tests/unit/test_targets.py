"""Aims become corridors: what one axis of a camera must and would like to hold."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.model.geometry import Rect
from panscan.operate.targets import KNOT_RATE_HZ, axis_targets, knot_frames
from scenes import HD_RECT, aim

WINDOW = (607.5, 1080.0)
RATE = 25.0


def horizontal(an_aim, at, *, margin=0.0, bounds=HD_RECT, window=WINDOW):
    return axis_targets(an_aim, np.asarray(at, float), window, bounds, 1920, RATE, margin)[0]


@pytest.mark.parametrize(("first", "end"), [(0, 250), (17, 1000), (108000, 108003), (0, 2)])
@pytest.mark.parametrize("rate", [25.0, 30000 / 1001, 240.0])
def test_knots_hold_both_ends_ten_a_second(first, end, rate):
    at = knot_frames(first, end, rate)
    assert (at[0], at[-1]) == (first, end - 1)
    assert np.array_equal(at, np.round(at))  # bends on whole frames need one key
    steps = np.diff(at) / rate
    assert np.all(np.abs(steps[:-1] - steps[0]) < 1e-9) and steps[-1] <= steps[0] + 1e-9
    if (end - first) / rate > 1:
        assert steps[0] == pytest.approx(1 / KNOT_RATE_HZ, rel=0.21)


def test_a_shot_of_one_frame_has_one_knot():
    assert knot_frames(7, 8, 25.0).tolist() == [7]


def test_the_corridor_is_where_the_window_holds_the_box():
    axis = horizontal(aim([0, 25, 50], [[900, 100, 200, 200]] * 3), [0, 25, 50])
    # The window is 607.5 wide: its centre may lie from 1100 - 303.75 to 900 + 303.75.
    assert axis.low * 1920 == pytest.approx([796.25] * 3)
    assert axis.high * 1920 == pytest.approx([1203.75] * 3)
    assert (axis.floor * 1920, axis.ceiling * 1920) == pytest.approx((303.75, 1616.25))
    assert axis.wish * 1920 == pytest.approx([1000] * 3) and axis.weight.tolist() == [1, 1, 1]


@pytest.mark.parametrize(("margin", "narrower"), [(0.1, 60.75), (-0.02, -12.15)])
def test_air_narrows_the_corridor(margin, narrower):
    wide = horizontal(aim([0], [[900, 100, 200, 200]]), [0])
    tight = horizontal(aim([0], [[900, 100, 200, 200]]), [0], margin=margin)
    assert (tight.low - wide.low) * 1920 == pytest.approx([narrower])
    assert (wide.high - tight.high) * 1920 == pytest.approx([narrower])


@pytest.mark.parametrize("width", [580.0, 700.0, 1500.0])
def test_a_box_wider_than_the_window_is_held_by_its_middle(width):
    axis = horizontal(aim([0], [[960 - width / 2, 100, width, 200]]), [0], margin=0.1)
    assert axis.low[0] <= axis.high[0]
    assert (axis.low[0] + axis.high[0]) / 2 * 1920 == pytest.approx(960)
    assert (axis.high[0] - axis.low[0]) * 1920 <= 0.051 * 607.5


def test_boxes_outside_the_picture_pull_to_its_edge():
    axis = horizontal(aim([0], [[1800, 100, 300, 200]]), [0])
    assert axis.low[0] == axis.high[0] == axis.ceiling


def test_short_gaps_are_bridged_and_long_ones_left_open():
    looks, boxes = [0, 30, 130], [[600, 0, 100, 100], [900, 0, 100, 100], [900, 0, 100, 100]]
    axis = horizontal(aim(looks, boxes), [0, 15, 30, 38, 45, 80, 121, 130])
    bound = np.isfinite(axis.low)
    assert bound.tolist() == [True, True, True, True, False, False, True, True]
    assert (axis.low[1] + axis.high[1]) / 2 * 1920 == pytest.approx(800), "half-way between"
    assert (axis.low[3] + axis.high[3]) / 2 * 1920 == pytest.approx(950), "kept for a moment"


def test_where_nothing_must_be_held_nothing_binds():
    nothing = aim([0, 50], np.full((2, 4), np.nan), target_px=[[500, 300]] * 2)
    axis = horizontal(nothing, [0, 25, 50])
    assert np.isinf(axis.low).all() and np.isinf(axis.high).all()
    assert axis.wish * 1920 == pytest.approx([500] * 3)


def test_nan_rows_are_gaps():
    boxes = np.array([[600, 0, 100, 100], [np.nan] * 4, [800, 0, 100, 100]], float)
    axis = horizontal(aim([0, 10, 20], boxes), [10])
    assert (axis.low[0] + axis.high[0]) / 2 * 1920 == pytest.approx(750)


def test_one_wild_look_does_not_move_the_wish():
    points = [[500, 300]] * 9
    points[4] = [1500, 300]
    frames = list(range(0, 36, 4))
    axis = horizontal(aim(frames, np.full((9, 4), np.nan), target_px=points), frames)
    assert axis.wish * 1920 == pytest.approx([500] * 9)


def test_wishes_are_unsure_in_gaps():
    an_aim = aim([0, 100], np.full((2, 4), np.nan), target_px=[[500, 300], [700, 300]])
    assert horizontal(an_aim, [0, 5, 50, 95, 100]).weight.tolist() == [1, 1, 0, 1, 1]


def test_a_single_wish_counts_for_the_whole_shot():
    axis = horizontal(aim([0], np.full((1, 4), np.nan), target_px=[[700, 300]]), [0, 100, 1000])
    assert axis.weight.tolist() == [1, 1, 1] and axis.wish * 1920 == pytest.approx([700] * 3)


def test_wishes_end_at_the_picture():
    axis = horizontal(aim([0], np.full((1, 4), np.nan), target_px=[[5, 300]]), [0])
    assert axis.wish[0] == axis.floor


def test_the_anchor_places_the_point_in_the_crop():
    an_aim = aim([0], np.full((1, 4), np.nan), target_px=[[960, 800]], anchor=(0.5, 0.4))
    across, down = axis_targets(an_aim, np.array([0.0]), (1080.0, 1080.0), Rect(0, 0, 1080, 1920), 1080, RATE, 0.0)
    # 40 % of the crop above the point: its centre lies 10 % below.
    assert down.wish[0] * 1080 == pytest.approx(800 + 0.1 * 1080)
    assert across.wish[0] * 1080 == pytest.approx(540)
    assert across.floor == across.ceiling == pytest.approx(0.5)


def test_bounds_are_those_of_the_active_picture():
    axis = horizontal(aim([0], [[0, 0, 100, 100]]), [0], bounds=Rect(240, 0, 1440, 1080))
    assert (axis.floor * 1920, axis.ceiling * 1920) == pytest.approx((240 + 303.75, 1680 - 303.75))


def test_a_window_as_large_as_the_picture_cannot_move():
    axis = horizontal(aim([0], [[0, 0, 100, 100]]), [0], window=(2000.0, 1080.0))
    assert axis.floor == axis.ceiling == 0.5
