"""What the review page cannot do itself: analyse movies, write timelines, deliver and render."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panscan.cli.sources import AnalysedCut, AnalysedMovie
    from panscan.model.geometry import Size
    from panscan.pipeline import MovieAnalysis
    from panscan.review.cut_footage import CutFootage
    from panscan.review.footage import Footage
    from panscan.review.sources import DeliveryRequest, ReportProgress, ReviewSource
    from panscan.timeline.editorial import EditorCut


class CommandLineWork:
    """Does the same as the commands do (the `ReviewWork` of `panscan.review.sources`)."""

    def prepare(self, source: ReviewSource, cache: Path, report_progress: ReportProgress) -> bytes:
        """As `panscan reframe` looks at a movie or a cut, with its notes in the terminal; and a small copy of it.

        Keys that were moved in its timelines become entries, and those timelines are made anew.
        """
        from panscan.cli.hand_edits import take_up

        analysed = _analysed(source, report_progress)
        timelines = {source.timeline_path(request): request for request in source.requests}
        known = take_up(analysed, timelines, of_all=True)
        if known is not analysed:
            for path, request in timelines.items():
                if path.is_file():
                    self.write_timeline(known.timeline(request), path)
        return pickle.dumps(_copied(source, analysed, cache, report_progress))

    def opened(self, source: ReviewSource, prepared: bytes) -> tuple[Footage, Path]:
        """A movie as it comes; a cut is read again, and what was measured comes from the cache."""
        from panscan.review.footage import MovieFootage

        analysis, proxy = pickle.loads(prepared)  # of a process of ours
        return (_cut_footage(source, _analysed(source)) if analysis is None else MovieFootage(analysis)), proxy

    def write_timeline(self, timeline: Any, path: Path) -> str:
        """Write a timeline; one that only panscan wrote is replaced, any other is kept under a number and told."""
        from panscan.cli.outputs import is_as_made, write_output, write_timeline_output
        from panscan.timeline.files import timeline_text

        if path.is_file() and is_as_made(path):
            write_output(timeline_text(timeline).encode(), path)
            return ""
        was_there = path.is_file()
        write_timeline_output(timeline, path)
        return f"{path.name} was changed elsewhere and is kept under a number beside the new one" if was_there else ""

    def deliver(
        self, source: ReviewSource, request: DeliveryRequest, report_progress: ReportProgress
    ) -> dict[str, Any]:
        """Files for editors and verified movies, as `panscan reframe` makes them."""
        from panscan.cli.movies import render_and_verify
        from panscan.cli.outputs import check_outputs
        from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS
        from panscan.cli.timelines import Finishing, deliveries, reusable_timeline

        finishing = Finishing.of(request.formats, request.renders, DEFAULT_RENDER_OPTIONS)
        wanted = [one for one in source.requests if one.ratio in request.ratios]
        paths = [source.timeline_path(one) for one in wanted]
        check_outputs([file for path in paths for file in finishing.outputs(path.with_suffix(""))], overwrite=False)
        analysed = _analysed(source, report_progress)
        made: list[dict[str, Any]] = []
        for one, path in zip(wanted, paths, strict=True):
            report_progress(f"writing {path.stem}", 0, 0)
            timeline = reusable_timeline(path, analysed.recipe(one))
            if timeline is None:
                timeline = analysed.timeline(one)
                self.write_timeline(timeline, path)
            files = deliveries(timeline, path, finishing, overwrite=False)
            made.append({"ratio": str(one.ratio), "timeline": str(path), **files})
        if request.renders:
            render_and_verify(made, DEFAULT_RENDER_OPTIONS, ())
        return _told(made)

    def deliveries(self) -> list[dict[str, Any]]:
        """All formats that there are, each with the editors that are best given it."""
        from panscan import registry

        exporters = [(name, registry.load("exporters", name)) for name in registry.names("exporters")]
        return [
            {
                "name": name,
                "title": one.title,
                "editors": [editor for editor, best in registry.EDITORS.items() if best == name],
                "import_hint": one.how_to_import,
            }
            for name, one in exporters
        ]


def _analysed(source: ReviewSource, report_progress: ReportProgress | None = None) -> AnalysedMovie | AnalysedCut:
    from panscan.cli.console import report_progress_to
    from panscan.cli.sources import CutOptions, analyse_cut, analyse_movie

    report_progress_to(report_progress or (lambda stage, done, total: None))
    override = source.overrides_file if source.overrides_file.is_file() else None
    if source.is_cut:
        cut = analyse_cut(source.movie, CutOptions(), override, source.requests[0], fast=False)
        return replace(cut, override=source.overrides_file)
    movie = analyse_movie(source.movie, override, source.requests[0], fast=False)
    return replace(movie, override=source.overrides_file)


def _copied(
    source: ReviewSource, analysed: AnalysedMovie | AnalysedCut, cache: Path, report_progress: ReportProgress
) -> tuple[MovieAnalysis | None, Path]:
    """The analysis of a movie, None for a cut; and the small copy."""
    from panscan.cli.sources import AnalysedMovie
    from panscan.review.proxy import COPYING, make_proxy, proxy_path

    def progress(done: int, total: int) -> None:
        report_progress(COPYING, done, total)

    if isinstance(analysed, AnalysedMovie):
        media = analysed.analysis.media
        return analysed.analysis, make_proxy(media, proxy_path(media.key, cache), progress)
    footage = _cut_footage(source, analysed)
    path = proxy_path(footage.key, cache)
    if not path.is_file():
        make_cut_proxy(analysed.analysis.cut, footage.size, source.movie.parent, path, progress)
    return None, path


def _cut_footage(source: ReviewSource, analysed: Any) -> CutFootage:
    from panscan.review.cut_footage import CutFootage

    return CutFootage(analysed.analysis, analysed.overrides, source.requests[0])


def make_cut_proxy(cut: EditorCut, size: Size, folder: Path, path: Path, progress: Callable[[int, int], None]) -> None:
    """Make the small copy of a cut: it is rendered with its whole pictures and its sound, and then copied."""
    import tempfile

    from panscan.ingest.media.probe import probe
    from panscan.model.framing import Camera, Cell, Framing
    from panscan.model.plan import Shot
    from panscan.render import RenderSettings, render
    from panscan.review.proxy import make_proxy, proxy_size
    from panscan.timeline.conform import attach_framings

    small = proxy_size(size)
    whole = Cell(0, 0, small, Camera((0,), (small.width / size.width,), (0.0,), (0.0,)))
    shots = {
        number: [(Shot(0, media.frame_count), Framing(small, size, media.video.rate, (whole,)))]
        for number, used in enumerate(cut.clips)
        for media in [cut.media[used.media_path]]
    }
    timeline = attach_framings(cut, shots, {"ratio": f"{small.width}:{small.height}"}).timeline
    with tempfile.TemporaryDirectory(prefix="panscan-") as temporary:
        rendered = Path(temporary) / "cut.mp4"
        render(timeline, folder=folder, output=rendered, settings=RenderSettings.of("h264", "draft"), progress=progress)
        make_proxy(probe(rendered, photos=False), path, progress)


def _told(made: list[dict[str, Any]]) -> dict[str, Any]:
    """What was made, as the page shows it."""
    movies = [one for one in made if "movie" in one]
    return {
        "files": [file for one in made for file in (one["timeline"], *one["deliveries"], one.get("movie")) if file],
        "verdict": {one["ratio"]: one["verdict"] for one in movies},
        "pages": [one["page"] for one in movies],
        "refused": {one["ratio"]: one["refused"] for one in made if one["refused"]},
    }
