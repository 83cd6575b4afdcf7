"""What lies beneath the picture of a cell: a colour, a gradient or a blurred copy, and the shadow of the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.backgrounds import gradient_of
from panscan.model.framing import (
    BLUR_REDUCTION,
    BLUR_SIGMA_PX,
    SHADOW_DROP_SHARE,
    SHADOW_OPACITY,
    SHADOW_SIGMA_SHARE,
    FloatArray,
)
from panscan.model.geometry import Size
from panscan.render.picture.corner_pin import middle_step
from panscan.render.picture.planes import PlanarFormat, Plane, Siting, background_yuv

_SHADOW_REDUCTION = 8  # px of the source per sample of its shadow, which is softer than that
_SIGMA_STEPS = 4  # samples of a shadow are computed per standard deviation: between them it is smooth
_OPAQUE = 255  # of what is seen of a picture
_SHADOW_REACH = 3  # standard deviations: beyond, nothing of a shadow is seen
_DITHER_SEED = 0  # any: the noise must only be the same in every picture


@lru_cache(maxsize=4)  # all clips of a cut, and its worker threads, mostly have one background
def background_planes(background: str, canvas: Size, fmt: PlanarFormat, matrix: int, colour_range: int) -> list[Plane]:
    """The planes of a canvas that shows nothing but its background; black stands for a blurred copy.

    A colour is one column, to be repeated. Gradients have whole planes with noise of one level, or bands would be seen.
    """
    upper, lower = gradient_of(background)
    ends = [background_yuv(colour, fmt, matrix, colour_range) for colour in (upper, lower)]
    found = []
    for n, (first, last) in enumerate(zip(*ends, strict=True)):
        sub_x, sub_y = (1, 1) if n == 0 else (fmt.sub_x, fmt.sub_y)
        rows, columns = -(-canvas.height // sub_y), -(-canvas.width // sub_x)
        values = first + (last - first) * (np.arange(rows)[:, None] + 0.5) / rows
        if first != last:
            values = np.floor(values + np.random.default_rng(_DITHER_SEED).random((rows, columns)))
        found.append(np.clip(values, 0, fmt.peak).astype(fmt.dtype))
    return found


def draw_blurred(source: Plane, target: Plane, into: Siting, cell: Size, picture: Size) -> None:
    """Fill a cell's part of a plane with an enlarged and blurred copy of the source that covers it."""
    # Blurring a small copy costs a sixteenth of blurring the picture, and looks the same.
    small_size = (max(1, source.shape[1] // BLUR_REDUCTION), max(1, source.shape[0] // BLUR_REDUCTION))
    small = cv2.resize(source, small_size, interpolation=cv2.INTER_AREA)
    sigmas = {"sigmaX": BLUR_SIGMA_PX / into.sub_x, "sigmaY": BLUR_SIGMA_PX / into.sub_y}
    small = cv2.GaussianBlur(small, None, **sigmas)  # type: ignore[call-overload]
    zoom = max(cell.width / picture.width, cell.height / picture.height)
    # Part of the picture that covers the cell, centred, in samples of the small copy.
    share = (cell.width / zoom / picture.width, cell.height / zoom / picture.height)
    rows, columns = target.shape
    step = (small.shape[1] * share[0] / columns, small.shape[0] * share[1] / rows)
    start = (small.shape[1] * (1 - share[0]) / 2, small.shape[0] * (1 - share[1]) / 2)
    matrix = np.array(
        [[step[0], 0, start[0] + 0.5 * step[0] - 0.5], [0, step[1], start[1] + 0.5 * step[1] - 0.5]], np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    filled = cv2.warpAffine(small, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    np.copyto(target, filled)


def shadow_under(shown: Plane, matrix: FloatArray, into: Siting, upright: Size) -> npt.NDArray[np.float32]:
    """How dark the shadow of the source is (0 to 1) in a cell's part of a plane; 0 under the picture.

    Parameters
    ----------
    shown : ndarray
        How much of the picture is seen there, 0 to 255.
    matrix : ndarray, shape (3, 3)
        From samples of that part to samples of the (upright) source's plane.
    into : Siting
        Of the source's plane.
    upright : Size
        Of the source's luma.
    """
    shadow, left, top = _shadow(upright)
    by = _SHADOW_REDUCTION
    # Source plane's sample -> luma px from the edge -> sample of the shadow.
    to_shadow = np.array(
        [
            [into.sub_x / by, 0, (into.phase_x + 0.5 - left) / by - 0.5],
            [0, into.sub_y / by, (into.phase_y + 0.5 - top) / by - 0.5],
            [0, 0, 1],
        ]
    )
    rows, columns = shown.shape
    sigma = SHADOW_SIGMA_SHARE * min(upright.width, upright.height)  # luma px
    every = max(1, int(sigma / max(into.sub_x, into.sub_y) / middle_step(matrix, shown.shape) / _SIGMA_STEPS))
    small = (-(-columns // every), -(-rows // every))
    step = (columns / small[0], rows / small[1])
    from_small = np.array([[step[0], 0, (step[0] - 1) / 2], [0, step[1], (step[1] - 1) / 2], [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    dark = cv2.warpPerspective(shadow, to_shadow @ matrix @ from_small, small, flags=flags)
    dark = cv2.resize(dark, (columns, rows), interpolation=cv2.INTER_LINEAR)
    dark[shown == _OPAQUE] = 0
    return np.asarray(dark, np.float32)


def darken(target: Plane, dark: npt.NDArray[np.float32], black: int) -> None:
    """Mix samples with black, as much as they are `dark`."""
    at = dark > 0
    ground = target[at]
    target[at] = np.rint(ground + dark[at] * (np.float32(black) - ground))


@lru_cache(maxsize=8)
def _shadow(picture: Size) -> tuple[npt.NDArray[np.float32], float, float]:
    """Darkness (0 to 1) of the shadow of a picture, reduced, and where its first sample begins, px of the picture."""
    side = min(picture.width, picture.height)
    sigma = SHADOW_SIGMA_SHARE * side
    reach = _SHADOW_REACH * sigma
    across = _blurred_edge(picture.width, sigma, reach)
    down = _blurred_edge(picture.height, sigma, reach)
    dark = np.outer(down, across) * SHADOW_OPACITY
    return dark.astype(np.float32), -reach, SHADOW_DROP_SHARE * side - reach


def _blurred_edge(length: int, sigma: float, reach: float) -> FloatArray:
    """A bar of some length, blurred: its values `_SHADOW_REDUCTION` px apart, from `reach` before it."""
    at = np.arange(-reach + _SHADOW_REDUCTION / 2, length + reach, _SHADOW_REDUCTION)
    return np.array([(math.erf(x / sigma / 2**0.5) - math.erf((x - length) / sigma / 2**0.5)) / 2 for x in at])


def fill(target: Plane, background: Sequence[Any], n: int, rows: slice, columns: slice) -> None:
    """Fill a part of plane `n` with the background's."""
    plane = background[n]
    target[:] = plane[rows] if plane.shape[1] == 1 else plane[rows, columns]
