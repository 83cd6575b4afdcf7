"""Corner pins: a cell that shows its source through a homography per frame, to straighten a screen filmed at an angle.

Cameras have only a scale and a position. Corner pins are not part of the timeline and are given to the renderer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import UsageError
from panscan.model.framing import Cell, FloatArray
from panscan.render.picture.planes import Siting
from panscan.timeline.cut import Cut

Plane = npt.NDArray[Any]

# Samples. Positions this far outside the picture still count as inside: matrices come from rounded corners.
_EDGE_SLACK = 0.02


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


def stays_inside(matrix: FloatArray, out: Plane, plane: Plane) -> bool:
    """Whether all of `out` (columns and rows of samples) lies in `plane` through `matrix` (`plane_matrix`)."""
    rows, columns = out.shape
    # Straight lines stay straight, so it is enough to look at the corners.
    corners = np.array([[0, columns - 1, 0, columns - 1], [0, 0, rows - 1, rows - 1], [1, 1, 1, 1]], np.float64)
    x, y, w = matrix @ corners
    limit = np.array(plane.shape)[::-1, None] - 0.5 + _EDGE_SLACK
    at = np.stack([x, y]) / w
    return bool((at >= -0.5 - _EDGE_SLACK).all() and (at <= limit).all())


def warp(plane: Plane, out: Plane, matrix: FloatArray, peak: int) -> None:
    """Fill `out` with `plane` through `matrix` (`plane_matrix`); what lies outside `plane` is not changed."""
    border = cv2.BORDER_REPLICATE
    if not stays_inside(matrix, out, plane):
        # The outermost half sample belongs to the picture; a repeated border gives it a value.
        plane = cv2.copyMakeBorder(np.ascontiguousarray(plane), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        matrix = np.array([[1.0, 0, 1], [0, 1, 1], [0, 0, 1]]) @ matrix
        border = cv2.BORDER_TRANSPARENT
    plane, matrix = _reduced(plane, out, matrix)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cv2.warpPerspective(plane, matrix, out.shape[::-1], out, flags=flags, borderMode=border)
    if out.dtype == np.uint16:
        np.minimum(out, np.uint16(peak), out=out)


def _reduced(plane: Plane, out: Plane, matrix: FloatArray) -> tuple[Plane, FloatArray]:
    """The plane with groups of samples averaged where the middle of `out` reduces it, so that nothing flickers."""
    middle = np.array([out.shape[1] / 2, out.shape[0] / 2])
    around = middle[:, None] + np.array([[0, 1, 0], [0, 0, 1]])
    x, y, w = matrix @ np.vstack([around, np.ones(3)])
    (x0, x1, x2), (y0, y1, y2) = x / w, y / w
    reduction = math.sqrt(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)))
    size = min(math.floor(reduction), *plane.shape)
    if size < 2:
        return plane, matrix
    height, width = plane.shape[0] // size, plane.shape[1] // size
    small = cv2.resize(plane[: height * size, : width * size], (width, height), interpolation=cv2.INTER_AREA)
    # Sample j of the reduced plane is centred on size * j + (size - 1) / 2.
    shift = -(size - 1) / (2 * size)
    return small, np.array([[1 / size, 0, shift], [0, 1 / size, shift], [0, 0, 1]]) @ matrix
