"""One table of worked numbers, forwards and back, for every host."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from host_crops import (
    after_effects_crop,
    blender_crop,
    fcpxml_crop,
    fcpxml_trim_crop,
    ffmpeg_crop,
    fusion_crop,
    mlt_crop,
    nuke_crop,
    premiere_crop,
    resolve_crop,
    resolve_inspector_crop,
    resolve_inspector_trim_crop,
    trim_crop,
    xmeml_crop,
)
from panscan.deliver.host_space import (
    canvas_to_cell,
    cell_to_canvas,
    crop_insets,
    ffmpeg_corner_expression,
    to_after_effects_layer,
    to_blender_transform,
    to_fcpxml_transform,
    to_fcpxml_trim,
    to_ffmpeg_place,
    to_fusion_merge,
    to_mlt_rect,
    to_nuke_transform,
    to_premiere_motion,
    to_resolve_inspector,
    to_resolve_inspector_crop,
    to_resolve_transform,
    to_xmeml_motion,
)
from panscan.deliver.host_values import CameraKey, FcpxmlTransform
from panscan.model.framing import Camera, Cell, key_values_of_crop
from panscan.model.geometry import Rect, Size

HD, UHD, VERTICAL, SQUARE = Size(1920, 1080), Size(3840, 2160), Size(1080, 1920), Size(1080, 1080)

# source, canvas, crop, key (scale, x, y), FCPXML (scale on fit, position %), MLT rect.
# D tells source width from canvas height, F and G tell up from down, H has a source taller than its canvas.
CASES = {
    "A": (HD, VERTICAL, (200, 0, 607.5, 1080), (1.777778, 811.1111, 0), (3.160494, 42.2454, 0),
          (-355.5556, 0, 3413.3333, 1920)),
    "B": (HD, VERTICAL, (500, 0, 607.5, 1080), (1.777778, 277.7778, 0), (3.160494, 14.4676, 0),
          (-888.8889, 0, 3413.3333, 1920)),
    "C": (HD, VERTICAL, (600, 140, 450, 800), (2.4, 324, 0), (4.266667, 16.875, 0), (-1440, -336, 4608, 2592)),
    "D": (UHD, VERTICAL, (400, 0, 1215, 2160), (0.888889, 811.1111, 0), (3.160494, 42.2454, 0),
          (-355.5556, 0, 3413.3333, 1920)),
    "E": (HD, SQUARE, (420, 0, 1080, 1080), (1, 0, 0), (1.777778, 0, 0), (-420, 0, 1920, 1080)),
    "F": (HD, VERTICAL, (600, 40, 450, 800), (2.4, 324, 240), (4.266667, 16.875, -12.5), (-1440, -96, 4608, 2592)),
    "G": (HD, VERTICAL, (1100, 200, 405, 720), (2.666667, -913.3333, -53.3333), (4.740741, -47.5694, 2.7778),
          (-2933.3333, -533.3333, 5120, 2880)),
    "H": (Size(480, 908), SQUARE, (0, 200, 480, 480), (2.25, 0, 31.5), (1.891667, 0, -2.9167),
          (0, -450, 1080, 2043)),
    "letterbox": (HD, VERTICAL, (0, -1166.6667, 1920, 3413.3333), (0.5625, 0, 0), (1, 0, 0),
                  (0, 656.25, 1080, 607.5)),
}  # fmt: skip


# The same crops: Resolve (zoom, pan, tilt), Premiere (percent, x, y of the sequence), xmeml (percent, horiz, vert).
IN_EDITORS = {
    "A": ((3.160494, 0.751029, 0), (177.7778, 1.251029, 0.5), (177.7778, 0.422454, 0)),
    "B": ((3.160494, 0.257202, 0), (177.7778, 0.757202, 0.5), (177.7778, 0.144676, 0)),
    "C": ((4.266667, 0.3, 0), (240, 0.8, 0.5), (240, 0.16875, 0)),
    "D": ((3.160494, 0.751029, 0), (88.8889, 1.251029, 0.5), (88.8889, 0.211227, 0)),
    "E": ((1.777778, 0, 0), (100, 0.5, 0.5), (100, 0, 0)),
    "F": ((4.266667, 0.3, -0.395062), (240, 0.8, 0.625), (240, 0.16875, 0.222222)),
    "G": ((4.740741, -0.845679, 0.087791), (266.6667, -0.345679, 0.472222), (266.6667, -0.475694, -0.049383)),
    "H": ((1.891667, 0, -0.029167), (225, 0.5, 0.529167), (225, 0, 0.034692)),
    "letterbox": ((1, 0, 0), (56.25, 0.5, 0.5), (56.25, 0, 0)),
}


@pytest.mark.parametrize("case", IN_EDITORS)
def test_resolve_and_premiere_get_the_worked_numbers_and_show_the_crop(case) -> None:
    source, canvas, crop, *_ = CASES[case]
    key = CameraKey(*key_values_of_crop(Rect(*crop), canvas, source))
    in_resolve, in_premiere, in_xmeml = (
        to_resolve_transform(key, source, canvas),
        to_premiere_motion(key, canvas),
        to_xmeml_motion(key, source),
    )
    numbers = tuple(astuple(written) for written in (in_resolve, in_premiere, in_xmeml))
    for written, worked in zip(numbers, IN_EDITORS[case], strict=True):
        assert written == pytest.approx(worked, abs=1e-4)
    shown = resolve_crop(in_resolve, source, canvas), premiere_crop(in_premiere, source, canvas)
    for rect in (*shown, xmeml_crop(in_xmeml, source, canvas)):
        assert _numbers(rect) == pytest.approx(crop)


def test_editors_table_is_as_long_as_the_other() -> None:
    assert list(IN_EDITORS) == list(CASES)


@pytest.mark.parametrize(
    ("rect", "sides"),
    [
        ((200, 0, 607.5, 1080), (0.104167, 0, 0.579427, 0)),
        ((480, 270, 960, 540), (0.25, 0.25, 0.25, 0.25)),
        ((-100, 108, 2200, 432), (0, 0.1, 0, 0.5)),
        ((1920, 0, 10, 10), (1, 0, 0, 0.990741)),
    ],
)
def test_sides_cut_off_leave_the_part_of_the_picture(rect, sides) -> None:
    cut = crop_insets(Rect(*rect), HD)
    assert astuple(cut) == pytest.approx(sides, abs=1e-6)
    if rect[0] < HD.width:
        left = trim_crop(cut, HD)
        inside = max(rect[0], 0), max(rect[1], 0), min(rect[0] + rect[2], 1920), min(rect[1] + rect[3], 1080)
        assert (left.left, left.top, left.right, left.bottom) == pytest.approx(inside)


def _numbers(rect: Rect) -> tuple[float, float, float, float]:
    return rect.left, rect.top, rect.width, rect.height


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_host_gets_the_worked_numbers(case) -> None:
    source, canvas, crop, key, transform, rect = case
    found = key_values_of_crop(Rect(*crop), canvas, source)
    assert found == pytest.approx(key, abs=1e-4)
    ours = CameraKey(*found)
    written = to_fcpxml_transform(ours, source, canvas)
    assert (written.scale, written.x_percent, written.y_percent) == pytest.approx(transform, abs=1e-4)
    assert _numbers(to_mlt_rect(ours, source, canvas)) == pytest.approx(rect, abs=1e-4)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("unit", ["canvas", "fitted"])
def test_the_hosts_show_the_crop(case, unit) -> None:
    source, canvas, crop, *_ = case
    key = CameraKey(*key_values_of_crop(Rect(*crop), canvas, source))
    assert _numbers(fcpxml_crop(to_fcpxml_transform(key, source, canvas, unit), source, canvas, unit)) == pytest.approx(
        crop
    )
    assert _numbers(mlt_crop(to_mlt_rect(key, source, canvas), source, canvas)) == pytest.approx(crop)


def test_the_fitted_unit_divides_the_axis_that_does_not_fill() -> None:
    key = CameraKey(2.4, 324, 240)
    wide, tall = to_fcpxml_transform(key, HD, VERTICAL, "fitted"), to_fcpxml_transform(key, VERTICAL, HD, "fitted")
    assert wide.x_percent == to_fcpxml_transform(key, HD, VERTICAL).x_percent
    assert wide.y_percent == pytest.approx(-39.5062, abs=1e-4)
    assert tall.y_percent == to_fcpxml_transform(key, VERTICAL, HD).y_percent
    assert tall.x_percent == pytest.approx(to_fcpxml_transform(key, VERTICAL, HD).x_percent * 1920 / 607.5)


def test_a_cell_moves_the_picture_by_the_distance_of_the_centres() -> None:
    cell = Cell(0, 960, Size(1080, 960), Camera((0,), (1.0,), (10.0,), (-20.0,)))
    assert cell_to_canvas(CameraKey(1.0, 10.0, -20.0), cell, VERTICAL) == CameraKey(1.0, 10.0, 460.0)


def test_position_is_up_and_in_percent_of_the_height_of_the_canvas() -> None:
    assert to_fcpxml_transform(CameraKey(1.0, 192.0, 96.0), HD, VERTICAL) == FcpxmlTransform(1.0 / 0.5625, 10.0, -5.0)


# The same crops: Fusion (size, centre), After Effects (percent, position), Nuke (scale, translate), Blender (scale,
# offset), FFmpeg's overlay (left, top of the scaled source). From the worked cases of Fusion's and Adobe's own units.
IN_COMPOSITORS = {
    "A": ((1.777778, 1.251029, 0.5), (177.7778, 1351.1111, 960), (1.777778, 391.1111, 420), (1.777778, 811.1111, 0),
          (-355.5556, 0)),
    "B": ((1.777778, 0.757202, 0.5), (177.7778, 817.7778, 960), (1.777778, -142.2222, 420), (1.777778, 277.7778, 0),
          (-888.8889, 0)),
    "C": ((2.4, 0.8, 0.5), (240, 864, 960), (2.4, -96, 420), (2.4, 324, 0), (-1440, -336)),
    "D": ((0.888889, 1.251029, 0.5), (88.8889, 1351.1111, 960), (0.888889, -568.8889, -120), (0.888889, 811.1111, 0),
          (-355.5556, 0)),
    "E": ((1, 0.5, 0.5), (100, 540, 540), (1, -420, 0), (1, 0, 0), (-420, 0)),
    "F": ((2.4, 0.8, 0.375), (240, 864, 1200), (2.4, -96, 180), (2.4, 324, -240), (-1440, -96)),
    "G": ((2.666667, -0.345679, 0.527778), (266.6667, -373.3333, 906.6667), (2.666667, -1333.3333, 473.3333),
          (2.666667, -913.3333, 53.3333), (-2933.3333, -533.3333)),
    "H": ((2.25, 0.5, 0.470833), (225, 540, 571.5), (2.25, 300, 54.5), (2.25, 0, -31.5), (0, -450)),
    "letterbox": ((0.5625, 0.5, 0.5), (56.25, 540, 960), (0.5625, -420, 420), (0.5625, 0, 0), (0, 656.25)),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_COMPOSITORS)
def test_compositors_get_the_worked_numbers_and_show_the_crop(case) -> None:
    source, canvas, crop, *_ = CASES[case]
    key = CameraKey(*key_values_of_crop(Rect(*crop), canvas, source))
    written = (
        to_fusion_merge(key, canvas),
        to_after_effects_layer(key, canvas),
        to_nuke_transform(key, source, canvas),
        to_blender_transform(key, source, canvas),
    )
    for numbers, worked in zip(written, IN_COMPOSITORS[case], strict=False):
        assert astuple(numbers) == pytest.approx(worked, abs=1e-4)
    placed = to_ffmpeg_place(key, source)
    corner = [
        -eval(ffmpeg_corner_expression(str(side), str(offset), px))
        for side, offset, px in (
            (placed.width_px, placed.x_px, canvas.width),
            (placed.height_px, placed.y_px, canvas.height),
        )
    ]
    assert corner == pytest.approx(IN_COMPOSITORS[case][4], abs=1e-4)
    shown = (
        fusion_crop(written[0], source, canvas),
        after_effects_crop(written[1], source, canvas),
        nuke_crop(written[2], source, canvas),
        blender_crop(written[3], source, canvas),
        ffmpeg_crop(placed, source, canvas),
    )
    for rect in shown:
        assert _numbers(rect) == pytest.approx(crop, abs=1e-4)


def test_blender_gives_back_what_centring_by_whole_pixels_takes() -> None:
    key, source = CameraKey(2.0, 10.0, 20.0), Size(1281, 719)
    assert astuple(to_blender_transform(key, source, VERTICAL)) == (2.0, 9.5, -19.5)
    crop = blender_crop(to_blender_transform(key, source, VERTICAL), source, VERTICAL)
    assert _numbers(crop) == pytest.approx(_numbers(mlt_crop(to_mlt_rect(key, source, VERTICAL), source, VERTICAL)))


def test_a_key_of_a_cell_comes_back_from_the_canvas() -> None:
    cell = Cell(40, 960, Size(1000, 960), Camera((0,), (1.0,), (10.0,), (-20.0,)))
    assert canvas_to_cell(cell_to_canvas(CameraKey(1.5, 10.0, -20.0), cell, VERTICAL), cell, VERTICAL) == CameraKey(
        1.5, 10.0, -20.0
    )


# Final Cut's trim counts all four sides in percent of the picture's height: worked by hand.
TRIMS = {
    "HD": (HD, (127.5, 0, 1215, 1080), (11.805556, 0, 53.472222, 0)),
    "a wide crop": (HD, (1200, 270, 180, 540), (111.111111, 25, 50, 25)),
    "UHD": (Size(3840, 2160), (216, 108, 3192, 1944), (10, 5, 20, 5)),
    "a cell of the canvas": (VERTICAL, (0, 960, 1080, 960), (0, 50, 0, 0)),
}


@pytest.mark.parametrize("case", TRIMS)
def test_final_cut_trims_in_percent_of_the_height(case) -> None:
    source, left, cut = TRIMS[case]
    written = to_fcpxml_trim(Rect(*left), source)
    assert astuple(written) == pytest.approx(cut, abs=1e-5)
    assert _numbers(fcpxml_trim_crop(written, source)) == pytest.approx(left, abs=1e-6)


# The same crops in Resolve's Inspector: zoom on fit, pan, tilt. In 9:16 from 16:9 a unit of tilt is 0.3164 px.
IN_INSPECTOR = {
    "A": (3.160494, 811.1111, 0), "B": (3.160494, 277.7778, 0), "C": (4.266667, 324, 0), "D": (3.160494, 811.1111, 0),
    "E": (1.777778, 0, 0), "F": (4.266667, 324, -758.5185), "G": (4.740741, -913.3333, 168.5602),
    "H": (1.891667, 0, -31.5), "letterbox": (1, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_INSPECTOR)
def test_the_inspector_gets_the_worked_numbers_and_shows_the_crop(case) -> None:
    source, canvas, crop, *_ = CASES[case]
    written = to_resolve_inspector(CameraKey(*key_values_of_crop(Rect(*crop), canvas, source)), source, canvas)
    assert astuple(written) == pytest.approx(IN_INSPECTOR[case], abs=1e-3)
    assert _numbers(resolve_inspector_crop(written, source, canvas)) == pytest.approx(crop, abs=1e-4)
    assert list(IN_INSPECTOR) == list(CASES)


def test_the_inspector_cuts_in_pixels_of_the_fitted_picture() -> None:
    rect = Rect(480, 270, 960, 540)
    cut = to_resolve_inspector_crop(crop_insets(rect, HD), HD, VERTICAL)
    assert astuple(cut) == pytest.approx((270, 151.875, 270, 151.875))
    assert _numbers(resolve_inspector_trim_crop(cut, HD, VERTICAL)) == pytest.approx(_numbers(rect))
