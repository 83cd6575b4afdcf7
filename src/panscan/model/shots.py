"""Cuts -> shots."""

from __future__ import annotations

from itertools import pairwise

from panscan.model.perception import Cuts
from panscan.model.plan import Shot


def shots_of(cuts: Cuts | None, frame_count: int) -> tuple[Shot, ...]:
    """The shots between the detected cuts; they cover the media without gap or overlap."""
    inner = [int(f) for f in cuts.frame if 0 < f < frame_count] if cuts else []
    return tuple(Shot(a, b) for a, b in pairwise([0, *inner, frame_count]))
