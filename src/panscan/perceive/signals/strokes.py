"""Strokes of writing: what a box of edges has of letters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Box = tuple[int, int, int, int]  # left, top, width, height in view px
Mask = npt.NDArray[np.bool_]


def place_of(box: Box) -> tuple[slice, slice]:
    """The rows and columns of a box."""
    left, top, width, height = box
    return slice(top, top + height), slice(left, left + width)


def strokes_per_row(edges: Mask) -> float:
    """Edges met per row: in writing one or more for each letter, in an object's outline two in all."""
    rows = int(np.count_nonzero(edges.any(axis=1)))
    return float(np.count_nonzero(np.diff(edges.astype(np.int8), axis=1) > 0)) / max(1, rows)


def fineness(strokes: float, width: float, line_height: float) -> float:
    """Strokes in a piece of a line that is as long as high.

    Letters are about as wide as high; straight edges of furniture have few strokes for their length.
    """
    return strokes * line_height / width


def union(box: Box, other: Box) -> Box:
    """The smallest box around both."""
    left, top = min(box[0], other[0]), min(box[1], other[1])
    right, bottom = max(box[0] + box[2], other[0] + other[2]), max(box[1] + box[3], other[1] + other[3])
    return left, top, right - left, bottom - top


def overlap(box: Box, other: Box) -> tuple[int, int]:
    """Width and height of what both have in common; negative: the gap between them."""
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return across, down


def intersection_over_union(box: Box, other: Box) -> float:
    """How alike two boxes are, 0..1."""
    across, down = (max(0, side) for side in overlap(box, other))
    both = across * down
    return both / max(1, box[2] * box[3] + other[2] * other[3] - both)
