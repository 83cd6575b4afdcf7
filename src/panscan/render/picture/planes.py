"""The planes of a decoded picture as arrays without a copy: formats, siting of chroma, turning, background colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import DocumentError
from panscan.model.geometry import Size

Plane = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PlanarFormat:
    """A planar YUV format.

    Attributes
    ----------
    name : str
        FFmpeg's.
    bits : int
        Per sample.
    sub_x, sub_y : int
        Luma samples per chroma sample, across and down.
    """

    name: str
    bits: int
    sub_x: int
    sub_y: int

    @property
    def peak(self) -> int:
        """Largest sample value."""
        return (1 << self.bits) - 1

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """Sample type."""
        return np.uint8 if self.bits == 8 else np.uint16


PLANAR_FORMATS = {
    f.name: f
    for f in (
        PlanarFormat("yuv420p", 8, 2, 2),
        PlanarFormat("yuv422p", 8, 2, 1),
        PlanarFormat("yuv444p", 8, 1, 1),
        PlanarFormat("yuv420p10le", 10, 2, 2),
        PlanarFormat("yuv422p10le", 10, 2, 1),
        PlanarFormat("yuv444p10le", 10, 1, 1),
    )
}


@dataclass(frozen=True, slots=True)
class Siting:
    """Where the samples of one plane lie: on each axis, sample i at luma index sub * i + phase.

    Attributes
    ----------
    sub_x, sub_y : int
        Luma samples per sample, across and down.
    phase_x, phase_y : float
        Luma index of the first sample.
    """

    sub_x: int
    sub_y: int
    phase_x: float
    phase_y: float

    def mirrored(self, luma: Size, plane: Size) -> Siting:
        """The siting after the plane was mirrored left to right."""
        phase_x = luma.width - 1 - self.phase_x - self.sub_x * (plane.width - 1)
        return Siting(self.sub_x, self.sub_y, phase_x, self.phase_y)

    def turned(self, quarter_turns: int, luma: Size, plane: Size) -> Siting:
        """The siting after the plane was turned counter-clockwise; the sizes are those before turning."""
        if quarter_turns == 0:
            return self
        mirror_x = luma.width - 1 - self.phase_x - self.sub_x * (plane.width - 1)
        mirror_y = luma.height - 1 - self.phase_y - self.sub_y * (plane.height - 1)
        if quarter_turns == 1:  # left edge comes from the top edge, top edge from the right edge
            return Siting(self.sub_y, self.sub_x, self.phase_y, mirror_x)
        if quarter_turns == 2:
            return Siting(self.sub_x, self.sub_y, mirror_x, mirror_y)
        return Siting(self.sub_y, self.sub_x, mirror_y, self.phase_x)


def siting(fmt: PlanarFormat, plane: int, *, centred: bool = False) -> Siting:
    """Siting of plane 0 (luma), 1 or 2 (chroma).

    Chroma sits on the left luma column, half way between rows: the rule of MPEG-2, H.264 and HEVC where nothing
    else is said. JPEG centres it in both directions.
    """
    if plane == 0:
        return Siting(1, 1, 0.0, 0.0)
    return Siting(fmt.sub_x, fmt.sub_y, (fmt.sub_x - 1) / 2 if centred else 0.0, (fmt.sub_y - 1) / 2)


def working_format(name: str) -> str:
    """The format in which a picture is composed: its own if that is a known planar one, else the nearest of these."""
    plain = name.replace("yuvj", "yuv")
    if plain in PLANAR_FORMATS:
        return plain
    fmt = av.VideoFormat(name)
    depth = "10le" if max(c.bits for c in fmt.components) > 8 else ""
    if fmt.is_rgb or fmt.has_palette or len(fmt.components) < 3:
        return f"yuv420p{depth}"  # 4:4:4 would keep more of a screen recording, but few players show it
    width = 64  # any multiple of all subsamplings
    sub_x = width // fmt.chroma_width(width)
    sub_y = width // fmt.chroma_height(width)
    return {(1, 1): "yuv444p", (2, 1): "yuv422p"}.get((sub_x, sub_y), "yuv420p") + depth


def views(frame: Any, fmt: PlanarFormat) -> tuple[Plane, Plane, Plane]:
    """The three planes of a frame as arrays, without a copy."""
    found = []
    for plane in frame.planes[:3]:
        samples = np.frombuffer(plane, fmt.dtype)
        pitch = plane.line_size // samples.itemsize
        found.append(samples[: pitch * plane.height].reshape(-1, pitch)[:, : plane.width])
    return found[0], found[1], found[2]


_TURNS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def turn(plane: Plane, quarter_turns: int, *, is_mirrored: bool = False) -> Plane:
    """The plane mirrored left to right, if it must be, and turned counter-clockwise."""
    if is_mirrored:
        plane = cv2.flip(plane, 1)
    return cv2.rotate(plane, _TURNS[quarter_turns]) if quarter_turns else plane


# Luma weights of red and blue by matrix number of ITU-T H.273 (BT.709, FCC, BT.601 twice, SMPTE 240M, BT.2020 twice).
_LUMA_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
_FULL_RANGE = 2  # FFmpeg's number (AVCOL_RANGE_JPEG)
# Levels of limited range in 8 bits (ITU-R BT.709): black, luma from black to white, chroma from end to end; no chroma.
_LIMITED_LEVELS, _FULL_LEVELS = (16, 219, 224), (0, 255, 255)
_NO_CHROMA_LEVEL = 128


@lru_cache(maxsize=64)
def background_yuv(background: str, fmt: PlanarFormat, matrix: int, colour_range: int) -> tuple[int, int, int]:
    """Sample values of a background: "black", "#rrggbb", or black behind "blur".

    Raises
    ------
    DocumentError
        `background` is none of these.
    """
    if background in ("black", "blur"):
        rgb = (0.0, 0.0, 0.0)
    elif re.fullmatch(r"#[0-9a-fA-F]{6}", background):
        rgb = tuple(int(background[n : n + 2], 16) / 255 for n in (1, 3, 5))  # type: ignore[assignment]
    else:
        raise DocumentError(
            f"unknown background {background!r}",
            why='A framing\'s background is "black", "blur" or a colour.',
            fix='Write a colour as "#rrggbb", for example "#1a1a1a".',
        )
    red_weight, blue_weight = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS[1])
    red, green, blue = rgb
    luma = red_weight * red + (1 - red_weight - blue_weight) * green + blue_weight * blue
    chroma = ((blue - luma) / (2 * (1 - blue_weight)), (red - luma) / (2 * (1 - red_weight)))
    unit = 1 << (fmt.bits - 8)  # of this depth per level of 8 bits
    black, luma_levels, chroma_levels = _FULL_LEVELS if colour_range == _FULL_RANGE else _LIMITED_LEVELS
    values = [round(unit * (black + luma_levels * luma))]
    values += [round(unit * (_NO_CHROMA_LEVEL + chroma_levels * c)) for c in chroma]
    return tuple(min(max(v, 0), fmt.peak) for v in values)  # type: ignore[return-value]
