"""What `panscan reframe` is given, once it was analysed: a movie, or an editor's cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from panscan.cli.console import media_progress_bars, print_table, progress_bar, say, short_path, silence_native_stderr

if TYPE_CHECKING:
    from panscan.model.media import Media
    from panscan.model.perception import Perception
    from panscan.model.request import Models, NamedPerson, Override, Request
    from panscan.pipeline import CutAnalysis, MovieAnalysis
    from panscan.request.override_files import CutOverrides
    from panscan.timeline.hand_edits import EditedClip

# What is not seen without the recommended weights of a part.
_MISSED = {"faces": "small and turned faces", "objects": "animals, balls and things"}


class AnalysedSource(Protocol):
    """An analysed input, of which timelines can be made."""

    def recipe(self, request: Request) -> dict[str, Any]:
        """Everything that decides how the timeline of a request comes out."""

    def timeline(self, request: Request) -> Any:
        """The framed timeline of a request; notes on it are printed."""

    def edited_clips(self, timeline: Any, folder: Path) -> tuple[list[EditedClip], tuple[int, ...]]:
        """Clips with keys moved by hand in an earlier timeline; and numbers of those that are not there any more."""

    def overrides_file(self) -> Path:
        """Where what is decided by hand is written."""

    def write_entries(self, entries: list[dict[str, Any]]) -> None:
        """Write entries there."""

    def reread(self) -> AnalysedSource:
        """The same with what is written there now."""


@dataclass(frozen=True, slots=True)
class CutOptions:
    """How an editor's cut is read.

    Attributes
    ----------
    relink : Path, optional
        Folder where missing media may be.
    skip_offline : bool
        Whether clips without media are left alone.
    all_tracks : bool
        Whether hidden clips are framed too.
    rate : str, optional
        Frames per second of an EDL that does not say it.
    strict : bool
        Whether a cut is refused rather than repaired.
    """

    relink: Path | None = None
    skip_offline: bool = False
    all_tracks: bool = False
    rate: str | None = None
    strict: bool = False

    @property
    def any_given(self) -> bool:
        """Whether any of them was given."""
        return self != CutOptions()


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedMovie:
    """A movie with its analysis and what was decided by hand; `override`: the file of that, if one was named."""

    analysis: MovieAnalysis
    overrides: tuple[Override, ...]
    override: Path | None = None
    people: tuple[NamedPerson, ...] = ()

    def edited_clips(self, timeline: Any, folder: Path) -> tuple[list[EditedClip], tuple[int, ...]]:
        """On frames of the movie, as long as these are the same."""
        from panscan.timeline.hand_edits import edited_clips_of_movie

        return edited_clips_of_movie(timeline, folder, self.analysis.media)

    def overrides_file(self) -> Path:
        """The file that was named, or the one beside the movie."""
        from panscan.request.override_files import movie_file

        return movie_file(self.override, self.analysis.media)

    def write_entries(self, entries: list[dict[str, Any]]) -> None:
        """Write entries there, and for which movie."""
        from panscan.request.override_edits import put_entries

        put_entries(self.overrides_file(), entries, self.analysis.media.digest)

    def reread(self) -> AnalysedMovie:
        """The same with what is written there now."""
        from panscan.request.override_files import movie_overrides

        return replace(self, overrides=movie_overrides(self.override, self.analysis.media))

    def recipe(self, request: Request) -> dict[str, Any]:
        """Settings, media and perception."""
        from panscan import pipeline

        return pipeline.recipe(self.analysis, self._with_overrides(request))

    def timeline(self, request: Request) -> Any:
        """One clip per shot."""
        from panscan import pipeline

        return pipeline.reframe(self.analysis, self._with_overrides(request))

    def _with_overrides(self, request: Request) -> Request:
        return replace(request, overrides=self.overrides, people=self.people)


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedCut:
    """An editor's cut (`source`) with its analysis, and the decisions made by hand for it and for its media."""

    analysis: CutAnalysis
    overrides: CutOverrides
    source: Path
    override: Path | None = None

    def edited_clips(self, timeline: Any, folder: Path) -> tuple[list[EditedClip], tuple[int, ...]]:
        """On frames of the record, also where the cut was changed since."""
        from panscan.timeline.hand_edits import edited_clips_of_cut

        return edited_clips_of_cut(timeline, folder, self.analysis.cut)

    def overrides_file(self) -> Path:
        """The file that was named, or the one beside the cut."""
        from panscan.request.override_files import cut_file

        return cut_file(self.override, self.source, self.analysis.cut)

    def write_entries(self, entries: list[dict[str, Any]]) -> None:
        """Write entries there."""
        from panscan.request.override_edits import put_entries

        put_entries(self.overrides_file(), entries)

    def reread(self) -> AnalysedCut:
        """The same with what is written there now."""
        from panscan.request.override_files import cut_overrides

        return replace(self, overrides=cut_overrides(self.override, self.source, self.analysis.cut))

    def recipe(self, request: Request) -> dict[str, Any]:
        """Settings, the cut, its media and their perceptions."""
        from panscan import pipeline

        return pipeline.cut_recipe(self.analysis, self._with_overrides(request))

    def timeline(self, request: Request) -> Any:
        """The editor's own timeline with a framing on each clip."""
        from panscan import pipeline

        attached = pipeline.reframe_cut(self.analysis, self._with_overrides(request))
        for note in attached.notes:
            say(f"  note: {note}")
        return attached.timeline

    def _with_overrides(self, request: Request) -> Request:
        decided = self.overrides
        return replace(request, overrides=decided.of_cut, media_overrides=decided.of_media, media_people=decided.people)


def analyse_movie(
    source: Path, override: Path | None, request: Request, fast: bool, input_log: Path | None = None
) -> AnalysedMovie:
    """Analyse a movie; of the request, its models, segments and whether to deinterlace count."""
    from panscan import pipeline
    from panscan.ingest.input_logs.read import require_input_log
    from panscan.request.config_files import read_config
    from panscan.request.override_files import movie_overrides, movie_people, note_on_movie
    from panscan.request.overrides import find_overrides, written_entries
    from panscan.request.people import names_in
    from panscan.request.segment_files import check_segments

    # Mistakes in files are told now, not after minutes of looking.
    if input_log is not None:
        require_input_log(input_log)
    models = request.models
    if (decided := override or find_overrides(source)) is not None:
        content = read_config(decided)
        written_entries(content, str(decided))
        named = {name.casefold() for name in names_in(content, str(decided))}
        # Weights that take any words are not asked for somebody's name.
        models = replace(models, prompt=tuple(word for word in models.prompt if word.casefold() not in named))
    notes: list[str] = []
    with silence_native_stderr(), progress_bar(f"looking at {source.name}", "looking") as progress:
        analysis = pipeline.analyse(
            source,
            models=models,
            fast=fast,
            deinterlace=request.deinterlace,
            progress=progress,
            note=notes.append,
        )
    check_segments(request.segments, analysis.media)
    say_notes(analysis.media, notes)
    say_absent_weights(request.models)
    say_material(*analysis, request)
    analysis = _with_input_log(analysis, input_log)
    overrides = movie_overrides(override, analysis.media)
    if note := note_on_movie(override, analysis.media):
        say(f"  note: {note}")
    return AnalysedMovie(analysis, overrides, override, _found_people(analysis, movie_people(override, analysis.media)))


def _found_people(analysis: MovieAnalysis, people: tuple[NamedPerson, ...]) -> tuple[NamedPerson, ...]:
    """The same people; those who are not seen where the file says so are told."""
    from panscan.direct.people import seen_people

    found = {one.called for one in seen_people(*analysis, people)} if people else set()
    for person in people:
        if person.name not in found:
            say(f"  note: {person.name} is not seen at frame {person.at.frame}: name them again with `panscan people`")
    return people


def _with_input_log(analysis: MovieAnalysis, input_log: Path | None) -> MovieAnalysis:
    """An analysis corrected by a log of mouse and keyboard, the one beside the movie if none is named."""
    from panscan.ingest.input_logs.read import input_log_beside, read_input_log
    from panscan.perceive.inputs import with_inputs

    media, perception = analysis
    path = input_log or input_log_beside(Path(media.path))
    if path is None:
        return analysis
    written = read_input_log(path, media.video.display_size)
    log = written.within(float(media.duration_s), media.video.display_size)
    beside = len(written.time_s) - len(log.time_s)
    left_out = f", and {beside} beside the movie or its picture, which are left out" if beside else ""
    say(f"  note: {short_path(path)} tells what was done with mouse and keyboard: {len(log.time_s)} entries{left_out}")
    return analysis._replace(perception=with_inputs(perception, media, log))


def say_notes(media: Media, more: Iterable[str] = ()) -> None:
    """Say what of a media is read otherwise than its file says; `more`: what was seen when it was decoded."""
    for note in (*media.notes, *more):
        say(f"  note: {short_path(Path(media.path))}: {note}")


def say_absent_weights(models: Models) -> None:
    """Say in one line which recommended weights are not here and not replaced by others, and how to get them."""
    from panscan import weights
    from panscan.perceive.signals.objects.signal import selected_object_weights

    has_objects = models.objects == "none" or selected_object_weights(models) is not None
    absent = [file for file in weights.absent_recommended() if file.used_by != "objects" or not has_objects]
    if absent:
        missed = ", ".join(_MISSED[file.used_by] for file in absent)
        say(f"  note: {missed} are missed: `panscan models pull` fetches weights for them")


def say_material(media: Media, perception: Perception, request: Request) -> None:
    """Say in one line what a media is where another preset suits it, unless one was chosen; and whether it is used."""
    from panscan import pipeline

    found = pipeline.material_of(media, perception) if request.preset.name == "default" else None
    if found is None:
        return
    seen = f"{short_path(Path(media.path))} looks like {found.name} ({found.why})"
    if not found.is_applied:
        say(f"  note: {seen}: --preset {found.preset} suits it")
    elif request.preset_by_material:
        say(f"  note: {seen}: framed with --preset {found.preset}; --preset default frames it as any movie")


def analyse_cut(source: Path, options: CutOptions, override: Path | None, request: Request, fast: bool) -> AnalysedCut:
    """Read an editor's cut and analyse what it shows of its media; of the request the same counts."""
    from panscan import pipeline
    from panscan.ingest.cuts.read import read_editor_cut
    from panscan.request.options import frame_rate
    from panscan.request.override_files import cut_overrides

    cut = read_editor_cut(
        source,
        relink=options.relink,
        skip_offline=options.skip_offline,
        all_tracks=options.all_tracks,
        rate=None if options.rate is None else frame_rate(options.rate),
        deinterlace=request.deinterlace,
        strict=options.strict,
    )
    if cut.unframed:
        say(f"{len(cut.unframed)} notes on {source.name}: what gets no camera, what is read otherwise than written:")
        print_table(["what", "why"], [[note.what, note.why] for note in cut.unframed])
    overrides = cut_overrides(override, source, cut)
    _tell(list(overrides.notes))
    notes: list[str] = []
    with silence_native_stderr(), media_progress_bars(len(cut.media), "looking") as progress:
        analysis = pipeline.analyse_cut(cut, models=request.models, fast=fast, progress=progress, note=notes.append)
    for path in sorted(analysis.perceptions):
        say_notes(cut.media[path])
    _tell(notes)
    say_absent_weights(request.models)
    for path in sorted(analysis.perceptions):
        say_material(cut.media[path], analysis.perceptions[path], request)
    return AnalysedCut(analysis, overrides, source, override)


def _tell(notes: list[str]) -> None:
    for note in notes:
        say(f"  note: {note}")
