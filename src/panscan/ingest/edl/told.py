"""What a reader repairs or leaves out, told once per kind: which events, and how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from panscan.timeline.editorial import Note

_MAX_NAMED = 5  # events or lines in one note; more would hide the others
_MAX_CHARACTERS = 60  # of a line that is quoted


@dataclass(slots=True)
class Told:
    """Notes in the making.

    Attributes
    ----------
    kinds : dict of str to list of str
        What was done, and to which events or lines.
    """

    kinds: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, label: str) -> None:
        """Take up an event or line of which a sentence is true."""
        self.kinds.setdefault(what, []).append(label)

    def notes(self) -> Iterator[Note]:
        """One note for each kind."""
        for what, labels in self.kinds.items():
            names = ", ".join(labels[:_MAX_NAMED])
            more = f" and {len(labels) - _MAX_NAMED} more" if len(labels) > _MAX_NAMED else ""
            yield Note("the EDL", f"{what} ({len(labels)}: {names}{more}).")


def quoted(text: str) -> str:
    """A line as it is quoted in a note, cut where it is long."""
    return repr(text if len(text) <= _MAX_CHARACTERS else text[:_MAX_CHARACTERS] + "...")
