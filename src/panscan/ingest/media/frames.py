"""One threaded decode of a media's pictures; every consumer asks each picture for the size it wants."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from panscan.arrays.samples import newest_row, next_row
from panscan.decoding.containers import open_container, seek_back
from panscan.decoding.doubt import lost_note
from panscan.decoding.index import MIN_DECODED_SHARE
from panscan.decoding.interlacing import deinterlaced
from panscan.decoding.looks import Look, changed_note, look_of
from panscan.decoding.pictures import decoded_pictures
from panscan.errors import InputError
from panscan.ingest.media import scale
from panscan.model.geometry import Size, even_floor
from panscan.model.media import Media

Image = npt.NDArray[np.uint8]
Pixels = Literal["gray", "rgb24", "bgr24"]
FrameRanges = Sequence[tuple[int, int]]
Note = Callable[[str], None]

_NO_END = 1 << 62  # a frame number beyond any media

# px of the longer side. The colour view of this size is scaled from the decoded picture; its grey view and smaller ones
# are scaled from it. The rule depends on the size alone, never on earlier calls, so that a view is always the same.
_SHARED_PX = 640
# px of the longer side. Up to this size a view is made from some rows of the planes: cheap enough for every picture.
_SAMPLED_PX = 128


@dataclass(frozen=True, slots=True, eq=False)
class DecodedCount:
    """How many pictures were decoded, and which were not, in some stretch of a media.

    Attributes
    ----------
    wanted : int
        Pictures that the packets promised.
    lost_s : ndarray (n,)
        Times, from the media's first picture, of those that did not decode.
    seen : int
        Pictures that decoded.
    changed : int
        Those of them that look otherwise than the first: another size, pixel format or colours.
    """

    wanted: int
    lost_s: npt.NDArray[np.float64]
    seen: int
    changed: int


class Picture:
    """One decoded picture: upright, with square px, scaled on demand. Each size is made once.

    Valid until the next picture is decoded.

    Attributes
    ----------
    frame : int
        Grid frame, counted from the media's first picture.
    """

    def __init__(self, frame: int, decoded: Any, source: PictureDecoder) -> None:
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
        with self._lock:  # each signal runs in a thread of its own
            if key not in self._views:
                self._views[key] = self._scale(long_side_px, pixels)
            return self._views[key]

    def small_frame(self, long_side_px: int) -> Any:
        """The picture as an FFmpeg frame of 8-bit YCbCr for an encoder: 4:2:0, BT.709, limited range."""
        return self._source.small_frame(self._decoded, long_side_px)

    def luma(self, box_px: tuple[float, float, float, float], side_px: int) -> Image:
        """Grey square of a box left, top, width, height in display px, from the full resolution.

        Returns
        -------
        ndarray, shape (side_px, side_px), uint8
            The box resampled to a square; black where it leaves the picture. 10-bit levels are reduced to 8.
        """
        return self._source.luma(self._decoded, box_px, side_px)

    def _scale(self, long_side_px: int, pixels: Pixels) -> Image:
        if not _SAMPLED_PX < long_side_px <= _SHARED_PX or (long_side_px, pixels) == (_SHARED_PX, "rgb24"):
            return self._source.scale(self._decoded, long_side_px, pixels)
        key = (_SHARED_PX, "rgb24")
        if key not in self._views:
            self._views[key] = self._source.scale(self._decoded, _SHARED_PX, "rgb24")
        return scale.reduced(self._views[key], self._source.size_of(long_side_px), pixels)


class PictureDecoder:
    """Decodes a media once, in order, with FFmpeg's frame threads."""

    def __init__(
        self,
        media: Media,
        *,
        fast: bool = False,
        spans: FrameRanges | None = None,
        note: Note | None = None,
        counted: Callable[[DecodedCount], None] | None = None,
    ) -> None:
        """Prepare decoding.

        Parameters
        ----------
        media : Media
        fast : bool
            Leave out pictures to which no other refers, and FFmpeg's smoothing of block edges.
        spans : sequence of (int, int), optional
            Decode only these grid frames [first, end), rising and not touching each other.
        note : callable (text), optional
            Gets one line on pictures that did not decode after all, once all are decoded.
        counted : callable (DecodedCount), optional
            Gets what decoded, once all is: of one of several stretches, which are judged together. Then there is no
            note, and no error.
        """
        self.media = media
        self._note, self._counted = note, counted
        self._spans = spans or ((0, _NO_END),)
        # About half of the pictures, in a pattern of the encoder's choice, are referred to by no other.
        self._skip = "NONREF" if fast else "DEFAULT"
        # Block edges are invisible in the small views that analysis uses.
        self._options = {"skip_loop_filter": "all"} if fast else {}
        # A reformatter keeps its scaling tables; making one per picture costs as much as scaling.
        self._scalers: dict[tuple[int, int, str], VideoReformatter] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Picture]:
        """Yield the pictures in display order. Those that do not decode are left out.

        Raises
        ------
        InputError
            All were asked for, and fewer than half of them decode.
        """
        video, index = self.media.video, self.media.video.picture_index
        times: list[int] = []
        looks: Counter[Look] = Counter()
        with self._opened() as container:
            stream: Any = container.streams[video.index]
            stream.thread_type = index.thread_type
            stream.codec_context.skip_frame = self._skip
            if self._options:
                stream.codec_context.options = self._options
            for first, end in self._spans:
                if first > 0 and index.is_seekable:
                    seek_back(container, stream, self._pts_at(first))
                for decoded in deinterlaced(decoded_pictures(container, stream, index), stream, video.fields):
                    frame = int(video.grid_frames(np.array([decoded.pts], np.int64))[0])
                    if frame >= end:
                        break
                    if frame < max(first, 0):
                        continue
                    times.append(decoded.pts)
                    looks[look_of(decoded)] += 1
                    yield Picture(frame, decoded, self)
        if self._skip == "DEFAULT":
            counted = self._count(times, looks)
            if self._counted:
                self._counted(counted)
            else:
                judge_decoding(self.media, [counted], self._note)

    def _opened(self) -> Any:
        try:
            return open_container(self.media.path)
        except av.error.FFmpegError as error:
            raise InputError(
                f"{self.media.path} cannot be read any more",
                why=f"FFmpeg says: {error.strerror}.",
                fix="Copy or export the file again.",
            ) from error

    def _count(self, times: Sequence[int], looks: Counter[Look]) -> DecodedCount:
        """Compare the timestamps of all pictures that decoded with those of the media, where it was looked at."""
        video = self.media.video
        grid = video.grid_frames()
        wanted = video.pts[np.any([(first <= grid) & (grid < end) for first, end in self._spans], axis=0)]
        lost = np.setdiff1d(wanted, times)
        lost_s = np.asarray((lost - video.first_pts) * float(video.time_base), np.float64)
        first = next(iter(looks), None)
        changed = sum(count for look, count in looks.items() if first is not None and look.differs(first))
        return DecodedCount(len(wanted), lost_s, looks.total(), changed)

    def _pts_at(self, frame: int) -> int:
        """Timestamp of the picture that a grid frame shows."""
        video = self.media.video
        grid = video.grid_frames()
        return int(video.pts[max(0, int(newest_row(grid, frame)))])

    def size_of(self, long_side_px: int) -> Size:
        """Size of the views with this longer side: even, never larger than the picture."""
        display = self.media.video.display_size
        factor = min(1.0, long_side_px / max(display.width, display.height))
        return Size(even_floor(display.width * factor + 0.5), even_floor(display.height * factor + 0.5))

    def scale(self, decoded: Any, long_side_px: int, pixels: Pixels) -> Image:
        """One decoded frame as an upright picture (see `Picture.view`)."""
        size = self.size_of(long_side_px)
        rotation = self.media.video.rotation_deg
        width, height = (size.height, size.width) if rotation in (90, 270) else (size.width, size.height)
        coded = Size(width, height)
        if pixels == "gray" and long_side_px > _SHARED_PX and _is_planar_yuv(decoded):
            small = self._grey(decoded, coded)
        elif long_side_px <= _SAMPLED_PX and _is_planar_yuv(decoded):
            small = self._sampled(decoded, coded, pixels)
        else:
            small = self._scaled(decoded, coded, pixels)
        if self.media.video.is_mirrored:
            small = small[:, ::-1]
        return np.ascontiguousarray(np.rot90(small, rotation // 90), np.uint8)

    def small_frame(self, decoded: Any, long_side_px: int) -> Any:
        """One decoded frame for an encoder (see `Picture.small_frame`)."""
        size, video = self.size_of(long_side_px), self.media.video
        if video.rotation_deg or video.is_mirrored:  # FFmpeg's frames cannot be turned
            decoded = av.VideoFrame.from_ndarray(self.scale(decoded, long_side_px, "rgb24"), format="rgb24")
        scaler = self._scalers.setdefault((size.width, size.height, "yuv420p"), VideoReformatter())
        return scaler.reformat(
            decoded,
            size.width,
            size.height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )

    def _scaled(self, decoded: Any, size: Size, pixels: Pixels) -> Image:
        with self._lock:
            # One thread: on small pictures, FFmpeg's default of a thread per core costs more than it gains.
            # Area averaging: half the cost of FFmpeg's default bicubic, and no ringing that confuses detectors.
            scaler = self._scalers.setdefault((size.width, size.height, pixels), VideoReformatter())
            small = scaler.reformat(
                decoded, size.width, size.height, pixels, interpolation=Interpolation.AREA, threads=1
            )
        return np.asarray(small.to_ndarray(), np.uint8)

    def _grey(self, decoded: Any, size: Size) -> Image:
        luma = scale.averaged(_plane(decoded, 0), size, self._extra_bits(decoded))
        return scale.grey_levels(luma, decoded.color_range)

    def _sampled(self, decoded: Any, size: Size, pixels: Pixels) -> Image:
        count = 1 if pixels == "gray" else 3
        rows, extra_bits = (scale.LUMA_ROWS, scale.CHROMA_ROWS, scale.CHROMA_ROWS), self._extra_bits(decoded)
        planes = [scale.sampled(_plane(decoded, n), size, extra_bits, rows[n]) for n in range(count)]
        if pixels == "gray":
            return scale.grey_levels(planes[0], decoded.color_range)
        return scale.yuv_to_rgb(planes, decoded.colorspace, decoded.color_range, pixels)

    def luma(self, decoded: Any, box_px: tuple[float, float, float, float], side_px: int) -> Image:
        """A box of one decoded frame as an upright grey square (see `Picture.luma`)."""
        import cv2

        video = self.media.video
        plane = self._luma_plane(decoded)
        display = video.display_size
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
        unturned = (display.height, display.width) if sideways else (display.width, display.height)
        mirror = np.array([[-1, 0, unturned[0]], [0, 1, 0], [0, 0, 1]]) if video.is_mirrored else np.eye(3)
        squeeze = np.diag([plane.shape[1] / unturned[0], plane.shape[0] / unturned[1], 1.0])
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # warpAffine counts pixel centres, we count edges
        back = np.linalg.inv(half) @ squeeze @ mirror @ np.array(turn, np.float64) @ to_display @ half
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = np.asarray(cv2.warpAffine(plane, back[:2], (side_px, side_px), flags=flags))
        return np.asarray(
            crop if crop.dtype == np.uint8 else crop.astype(np.uint16) >> self._extra_bits(decoded), np.uint8
        )

    def _luma_plane(self, decoded: Any) -> npt.NDArray[Any]:
        """The frame's own luma plane, without a copy; formats without one are converted."""
        if decoded.format.is_rgb or decoded.format.components[0].bits > 16 or decoded.format.name[:4] == "gray":
            grey: npt.NDArray[np.uint8] = decoded.to_ndarray(format="gray")
            return grey
        return _plane(decoded, 0)

    @staticmethod
    def _extra_bits(decoded: Any) -> int:
        return max(0, int(decoded.format.components[0].bits) - 8)


def judge_decoding(media: Media, stretches: Iterable[DecodedCount], note: Note | None) -> None:
    """Tell of pictures that did not decode, and of those that look otherwise where their packets did not say so.

    Raises
    ------
    InputError
        The whole media was asked for, and fewer than half of its pictures decode.
    """
    counts, video = list(stretches), media.video
    wanted = sum(count.wanted for count in counts)
    lost_s = np.concatenate([count.lost_s for count in counts])
    if wanted == video.picture_count and len(lost_s) > wanted * (1 - MIN_DECODED_SHARE):
        raise InputError(
            f"too few pictures of {media.path} decode: {wanted - len(lost_s)} of {wanted}",
            why="Its picture stream is damaged.",
            fix="Copy or export the file again.",
        )
    changed = sum(count.changed for count in counts)
    if note and len(lost_s):
        note(lost_note(lost_s.tolist(), wanted))
    if note and changed and not video.picture_index.changed_count:
        note(changed_note(changed, sum(count.seen for count in counts)))


def _is_planar_yuv(decoded: Any) -> bool:
    """Whether the planes are Y, Cb and Cr as numpy reads them."""
    name, bits = decoded.format.name, decoded.format.components[0].bits
    return name.startswith(("yuv4", "yuvj4")) and bits <= 16 and not name.endswith("be") and len(decoded.planes) == 3


def _plane(decoded: Any, number: int) -> npt.NDArray[Any]:
    """One plane of a frame, without a copy."""
    plane = decoded.planes[number]
    kind = np.uint16 if decoded.format.components[0].bits > 8 else np.uint8
    rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
    return rows[: plane.height, : plane.width]


def stills(media: Media, frames: Sequence[int], long_side_px: int) -> list[Image]:
    """Single pictures at or just after the given grid frames (rising), by seeking: rgb, upright.

    For a frame that cannot be decoded, the picture before it is repeated; black if there is none.
    """
    video, source = media.video, PictureDecoder(media)
    size = source.size_of(long_side_px)
    pictures: list[Image] = []
    last: Image = np.zeros((size.height, size.width, 3), np.uint8)
    grid = video.grid_frames()
    with open_container(media.path) as container:
        stream: Any = container.streams[video.index]
        stream.thread_type = "FRAME"
        for frame in frames:
            wanted = int(video.pts[int(next_row(grid, frame))])
            seek_back(container, stream, wanted)
            try:
                pictures_from = deinterlaced(container.decode(stream), stream, video.fields)
                picture = next((p for p in pictures_from if p.pts is not None and p.pts >= wanted), None)
            except av.error.FFmpegError:
                picture = None
            if picture is not None:
                last = source.scale(picture, long_side_px, "rgb24")
            pictures.append(last)
    return pictures
