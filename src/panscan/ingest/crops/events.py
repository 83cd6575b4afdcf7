"""The events of an edit list that comes with a table of crops: cuts and dissolves at any speed, nothing repaired.

The table lists the crop of each frame that an event shows, so an event that needs a repair is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from panscan.errors import InputError
from panscan.ingest.edl.clock import Clock, counting_of
from panscan.ingest.edl.edits import BLACK, Edit, edits_of
from panscan.ingest.edl.events import Event, count_events
from panscan.ingest.edl.statements import CUT, DISSOLVE, Unread, parse_lines
from panscan.ingest.edl.text import read_lines
from panscan.ingest.edl.told import Told
from panscan.model.time import nominal_rate

_EXPORT_AGAIN = "Export the list again."


@dataclass(frozen=True, slots=True)
class CropEvent:
    """One event. Timecodes are frames since midnight.

    Attributes
    ----------
    number : str
        As the list counts.
    reel : str
    has_picture : bool
    has_sound : bool
    media_first : int
        The media frame that it shows first.
    media_first_fraction : Fraction
        How far beyond `media_first` a retimed event starts, in media frames, below 1.
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
    dissolve : int
        Frames of the dissolve that it begins with.
    """

    number: str
    reel: str
    has_picture: bool
    has_sound: bool
    media_first: int
    media_first_fraction: Fraction
    frame_count: int
    record_first: int
    name: str
    path: str
    why: str
    comment_fields: dict[str, str]
    speed: Fraction
    dissolve: int = 0

    @property
    def record_end(self) -> int:
        """The record frame after its last one."""
        return self.record_first + self.frame_count

    @property
    def is_black(self) -> bool:
        """Whether it shows black."""
        return self.reel.upper() in BLACK


def crop_events(path: Path, rate: Fraction) -> Iterator[CropEvent]:
    """The events of an edit list, in its order.

    Raises
    ------
    InputError
        A line cannot be read, an event begins with a wipe or is a key, or its source and record times do not fit its
        speed.
    """
    lines, _ = read_lines(path)
    statements = list(parse_lines(lines))
    for statement in statements:
        if isinstance(statement, Unread) and statement.why:
            raise _refused(f"line {statement.line} of {path}", statement.why, _EXPORT_AGAIN)
    edits = edits_of(statements)
    for edit in edits:
        yield from _crop_events(edit, Clock(rate, nominal_rate(rate), counting_of([edit])), path)


def _crop_events(edit: Edit, clock: Clock, path: Path) -> Iterator[CropEvent]:
    what = f"event {edit.line.label} of {path}"
    told = Told()
    for event in count_events([edit], clock, told):
        if event.channels.pictures and edit.line.edit not in (CUT, DISSOLVE):
            raise _refused(what, f"it is a wipe or a key ({edit.line.edit})", "Replace these by cuts or dissolves.")
        if not told.labels:
            yield _crop_event(event)
    if told.labels:
        raise _refused(what, next(iter(told.labels)).what, "Take the speed change off, or export the list again.")


def _crop_event(event: Event) -> CropEvent:
    edit = event.edit
    files = edit.texts("SOURCE FILE")
    fields = " ".join(edit.texts("PANSCAN")).split()
    first = math.floor(event.media_first)
    return CropEvent(
        number=edit.line.number,
        reel=edit.line.reel,
        has_picture=bool(event.channels.pictures),
        has_sound=bool(event.channels.sounds),
        media_first=first,
        media_first_fraction=Fraction(event.media_first) - first,
        frame_count=event.frame_count,
        record_first=event.record_first,
        name=edit.name,
        path=next(iter(files), edit.path),
        why=" ".join(text.partition(":")[2].strip() for text in edit.texts("") if text.startswith("REASON:")),
        comment_fields=dict(part.split("=", 1) for part in fields if "=" in part),
        speed=Fraction(event.speed),
        dissolve=edit.line.length if edit.line.edit == DISSOLVE else 0,
    )


def _refused(what: str, why: str, fix: str) -> InputError:
    return InputError(f"{what} cannot be read", why=f"The picture is cut hard; {why}.", fix=fix)
