"""Events of a screen recording while they are put together: in samples and px of the view."""

from __future__ import annotations

from dataclasses import dataclass

from panscan.model.perception import ScreenEventKind
from panscan.perceive.signals.strokes import Box


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One thing that happens.

    Attributes
    ----------
    kind : ScreenEventKind
    first, last : int
        Numbers of the samples with its first and its last change.
    box : (int, int, int, int)
        Left, top, width, height in view px.
    confidence : float
        0..1.
    line_px : float
        Height of its line of text in the view, 0 where it is no writing.
    fill : float
        Share of its box that changed, where it is an area.
    letters : tuple of (int, Box)
        Samples at which letters were typed, and where.
    """

    kind: ScreenEventKind
    first: int
    last: int
    box: Box
    confidence: float
    line_px: float = 0.0
    fill: float = 0.0
    letters: tuple[tuple[int, Box], ...] = ()
