"""How far one picture lies beside another: by least squares where it is near, by phase correlation where it is not."""

from __future__ import annotations

import cv2
import numpy as np

from panscan.verify.measure.planes import Gray

_ROW_STEP = 3
_DAMPING = 1e-3
_ZOOM_DAMPING = 1e-2


def small_offset(output: Gray, expected: Gray) -> tuple[float, float, float, float]:
    """Displacement of the output against the expected view by least squares: exact up to a px or two.

    Returns
    -------
    x, y, zoom_x, zoom_y : float
        px in the middle, and how many px more at the right and the lower edge: what a wrong size does.
    """
    # A gradient spans three rows, so no line is missed by looking at every third; and it is a third of the work.
    rows = slice(1, -1, _ROW_STEP)
    middle = expected[rows, 1:-1]
    gx = (expected[rows, 2:] - expected[rows, :-2]) / 2
    gy = (expected[2::_ROW_STEP, 1:-1][: len(middle)] - expected[:-2:_ROW_STEP, 1:-1][: len(middle)]) / 2
    difference = middle - output[rows, 1:-1]
    across = np.linspace(-1, 1, gx.shape[1], dtype=np.float32)
    down = np.linspace(-1, 1, gx.shape[0], dtype=np.float32)[:, None]
    causes = (gx, gy, gx * across, gy * down)
    squares = np.array([[float(np.vdot(a, b)) for b in causes] for a in causes])
    # Where one direction has no structure (a horizon), nothing is said about it.
    strength = float(squares[0, 0] + squares[1, 1])
    squares[np.diag_indices(4)] += np.array([_DAMPING, _DAMPING, _ZOOM_DAMPING, _ZOOM_DAMPING]) * strength + 1e-6
    x, y, zoom_x, zoom_y = np.linalg.solve(squares, [float(np.vdot(a, difference)) for a in causes])
    return float(x), float(y), float(zoom_x), float(zoom_y)


def large_offset(output: Gray, expected: Gray, reduction: int) -> tuple[tuple[float, float], float]:
    """Displacement by phase correlation, and how sure it is (0..1).

    An enlarged picture holds nothing at high frequencies, which phase correlation weighs as much as all others:
    both are reduced to about the source's own size first.
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
