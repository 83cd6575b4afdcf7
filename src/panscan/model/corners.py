"""The four corners that a tilted picture goes to: top left, top right, bottom right, bottom left.

They count in fractions of a cell's width and height from its top left corner, so that they suit every size of canvas.
Between two keys each corner runs in a straight line, as the corner pins of editors do.
"""

from __future__ import annotations

import math

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]

FLAT: Corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

_LEAST_TURN = 1e-6  # of the cell's area: three corners on a line, within rounding, have no picture between them


def is_unfolded(corners: Corners) -> bool:
    """Whether corners are finite and lie clockwise around a picture without a dent, so that it has one front."""
    if not all(math.isfinite(value) for point in corners for value in point):
        return False
    return all(_turn(corners[n - 2], corners[n - 1], corners[n]) > _LEAST_TURN for n in range(4))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the area between three points, positive where they turn clockwise (y runs down)."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
