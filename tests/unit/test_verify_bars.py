"""Where the background shows beside the picture: by mistake, or because somebody wants it so."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest

from panscan.model.framing import SCREEN_SUBJECT, Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.verify.checks.sequence import bars

SOURCE, CANVAS = Size(640, 360), Size(180, 320)
CORNERS = ((0.1, 0.05), (0.9, 0.0), (0.95, 1.0), (0.05, 0.9))  # as shares of the cell


def framed(**changes):
    """A camera that shows 40 px beyond both sides of the source."""
    scale, x_px, y_px = key_values_of_crop(Rect(-40, -460, 720, 1280), CANVAS, SOURCE)
    cell = Cell(0, 0, CANVAS, Camera((0,), (scale,), (x_px,), (y_px,)))
    return replace(Framing(CANVAS, SOURCE, Fraction(25), (cell,), layout="single"), **changes)


def of_screen():
    return framed(cells=tuple(replace(cell, subject=SCREEN_SUBJECT) for cell in framed().cells))


def tilted():
    (cell,) = framed().cells
    return framed(cells=(replace(cell, camera=replace(cell.camera, corners=(CORNERS,))),))


def grade(framing):
    expectation = SimpleNamespace(cut=SimpleNamespace(clips=[SimpleNamespace(framing=framing, first=0, end=25)]))
    return bars([], expectation).grade


def test_a_camera_that_leaves_its_source_is_told():
    assert grade(framed()) == "flag"


@pytest.mark.parametrize("meant", [framed(layout="fit"), framed(background="#336699"), of_screen(), tilted()])
def test_where_it_is_wanted_nothing_is_told(meant):
    assert grade(meant) == "pass"
