"""What the camera of a shot should do, from measured statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.direct.scene import MethodResult, ShotContext
from panscan.model.perception import Flow

_QUICK_S = 2.0  # shots under this length,
_QUICK_CUTS_MIN = 24.0  # among so many cuts per minute,
_FAST_CUT_ENERGY = 0.015  # with so much motion (picture widths per second, mean over the picture) are cut fast
_BREATHE_ENERGY = 0.008
_FOLLOW_TRAVEL = 0.15  # windows that a subject covers before it is followed
_BREATHE_TRAVEL = 0.10
_LEAST_BREATHE_S = 3.0  # a shorter drift is not seen


@dataclass(frozen=True, slots=True)
class ShotStatistics:
    """What an effect is chosen by.

    Attributes
    ----------
    energy : float
        Median motion against the background, picture widths per second.
    travel : float
        How far the subject goes, in windows, between its 5th and 95th percentile.
    cuts_per_minute : float
        Shot boundaries per minute around the shot.
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

    def __str__(self) -> str:
        return (
            f"motion {self.energy:.3f} widths/s, travel {self.travel:.2f} windows, "
            f"{self.duration_s:.1f} s, {self.cuts_per_minute:.0f} cuts/min"
        )


def shot_statistics(scene: ShotContext, choice: MethodResult, cuts_per_minute: float) -> ShotStatistics:
    """Statistics of one shot; `cuts_per_minute`: shot boundaries per minute around it."""
    flow = scene.perception.get(Flow)
    inside = (
        np.zeros(0, np.bool_) if flow is None else (flow.since >= scene.shot.first) & (flow.looked < scene.shot.end)
    )
    energy = float(np.median(flow.energy[inside])) if flow is not None and inside.any() else 0.0
    wish = choice.aim.target_px[np.isfinite(choice.aim.target_px).all(axis=1) & (choice.aim.weight > 0)]
    travel = 0.0
    if len(wish):
        spread = np.percentile(wish, 95, axis=0) - np.percentile(wish, 5, axis=0)
        room = (scene.bounds.width - scene.window[0], scene.bounds.height - scene.window[1])
        axes = [float(s) / w for s, w, free in zip(spread, scene.window, room, strict=True) if free > 1]
        travel = max(axes, default=0.0)
    return ShotStatistics(energy, travel, cuts_per_minute, scene.duration_s, len(choice.aim.jumps))


def choose_effect(statistics: ShotStatistics, *, alternates: bool, breathe: float) -> str:
    """The effect class of one shot.

    INTERVIEW: the floor changes hands inside the shot, or from shot to shot between the same two (`alternates`);
    FAST_CUT: a short lively shot among many cuts; PAN_FOLLOW: the subject leaves its place; BREATHE: a calm longer
    shot, where the preset drifts at all (`breathe`); else STATIC.
    """
    if statistics.jumps or alternates:
        return "INTERVIEW"
    if (
        statistics.duration_s < _QUICK_S
        and statistics.cuts_per_minute >= _QUICK_CUTS_MIN
        and statistics.energy >= _FAST_CUT_ENERGY
    ):
        return "FAST_CUT"
    if statistics.travel > _FOLLOW_TRAVEL:
        return "PAN_FOLLOW"
    if (
        breathe > 0
        and statistics.duration_s >= _LEAST_BREATHE_S
        and statistics.travel <= _BREATHE_TRAVEL
        and statistics.energy <= _BREATHE_ENERGY
    ):
        return "BREATHE"
    return "STATIC"
