"""The pixel format of a media's pictures as they come to the compositor, and converting each picture to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from av.video.reformatter import VideoReformatter

from panscan.decoding.orientation import orientation_of
from panscan.model.geometry import Size
from panscan.model.media import Colour
from panscan.render.picture.hdr_metadata import HdrMetadata, hdr_metadata_of

# FFmpeg's numbers for the matrix of BT.709 and for the two ranges.
_BT709 = 1
_LIMITED, _FULL = 1, 2
_NO_MATRIX = frozenset((0, 2, 3))  # RGB, unspecified, reserved: nothing to convert from or to


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
    coded_format : str
        Of its pictures, where they have more colour resolution than what is composed; "" otherwise.
    """

    pixel_format: str
    coded: Size
    quarter_turns: int
    colour: Colour
    centred_chroma: bool
    is_mirrored: bool = False
    hdr_metadata: HdrMetadata | None = None
    coded_format: str = ""


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
    """Converts decoded pictures to the size, pixel format and colours of a media's first.

    Attributes
    ----------
    changed_count : int
        Pictures so far whose size or colours were others than the first's.
    """

    def __init__(self, wanted: PictureFormat) -> None:
        self._wanted = wanted
        self._first_tags: tuple[int, int] | None = None
        self._converter = VideoReformatter()
        self.changed_count = 0

    def __call__(self, frame: Any) -> Any:
        """The picture as the first one is; itself if nothing differs."""
        wanted, is_rgb = self._wanted, frame.format.is_rgb or frame.format.has_palette
        changes: dict[str, Any] = {}
        if (frame.width, frame.height) != (wanted.coded.width, wanted.coded.height):
            changes = {"width": wanted.coded.width, "height": wanted.coded.height}
        if not is_rgb:
            changes |= self._colour_changes(frame)
        self.changed_count += bool(changes)
        if is_rgb:
            changes |= {"dst_colorspace": _BT709, "dst_color_range": _LIMITED}
        if not changes and frame.format.name.replace("yuvj", "yuv") == wanted.pixel_format:
            return frame
        return self._converter.reformat(frame, format=wanted.pixel_format, **changes)

    def _colour_changes(self, frame: Any) -> dict[str, Any]:
        matrix, colour_range = tags = int(frame.colorspace), _range_of(frame)
        self._first_tags = self._first_tags or tags
        first_matrix, first_range = self._first_tags
        changes: dict[str, Any] = {}
        if matrix != first_matrix and not {matrix, first_matrix} & _NO_MATRIX:
            changes = {"src_colorspace": matrix, "dst_colorspace": first_matrix}
        if colour_range != first_range:
            changes |= {"src_color_range": colour_range, "dst_color_range": first_range}
        return changes


def _range_of(frame: Any) -> int:
    """The range of a frame; limited where it does not say."""
    return _FULL if frame.format.name.startswith("yuvj") else int(frame.color_range) or _LIMITED
