"""CMX3600 edit lists and their dialects, read into an OTIO timeline.

Lines become statements, statements become edits, edits become events in frames, events become tracks. A line that
breaks the format is told with its number, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from panscan.errors import UsageError
from panscan.ingest.cuts.files import unreadable
from panscan.ingest.edl.build import build_timeline
from panscan.ingest.edl.channels import read_channels
from panscan.ingest.edl.clip import METADATA_KEY, comments_of, name_of
from panscan.ingest.edl.clock import Clock, Counting, counting_of
from panscan.ingest.edl.edits import Edit, edits_of
from panscan.ingest.edl.events import count_events
from panscan.ingest.edl.statements import EventLine, Remark, Statement, Title, Unread, parse_lines
from panscan.ingest.edl.text import read_lines
from panscan.ingest.edl.told import Fault, Told, quoted
from panscan.model.time import nominal_rate
from panscan.timeline.editorial import Note

_UNKNOWN = Fault("it says nothing that is known", "it is kept as a comment", "line")
_LONGER_REEL, _REPLACED = "FINAL CUT PRO REEL", "REPLACED BY"  # around the reel that a short one stands for
_MAX_NAMED = 5  # lists in one message


@dataclass(frozen=True, slots=True)
class EditList:
    """An edit list whose times are not counted yet: it does not say its rate.

    Attributes
    ----------
    path : Path
    title : str
    comments : tuple of str
        Before its first event.
    edits : tuple of Edit
    counting : Counting
        What its times say about the way they count.
    notes : tuple of Note
        What was not read.
    """

    path: Path
    title: str
    comments: tuple[str, ...]
    edits: tuple[Edit, ...]
    counting: Counting
    notes: tuple[Note, ...]


def read_edl(path: Path) -> EditList:
    """Read the statements of an edit list; the first one with pictures, if the file holds several.

    Raises
    ------
    InputError
        The file holds no event that can be read.
    """
    lines, notes = read_lines(path)
    told = Told()
    lists = _lists(_readable(parse_lines(lines), told))
    chosen = next((each for each in lists if _shows_pictures(each)), None)
    chosen = chosen or next((each for each in lists if _event_lines(each)), None)
    if chosen is None:
        bad = next((f": {note.why}" for note in told.notes()), "")
        raise unreadable(path, f"It holds no event of an edit list that can be read{bad}", "Export a CMX3600 EDL.")
    others = [repr(_title(each)) for each in lists if each is not chosen and _event_lines(each)]
    if others:
        names = ", ".join(others[:_MAX_NAMED]) + (" and others" if len(others) > _MAX_NAMED else "")
        why = f"The file holds {len(others) + 1} lists; {_title(chosen)!r} was read, {names} not."
        notes.append(Note("the EDL", why))
    edits = tuple(edits_of(chosen))
    first = next(n for n, statement in enumerate(chosen) if isinstance(statement, EventLine))
    head = tuple(s.text for s in chosen[:first] if isinstance(s, Remark))
    all_notes = (*notes, *told.notes())
    return EditList(path, _title(chosen), head, edits, counting_of(edits), all_notes)


def parse_edl(edl: EditList, rate: Fraction) -> tuple[Any, list[Note]]:
    """The edit list as a timeline at a rate, and what was repaired or left out.

    Raises
    ------
    UsageError
        Times of the list do not exist at this rate.
    """
    _check_rate(edl, rate)
    told, rate_notes = Told(), list[Note]()
    clock = Clock(rate, nominal_rate(rate), edl.counting)
    if edl.counting.is_drop_frame and clock.base % 30:
        why = f"It counts drop frame, which {float(rate):g} frames per second do not have; no numbers were dropped."
        rate_notes = [Note("the EDL", why)]
    timeline = build_timeline(edl.title, count_events(edl.edits, clock, told), clock, told)
    if edl.comments:
        timeline.metadata[METADATA_KEY] = {"comments": list(edl.comments)}
    return timeline, [*edl.notes, *rate_notes, *told.notes()]


def named_media(edl: EditList) -> Iterator[tuple[str, list[str]]]:
    """Path and names of the media of each picture, as `media_names_of` has them; each media once."""
    seen = set()
    for edit in edl.edits:
        comments = tuple(comments_of(edit))
        key = (edit.path, edit.name, edit.line.reel, comments)
        if edit.is_black or key in seen or not read_channels(edit.line.channels).pictures:
            continue
        seen.add(key)
        yield edit.path, _names(comments, name_of(edit), edit.line.reel)


def media_names_of(clip: Any) -> list[str]:
    """Names that the media file of a clip from an edit list may have, the most certain first."""
    metadata = clip.metadata.get(METADATA_KEY)
    comments = [str(c) for c in metadata.get("comments", [])] if metadata is not None else []
    return _names(comments, clip.name, str(metadata.get("reel", "")) if metadata is not None else "")


def _names(comments: Iterable[str], name: str, reel: str) -> list[str]:
    files = [c.split(":", 1)[1].strip() for c in comments if c.upper().startswith("SOURCE FILE:")]
    longer = [
        c[len(_LONGER_REEL) :].partition(_REPLACED)[0].strip(" :") for c in comments if c.startswith(_LONGER_REEL)
    ]
    return [n for n in (*files, name, *longer, reel) if n]


def _readable(statements: Iterator[Statement], told: Told) -> Iterator[Statement]:
    """The statements; a line that is none is told, and may be kept as a comment that lacks its asterisk."""
    for statement in statements:
        if not isinstance(statement, Unread):
            yield statement
        elif statement.why:
            told.add(Fault(statement.why, "it is left out", "line"), f"{statement.line}: {quoted(statement.text)}")
        else:
            told.add(_UNKNOWN, f"{statement.line}: {quoted(statement.text)}")
            yield Remark("", statement.text)


def _lists(statements: Iterator[Statement]) -> list[list[Statement]]:
    """The lists of a file: a title after events begins another one, unless it is the same title again."""
    lists: list[list[Statement]] = [[]]
    title, has_events = "", False
    for statement in statements:
        if isinstance(statement, Title):
            if has_events and statement.text != title:
                lists.append([])
                has_events = False
            title = statement.text
        has_events = has_events or isinstance(statement, EventLine)
        lists[-1].append(statement)
    return lists


def _title(statements: Sequence[Statement]) -> str:
    return next((s.text for s in statements if isinstance(s, Title)), "")


def _event_lines(statements: Sequence[Statement]) -> list[EventLine]:
    return [s for s in statements if isinstance(s, EventLine)]


def _shows_pictures(statements: Sequence[Statement]) -> bool:
    return any(read_channels(line.channels).pictures for line in _event_lines(statements))


def _check_rate(edl: EditList, rate: Fraction) -> None:
    counting, base = edl.counting, nominal_rate(rate)
    if counting.min_rate <= base:
        return
    why = f"It counts frames up to {counting.min_rate - 1} in a second."
    fix = f"Give --rate with at least {counting.min_rate}, the frame rate of the edit."
    if counting.min_record_rate <= base:
        why = (
            f"Its source times count frames up to {counting.min_rate - 1} in a second, its record times do not. If "
            "media have another rate than the edit, the list does not say where in them its events begin."
        )
        fix = (
            f"Give --rate with at least {counting.min_rate} if that is the rate of the edit. Else export the list with "
            "all times at the rate of the edit, or export OTIO, FCPXML or XML."
        )
    raise UsageError(f"{edl.path} cannot have {float(rate):g} frames per second", why=why, fix=fix)
