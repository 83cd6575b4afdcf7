"""How sure a shot's framing is, from the evidence: what needs a look first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panscan.direct.evidence import MOVER, Evidence, gather_evidence
from panscan.direct.importance import FITTED, weigh
from panscan.direct.layouts import Layout
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.direct.windows import WindowValues, window_values
from panscan.model.perception import FloatArray
from panscan.model.plan import Aim

_APART = 0.5  # windows: another view, not the same one framed otherwise
_EVIDENT = replace(FITTED, middle=0.0)  # that a place is the picture's middle is no evidence
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


SURE = Confidence(1.0, 1.0)  # placed by hand, or all of the picture is there


def confidence_of(context: ShotContext, choice: MethodResult, layout: Layout) -> Confidence:
    """How sure it is that a layout shows of a shot what matters."""
    if any(cell.fit for cell in layout.cells):
        return SURE
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    values = window_values(evidence, weight, context, _EVIDENT)
    if np.ptp(values.start_px) < 1:  # source px: the window holds the whole picture
        return SURE
    seen = [_seen(evidence, weight, values, _starts(cell.aim, values)) for cell in layout.cells]
    clear = 1.0 if len(layout.cells) > 1 else 0.0
    if len(layout.cells) == 1 and not choice.contested:
        clear = _clear(values, _starts(choice.aim, values))
    return Confidence(clear, float(np.mean(seen)))


def _starts(aim: Aim, values: WindowValues) -> FloatArray:
    """Where (k,) the window starts that has the aim in its middle, as far as the picture goes."""
    known = np.isfinite(aim.target_px[:, values.axis])
    first, last = values.start_px[0], values.start_px[-1]
    if not known.any():
        return np.full(len(values.frame), (first + last) / 2)
    middle = np.interp(values.frame, aim.frame[known], aim.target_px[known, values.axis])
    return np.asarray(np.clip(middle - values.length_px / 2, first, last))


def _clear(values: WindowValues, start_px: FloatArray) -> float:
    """By what share the windows along a path are worth more than the best ones apart from it, 0..1."""
    apart = np.abs(values.start_px - start_px[:, None]) / values.length_px
    closest = apart <= np.maximum(_NEAR, apart.min(axis=1, keepdims=True))
    shown = np.where(closest, values.value, -np.inf).max(axis=1)
    other = np.where(apart >= _APART, values.value, -np.inf).max(axis=1)
    shown, other = np.maximum(shown, 0.0), np.maximum(other, 0.0)
    best = np.maximum(shown, other).sum()
    return float(np.clip((shown - other).sum() / best, 0.0, 1.0)) if best > 0 else 0.0


def _seen(evidence: Evidence, weight: FloatArray, values: WindowValues, start_px: FloatArray) -> float:
    """Mean over time of the score of the surest person or thing whose middle is inside."""
    middle = evidence.box_px[:, values.axis] + evidence.box_px[:, 2 + values.axis] / 2
    start = start_px[evidence.moment]
    inside = (middle >= start) & (middle <= start + values.length_px) & (evidence.part != MOVER) & (weight > 0)
    surest = np.zeros(len(values.frame))
    np.maximum.at(surest, evidence.moment[inside], evidence.score[inside])
    return float(surest.mean())
