"""What an exporter is and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

KeyDensity = Literal["sparse", "every-frame"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the document that the file cannot say: what it is, and what the editor shows instead and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """The files of one delivery, by suffix (the first is the one to import), and what they leave out."""

    files: Mapping[str, bytes]
    losses: tuple[Loss, ...] = ()

    @property
    def main(self) -> bytes:
        """The file to import."""
        return next(iter(self.files.values()))

    @property
    def text(self) -> str:
        """The file to import, as text."""
        return self.main.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a format can say of a document; what it cannot is reported as a loss.

    moving: cameras that move (else the first frame of each clip stands for all); layers: several cells, each on a
    track of its own and cut off at its edge; backgrounds: what may show around a picture, of "black", "colour" and
    "blur"; sound: clips with their own sound; disabled: clips that are switched off; transitions: dissolves between
    clips; markers: of clips and timeline; retimes: constant speed changes, backwards too, and freeze frames;
    without_retimes: where they are not written, what becomes of such a clip, as a sentence (empty: it is refused);
    start_timecode: a timeline that does not start at zero.
    """

    moving: bool = True
    layers: bool = False
    backgrounds: frozenset[str] = frozenset({"black"})
    sound: bool = True
    disabled: bool = True
    transitions: bool = False
    markers: bool = False
    retimes: bool = False
    without_retimes: str = ""
    start_timecode: bool = False


class Exporter(Protocol):
    """One file format. Pure: reads the timeline, returns bytes, touches no disk.

    name: its key in the registry; title: the format's name in a sentence; suffix: of the main file, with its dot;
    opens_in: editors that import it; how_to_import: one sentence; capabilities: what it can say; options: frozen
    dataclass whose fields all have defaults and a `metadata["help"]`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    suffix: ClassVar[str]
    opens_in: ClassVar[tuple[str, ...]]
    how_to_import: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    options: ClassVar[type[Any]]

    def export(self, timeline: Any, *, folder: Path, options: Any) -> Artifact:
        """Make the files of an OTIO timeline whose relative media paths start in `folder`."""
        ...


def distinct_losses(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """The losses in order, each once."""
    return tuple(dict.fromkeys(losses))
