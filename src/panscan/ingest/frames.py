"""One threaded decode of a media's pictures; every consumer asks each picture for the size it wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
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
        self._lock = threading.Lock()

    def view(self, long_side_px: int, pixels: Pixels = "rgb24") -> Image:
        """The picture with its longer side reduced to `long_side_px` (never enlarged).

        Returns
        -------
        ndarray, shape (height, width) for "gray", else (height, width, 3), uint8
            Shared between consumers: do not write to it.
        """
        key = (long_side_px, pixels)
        with self._lock:  # signals look from threads of their own
            if key not in self._views:
                self._views[key] = self._source.scale(self._decoded, long_side_px, pixels)
            return self._views[key]

    def luma(self, box_px: tuple[float, float, float, float], side_px: int) -> Image:
        """Grey square of a box left, top, width, height in display px, from the full resolution.

        Returns
        -------
        ndarray, shape (side_px, side_px), uint8
            The box resampled to a square; black where it leaves the picture. 10-bit levels are reduced to 8.
        """
        return self._source.luma(self._decoded, box_px, side_px)


class PictureSource:
    """Decodes a media once, in order, with FFmpeg's frame threads."""

    def __init__(self, media: Media, *, fast: bool = False) -> None:
        self.media = media
        # Pictures that no other refers to can be left undecoded: about half, in a pattern of the encoder's choice.
        self._skip = "NONREF" if fast else "DEFAULT"
        # A reformatter keeps its scaling tables; making one per picture costs as much as scaling.
        self._scalers: dict[tuple[int, str], VideoReformatter] = {}
        self._lock = threading.Lock()

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
                stream.codec_context.skip_frame = self._skip
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
        with self._lock:
            small = scaler.reformat(decoded, width, height, pixels, interpolation=Interpolation.AREA)
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), rotation // 90), np.uint8)

    def luma(self, decoded: Any, box_px: tuple[float, float, float, float], side_px: int) -> Image:
        """A box of one decoded frame as an upright grey square (see `Picture.luma`)."""
        import cv2

        video = self.media.video
        plane = self._luma_plane(decoded)
        display = video.display
        # From the upright square back to the coded plane: box -> display px -> coded px.
        left, top, width, height = box_px
        to_display = np.array([[width / side_px, 0, left], [0, height / side_px, top], [0, 0, 1]], np.float64)
        turn = {
            0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            90: [[0, -1, display.height], [1, 0, 0], [0, 0, 1]],
            180: [[-1, 0, display.width], [0, -1, display.height], [0, 0, 1]],
            270: [[0, 1, 0], [-1, 0, display.width], [0, 0, 1]],
        }[video.rotation_deg]
        sideways = video.rotation_deg in (90, 270)
        shown = (display.height, display.width) if sideways else (display.width, display.height)
        squeeze = np.diag([plane.shape[1] / shown[0], plane.shape[0] / shown[1], 1.0])
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # warpAffine counts pixel centres, we count edges
        back = np.linalg.inv(half) @ squeeze @ np.array(turn, np.float64) @ to_display @ half
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = np.asarray(cv2.warpAffine(plane, back[:2], (side_px, side_px), flags=flags))
        return np.asarray(
            crop if crop.dtype == np.uint8 else crop.astype(np.uint16) >> self._extra_bits(decoded), np.uint8
        )

    def _luma_plane(self, decoded: Any) -> npt.NDArray[Any]:
        """The frame's own luma as a view without a copy; formats without a luma plane are converted."""
        if decoded.format.is_rgb or decoded.format.components[0].bits > 16 or decoded.format.name[:4] == "gray":
            grey: npt.NDArray[np.uint8] = decoded.to_ndarray(format="gray")
            return grey
        plane = decoded.planes[0]
        kind = np.uint16 if decoded.format.components[0].bits > 8 else np.uint8
        rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
        return rows[: decoded.height, : decoded.width]

    @staticmethod
    def _extra_bits(decoded: Any) -> int:
        return max(0, int(decoded.format.components[0].bits) - 8)


def stills(media: Media, frames: Sequence[int], long_side_px: int) -> list[Image]:
    """Single pictures at or just after the given grid frames (rising), by seeking: rgb, upright.

    Frames that cannot be reached give the last picture before them, or black where there is none.
    """
    video, source = media.video, PictureSource(media)
    size = source.size_of(long_side_px)
    found: list[Image] = []
    last: Image = np.zeros((size.height, size.width, 3), np.uint8)
    grid = video.grid()
    with av.open(media.path) as container:
        stream: Any = container.streams[video.index]
        stream.thread_type = "AUTO"
        for frame in frames:
            wanted = int(video.pts[min(int(np.searchsorted(grid, frame)), len(grid) - 1)])
            container.seek(wanted, stream=stream)
            try:
                picture = next((p for p in container.decode(stream) if p.pts is not None and p.pts >= wanted), None)
            except av.error.FFmpegError:
                picture = None
            if picture is not None:
                last = source.scale(picture, long_side_px, "rgb24")
            found.append(last)
    return found
