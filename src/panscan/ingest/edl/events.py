"""The events of a list, counted in frames at its rate: record times hold, and source times give way to them.

An event lasts as long as its record times say. It plays its source from the source-in time, at the speed of its M2
line. Without one it plays at normal speed if its times fit or nearly fit, else at a speed that makes them fit; both are
told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from panscan.ingest.edl.channels import Channels, read_channels
from panscan.ingest.edl.clock import Clock
from panscan.ingest.edl.edits import Edit
from panscan.ingest.edl.told import Fault, Told
from panscan.model.time import nominal_rate, round_half_up

_M2_STEP_HZ = Fraction(1, 1000)  # panscan writes M2 lines with three decimals
_ROUGH_M2_HZ = Fraction(1, 20)  # editors write them with one
# Source and record times that differ by so many frames were rounded, or count the last frame differently.
_ROUNDED_FRAMES = 2
_FASTER = "its source times count more frames in a second than the edit"
_EMPTY = Fault("it has no length in the record", "it is left out")
_NO_TRACK = Fault("it records neither picture nor sound", "it is left out")
_NO_CHANNEL = Fault("the list does not say what it records", "it is taken for a picture")
_TOO_LONG = Fault("its source times last longer than its record times, which hold", "its end is cut")
_TOO_SHORT = Fault("its source times end before its record times, which hold", "it plays on")
_STILL = Fault("it shows one frame of its source for longer and has no M2 line", "it stands still")
_RETIMED = Fault("its source and record times differ and it has no M2 line", "its speed is what they say")
_OTHER_SPEED = Fault("its M2 line says another speed than its times", "the speed of the M2 line is taken")
_EXACT = re.compile(r"(speed|from)=(-?\d{1,12}(?:/[1-9]\d{0,11})?)(?=\s|$)")  # in a comment of panscan

_Frames = int | Fraction


@dataclass(frozen=True, slots=True)
class Event:
    """An edit in the record.

    Attributes
    ----------
    edit : Edit
    channels : Channels
    record_first, record_end : int
        Record frames [first, end), counted since midnight.
    media_first : int or Fraction
        The media frame that it shows first, counted since midnight.
    media_end : int or Fraction
        The media frame at which its source times end.
    speed : int or Fraction
        Media frames per record frame; 0 for a freeze frame, negative for backwards.
    leaves : Event or None
        What its transition leaves, if the list says it, for as long as the transition lasts.
    """

    edit: Edit
    channels: Channels
    record_first: int
    record_end: int
    media_first: _Frames
    media_end: _Frames
    speed: _Frames
    leaves: Event | None = None

    @property
    def frame_count(self) -> int:
        """Record frames that it lasts."""
        return self.record_end - self.record_first

    def media_at(self, record_frame: int) -> _Frames:
        """The media frame that it shows at a record frame."""
        return self.media_first + (record_frame - self.record_first) * self.speed


def count_events(edits: Iterable[Edit], clock: Clock, told: Told) -> list[Event]:
    """The events of a list in its order; those without a length are left out and told, unless they are black."""
    events = []
    for edit in edits:
        event = _event(edit, clock, told)
        fault = None if edit.is_black else _fault_of(event)
        if fault is not None:
            told.add(fault, edit.line.label)
        if event.frame_count > 0:
            events.append(event)
    return _over_midnight(events, clock)


def _fault_of(event: Event) -> Fault | None:
    """What is wrong with the place of an event in the record."""
    if event.frame_count <= 0:
        return _EMPTY
    if not (event.channels.pictures or event.channels.sounds):
        return _NO_TRACK
    return None if event.edit.line.channels else _NO_CHANNEL


def _event(edit: Edit, clock: Clock, told: Told) -> Event:
    line = edit.line
    first = clock.record(line.record_in)
    end = int(_after(clock.record(line.record_out), first, clock))
    leaves = edit.leaves
    if leaves is not None:
        left = _counted(leaves, first, first + line.length, clock, Told())
        return _counted(edit, first, end, clock, told, left)
    return _counted(edit, first, end, clock, told)


def _counted(edit: Edit, first: int, end: int, clock: Clock, told: Told, leaves: Event | None = None) -> Event:
    line = edit.line
    source_in = clock.source(line.source_in, edit)
    source_out = _after(clock.source(line.source_out, edit), source_in, clock)
    named, count = source_out - source_in, end - first
    speed: _Frames = 1
    start: _Frames = source_in
    if edit.motion is not None and count > 0 and not edit.is_black:
        speed = _speed(edit, named, count, clock.rate, told)
        start = _start(edit, source_in, named, count, speed)
    elif not edit.is_black and count > 0:
        speed = _repaired(edit, named, count, told)
    base = clock.source_base(edit)
    if base != clock.base:
        told.add(Fault(_FASTER, f"they are taken for those of {base} frames per second"), line.label)
    channels = read_channels(line.channels, edit.more_sound)
    return Event(edit, channels, first, end, start, source_out, speed, leaves)


def _after(end: _Frames, first: _Frames, clock: Clock) -> _Frames:
    """An end time that is not before its start: times begin again at midnight. A much earlier one has no meaning."""
    day = clock.day_frames
    return end + day if end < first and first - end > day // 2 else end


def _repaired(edit: Edit, named: _Frames, count: int, told: Told) -> _Frames:
    """The speed of an event without M2 line whose source times name so many frames for so many record frames."""
    if edit.texts("FREEZE FRAME"):
        return 0
    label, off = edit.line.label, Fraction(named - count)
    rounded = abs(off) <= _ROUNDED_FRAMES
    if not off or (abs(off) < 1 and off.denominator > 1):  # of a source with another rate
        return 1
    if named < 1 or (rounded and named < count):
        told.add(_TOO_SHORT, label)
    elif rounded:
        told.add(_TOO_LONG, label)
    elif named == 1:
        told.add(_STILL, label)
        return 0
    else:
        told.add(_RETIMED, label)
        return _simplest(Fraction(named - 1, count), Fraction(named + 1, count))
    return 1


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator from `low` to `high`, which are positive: 2 for 97 frames in 49."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    floor = whole - 1
    return floor + 1 / _simplest(1 / (high - floor), 1 / (low - floor))


def _speed(edit: Edit, named: _Frames, count: int, rate: Fraction, told: Told) -> Fraction:
    """The speed of an event with an M2 line, exactly where a comment of panscan says it."""
    assert edit.motion is not None
    fps = edit.motion.fps
    exact = _exact(edit).get("speed")
    # If the M2 line was changed since, the comment no longer holds.
    if exact is not None and abs(exact * rate - fps) <= _M2_STEP_HZ:
        return exact
    # Some writers count 30 for normal speed at 29.97 fps, others 29.97: the event's lengths tell.
    counted = (fps / rate, fps / nominal_rate(rate))
    speed = min(counted, key=lambda each: abs(abs(each) - Fraction(max(named, 0)) / count))
    off = abs(named - abs(speed) * count)
    if named > 1 and speed and off > _ROUNDED_FRAMES + abs(speed) + count * _ROUGH_M2_HZ / rate:
        told.add(_OTHER_SPEED, edit.line.label)
    return speed


def _start(edit: Edit, source_in: _Frames, named: _Frames, count: int, speed: _Frames) -> _Frames:
    """The media frame that a retimed event shows first."""
    # Events name the range forwards; what is shown first backwards is its last frame. Avid names one frame: the first.
    is_range = speed < 0 and named > 1
    first = source_in + max(0, round_half_up(Fraction(count * -speed)) - 1) if is_range else source_in
    exact = _exact(edit).get("from")
    return exact if exact is not None and math.floor(exact) == first else first


def _exact(edit: Edit) -> dict[str, Fraction]:
    """What a comment of panscan says of a retimed event."""
    texts = edit.texts("PANSCAN")
    return {key: Fraction(value) for key, value in _EXACT.findall(texts[0])} if texts else {}


def _over_midnight(events: list[Event], clock: Clock) -> list[Event]:
    """The events with those after a midnight counted on, where an event runs over it."""
    day = clock.day_frames
    if not any(event.record_end >= day for event in events if not event.edit.is_black):
        return events
    return list(_counted_on(events, day))


def _counted_on(events: Iterable[Event], day: int) -> Iterator[Event]:
    for event in events:
        late = event.record_first < day // 2
        yield _moved(event, day) if late else event


def _moved(event: Event, frames: int) -> Event:
    """The same event so many record frames later."""
    leaves = _moved(event.leaves, frames) if event.leaves else None
    return Event(
        event.edit,
        event.channels,
        event.record_first + frames,
        event.record_end + frames,
        event.media_first,
        event.media_end,
        event.speed,
        leaves,
    )
