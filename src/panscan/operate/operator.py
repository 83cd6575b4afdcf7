"""Plan -> framings: hold if one window does, else follow; judge, and keep the calmest camera that holds enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.plan import CellPlan, Plan, Shot, ShotPlan
from panscan.operate.judge import judge
from panscan.operate.keys import simplify
from panscan.operate.solve import Weights, best_place, path, resting_place
from panscan.operate.targets import KNOT_RATE_HZ, axes, knots

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mode:
    """How willingly the camera moves.

    rest_margin, follow_margin: air between must-keep box and crop edge that a resting and a moving camera must
    leave, as shares of the window (negative: the box may stick out); rest_tolerance, rest_miss_s: share of the
    shot, and seconds in a row, that a resting camera may miss; weights: of the path programme.
    """

    rest_margin: float
    rest_tolerance: float
    rest_miss_s: float
    follow_margin: float
    weights: Weights
    restlessness: float = 1.0


MODES: Mapping[str, Mode] = {
    "stable": Mode(
        rest_margin=-0.03,
        rest_tolerance=0.10,
        rest_miss_s=1.2,
        follow_margin=0.04,
        weights=Weights(wish=10.0, acceleration=0.0001, speed_change=0.08, travel=0.8, max_speed=0.25),
        restlessness=1.5,
    ),
    "balanced": Mode(
        rest_margin=-0.02,
        rest_tolerance=0.06,
        rest_miss_s=0.6,
        follow_margin=0.06,
        weights=Weights(wish=20.0, acceleration=0.00005, speed_change=0.04, travel=0.4, max_speed=0.35),
    ),
    "responsive": Mode(
        rest_margin=0.08,
        rest_tolerance=0.02,
        rest_miss_s=0.2,
        follow_margin=0.10,
        weights=Weights(wish=40.0, acceleration=0.00005, speed_change=0.01, travel=0.1, max_speed=1.0),
        restlessness=0.4,
    ),
}

_STRAIGHTER, _CALMER, _LOOSER = 100.0, 4.0, 50.0
_LONGEST_PAN_S = 60.0

# What an operator would rather lose than be restless, in shares of containment. Moving has a price per share of the
# shot; beyond it a turn every twenty seconds and a key in 1.7 seconds (with two to start from) are free.
_FREE_REVERSALS_S, _REVERSAL_PRICE = 0.05, 4.0
_MOVE_PRICE, _MOVING_PRICE = 0.04, 0.14
_FREE_KEYS, _FREE_KEYS_S, _KEY_PRICE = 2, 0.6, 0.10


def frame_shot(planned: ShotPlan, plan: Plan, source: Size, rate: Fraction, mode: str = "balanced") -> Framing:
    """The framing of one shot, on the plan's frame clock (grid frames from 0).

    Parameters
    ----------
    planned : ShotPlan
    plan : Plan
        Canvas and the picture that may be shown.
    source : Size
        Display size of the media.
    rate : Fraction
        Grid frames per second.
    mode : str
        A name in `MODES`.
    """
    cells, metrics = [], []
    for cell_plan in planned.cells:
        cell, figures = _calmest(cell_plan, planned.shot, plan.bounds, source, float(rate), MODES[mode])
        cells.append(cell)
        metrics.append(figures)
    return Framing(
        canvas=plan.canvas,
        source=source,
        rate=rate,
        cells=tuple(cells),
        layout=planned.layout,
        effect=_effect(cells, planned),
        why=planned.why,
        metrics=_worst(metrics),
    )


def _calmest(
    cell_plan: CellPlan, shot: Shot, bounds: Rect, source: Size, rate: float, mode: Mode
) -> tuple[Cell, dict[str, float]]:
    """The camera worth most: what it holds, less what its restlessness costs; with its figures.

    A camera that goes from rest to rest is judged against one that travels along in straight lines, a calmer one that
    may lose the subject for moments, a single pan either way, and the best single window: a walk is followed evenly,
    and a subject that runs to and fro is watched from one place.
    """
    weights = mode.weights
    straight = replace(
        weights,
        wish=weights.wish / _STRAIGHTER,
        speed_change=weights.speed_change * _CALMER,
        travel=weights.travel * _CALMER,
    )
    loose = replace(straight, slack=weights.slack / _LOOSER)
    follow = replace(mode, weights=straight)
    calm = replace(mode, follow_margin=0.0, weights=loose)
    pans = [replace(calm, weights=replace(loose, direction=sign)) for sign in (1, -1)]
    best: tuple[float, Cell, dict[str, float]] | None = None
    restless = True
    seconds = shot.frame_count / rate
    for attempt, hold_anyway in (*((a, False) for a in (mode, follow, calm, *pans)), (mode, True)):
        if not (restless or hold_anyway) or (attempt.weights.direction and seconds > _LONGEST_PAN_S):
            continue
        cell = _operate(cell_plan, shot, bounds, source, rate, attempt, hold_anyway)
        figures = judge(cell, cell_plan.aim, shot, source, rate)
        turning = max(0.0, figures["reversals_s"] - _FREE_REVERSALS_S)
        crowded = max(0.0, len(cell.camera.frame) - _FREE_KEYS - _FREE_KEYS_S * seconds) / max(1.0, seconds) ** 0.5
        moves = _MOVE_PRICE + _MOVING_PRICE * (1 - figures["still"]) if not cell.camera.is_static else 0.0
        worth = figures["containment"] - mode.restlessness * (moves + _REVERSAL_PRICE * turning + _KEY_PRICE * crowded)
        if best is None or worth > best[0] + 1e-9:
            best = (worth, cell, figures)
        if attempt is mode and cell.camera.is_static:
            break  # one window holds the shot: nothing is calmer
        restless = restless and bool(turning or crowded)
    assert best is not None
    return best[1], best[2]


def _effect(cells: list[Cell], planned: ShotPlan) -> str:
    """What the camera does, in the trade's words."""
    if all(cell.camera.is_static for cell in cells):
        return "STATIC"
    return "INTERVIEW" if any(plan.aim.jumps for plan in planned.cells) else "PAN_FOLLOW"


def _worst(metrics: list[dict[str, float]]) -> dict[str, float]:
    low = ("still", "containment")
    return {name: (min if name in low else max)(m[name] for m in metrics) for name in metrics[0]}


def _operate(
    cell_plan: CellPlan, shot: Shot, bounds: Rect, source: Size, rate: float, mode: Mode, hold_anyway: bool
) -> Cell:
    """Solve one camera: the widest window of the cell's shape inside the bounds, moved as little as possible."""
    scale = cover_scale(cell_plan.size, bounds)
    window = (cell_plan.size.width / scale, cell_plan.size.height / scale)
    frames = np.arange(shot.first, shot.end)
    edges = [shot.first, *(j for j in cell_plan.aim.jumps if shot.first < j < shot.end), shot.end]
    centers = [
        _centers(cell_plan, np.arange(a, b), window, bounds, source, rate, mode, hold_anyway)
        for a, b in pairwise(edges)
    ]
    center = np.concatenate(centers) * source.width
    values = np.stack(
        [
            np.full(len(frames), scale),
            scale * (source.width / 2 - center[:, 0]),
            scale * (source.height / 2 - center[:, 1]),
        ],
        axis=-1,
    )
    camera = simplify(frames, values, (cell_plan.size.width, cell_plan.size.height))
    return Cell(cell_plan.left_px, cell_plan.top_px, cell_plan.size, camera, cell_plan.aim.subject)


def _centers(
    cell_plan: CellPlan,
    frames: npt.NDArray[np.int64],
    window: tuple[float, float],
    bounds: Rect,
    source: Size,
    rate: float,
    mode: Mode,
    hold_anyway: bool,
) -> FloatArray:
    """Crop centres (n, 2) in source widths at every frame of one stretch without jumps."""
    at = knots(int(frames[0]), int(frames[-1]) + 1, rate)
    resting = axes(cell_plan.aim, at, window, bounds, source.width, rate, mode.rest_margin)
    following = axes(cell_plan.aim, at, window, bounds, source.width, rate, mode.follow_margin)
    columns = []
    for rest_axis, follow_axis in zip(resting, following, strict=True):
        longest_miss = round(mode.rest_miss_s * KNOT_RATE_HZ)
        place = resting_place(rest_axis, mode.rest_tolerance, longest_miss=longest_miss)
        if place is None and (hold_anyway or len(at) < 4):
            place = best_place(rest_axis)
        if place is not None:
            columns.append(np.full(len(frames), place))
            continue
        step_s = float(at[1] - at[0]) / rate
        solved = path(follow_axis, step_s, mode.weights)
        columns.append(np.interp(frames, at, solved))
    return np.stack(columns, axis=-1)
