"""One table of worked numbers, forwards and back, for every host."""

from __future__ import annotations

import pytest

from panscan.deliver.host_space import (
    FcpxmlTransform,
    Key,
    fcpxml,
    fcpxml_crop,
    mlt,
    mlt_crop,
    on_canvas,
)
from panscan.model.framing import Camera, Cell, camera_of_crop
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


def _numbers(rect: Rect) -> tuple[float, float, float, float]:
    return rect.left, rect.top, rect.width, rect.height


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_host_gets_the_worked_numbers(case) -> None:
    source, canvas, crop, key, transform, rect = case
    found = camera_of_crop(Rect(*crop), canvas, source)
    assert found == pytest.approx(key, abs=1e-4)
    ours = Key(*found)
    written = fcpxml(ours, source, canvas)
    assert (written.scale, written.x_percent, written.y_percent) == pytest.approx(transform, abs=1e-4)
    assert _numbers(mlt(ours, source, canvas)) == pytest.approx(rect, abs=1e-4)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("unit", ["canvas", "fitted"])
def test_the_hosts_show_the_crop(case, unit) -> None:
    source, canvas, crop, *_ = case
    key = Key(*camera_of_crop(Rect(*crop), canvas, source))
    assert _numbers(fcpxml_crop(fcpxml(key, source, canvas, unit), source, canvas, unit)) == pytest.approx(crop)
    assert _numbers(mlt_crop(mlt(key, source, canvas), source, canvas)) == pytest.approx(crop)


def test_the_fitted_unit_divides_the_axis_that_does_not_fill() -> None:
    key = Key(2.4, 324, 240)
    wide, tall = fcpxml(key, HD, VERTICAL, "fitted"), fcpxml(key, VERTICAL, HD, "fitted")
    assert wide.x_percent == fcpxml(key, HD, VERTICAL).x_percent
    assert wide.y_percent == pytest.approx(-39.5062, abs=1e-4)
    assert tall.y_percent == fcpxml(key, VERTICAL, HD).y_percent
    assert tall.x_percent == pytest.approx(fcpxml(key, VERTICAL, HD).x_percent * 1920 / 607.5)


def test_a_cell_moves_the_picture_by_the_distance_of_the_centres() -> None:
    cell = Cell(0, 960, Size(1080, 960), Camera((0,), (1.0,), (10.0,), (-20.0,)))
    assert on_canvas(Key(1.0, 10.0, -20.0), cell, VERTICAL) == Key(1.0, 10.0, 460.0)


def test_position_is_up_and_in_percent_of_the_height_of_the_canvas() -> None:
    assert fcpxml(Key(1.0, 192.0, 96.0), HD, VERTICAL) == FcpxmlTransform(1.0 / 0.5625, 10.0, -5.0)
