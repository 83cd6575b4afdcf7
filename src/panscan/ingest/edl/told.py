"""What a reader repairs or leaves out, told once per kind: which events or lines, and how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from panscan.timeline.editorial import Note

_MAX_NAMED = 5  # events or lines in one note; more would hide the others
_MAX_CHARACTERS = 60  # of a line that is quoted


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with events or lines, and what is done about it.

    Attributes
    ----------
    what : str
        What is wrong, as half a sentence.
    repair : str
        What is done, as half a sentence.
    noun : str
        Of what it is said.
    """

    what: str
    repair: str
    noun: str = "event"


@dataclass(slots=True)
class Told:
    """Notes in the making.

    Attributes
    ----------
    labels : dict of Fault to dict of str
        The events or lines that have each fault, each once.
    """

    labels: dict[Fault, dict[str, None]] = field(default_factory=dict)

    def add(self, fault: Fault, label: str) -> None:
        """Take up an event or line that has a fault."""
        self.labels.setdefault(fault, {})[label] = None

    def notes(self) -> Iterator[Note]:
        """One note for each fault."""
        for fault, labels in self.labels.items():
            names = ", ".join(list(labels)[:_MAX_NAMED])
            more = f" and {len(labels) - _MAX_NAMED} more" if len(labels) > _MAX_NAMED else ""
            count = f"{len(labels)} {fault.noun}{'s' if len(labels) > 1 else ''}"
            yield Note("the EDL", f"{count}: {fault.what}; {fault.repair} ({names}{more}).")


def quoted(text: str) -> str:
    """A line as it is quoted in a note, cut where it is long."""
    return repr(text if len(text) <= _MAX_CHARACTERS else text[:_MAX_CHARACTERS] + "...")
