"""One camera fills the canvas."""

from __future__ import annotations

from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.direct.screen.composition import composition_of
from panscan.direct.screen.rests import planned_rests
from panscan.model.plan import CellPlan


def single(proposal: LayoutInput) -> Layout:
    """Always possible."""
    context, choice, canvas = proposal.context, proposal.choice, proposal.canvas
    if not choice.is_planned:
        return Layout("single", (CellPlan(0, 0, canvas, choice.aim, zoom_ceiling=context.preset.zoom_ceiling),))
    rests = planned_rests(context, choice, composition_of(context, canvas), along_lines=True)
    return Layout("single", (CellPlan(0, 0, canvas, choice.aim, rests=rests),), background=context.preset.background)
