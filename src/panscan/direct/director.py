"""Perception + brief -> plan: one layout and aim per shot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from panscan import registry
from panscan.direct.scene import Scene
from panscan.direct.subjects import link
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.media import Media
from panscan.model.perception import Border, Cuts, Faces, Flow, Perception
from panscan.model.plan import CellPlan, Plan, Shot, ShotPlan


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asked of the director: the canvas and the method that chooses subjects."""

    canvas: Size
    method: str = "adaptive"


def shots_of(perception: Perception, frame_count: int) -> tuple[Shot, ...]:
    """The shots between the detected cuts; they cover the media without gap or overlap."""
    cuts = perception.get(Cuts)
    inner = [int(f) for f in cuts.frame if 0 < f < frame_count] if cuts else []
    edges = [0, *inner, frame_count]
    return tuple(Shot(a, b) for a, b in pairwise(edges))


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
    for shot in shots_of(perception, media.frame_count):
        rate = float(media.video.rate)
        subjects = link(perception.get(Faces), perception.get(Flow), shot, rate, display.height)
        choice = method(Scene(shot, float(media.video.rate), bounds, window, subjects, perception))
        cell = CellPlan(0, 0, brief.canvas, choice.aim)
        planned.append(ShotPlan(shot, "single", (cell,), choice.why))
    return Plan(brief.canvas, bounds, tuple(planned))
