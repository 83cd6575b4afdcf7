"""Shots with their cameras as the page gets them: plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from panscan.model.framing import EDGE_SLACK_PX, Cell, Framing
from panscan.review.solving import FramedPart
from panscan.timeline.doubts import is_doubtful

_SOFT_SCALE = 2.0  # canvas px per source px, over which a source pixel is four of the movie and more
_ROUNDING = 1e-3  # of a scale: keys are stored rounded, and exactly 2 is not over 2


def row_json(part: FramedPart, corrections: Sequence[int], automatic: Sequence[FramedPart] = ()) -> dict[str, Any]:
    """A shot, or a part of one.

    Parameters
    ----------
    part : FramedPart
    corrections : sequence of int
        Places, in the list of corrections, of those that hold for it.
    automatic : sequence of FramedPart
        The same shot without any.
    """
    framing = part.framing
    alike = next((one for one in automatic if one.shot.first <= part.shot.first < one.shot.end), None)
    return {
        "number": part.number,
        "part": part.part,
        "first_frame": part.shot.first,
        "last_frame": part.shot.end - 1,
        "setup": part.setup,
        "layout": framing.layout,
        "effect": framing.effect,
        "who": sorted({name for cell in framing.cells for name in (cell.subject or "").split("+") if name}),
        "why": framing.why,
        "confidence": framing.confidence,
        "badges": _badges(framing, bool(corrections)),
        "unmet": list(framing.unmet),
        "background": framing.background,
        "edited": bool(corrections),
        "corrections": list(corrections),
        "cells": [_cell_json(cell) for cell in framing.cells],
        "auto_cells": [_cell_json(cell) for cell in alike.framing.cells] if alike else None,
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    camera = cell.camera
    return {
        "cell_px": [cell.left_px, cell.top_px, cell.size.width, cell.size.height],
        "subject": cell.subject,
        "keys": {
            "frame": list(camera.frame),
            "scale": list(camera.scale),
            "x_px": list(camera.x_px),
            "y_px": list(camera.y_px),
        },
    }


def _badges(framing: Framing, is_edited: bool) -> list[str]:
    scales = [scale for cell in framing.cells for scale in cell.camera.scale]
    told = {
        "worth_a_look": is_doubtful(framing) and not is_edited,
        "edited": is_edited,
        "bars": any(_has_bars(cell, framing) for cell in framing.cells),
        "text_cut": framing.cuts_captions,
        "enlarged": max(scales) > _SOFT_SCALE + _ROUNDING,
        "unmet": bool(framing.unmet),
    }
    return [name for name, holds in told.items() if holds]


def _has_bars(cell: Cell, framing: Framing) -> bool:
    """Whether a crop is larger than the picture, so that something else shows around it."""
    crops = cell.crops(cell.camera.frame, framing.source)
    sizes = (framing.source.width + EDGE_SLACK_PX, framing.source.height + EDGE_SLACK_PX)
    return bool((crops[:, 2:] > sizes).any())
