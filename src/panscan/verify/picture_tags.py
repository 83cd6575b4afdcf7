"""What a file says of its pictures: size, orientation, pixel aspect, colours, fields, light levels.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

# FFmpeg's AVMasteringDisplayMetadata: ten rationals (x and y of red, green, blue and white, darkest, brightest) and two
# flags that say whether the first eight and the last two are there; and its AVContentLightMetadata.
_MASTERING = struct.Struct("=22i")
_LIGHT = struct.Struct("=2I")
FULL_RANGE = 2  # FFmpeg's number (AVCOL_RANGE_JPEG)


@dataclass(frozen=True, slots=True)
class LightLevels:
    """HDR metadata of a picture; empty where it does not say.

    Attributes
    ----------
    primaries : tuple of eight float
        x and y of red, green, blue and white of the mastering display.
    luminance_nits : tuple of two float
        Its darkest and brightest, cd/m2.
    content_nits : tuple of two int
        MaxCLL and MaxFALL, cd/m2.
    """

    primaries: tuple[float, ...] = ()
    luminance_nits: tuple[float, ...] = ()
    content_nits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tags:
    """What a player needs to show a picture correctly.

    Attributes
    ----------
    width, height : int
        px as coded.
    rotation_deg : int
        Counter-clockwise turn that shows the picture upright, after mirroring.
    is_mirrored : bool
        Mirrored left to right before it is turned.
    pixel_aspect : Fraction
    pixel_format : str
        FFmpeg's name.
    primaries, transfer, matrix, range : int
        By ITU-T H.273; the range by FFmpeg: 1 limited, 2 full.
    is_rgb : bool
        RGB, or a palette of it.
    coded_aspect : Fraction
        The pixel aspect by the coded pictures, which may contradict their container.
    is_as_coded : bool
        It is shown without any display matrix.
    bits : int
        Of a sample.
    codec : str
        FFmpeg's name of its decoder.
    light : LightLevels
    """

    width: int
    height: int
    rotation_deg: int
    is_mirrored: bool
    pixel_aspect: Fraction
    pixel_format: str
    primaries: int
    transfer: int
    matrix: int
    range: int
    is_rgb: bool
    coded_aspect: Fraction = Fraction(1)
    is_as_coded: bool = True
    bits: int = 8
    codec: str = ""
    light: LightLevels = LightLevels()


def tags_of(frame: Any, stream: Any, header: npt.NDArray[np.float64] | None = None) -> Tags:
    """Tags of a decoded frame and its stream.

    header: from `shown_matrix`; what a file's header says of the orientation goes before what FFmpeg makes of it.
    """
    matrix = header if header is not None else _display_matrix(frame)
    rotation_deg, is_mirrored = (round(frame.rotation / 90) % 4 * 90, False) if matrix is None else shown_way(matrix)
    return Tags(
        frame.width,
        frame.height,
        rotation_deg,
        is_mirrored,
        Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        frame.format.name,
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        range_of(frame),
        bool(frame.format.is_rgb or frame.format.has_palette),
        Fraction(stream.codec_context.sample_aspect_ratio or 1) or Fraction(1),
        matrix is None and not frame.rotation,
        int(frame.format.components[0].bits),
        stream.codec_context.name,
        _light_levels(frame),
    )


def range_of(frame: Any) -> int:
    """The range by FFmpeg: 0 where nothing is said, 1 limited, 2 full."""
    return FULL_RANGE if frame.format.name.startswith("yuvj") else int(frame.color_range)


def shown_way(matrix: npt.NDArray[np.float64]) -> tuple[int, bool]:
    """Counter-clockwise turn in degrees, and whether the picture is mirrored left to right before it.

    Read from where a matrix ((a, b), (c, d)) takes the picture's right and lower edges: the point (p, q) goes to
    (a p + c q, b p + d q).
    """
    (a, b), (c, d) = matrix
    # Down, as shown, is never changed by mirroring left to right: it tells the turn, and right tells the mirroring.
    turn = round(np.degrees(np.arctan2(c, d)) / 90) % 4
    return int(turn * 90), bool(a * d < b * c)


def _display_matrix(frame: Any) -> npt.NDArray[np.float64] | None:
    data = _side_data(frame, "DISPLAYMATRIX")
    if data is None:
        return None
    a, b, _, c, d = np.frombuffer(data, np.int32)[:5].astype(np.float64)
    return np.array([[a, b], [c, d]])


def _side_data(frame: Any, kind: str) -> bytes | None:
    try:
        found = frame.side_data.get(kind)
    except ValueError:  # PyAV does not know what else the frame carries: a photo's EXIF
        return None
    return None if found is None else bytes(found)


def _light_levels(frame: Any) -> LightLevels:
    primaries, luminance, content = (), (), ()
    mastering, light = _side_data(frame, "MASTERING_DISPLAY_METADATA"), _side_data(frame, "CONTENT_LIGHT_LEVEL")
    if mastering is not None:
        *numbers, has_primaries, has_luminance = _MASTERING.unpack_from(mastering)
        values = tuple(a / (b or 1) for a, b in zip(numbers[::2], numbers[1::2], strict=True))
        primaries, luminance = values[:8] if has_primaries else (), values[8:] if has_luminance else ()
    if light is not None:
        content = _LIGHT.unpack_from(light)
    return LightLevels(primaries, luminance, content)
