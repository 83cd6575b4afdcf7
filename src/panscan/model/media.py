"""What is known of one media file before anything is measured in its picture."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from panscan.model.geometry import Size
from panscan.model.time import IntArray, grid_frames

# What is deinterlaced, and which field comes first: nothing; the pictures that the decoder flags, as it flags them; all
# pictures, with the top or the bottom field first.
Fields = Literal["progressive", "flagged", "top_first", "bottom_first"]
Deinterlace = Literal["auto", "off", "on"]  # what the user wants
LONG_S = 20 * 60  # of media that is worked on in parts: of less, several workers gain little


@dataclass(frozen=True, slots=True)
class Colour:
    """Colour tags as FFmpeg numbers them (ITU-T H.273).

    Attributes
    ----------
    primaries, transfer, matrix : int
        2 is unspecified.
    range : int
        0 unspecified, 1 limited, 2 full.
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    range: int = 0


@dataclass(frozen=True, slots=True)
class StillFacts:
    """What a photo asks of the programs that show it.

    Attributes
    ----------
    turn : int
        How it is shown upright, as EXIF numbers it: 1 as stored, 6 turned clockwise, and so on.
    profile : str
        Name of its colour profile; "" for sRGB.
    is_transparent : bool
        Something behind it may be seen.
    """

    turn: int = 1
    profile: str = ""
    is_transparent: bool = False


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One audio stream.

    Attributes
    ----------
    index : int
        Number of the stream in the file.
    codec : str
    rate_hz : int
        Samples per second.
    channels : int
    start_s : Fraction
        Time of its first sample on the file's clock.
    language : str
        As tagged in the file; "" where it is not.
    """

    index: int
    codec: str
    rate_hz: int
    channels: int
    start_s: Fraction
    language: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PictureIndex:
    """Which pictures of a stream decode and when each is shown, on a clock without jumps.

    Attributes
    ----------
    stream : int
        Number of the stream in the file.
    time_base : Fraction
        Seconds per tick.
    pts : ndarray (n,), int64
        Timestamps of the pictures that decode, in ticks, strictly rising.
    last_duration : int
        How long the last picture is shown, in ticks; 0 where the file does not say.
    clock_offsets : tuple of int
        Ticks to add to the file's timestamps: at its start (0 unless they are negative), then after each jump of its
        clock.
    is_seekable : bool
        Whether timestamps find their place in the file; otherwise it is decoded from its start.
    is_counted : bool
        Whether the file stores no times of its pictures, so that each gets its time by its number.
    is_damaged : bool
        Whether packets are corrupt. Such files are decoded without frame threads, which lose good pictures beside
        those that do not decode.
    changed_count : int
        Pictures that have another size, pixel format or colours than the first, as far as packets tell.
    notes : tuple of str
        What is left out or bridged, one line each.
    """

    stream: int
    time_base: Fraction
    pts: IntArray
    last_duration: int = 0
    clock_offsets: tuple[int, ...] = (0,)
    is_seekable: bool = True
    is_counted: bool = False
    is_damaged: bool = False
    changed_count: int = 0
    notes: tuple[str, ...] = ()

    @property
    def durations(self) -> IntArray:
        """How long each picture is shown, in ticks: up to the next one; the last as the file says, or as most."""
        steps = np.diff(self.pts)
        return np.append(steps, self.last_duration or (int(np.median(steps)) if len(steps) else 0))

    @property
    def end(self) -> int:
        """When the last picture ends, in ticks."""
        return int(self.pts[-1]) + int(self.durations[-1])

    @property
    def thread_type(self) -> str:
        """How the stream is decoded, as FFmpeg names it: never in slices, which hide that a picture is damaged."""
        return "NONE" if self.is_damaged else "FRAME"


@dataclass(frozen=True, slots=True, eq=False)
class VideoStream:
    """The picture stream that panscan reads.

    Attributes
    ----------
    index : int
        Number of the stream in the file.
    codec, pixel_format : str
        FFmpeg's names.
    coded_size : Size
        Size in the file.
    display_size : Size
        Size after pixel aspect and rotation: the px that every box and crop is in.
    pixel_aspect : Fraction
        Width of a coded pixel over its height.
    rotation_deg : int
        Counter-clockwise turn that shows the coded picture upright, after mirroring: 0, 90, 180 or 270.
    rate : Fraction
        Grid frames per second.
    is_vfr : bool
        Whether the rate is variable.
    time_base : Fraction
        Seconds per tick of the timestamps.
    pts : ndarray (n,), int64
        Timestamps of all pictures in display order, in ticks.
    colour : Colour
    is_mirrored : bool
        The coded picture is mirrored left to right before it is turned.
    fields : Fields
        What of it is deinterlaced.
    pictures : PictureIndex, optional
        How `pts` were found; what decodes the stream goes by it. None: just by `pts`.
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
    is_mirrored: bool = False
    fields: Fields = "progressive"
    pictures: PictureIndex | None = None

    @property
    def picture_index(self) -> PictureIndex:
        """Which pictures decode, and when each is shown."""
        return self.pictures or PictureIndex(self.index, self.time_base, self.pts)

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

    Attributes
    ----------
    path : str
    digest : str
        Content hash that names the cached perception.
    container : str
        FFmpeg's name of the file format.
    video : VideoStream
    audio : tuple of AudioStream
    frame_count : int
        Grid frames from the first picture to the end of the last.
    start_frame : int
        Embedded timecode in frames; 0 without one.
    timecode : str, optional
        Embedded timecode as it is written in the file.
    notes : tuple of str
        What is read otherwise than the file says, a line each.
    still : StillFacts, optional
        Of a photo.
    """

    path: str
    digest: str
    container: str
    video: VideoStream
    audio: tuple[AudioStream, ...]
    frame_count: int
    start_frame: int = 0
    timecode: str | None = None
    notes: tuple[str, ...] = ()
    still: StillFacts | None = None

    @property
    def key(self) -> str:
        """Names what is seen of it: the digest, and how it is looked at where that is not as for most media."""
        looks = ("-mirrored" if self.video.is_mirrored else "") + (
            f"-{self.video.fields}" if self.video.fields != "progressive" else ""
        )
        return self.digest + looks

    @property
    def duration_s(self) -> Fraction:
        """Length of the picture."""
        return self.frame_count / self.video.rate

    @property
    def is_long(self) -> bool:
        """Whether it is worked on in parts, which several workers may share.

        Media in which no place can be found is not: it would be decoded from its start for each part.
        """
        return self.duration_s > LONG_S and self.video.picture_index.is_seekable
