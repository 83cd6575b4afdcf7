"""What people write for a moment of a movie or a cut -> frames of its grid."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.model.time import nominal_rate, timecode_to_frames

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)")
_TIMECODE = re.compile(r"(\d\d?):(\d\d?):(\d\d?)([:;])(\d\d?\d?)")
TIME_FORMATS = 'seconds (12.5), "MM:SS.s", "HH:MM:SS.s" or timecode "HH:MM:SS:FF"'


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """The frames of a movie or a cut.

    Attributes
    ----------
    rate : Fraction
        Frames per second.
    frame_count : int
    start_frames : int
        Timecode of the first frame, in frames since midnight.
    kind : str
        "movie" or "cut", for messages.
    """

    rate: Fraction
    frame_count: int
    start_frames: int = 0
    kind: str = "movie"

    def frame_of(self, value: Any) -> int:
        """The frame, from 0, that begins nearest to a moment; 0 to `frame_count`, the end.

        Seconds and clock times count from the first frame; a timecode is the one embedded in the media, or that of the
        cut.

        Raises
        ------
        ValueError
            It is no moment, or not one of this movie; the message is for the person who wrote it.
        """
        frame = self._parse(value)
        if not 0 <= frame <= self.frame_count:
            raise ValueError(f"{value} is outside the {self.kind}, which is {self._length()}")
        return frame

    def _parse(self, value: Any) -> int:
        if isinstance(value, datetime.time):  # TOML reads a bare 00:01:30.5 as a time of day
            return self._from_seconds(
                Fraction(value.hour * 3600 + value.minute * 60 + value.second) + Fraction(value.microsecond, 1_000_000)
            )
        if isinstance(value, str):
            if match := _TIMECODE.fullmatch(value.strip()):
                return self._from_timecode(match)
            if match := _CLOCK.fullmatch(value.strip()):
                hours, minutes, seconds = int(match[1] or 0), int(match[2] or 0), Fraction(match[3])
                if (match[2] and seconds >= 60) or (match[1] and minutes >= 60):
                    raise ValueError(f"{value} has 60 or more minutes or seconds")
                return self._from_seconds(hours * 3600 + minutes * 60 + seconds)
        if isinstance(value, int) and value.bit_length() > 64:
            raise ValueError(f"it is far outside the {self.kind}")
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return self._from_seconds(Fraction(str(value)))  # as written: 0.1 is a tenth
        raise ValueError(f"it is none of {TIME_FORMATS}")

    def _from_seconds(self, seconds: Fraction) -> int:
        return math.floor(seconds * self.rate + Fraction(1, 2))

    def _from_timecode(self, match: re.Match[str]) -> int:
        minutes, seconds, frames = int(match[2]), int(match[3]), int(match[5])
        base = nominal_rate(self.rate)
        if minutes >= 60 or seconds >= 60:
            raise ValueError(f"{match[0]} has 60 or more minutes or seconds")
        if frames >= base:
            raise ValueError(f"{match[0]} has frame {frames}; at this rate they go from 0 to {base - 1}")
        if match[4] == ";":
            if base % 30 or self.rate.denominator == 1:
                raise ValueError(f"{match[0]} is drop frame, which is for 29.97 and 59.94 only: write : before frames")
            if minutes % 10 and seconds == 0 and frames < base // 15:
                raise ValueError(f"there is no {match[0]}: drop frame leaves this number out")
        counted = timecode_to_frames(match[0], self.rate) - self.start_frames
        # A recording may run past midnight, where timecode starts again.
        day = timecode_to_frames(f"24:00:00{match[4]}00", self.rate)
        return counted + day if counted < 0 <= counted + day <= self.frame_count else counted

    def _length(self) -> str:
        text = f"{float(self.frame_count / self.rate):.3f} s long"
        return text + (f" and starts at frame {self.start_frames} of its timecode" if self.start_frames else "")
