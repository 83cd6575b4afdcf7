"""Plan -> framings: hold if one window does, else rest and move; judge, and keep the best camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from panscan import registry
from panscan.model.framing import SCREEN_SUBJECT, Cell, Framing
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.plan import CellPlan, Plan, Shot, ShotPlan
from panscan.operate.effects import name_effect
from panscan.operate.judge import camera_metrics, camera_score, captions_cut, worst_metrics
from panscan.operate.keys import TOLERANCE_PX, simplify_to_keys
from panscan.operate.modes import Mode
from panscan.operate.moves import PathCosts, solve_path
from panscan.operate.planned import planned_cell
from panscan.operate.solve import best_static_position, static_position
from panscan.operate.targets import KNOT_RATE_HZ, AxisTargets, axis_targets, knot_frames
from panscan.operate.tilt import with_tilt
from panscan.operate.zoom import fit_cell, split_at_jumps, with_push_in, zoom_factors

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_COST_FACTORS = (
    1.0,
    2.0,
    4.0,
    8.0,
    16.0,
)  # on the costs of restlessness, one attempt each; at 16 hardly anything moves


def frame_shot(
    planned: ShotPlan,
    plan: Plan,
    source: Size,
    rate: Fraction,
    mode: str | Mode = "balanced",
    tolerance_px: float = TOLERANCE_PX,
) -> Framing:
    """The framing of one shot, on the plan's frame clock (grid frames from 0).

    Parameters
    ----------
    planned : ShotPlan
    plan : Plan
        Whose canvas it is for.
    source : Size
        Display size of the media.
    rate : Fraction
        Grid frames per second.
    mode : str or Mode
        A registered name, or a setting of one's own; the shot's own mode goes before it.
    tolerance_px : float
        How far the keys may stray from the camera's path, canvas px.
    """
    chosen = planned.mode or mode
    setting: Mode = registry.load("modes", chosen) if isinstance(chosen, str) else chosen
    camera = _Operator(planned.bounds, source, float(rate), setting, tolerance_px)
    cells, metrics = [], []
    for cell_plan in planned.cells:
        cell = camera.cell(cell_plan, planned.shot)
        cells.append(with_tilt(cell, cell_plan, planned.style) if _is_staged(cell_plan, planned) else cell)
        metrics.append(camera_metrics(cell, cell_plan.aim, planned.shot, source, float(rate)))
    framing = Framing(
        canvas=plan.canvas,
        source=source,
        rate=rate,
        cells=tuple(cells),
        background=planned.background,
        layout=planned.layout,
        effect=name_effect(cells, planned),
        why=planned.why,
        metrics=dict(planned.figures) | worst_metrics(metrics) | captions_cut(cells, planned.captions, source),
        unmet=planned.unmet,
        corner_radius_px=planned.style.corner_radius_px(source),
        has_shadow=planned.style.shadow,
    )
    return replace(framing, why=f"{framing.why}; captions are cut off") if framing.cuts_captions else framing


def _is_staged(cell: CellPlan, planned: ShotPlan) -> bool:
    """Whether a cell is tilted with its shot: people beside a screen are not."""
    shows_screen = [one.aim.subject == SCREEN_SUBJECT for one in planned.cells]
    return cell.aim.subject == SCREEN_SUBJECT or not any(shows_screen)


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """A part of the shot without a jump.

    Attributes
    ----------
    frames : ndarray, shape (n,)
        Its frames.
    scale : ndarray, shape (n,)
        Canvas px per source px.
    sides : (ndarray, ndarray), shape (n,)
        Width and height of the window, source px.
    at : ndarray, shape (k,)
        Frames of the knots.
    resting, following : (AxisTargets, AxisTargets)
        Horizontal and vertical targets at the knots, for a camera at rest and for one on the move.
    """

    frames: IntArray
    scale: FloatArray
    sides: tuple[FloatArray, FloatArray]
    at: FloatArray
    resting: tuple[AxisTargets, AxisTargets]
    following: tuple[AxisTargets, AxisTargets]


class _Operator:
    """Everything about a shot's cameras that does not change from attempt to attempt."""

    def __init__(self, bounds: Rect, source: Size, rate: float, mode: Mode, tolerance_px: float) -> None:
        self.bounds, self.source, self.rate, self.mode, self.tolerance_px = bounds, source, rate, mode, tolerance_px

    def cell(self, plan: CellPlan, shot: Shot) -> Cell:
        """The cell with its camera: the one that was placed by hand, or one that is solved."""
        if plan.camera is not None:
            return Cell(plan.left_px, plan.top_px, plan.size, plan.camera, plan.aim.subject)
        if plan.fit:
            return fit_cell(plan, shot, self.bounds, self.source)
        if plan.rests and not plan.hold:
            return planned_cell(plan, self.source)
        return with_push_in(self._best_camera(plan, shot), plan, shot, self.source)

    def _best_camera(self, plan: CellPlan, shot: Shot) -> Cell:
        """The camera worth most: what it holds, less what its restlessness costs.

        A camera that only follows a point is solved once: its costs already have the unit of its distance from it.
        """
        wishing = not np.isfinite(plan.aim.must_keep_px).all(axis=1).any()
        parts = [self._segment(part, frames) for part, frames in split_at_jumps(plan, shot)]
        best: tuple[float, Cell] | None = None
        for prices in self._attempts(plan, wishing):
            cell = self._solve_camera(plan, parts, prices, wishing)
            if wishing or plan.hold:
                return cell
            figures = camera_metrics(cell, plan.aim, shot, self.source, self.rate)
            value = camera_score(figures, cell, shot, self.rate, self.mode.restlessness_cost)
            if best is None or value > best[0] + 1e-9:
                best = (value, cell)
            if prices is self.mode.box_costs and cell.camera.is_static:
                break  # one window holds the shot: nothing is calmer
        assert best is not None
        return best[1]

    def _attempts(self, plan: CellPlan, wishing: bool) -> Iterator[PathCosts | None]:
        """Prices to try, in order; None: hold whatever happens."""
        if plan.hold:
            yield None
            return
        prices = self.mode.point_costs if wishing else self.mode.box_costs
        yield prices
        for factor in _COST_FACTORS[1:]:
            yield replace(
                prices, move_s=prices.move_s * factor, moving=prices.moving * factor, turn_s=prices.turn_s * factor
            )
        yield None

    def _segment(self, plan: CellPlan, frames: IntArray) -> _Segment:
        """Zoom first; then what a window of that size must and would like to hold."""
        scale = cover_scale(plan.size, self.bounds) * zoom_factors(plan, self.bounds, frames, self.rate)
        at = knot_frames(int(frames[0]), int(frames[-1]) + 1, self.rate)
        sides = (plan.size.width / scale, plan.size.height / scale)
        window = (np.interp(at, frames, sides[0]), np.interp(at, frames, sides[1]))

        def targets(margin: float) -> tuple[AxisTargets, AxisTargets]:
            return axis_targets(plan.aim, at, window, self.bounds, self.source.width, self.rate, margin)

        return _Segment(frames, scale, sides, at, targets(self.mode.rest_margin), targets(self.mode.follow_margin))

    def _solve_camera(self, plan: CellPlan, parts: list[_Segment], prices: PathCosts | None, wishing: bool) -> Cell:
        """Solve one camera: where the windows go, and the keys that carry them."""
        rows = []
        for part in parts:
            center = self._centers(part, prices, wishing)
            middle = np.array([self.source.width, self.source.height]) / 2
            rows.append(np.column_stack([part.scale, part.scale[:, None] * (middle - center)]))
        frames = np.concatenate([part.frames for part in parts])
        camera = simplify_to_keys(frames, np.concatenate(rows), (plan.size.width, plan.size.height), self.tolerance_px)
        return Cell(plan.left_px, plan.top_px, plan.size, camera, plan.aim.subject)

    def _centers(self, part: _Segment, prices: PathCosts | None, wishing: bool) -> FloatArray:
        """Crop centres (n, 2) in source px at every frame of one stretch."""
        columns = []
        step_s = float(part.at[1] - part.at[0]) / self.rate if len(part.at) > 1 else 1 / KNOT_RATE_HZ
        extents = ((self.bounds.left, self.bounds.width), (self.bounds.top, self.bounds.height))
        for resting, following, side, (start, extent) in zip(
            part.resting, part.following, part.sides, extents, strict=True
        ):
            place = None if wishing and prices else self._rest(resting, step_s)
            if place is None and (prices is None or len(part.at) < 4):
                place = best_static_position(resting)
            if place is None and prices is not None:
                path = solve_path(following, step_s, prices, part.at)
                column = np.interp(part.frames, part.at, path) * self.source.width
            else:
                column = np.full(len(part.frames), place) * self.source.width
            slide = np.maximum((extent - side) / 2, 0.0)
            columns.append(np.clip(column, start + extent / 2 - slide, start + extent / 2 + slide))
        return np.stack(columns, axis=-1)

    def _rest(self, axis: AxisTargets, step_s: float) -> float | None:
        """Where one axis may rest for the whole stretch, if anywhere; knots are `step_s` apart."""
        longest_miss = round(self.mode.rest_miss_s / step_s)
        return static_position(axis, self.mode.rest_miss_share, longest_miss=longest_miss)
