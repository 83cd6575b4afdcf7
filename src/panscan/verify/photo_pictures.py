"""Reading a photo for the verifier: the one picture of a still, upright, in the colours of HD movies.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself: OpenCV decodes where Pillow does
there, but for kinds of files that it does not know; turns and colours are computed here.
"""

from __future__ import annotations

import io
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan.decoding.photo import opened_photo
from panscan.errors import InputError
from panscan.verify.picture_tags import Tags
from panscan.verify.source_pictures import SourcePictures

_BT709, _LIMITED = 1, 1  # by ITU-T H.273, and FFmpeg's number of the range
_KEPT_PHOTOS = 2  # in memory: two are seen at once in a dissolve
_ORIENTATION = 274  # EXIF tag
_GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "I;16L", "I;16B"})  # Pillow's names
_RED, _BLUE = 0.2126, 0.0722  # luma weights of ITU-R BT.709
# From RGB levels to luma and chroma of limited range, by the same recommendation.
_LUMA_LEVELS, _CHROMA_LEVELS, _BLACK, _GREY = 219 / 255, 224 / 255, 16.0, 128.0
_TO_LUMA = np.array([_RED, 1 - _RED - _BLUE, _BLUE])
_TO_YUV = np.array(
    [
        [*(_LUMA_LEVELS * _TO_LUMA), _BLACK],
        [*(_CHROMA_LEVELS / (2 * (1 - _BLUE)) * (np.array([0, 0, 1]) - _TO_LUMA)), _GREY],
        [*(_CHROMA_LEVELS / (2 * (1 - _RED)) * (np.array([1, 0, 0]) - _TO_LUMA)), _GREY],
    ],
    np.float32,
)

Levels = npt.NDArray[np.uint8]


class PhotoPictures(SourcePictures):
    """The one picture of a photo."""

    def __init__(self, path: Path) -> None:
        """Read a photo.

        Raises
        ------
        InputError
            It is missing or cannot be read.
        """
        self.path = path
        self.offsets_s = (Fraction(0),)
        self.index, self.time_base = 0, Fraction(1)
        self.pts = np.zeros(1, np.int64)
        picture = self.frame(0)
        colours = (_BT709, _BT709, _BT709, _LIMITED)
        self.tags = Tags(picture.width, picture.height, 0, False, Fraction(1), picture.format.name, *colours, False)

    def close(self) -> None:
        """Nothing is open."""

    def frame(self, number: int) -> Any:
        """The photo, as the only picture; None for any other number."""
        return _frame(self.path) if number == 0 else None


@lru_cache(maxsize=_KEPT_PHOTOS)
def _frame(path: Path) -> Any:
    yuv = np.asarray(cv2.transform(_rgb(path), _TO_YUV), np.uint8)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(np.moveaxis(yuv, 2, 0)), format="yuv444p")


def _rgb(path: Path) -> Levels:
    """All pixels, upright, in sRGB on black: RGB (h, w, 3)."""
    if not path.is_file():
        raise InputError(
            f"{path} does not exist",
            why="The timeline refers to it; without the source nothing can be compared.",
            fix="Put the file back, or correct its path in the timeline.",
        )
    try:
        with opened_photo(path) as file:
            turn, profile = int(file.getexif().get(_ORIENTATION, 1)), file.info.get("icc_profile")
            is_grey = file.mode in _GREY_MODES
            ink = np.asarray(file) if file.mode == "CMYK" else None
    except (OSError, SyntaxError) as error:
        raise InputError(f"the photo {path} cannot be read", why=f"{error}.", fix="Save it again.") from error
    levels, alpha = _decoded(path) if ink is None else (ink, None)
    levels = _in_srgb(levels[..., 0] if is_grey else levels, profile)
    if alpha is not None:
        levels = (levels * (alpha[..., None] / np.float32(255)) + np.float32(0.5)).astype(np.uint8)
    return _upright(levels, turn)


def _in_srgb(levels: Levels, profile: bytes | None) -> Levels:
    """RGB, grey (h, w), or CMYK of a printer, by its colour profile in sRGB."""
    from PIL import Image, ImageCms

    image = Image.fromarray(levels, "L" if levels.ndim == 2 else "CMYK" if levels.shape[2] == len("CMYK") else "RGB")
    if profile is not None:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):  # a damaged profile says nothing
            own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            return np.asarray(ImageCms.profileToProfile(image, own, srgb, outputMode="RGB"), np.uint8)
    return np.asarray(image.convert("RGB"), np.uint8)


def _decoded(path: Path) -> tuple[Levels, Levels | None]:
    """RGB (h, w, 3) and transparency (h, w) as stored, 8 bits each."""
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    stored = cv2.imdecode(np.fromfile(path, np.uint8), flags)
    if stored is None or stored.dtype not in (np.uint8, np.uint16):
        with opened_photo(path) as file:  # HEIC, and levels with fractions: only Pillow decodes them
            return np.asarray(file.convert("RGB")), None
    deep = stored.dtype == np.uint16
    levels = np.asarray(stored / np.float32(257) + np.float32(0.5) if deep else stored).astype(np.uint8)
    if levels.ndim == 2:
        return np.repeat(levels[..., None], 3, axis=2), None
    return np.ascontiguousarray(levels[..., 2::-1]), levels[..., 3] if levels.shape[2] == 4 else None


def _upright(levels: Levels, turn: int) -> Levels:
    """Rows and columns in the order in which EXIF says they are shown: 1 as stored, 6 turned clockwise, and so on."""
    if turn in (5, 6, 7, 8):
        levels = levels.swapaxes(0, 1)
    if turn in (2, 3, 6, 7):
        levels = levels[:, ::-1]
    if turn in (3, 4, 7, 8):
        levels = levels[::-1]
    return np.ascontiguousarray(levels)
