"""The picture events of a CMX3600 edit list: hard cuts at any speed, with the comments that panscan writes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from panscan.errors import InputError
from panscan.model.time import round_half_up, timecode_to_frames

_M2_STEP_HZ = Fraction(1, 1000)  # M2 lines count media frames per second with three decimals
_TIME = r"(\d\d:\d\d:\d\d[:;.]\d\d)"
_EVENT = re.compile(rf"^(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(?:\d+\s+)?{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}\s*$")
_MOTION = re.compile(r"^M2\s+(?:\S.*?\s+)?([-+]?\d{1,6}(?:\.\d{1,9})?)\s+\d\d:\d\d:\d\d[:;.]\d\d$")
_EXACT = re.compile(r"-?\d{1,12}(/[1-9]\d{0,11})?")
_WITH_PICTURE = re.compile(r"^(V\d*|B|A+\d*/V)$")


@dataclass(slots=True)
class EdlEvent:
    """One event. Timecodes are frames since midnight.

    Attributes
    ----------
    number : int
        As the list counts.
    reel : str
    has_sound : bool
    media_first : int
        The media frame that it shows first.
    media_frame_count : int
        Media frames between its source times.
    frame_count : int
        Record frames.
    record_first : int
        Its first record frame.
    name : str
        Name of the clip, from a comment.
    path : str
        Path of the media, from a comment.
    why : str
        Why the camera is as it is, from a comment.
    comment_fields : dict of str to str
        The fields of its `* PANSCAN:` comment.
    speed : Fraction
        Media frames per record frame; 0 for a freeze frame, negative for backwards.
    media_first_fraction : Fraction
        How far beyond `media_first` a retimed event starts, in media frames, below 1.
    """

    number: int
    reel: str
    has_sound: bool
    media_first: int
    media_frame_count: int
    frame_count: int
    record_first: int
    name: str = ""
    path: str = ""
    why: str = ""
    comment_fields: dict[str, str] = field(default_factory=dict)
    speed: Fraction = Fraction(1)
    media_first_fraction: Fraction = Fraction(0)


def parse_events(text: str, path: Path, rate: Fraction) -> Iterator[EdlEvent]:
    """The picture events of an edit list, in its order.

    Raises
    ------
    InputError
        An event is no cut, its source and record times do not fit its speed, or its times are none of `rate`.
    """
    event: EdlEvent | None = None
    motion: Fraction | None = None
    for line in text.splitlines():
        match = _EVENT.match(line.strip())
        if match:
            if event is not None:
                yield _with_speed(event, motion, path, rate)
            event, motion = _event(match, path, rate) if _WITH_PICTURE.match(match[3]) else None, None
        elif line.lstrip().startswith("M2") and event is not None:
            m2 = _MOTION.match(line.strip())
            if m2 is None:
                raise _refused(path, event, "its M2 line has no speed", "Export the list again.")
            motion = Fraction(m2[1])
        elif event is not None:
            _comment(event, line)
    if event is not None:
        yield _with_speed(event, motion, path, rate)


def _with_speed(event: EdlEvent, motion: Fraction | None, path: Path, rate: Fraction) -> EdlEvent:
    """An event with the speed of its M2 line, if it has one."""
    if motion is None:
        # Media may run over midnight.
        if event.media_frame_count != event.frame_count and (event.media_frame_count > 0 or event.frame_count < 1):
            why = f"it plays {event.media_frame_count} frames of its media in {event.frame_count} frames"
            raise _refused(path, event, why, "Take the speed change off, or keep its M2 line.")
        return event
    written = [event.comment_fields.get(name, "") for name in ("speed", "from")]
    exact, start = motion / rate, Fraction(-1)
    if all(_EXACT.fullmatch(text) for text in written):
        exact, start = (Fraction(text) for text in written)
    # If the M2 line was changed since, the comment no longer holds.
    event.speed = exact if abs(exact * rate - motion) <= _M2_STEP_HZ else motion / rate
    used = max(round_half_up(event.frame_count * abs(event.speed)), 1)
    if event.frame_count < 1 or abs(event.media_frame_count - used) > 1:
        played, frames = event.media_frame_count, event.frame_count
        why = f"it plays {played} frames of its media in {frames} frames, which is not its speed"
        raise _refused(path, event, why, "Export the list again.")
    if event.speed < 0:  # events name the range forwards; its last frame is shown first
        event.media_first += event.media_frame_count - 1
    if math.floor(start) == event.media_first:
        event.media_first_fraction = start - event.media_first
    return event


def _event(match: re.Match[str], path: Path, rate: Fraction) -> EdlEvent:
    number, reel, channels, cut = match[1], match[2], match[3], match[4]
    try:
        first, end, record, record_end = (timecode_to_frames(match[group], rate) for group in range(5, 9))
    except ValueError as error:
        raise InputError(f"event {number} of {path} has no times", why=str(error), fix="Export it again.") from error
    event = EdlEvent(int(number), reel, channels[:1] != "V", first, end - first, record_end - record, record)
    if cut != "C":
        raise _refused(path, event, f"it is a transition ({cut})", "Replace transitions by cuts.")
    return event


def _comment(event: EdlEvent, line: str) -> None:
    match = re.match(r"^\*\s*([A-Z ]+?):\s*(.*)$", line.strip())
    if not match:
        return
    name, text = match[1], match[2].strip()
    if name == "FROM CLIP NAME":
        event.name = text
    elif name in ("SOURCE FILE", "FROM CLIP", "FROM FILE"):
        event.path = text
    elif name == "REASON":
        event.why = text
    elif name == "PANSCAN":
        event.comment_fields = dict(part.split("=", 1) for part in text.split() if "=" in part)


def _refused(path: Path, event: EdlEvent | None, why: str, fix: str) -> InputError:
    number = event.number if event else "?"
    return InputError(f"event {number} of {path} cannot be read", why=f"The picture is cut hard; {why}.", fix=fix)
