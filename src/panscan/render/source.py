"""Decoding the pictures of one media file in display order, from any grid frame on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.interlacing import deinterlaced
from panscan.errors import InputError, RenderError
from panscan.model.media import Fields
from panscan.model.time import grid_frames, round_half_up
from panscan.render.picture.picture_format import PixelFormatConverter, picture_format_of
from panscan.render.picture.planes import working_format

# Packets at the head of a file among which the first picture is: no codec reorders over more than 16.
_REORDER_PACKETS = 32
# Seek this much too early: containers index by decoding time, which comes before the picture's own time.
_SEEK_MARGIN_S = Fraction(1, 2)
# Up to this distance, decoding on is cheaper than seeking back to a keyframe.
_MIN_SEEK_FRAMES = 90
# Timestamps that are put on the grid at once: one by one would cost more than the decoding of small pictures.
_GRID_BATCH = 64

# Parts of FFmpeg's names for readers of single pictures; the last picture of a GIF is held as long as needed, too.
_HELD_CONTAINERS = ("image2", "_pipe", "gif")


@dataclass(frozen=True, slots=True)
class TimedPicture:
    """One decoded picture.

    Attributes
    ----------
    grid_frame : int
        Counted from the media's first picture.
    pts, duration : int
        In ticks of the media.
    frame : av.VideoFrame
    """

    grid_frame: int
    pts: int
    duration: int
    frame: Any


def media_error(path: Path, error: Exception, where: str = "") -> RenderError:
    """The error for a source that breaks while it is decoded."""
    return RenderError(
        f"{path} breaks{where}",
        why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
        fix="Copy or export the file again; check that it plays to its end.",
    )


class MediaReader:
    """Pictures of one file. Not to be shared between threads."""

    def __init__(
        self,
        path: Path,
        rate: Fraction,
        *,
        is_vfr: bool,
        fields: Fields = "progressive",
        composed: Callable[[str], str] = lambda name: name,
    ) -> None:
        """Open a file and decode its first picture.

        Parameters
        ----------
        path : Path
        rate : Fraction
            Grid frames per second.
        is_vfr : bool
            Whether the file's pictures stray from that grid.
        fields : Fields
            What of it is deinterlaced.
        composed : callable, optional
            From the name of the nearest pixel format that can be composed to the name of the one that is wanted.

        Raises
        ------
        InputError
            The file is missing or has no picture.
        RenderError
            Its first picture cannot be decoded.
        """
        self.path = path
        self._rate = rate
        self._is_vfr = is_vfr
        self._fields = fields
        self._frames: Iterator[Any] = iter(())
        self._grids: dict[int, int] = {}
        self._current: TimedPicture | None = None
        self._ahead: TimedPicture | None = None
        self.stream: Any
        if not path.is_file():
            raise InputError(
                f"{path} does not exist",
                why="The timeline refers to this media file.",
                fix="Put the file back, or correct its path in the timeline.",
            )
        try:
            self._container = open_container(path)
            streams = [s for s in self._container.streams.video if "attached_pic" not in str(s.disposition)]
            if not streams:
                self._container.close()
                raise InputError(f"{path} has no picture", why="It has no video stream.", fix="Refer to the movie.")
            self.stream = streams[0]
            self._index = self.stream.index
            self.stream.thread_type = "AUTO"
            self.time_base = Fraction(self.stream.time_base or 0)
            self.first_pts = self._find_first_pts()
            self._step = max(1, round(1 / (rate * self.time_base))) if self.time_base else 1
            first = self._first_frame()
        except av.error.FFmpegError as error:
            raise media_error(path, error, " at its first picture") from error
        self.picture_format = picture_format_of(
            first, self.stream.codec_context.name, composed(working_format(first.format.name))
        )
        self.is_still = any(name in self._container.format.name for name in _HELD_CONTAINERS)
        self._to_pixel_format = PixelFormatConverter(self.picture_format)
        # Opening costs as much as a second of decoding: continue after the picture that was decoded here.
        self._frames = chain([first], self._frames)
        self._ahead = self._next()

    @property
    def changed_count(self) -> int:
        """Pictures so far whose size or colours were others than the first's, and were converted."""
        return self._to_pixel_format.changed_count

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __iter__(self) -> Iterator[TimedPicture]:
        """All pictures, in display order with strictly rising timestamps."""
        last_pts: int | None = None
        while self._ahead is not None:
            picture = self._ahead
            if last_pts is None or picture.pts > last_pts:
                last_pts = picture.pts
                yield picture
            self._ahead = self._next()

    def between(self, first: int, end: int) -> Iterator[TimedPicture]:
        """The pictures whose grid frame lies in [first, end), in display order."""
        if first > 0:
            self._seek(first)
        for picture in self:
            if picture.grid_frame >= end:
                return
            if picture.grid_frame >= first:
                yield picture

    def held(self, grids: Sequence[int]) -> Iterator[TimedPicture]:
        """For each grid frame (none before the last): the newest picture that is not after it.

        Raises
        ------
        RenderError
            The pictures end before the range does.
        """
        self._seek(grids[0])
        for grid in grids:
            while self._ahead is not None and self._ahead.grid_frame <= grid:
                self._current, self._ahead = self._ahead, self._next()
            if self._current is None:
                if self._ahead is None:
                    raise self._ended(grid)
                self._current, self._ahead = self._ahead, self._next()  # the range starts before the first picture
            if self._ahead is None and not self._may_hold(grid):
                raise self._ended(grid)
            yield self._current

    def check_end(self, last_grid: int, count: int) -> None:
        """Raise an error if the pictures ended at `last_grid` although `count` grid frames were promised."""
        self._current = TimedPicture(last_grid, 0, 0, None)
        if not self._may_hold(count - 1):
            raise self._ended(last_grid + 1)

    def _may_hold(self, grid: int) -> bool:
        """Whether the last picture may be held until `grid`: a still always, one of a variable rate for a while."""
        if self.is_still or self._current is None:
            return True
        held_frames = max(2, int(self._rate)) if self._is_vfr else 1  # a second; recorders end with a long picture
        return grid - self._current.grid_frame <= max(held_frames, self._duration_frames(self._current))

    def _duration_frames(self, picture: TimedPicture) -> int:
        return round_half_up(picture.duration * self.time_base * self._rate)

    def _ended(self, grid: int) -> RenderError:
        return RenderError(
            f"{self.path} ends at frame {grid}, before the timeline does",
            why="The file holds fewer pictures than the timeline was made for; it may be cut off.",
            fix="Copy the file again, or make the timeline again with `panscan reframe`.",
        )

    def _seek(self, first: int) -> None:
        at = self._current.grid_frame if self._current is not None else None
        ahead = self._ahead.grid_frame if self._ahead is not None else None
        if at is not None and at <= first and (ahead is None or first - ahead < _MIN_SEEK_FRAMES):
            return
        if first < _MIN_SEEK_FRAMES:
            self._rewind()
            return
        ticks = int((first / self._rate - _SEEK_MARGIN_S) / self.time_base) + self.first_pts
        try:
            self._container.seek(ticks, stream=self.stream, backward=True)
        except av.error.FFmpegError:
            self._rewind()
            return
        self._reset()
        if self._ahead is None or self._ahead.grid_frame > first:
            self._rewind()

    def _rewind(self) -> None:
        """Go back to the first picture. Reopens the file: some containers cannot seek to their very start."""
        self._container.close()
        try:
            self._container = open_container(self.path)
            self.stream = self._container.streams[self._index]
            self.stream.thread_type = "AUTO"
        except av.error.FFmpegError as error:
            raise media_error(self.path, error) from error
        self._reset()

    def _reset(self) -> None:
        self._frames = self._decoded()
        self._current = None
        self._ahead = self._next()

    def _decoded(self) -> Iterator[Any]:
        return deinterlaced(self._container.decode(self.stream), self.stream, self._fields)

    def _next(self) -> TimedPicture | None:
        try:
            for frame in self._frames:
                pts = frame.pts if frame.pts is not None else frame.dts
                if pts is None or pts < self.first_pts:
                    continue
                grid = self._grid(pts)
                if frame.is_corrupt:
                    raise RenderError(
                        f"{self.path} is damaged at frame {grid}",
                        why="The decoder could only guess parts of this picture.",
                        fix="Copy or export the file again; cut the damaged part away if no good copy exists.",
                    )
                return TimedPicture(grid, pts, frame.duration or 0, self._to_pixel_format(frame))
        except av.error.FFmpegError as error:
            raise media_error(self.path, error, self._where()) from error
        return None

    def _grid(self, pts: int) -> int:
        """Grid frame of a timestamp. Timestamps that follow at a constant rate are put on the grid together."""
        if pts not in self._grids:
            ticks = np.arange(pts, pts + _GRID_BATCH * self._step, self._step, dtype=np.int64)
            found = grid_frames(ticks, self.first_pts, self.time_base, self._rate, is_vfr=self._is_vfr)
            self._grids = dict(zip(ticks.tolist(), found.tolist(), strict=True))
        return self._grids[pts]

    def _where(self) -> str:
        return f" after frame {self._ahead.grid_frame}" if self._ahead is not None else ""

    def _find_first_pts(self) -> int:
        """The earliest timestamp among the head's packets: the zero of the grid."""
        found: list[int] = []
        for packet in self._container.demux(self.stream):
            ticks = packet.pts if packet.pts is not None else packet.dts
            if packet.size and ticks is not None and not packet.is_discard:
                found.append(ticks)
            if len(found) >= _REORDER_PACKETS:
                break
        return min(found, default=0)

    def _first_frame(self) -> Any:
        self._container.close()
        self._container = open_container(self.path)
        self.stream = self._container.streams[self._index]
        self.stream.thread_type = "AUTO"
        self._frames = self._decoded()
        first = next(self._frames, None)
        if first is None:
            raise RenderError(
                f"{self.path} holds no picture", why="Its video stream gives no frame.", fix="Export the file again."
            )
        return first
