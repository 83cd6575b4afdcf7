"""The homographies of cells whose picture is tilted, has round corners or throws a shadow: from canvas to source."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.corners import FLAT
from panscan.model.framing import Cell, FloatArray, Framing
from panscan.model.geometry import Size


def warped_cells(framing: Framing, first: int, count: int) -> dict[int, FloatArray]:
    """By number of a cell that is to be warped: homographies (count, 3, 3) from canvas px to display px."""
    has_looks = framing.corner_radius_px > 0 or framing.has_shadow
    frames = range(first, first + count)
    return {
        number: tilt_matrices(cell, frames, framing.source)
        for number, cell in enumerate(framing.cells)
        if has_looks or cell.camera.is_tilted
    }


def flat_frames(cell: Cell, frames: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """At which frames (n,) a cell is not tilted."""
    return np.asarray((cell.camera.sample_corners(frames) == np.array(FLAT)).all(axis=(1, 2)))


def tilt_matrices(cell: Cell, frames: range, source: Size) -> FloatArray:
    """From canvas px to display px of the source at `frames`: array (n, 3, 3)."""
    if cell.camera.is_static:
        return np.repeat(_matrices(cell, frames[:1], source), len(frames), axis=0)
    return _matrices(cell, frames, source)


def _matrices(cell: Cell, frames: range, source: Size) -> FloatArray:
    crops = cell.crops(frames, source)
    corners = cell.camera.sample_corners(frames)
    place = np.array([cell.left_px, cell.top_px]) + corners * (cell.size.width, cell.size.height)
    flat = np.array(FLAT)
    return np.stack(
        [
            # OpenCV wants 32-bit floats: off by a ten thousandth of a px on the largest canvas.
            cv2.getPerspectiveTransform(at.astype(np.float32), (crop[:2] + flat * crop[2:]).astype(np.float32))
            for at, crop in zip(place, crops, strict=True)
        ]
    )
