"""The same timeline on a smaller canvas: at native size, for proxies, and for the sizes of a ladder."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from panscan.errors import UsageError
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.cut import is_framed
from panscan.timeline.effect import attach_framing, framing_of

_SCALE_STEP = 1e-6  # a camera's scale is stored to six decimals
_MIN_SIDE_PX = 16  # of a canvas: some encoders refuse less


def scaled(timeline: Any, factor: float) -> Any:
    """A copy of a timeline whose canvases are `factor` times as large, down to the next even number of px.

    Cameras show the same picture; what is lost by rounding to even px is lost at opposite edges alike.

    Raises
    ------
    UsageError
        Nothing would be left of the canvas.
    """
    copy = timeline.deepcopy()
    for clip in copy.find_clips():
        framing = framing_of(clip) if is_framed(clip) else None
        if framing is not None:
            attach_framing(clip, _scaled(framing, factor))
    return copy


def at_native_size(timeline: Any) -> Any:
    """A copy of a timeline on the largest canvas for which no source px is enlarged.

    Raises
    ------
    UsageError
        As `scaled`.
    """
    framings = [framing_of(clip) for clip in timeline.find_clips() if is_framed(clip)]
    max_scale = max(
        (scale for framing in framings if framing for cell in framing.cells for scale in cell.camera.scale), default=1.0
    )
    return timeline if max_scale <= 1 + _SCALE_STEP else scaled(timeline, 1 / max_scale)


def canvas_of(timeline: Any) -> Size | None:
    """The canvas of a timeline's first framed clip."""
    for clip in timeline.find_clips():
        framing = framing_of(clip) if is_framed(clip) else None
        if framing is not None:
            return framing.canvas
    return None


def _scaled(framing: Framing, factor: float) -> Framing:
    canvas = Size(_even(framing.canvas.width * factor), _even(framing.canvas.height * factor))
    if min(canvas.width, canvas.height) < _MIN_SIDE_PX:
        raise UsageError(
            f"a canvas of {canvas} is too small",
            why="Encoders need some pixels.",
            fix="Start from a larger canvas, or leave out what makes it smaller.",
        )
    return replace(
        framing, canvas=canvas, cells=tuple(_cell(cell, framing.canvas, canvas, factor) for cell in framing.cells)
    )


def _cell(cell: Cell, before: Size, after: Size, factor: float) -> Cell:
    left, right = (
        _edge(px, before.width, after.width, factor) for px in (cell.left_px, cell.left_px + cell.size.width)
    )
    top, bottom = (
        _edge(px, before.height, after.height, factor) for px in (cell.top_px, cell.top_px + cell.size.height)
    )
    size = Size(right - left, bottom - top)
    # A cell that rounding made larger must not show more than before: there may be no picture.
    by = max(factor, size.width / cell.size.width, size.height / cell.size.height)
    camera = cell.camera
    scale, x_px, y_px = (tuple(v * by for v in column) for column in (camera.scale, camera.x_px, camera.y_px))
    return replace(cell, left_px=left, top_px=top, size=size, camera=replace(camera, scale=scale, x_px=x_px, y_px=y_px))


def _even(length: float) -> int:
    return 2 * int(Fraction(length).limit_denominator(1000) / 2)


def _edge(px: int, before: int, after: int, factor: float) -> int:
    """The new position of a cell's edge: an even px; edges on the canvas's edge stay there."""
    return after if px == before else 0 if px == 0 else min(after, 2 * round(px * factor / 2))
