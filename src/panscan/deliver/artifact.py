"""What an exporter is and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from panscan.timeline.dissolves import FadeSupport
from panscan.timeline.sound import FadeShape

KeyDensity = Literal["sparse", "every-frame"]

# What a sound in a track of its own may have: a level, one with keys, fades, a pan, a choice of channels, another
# stream than the first of its file, a speed, and a place between frames.
ALL_SOUND_FEATURES = frozenset({"level", "moving level", "fades", "pan", "channels", "streams", "speed", "exact time"})

# What photos may have: a rotation by EXIF, a colour profile, transparency (black shows behind it), and a kind of file
# that not all programs read.
ALL_OF_STILLS = frozenset({"turn", "profile", "transparency", "kind"})


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the timeline that a format cannot store.

    Attributes
    ----------
    what : str
        What it is, as part of a sentence.
    why : str
        A sentence: why, and what the editor shows instead.
    is_left_out : bool
        A whole clip is missing, and its place stays empty.
    """

    what: str
    why: str
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Artifact:
    """The files of one delivery.

    Attributes
    ----------
    files : mapping of suffix to content
        The first one is the file to import.
    losses : tuple of Loss
        What they do not carry.
    """

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
    """What a format can store; what it cannot store is reported as a loss.

    Attributes
    ----------
    moving : bool
        Cameras that move; otherwise each clip keeps the camera of its first frame.
    layers : bool
        Several cells, each on a track of its own and cropped at its edge.
    backgrounds : frozenset of str
        What may fill the space around a picture, of "black", "colour", "gradient" and "blur".
    tilts : bool
        Pictures that are tilted; otherwise they stand upright.
    corners : bool
        Round corners of pictures.
    shadows : bool
        Shadows of pictures.
    sound : bool
        Clips with their own sound.
    sound_tracks : frozenset of str, optional
        Sounds in tracks of their own, with these of `ALL_SOUND_FEATURES`; None: there are no such tracks.
    sound_dissolves : "linear" or "equal-power", optional
        How the clips' own sounds cross in dissolves; None: they are cut hard.
    disabled : bool
        Clips that are switched off.
    transitions : bool
        Cross dissolves between clips.
    fades : "none", "inside" or "any"
        Fades from and to black: none, those that lie inside their clip, or all.
    black_end : bool
        Black picture after the last clip, where a title, a gap or the end of the sound lies.
    markers : bool
        Markers of clips and of the timeline.
    retimes : bool
        Constant speed changes, reverse and freeze frames.
    retimed_clip_loss : str
        For formats without retimes: a sentence that says what becomes of a retimed clip; empty: it is refused.
    start_timecode : bool
        Timelines that do not start at zero.
    whole_px : bool
        The pictures move by whole px of the canvas.
    stills : frozenset of str
        What of photos is surely shown as `panscan render` shows it, of `ALL_OF_STILLS`; the rest may be otherwise.
    media_urls : bool
        Media named by URLs, which say any bytes; otherwise media whose names are no UTF-8 text are refused.
    """

    moving: bool = True
    layers: bool = False
    backgrounds: frozenset[str] = frozenset({"black"})
    tilts: bool = False
    corners: bool = False
    shadows: bool = False
    sound: bool = True
    sound_tracks: frozenset[str] | None = None
    sound_dissolves: FadeShape | None = None
    disabled: bool = True
    transitions: bool = False
    fades: FadeSupport = "none"
    black_end: bool = False
    markers: bool = False
    retimes: bool = False
    retimed_clip_loss: str = ""
    start_timecode: bool = False
    whole_px: bool = False
    stills: frozenset[str] = frozenset()
    media_urls: bool = False


class Exporter(Protocol):
    """One file format. Pure: it reads the timeline, returns bytes and touches no disk.

    Attributes
    ----------
    name : str
        Its name in the registry.
    title : str
        The format's name in a sentence.
    suffix : str
        Of the main file, with its dot.
    opens_in : tuple of str
        Editors that import it.
    how_to_import : str
        One sentence.
    capabilities : Capabilities
    options : type
        A frozen dataclass; all its fields have a default and a `metadata["help"]`.
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
