"""The offset between two pictures: by least squares if it is small, by phase correlation if it is not."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.verify.measure.cells import Stack
from panscan.verify.measure.planes import Gray

_Floats = npt.NDArray[np.floating[Any]]

_ROW_STEP = 3  # a gradient spans three rows: each row is used once, for a third of the work
# Shares of the gradients' energy, added to the equations of offset and zoom: where one direction has no structure (a
# horizon) or the zoom cannot be distinguished, they are 0.
_DAMPING = 1e-3
_ZOOM_DAMPING = 1e-2
_MIN_ENERGY = 1e-6  # so that flat pictures have a solution


def small_offset(output: Stack, expected: Stack, down: Gray) -> tuple[float, float, float, float]:
    """Offset of the output from the expected view by least squares: exact up to a px or two.

    Parameters
    ----------
    output, expected : ndarray, shape (bands, rows, columns)
    down : ndarray, shape (bands, rows)
        Where each row lies: -1 at the upper edge of the picture, 1 at the lower one.

    Returns
    -------
    x, y, zoom_x, zoom_y : float
        px in the middle, and how many px more at the right and at the lower edge: the effect of a wrong size.
    """
    x, y, zoom_x, zoom_y = _solved(*_zoom_effects(output, expected, down))
    return x, y, zoom_x, zoom_y


def small_turn(output: Stack, expected: Stack, down: Gray, half_height_px: float) -> tuple[float, float]:
    """How far the output is turned from the expected view: px more at the right and lower edges than in the middle.

    Least squares beside those of `small_offset`, which takes the same. half_height_px: of the picture.
    """
    effects, difference = _zoom_effects(output, expected, down)
    across = np.linspace(-1, 1, difference.shape[2], dtype=np.float32)
    half_width = difference.shape[2] / 2
    rows = down[:, 1:-1:_ROW_STEP, None]
    # Turned about its upright axis, a picture is larger at one side: both directions grow with the way across.
    grown = effects[2] + effects[3] * np.float32(half_height_px / half_width)
    taller = effects[3] + effects[2] * np.float32(half_width / half_height_px)
    *_, yaw, pitch = _solved((*effects, grown * across, taller * rows), difference)
    return yaw, pitch


def _zoom_effects(output: Stack, expected: Stack, down: Gray) -> tuple[tuple[_Floats, ...], _Floats]:
    """What an offset of 1 px and a zoom by 1 px at the edges would change, across and down; and what is changed."""
    rows = slice(1, -1, _ROW_STEP)
    middle = expected[:, rows, 1:-1]
    count = middle.shape[1]
    gx = (expected[:, rows, 2:] - expected[:, rows, :-2]) / 2
    gy = (expected[:, 2::_ROW_STEP, 1:-1][:, :count] - expected[:, :-2:_ROW_STEP, 1:-1][:, :count]) / 2
    across = np.linspace(-1, 1, gx.shape[2], dtype=np.float32)
    return (gx, gy, gx * across, gy * down[:, rows, None]), middle - output[:, rows, 1:-1]


def _solved(effects: tuple[_Floats, ...], difference: _Floats) -> tuple[float, ...]:
    """How much of each effect explains a difference best; the first two are offsets."""
    squares = np.array([[float(np.vdot(a, b)) for b in effects] for a in effects])
    strength = float(squares[0, 0] + squares[1, 1])
    damping = np.array([_DAMPING, _DAMPING, *[_ZOOM_DAMPING] * (len(effects) - 2)])
    squares[np.diag_indices(len(effects))] += damping * strength + _MIN_ENERGY
    return tuple(float(v) for v in np.linalg.solve(squares, [float(np.vdot(a, difference)) for a in effects]))


def large_offset(output: Gray, expected: Gray, reduction: int) -> tuple[tuple[float, float], float]:
    """Offset by phase correlation, and the height of its peak (0..1).

    An enlarged picture has nothing at high frequencies, to which phase correlation gives the same weight as to all
    others. So both pictures are first reduced to about the source's own size.
    """
    size = (max(2, output.shape[1] // reduction), max(2, output.shape[0] // reduction))
    a, b = (cv2.resize(v, size, interpolation=cv2.INTER_AREA) if reduction > 1 else v for v in (expected, output))
    # cv2.phaseCorrelate is 0.5 px off where it has to pad to an odd size: cut to a size that needs no padding.
    rows, columns = (even_dft_size(length) for length in a.shape)
    a, b = (np.ascontiguousarray(v[:rows, :columns], np.float32) for v in (a, b))
    (x, y), response = cv2.phaseCorrelate(a, b, cv2.createHanningWindow((columns, rows), cv2.CV_32F))
    return (float(x) * reduction, float(y) * reduction), float(response)


def even_dft_size(length: int) -> int:
    """Largest even size <= `length` that is a product of 2, 3 and 5."""
    size = length - length % 2
    while size > 2 and cv2.getOptimalDFTSize(size) != size:
        size -= 2
    return size
