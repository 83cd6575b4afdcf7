"""The events of a list, counted in frames at its rate: record times hold, and source times give way to them.

An event lasts as long as its record times say. It plays its source from the source-in time, at the speed of its M2
line or else at normal speed; where the source times say something else, the event is repaired and that is told.
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
_EMPTY = Fault("it has no length in the record", "it is left out")
_NO_TRACK = Fault("it records neither picture nor sound", "it is left out")
_NO_CHANNEL = Fault("the list does not say what it records", "it is taken for a picture")
_TOO_LONG = Fault("its source times last longer than its record times, which hold", "its end is cut")
_TOO_SHORT = Fault("its source times end before its record times, which hold", "it plays on")
_STILL = Fault("it shows one frame of its source for longer and has no M2 line", "it stands still")
_SLOW = Fault("it plays less of its source than it lasts and has no M2 line", "it is slowed down")
_OTHER_SPEED = Fault("its M2 line says another speed than its times", "the speed of the M2 line is taken")
_EXACT = re.compile(r"(speed|from)=(-?\d{1,12}(?:/[1-9]\d{0,11})?)(?=\s|$)")


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
    media_end : int
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
    media_first: int | Fraction
    media_end: int
    speed: int | Fraction
    leaves: Event | None = None

    @property
    def frame_count(self) -> int:
        """Record frames that it lasts."""
        return self.record_end - self.record_first

    def media_at(self, record_frame: int) -> int | Fraction:
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
    end = _after(clock.record(line.record_out), first, clock)
    leaves = edit.leaves
    if leaves is not None:
        left = _counted(leaves, first, first + line.length, clock, Told())
        return _counted(edit, first, end, clock, told, left)
    return _counted(edit, first, end, clock, told)


def _counted(edit: Edit, first: int, end: int, clock: Clock, told: Told, leaves: Event | None = None) -> Event:
    line = edit.line
    source_in = clock.source(line.source_in, line.is_drop)
    source_out = _after(clock.source(line.source_out, line.is_drop), source_in, clock)
    named, count = source_out - source_in, end - first
    speed: int | Fraction = 1
    start: int | Fraction = source_in
    if edit.motion is not None and count > 0:
        speed = _speed(edit, named, count, clock.rate, told)
        start = _start(edit, source_in, count, speed)
    elif not edit.is_black and count > 0:
        speed = _repaired(edit, named, count, told)
    channels = read_channels(line.channels, edit.more_sound)
    return Event(edit, channels, first, end, start, source_out, speed, leaves)


def _after(end: int, first: int, clock: Clock) -> int:
    """An end time that is not before its start: times begin again at midnight. A much earlier one has no meaning."""
    day = clock.day_frames
    return end + day if end < first and first - end > day // 2 else end


def _repaired(edit: Edit, named: int, count: int, told: Told) -> int | Fraction:
    """The speed of an event without M2 line whose source times name so many frames for so many record frames."""
    if edit.texts("FREEZE FRAME"):
        return 0
    if named == count:
        return 1
    label = edit.line.label
    if named > count:
        told.add(_TOO_LONG, label)
    elif named < 1 or count - named <= _ROUNDED_FRAMES:
        told.add(_TOO_SHORT, label)
    elif named == 1:
        told.add(_STILL, label)
        return 0
    else:
        told.add(_SLOW, label)
        return Fraction(named, count)
    return 1


def _speed(edit: Edit, named: int, count: int, rate: Fraction, told: Told) -> Fraction:
    """The speed of an event with an M2 line, exactly where a comment of panscan says it."""
    assert edit.motion is not None
    fps = edit.motion.fps
    exact = _exact(edit).get("speed")
    # If the M2 line was changed since, the comment no longer holds.
    if exact is not None and abs(exact * rate - fps) <= _M2_STEP_HZ:
        return exact
    # Some writers count 30 for normal speed at 29.97 fps, others 29.97: the event's lengths tell.
    counted = (fps / rate, fps / nominal_rate(rate))
    speed = min(counted, key=lambda each: abs(abs(each) - Fraction(max(named, 0), count)))
    off = abs(named - abs(speed) * count)
    if off > _ROUNDED_FRAMES + count * _ROUGH_M2_HZ / rate and speed:
        told.add(_OTHER_SPEED, edit.line.label)
    return speed


def _start(edit: Edit, source_in: int, count: int, speed: int | Fraction) -> int | Fraction:
    """The media frame that a retimed event shows first."""
    # Events name the range forwards; what is shown first backwards is its last frame.
    first = source_in if speed >= 0 else source_in + max(0, round_half_up(Fraction(count * -speed)) - 1)
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
