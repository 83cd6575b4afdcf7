"""The pixel format of a media's pictures as they come to the compositor, and converting each picture to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from av.video.reformatter import VideoReformatter

from panscan.decoding.orientation import orientation_of
from panscan.errors import RenderError
from panscan.model.geometry import Size
from panscan.model.media import Colour
from panscan.render.picture.hdr_metadata import HdrMetadata, hdr_metadata_of

# FFmpeg's numbers for the matrix of BT.709 and for the two ranges.
_BT709 = 1
_LIMITED, _FULL = 1, 2


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """How the pictures of a media come to the compositor.

    Attributes
    ----------
    pixel_format : str
        A name of `planes.PLANAR_FORMATS`.
    coded : Size
        Size as decoded, before turning and pixel aspect.
    quarter_turns : int
        Counter-clockwise turns by 90 degrees that show a picture upright, after mirroring.
    colour : Colour
    centred_chroma : bool
        The chroma siting is JPEG's.
    is_mirrored : bool
        The coded picture is mirrored left to right before it is turned.
    hdr_metadata : HdrMetadata, optional
        None where the media has none.
    """

    pixel_format: str
    coded: Size
    quarter_turns: int
    colour: Colour
    centred_chroma: bool
    is_mirrored: bool = False
    hdr_metadata: HdrMetadata | None = None


def picture_format_of(first: Any, codec: str, pixel_format: str) -> PictureFormat:
    """The format of a media, from its first decoded picture, if all its pictures are converted to `pixel_format`."""
    colour = Colour(int(first.color_primaries), int(first.color_trc), int(first.colorspace), int(first.color_range))
    name = first.format.name
    orientation = orientation_of(first)
    if name.startswith("yuvj"):
        colour = Colour(colour.primaries, colour.transfer, colour.matrix, _FULL)
    elif first.format.is_rgb or first.format.has_palette:
        # These have no matrix of their own: they are converted with BT.709, limited range.
        colour = Colour(colour.primaries, colour.transfer, _BT709, _LIMITED)
    return PictureFormat(
        pixel_format,
        Size(first.width, first.height),
        orientation.rotation_deg // 90,
        colour,
        codec in ("mjpeg", "png", "webp") and "420" in name,
        orientation.is_mirrored,
        hdr_metadata_of(first),
    )


class PixelFormatConverter:
    """Converts decoded pictures to one pixel format."""

    def __init__(self, path: Path, wanted: PictureFormat) -> None:
        self._path = path
        self._wanted = wanted
        self._converter = VideoReformatter()

    def __call__(self, frame: Any) -> Any:
        """The picture in that format; itself if it has it already.

        Raises
        ------
        RenderError
            It has another size than the first picture.
        """
        wanted = self._wanted
        if (frame.width, frame.height) != (wanted.coded.width, wanted.coded.height):
            raise RenderError(
                f"{self._path} changes its picture size",
                why=f"It starts with {wanted.coded} and goes on with {frame.width}x{frame.height}.",
                fix="Export the file with one size.",
            )
        if frame.format.name.replace("yuvj", "yuv") == wanted.pixel_format:
            return frame
        if frame.format.is_rgb or frame.format.has_palette:
            return self._converter.reformat(
                frame, format=wanted.pixel_format, dst_colorspace=_BT709, dst_color_range=_LIMITED
            )
        return self._converter.reformat(frame, format=wanted.pixel_format)
