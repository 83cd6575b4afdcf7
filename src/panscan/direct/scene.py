"""What a method is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from panscan.model.geometry import Rect
from panscan.model.perception import Perception
from panscan.model.plan import Aim, Shot, Subject


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One shot as a method sees it.

    window: size of the crop in source px (the largest window of the canvas's shape inside `bounds`);
    rate: grid frames per second; subjects: faces and movers linked inside this shot.
    """

    shot: Shot
    rate: float
    bounds: Rect
    window: tuple[float, float]
    subjects: tuple[Subject, ...]
    perception: Perception


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A method's answer: the aim, and the reason in words."""

    aim: Aim
    why: str
