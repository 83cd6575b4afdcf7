"""What a camera does, in the trade's words: the one place that names effects."""

from __future__ import annotations

from collections.abc import Sequence

from panscan.model.framing import Cell
from panscan.model.plan import CellPlan, ShotPlan


def name_effect(cells: Sequence[Cell], planned: ShotPlan) -> str:
    """The effect of one shot, from its solved cameras and its pace.

    INTERVIEW
        The camera jumps between people inside the shot, or the shot is one of an exchange between two.
    FAST_CUT
        A quick shot, whatever the camera does in it.
    STATIC
        No camera moves.
    BREATHE
        Cameras do nothing but slowly come closer.
    PAN_FOLLOW
        Any other movement.
    """
    moves = not all(cell.camera.is_static for cell in cells)
    jumps = moves and any(plan.aim.jumps for plan in planned.cells)
    if jumps or planned.pace == "alternating":
        return "INTERVIEW"
    if planned.pace == "quick":
        return "FAST_CUT"
    if not moves:
        return "STATIC"
    drifting = all(
        cell.camera.is_static or _drifts(cell, plan) for cell, plan in zip(cells, planned.cells, strict=True)
    )
    return "BREATHE" if drifting else "PAN_FOLLOW"


def _drifts(cell: Cell, plan: CellPlan) -> bool:
    """Whether a camera does nothing but come closer, as the plan allows: two keys."""
    scale = cell.camera.scale
    return plan.push_in > 0 and len(scale) == 2 and scale[1] > scale[0]
