"""Two canvases, one fading into the other: their coded samples are averaged, as editors do it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from panscan.render.picture.planes import PLANAR_FORMATS, views


def mix(under: Any, over: Any, share: float) -> Any:
    """`under` with so much of `over` mixed in; its own samples are replaced. Both are of one size and format."""
    fmt = PLANAR_FORMATS[under.format.name]
    for one, other in zip(views(under, fmt), views(over, fmt), strict=True):
        np.copyto(one, cv2.addWeighted(one, 1 - share, other, share, 0))
    return under
