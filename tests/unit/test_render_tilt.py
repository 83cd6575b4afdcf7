"""Tilted pictures with round corners and shadows, measured against a picture that is known at every position."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_render_compose import FIRST, picture, positions, scene, still_framing
from test_render_corner_pin import beside, seen, through

from panscan.model.framing import Cell
from panscan.model.geometry import Rect, Size
from panscan.render.picture.compose import Compositor
from panscan.render.picture.planes import PLANAR_FORMATS, background_yuv, views

CANVAS, SOURCE = Size(180, 160), Size(480, 360)
LEANING = ((0.12, 0.03), (0.93, 0.1), (0.98, 0.9), (0.05, 0.97))  # inside the cell, everything around is background
NEAR = Rect(150, 100, 225, 200)  # in the middle of the source: there is picture beside it
PADDED = Rect(-24, -83, 528, 1408 / 3)  # the whole source, with padding


def composed(crop, corners, name="yuv420p", background="#ffffff", place=(0, 0), **looks):
    framing = still_framing(crop, CANVAS, SOURCE, background)
    (cell,) = framing.cells
    camera = replace(cell.camera, corners=(corners,) if corners else ())
    canvas = Size(CANVAS.width + place[0], CANVAS.height + place[1])
    framing = replace(framing, canvas=canvas, cells=(Cell(*place, CANVAS, camera),), **looks)
    fmt = PLANAR_FORMATS[name]
    return Compositor(framing, FIRST, 1, pixel_format=name, coded=SOURCE).compose(picture(SOURCE, SOURCE, fmt), FIRST)


def to_source(crop, corners):
    """The homography from px of the cell to source px: the cell's corners lie where its crop has its own."""
    points = [(x * CANVAS.width, y * CANVAS.height) for x, y in corners]
    edges = [(crop.left, crop.top), (crop.right, crop.top), (crop.right, crop.bottom), (crop.left, crop.bottom)]
    return through(edges, points)


@pytest.mark.parametrize("name", sorted(PLANAR_FORMATS))
def test_every_plane_is_in_its_place(name):
    corners = ((0.05, -0.04), (0.98, 0.06), (1.02, 0.95), (-0.03, 1.01))
    matrix, fmt = to_source(NEAR, corners), PLANAR_FORMATS[name]
    result = composed(NEAR, corners, name)
    for plane in range(3):
        px, rms = beside(result, fmt, plane, matrix)
        assert px < 0.05 and rms < 2.0, (plane, px, rms)


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le"])
@pytest.mark.parametrize("crop", [Rect(0, 0, 480, 1280 / 3), Rect(-30, -20, 540, 480)])
def test_the_edges_of_the_picture_land_where_they_should(name, crop):
    """On white, what of the picture is missing in a row tells where its edge is, to a tenth of a px."""
    fmt, matrix = PLANAR_FORMATS[name], to_source(crop, LEANING)
    luma = views(composed(crop, LEANING, name), fmt)[0].astype(float) / fmt.peak
    u, v = positions(CANVAS, fmt, 0)
    x, y = seen(u, v, matrix)
    white = background_yuv("#ffffff", fmt, 2, 0)[0] / fmt.peak
    wanted = 0.5 + 0.4 * scene(x, y, 0)
    near = (white - luma) / (white - wanted)  # how much of a px shows the picture, where that is plain to see
    plain = white - wanted > 0.25
    inside = np.minimum(np.minimum(x, SOURCE.width - x), np.minimum(y, SOURCE.height - y))
    steps = np.hypot(*(np.gradient(inside, axis=axis) for axis in (0, 1)))
    share = np.clip(0.5 + inside / steps, 0, 1)
    edge = plain & (np.abs(inside) < steps)
    assert edge.sum() > 60 and np.abs(np.mean(near[edge] - share[edge])) < 0.05
    assert np.abs(near[plain & (inside > 3)] - 1).max() < 0.2 and np.all(luma[inside < -3] == white)


def test_a_tilted_cell_stays_in_its_place_on_the_canvas():
    moved, alone = composed(PADDED, LEANING, place=(20, 40)), composed(PADDED, LEANING)
    fmt = PLANAR_FORMATS["yuv420p"]
    for n, (large, small) in enumerate(zip(views(moved, fmt), views(alone, fmt), strict=True)):
        sub = 2 if n else 1
        assert np.abs(large[40 // sub :, 20 // sub :].astype(int) - small).max() <= 1


def test_corners_are_as_round_as_they_should_be():
    """The white that takes a corner's place is what a quarter circle leaves of a square."""
    radius = 60.0
    square, rounded = (
        views(composed(PADDED, None, corner_radius_px=r), PLANAR_FORMATS["yuv420p"])[0].astype(float)
        for r in (0.001, radius)
    )
    white = 235.0
    lost = (rounded - square) / np.maximum(white - square, 1)
    scale = CANVAS.width / PADDED.width
    assert lost[square < 200].sum() > 0
    u, v = positions(CANVAS, PLANAR_FORMATS["yuv420p"], 0)
    x, y = PADDED.left + (u + 0.5) / scale, PADDED.top + (v + 0.5) / scale
    across = np.maximum(np.maximum(radius - x, x - SOURCE.width + radius), 0)
    down = np.maximum(np.maximum(radius - y, y - SOURCE.height + radius), 0)
    outside = np.hypot(across, down) - radius
    within = (x > 0) & (x < SOURCE.width) & (y > 0) & (y < SOURCE.height)
    assert np.allclose(rounded[within & (outside > 3 / scale)], white, atol=1)
    assert np.allclose(rounded[outside < -3 / scale], square[outside < -3 / scale], atol=1)


def test_a_shadow_is_dark_below_the_picture_and_ends():
    plain, shaded = (
        views(composed(PADDED, None, has_shadow=dark, corner_radius_px=0.001), PLANAR_FORMATS["yuv420p"])[0]
        for dark in (False, True)
    )
    darker = plain.astype(int) - shaded
    bottom = round((SOURCE.height - PADDED.top) * CANVAS.width / PADDED.width)
    assert darker[bottom + 2, 60:120].min() > 40 and darker[-1].max() <= 2
    above = round(-PADDED.top * CANVAS.width / PADDED.width)
    assert 0 < darker[above - 2, 60:120].min() < darker[bottom + 2, 60:120].min()
    assert not darker[above + 2 : bottom - 2, 20:160].any()


@pytest.mark.parametrize("name", ["yuv420p", "yuv444p10le"])
def test_a_gradient_runs_from_the_upper_to_the_lower_colour(name):
    fmt = PLANAR_FORMATS[name]
    ends = [background_yuv(colour, fmt, 2, 0) for colour in ("#402060", "#10c0a0")]
    planes = views(composed(PADDED, None, name, "#402060:#10c0a0"), fmt)
    for plane, first, last in zip(planes, *ends, strict=True):
        column = plane[:, 0].astype(float)
        wanted = first + (last - first) * (np.arange(len(column)) + 0.5) / len(column)
        assert np.abs(column - wanted).max() <= 1
