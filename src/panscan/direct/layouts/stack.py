"""A screen recording on an upright canvas: what happens close in one cell, the whole screen in another below it."""

from __future__ import annotations

from dataclasses import replace

from panscan.direct.aims import no_boxes
from panscan.direct.layouts.pip import screen_and_other
from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.direct.screen.composition import composition_of
from panscan.direct.screen.rests import planned_rests
from panscan.model.plan import CellPlan

_LEAST_CLOSE = 0.45  # of the canvas's height, for the close cell: with less, letters are hardly larger than below

_LEAST_TIME = 0.5  # of the shot in which the first cell is closer: else both would mostly show the same
_LEAST_CLOSER = 1.35  # times, that it is closer then: less is hardly seen


def stack(proposal: LayoutInput) -> Layout | None:
    """Where something happens that no upright crop of the screen holds."""
    context, choice, canvas = proposal.context, proposal.choice, proposal.canvas
    if not choice.is_planned:
        return None
    (_, _, whole), (_, _, close) = screen_and_other(canvas, context.bounds.width / context.bounds.height)
    if not proposal.is_forced and (close.height < _LEAST_CLOSE * canvas.height or _fits_alone(proposal)):
        return None
    composition = composition_of(context, close)
    rests = planned_rests(context, choice, composition, with_whole=False)
    closer = [at.rest for at in rests if composition.closeness(at.crop) >= _LEAST_CLOSER]
    close_frames = sum(rest.end - rest.first for rest in closer)
    if not proposal.is_forced and close_frames < _LEAST_TIME * context.shot.frame_count:
        return None
    free = replace(choice.aim, must_keep_px=no_boxes(choice.aim.frame))  # the other cell keeps all there is
    cells = (
        CellPlan(0, 0, close, free, rests=rests),
        CellPlan(canvas.width - whole.width, canvas.height - whole.height, whole, choice.aim, fit=True),
    )
    why = "what happens is wider than an upright crop" if not proposal.is_forced else "as asked"
    return Layout("stack", cells, why, background=context.preset.background)


def _fits_alone(proposal: LayoutInput) -> bool:
    """Whether one camera, without bars, shows all that happens: no view is wider than an upright crop."""
    context, choice = proposal.context, proposal.choice
    rests = planned_rests(context, choice, composition_of(context, proposal.canvas))
    return all(rest.crop.height <= context.bounds.height for rest in rests)
