"""How close the camera comes: zoom, the slow push-in, and the whole picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import documents as make
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.plan import CellPlan, Shot
from panscan.operate import frame_shot
from panscan.operate.zoom import zoom_factors
from scenes import HD_RECT, aim, single

COUNT = 300
FRAMES = np.arange(COUNT)
SHOT = Shot(0, COUNT)
COVER = cover_scale(make.VERTICAL, HD_RECT)


def plan_of(zoom=None, *, ceiling=2.0, box=(900, 400, 120, 160), must=True, **named):
    boxes = np.tile(np.array(box, float), (COUNT, 1))
    an_aim = aim(FRAMES, boxes)
    if not must:
        an_aim = replace(an_aim, must_keep_px=np.full((COUNT, 4), np.nan))
    wanted = None if zoom is None else np.broadcast_to(np.asarray(zoom, float), (COUNT,)).copy()
    return CellPlan(0, 0, make.VERTICAL, replace(an_aim, zoom=wanted), zoom_ceiling=ceiling, **named)


def framed(cell, *, bounds=HD_RECT):
    planned, plan = single(cell.aim, SHOT, bounds=bounds)
    return frame_shot(replace(planned, cells=(cell,)), plan, make.HD, make.PAL)


def zoom(cell):
    return zoom_factors(cell, HD_RECT, FRAMES, 25.0)


@pytest.mark.parametrize("cell", [plan_of(), plan_of(1.5, ceiling=1.0), plan_of(np.nan), plan_of(1.0)])
def test_nobody_zooms_unasked(cell):
    assert np.all(zoom(cell) == 1.0)
    assert framed(cell).cells[0].camera.scale == (round(COVER, 6),)


def test_a_steady_wish_is_one_zoom():
    assert zoom(plan_of(1.3)) == pytest.approx(np.full(COUNT, 1.3))
    assert framed(plan_of(1.3)).cells[0].camera.scale == (pytest.approx(1.3 * COVER, abs=1e-5),)


def test_the_ceiling_holds():
    assert zoom(plan_of(1.9, ceiling=1.4)) == pytest.approx(np.full(COUNT, 1.4))


def test_a_box_that_must_be_kept_limits_the_zoom():
    wide = plan_of(2.0, box=(700, 300, 450, 300))
    found = framed(wide)
    assert 1 < zoom(wide).max() < 1.3
    assert found.metrics["containment"] == 1


def test_a_box_wider_than_the_window_leaves_no_zoom():
    assert np.all(zoom(plan_of(2.0, box=(300, 300, 1200, 300))) == 1.0)


def test_zoom_is_slow_and_rare():
    rng = np.random.default_rng(2)
    nervous = zoom(plan_of(1.3 + rng.normal(0, 0.03, COUNT)))
    assert np.ptp(nervous) < 0.02
    step = zoom(plan_of(np.where(FRAMES < 150, 1.0, 1.5)))
    assert step[0] == 1.0 and step[-1] == pytest.approx(1.5, abs=0.05)
    assert np.abs(np.diff(np.log(step))).max() * 25 <= 0.18
    assert np.all(np.diff(step) >= -1e-12)


def test_a_zooming_camera_stays_in_the_picture_and_holds():
    for box in ((0, 0, 120, 160), (1800, 920, 120, 160), (900, 400, 120, 160)):
        found = framed(plan_of(np.where(FRAMES < 150, 1.0, 1.8), box=box))
        left, top, width, height = found.cells[0].crops(FRAMES, make.HD).T
        assert np.ptp(width) > 100, "it does zoom"
        assert left.min() > -0.01 and top.min() > -0.01
        assert (left + width).max() < 1920.01 and (top + height).max() < 1080.01
        assert found.metrics["containment"] == 1


# --- the push-in of a camera at rest


def test_a_drift_is_two_keys_towards_the_wish():
    found = framed(plan_of(push_in=0.04))
    camera = found.cells[0].camera
    assert found.effect == "BREATHE" and camera.frame == (0, COUNT - 1)
    assert camera.scale[1] == pytest.approx(1.04 * camera.scale[0], rel=1e-5)
    # The wish, here 960, 480, stays where it is on the canvas.
    crops = found.cells[0].crops([0, COUNT - 1], make.HD)
    for axis, wish in ((0, 960), (1, 480)):
        places = (wish - crops[:, axis]) / crops[:, 2 + axis]
        assert places[0] == pytest.approx(places[1], abs=1e-4)


def test_a_drift_never_leaves_the_picture_nor_loses_a_box():
    for box in ((0, 0, 300, 300), (660, 0, 590, 1080), (1500, 700, 420, 380)):
        still, found = framed(plan_of(box=box)), framed(plan_of(box=box, push_in=0.2))
        left, top, width, height = found.cells[0].crops(FRAMES, make.HD).T
        assert left.min() > -0.01 and top.min() > -0.01
        assert (left + width).max() < 1920.01 and (top + height).max() < 1080.01
        assert found.metrics["containment"] == still.metrics["containment"]


def test_a_camera_that_moves_or_must_not_does_not_drift():
    left = np.interp(FRAMES, [75, 225], [100.0, 1500.0])
    boxes = np.stack([left, np.full(COUNT, 300.0), np.full(COUNT, 200.0), np.full(COUNT, 200.0)], axis=-1)
    walk = CellPlan(0, 0, make.VERTICAL, aim(FRAMES, boxes), push_in=0.05)
    assert len(set(framed(walk).cells[0].camera.scale)) == 1
    assert framed(walk).effect == "PAN_FOLLOW"
    held = framed(replace(walk, hold=True))
    assert held.cells[0].camera.is_static and held.effect == "STATIC"


def test_holding_still_goes_before_jumps():
    boxes = np.where(FRAMES[:, None] < 100, [[100.0, 300, 150, 150]], [[1500.0, 300, 150, 150]])
    cell = CellPlan(0, 0, make.VERTICAL, aim(FRAMES, boxes, jumps=(100,)), hold=True)
    found = framed(cell)
    assert found.cells[0].camera.is_static
    assert found.metrics["containment"] == pytest.approx(2 / 3), "where most is held"


# --- the whole picture


@pytest.mark.parametrize("bounds", [HD_RECT, Rect(240, 0, 1440, 1080), Rect(0, 100, 1920, 800)])
@pytest.mark.parametrize("canvas", [make.VERTICAL, make.SQUARE, Size(1920, 1080)])
def test_fit_shows_all_of_the_picture_in_the_middle(bounds, canvas):
    cell = replace(plan_of(1.5, push_in=0.1), size=canvas, fit=True)
    planned, plan = single(cell.aim, SHOT, canvas=canvas, bounds=bounds)
    shown = frame_shot(replace(planned, cells=(cell,), background="blur"), plan, make.HD, make.PAL)
    crop = shown.cells[0].crop_at(0, make.HD)
    assert shown.cells[0].camera.is_static and shown.background == "blur"
    assert crop.contains(bounds, 0.01)
    assert (crop.center_x, crop.center_y) == (pytest.approx(bounds.center_x), pytest.approx(bounds.center_y))
    assert crop.width == pytest.approx(bounds.width, abs=0.01) or crop.height == pytest.approx(bounds.height, abs=0.01)
