"""What is known of one media file before anything is measured in its picture."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from panscan.model.geometry import Size
from panscan.model.time import IntArray, grid_frames


@dataclass(frozen=True, slots=True)
class Colour:
    """Colour tags as FFmpeg numbers them (ITU-T H.273); range 1 is limited, 2 is full."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    range: int = 0


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One audio stream."""

    index: int
    codec: str
    rate_hz: int
    channels: int
    start_s: Fraction
    language: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class VideoStream:
    """The picture stream that panscan reads.

    coded: size in the file; display: after pixel aspect and rotation, the px every box and crop is in.
    rotation_deg: counter-clockwise turn that shows the coded picture upright (0, 90, 180, 270).
    pts: timestamps of all pictures in display order, units of `time_base`.
    """

    index: int
    codec: str
    pixel_format: str
    coded_size: Size
    display_size: Size
    pixel_aspect: Fraction
    rotation_deg: int
    rate: Fraction
    is_vfr: bool
    time_base: Fraction
    pts: IntArray
    colour: Colour

    @property
    def picture_count(self) -> int:
        """Pictures in the file."""
        return len(self.pts)

    @property
    def first_pts(self) -> int:
        """Timestamp of the first picture, units of `time_base`."""
        return int(self.pts[0])

    @property
    def start_s(self) -> Fraction:
        """Time of the first picture on the file's clock."""
        return self.first_pts * self.time_base

    def grid_frames(self, pts: IntArray | None = None) -> IntArray:
        """Grid frame of each picture (of all, by default)."""
        ticks = self.pts if pts is None else pts
        return grid_frames(ticks, self.first_pts, self.time_base, self.rate, is_vfr=self.is_vfr)


@dataclass(frozen=True, slots=True, eq=False)
class Media:
    """One media file.

    digest: content hash that names the cached perception; start_frame: embedded timecode in frames (0 without);
    frame_count: grid frames from the first picture to the end of the last.
    """

    path: str
    digest: str
    container: str
    video: VideoStream
    audio: tuple[AudioStream, ...]
    frame_count: int
    start_frame: int = 0
    timecode: str | None = None

    @property
    def duration_s(self) -> Fraction:
        """Length of the picture."""
        return self.frame_count / self.video.rate
