"""Cameras and crops: two ways to say the same thing."""

from __future__ import annotations

import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import documents as make
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size

sizes = st.builds(Size, st.integers(16, 8000), st.integers(16, 8000))


@given(sizes, sizes, st.floats(-3000, 9000), st.floats(-3000, 9000), st.floats(4, 8000))
def test_a_crop_and_its_camera_are_inverse(cell, source, left, top, width):
    crop = Rect(left, top, width, width * cell.height / cell.width)
    scale, x_px, y_px = key_values_of_crop(crop, cell, source)
    shown = Cell(0, 0, cell, Camera((7,), (scale,), (x_px,), (y_px,))).crop_at(7, source)
    assert (shown.left, shown.top) == pytest.approx((crop.left, crop.top), abs=1e-6)
    assert (shown.width, shown.height) == pytest.approx((crop.width, crop.height), rel=1e-9)


def test_the_whole_picture_needs_no_offset():
    assert key_values_of_crop(Rect(0, 0, 1920, 1080), make.HD, make.HD) == (1.0, 0.0, 0.0)


def test_offsets_point_right_and_down():
    # The left edge of the picture in view: its centre lies right of the cell's.
    scale, x_px, y_px = key_values_of_crop(Rect(0, 0, 607.5, 1080), make.VERTICAL, make.HD)
    assert (scale, y_px) == (pytest.approx(16 / 9), 0.0)
    assert x_px == pytest.approx(16 / 9 * (960 - 303.75))


def test_all_three_columns_run_linearly_between_keys_and_hold_outside():
    camera = make.camera(((10, 1.0, 0.0, 40.0), (20, 3.0, -100.0, 0.0), (21, 2.0, 50.0, 10.0)))
    rows = camera.sample([-1000, 9, 10, 12, 15, 20, 20.5, 21, 22, 10_000])
    first, last = [1.0, 0.0, 40.0], [2.0, 50.0, 10.0]
    expected = [first, first, first, [1.4, -20, 32], [2, -50, 20], [3, -100, 0], [2.5, -25, 5], last, last, last]
    assert np.allclose(rows, expected)


def test_a_zoom_is_linear_in_scale_not_in_the_crop():
    cell = Cell(0, 0, make.VERTICAL, make.camera(((0, 1.0, 0.0, 0.0), (10, 2.0, 0.0, 0.0))))
    assert cell.crops([5], make.HD)[0, 2] == pytest.approx(1080 / 1.5)


def test_crops_and_crop_at_agree():
    cell = make.framing(((0, 1.8, 600.0, 3.0), (50, 2.5, -10.0, -3.0))).cells[0]
    rows = cell.crops(np.arange(60), make.HD)
    for frame in (0, 1, 33, 59):
        crop = cell.crop_at(frame, make.HD)
        assert rows[frame].tolist() == [crop.left, crop.top, crop.width, crop.height]


def test_shifting_moves_the_keys_and_nothing_else():
    framing = make.framing(((0, 1.8, 600.0, 3.0), (50, 2.5, -10.0, -3.0)), why="because")
    later = framing.shifted(108000)
    assert later.cells[0].camera.frame == (108000, 108050)
    assert np.array_equal(later.cells[0].crops([108025], make.HD), framing.cells[0].crops([25], make.HD))
    assert later.shifted(-108000) == framing


@pytest.mark.parametrize(
    ("keys", "is_static"),
    [
        (((0, 1.0, 2.0, 3.0),), True),
        (((0, 1.0, 2.0, 3.0), (9, 1.0, 2.0, 3.0)), True),
        (((0, 1.0, 2.0, 3.0), (9, 1.0, 2.5, 3.0)), False),
        (((0, 1.0, 2.0, 3.0), (9, 1.1, 2.0, 3.0)), False),
    ],
)
def test_static(keys, is_static):
    assert make.camera(keys).is_static is is_static


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (((), (), (), ()), "at least one key"),
        (((0, 1), (1.0,), (0.0, 0.0), (0.0, 0.0)), "same length"),
        (((1, 1), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0)), "rise strictly"),
        (((2, 1), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0)), "rise strictly"),
        (((0,), (float("nan"),), (0.0,), (0.0,)), "finite"),
        (((0,), (1.0,), (float("inf"),), (0.0,)), "finite"),
        (((0,), (1.0,), (0.0,), (float("nan"),)), "finite"),
        (((0,), (0.0,), (0.0,), (0.0,)), "positive"),
        (((0,), (-1.0,), (0.0,), (0.0,)), "positive"),
    ],
)
def test_impossible_cameras_are_refused(columns, complaint):
    with pytest.raises(ValueError, match=complaint):
        Camera(*columns)


def test_impossible_framings_are_refused():
    with pytest.raises(ValueError, match="at least one cell"):
        Framing(make.VERTICAL, make.HD, make.PAL, ())
    with pytest.raises(ValueError, match="rate"):
        make.framing(((0, 1.0, 0.0, 0.0),), rate=Fraction(0))


def test_framings_cross_process_borders():
    framing = make.two_cells()
    assert pickle.loads(pickle.dumps(framing)) == framing
