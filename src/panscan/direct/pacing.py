"""How a shot is paced, from measured statistics: quick, calm, or one of an exchange between two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.perception import Flow
from panscan.model.plan import Pace, Shot

_QUICK_S = 2.0  # a shot under this length (a viewer just reads it),
_QUICK_CUTS_MIN = 24.0  # among at least so many cuts per minute (half of the shots around are about as short),
_QUICK_MOTION = 0.015  # with so much motion (picture widths per second, mean over the picture: a run, a dance) is quick

_CALM_S = 3.0  # a shorter drift is not seen
_CALM_TRAVEL = 0.10  # windows: somebody who sways on a chair
_CALM_MOTION = 0.008  # picture widths per second, mean over the picture: talking heads have 0.001 to 0.006

_CUT_RATE_MARGIN_S = 5.0  # cuts are counted so far on both sides of a shot: about three quick shots
_CAN_MOVE_PX = 1.0  # source px: with less room the camera cannot move along an axis


@dataclass(frozen=True, slots=True)
class ShotStatistics:
    """What a pace is chosen by.

    Attributes
    ----------
    energy : float
        Median motion against the background, picture widths per second.
    travel : float
        Way of the subject between its 5th and 95th percentile, in windows.
    cuts_per_minute : float
        Cuts around the shot.
    duration_s : float
        Length of the shot.
    jumps : int
        Changes of subject inside it.
    """

    energy: float
    travel: float
    cuts_per_minute: float
    duration_s: float
    jumps: int

    @property
    def figures(self) -> dict[str, float]:
        """Those that a timeline keeps, by name."""
        return {"motion": self.energy, "travel": self.travel, "cuts_min": self.cuts_per_minute}


def shot_statistics(context: ShotContext, choice: MethodResult, cuts_per_minute: float) -> ShotStatistics:
    """Statistics of one shot, given the cuts per minute around it."""
    flow, shot = context.perception.get(Flow), context.shot
    inside = np.zeros(0, np.bool_) if flow is None else (flow.since >= shot.first) & (flow.looked < shot.end)
    energy = float(np.median(flow.energy[inside])) if flow is not None and inside.any() else 0.0
    wish = choice.aim.target_px[np.isfinite(choice.aim.target_px).all(axis=1) & (choice.aim.weight > 0)]
    travel = 0.0
    if len(wish):
        spread = np.percentile(wish, 95, axis=0) - np.percentile(wish, 5, axis=0)
        room = (context.bounds.width - context.window[0], context.bounds.height - context.window[1])
        axes = [float(s) / w for s, w, free in zip(spread, context.window, room, strict=True) if free > _CAN_MOVE_PX]
        travel = max(axes, default=0.0)
    return ShotStatistics(energy, travel, cuts_per_minute, context.duration_s, len(choice.aim.jumps))


def choose_pace(statistics: ShotStatistics, *, alternates: bool) -> Pace:
    """The pace of one shot; `alternates`: it belongs to an exchange between two people, shot by shot.

    A shot with turns inside is neither quick nor calm, whatever moves in it.
    """
    if alternates:
        return "alternating"
    if statistics.jumps:
        return "ordinary"
    if (
        statistics.duration_s < _QUICK_S
        and statistics.cuts_per_minute >= _QUICK_CUTS_MIN
        and statistics.energy >= _QUICK_MOTION
    ):
        return "quick"
    if statistics.duration_s >= _CALM_S and statistics.travel <= _CALM_TRAVEL and statistics.energy <= _CALM_MOTION:
        return "calm"
    return "ordinary"


def cuts_per_minute(shots: Sequence[Shot], n: int, rate: float) -> float:
    """Cuts per minute from some seconds before shot `n` to as long after it; the movie's own ends are no cuts."""
    first = max(shots[0].first, shots[n].first - _CUT_RATE_MARGIN_S * rate)
    end = min(shots[-1].end, shots[n].end + _CUT_RATE_MARGIN_S * rate)
    cuts = sum(first < shot.first <= end for shot in shots[1:])
    return 60 * rate * cuts / max(1.0, end - first)


def alternates(shown: Sequence[str], n: int) -> bool:
    """Whether shot `n` belongs to an A-B-A of two people, given the name of who leads each shot."""
    for first in range(max(0, n - 2), min(n, len(shown) - 3) + 1):
        a, b, c = shown[first : first + 3]
        if a and b and a == c != b and a.startswith("person") and b.startswith("person"):
            return True
    return False
