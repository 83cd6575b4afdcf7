"""Reading the pictures of sources and output for the verifier: timestamps, tags, upright pictures.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.errors import InputError
from panscan.model.media import Fields
from panscan.model.time import grid_frames
from panscan.verify.measure.fields import whole_pictures
from panscan.verify.measure.movie_header import shown_matrix
from panscan.verify.measure.planes import Plane, chroma_planes, luma_plane
from panscan.verify.picture_tags import Tags, range_of, tags_of
from panscan.verify.source_clock import picture_stream, timed_pictures
from panscan.verify.source_times import SAFE_THREADS, PacketTimes, SourceTimes, decoded_times

# Up to this distance, decoding on is cheaper than seeking back to a keyframe.
_MIN_SEEK_PICTURES = 60
# Seek this much too early: containers index by decoding time, which comes before the picture's own time.
_SEEK_MARGIN_S = Fraction(1, 2)
_HEAD_PICTURES = 8  # that are decoded to see whether times of packets are times of pictures
_KEPT_PICTURES = 6  # decoded pictures in memory: a picture is compared with its neighbours
_KEPT_AFTER_PICTURES = 3  # of them, so many may come after the one that is asked for
_KEPT_BACKWARDS_PICTURES = 30  # while pictures are read backwards, where each seek decodes from a keyframe on


class SourcePictures:
    """Random access to the upright luma pictures of one media, by number in display order."""

    def __init__(self, path: Path, fields: Fields = "progressive", *, decodes_all: bool = False) -> None:
        """Read all packets of the picture once for their timestamps, and decode them all if these leave a doubt.

        fields: what of it is deinterlaced. decodes_all: its times are in doubt, whatever the packets say.

        Raises
        ------
        InputError
            The media is missing or cannot be read.
        """
        self.path = path
        self._fields = fields
        self._first_tags: Tags | None = None
        self._frames: Iterator[Any] = iter(())
        if not path.is_file():
            raise InputError(
                f"{path} does not exist",
                why="The timeline refers to it; without the source nothing can be compared.",
                fix="Put the file back, or correct its path in the timeline.",
            )
        self.offsets_s: tuple[Fraction, ...] = (Fraction(0),)
        self._clock: SourceTimes | None = None
        self._is_doubtful = False
        try:
            with open_container(path) as container:
                stream = picture_stream(container)
                if stream is None:
                    raise InputError(f"{path} has no picture", why="No video stream.", fix="Refer to the movie.")
                self.index = int(stream.index)
                track_id = int(stream.id)
                self.time_base = Fraction(stream.time_base)
                packets = PacketTimes(container, stream)
            self.pts = np.unique(np.array(packets.ticks, np.int64))
            self._open()
            head = list(islice(self._frames, _HEAD_PICTURES))
            if not head:
                raise InputError(f"{path} has no picture", why="Nothing can be decoded.", fix="Export it again.")
            self.tags = self._first_tags = tags_of(head[0], self._stream, shown_matrix(path, track_id))
            if decodes_all or packets.is_doubtful or [frame.pts for frame in head] != self.pts[: len(head)].tolist():
                self._decode_all(packets)
        except av.error.FFmpegError as error:
            raise _unreadable(path, error) from error
        self._kept: dict[int, Any] = {}
        self._max_kept = self._kept_forwards = _KEPT_PICTURES
        self._forward_steps = 0
        self._at = -1
        self._restart()

    def _decode_all(self, packets: PacketTimes) -> None:
        """Take the times of the pictures that decode instead of those of the packets."""
        self._is_doubtful = True
        self._clock = times = decoded_times(self.path, self.index, self.time_base, packets)
        self.pts, self.offsets_s = times.pts, times.offsets_s

    def keep_together(self, count: int) -> None:
        """Keep so many pictures in a row, and the neighbours of all of them."""
        self._max_kept = self._kept_forwards = _KEPT_PICTURES + count - 1

    def close(self) -> None:
        """Close the file and let go of its pictures and the decoder, which refer to this and so would stay for long."""
        self._container.close()
        self._frames, self._kept = iter(()), {}

    def grid(self, rate: Fraction, *, is_vfr: bool) -> npt.NDArray[np.int64]:
        """Grid frame of each picture."""
        return grid_frames(self.pts, int(self.pts[0]), self.time_base, rate, is_vfr=is_vfr)

    @property
    def quarter_turns(self) -> int:
        """Counter-clockwise turns by 90 degrees that show its pictures upright, after mirroring."""
        return self.tags.rotation_deg // 90

    def upright(self, image: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """An image (h, w, ...) of a decoded picture as it is shown."""
        mirrored = image[:, ::-1] if self.tags.is_mirrored else image
        return np.ascontiguousarray(np.rot90(mirrored, self.quarter_turns))

    def upright_luma(self, number: int) -> Plane | None:
        """Luma of picture `number`, turned upright, px as coded; None where there is no such picture."""
        frame = self.frame(number)
        return None if frame is None else self.upright_plane(luma_plane(frame))

    def upright_chroma(self, number: int) -> tuple[Plane, Plane] | None:
        """Both chroma planes of picture `number`, upright; None where it has none."""
        frame = self.frame(number)
        planes = None if frame is None else chroma_planes(frame)
        return None if planes is None else (self.upright_plane(planes[0]), self.upright_plane(planes[1]))

    def upright_plane(self, plane: Plane) -> Plane:
        """A plane of a decoded picture as it is shown."""
        return plane.shown(is_mirrored=self.tags.is_mirrored, quarter_turns=self.quarter_turns)

    def frame(self, number: int) -> Any:
        """Picture `number` as decoded; None where there is no such picture."""
        if not 0 <= number < len(self.pts):
            return None
        if number not in self._kept:
            # Backwards, each step decodes from a keyframe on, so more of these pictures are kept.
            self._forward_steps = self._forward_steps + 1 if number > self._at else 0
            if number < self._at or self._forward_steps > self._kept_forwards:
                self._max_kept = _KEPT_BACKWARDS_PICTURES if number < self._at else self._kept_forwards
            if number <= self._at or number - self._at > _MIN_SEEK_PICTURES:
                self._seek(max(number - self._max_kept, 0) if number < self._at else number)
            self._decode_to(number)
            if number not in self._kept:  # the seek went too far
                self._restart()
                self._decode_to(number)
            if number not in self._kept:  # it does not decode: the picture before it stays
                return self._kept.get(max((kept for kept in self._kept if kept < number), default=-1))
        return self._kept.get(number)

    def _decode_to(self, number: int) -> None:
        try:
            for frame in self._frames:
                self._at = int(np.searchsorted(self.pts, frame.pts))
                if self._at > number - self._max_kept + _KEPT_AFTER_PICTURES:  # neighbours are needed too
                    self._kept[self._at] = frame
                    while len(self._kept) > self._max_kept:
                        del self._kept[max(self._kept, key=lambda kept: abs(kept - number))]
                if self._at >= number:
                    return
        except av.error.FFmpegError as error:
            raise _unreadable(self.path, error) from error

    def _seek(self, number: int) -> None:
        if number <= _MIN_SEEK_PICTURES or self._is_doubtful:
            self._restart()
            return
        ticks = int(self.pts[number - 2]) - int(_SEEK_MARGIN_S / self.time_base)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:  # some containers cannot seek
            self._restart()
            return
        self._frames = self._decoded()
        self._at = -1

    def _restart(self) -> None:
        if hasattr(self, "_container"):
            self._container.close()
        self._open()
        self._at = -1

    def _open(self) -> None:
        self._container = open_container(self.path)
        stream: Any = self._container.streams[self.index]
        self._stream = stream
        stream.thread_type = SAFE_THREADS if self._is_doubtful else "AUTO"
        self._frames = self._decoded()

    def _decoded(self) -> Iterator[Any]:
        frames = self._with_ticks()
        if self._fields != "progressive":
            frames = whole_pictures(frames, self._stream, self._fields)
        return map(self._like_first, frames)

    def _with_ticks(self) -> Iterator[Any]:
        """The pictures from where the file stands, with timestamps on a clock without jumps."""
        if self._clock is None:
            yield from (frame for _, _, frame in timed_pictures(self._container, self._stream))
        else:
            yield from self._clock.pictures(self._container, self._stream)

    def _like_first(self, frame: Any) -> Any:
        """A frame of another size or other colours than the first, converted to those."""
        first = self._first_tags
        if first is None or first.is_rgb:
            return frame
        changes: dict[str, int] = {}
        if (frame.width, frame.height) != (first.width, first.height):
            changes |= {"width": first.width, "height": first.height}
        own_range, first_range = range_of(frame) or 1, first.range or 1  # limited where nothing is said
        if own_range != first_range:
            changes |= {"src_color_range": own_range, "dst_color_range": first_range}
        own_matrix = int(frame.colorspace)
        if own_matrix != first.matrix and min(own_matrix, first.matrix) > 0 and not {own_matrix, first.matrix} & {2, 3}:
            changes |= {"src_colorspace": own_matrix, "dst_colorspace": first.matrix}
        if not changes:
            return frame
        made = frame.reformat(format=first.pixel_format.replace("yuvj", "yuv"), **changes)
        made.pts = frame.pts if frame.pts is not None else frame.dts
        return made


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"the source {path} cannot be read",
        why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
        fix="Copy or export the file again.",
    )
