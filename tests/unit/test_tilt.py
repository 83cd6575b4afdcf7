"""Where the corners of a tilted picture go: by angles, by hand, and while a camera comes closer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_screen_director import framed

import documents as make
from panscan.errors import UsageError
from panscan.model.corners import FLAT, is_unfolded
from panscan.model.framing import Camera
from panscan.model.geometry import Size
from panscan.model.style import TILTS, Style, TiltAngles
from panscan.operate.tilt import fitted_corners, turned_corners
from panscan.request.config_files import ConfigTable
from panscan.request.override_entries import read_override
from panscan.request.styles import load_style, style_names, style_of, style_of_recipe, style_recipe
from panscan.request.timecode_input import FrameGrid

WIDE = Size(1920, 1080)
LINE = (150, 120, 500, 40)  # typed on, left and above the middle
SIZES = st.builds(Size, st.integers(64, 4000), st.integers(64, 4000))


def seen_by_pinhole(angles: TiltAngles, cell: Size):
    """The corners of a cell, turned in space and seen through a hole: three rotations and a division."""
    yaw, pitch = np.radians(angles.yaw_deg), np.radians(angles.pitch_deg)
    about_upright = np.array([[np.cos(yaw), 0, 0], [0, 1, 0], [np.sin(yaw), 0, 0]])
    about_level = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    size = np.array([cell.width, cell.height])
    points = np.column_stack([(np.array(FLAT) - 0.5) * size, np.zeros(4)]) @ about_upright.T @ about_level.T
    away = angles.distance * size.max()
    return points[:, :2] * (away / (away - points[:, 2:])) / size + 0.5


@given(SIZES, st.floats(-40, 40), st.floats(-40, 40))
def test_a_turned_picture_is_seen_as_through_a_pinhole(cell, pitch_deg, yaw_deg):
    angles = TiltAngles(pitch_deg, yaw_deg)
    assert np.abs(np.array(turned_corners(angles, cell)) - seen_by_pinhole(angles, cell)).max() < 2e-6


@given(SIZES, st.sampled_from(sorted(TILTS)))
def test_named_tilts_stay_in_their_cell_and_fill_it(cell, name):
    corners = np.array(fitted_corners(TILTS[name], cell))
    assert is_unfolded(fitted_corners(TILTS[name], cell))
    assert corners.min() >= -2e-6 and corners.max() <= 1 + 2e-6
    turned = seen_by_pinhole(TILTS[name], cell)
    by = np.ptp(corners, axis=0) / np.ptp(turned, axis=0)  # smaller in both directions alike
    assert by[0] == pytest.approx(by[1], rel=1e-4) and by[0] <= 1 + 1e-5


@pytest.mark.parametrize(("name", "side"), [("left", (0, 3)), ("right", (1, 2)), ("up", (0, 1)), ("down", (3, 2))])
def test_a_tilt_is_named_by_the_side_that_comes_nearer(name, side):
    corners = np.array(fitted_corners(TILTS[name], WIDE))
    others = sorted({0, 1, 2, 3} - {*side})
    near, far = (np.linalg.norm(corners[a] - corners[b]) for a, b in (side, others))
    assert near > 1.02 * far


def staged(style: Style, **choices):
    return framed(("typing", 5, 8, *LINE), canvas=WIDE, style=style, **choices).cells[0]


def nearer(camera: Camera, frame: int):
    """How much nearer the right side is than the left one, and the lower than the upper one."""
    a, b, c, d = camera.sample_corners([frame])[0]
    length = np.linalg.norm
    return length(c - b) - length(d - a), length(c - d) - length(b - a)


def test_focus_tilts_towards_what_is_come_closer_to_and_back_as_the_camera_leaves():
    cell = staged(Style(tilt="focus", tilt_deg=3))
    wide, close, again = cell.rests
    right, lower = nearer(cell.camera, close.first)
    assert right < -0.005 and lower < -0.005  # what is typed lies left and above
    leaves = nearer(cell.camera, (close.end + again.first) // 2)
    assert leaves[0] > 0.005 and leaves[1] > 0.005
    still = [wide.first, wide.end - 1, (close.first + close.end) // 2, close.end - 1, again.first, again.end - 1]
    assert np.abs(cell.camera.sample_corners(still) - np.array(FLAT)).max() < 1e-6


def test_focus_tilts_by_its_degrees_and_leaves_the_camera_as_it_is():
    cell, plain = staged(Style(tilt="focus", tilt_deg=4)), staged(Style())
    frames = np.arange(500)
    assert np.abs(cell.crops(frames, WIDE) - plain.crops(frames, WIDE)).max() < 1e-6
    close = cell.rests[1]
    most = max(np.abs(cell.camera.sample_corners([n])[0] - FLAT).max() for n in range(close.first - 20, close.end))
    there = cell.camera.sample_corners([close.first])[0]
    crop, whole = (plain.crop_at(n, WIDE) for n in (close.first, 0))
    way = np.array([crop.center_x - whole.center_x, crop.center_y - whole.center_y]) / (whole.width, whole.height)
    yaw, pitch = 4 * way / np.linalg.norm(way)
    assert np.abs(there - seen_by_pinhole(TiltAngles(pitch, yaw), WIDE)).max() < 2e-6
    assert most == pytest.approx(np.abs(there - FLAT).max())


def test_a_tilt_that_is_chosen_stays_all_the_time():
    corners = ((0.1, 0.05), (0.9, 0.0), (0.95, 1.0), (0.05, 0.9))
    cell = staged(style_of(tilt="0.1,0.05 0.9,0 0.95,1 0.05,0.9"))
    assert {*cell.camera.corners} == {corners} and len(cell.rests) == 3


@pytest.mark.parametrize("tilt", ["sideways", "0,0 1,0 1,1", "0,0 1,0 0,1 1,1", "0,0 1,0 1,x 0,1", "0,0 9,0 9,9 0,9"])
def test_tilts_that_are_none_are_refused(tilt):
    with pytest.raises(UsageError, match="--tilt") as caught:
        style_of(tilt=tilt)
    assert "focus" in str(caught.value) and caught.value.fix


@pytest.mark.parametrize(
    ("option", "value"), [("corners", "-3"), ("corners", "60%"), ("padding", "50"), ("background", "#12:#34")]
)
def test_looks_that_are_none_are_refused(option, value):
    with pytest.raises(UsageError, match=f"--{option}"):
        style_of(**{option: value})


def test_options_go_before_the_style():
    style = style_of("documentary", tilt="none", corners="12px", shadow=False, padding="3%", background="blur")
    assert (style.tilt, style.corner_radius_px(WIDE), style.shadow) == ("none", 12.0, False)
    assert (style.padding, style.background, style.closest) == (0.03, "blur", load_style("documentary").closest)


def test_styles_differ_in_how_close_and_how_fast_they_are():
    assert style_names() == ["aggressive", "documentary", "subtle"]
    cells = [staged(load_style(name)) for name in ("subtle", "documentary", "aggressive")]
    widths = [cell.crop_at(cell.rests[1].first, WIDE).width for cell in cells]
    lengths = [cell.rests[1].first - cell.rests[0].end for cell in cells]
    assert widths[0] > widths[1] > widths[2] and lengths[2] < lengths[0]
    assert widths[0] >= 0.65 * 1920 - 1


def test_padding_surrounds_the_whole_screen():
    cell = staged(style_of(padding="10%"))
    crop = cell.crop_at(0, WIDE)
    scale = 1920 / crop.width
    # A tenth of 1080 px above and below; as the shape is the screen's, more at its sides.
    assert -crop.top * scale == pytest.approx(108, abs=0.1) and -crop.left * scale == pytest.approx(192, abs=0.1)


def test_an_override_stages_a_part_of_a_recording():
    said = read_override(
        ConfigTable("entry", {"from": 0, "tilt": "right", "corners": "2%", "shadow": True}), FrameGrid(make.PAL, 500)
    )
    framing = framed(("typing", 5, 8, *LINE), canvas=WIDE, style=Style(padding=0.1), overrides=(said,))
    assert {*framing.cells[0].camera.corners} == {fitted_corners(TILTS["right"], WIDE)}
    assert framing.corner_radius_px == pytest.approx(0.02 * 1080) and framing.has_shadow
    assert framing.cells[0].crop_at(0, WIDE).width > 1920


def test_a_style_is_found_again_in_its_recipe():
    style = style_of("aggressive", tilt="0.1,0.05 0.9,0 0.95,1 0.05,0.9", corners="3%")
    assert style_of_recipe(json.loads(json.dumps(style_recipe(style)))) == style
    assert style_recipe(Style()) == {}


def test_a_style_file_with_a_mistake_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('tilt = "focus"\nclosest = 3\n')
    with pytest.raises(UsageError, match=r"mine\.toml: closest = 3"):
        load_style(str(path))
