"""Small pictures from decoded planes or from a larger view, several times faster than FFmpeg's scaler."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Size

Image = npt.NDArray[np.uint8]
Plane = npt.NDArray[Any]

# Rows of a plane that make one row of a sampled view, at least: fewer let fine lines flicker.
LUMA_ROWS, CHROMA_ROWS = 4, 2
_FULL_RANGE = 2  # FFmpeg's number (AVCOL_RANGE_JPEG)
# Luma weights of red and blue by FFmpeg's number of the matrix: BT.709 and BT.2020; all others are taken as BT.601.
_KR_KB = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)
# Levels of limited range in 8 bits (ITU-R BT.601): black, and the steps from there to white and over the chroma scale.
_BLACK_LEVEL, _LUMA_LEVELS, _CHROMA_LEVELS = 16, 219, 224


def averaged(plane: Plane, size: Size, extra_bits: int = 0) -> Image:
    """A plane (h, w) scaled by area averaging; first by halves, which cost a quarter of any other factor."""
    import cv2

    height, width = plane.shape
    while height >= 2 * size.height and width >= 2 * size.width and height % 2 == width % 2 == 0:
        height, width = height // 2, width // 2
        plane = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))
    return _bytes(cv2.resize(plane, (size.width, size.height), interpolation=cv2.INTER_AREA), extra_bits)


def sampled(plane: Plane, size: Size, extra_bits: int = 0, rows: int = LUMA_ROWS) -> Image:
    """A plane (h, w) much reduced: each row of the result is the mean of at least `rows` evenly spaced rows."""
    step = max(1, plane.shape[0] // (rows * size.height))
    return averaged(plane[step // 2 :: step], size, extra_bits)


def grey_levels(luma: Image, color_range: int) -> Image:
    """Luma as grey levels of full range."""
    import cv2

    return luma if color_range == _FULL_RANGE else np.asarray(cv2.LUT(luma, _stretch()), np.uint8)


def yuv_to_rgb(planes: Sequence[Image], colorspace: int, color_range: int, pixels: str) -> Image:
    """Y, Cb, Cr of one size as (h, w, 3) "rgb24" or "bgr24"."""
    import cv2

    matrix = _matrix(colorspace, color_range == _FULL_RANGE)
    order = matrix if pixels == "rgb24" else matrix[::-1].copy()
    return np.asarray(cv2.transform(cv2.merge(list(planes)), order), np.uint8)


def reduced(shared: Image, size: Size, pixels: str) -> Image:
    """A smaller view from a colour view ("rgb24")."""
    import cv2

    image = shared
    if image.shape[:2] != (size.height, size.width):
        image = np.asarray(cv2.resize(image, (size.width, size.height), interpolation=cv2.INTER_AREA), np.uint8)
    if pixels == "rgb24":
        return image
    code = cv2.COLOR_RGB2GRAY if pixels == "gray" else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def _bytes(image: Any, extra_bits: int) -> Image:
    return np.asarray(image if image.dtype == np.uint8 else image >> extra_bits, np.uint8)


@lru_cache(maxsize=1)
def _stretch() -> Image:
    return np.clip(np.rint((np.arange(256) - _BLACK_LEVEL) * 255 / _LUMA_LEVELS), 0, 255).astype(np.uint8)


@lru_cache(maxsize=8)
def _matrix(colorspace: int, full: bool) -> npt.NDArray[np.float32]:
    """Affine (3, 4) from Y, Cb, Cr levels to R, G, B levels."""
    kr, kb = _KR_KB.get(colorspace, _BT601)
    kg = 1 - kr - kb
    y, c, black = (1.0, 1.0, 0.0) if full else (255 / _LUMA_LEVELS, 255 / _CHROMA_LEVELS, float(_BLACK_LEVEL))
    linear = np.array(
        [
            [y, 0, 2 * (1 - kr) * c],
            [y, -2 * kb * (1 - kb) / kg * c, -2 * kr * (1 - kr) / kg * c],
            [y, 2 * (1 - kb) * c, 0],
        ]
    )
    return np.column_stack([linear, -linear @ [black, 128, 128]]).astype(np.float32)
