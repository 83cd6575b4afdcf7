"""How the pictures of a media look to the compositor, and bringing each of them to that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from av.video.reformatter import VideoReformatter

from panscan.errors import RenderError
from panscan.model.geometry import Size
from panscan.model.media import Colour
from panscan.render.picture.hdr_metadata import HdrMetadata, hdr_metadata_of

_BT709 = 1
_LIMITED, _FULL = 1, 2


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """How the pictures of a media come to the compositor. light: HDR10's static metadata, if there is any."""

    pixel_format: str
    coded: Size
    quarter_turns: int
    colour: Colour
    centred_chroma: bool
    light: HdrMetadata | None = None


def picture_format_of(first: Any, codec: str, pixel_format: str) -> PictureFormat:
    """The look of a media by its first decoded picture, when all are brought to `pixel_format`."""
    colour = Colour(int(first.color_primaries), int(first.color_trc), int(first.colorspace), int(first.color_range))
    name = first.format.name
    if name.startswith("yuvj"):
        colour = Colour(colour.primaries, colour.transfer, colour.matrix, _FULL)
    elif first.format.is_rgb or first.format.has_palette:
        # These have no matrix of their own: they are converted with BT.709, limited range.
        colour = Colour(colour.primaries, colour.transfer, _BT709, _LIMITED)
    return PictureFormat(
        pixel_format,
        Size(first.width, first.height),
        round(first.rotation / 90) % 4,
        colour,
        codec in ("mjpeg", "png", "webp") and "420" in name,
        hdr_metadata_of(first),
    )


class PixelFormatConverter:
    """Brings decoded pictures to the pixel format of a look."""

    def __init__(self, path: Path, look: PictureFormat) -> None:
        self._path = path
        self._look = look
        self._converter = VideoReformatter()

    def __call__(self, frame: Any) -> Any:
        """The picture itself where nothing is to be done.

        Raises
        ------
        RenderError
            It has another size than the first.
        """
        look = self._look
        if (frame.width, frame.height) != (look.coded.width, look.coded.height):
            raise RenderError(
                f"{self._path} changes its picture size",
                why=f"It starts with {look.coded} and goes on with {frame.width}x{frame.height}.",
                fix="Export the file with one size.",
            )
        if frame.format.name.replace("yuvj", "yuv") == look.pixel_format:
            return frame
        if frame.format.is_rgb or frame.format.has_palette:
            return self._converter.reformat(
                frame, format=look.pixel_format, dst_colorspace=_BT709, dst_color_range=_LIMITED
            )
        return self._converter.reformat(frame, format=look.pixel_format)
