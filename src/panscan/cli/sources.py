"""What `panscan reframe` is given, once it has been looked at: a movie, or an editor's cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from panscan.cli.console import native_silence, progress_bar, say, table
from panscan.errors import UsageError


class Seen(Protocol):
    """Something that timelines can be made of."""

    def recipe(self, brief: Any) -> dict[str, Any]:
        """All that decides how the timeline of a brief comes out."""

    def timeline(self, brief: Any) -> Any:
        """The framed timeline of a brief; what a person should know of it is said."""


@dataclass(frozen=True, slots=True)
class CutOptions:
    """What is asked of an editor's cut: where missing media may be, and which clips count; rate: of an EDL."""

    relink: Path | None = None
    skip_offline: bool = False
    all_tracks: bool = False
    rate: str | None = None

    @property
    def given(self) -> bool:
        """Whether any of them was given."""
        return self != CutOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Movie:
    """A movie with its perception and the decisions made by hand."""

    media: Any
    perception: Any
    by_hand: Any

    def recipe(self, brief: Any) -> dict[str, Any]:
        """Settings, media and perception."""
        from panscan import pipeline

        return pipeline.recipe(self.media, self.perception, replace(brief, overrides=self.by_hand))

    def timeline(self, brief: Any) -> Any:
        """One clip per shot."""
        from panscan import pipeline

        return pipeline.reframe(self.media, self.perception, replace(brief, overrides=self.by_hand))


@dataclass(frozen=True, slots=True, eq=False)
class EditedCut:
    """An editor's cut with the perceptions of its media, and the decisions made by hand for it and for them."""

    cut: Any
    perceived: dict[str, Any]
    by_hand: Any = ()
    by_hand_of_media: Any = ()

    def recipe(self, brief: Any) -> dict[str, Any]:
        """Settings, the cut, its media and their perceptions."""
        from panscan import pipeline

        return pipeline.cut_recipe(self.cut, self.perceived, self._decided(brief))

    def timeline(self, brief: Any) -> Any:
        """The editor's own timeline with a framing on each clip."""
        from panscan import pipeline

        attached = pipeline.reframe_cut(self.cut, self.perceived, self._decided(brief))
        for note in attached.notes:
            say(f"  note: {note}")
        return attached.timeline

    def _decided(self, brief: Any) -> Any:
        return replace(brief, overrides=self.by_hand, media_overrides=self.by_hand_of_media)


def look_at_movie(source: Path, override: Path | None, fast: bool) -> Movie:
    """Analyse a movie."""
    from panscan import pipeline
    from panscan.cli.wishes import overrides_of

    with native_silence(), progress_bar(f"looking at {source.name}") as progress:
        media, perception = pipeline.analyse(source, fast=fast, progress=progress)
    return Movie(media, perception, overrides_of(override, media))


def look_at_cut(source: Path, options: CutOptions, override: Path | None, fast: bool) -> EditedCut:
    """Read an editor's cut and analyse what it shows of its media, each media once."""
    from panscan import pipeline
    from panscan.cli.wishes import overrides_of_cut
    from panscan.ingest.cuts.read import read_editor_cut

    rate = None if options.rate is None else _rate(options.rate)
    cut = read_editor_cut(
        source, relink=options.relink, skip_offline=options.skip_offline, all_tracks=options.all_tracks, rate=rate
    )
    if cut.left_alone:
        say(f"{len(cut.left_alone)} items of {source.name} get no camera:")
        table(["what", "why"], [[note.what, note.why] for note in cut.left_alone])
    by_hand, of_media, notes = overrides_of_cut(override, source, cut)
    for note in notes:
        say(f"  note: {note}")
    perceived = {}
    spans = pipeline.spans_of(cut)
    for number, (path, used) in enumerate(spans.items(), 1):
        name = f"looking at {Path(path).name} ({number} of {len(spans)})"
        with native_silence(), progress_bar(name) as progress:
            perceived[path] = pipeline.perceive(cut.media[path], used, fast=fast, progress=progress)
    return EditedCut(cut, perceived, by_hand, of_media)


def _rate(text: str) -> Fraction:
    """Frames per second: "25", "29.97" or "30000/1001"."""
    from panscan.model.time import snap_rate

    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 1 <= value <= 1000:
        raise UsageError(
            f"{text!r} is no frame rate", why="It is a number of frames per second.", fix="e.g. 25, 29.97, 30000/1001."
        )
    return snap_rate(value)
