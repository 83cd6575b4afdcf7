"""Movies and streams of timelines: rendered, verified, and only then given their own names."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import progress_bar, say, say_wrong, short_path, silence_native_stderr
from panscan.cli.outputs import record_made, write_output, write_timeline_output
from panscan.cli.rendering import RenderOptions
from panscan.errors import PanscanError

if TYPE_CHECKING:
    from panscan.render import RenderResult, RenderSettings
    from panscan.verify import Inspection

# From best to worst.
_VERDICTS = ("VERIFIED", "DELIVERED_WITH_QUALITY_FLAGS", "REJECTED")


class _Rejected(Exception):
    """The verdict on a rendered movie is that it must not be published."""


@dataclass(frozen=True, slots=True)
class MovieJob:
    """How movies are made.

    Attributes
    ----------
    folder : Path
        Where relative media paths start.
    settings : RenderSettings
    digest : callable, optional
        Content hash of a media file; with it, media that changed are refused.
    verifies : bool
        Whether movies are judged before they get their names.
    """

    folder: Path
    settings: RenderSettings
    digest: Callable[[Path], str] | None
    verifies: bool = True


@dataclass(frozen=True, slots=True)
class MadeMovie:
    """A movie or stream that was made.

    Attributes
    ----------
    path : Path
        The movie, maybe under the name of a rejected one; or the master playlist, or the folder that was not made.
    results : tuple of RenderResult
        One for each size; empty for a stream that was not made.
    notes : tuple of str
    verdict : dict
        `movie`, `page`, `verdict`, `report` and `verified_s` for programs; empty where nothing was judged.
    """

    path: Path
    results: tuple[RenderResult, ...]
    notes: tuple[str, ...]
    verdict: dict[str, Any] = field(default_factory=dict)

    @property
    def is_rejected(self) -> bool:
        """Whether it must not be published."""
        return self.verdict.get("verdict") == "REJECTED"


def render_and_verify(results: list[dict[str, Any]], render_options: RenderOptions, streams: Sequence[str]) -> None:
    """Render the timelines that `results` name, and add movies and verdicts to `results`.

    Movies of the same media are made from one decoding. With `streams` (hls, dash) these are made instead.
    """
    from panscan.ingest.media.probe import content_digest
    from panscan.timeline.files import read_timeline

    paths = [Path(item["timeline"]) for item in results]
    shapes = []
    for number, path in enumerate(paths):
        timeline = read_timeline(path)
        shapes.append(render_options.on_render_canvas(timeline))
        if shapes[-1] is not timeline:
            # A movie is judged by the timeline with the same canvas.
            paths[number] = path.with_name(f"{path.stem}{render_options.tag}.otio")
            write_timeline_output(shapes[-1], paths[number])
    job = MovieJob(paths[0].parent, render_options.settings(), content_digest)
    if not streams:
        verdicts = [
            one.verdict for one in make_movies(shapes, [p.with_suffix(render_options.suffix) for p in paths], job)
        ]
    else:
        found = [
            [make_stream(shape, path.with_suffix(f".{kind}"), kind, job).verdict for kind in streams]
            for shape, path in zip(shapes, paths, strict=True)
        ]
        verdicts = [max(each, key=lambda one: _VERDICTS.index(one["verdict"])) for each in found]
    for item, verdict in zip(results, verdicts, strict=True):
        item |= verdict


def make_movies(shapes: Sequence[Any], movies: Sequence[Path], job: MovieJob) -> list[MadeMovie]:
    """Render timelines of the same media from one decoding; each movie gets its name by its verdict."""
    from panscan.files import claimed
    from panscan.render import check_output, render_many

    for shape, movie in zip(shapes, movies, strict=True):
        check_output(shape, movie, folder=job.folder, settings=job.settings)
    made = []
    with ExitStack() as claims:
        names = [claims.enter_context(claimed(unverified(path))) if job.verifies else path for path in movies]
        with silence_native_stderr(), progress_bar(_titled("rendering", movies), "rendering") as progress:
            results = render_many(
                list(zip(shapes, names, strict=True)),
                folder=job.folder,
                settings=job.settings,
                progress=progress,
                digest=job.digest,
            )
        for shape, movie, result in zip(shapes, movies, results, strict=True):
            _say_notes(result.notes)
            record_made(result.output)
            share = 1 / len(movies)
            final, verdict = _judge_movie(shape, movie, result.output, job, share) if job.verifies else (movie, {})
            made.append(MadeMovie(final, (result,), result.notes, verdict))
    return made


def _titled(work: str, movies: Sequence[Path]) -> str:
    """The title of a bar, short enough that the bar fits beside it."""
    return f"{work} {movies[0].stem}" if len(movies) == 1 else f"{work} {len(movies)} movies"


def _judge_movie(shape: Any, movie: Path, rendered: Path, job: MovieJob, share: float) -> tuple[Path, dict[str, Any]]:
    """Give a movie its name, by its verdict; `share`: of all that is judged."""
    try:
        with progress_bar(f"verifying {movie.stem}", "verifying", share) as progress:
            inspected, seconds = _inspected(rendered, shape, job, progress)
    except PanscanError:
        say_wrong(f"  it could not be judged, and so has no name of its own: {short_path(rendered)}")
        raise
    final = rejected(movie) if inspected.report.verdict == "REJECTED" else movie
    rendered.replace(final)
    return final, _publish_verdict(inspected, final, final.with_suffix(".html"), seconds)


def unverified(movie: Path) -> Path:
    """The name of a movie until it is judged."""
    return movie.with_name(f"{movie.stem}.unverified{movie.suffix}")


def rejected(movie: Path) -> Path:
    """The name of a movie whose verdict is that it must not be published."""
    return movie.with_name(f"{movie.stem}.rejected{movie.suffix}")


def movie_outputs(base: Path, render_options: RenderOptions, streams: Sequence[str]) -> list[Path]:
    """The files that `render_and_verify` may write for the timeline BASE.otio."""
    name = f"{base.name}{render_options.tag}"
    timelines = [base.with_name(f"{name}.otio")] if render_options.tag else []
    if streams:
        return [*timelines, *(f for kind in streams for f in files_of(base.with_name(f"{name}.{kind}"), kind))]
    return [*timelines, *files_of(base.with_name(f"{name}{render_options.suffix}"))]


def files_of(target: Path, kind: str | None = None, *, verifies: bool = True) -> list[Path]:
    """The files that may be written for a movie, or with `kind` (hls, dash) for the folder of a stream."""
    from panscan.render.ladder import main_file

    if kind:
        return [main_file(target, kind), *([_page_of_stream(target)] if verifies else [])]
    made = [target, rejected(target)] if verifies else [target]
    return [*made, *(path.with_suffix(".html") for path in made if verifies)]


def _page_of_stream(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.html")


def make_stream(shape: Any, folder: Path, kind: str, job: MovieJob) -> MadeMovie:
    """Make a folder for streaming, of which the largest movie is verified; no folder where that is rejected."""
    from panscan.render import ladder

    judged: list[tuple[Inspection, float]] = []

    def judge(movie: Path) -> None:
        judged.append(_inspected(movie, shape, job))
        if judged[0][0].report.verdict == "REJECTED":
            raise _Rejected

    final, results = folder, tuple[Any, ...]()
    with silence_native_stderr(), progress_bar(f"rendering {folder.name}", "rendering") as progress:
        try:
            stream = ladder(
                shape,
                folder=job.folder,
                output=folder,
                kind=kind,
                settings=job.settings,
                progress=progress,
                digest=job.digest,
                verify_movie=judge if job.verifies else None,
            )
            final, results, notes = stream.master, stream.rungs, stream.notes
            record_made(final)
        except _Rejected:
            notes = (f"{folder.name} was not made",)
    _say_notes(notes)
    verdict = _publish_verdict(judged[0][0], final, _page_of_stream(folder), judged[0][1]) if judged else {}
    return MadeMovie(final, results, notes, verdict)


def _inspected(movie: Path, shape: Any, job: MovieJob, progress: Any = None) -> tuple[Inspection, float]:
    """What the verifier finds, and how many seconds it took."""
    from panscan.verify import inspect

    started = time.monotonic()
    inspected = inspect(movie, shape, folder=job.folder, progress=progress, is_cfr=job.settings.cfr)
    return inspected, time.monotonic() - started


def _say_notes(notes: Sequence[str]) -> None:
    for note in notes:
        say(f"  note: {note}")


def _publish_verdict(inspected: Inspection, final: Path, page: Path, seconds: float) -> dict[str, Any]:
    """Say what the verdict on `final` is, and apart from it how it is framed, with its page in pictures."""
    from panscan.verify import report_page

    report = replace(inspected.report, output=final)
    write_output(report_page(replace(inspected, report=report)).encode("utf-8", "backslashreplace"), page)
    tell = say_wrong if report.verdict == "REJECTED" else say
    tell(f"  {short_path(final)}: {report.verdict} (verified in {seconds:.1f} s; in pictures: {short_path(page)})")
    if report.verdict != "VERIFIED":
        tell(report.to_text())
    else:
        for line in report.framing_doubts():
            say(f"  {line}")
    return {
        "movie": str(final),
        "page": str(page),
        "verdict": report.verdict,
        "report": report.to_json(),
        "verified_s": round(seconds, 1),
    }
