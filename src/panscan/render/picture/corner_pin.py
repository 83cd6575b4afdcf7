"""Cells that show their source through a homography per frame.

Either the camera is tilted, or a corner pin is given to the renderer that is not part of the timeline: to straighten a
screen filmed at an angle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import UsageError
from panscan.model.framing import Cell, FloatArray
from panscan.render.picture.kernels import FREE_REDUCTION, AxisSampling, resample
from panscan.render.picture.planes import Siting
from panscan.timeline.cut import Cut

Plane = npt.NDArray[Any]

# Samples. Positions this far outside the picture still count as inside: matrices come from rounded corners.
_EDGE_SLACK = 0.02
_OPAQUE = 255  # of a mask


@dataclass(frozen=True, slots=True, eq=False)
class CornerPin:
    """Homographies for one cell of one clip, in place of its camera.

    Attributes
    ----------
    clip : int
        Number of the clip, from 0, among the visible clips of the timeline.
    cell : int
        Number of the cell, from 0.
    matrices : ndarray, shape (frames of the clip, 3, 3)
        From canvas px (x, y, 1) to display px of the source. Both count from the top left corner: the middle of the
        first px is at (1/2, 1/2).
    """

    clip: int
    cell: int
    matrices: FloatArray


def check_corner_pins(corner_pins: Sequence[CornerPin], cut: Cut) -> None:
    """Refuse corner pins that do not fit a cut.

    Raises
    ------
    UsageError
        There is no such cell, the clip has not as many frames as there are matrices, or a matrix turns a part of the
        cell inside out.
    """
    for pin in corner_pins:
        name = f"corner pin of clip {pin.clip}, cell {pin.cell}"
        fix = "Give one 3x3 matrix per frame of the clip, canvas px to source px, for a cell that is there."
        if not 0 <= pin.clip < len(cut.clips) or not 0 <= pin.cell < len(cut.clips[pin.clip].framing.cells):
            raise UsageError(f"there is nothing for the {name}", why="The timeline has no such cell.", fix=fix)
        clip = cut.clips[pin.clip]
        if pin.matrices.shape != (clip.frame_count, 3, 3) or not np.isfinite(pin.matrices).all():
            why = f"It is {pin.matrices.shape}, and the clip has {clip.frame_count} frames."
            raise UsageError(f"the {name} does not fit", why=why, fix=fix)
        depth = pin.matrices[:, 2] @ _corners(clip.framing.cells[pin.cell])
        if (depth <= 0).any() or (np.linalg.det(pin.matrices) == 0).any():
            raise UsageError(f"the {name} folds the picture", why="A corner of the cell looks backwards.", fix=fix)


def _corners(cell: Cell) -> FloatArray:
    """Corners of a cell in canvas px, as columns (x, y, 1)."""
    right, bottom = cell.left_px + cell.size.width, cell.top_px + cell.size.height
    xs, ys = (cell.left_px, right, cell.left_px, right), (cell.top_px, cell.top_px, bottom, bottom)
    return np.array([xs, ys, (1, 1, 1, 1)], np.float64)


def plane_matrix(
    matrix: FloatArray, out: Siting, into: Siting, density: tuple[float, float], origin: tuple[int, int]
) -> FloatArray:
    """A homography between samples of planes.

    Parameters
    ----------
    matrix : ndarray, shape (3, 3)
        Canvas px -> source display px.
    out, into : Siting
        Of the canvas's and the (upright) source's plane.
    density : tuple of float
        Decoded px per display px, per axis.
    origin : tuple of int
        Column and row of the canvas's plane that the result calls 0, 0.
    """
    canvas = np.array(
        [
            [out.sub_x, 0, out.sub_x * origin[0] + out.phase_x + 0.5],
            [0, out.sub_y, out.sub_y * origin[1] + out.phase_y + 0.5],
            [0, 0, 1],
        ]
    )
    source = np.array(
        [
            [density[0] / into.sub_x, 0, -(0.5 + into.phase_x) / into.sub_x],
            [0, density[1] / into.sub_y, -(0.5 + into.phase_y) / into.sub_y],
            [0, 0, 1],
        ]
    )
    return np.asarray(source @ matrix @ canvas, np.float64)


def stays_inside(matrix: FloatArray, out: Plane, plane: Plane, inset: float = 0.0) -> bool:
    """Whether all of `out` lies in `plane` through `matrix` (`plane_matrix`), by `inset` samples away from its edge."""
    rows, columns = out.shape
    # Straight lines stay straight, so it is enough to look at the corners.
    corners = np.array([[0, columns - 1, 0, columns - 1], [0, 0, rows - 1, rows - 1], [1, 1, 1, 1]], np.float64)
    x, y, w = matrix @ corners
    limit = np.array(plane.shape)[::-1, None] - 0.5 + _EDGE_SLACK - inset
    at = np.stack([x, y]) / w
    return bool((at >= -0.5 - _EDGE_SLACK + inset).all() and (at <= limit).all())


def warp(plane: Plane, out: Plane, matrix: FloatArray, peak: int) -> None:
    """Fill `out` with `plane` through `matrix` (`plane_matrix`); beside the plane its edge is repeated."""
    plane, matrix = _reduced(plane, out, matrix, peak)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cv2.warpPerspective(plane, matrix, out.shape[::-1], out, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if out.dtype == np.uint16:
        np.minimum(out, np.uint16(peak), out=out)


def warped_mask(mask: Plane, out: Plane, matrix: FloatArray) -> Plane:
    """How much of a plane with a mask (`picture_mask`) is seen in the samples of `out`, 0 to 255."""
    mask, matrix = _reduced(mask, out, matrix, _OPAQUE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(mask, matrix, out.shape[::-1], flags=flags))


def lay_over(picture: Plane, out: Plane, shown: Plane) -> None:
    """Lay a picture over what is in `out`, as much of it as is `shown`: 0 to 255."""
    np.copyto(out, picture, where=shown == _OPAQUE)
    edge = (shown > 0) & (shown < _OPAQUE)
    share = shown[edge] / np.float32(_OPAQUE)
    out[edge] = np.rint(out[edge] * (1 - share) + picture[edge] * share)


@lru_cache(maxsize=16)  # one per plane of each media; chroma planes share theirs
def picture_mask(width: int, height: int, radius: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """What of a plane is seen, 0 to 255: all of it but its corners, with a radius across and down in samples."""
    mask = np.full((height, width), _OPAQUE, np.uint8)
    columns, rows = (min(math.ceil(r), side // 2) for r, side in zip(radius, (width, height), strict=True))
    if not columns or not rows:
        return mask
    x = (np.arange(columns) + 0.5 - radius[0]) / radius[0]
    y = (np.arange(rows) + 0.5 - radius[1]) / radius[1]
    beyond = (np.hypot.outer(np.minimum(y, 0), np.minimum(x, 0)) - 1) * min(radius)  # samples outside the arc
    corner = np.rint(_OPAQUE * np.clip(0.5 - beyond, 0, 1)).astype(np.uint8)
    mask[:rows, :columns], mask[:rows, width - columns :] = corner, corner[:, ::-1]
    mask[height - rows :] = mask[:rows][::-1]
    return mask


def middle_step(matrix: FloatArray, shape: tuple[int, ...]) -> float:
    """How many samples of a plane lie under one sample in the middle of a view of some shape, across and down alike."""
    middle = np.array([shape[1] / 2, shape[0] / 2])
    around = middle[:, None] + np.array([[0, 1, 0], [0, 0, 1]])
    x, y, w = matrix @ np.vstack([around, np.ones(3)])
    (x0, x1, x2), (y0, y1, y2) = x / w, y / w
    return math.sqrt(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)))


def _reduced(plane: Plane, out: Plane, matrix: FloatArray, peak: int) -> tuple[Plane, FloatArray]:
    """The plane made smaller where the middle of `out` reduces it, until the kernel shows no aliasing."""
    by = middle_step(matrix, out.shape) / FREE_REDUCTION
    if by <= 1:
        return plane, matrix
    height, width = (max(1, round(side / by)) for side in plane.shape)
    step_x, step_y = plane.shape[1] / width, plane.shape[0] / height
    small = np.empty((height, width), plane.dtype)
    # Sample j of the smaller plane is centred on step * j + (step - 1) / 2.
    axes = (AxisSampling(step_x, (step_x - 1) / 2), AxisSampling(step_y, (step_y - 1) / 2))
    resample(plane, small, *axes, peak)
    shift_x, shift_y = -(step_x - 1) / (2 * step_x), -(step_y - 1) / (2 * step_y)
    return small, np.array([[1 / step_x, 0, shift_x], [0, 1 / step_y, shift_y], [0, 0, 1]]) @ matrix
