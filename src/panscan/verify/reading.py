"""Reading sources and output for the verifier: timestamps, packet hashes, upright luma pictures.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import InputError
from panscan.model.time import grid_frames

Gray = npt.NDArray[np.float32]

# Decoding on is cheaper than seeking back to a keyframe.
_SEEK_WORTH_PICTURES = 60
_SEEK_MARGIN_S = Fraction(1, 2)
_KEPT_PICTURES = 6


@dataclass(frozen=True, slots=True)
class Tags:
    """What a player needs to show the picture right."""

    width: int
    height: int
    rotation_deg: int
    pixel_aspect: Fraction
    pixel_format: str
    primaries: int
    transfer: int
    matrix: int
    range: int
    is_rgb: bool


@dataclass(frozen=True, slots=True)
class TrackPackets:
    """One sound or subtitle stream as it lies in the file."""

    kind: str
    codec: str
    channels: int
    start_s: Fraction
    end_s: Fraction
    digest: str
    packet_count: int


def tags_of(frame: Any, stream: Any) -> Tags:
    """Tags of a decoded frame and its stream."""
    colour_range = 2 if frame.format.name.startswith("yuvj") else int(frame.color_range)
    return Tags(
        frame.width,
        frame.height,
        round(frame.rotation / 90) % 4 * 90,
        Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        frame.format.name,
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        colour_range,
        bool(frame.format.is_rgb or frame.format.has_palette),
    )


def picture_stream(container: Any) -> Any:
    """The video stream, cover art aside; None without one."""
    streams = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
    return streams[0] if streams else None


def track_packets(path: Path) -> list[TrackPackets]:
    """Hash, range and kind of each sound stream of a file, in stream order."""
    found: dict[int, Any] = {}
    with av.open(str(path)) as container:
        streams = list(container.streams.audio)
        if not streams:
            return []
        for stream in streams:
            found[stream.index] = [hashlib.blake2b(digest_size=16), None, Fraction(0), 0]
        for packet in container.demux(streams):
            if packet.dts is None or packet.size == 0:
                continue
            entry = found[packet.stream.index]
            entry[0].update(bytes(packet))
            start = (packet.pts if packet.pts is not None else packet.dts) * packet.time_base
            entry[1] = start if entry[1] is None else min(entry[1], start)
            entry[2] = max(entry[2], start + (packet.duration or 0) * packet.time_base)
            entry[3] += 1
        return [
            TrackPackets(
                s.type,
                s.codec_context.name if s.codec_context else "",
                s.codec_context.channels or 0,
                found[s.index][1] or Fraction(0),
                found[s.index][2],
                found[s.index][0].hexdigest(),
                found[s.index][3],
            )
            for s in streams
        ]


def luma(frame: Any) -> Gray:
    """The brightness of a frame, 8-bit scale, as decoded."""
    plane = frame.planes[0]
    bits = frame.format.components[0].bits
    if frame.format.is_planar and not frame.format.is_rgb and not frame.format.has_palette:
        samples = np.frombuffer(plane, np.uint8 if bits == 8 else np.uint16)
        rows = samples.reshape(-1, plane.line_size // samples.itemsize)[: frame.height, : frame.width]
        return np.asarray(rows, np.float32) / np.float32(1 << (bits - 8))
    return np.asarray(frame.reformat(format="gray").to_ndarray(), np.float32)


class SourcePictures:
    """Random access to the upright luma pictures of one media, by number in display order."""

    def __init__(self, path: Path) -> None:
        """Read all packets of the picture once, for their timestamps.

        Raises
        ------
        InputError
            The media is missing or cannot be read.
        """
        self.path = path
        self._frames: Iterator[Any] = iter(())
        if not path.is_file():
            raise InputError(
                f"{path} does not exist",
                why="The timeline refers to it; without the source nothing can be compared.",
                fix="Put the file back, or correct its path in the timeline.",
            )
        try:
            with av.open(str(path)) as container:
                stream = picture_stream(container)
                if stream is None:
                    raise InputError(f"{path} has no picture", why="No video stream.", fix="Refer to the movie.")
                self._index = int(stream.index)
                self.time_base = Fraction(stream.time_base)
                self.pts = _timestamps(container, stream)
            self._open()
            first = next(self._frames, None)
            if first is None:
                raise InputError(f"{path} has no picture", why="Nothing can be decoded.", fix="Export it again.")
            self.tags = tags_of(first, self._stream)
        except av.error.FFmpegError as error:
            raise _unreadable(path, error) from error
        self._kept: dict[int, Gray] = {}
        self._at = -1
        self._restart()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def grid(self, rate: Fraction, *, is_vfr: bool) -> npt.NDArray[np.int64]:
        """Grid frame of each picture."""
        return grid_frames(self.pts, int(self.pts[0]), self.time_base, rate, is_vfr=is_vfr)

    def upright(self, number: int) -> Gray | None:
        """Picture `number`, turned upright, pixels as coded; None where there is no such picture."""
        if not 0 <= number < len(self.pts):
            return None
        if number not in self._kept:
            if number <= self._at or number - self._at > _SEEK_WORTH_PICTURES:
                self._seek(number)
            self._decode_to(number)
            if number not in self._kept:  # the seek landed behind it
                self._restart()
                self._decode_to(number)
        return self._kept.get(number)

    def _decode_to(self, number: int) -> None:
        try:
            for frame in self._frames:
                pts = frame.pts if frame.pts is not None else frame.dts
                if pts is None:
                    continue
                self._at = int(np.searchsorted(self.pts, pts))
                if self._at >= number - 2:  # neighbours are wanted too
                    self._kept[self._at] = np.ascontiguousarray(np.rot90(luma(frame), self.tags.rotation_deg // 90))
                    while len(self._kept) > _KEPT_PICTURES:
                        del self._kept[next(iter(self._kept))]
                if self._at >= number:
                    return
        except av.error.FFmpegError as error:
            raise _unreadable(self.path, error) from error

    def _seek(self, number: int) -> None:
        if number <= _SEEK_WORTH_PICTURES:
            self._restart()
            return
        ticks = int(self.pts[number - 2]) - int(_SEEK_MARGIN_S / self.time_base)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:  # some containers cannot seek
            self._restart()
            return
        self._frames = iter(self._container.decode(self._stream))
        self._at = -1

    def _restart(self) -> None:
        if hasattr(self, "_container"):
            self._container.close()
        self._open()
        self._at = -1

    def _open(self) -> None:
        self._container = av.open(str(self.path))
        stream: Any = self._container.streams[self._index]
        stream.thread_type = "AUTO"
        self._stream = stream
        self._frames = iter(self._container.decode(stream))


def _timestamps(container: Any, stream: Any) -> npt.NDArray[np.int64]:
    found = []
    for packet in container.demux(stream):
        ticks = packet.pts if packet.pts is not None else packet.dts
        if packet.size and ticks is not None and not packet.is_discard:
            found.append(ticks)
    return np.unique(np.array(found, np.int64))


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"the source {path} cannot be read",
        why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
        fix="Copy or export the file again.",
    )


def expected_view(
    picture: Gray, crop: tuple[float, float, float, float], density: tuple[float, float], size: tuple[int, int]
) -> tuple[Gray, npt.NDArray[np.bool_]]:
    """What a crop of a picture should look like at `size` (width, height), and which of its px lie in the picture.

    Parameters
    ----------
    picture : ndarray, shape (height, width), float32
    crop : left, top, width, height
        Display px.
    density : (float, float)
        Picture px per display px, across and down.
    size : (int, int)
        Width and height of the result.
    """
    left, top, width, height = crop
    # Where the result is smaller, average first; then interpolate.
    factors = [max(1.0, density[0] * width / size[0]), max(1.0, density[1] * height / size[1])]
    rows, columns = picture.shape
    if max(factors) > 1.25:
        small = (max(1, round(columns / factors[0])), max(1, round(rows / factors[1])))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.float32)
        density = (density[0] * small[0] / columns, density[1] * small[1] / rows)
    step = (density[0] * width / size[0], density[1] * height / size[1])
    start = (density[0] * left + step[0] / 2 - 0.5, density[1] * top + step[1] / 2 - 0.5)
    matrix = np.array([[step[0], 0, start[0]], [0, step[1], start[1]]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    view = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    rows, columns = picture.shape
    x, y = start[0] + step[0] * np.arange(size[0]), start[1] + step[1] * np.arange(size[1])
    inside = ((y > -0.5) & (y < rows - 0.5))[:, None] & ((x > -0.5) & (x < columns - 0.5))[None, :]
    return np.asarray(view, np.float32), inside
