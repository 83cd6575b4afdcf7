"""How close the camera is: solved before its path, slow and rare; and the slow push-in of a camera at rest."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.model.framing import Camera, Cell
from panscan.model.geometry import Rect, Size, cover_scale
from panscan.model.plan import CellPlan, Shot
from panscan.operate.moves import PathCosts, solve_path
from panscan.operate.targets import MOST_OF_WINDOW, AxisTargets, boxes_at, knot_frames

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_AIR = 0.025  # windows to leave on each side of a must-keep box when coming closer: it will move a little
_SLACK = 0.02  # windows: what the judge forgives a box that sticks out
_WHOLE = 1e-9  # a zoom nearer to 1 is 1: rounding of floats
_LEAST_PUSH_IN = 1e-3  # share of zoom: a smaller drift is not seen
_AT_PIVOT_PX = 1e-6  # source px: an edge so near to the pivot does not move
# In natural logarithms of scale instead of source widths: a zoom of less than 4 % is no reason to touch the lens, a
# doubling takes 4 s or more, and the lens rests 2 s between two changes.
_ZOOM_COSTS = PathCosts(
    wish=1.0,
    miss=10.0,
    miss_depth=50.0,
    move_s=0.06,
    moving=0.02,
    turn_s=0.2,
    max_speed=0.17,
    min_hold_s=2.0,
    dead_zone=0.02,
)


def zoom_factors(plan: CellPlan, bounds: Rect, frames: IntArray, rate: float) -> FloatArray:
    """Factor (n,) on the cover scale at `frames` (n,), consecutive: 1..ceiling, exactly 1 where it is not needed."""
    wanted = plan.aim.zoom
    one = np.ones(len(frames))
    if wanted is None or plan.zoom_ceiling <= 1 or not np.isfinite(wanted).any():
        return one
    at = knot_frames(int(frames[0]), int(frames[-1]) + 1, rate)
    top = np.log(plan.zoom_ceiling)
    known = np.isfinite(wanted)
    wish = np.interp(at, plan.aim.frame[known], np.log(np.clip(wanted[known], 1.0, plan.zoom_ceiling)))
    limit = np.log(np.minimum(_largest_zoom(plan, bounds, at, rate), plan.zoom_ceiling))
    none = np.full(len(at), -np.inf)
    axis = AxisTargets(np.minimum(wish, limit), np.ones(len(at)), none, limit, none, -none, 0.0, float(top))
    if plan.hold or len(at) < 4 or np.ptp(axis.wish) <= _ZOOM_COSTS.dead_zone:
        solved = np.full(len(at), min(float(np.median(axis.wish)), float(limit.min())))
    else:
        solved = solve_path(axis, float(at[1] - at[0]) / rate, _ZOOM_COSTS, at)
    # Between two knots that hold a box the straight line does too.
    zoom = np.exp(np.interp(frames, at, np.minimum(solved, limit)))
    return np.clip(np.where(zoom - 1 < _WHOLE, 1.0, zoom), 1.0, plan.zoom_ceiling)


def _largest_zoom(plan: CellPlan, bounds: Rect, at: FloatArray, rate: float) -> FloatArray:
    """Largest zoom (n,) at the knots at which the must-keep box still fits the window with some air; 1 at least."""
    scale = cover_scale(plan.size, bounds)
    boxes = boxes_at(plan.aim.frame, plan.aim.must_keep_px, at, rate)
    room = (MOST_OF_WINDOW - 2 * _AIR) / scale
    fits = np.minimum(plan.size.width * room / boxes[:, 2], plan.size.height * room / boxes[:, 3])
    return np.maximum(np.where(np.isnan(fits), np.inf, fits), 1.0)


def with_push_in(cell: Cell, plan: CellPlan, shot: Shot, source: Size) -> Cell:
    """A camera at rest that slowly comes closer by `plan.push_in` over the shot, towards its wish: two keys.

    The wish stays where it is on the canvas. Unchanged where the camera moves anyway, where it must not, and where the
    must-keep boxes leave no room.
    """
    if plan.push_in <= 0 or plan.hold or plan.fit or shot.frame_count < 2 or not cell.camera.is_static:
        return cell
    crop = cell.crop_at(shot.first, source)
    known = np.isfinite(plan.aim.target_px).all(axis=1)
    pivot = np.array([crop.center_x, crop.center_y])
    if known.any():
        corner = np.array([crop.left, crop.top])
        far = np.array([crop.right, crop.bottom])
        pivot = np.clip(np.median(plan.aim.target_px[known], axis=0), corner, far)
    center = np.array([crop.center_x, crop.center_y])
    growth = 1 + min(plan.push_in, _room(plan, crop, pivot))
    if growth <= 1 + _LEAST_PUSH_IN:
        return cell
    last = pivot + (center - pivot) / growth
    scale = cell.camera.scale[0]
    middle = np.array([source.width, source.height]) / 2
    x, y = zip(*(s * (middle - c) for s, c in ((scale, center), (scale * growth, last))), strict=True)
    camera = Camera(
        (shot.first, shot.end - 1),
        (scale, round(scale * growth, 6)),
        tuple(round(float(v), 4) for v in x),
        tuple(round(float(v), 4) for v in y),
    )
    return Cell(cell.left_px, cell.top_px, cell.size, camera, cell.subject)


def _room(plan: CellPlan, crop: Rect, pivot: FloatArray) -> float:
    """How much closer the camera may come without losing a must-keep box that it holds now."""
    boxes = plan.aim.must_keep_px[np.isfinite(plan.aim.must_keep_px).all(axis=1)]
    room = np.inf
    for axis, (low, high) in enumerate(((crop.left, crop.right), (crop.top, crop.bottom))):
        start, end = boxes[:, axis], boxes[:, axis] + boxes[:, 2 + axis]
        held = (start >= low - _SLACK * crop.width) & (end <= high + _SLACK * crop.width)
        for reach, edge in (
            (pivot[axis] - start[held], pivot[axis] - low),
            (end[held] - pivot[axis], high - pivot[axis]),
        ):
            outward = reach > _AT_PIVOT_PX
            if outward.any():
                room = min(room, float((edge / reach[outward]).min()) - 1)
    return max(0.0, room)


def fit_cell(plan: CellPlan, shot: Shot, bounds: Rect, source: Size) -> Cell:
    """The whole picture in the middle of the cell."""
    free = 2 * plan.margin_px
    scale = min((plan.size.width - free) / bounds.width, (plan.size.height - free) / bounds.height)
    camera = Camera(
        (shot.first,),
        (round(scale, 6),),
        (round(scale * (source.width / 2 - bounds.center_x), 4),),
        (round(scale * (source.height / 2 - bounds.center_y), 4),),
    )
    return Cell(plan.left_px, plan.top_px, plan.size, camera, plan.aim.subject)


def split_at_jumps(plan: CellPlan, shot: Shot) -> list[tuple[CellPlan, IntArray]]:
    """Frames of the shot parted at the jumps inside it, each with what is aimed at there: nothing crosses a jump.

    A camera that must hold has one stretch; so has an aim without jumps, whose rows outside the shot then count too.
    """
    jumps = () if plan.hold else plan.aim.jumps
    edges = [shot.first, *sorted({j for j in jumps if shot.first < j < shot.end}), shot.end]
    parts = []
    for first, end in pairwise(edges):
        rows = (plan.aim.frame >= first) & (plan.aim.frame < end)
        aim = plan.aim
        if len(edges) > 2 and rows.any():
            zoom = None if aim.zoom is None else aim.zoom[rows]
            names = ("frame", "must_keep_px", "nice_to_keep_px", "target_px", "weight")
            aim = replace(aim, zoom=zoom, **{name: getattr(aim, name)[rows] for name in names})
        parts.append((replace(plan, aim=aim), np.arange(first, end)))
    return parts
