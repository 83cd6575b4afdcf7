"""Shots from shot boundaries."""

from __future__ import annotations

from itertools import pairwise

from panscan.model.perception import ShotBoundaries
from panscan.model.plan import Shot


def shots_of(boundaries: ShotBoundaries | None, frame_count: int) -> tuple[Shot, ...]:
    """The shots between the detected boundaries; they cover the media without gap or overlap.

    In a transition the boundary is its middle.
    """
    inner = (
        {*boundaries.frame.tolist(), *((boundaries.soft_first + boundaries.soft_end) // 2).tolist()}
        if boundaries
        else set()
    )
    return tuple(Shot(a, b) for a, b in pairwise([0, *sorted(f for f in inner if 0 < f < frame_count), frame_count]))
