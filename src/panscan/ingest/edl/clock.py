"""Counting the times of an edit list in frames: at which rate, and drop frame or not.

A list does not say its rate. It says drop frame in two ways: by a code mode (FCM) that holds for all events after it,
or by the sign before the frames of each time. The record has one way of counting, that of the first event; sources may
have one each. Where times have signs of their own, a time without them does not drop.

Sources may also have other rates than the edit. Where many record times show how far they count, a source that counts
further has another rate; in a short list it may as well tell the rate of the edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from panscan.ingest.edl.edits import AUXILIARY, Edit
from panscan.ingest.edl.statements import Stamp
from panscan.model.time import clock_to_frames, nominal_rate

_NTSC_30, _NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)
_USUAL_RATES_HZ = (24, 25, 30, 50, 60, 120)  # as timecode counts them
_DAY_S = 86400
# So many record times, on so many frames of the second: in a list of 30 fps, chance leaves out frames 25 to 29 once in
# 50,000 lists.
_MANY_TIMES, _MANY_FRAMES = 60, 12


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
    min_source_rates : mapping of str to int
        The same of the times of each source.
    is_record_certain : bool
        There are so many record times that a higher rate would show.
    """

    is_record_drop: bool
    has_signs: bool
    min_record_rate: int
    min_source_rates: Mapping[str, int]
    is_record_certain: bool

    @property
    def min_rate(self) -> int:
        """Frames per second that the rate of the edit has at least."""
        sources = () if self.is_record_certain else self.min_source_rates.values()
        return max(self.min_record_rate, *sources, 0)

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
        return media_rate if media_rate is not None and fits else Fraction(_usual_rate(self.min_rate))


def counting_of(edits: Sequence[Edit]) -> Counting:
    """How the times of some edits count; there is at least one."""
    everything = [each for edit in edits for each in (edit.leaves, edit) if each is not None]
    record = _clock_times(s for edit in everything for s in (edit.line.record_in, edit.line.record_out))
    sources: dict[str, int] = {}
    has_signs = is_marked = any(stamp.is_marked_drop for stamp in record)
    for edit in everything:
        for stamp in _clock_times((edit.line.source_in, edit.line.source_out)):
            has_signs = has_signs or stamp.is_marked_drop
            sources[source_of(edit)] = max(sources.get(source_of(edit), 0), stamp.frames + 1)
    frames = {stamp.frames for stamp in record}
    is_certain = len(record) >= _MANY_TIMES and len(frames) >= _MANY_FRAMES
    return Counting(
        everything[0].line.is_drop and not is_marked, has_signs, 1 + max(frames, default=0), sources, is_certain
    )


def source_of(edit: Edit) -> str:
    """What the source of an edit is known by: its reel, or its name where the reel says nothing."""
    return edit.name if edit.line.reel.upper() in AUXILIARY else edit.line.reel


def _clock_times(stamps: Iterable[Stamp]) -> list[Stamp]:
    return [stamp for stamp in stamps if stamp.seconds is not None]


def _usual_rate(least: int) -> int:
    return next((rate for rate in _USUAL_RATES_HZ if rate >= least), _USUAL_RATES_HZ[-1])


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts the times of a list in frames of the edit.

    Attributes
    ----------
    rate : Fraction
        Of the edit.
    base : int
        Frames that timecode counts in a second at this rate.
    counting : Counting
    """

    rate: Fraction
    base: int
    counting: Counting

    def record(self, stamp: Stamp) -> int:
        """Frames since midnight of a record time."""
        return _frames(stamp, self.base, self.counting.is_record_drop)

    def source(self, stamp: Stamp, edit: Edit) -> int | Fraction:
        """Frames of the edit since midnight of a source time."""
        base = self.source_base(edit)
        frames = _frames(stamp, base, edit.line.is_drop and not self.counting.has_signs)
        if base == self.base or stamp.seconds is None:
            return frames
        is_ntsc = self.rate.denominator == 1001 and base % 30 == 0
        return frames * self.rate / (Fraction(base * 1000, 1001) if is_ntsc else base)

    def source_base(self, edit: Edit) -> int:
        """Frames that the source times of an edit count in a second: those of the edit, unless the source has more."""
        least = self.counting.min_source_rates.get(source_of(edit), 0)
        return _usual_rate(least) if least > self.base else self.base

    @property
    def day_frames(self) -> int:
        """Frames of the record from one midnight to the next."""
        return clock_to_frames(_DAY_S, 0, self.base, drop=self.counting.is_drop_frame)


def _frames(stamp: Stamp, base: int, is_drop: bool) -> int:
    if stamp.seconds is None:
        return stamp.frames
    return clock_to_frames(stamp.seconds, stamp.frames, base, drop=is_drop or stamp.is_marked_drop)
