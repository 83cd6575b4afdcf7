"""Screen and presenter: the whole screen in one cell, the person who explains it close in another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panscan.direct.aims import aim_at_subjects
from panscan.direct.layouts.fit import screen_content_box
from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.plan import CellPlan, Subject

_LARGEST = 0.4  # of the picture's height: a larger face needs no cell of its own
_SHARE = 0.25  # of the canvas, beside the screen at least: a smaller face is not read on a phone
_STEADY = 0.4  # of the shot in which the presenter must be seen: some look away to the screen
_HEAD_SHARE = 0.5  # of the cell's height, that the head should fill: head and shoulders
_TIGHTEST = 4.0  # zoom: presenters in screen recordings are small, closer is only blocks


def pip(proposal: LayoutInput) -> Layout | None:
    """Where there is screen content and one small steady face."""
    context, canvas = proposal.context, proposal.canvas
    if proposal.choice.is_planned and not proposal.is_forced and not _is_upright(canvas, context.bounds):
        return None  # a camera that comes closer is worth more than a cell that makes the screen smaller
    presenter = _presenter(proposal)
    drawn = screen_content_box(context) is not None
    if presenter is None or not (drawn or proposal.is_forced):
        return None
    screen, person = screen_and_other(canvas, context.bounds.width / context.bounds.height)
    scale = cover_scale(person[2], context.bounds)
    window = (person[2].width / scale, person[2].height / scale)
    zoom = float(np.clip(_HEAD_SHARE * window[1] / float(np.median(presenter.keep_px[:, 3])), 1.0, _TIGHTEST))
    zoom = round(zoom, 4)
    own = replace(context, window=(window[0] / zoom, window[1] / zoom))
    aim = aim_at_subjects([presenter], own)
    aim = replace(aim, zoom=np.full(len(aim.frame), zoom))
    return Layout(
        "pip",
        (
            CellPlan(*screen, proposal.choice.aim, fit=True),
            CellPlan(*person, aim, zoom_ceiling=zoom),
        ),
        "screen content with a presenter" if drawn else "as asked",
        background=context.preset.background,
        shows=f"whole picture and {presenter.known_as}",
    )


def _is_upright(canvas: Size, picture: Rect) -> bool:
    """Whether there is room above or below the whole picture."""
    return canvas.width * picture.height < canvas.height * picture.width


def _presenter(proposal: LayoutInput) -> Subject | None:
    context = proposal.context
    people = [
        s
        for s in context.of_kind("person")
        if np.median(s.box_px[:, 3]) < _LARGEST * context.bounds.height
        and (s.frame[-1] - s.frame[0] + 1) >= _STEADY * context.shot.frame_count
    ]
    return max(people, key=lambda s: (len(s.frame), float(np.median(s.box_px[:, 3]))), default=None)


def screen_and_other(canvas: Size, picture_ratio: float) -> tuple[tuple[int, int, Size], tuple[int, int, Size]]:
    """Cells of a whole screen and of something else: below it on canvases taller than the picture, else right of it."""
    if canvas.width / canvas.height <= picture_ratio:
        screen = min(round(canvas.width / picture_ratio), round(canvas.height * (1 - _SHARE))) // 2 * 2
        return (0, 0, Size(canvas.width, screen)), (0, screen, Size(canvas.width, canvas.height - screen))
    screen = min(round(canvas.height * picture_ratio), round(canvas.width * (1 - _SHARE))) // 2 * 2
    return (0, 0, Size(screen, canvas.height)), (screen, 0, Size(canvas.width - screen, canvas.height))
