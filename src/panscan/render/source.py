"""Decoding the pictures of one media file in display order, from any grid frame on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.doubt import lost_note
from panscan.decoding.index import MIN_DECODED_SHARE, read_index
from panscan.decoding.interlacing import deinterlaced
from panscan.decoding.pictures import decoded_pictures
from panscan.decoding.sound import sound_streams
from panscan.errors import InputError, RenderError
from panscan.model.media import Fields
from panscan.model.time import grid_frames, round_half_up
from panscan.render.picture.picture_format import PixelFormatConverter, picture_format_of
from panscan.render.picture.planes import working_format

# Seek this much too early: containers index by decoding time, which comes before the picture's own time.
_SEEK_MARGIN_S = Fraction(1, 2)
# Up to this distance, decoding on is cheaper than seeking back to a keyframe.
_MIN_SEEK_FRAMES = 90
# Parts of FFmpeg's names for readers of single pictures; the last picture of a GIF is held as long as needed, too.
_ZERO_FORMAT = "mp4"  # FFmpeg's name of the format whose clock begins at zero, whatever begins later
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
            self.index = read_index(path)
            self.time_base, self.first_pts = self.index.time_base, int(self.index.pts[0])
            grids = grid_frames(self.index.pts, self.first_pts, self.time_base, rate, is_vfr=is_vfr)
            self._grids = dict(zip(self.index.pts.tolist(), grids.tolist(), strict=True))
            self._durations = dict(zip(self.index.pts.tolist(), self.index.durations.tolist(), strict=True))
            self._open()
            first = next(self._frames, None)
        except av.error.FFmpegError as error:
            raise media_error(path, error, " at its first picture") from error
        if first is None:
            raise RenderError(
                f"{path} holds no picture", why="Its video stream gives no frame.", fix="Export the file again."
            )
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

    @property
    def picture_count(self) -> int:
        """Pictures of the file."""
        return len(self.index.pts)

    @property
    def last_grid_frame(self) -> int:
        """Grid frame of its last picture."""
        return int(self._grids[int(self.index.pts[-1])])

    @property
    def grid_frames(self) -> list[int]:
        """Where its pictures lie on the grid, rising."""
        return list(self._grids.values())

    @property
    def clock_jumps(self) -> bool:
        """Whether the file's own clock jumps; the times of pictures never do."""
        return len(self.index.clock_offsets) > 1

    @property
    def lead_s(self) -> Fraction:
        """What is added to the file's own times at its start."""
        return self.index.clock_offsets[0] * self.time_base

    @property
    def origin_s(self) -> Fraction:
        """When its earliest picture or sound begins: what counts as zero, as for players. MP4 itself begins at zero."""
        if _ZERO_FORMAT in self._container.format.name:
            return Fraction(0)
        sounds = sound_streams(self._container, self.stream)
        starts_s = [s.start_time * s.time_base + self.lead_s for s in sounds if s.start_time is not None]
        return max(Fraction(0), Fraction(min([self.first_pts * self.time_base, *starts_s])))

    @property
    def end_s(self) -> Fraction:
        """When its last picture ends."""
        return self.index.end * self.time_base

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __iter__(self) -> Iterator[TimedPicture]:
        """All pictures, in display order with strictly rising timestamps."""
        while self._ahead is not None:
            picture, self._ahead = self._ahead, self._next()
            if self._ahead is None and picture.pts < self.index.pts[-1]:  # those after it do not decode
                picture = replace(picture, duration=self.index.end - picture.pts)
            yield picture

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

    def check_end(self, count: int) -> None:
        """Raise an error if the file is shorter than the `count` grid frames that were promised."""
        if not self._may_hold(count - 1):
            raise self._ended(self._grids[int(self.index.pts[-1])] + 1)

    def check_decoded(self, times: Sequence[int]) -> str | None:
        """Compare the timestamps of all pictures that were read with the file's index; a note on those that are lost.

        Raises
        ------
        RenderError
            Fewer than half of the pictures decode.
        """
        lost = np.setdiff1d(self.index.pts, times)
        if len(times) < self.picture_count * MIN_DECODED_SHARE:
            raise RenderError(
                f"too few pictures of {self.path} decode: {len(times)} of {self.picture_count}",
                why="Its picture stream is damaged.",
                fix="Copy or export the file again.",
            )
        lost_s = [float((int(at) - self.first_pts) * self.time_base) for at in lost]
        return lost_note(lost_s, self.picture_count) if lost_s else None

    def _may_hold(self, grid: int) -> bool:
        """Whether the last picture may be held until `grid`: a still always, one of a variable rate for a while."""
        if self.is_still:
            return True
        held_frames = max(2, int(self._rate)) if self._is_vfr else 1  # a second; recorders end with a long picture
        last = round_half_up(self.index.last_duration * self.time_base * self._rate)
        return bool(grid - self._grids[int(self.index.pts[-1])] <= max(held_frames, last))

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
        if first < _MIN_SEEK_FRAMES or not self.index.is_seekable:
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
            self._open()
        except av.error.FFmpegError as error:
            raise media_error(self.path, error) from error
        self._reset()

    def _open(self) -> None:
        self._container = open_container(self.path)
        self.stream = self._container.streams[self.index.stream]
        self.stream.thread_type = self.index.thread_type
        self._frames = self._decoded()

    def _reset(self) -> None:
        self._frames = self._decoded()
        self._current = None
        self._ahead = self._next()

    def _decoded(self) -> Iterator[Any]:
        return deinterlaced(decoded_pictures(self._container, self.stream, self.index), self.stream, self._fields)

    def _next(self) -> TimedPicture | None:
        for frame in self._frames:
            if frame.pts in self._grids:
                picture = self._to_pixel_format(frame)
                return TimedPicture(self._grids[frame.pts], frame.pts, self._durations[frame.pts], picture)
        return None
