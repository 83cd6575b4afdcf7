"""What a blurred background should look like: a smooth copy of the source that covers its cell."""

from __future__ import annotations

import cv2
import numpy as np

from panscan.model.framing import BLUR_REDUCTION, BLUR_SIGMA_PX, Cell, Framing
from panscan.verify.measure.crop_views import averaged_view
from panscan.verify.measure.planes import Gray, Plane


def blurred_view(plane: Plane, cell: Cell, framing: Framing, size: tuple[int, int]) -> Gray:
    """The background of a cell at a size (width, height), from the luma of the source."""
    copy = (max(2, framing.source.width // BLUR_REDUCTION), max(2, framing.source.height // BLUR_REDUCTION))
    small, _ = averaged_view(plane, (0, 0, plane.width, plane.height), copy)
    smooth = cv2.GaussianBlur(small, (0, 0), BLUR_SIGMA_PX * copy[1] * BLUR_REDUCTION / framing.source.height)
    # The middle of the copy that has the cell's shape.
    shape, cell_shape = framing.source.width / framing.source.height, cell.size.width / cell.size.height
    seen = (round(copy[0] * min(1, cell_shape / shape)), round(copy[1] * min(1, shape / cell_shape)))
    middle = cv2.getRectSubPix(smooth, (max(1, seen[0]), max(1, seen[1])), ((copy[0] - 1) / 2, (copy[1] - 1) / 2))
    return np.asarray(cv2.resize(middle, size, interpolation=cv2.INTER_LINEAR), np.float32)
