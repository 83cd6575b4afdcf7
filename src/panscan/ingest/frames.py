"""One threaded decode of a media's pictures; every consumer asks each picture for the size it wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation, VideoReformatter

from panscan.errors import InputError
from panscan.model.geometry import Size, even_floor
from panscan.model.media import Media

Image = npt.NDArray[np.uint8]
Pixels = Literal["gray", "rgb24", "bgr24"]


class Picture:
    """One decoded picture: upright, square px, scaled on demand and remembered per size.

    frame: grid frame, counted from the media's first picture. Valid until the next picture is asked for.
    """

    def __init__(self, frame: int, decoded: Any, source: PictureSource) -> None:
        self.frame = frame
        self._decoded = decoded
        self._source = source
        self._views: dict[tuple[int, str], Image] = {}

    def view(self, long_side_px: int, pixels: Pixels = "rgb24") -> Image:
        """The picture with its longer side reduced to `long_side_px` (never enlarged).

        Returns
        -------
        ndarray, shape (height, width) for "gray", else (height, width, 3), uint8
            Shared between consumers: do not write to it.
        """
        key = (long_side_px, pixels)
        if key not in self._views:
            self._views[key] = self._source.scale(self._decoded, long_side_px, pixels)
        return self._views[key]


class PictureSource:
    """Decodes a media once, in order, with FFmpeg's frame threads."""

    def __init__(self, media: Media) -> None:
        self.media = media
        # A reformatter keeps its scaling tables; making one per picture costs as much as scaling.
        self._scalers: dict[tuple[int, str], VideoReformatter] = {}

    def __iter__(self) -> Iterator[Picture]:
        """Yield the pictures in display order.

        Raises
        ------
        InputError
            The stream breaks before its last picture.
        """
        media = self.media
        seen = 0
        try:
            with av.open(media.path) as container:
                stream: Any = container.streams[media.video.index]
                stream.thread_type = "AUTO"
                for decoded in container.decode(stream):
                    if decoded.pts is None:
                        continue
                    frame = int(media.video.grid(np.array([decoded.pts], np.int64))[0])
                    if frame < 0:
                        continue
                    seen += 1
                    yield Picture(frame, decoded, self)
        except av.error.FFmpegError as error:
            raise InputError(
                f"{media.path} breaks after picture {seen} of {media.video.picture_count}",
                why=f"FFmpeg says: {error.strerror}.",
                fix="Copy or export the file again.",
            ) from error

    def size_of(self, long_side_px: int) -> Size:
        """Size of the views with this longer side: even, never larger than the picture."""
        display = self.media.video.display
        factor = min(1.0, long_side_px / max(display.width, display.height))
        return Size(even_floor(display.width * factor + 0.5), even_floor(display.height * factor + 0.5))

    def scale(self, decoded: Any, long_side_px: int, pixels: Pixels) -> Image:
        """One decoded frame as an upright picture (see `Picture.view`)."""
        size = self.size_of(long_side_px)
        rotation = self.media.video.rotation_deg
        width, height = (size.height, size.width) if rotation in (90, 270) else (size.width, size.height)
        scaler = self._scalers.setdefault((long_side_px, pixels), VideoReformatter())
        # Area averaging: half the cost of FFmpeg's default bicubic, and no ringing for the detectors.
        small = scaler.reformat(decoded, width, height, pixels, interpolation=Interpolation.AREA)
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), rotation // 90), np.uint8)
