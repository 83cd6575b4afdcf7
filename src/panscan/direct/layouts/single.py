"""One camera fills the canvas."""

from __future__ import annotations

from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.model.plan import CellPlan


def single(proposal: LayoutInput) -> Layout:
    """Always possible."""
    ceiling = proposal.context.preset.zoom_ceiling
    return Layout("single", (CellPlan(0, 0, proposal.canvas, proposal.choice.aim, zoom_ceiling=ceiling),))
