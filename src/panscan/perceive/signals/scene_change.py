"""A quick test for another scene, on a few hundred pixels of a view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SCENE_CHANGE_LEVELS = 25.0  # mean over the picture: motion within a shot stays below
_STRIDE_PX = 16  # of the pixels that are compared

Thumbnail = npt.NDArray[np.int16]


def thumbnail(image: npt.NDArray[np.uint8]) -> Thumbnail:
    """Every sixteenth pixel of a view, both ways."""
    return image[_STRIDE_PX // 2 :: _STRIDE_PX, _STRIDE_PX // 2 :: _STRIDE_PX].astype(np.int16)


def mean_change_levels(before: Thumbnail | None, now: Thumbnail) -> float:
    """Mean difference of two thumbnails in levels; infinite where there is none before."""
    return float("inf") if before is None else float(np.abs(now - before).mean())
