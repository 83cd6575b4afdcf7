"""Perception + brief -> plan: one layout and aim per shot."""

from __future__ import annotations

from dataclasses import dataclass

from panscan import registry
from panscan.direct.scene import Scene
from panscan.direct.subjects import subjects_of
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.media import Media
from panscan.model.perception import Border, Cuts, Perception, Tracks
from panscan.model.plan import CellPlan, Plan, ShotPlan
from panscan.model.shots import shots_of


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asked of the director: the canvas and the method that chooses subjects."""

    canvas: Size
    method: str = "adaptive"


def plan(media: Media, perception: Perception, brief: Brief) -> Plan:
    """Decide, for every shot of the media, what is shown on the canvas.

    Raises
    ------
    UsageError
        The method of the brief is unknown.
    """
    method = registry.load("methods", brief.method)
    border = perception.get(Border)
    display = media.video.display
    bounds = border.active if border else Rect(0, 0, display.width, display.height)
    scale = cover_scale(brief.canvas, bounds)
    window = (brief.canvas.width / scale, brief.canvas.height / scale)
    planned = []
    for number, shot in enumerate(shots_of(perception.get(Cuts), media.frame_count)):
        subjects = subjects_of(perception.get(Tracks), number)
        choice = method(Scene(shot, float(media.video.rate), bounds, window, subjects, perception))
        cell = CellPlan(0, 0, brief.canvas, choice.aim)
        planned.append(ShotPlan(shot, "single", (cell,), choice.why))
    return Plan(brief.canvas, bounds, tuple(planned))
