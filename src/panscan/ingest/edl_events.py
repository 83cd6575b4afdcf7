"""The picture events of a CMX3600 edit list: hard cuts with the comments that panscan writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from panscan.errors import InputError
from panscan.model.time import timecode_to_frames

_TIME = r"(\d\d:\d\d:\d\d[:;.]\d\d)"
_EVENT = re.compile(rf"^(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(?:\d+\s+)?{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}\s*$")
_WITH_PICTURE = re.compile(r"^(V\d*|B|A+\d*/V)$")


@dataclass(slots=True)
class Event:
    """One event. Frames count since midnight; `said` are the fields of its `* PANSCAN:` comment."""

    number: int
    reel: str
    sounds: bool
    media_first: int
    frame_count: int
    record_first: int
    name: str = ""
    path: str = ""
    why: str = ""
    said: dict[str, str] = field(default_factory=dict)


def events(text: str, path: Path, rate: Fraction) -> Iterator[Event]:
    """The picture events of an edit list, in its order.

    Raises
    ------
    InputError
        An event is no cut, changes the speed, or its times are none of `rate`.
    """
    event: Event | None = None
    for line in text.splitlines():
        match = _EVENT.match(line.strip())
        if match:
            if event is not None:
                yield event
            event = _event(match, path, rate) if _WITH_PICTURE.match(match[3]) else None
        elif line.lstrip().startswith("M2"):
            raise _refused(path, event, "it changes the speed of its media", "Take the speed change off.")
        elif event is not None:
            _comment(event, line)
    if event is not None:
        yield event


def _event(match: re.Match[str], path: Path, rate: Fraction) -> Event:
    number, reel, channels, cut = match[1], match[2], match[3], match[4]
    try:
        first, end, record, record_end = (timecode_to_frames(match[group], rate) for group in range(5, 9))
    except ValueError as error:
        raise InputError(f"event {number} of {path} has no times", why=str(error), fix="Export it again.") from error
    event = Event(int(number), reel, channels[:1] != "V", first, record_end - record, record)
    if cut != "C":
        raise _refused(path, event, f"it is a transition ({cut})", "Replace transitions by cuts.")
    count = end - first
    if count != event.frame_count and (count > 0 or event.frame_count < 1):  # media may run over midnight
        why = f"it plays {count} frames of its media in {event.frame_count} frames"
        raise _refused(path, event, why, "Take the speed change off.")
    return event


def _comment(event: Event, line: str) -> None:
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
        event.said = dict(part.split("=", 1) for part in text.split() if "=" in part)


def _refused(path: Path, event: Event | None, why: str, fix: str) -> InputError:
    number = event.number if event else "?"
    return InputError(f"event {number} of {path} cannot be read", why=f"The picture is cut hard; {why}.", fix=fix)
