"""What the relative tests say about single pictures, with the truth known."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.verify.measure import frame_match, offsets
from panscan.verify.measure.crop_views import expected_view
from panscan.verify.measure.planes import Plane
from panscan.verify.measure.similarity import rms


def texture(width, height, left=0.0, top=0.0, scale=1.0):
    """Brightness at px (u + 0.5) / scale + left, likewise downwards."""
    x = (np.arange(width) + 0.5) / scale + left
    y = ((np.arange(height) + 0.5) / scale + top)[:, None]
    waves = np.sin(x / 3.1 + y / 7.3) + np.cos(x / 5.3 - y / 3.7) + np.sin(x / 11.0) * np.cos(y / 9.0)
    return (126 + 30 * waves).astype(np.float32)


def down(height):
    """Where the rows of a single band lie that is the whole picture."""
    return np.linspace(-1, 1, height, dtype=np.float32)[None]


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.78])
@pytest.mark.parametrize("density", [(1.0, 1.0), (0.5, 1.0)])
def test_expected_view_shows_the_crop(scale, density):
    crop = (20.4, 11.7, 200 / scale, 160 / scale)
    rows, columns = 400, 500
    x = (np.arange(round(columns * density[0])) + 0.5) / density[0]
    y = (np.arange(round(rows * density[1])) + 0.5)[:, None] / density[1]
    source = (126 + 40 * np.sin(x / 13.0) * np.cos(y / 17.0)).astype(np.float32)
    view, inside = expected_view(Plane(source), crop, density, (200, 160))
    u = (np.arange(200) + 0.5) / scale + crop[0]
    v = ((np.arange(160) + 0.5) / scale + crop[1])[:, None]
    assert inside.all()
    assert np.abs(view - (126 + 40 * np.sin(u / 13.0) * np.cos(v / 17.0)))[4:-4, 4:-4].max() < 1.5


def test_expected_view_knows_what_lies_outside():
    _view, inside = expected_view(Plane(texture(100, 100)), (-50, 0, 200, 100), (1.0, 1.0), (200, 100))
    assert inside[:, 50:150].all() and not inside[:, :50].any() and not inside[:, 150:].any()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.3, -0.2), (1.0, 0.5), (-0.7, 0.9)])
def test_small_offsets_are_measured(shift):
    expected, output = texture(200, 300), texture(200, 300, -shift[0], -shift[1])
    x, y, *zoom = offsets.small_offset(output[None], expected[None], down(len(output)))
    assert (x, y) == pytest.approx(shift, abs=0.12) and max(abs(v) for v in zoom) < 0.15


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_another_size_is_measured_at_the_edges(factor):
    """Nearer about the middle: nothing moves there, and all the more at the edges."""
    width, height = 300, 200
    expected = texture(width, height)
    left, top = width / 2 * (1 - 1 / factor), height / 2 * (1 - 1 / factor)
    output = texture(width, height, left, top, factor)
    x, y, zoom_x, zoom_y = offsets.small_offset(output[None], expected[None], down(len(output)))
    assert max(abs(x), abs(y)) < 0.1
    assert zoom_x == pytest.approx(width / 2 * (factor - 1), rel=0.2)
    assert zoom_y == pytest.approx(height / 2 * (factor - 1), rel=0.2)


@pytest.mark.parametrize("width", [608, 607, 200])  # 608 is padded to an odd size and reads +0.5 px
@pytest.mark.parametrize("shift", [0, 5, -17])
def test_large_offsets_are_measured_at_any_width(width, shift):
    grain = np.random.default_rng(2).normal(126, 30, (300, width + 60)).astype(np.float32)
    expected, output = grain[:, 30 : 30 + width], grain[:, 30 - shift : 30 - shift + width]
    (x, y), response = offsets.large_offset(output, expected, 1)
    assert (x, y) == pytest.approx((shift, 0), abs=0.2) and response > 0.3


@pytest.mark.parametrize("length", [2, 100, 121, 608, 1080])
def test_even_dft_sizes(length):
    size = offsets.even_dft_size(length)
    assert size % 2 == 0 and size <= length and size > length * 0.8


def test_flat_pictures_have_no_evidence():
    flat = np.full((1, 120, 120), 90, np.float32)
    window = (slice(None), slice(4, 116), slice(4, 116))
    assert not frame_match._test_position(frame_match._CellPair(flat, flat, window, 0.0))


def test_moved_pictures_lose_against_the_moved_view():
    window = (slice(None), slice(8, 112), slice(8, 112))
    expected, output = texture(120, 120)[None], texture(120, 120, -2, 0)[None]
    noise = rms(output[window], expected[window])
    scene = frame_match._CellPair(output, expected, window, noise)
    assert frame_match._test_position(scene)
    assert "x+2 px" in scene.better and not any(name.startswith("y") for name in scene.better)


def test_levels_are_matched_but_other_pictures_are_left_alone():
    window = (slice(None), slice(0, 100), slice(0, 100))
    a = texture(100, 100)[None]
    assert np.allclose(frame_match._levelled(a, a * 1.16 + 10, window), a * 1.16 + 10, atol=1e-2)
    other = texture(100, 100, 400, 300)[None]
    assert frame_match._levelled(a, 255 - other * 0.01, window) is a
