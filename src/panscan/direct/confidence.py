"""How sure a shot's framing is, from the evidence: what needs a look first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panscan.direct.evidence import MOVER, Evidence, gather_evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, weigh
from panscan.direct.layouts import Layout
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.direct.windows import WindowPlaces, window_places, window_values
from panscan.model.perception import FloatArray
from panscan.model.plan import Aim

_APART = 0.5  # windows: another view, not the same one framed otherwise
_EVIDENT = replace(DEFAULT_PARAMETERS, middle=0.0)  # that a place is the picture's middle is no evidence
_NEAR = 0.1  # windows: the camera frames a view as finely as places lie apart


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far the evidence supports what a shot shows.

    Attributes
    ----------
    clear : float
        0..1, by what share of the better one the window shown is worth more than the best one half a window away or
        further; 0 where several matter alike and only some are shown, 1 where nothing of weight is left out.
    seen : float
        0..1, mean over time of the score of the surest person or thing inside.
    """

    clear: float
    seen: float

    @property
    def value(self) -> float:
        """0..1: both count alike."""
        return (self.clear + self.seen) / 2

    @property
    def figures(self) -> dict[str, float]:
        """Those that a timeline keeps, by name."""
        return {"confidence": self.value, "clear": self.clear, "seen": self.seen}


SURE = Confidence(1.0, 1.0)  # decided by hand, or all of the picture is there


def confidence_of(context: ShotContext, choice: MethodResult, layout: Layout) -> Confidence:
    """How sure it is that a layout shows of a shot what matters."""
    if choice.segments or any(cell.fit for cell in layout.cells):
        return SURE
    if choice.events is not None:  # whatever is not close is shown whole: only what happens may be taken wrongly
        return Confidence(1.0, float(np.mean(choice.events.confidence)) if len(choice.events.confidence) else 1.0)
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    places = window_places(evidence, context)
    if np.ptp(places.start_px) < 1:  # source px: the window holds the whole picture
        return SURE
    seen = [_seen(evidence, weight, places, _starts(cell.aim, places)) for cell in layout.cells]
    clear = 1.0 if len(layout.cells) > 1 else 0.0
    if len(layout.cells) == 1 and not choice.contested:
        values = window_values(places, weight, _EVIDENT)
        clear = _clear(places, values, _starts(choice.aim, places))
    return Confidence(clear, float(np.mean(seen)))


def _starts(aim: Aim, places: WindowPlaces) -> FloatArray:
    """Where (k,) the window starts that has the aim in its middle, as far as the picture goes."""
    known = np.isfinite(aim.target_px[:, places.axis])
    first, last = places.start_px[0], places.start_px[-1]
    if not known.any():
        return np.full(len(places.frame), (first + last) / 2)
    middle = np.interp(places.frame, aim.frame[known], aim.target_px[known, places.axis])
    return np.asarray(np.clip(middle - places.length_px / 2, first, last))


def _clear(places: WindowPlaces, values: FloatArray, start_px: FloatArray) -> float:
    """By what share windows along a path are worth more than the best apart from it, 0..1, by the values (k, p)."""
    apart = np.abs(places.start_px - start_px[:, None]) / places.length_px
    closest = apart <= np.maximum(_NEAR, apart.min(axis=1, keepdims=True))
    shown = np.where(closest, values, -np.inf).max(axis=1)
    other = np.where(apart >= _APART, values, -np.inf).max(axis=1)
    shown, other = np.maximum(shown, 0.0), np.maximum(other, 0.0)
    best = np.maximum(shown, other).sum()
    return float(np.clip((shown - other).sum() / best, 0.0, 1.0)) if best > 0 else 0.0


def _seen(evidence: Evidence, weight: FloatArray, places: WindowPlaces, start_px: FloatArray) -> float:
    """Mean over time of the score of the surest person or thing whose middle is inside."""
    middle = evidence.box_px[:, places.axis] + evidence.box_px[:, 2 + places.axis] / 2
    start = start_px[evidence.moment]
    inside = (middle >= start) & (middle <= start + places.length_px) & (evidence.part != MOVER) & (weight > 0)
    surest = np.zeros(len(places.frame))
    np.maximum.at(surest, evidence.moment[inside], evidence.score[inside])
    return float(surest.mean())
