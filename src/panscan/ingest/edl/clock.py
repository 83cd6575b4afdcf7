"""Counting the times of an edit list in frames: at which rate, and drop frame or not.

A list does not say its rate. It says drop frame in two ways: by a code mode (FCM) that holds for all events after it,
or by the sign before the frames of each time. The record has one way of counting, that of the first event; sources may
have one each. Where times have signs of their own, a time without them does not drop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from panscan.ingest.edl.statements import EventLine, Stamp
from panscan.model.time import clock_to_frames, nominal_rate

_NTSC_30, _NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)
_USUAL_RATES_HZ = (24, 25, 30, 50, 60, 120)  # as timecode counts them
_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Counting:
    """What the times of a list say about the way they count.

    Attributes
    ----------
    is_record_drop : bool
        Record times without a sign of their own count drop frame.
    has_signs : bool
        Times say by their signs whether they drop.
    min_record_rate : int
        The highest frame number in a record time, plus one: frames per second that the rate has at least.
    min_rate : int
        The same of all times.
    """

    is_record_drop: bool
    has_signs: bool
    min_record_rate: int
    min_rate: int

    @property
    def is_drop_frame(self) -> bool:
        """Whether any time counts drop frame."""
        return self.is_record_drop or self.has_signs

    def guess_rate(self, media_rate: Fraction | None = None) -> Fraction:
        """The rate of the first media if the times allow it, else the lowest usual rate that they allow.

        Drop frame has few rates: 30 and 60, and those of NTSC.
        """
        fits = media_rate is not None and nominal_rate(media_rate) >= self.min_rate
        if self.is_drop_frame:
            lowest = 60 if self.min_rate > 30 else 30
            same = media_rate is not None and fits and nominal_rate(media_rate) == lowest
            return media_rate if same and media_rate else _NTSC_60 if lowest == 60 else _NTSC_30
        if media_rate is not None and fits:
            return media_rate
        return next((Fraction(r) for r in _USUAL_RATES_HZ if r >= self.min_rate), Fraction(_USUAL_RATES_HZ[-1]))


def counting_of(lines: Sequence[EventLine]) -> Counting:
    """How the times of some event lines count; there is at least one line."""
    record = _clock_times(stamp for line in lines for stamp in (line.record_in, line.record_out))
    source = _clock_times(stamp for line in lines for stamp in (line.source_in, line.source_out))
    has_signs = any(stamp.is_marked_drop for stamp in (*record, *source))
    marked = any(stamp.is_marked_drop for stamp in record)
    highest = [1 + max((stamp.frames for stamp in stamps), default=0) for stamps in (record, source)]
    return Counting(lines[0].is_drop and not marked, has_signs, highest[0], max(highest))


def _clock_times(stamps: Iterable[Stamp]) -> list[Stamp]:
    return [stamp for stamp in stamps if stamp.seconds is not None]


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts the times of a list at a rate.

    Attributes
    ----------
    rate : Fraction
    base : int
        Frames that timecode counts in a second at this rate.
    counting : Counting
    """

    rate: Fraction
    base: int
    counting: Counting

    def record(self, stamp: Stamp) -> int:
        """Frames since midnight of a record time."""
        return self._frames(stamp, self.counting.is_record_drop)

    def source(self, stamp: Stamp, is_drop: bool) -> int:
        """Frames since midnight of a source time; `is_drop` is the code mode in force."""
        return self._frames(stamp, is_drop and not self.counting.has_signs)

    def _frames(self, stamp: Stamp, is_drop: bool) -> int:
        if stamp.seconds is None:
            return stamp.frames
        return clock_to_frames(stamp.seconds, stamp.frames, self.base, drop=is_drop or stamp.is_marked_drop)

    @property
    def day_frames(self) -> int:
        """Frames of the record from one midnight to the next."""
        return clock_to_frames(_DAY_S, 0, self.base, drop=self.counting.is_drop_frame)
