"""Sizes, rectangles and ratios."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panscan.errors import UsageError
from panscan.model.geometry import (
    Ratio,
    Rect,
    Size,
    canvas_for,
    cover_scale,
    even_floor,
)

places = st.floats(-5000, 5000)
lengths = st.floats(0.5, 5000)
rects = st.builds(Rect, places, places, lengths, lengths)
NEAR = 1e-6


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("9:16", (1080, 1920)),
        ("1:1", (1080, 1080)),
        ("4:5", (1080, 1350)),
        ("16:9", (1920, 1080)),
        ("2:3", (1080, 1620)),
        ("3:4", (1080, 1440)),
        ("21:9", (2520, 1080)),
        ("10:1", (10800, 1080)),
    ],
)
def test_canvas_of_a_ratio(ratio, size):
    assert canvas_for(Ratio.parse(ratio)) == Size(*size)


@given(st.integers(1, 100), st.integers(1, 100))
def test_every_canvas_is_even_and_of_its_shape(width, height):
    canvas = canvas_for(Ratio(width, height))
    assert canvas.width % 2 == canvas.height % 2 == 0
    assert min(canvas.width, canvas.height) == 1080
    wanted = 1080 * Fraction(max(width, height), min(width, height))
    assert 0 <= wanted - max(canvas.width, canvas.height) < 2


@pytest.mark.parametrize(
    ("value", "even"), [(0, 2), (1.9, 2), (3, 2), (3.999, 2), (4, 4), (5.5, 4), (1079.9999999999, 1080)]
)
def test_even_floor(value, even):
    assert even_floor(value) == even


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("9:16", (9, 16)), ("9x16", (9, 16)), ("18:32", (9, 16)), (" 4 : 5 ", (4, 5)), ("1080x1920", (9, 16))],
)
def test_ratios_are_read_and_reduced(text, ratio):
    parsed = Ratio.parse(text)
    assert parsed == Ratio(*ratio)
    assert Ratio.parse(str(parsed)) == Ratio.parse(parsed.slug) == parsed


@pytest.mark.parametrize("text", ["", "9", "9:", ":16", "0:1", "1:0", "-9:16", "9:16:1", "1.78:1", "tall", "9/16"])
def test_what_is_no_ratio_is_refused(text):
    with pytest.raises(UsageError, match="not an aspect ratio") as refused:
        Ratio.parse(text)
    assert refused.value.why and "9:16" in refused.value.fix


@pytest.mark.parametrize("text", ["11:1", "1:11", "1:99999"])
def test_extreme_ratios_are_refused(text):
    with pytest.raises(UsageError, match="too extreme"):
        Ratio.parse(text)


@pytest.mark.parametrize(
    "make", [lambda: Size(0, 1), lambda: Size(1, -1), lambda: Ratio(0, 1), lambda: Rect(0, 0, 0, 1)]
)
def test_nothing_is_empty(make):
    with pytest.raises(ValueError, match="positive"):
        make()


def test_a_rectangle_of_nan_is_refused():
    with pytest.raises(ValueError, match="positive"):
        Rect(0, 0, float("nan"), 1)


def test_edges_and_centre():
    box = Rect(10, 20, 30, 50)
    assert (box.right, box.bottom, box.center_x, box.center_y) == (40, 70, 25, 45)
    assert str(Size(1080, 1920)) == "1080x1920"


@given(st.integers(1, 4000), st.integers(1, 4000), rects)
def test_cover_scale_just_fills_the_window(width, height, picture):
    scale = cover_scale(Size(width, height), picture)
    spare = scale * picture.width - width, scale * picture.height - height
    assert min(spare) == pytest.approx(0, abs=1e-6)
    assert max(spare) >= -1e-6
