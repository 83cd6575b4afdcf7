"""The edits of a list: each event line with what the lines around it say of it.

Lines of one number belong together. A transition has two: the picture that it leaves, often without a length, and the
one that it leads to. Comments after the last line of an event speak of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from panscan.ingest.edl.statements import CUT, KEYS, EventLine, MoreSound, Motion, Remark, Statement

BLACK = ("BL", "BLACK")  # reels that stand for a black picture and silence
AUXILIARY = ("AX", "")  # reels that say nothing of the source
_MAX_LINES = 32  # of an event: sixteen tracks, each with what its transition leaves; some lists number nothing
_PATHS = ("FROM CLIP", "FROM FILE")


@dataclass(frozen=True, slots=True)
class Edit:
    """An event line with its notes.

    Attributes
    ----------
    line : EventLine
    name : str
        Of the clip; empty where no comment says it.
    path : str
        Of its media; empty where no comment says it.
    motion : Motion or None
        Its speed, where a line M2 says it.
    more_sound : tuple of int
        Sound channels beyond its own.
    remarks : tuple of Remark
        Its other comments.
    leaves : Edit or None
        For a transition the edit that it leaves, where a line of its own says it.
    """

    line: EventLine
    name: str = ""
    path: str = ""
    motion: Motion | None = None
    more_sound: tuple[int, ...] = ()
    remarks: tuple[Remark, ...] = ()
    leaves: Edit | None = None

    @property
    def is_black(self) -> bool:
        """Whether it shows black."""
        return self.line.reel.upper() in BLACK

    @property
    def is_transition(self) -> bool:
        """Whether it begins with a dissolve or a wipe."""
        return self.line.edit[0] in "DW"

    def texts(self, key: str) -> list[str]:
        """The texts of its comments of one kind."""
        return [remark.text for remark in self.remarks if remark.key == key]


Note = Motion | MoreSound | Remark


@dataclass(slots=True)
class _Event:
    """Event lines of one number, and the notes after each of them."""

    lines: list[EventLine] = field(default_factory=list)
    notes: list[list[Note]] = field(default_factory=list)

    def takes(self, line: EventLine) -> bool:
        """Whether a line belongs to this event: it has its number, and continues it or follows without a comment."""
        if not self.lines or line.number != self.lines[-1].number or len(self.lines) >= _MAX_LINES:
            return False
        return line.edit != CUT or not any(isinstance(note, Remark | Motion) for note in self.notes[-1])

    def add(self, line: EventLine) -> None:
        """Take up a line."""
        self.lines.append(line)
        self.notes.append([])


def edits_of(statements: Iterable[Statement]) -> list[Edit]:
    """The edits of a list, in its order; a line that only says what a transition leaves is inside that edit."""
    edits: list[Edit] = []
    for edit in _edits(statements):
        near = range(len(edits) - 1, max(len(edits) - _MAX_LINES, 0) - 1, -1) if edit.is_transition else ()
        left = next((n for n in near if _is_left(edits[n], edit)), None)
        edits.append(edit if left is None else replace(edit, leaves=edits.pop(left)))
    return edits


def _is_left(before: Edit, transition: Edit) -> bool:
    """Whether an edit only says what a transition leaves: both begin at one record time, and it ends there or with it.

    A line of another number only does so if it has no length.
    """
    line, to = before.line, transition.line
    if line.edit != CUT or line.record_in != to.record_in or line.channels != to.channels:
        return False
    return line.number == to.number or line.record_out == line.record_in


def _edits(statements: Iterable[Statement]) -> Iterator[Edit]:
    event = _Event()
    for statement in statements:
        if isinstance(statement, EventLine):
            if not event.takes(statement):
                yield from _edits_of_event(event)
                event = _Event()
            event.add(statement)
        elif isinstance(statement, Note) and event.lines:
            event.notes[-1].append(statement)
    yield from _edits_of_event(event)


def _edits_of_event(event: _Event) -> Iterator[Edit]:
    edits = [_noted(line, notes) for line, notes in zip(event.lines, event.notes, strict=True)]
    if len(edits) < 2:
        yield from edits
        return
    last, notes = edits[-1], event.notes[-1]
    first = [edit for edit in edits if not _is_second(edit)]
    for edit in edits:
        with_common = edit if edit is last else _shared(edit, last)
        if len(first) == len(edits):
            yield with_common
        else:
            yield _second_picture(with_common, first, notes) if _is_second(edit) else _first_picture(edit, last, notes)


def _is_second(edit: Edit) -> bool:
    """Whether an edit leads to another picture, or lies over one."""
    return edit.is_transition or edit.line.edit in KEYS


def _noted(line: EventLine, notes: Sequence[Note]) -> Edit:
    """An event line with the notes that follow it."""
    remarks = tuple(note for note in notes if isinstance(note, Remark))
    names = [r.text for r in remarks if r.key == "FROM CLIP NAME"]
    to_names = [r.text for r in remarks if r.key in ("TO CLIP NAME", "KEY CLIP NAME")] if line.edit != CUT else []
    return Edit(
        line,
        name=next(iter(to_names or names), ""),
        path=next((r.text for r in remarks if r.key in _PATHS or r.key.startswith("OTIO REFERENCE")), ""),
        motion=next((note for note in notes if isinstance(note, Motion)), None),
        more_sound=tuple(c for note in notes if isinstance(note, MoreSound) for c in note.channels),
        remarks=remarks,
    )


def _shared(edit: Edit, last: Edit) -> Edit:
    """One of several lines of an event that are no transition: all have what is said after the last one."""
    return replace(
        edit,
        name=edit.name or ("" if edit.is_black else last.name),
        path=edit.path or last.path,
        motion=edit.motion or last.motion,
        remarks=(*edit.remarks, *last.remarks),
    )


def _first_picture(edit: Edit, last: Edit, notes: Sequence[Note]) -> Edit:
    """The picture that a transition leaves, or that a key lies over, with what is said of it after the last line."""
    name = edit.name or next(iter([] if edit.is_black else last.texts("FROM CLIP NAME")), "")
    files = last.texts("SOURCE FILE")
    motions = [note for note in notes if isinstance(note, Motion)]
    return replace(
        edit,
        name=name,
        motion=edit.motion or (motions[0] if motions and _is_of_first(motions, edit, last) else None),
        remarks=(*edit.remarks, *(Remark("SOURCE FILE", file) for file in files[:1] if len(files) > 1)),
    )


def _second_picture(last: Edit, first: Sequence[Edit], notes: Sequence[Note]) -> Edit:
    """The picture that a transition leads to, or that is keyed over another, with what is said of it."""
    names, files = last.texts("FROM CLIP NAME"), last.texts("SOURCE FILE")
    name = last.name
    if not (last.texts("TO CLIP NAME") or last.texts("KEY CLIP NAME")) and names:
        # One name is that of the first picture, unless that is black or has one, or no reel tells more.
        is_free = all(edit.is_black or edit.name for edit in first) or last.line.reel.upper() in AUXILIARY
        name = names[-1] if len(names) > 1 or is_free else ""
    motions = [note for note in notes if isinstance(note, Motion)]
    is_single = len(motions) == 1 and bool(first) and _is_of_first(motions, first[-1], last)
    motion = motions[-1] if motions and not is_single else None
    kept = [r for r in last.remarks if len(files) < 2 or r != Remark("SOURCE FILE", files[0])]
    return replace(last, name=name, motion=motion, remarks=tuple(kept))


def _is_of_first(motions: Sequence[Motion], edit: Edit, last: Edit) -> bool:
    """Whether the first of the speeds after an event is that of its first picture: its reel or its time tells."""
    motion = motions[0]
    if len(motions) > 1:
        return True
    if motion.reel != last.line.reel:
        return motion.reel == edit.line.reel
    same_reel = motion.reel == edit.line.reel
    return same_reel and motion.begins_at(edit.line.source_in) and not motion.begins_at(last.line.source_in)
