"""The statements of a CMX3600 edit list: what each of its lines says, before anything is counted.

An event has the fields: number, reel, channels, kind of edit (with a length if it is a transition), and four times:
source in and out, record in and out. All other statements say more of the event before them, or of the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

CUT, DISSOLVE = "C", "D"
KEY_BACKGROUND = "KB"
KEYS = ("K", "KO")  # a picture over the background: fades in, fades out

_MAX_FRAME = 120  # frames per second of the highest rate that timecode counts
_STAMP = re.compile(r"(\d{1,2})[:;.,](\d{1,2})[:;.,](\d{1,2})([:;.,])(\d{1,3})")
_DROP_MARKS = ";.,"  # before the frames of a time that counts drop frame
_NUMBER = re.compile(r"\d+[A-Z]?\b")
_EDIT = re.compile(r"C|D|W\d{1,3}|K|KB|KO")
_CHANNEL = re.compile(r"(?:NONE|B|(?:[AV]\d{0,3}|/)+)")
_SPEED = re.compile(r"[-+]?(?:\d{1,6}\.?\d{0,9}|\.\d{1,9})")
_COUNT = re.compile(r"\d{1,9}")  # frames: a year at 30 per second
_REMARK = re.compile(
    r"(FROM CLIP NAME|TO CLIP NAME|KEY CLIP NAME|SOURCE FILE|FROM CLIP|FROM FILE|LOC|PANSCAN|OTIO REFERENCE [A-Z]+)\s*:"
    r"|(ASC_SOP|ASC_SAT|FREEZE FRAME|EFFECTS? NAME(?: IS|:)?)\b",
    re.IGNORECASE,
)
# First words of lines without an asterisk that lists may hold, and that say nothing which is read here.
_KNOWN_WORDS = ("SPLIT", "EFFECT", "FINAL CUT PRO", ">>>", "DLEDL", "GPI", "M/S", "SWM", "%", "REM", "REEL")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time in an event.

    Attributes
    ----------
    seconds : int or None
        Whole seconds since midnight; None where the list counts frames only.
    frames : int
        Frames beyond these seconds.
    is_marked_drop : bool
        Its sign before the frames says drop frame.
    """

    seconds: int | None
    frames: int
    is_marked_drop: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line that names a piece of a source and its place in the record.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    number : str
        The number of the event as written.
    reel : str
    channels : str
        What it records, such as V or AA/V; empty where the list has no such field.
    edit : str
        C, D, K, KB, KO, or W and the number of a wipe.
    length : int
        Frames that the transition takes.
    source_in, source_out, record_in, record_out : Stamp
    is_drop : bool
        The code mode in force is drop frame.
    """

    line: int
    number: str
    reel: str
    channels: str
    edit: str
    length: int
    source_in: Stamp
    source_out: Stamp
    record_in: Stamp
    record_out: Stamp
    is_drop: bool

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return f"{self.number} in line {self.line}"


@dataclass(frozen=True, slots=True)
class Title:
    """The first line of a list.

    Attributes
    ----------
    text : str
    """

    text: str


@dataclass(frozen=True, slots=True)
class Motion:
    """A line M2: the speed of the event before it.

    Attributes
    ----------
    reel : str
    fps : Fraction
        Media frames per second; negative for backwards.
    at : Stamp or None
        The source time at which it begins.
    """

    reel: str
    fps: Fraction
    at: Stamp | None

    def begins_at(self, stamp: Stamp) -> bool:
        """Whether it begins at a source time; some editors write no sign for drop frame here."""
        return self.at is not None and (self.at.seconds, self.at.frames) == (stamp.seconds, stamp.frames)


@dataclass(frozen=True, slots=True)
class MoreSound:
    """A line AUD: sound channels of the event before it, beyond the second.

    Attributes
    ----------
    channels : tuple of int
    """

    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment.

    Attributes
    ----------
    key : str
        What it says, such as FROM CLIP NAME; empty for any other text.
    text : str
        The text, without key and asterisks.
    """

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is none of these, and why.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    text : str
    why : str
        Half a sentence; empty for words that may be a comment without an asterisk.
    """

    line: int
    text: str
    why: str


Statement = EventLine | Title | Motion | MoreSound | Remark | Unread


class Malformed(ValueError):
    """A line breaks the format; the message is half a sentence."""


def parse_lines(lines: Iterable[str]) -> Iterator[Statement]:
    """The statements of a list, in its order. Blank lines and code modes are left out: events say their mode.

    A code mode (FCM) holds for all events after it.
    """
    is_drop = False
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        if line.startswith("FCM"):
            is_drop = "NON" not in line.upper() and "DROP" in line.upper()
            continue
        try:
            yield _event_line(number, line, is_drop) if line[0].isdigit() else _other(number, line)
        except Malformed as error:
            yield Unread(number, line, str(error))


def parse_stamp(text: str) -> Stamp | None:
    """A time or a count of frames; None for anything else."""
    match = _STAMP.fullmatch(text)
    if match is None:
        return Stamp(None, int(text), False) if _COUNT.fullmatch(text) else None
    hours, minutes, seconds, sign, frames = match.groups()
    if int(minutes) > 59 or int(seconds) > 59 or int(frames) >= _MAX_FRAME:
        return None
    return Stamp((int(hours) * 60 + int(minutes)) * 60 + int(seconds), int(frames), sign in _DROP_MARKS)


def _event_line(number: int, line: str, is_drop: bool) -> EventLine:
    fields = line.split()
    if not _NUMBER.fullmatch(fields[0]) or len(fields) < 6:
        raise Malformed("it begins with a number but is no event of reel, channels, edit and four times")
    source_in, source_out, record_in, record_out = (_event_time(field) for field in fields[-4:])
    head, edit, length = _edit(fields[1:-4])
    channels = head.pop().upper() if head and _CHANNEL.fullmatch(head[-1].upper()) else ""
    if not channels and len(head) > 1:
        raise Malformed("what it records is no picture and no sound")
    reel = " ".join(head)
    return EventLine(
        number, fields[0], reel, channels, edit, length, source_in, source_out, record_in, record_out, is_drop
    )


def _event_time(text: str) -> Stamp:
    stamp = parse_stamp(text)
    if stamp is None:
        raise Malformed("it has no time where one must be")
    return stamp


def _edit(fields: list[str]) -> tuple[list[str], str, int]:
    """The fields before the kind of edit, the kind, and the length of the transition."""
    head, length = list(fields), 0
    if len(head) > 1 and _COUNT.fullmatch(head[-1]) and _edit_code(head[:-1]):
        length = int(head.pop())
    code = _edit_code(head)
    if not code:
        raise Malformed("it is no cut, dissolve, wipe or key")
    return head[: -2 if head[-1].upper() in ("B", "O") else -1], code, length


def _edit_code(fields: list[str]) -> str:
    """The kind of edit with which some fields end, "K B" as "KB"; empty where they do not end with one."""
    last = fields[-1].upper()
    if last in ("B", "O"):
        return f"K{last}" if len(fields) > 1 and fields[-2].upper() == "K" else ""
    return last if _EDIT.fullmatch(last) else ""


def _other(number: int, line: str) -> Statement:
    """What a line says that is no event."""
    for word, read in _READERS:
        if line.startswith(word):
            return read(line)
    match = _REMARK.match(line)
    if match or line.startswith(_KNOWN_WORDS):
        return _remark(line)
    return Unread(number, line, "")


def _title(line: str) -> Title:
    return Title(line.removeprefix("TITLE").lstrip(" \t:"))


def _motion(line: str) -> Motion:
    fields = line.split()[1:]
    at = parse_stamp(fields[-1]) if len(fields) > 1 else None
    # A whole number at the end is a count of frames if there are reel and speed before it.
    if at is not None and (at.seconds is not None or len(fields) > 2):
        fields.pop()
    else:
        at = None
    if not fields or not _SPEED.fullmatch(fields[-1]):
        raise Malformed("it has no speed: an M2 line has a reel, frames per second and a time")
    return Motion(" ".join(fields[:-1]), Fraction(fields[-1]), at)


def _more_sound(line: str) -> MoreSound:
    channels = tuple(int(field) for field in line.split()[1:] if _COUNT.fullmatch(field))
    if not channels:
        raise Malformed("it names no sound channel")
    return MoreSound(channels)


def _remark(line: str) -> Remark:
    text = line.lstrip("* \t")
    match = _REMARK.match(text)
    if match is None:
        return Remark("", text)
    key = (match[1] or match[2]).upper()
    return Remark("EFFECT" if key.startswith("EFFECT") else key, text[match.end() :].strip(" :\t"))


_READERS: tuple[tuple[str, Callable[[str], Statement]], ...] = (
    ("*", _remark), ("TITLE", _title), ("M2", _motion), ("AUD ", _more_sound), ("AUD\t", _more_sound),
)  # fmt: skip
