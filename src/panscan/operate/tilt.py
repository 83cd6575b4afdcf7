"""The tilt of a cell: as it was chosen, or towards what the camera comes closer to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from panscan.model.corners import FLAT, Corners
from panscan.model.framing import Camera, Cell
from panscan.model.geometry import Size
from panscan.model.plan import CellPlan, PlannedRest
from panscan.model.style import FOCUS_TILT, NO_TILT, TILTS, Style, TiltAngles
from panscan.operate.planned import EASED_FRAMES, SMOOTHERSTEP

_DECIMALS = 6  # of fractions of a cell, as a timeline stores them
_STRAIGHT = 0.02  # of the wider view: what lies so near to its middle is come closer to without a tilt
_LONGEST_HOLD_SHARE = 0.5  # of a hold, in which the tilt of the move before it is taken back
_Angles = tuple[float, float]  # pitch and yaw, degrees


def with_tilt(cell: Cell, plan: CellPlan, style: Style) -> Cell:
    """A cell whose picture is tilted as its style says."""
    if style.tilt == NO_TILT:
        return cell
    if style.tilt == FOCUS_TILT:
        return _tilted_by_moves(cell, plan.rests, style.tilt_deg) if cell.rests else cell
    corners = fitted_corners(TILTS[style.tilt], cell.size) if isinstance(style.tilt, str) else style.tilt
    return replace(cell, camera=replace(cell.camera, corners=(corners,) * len(cell.camera.frame)))


def turned_corners(angles: TiltAngles, cell: Size) -> Corners:
    """Where the corners of a cell go as it is turned about its middle."""
    width, height = cell.width / max(cell.width, cell.height), cell.height / max(cell.width, cell.height)
    x, y = ((np.array(FLAT) - 0.5) * (width, height)).T
    pitch, yaw = math.radians(angles.pitch_deg), math.radians(angles.yaw_deg)
    nearer = x * math.sin(yaw)
    across, down = x * math.cos(yaw), y * math.cos(pitch) - nearer * math.sin(pitch)
    nearer = y * math.sin(pitch) + nearer * math.cos(pitch)
    larger = angles.distance / (angles.distance - nearer)
    return _rounded(np.stack([across * larger / width, down * larger / height], axis=-1) + 0.5)


def fitted_corners(angles: TiltAngles, cell: Size) -> Corners:
    """The same in the middle of the cell, and small enough that no corner leaves it."""
    corners = np.array(turned_corners(angles, cell))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return _rounded((corners - (low + high) / 2) / max(1.0, *(high - low)) + 0.5)


def _tilted_by_moves(cell: Cell, rests: Sequence[PlannedRest], degrees: float) -> Cell:
    angles = dict(_angle_keys(rests, degrees))
    if not angles:
        return cell
    corners = tuple(turned_corners(TiltAngles(*angles[frame]), cell.size) for frame in sorted(angles))
    still = (0.0,) * len(corners)
    tilt = Camera(tuple(sorted(angles)), (1.0,) * len(corners), still, still, corners)
    frames = sorted({*cell.camera.frame, *tilt.frame})
    camera = replace(cell.camera.resampled(frames, frames), corners=tilt.resampled(frames, frames).corners)
    return replace(cell, camera=camera)


def _angle_keys(rests: Sequence[PlannedRest], degrees: float) -> Iterator[tuple[int, _Angles]]:
    """The tilt at its keys: full as the camera arrives, taken back in the hold; against it as the camera leaves."""
    for before, after in pairwise(rests):
        start, arrives = before.rest.end - 1, after.rest.first
        comes_closer = after.crop.width <= before.crop.width
        wide, close = (before, after) if comes_closer else (after, before)
        towards = _direction(wide, close)
        length, hold = arrives - start, after.rest.end - 1 - arrives
        if towards is None or length < EASED_FRAMES or after.rest.easing == "cut":
            continue
        sign = degrees if comes_closer else -degrees
        full = (sign * towards[1], sign * towards[0])
        back = min(length, int(hold * _LONGEST_HOLD_SHARE)) if comes_closer else 0
        # Where there is no time in the hold, and where the camera leaves, all of it happens on the way.
        peak, end = (arrives, arrives + back) if back >= EASED_FRAMES else (start + length // 2, arrives)
        yield from _eased(start, peak, (0.0, 0.0), full)
        yield from _eased(peak, end, full, (0.0, 0.0))


def _direction(wide: PlannedRest, close: PlannedRest) -> _Angles | None:
    """The direction, of length 1, in which a close view lies from the middle of a wide one; None: straight ahead."""
    x = (close.crop.center_x - wide.crop.center_x) / wide.crop.width
    y = (close.crop.center_y - wide.crop.center_y) / wide.crop.height
    way = math.hypot(x, y)
    return None if way < _STRAIGHT else (x / way, y / way)


def _eased(start: int, end: int, before: _Angles, after: _Angles) -> Iterator[tuple[int, _Angles]]:
    steps = SMOOTHERSTEP if end - start >= EASED_FRAMES else ()
    for time, share in ((0.0, 0.0), *steps, (1.0, 1.0)):
        pitch, yaw = (a + share * (b - a) for a, b in zip(before, after, strict=True))
        yield start + round(time * (end - start)), (pitch, yaw)


def _rounded(corners: np.typing.NDArray[np.float64]) -> Corners:
    return tuple((float(x), float(y)) for x, y in np.round(corners, _DECIMALS))  # type: ignore[return-value]
