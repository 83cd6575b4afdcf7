"""Movies and streams of timelines that were just made: rendered, verified, and only then given their own names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import progress_bar, say, short_path, silence_native_stderr
from panscan.cli.outputs import record_made, write_output, write_timeline_output
from panscan.cli.rendering import RenderOptions

if TYPE_CHECKING:
    from panscan.render import RenderSettings
    from panscan.verify import Inspection

# From best to worst.
_VERDICTS = ("VERIFIED", "DELIVERED_WITH_QUALITY_FLAGS", "REJECTED")


class _Rejected(Exception):
    """The verdict on a rendered movie is that it must not be published."""


def render_and_verify(results: list[dict[str, Any]], render_options: RenderOptions, streams: Sequence[str]) -> None:
    """Render the timelines that `results` name, and add movies and verdicts to `results`.

    Movies of the same media are made from one decoding. With `streams` (hls, dash) these are made instead.
    """
    from panscan.timeline.files import read_timeline

    settings = render_options.settings()
    paths = [Path(item["timeline"]) for item in results]
    shapes = []
    for number, path in enumerate(paths):
        timeline = read_timeline(path)
        shapes.append(render_options.on_render_canvas(timeline))
        if shapes[-1] is not timeline:
            # A movie is judged by the timeline with the same canvas.
            paths[number] = path.with_name(f"{path.stem}{render_options.tag}.otio")
            write_timeline_output(shapes[-1], paths[number])
    if not streams:
        verdicts = _movies(shapes, paths, render_options.suffix, settings)
    else:
        found = [[_stream(*one, kind, settings) for kind in streams] for one in zip(shapes, paths, strict=True)]
        verdicts = [max(each, key=lambda one: _VERDICTS.index(one["verdict"])) for each in found]
    for item, verdict in zip(results, verdicts, strict=True):
        item |= verdict


def _movies(shapes: list[Any], paths: list[Path], suffix: str, settings: RenderSettings) -> list[dict[str, Any]]:
    from panscan.files import claimed
    from panscan.ingest.media.probe import content_digest
    from panscan.render import render_many

    verdicts = []
    with ExitStack() as claims:
        unverified = [
            claims.enter_context(claimed(path.with_name(f"{path.stem}.unverified{suffix}"))) for path in paths
        ]
        with progress_bar(f"rendering {', '.join(path.stem for path in paths)}") as progress:
            results = render_many(
                list(zip(shapes, unverified, strict=True)),
                folder=paths[0].parent,
                settings=settings,
                progress=progress,
                digest=content_digest,
            )
        for shape, path, result in zip(shapes, paths, results, strict=True):
            for note in result.notes:
                say(f"  note: {note}")
            verdicts.append(_publish_movie(shape, path, result.output))
    return verdicts


def _publish_movie(shape: Any, path: Path, unverified: Path) -> dict[str, Any]:
    """Give a movie its name, by its verdict."""
    from panscan.verify import inspect

    movie = path.with_suffix(unverified.suffix)
    with progress_bar(f"verifying {movie.name}") as progress:
        inspected = inspect(unverified, shape, folder=path.parent, progress=progress)
    final = rejected(movie) if inspected.report.verdict == "REJECTED" else movie
    record_made(unverified)
    unverified.replace(final)
    return _publish_verdict(inspected, final, final.with_suffix(".html"))


def rejected(movie: Path) -> Path:
    """The name of a movie whose verdict is that it must not be published."""
    return movie.with_name(f"{movie.stem}.rejected{movie.suffix}")


def movie_outputs(base: Path, render_options: RenderOptions, streams: Sequence[str]) -> list[Path]:
    """The files that `render_and_verify` may write for the timeline BASE.otio."""
    from panscan.render.ladder import main_file

    name = f"{base.name}{render_options.tag}"
    timelines = [base.with_name(f"{name}.otio")] if render_options.tag else []
    if streams:
        folders = [(base.with_name(f"{name}.{kind}"), kind) for kind in streams]
        return [*timelines, *(file for f, k in folders for file in (main_file(f, k), f.with_name(f"{f.name}.html")))]
    movie = base.with_name(f"{name}{render_options.suffix}")
    made = [movie, rejected(movie)]
    return [*timelines, *made, *(path.with_suffix(".html") for path in made)]


def _stream(shape: Any, path: Path, kind: str, settings: RenderSettings) -> dict[str, Any]:
    """Make a folder for streaming, of which the largest movie is verified; no folder where that is rejected."""
    from panscan.ingest.media.probe import content_digest
    from panscan.render import ladder
    from panscan.verify import inspect

    folder = path.with_suffix(f".{kind}")
    judged: list[Inspection] = []

    def judge(movie: Path) -> None:
        judged.append(inspect(movie, shape, folder=path.parent))
        if judged[0].report.verdict == "REJECTED":
            raise _Rejected

    final = folder
    with silence_native_stderr(), progress_bar(f"rendering {folder.name}") as progress:
        try:
            result = ladder(
                shape,
                folder=path.parent,
                output=folder,
                kind=kind,
                settings=settings,
                progress=progress,
                digest=content_digest,
                verify_movie=judge,
            )
            final, notes = result.master, result.notes
            record_made(final)
        except _Rejected:
            notes = (f"{folder.name} was not made",)
    for note in notes:
        say(f"  note: {note}")
    return _publish_verdict(judged[0], final, path.with_suffix(f".{kind}.html"))


def _publish_verdict(inspected: Inspection, final: Path, page: Path) -> dict[str, Any]:
    """Say what the verdict on `final` is, with its page in pictures."""
    from panscan.verify import report_page

    report = replace(inspected.report, output=final)
    write_output(report_page(replace(inspected, report=report)).encode("utf-8", "backslashreplace"), page)
    say(f"  {short_path(final)}: {report.verdict} (in pictures: {short_path(page)})")
    if report.verdict != "VERIFIED":
        say(report.to_text())
    return {"movie": str(final), "page": str(page), "verdict": report.verdict, "report": report.to_json()}
