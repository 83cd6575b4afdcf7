"""The renderer: timelines of framings to movies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.errors import RenderError
from panscan.model.geometry import Size
from panscan.render.checks import checked_cut
from panscan.render.container import mux
from panscan.render.container.cut_sound import add_cut_sound
from panscan.render.container.passthrough import pass_through_streams
from panscan.render.container.sound_coding import RATE_HZ
from panscan.render.frame_jobs import (
    DecodePlan,
    OutputMovie,
    frame_jobs,
    notes_on_changes,
    plan_decoding,
    shares_decoding,
)
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.segments.joining import EncodedSegments
from panscan.render.segments.orders import SegmentedMovie, segmented_movie
from panscan.render.segments.prepare import segments_folder
from panscan.render.segments.processes import encode_missing
from panscan.render.settings import RenderSettings
from panscan.render.sources import note_on_black_end, notes_on_transitions
from panscan.render.threads import Progress, run_threads
from panscan.timeline.cut import Cut
from panscan.timeline.otio_types import Timeline


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What was written.

    Attributes
    ----------
    output : Path
    canvas : Size
        px.
    frame_count : int
    sound : str
        "copied", "encoded" or "none".
    notes : tuple of str
        What is not as in the source.
    """

    output: Path
    canvas: Size
    frame_count: int
    sound: str
    notes: tuple[str, ...] = ()


def render(
    timeline: Timeline,
    *,
    output: Path,
    folder: Path = Path(),
    settings: RenderSettings | None = None,
    progress: Progress | None = None,
    digest: Callable[[Path], str] | None = None,
    corner_pins: Sequence[CornerPin] = (),
    parts_folder: Path | None = None,
) -> RenderResult:
    """Render a timeline that carries framings.

    A timeline that shows one media from its first to its last frame keeps its timestamps, subtitles, chapters and
    timecode, and its sound if that is all that is heard, untouched. Any other is conformed: one picture per frame of
    the timeline. Any other sound is mixed from the timeline's sound clips, to the sample, and encoded.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    output : Path
        The movie; .mp4, .mov or .mkv. It appears complete or not at all.
    settings : RenderSettings, optional
    progress : callable, optional
        Called with pictures done and in total.
    digest : callable, optional
        Content hash of a media file. With it, media that are not those of the timeline's recipe are refused.
    corner_pins : sequence of CornerPin
        Homographies for cells, in place of their cameras.
    parts_folder : Path, optional
        Render in segments that lie in this folder, and stay there. Those that are there are not encoded again, whoever
        encoded them (`prepare_segments`). Without it, `settings.jobs` has them made beside the output, and removed.

    Raises
    ------
    InputError
        A media file is missing, changed or has no picture, or the timeline carries no camera.
    RenderError
        A source breaks half-way, the output cannot be written, or segments come from another build of the encoder.
    UsageError
        The output's suffix or the canvas cannot be written, the output is one of the sources, or a corner pin does not
        fit.
    CapabilityError
        The encoder is not on this machine.
    """
    if parts_folder is None:
        (result,) = render_many(
            [(timeline, output)],
            folder=folder,
            settings=settings,
            progress=progress,
            digest=digest,
            corner_pins=[corner_pins],
        )
        return result
    settings = settings or RenderSettings()
    pins = tuple(corner_pins)
    cut = checked_cut(timeline, output, folder, settings, digest, pins)
    return _render_in_segments(timeline, cut, output, folder, settings, progress, digest, pins, parts_folder)


def render_many(
    wanted: Sequence[tuple[Timeline, Path]],
    *,
    folder: Path = Path(),
    settings: RenderSettings | None = None,
    progress: Progress | None = None,
    digest: Callable[[Path], str] | None = None,
    corner_pins: Sequence[Sequence[CornerPin]] = (),
) -> list[RenderResult]:
    """Render several timelines; those of the same media and cut share one decoding of it.

    Parameters and errors as `render`; `wanted`: pairs of timeline and output; `corner_pins`: of each pair. Progress
    starts again for every group that shares a decoding. All movies of a group appear, or none.
    """
    settings = settings or RenderSettings()
    pins_of = [tuple(own) for own in corner_pins] or [()] * len(wanted)
    cuts = [
        checked_cut(timeline, output, folder, settings, digest, pins)
        for (timeline, output), pins in zip(wanted, pins_of, strict=True)
    ]
    if settings.jobs:  # segments are encoded by other processes, each with its own decoding
        return [
            _render_in_segments(timeline, cut, output, folder, settings, progress, digest, pins)
            for (timeline, output), cut, pins in zip(wanted, cuts, pins_of, strict=True)
        ]
    groups: list[list[int]] = []
    for number, cut in enumerate(cuts):
        group = next((group for group in groups if shares_decoding(cuts[group[0]], cut)), None)
        if group is None:
            groups.append([number])
        else:
            group.append(number)
    results: dict[int, RenderResult] = {}
    for group in groups:
        outputs, own = [wanted[n][1] for n in group], [pins_of[n] for n in group]
        made = _render_whole([cuts[n] for n in group], outputs, settings, progress, own)
        results |= dict(zip(group, made, strict=True))
    return [_with_notes_on_the_cut(results[n], timeline, cuts[n]) for n, (timeline, _) in enumerate(wanted)]


def _with_notes_on_the_cut(result: RenderResult, timeline: Any, cut: Cut) -> RenderResult:
    notes = [note_on_black_end(timeline, cut), *notes_on_transitions(timeline, cut)]
    return replace(result, notes=(*result.notes, *(note for note in notes if note)))


def _render_whole(
    cuts: Sequence[Cut],
    outputs: Sequence[Path],
    settings: RenderSettings,
    progress: Progress | None,
    corner_pins: Sequence[tuple[CornerPin, ...]],
) -> list[RenderResult]:
    with ExitStack() as stack:
        plan = replace(plan_decoding(cuts, stack, settings), corner_pins=tuple(corner_pins))
        with _open_movies(plan, outputs, settings) as movies:
            for movie in movies:
                movie.stream = mux.add_picture(
                    movie.container,
                    movie.cut.canvas,
                    plan.picture_format,
                    movie.cut.rate,
                    plan.time_base,
                    settings,
                )
                _add_other_streams(movie, plan, settings)
            pictures = frame_jobs(plan, stack, settings)
            done = run_threads(
                movies,
                pictures,
                plan.picture_format,
                plan.time_base,
                plan.picture_count,
                settings,
                progress,
            )
    notes = [*plan.notes, *notes_on_changes(plan.changed_counts())]
    return [_result(movie, output, done, notes) for movie, output in zip(movies, outputs, strict=True)]


def _render_in_segments(
    timeline: Any,
    cut: Cut,
    output: Path,
    folder: Path,
    settings: RenderSettings,
    progress: Progress | None,
    digest: Callable[[Path], str] | None,
    corner_pins: tuple[CornerPin, ...],
    parts_folder: Path | None = None,
) -> RenderResult:
    with ExitStack() as stack:
        plan = replace(plan_decoding([cut], stack, settings), corner_pins=(corner_pins,))
        parts = stack.enter_context(segments_folder(output, parts_folder))
        segmented = segmented_movie(
            timeline, plan, folder=parts, media_folder=folder.resolve(), settings=settings, digest=digest
        )
        encode_missing(segmented, max(1, settings.jobs), progress)
        result = _joined(segmented, plan, output, settings)
    return _with_notes_on_the_cut(result, timeline, cut)


def _joined(segmented: SegmentedMovie, plan: DecodePlan, output: Path, settings: RenderSettings) -> RenderResult:
    """The movie of segments that are all encoded."""
    segments = EncodedSegments(segmented, plan)
    with _open_movies(plan, [output], settings) as (movie,):
        movie.stream = segments.add_stream(movie.container)
        _add_other_streams(movie, plan, settings)
        done = segments.write(movie)
    return _result(movie, output, done, notes_on_changes(segments.changed_counts))


@contextmanager
def _open_movies(plan: DecodePlan, outputs: Sequence[Path], settings: RenderSettings) -> Iterator[list[OutputMovie]]:
    """Open containers under temporary names; they get their final names when the block ends well."""
    with ExitStack() as files:
        movies = []
        clock = plan.time_base.denominator
        try:
            for cut, output in zip(plan.cuts, outputs, strict=True):
                copied_hz = [rate_hz for _channels, rate_hz in cut.clips[0].facts.audio if rate_hz]
                clocks_hz = [clock] + (copied_hz if cut.has_whole_sound else [RATE_HZ])
                container = files.enter_context(mux.open_output(output, clocks_hz, cut.frame_count / cut.rate))
                movies.append(OutputMovie(cut, container, None))
            yield movies
        except (av.error.FFmpegError, OSError) as error:
            if mux.is_unwritable(error):
                raise mux.unwritable(outputs[0], error) from error
            raise RenderError(
                f"{' and '.join(str(output) for output in outputs)} could not be encoded",
                why=f"FFmpeg says: {getattr(error, 'strerror', None) or error}.",
                fix="Check free space; try another container (.mkv) if that is not it.",
            ) from error
        finally:
            for movie in movies:
                for source in movie.packet_sources:
                    source.close()


def _add_other_streams(movie: OutputMovie, plan: DecodePlan, settings: RenderSettings) -> None:
    """Add sound, subtitles and tags."""
    cut, start_s = movie.cut, Fraction(0)
    copies_sound = plan.keeps_source_clock and cut.has_whole_sound
    if plan.keeps_source_clock:
        reader = plan.movie_reader
        pass_through_streams(movie, reader, settings, with_sound=copies_sound)
        start_s = reader.first_pts * reader.time_base - reader.origin_s
    if cut.unframed:
        movie.notes.append(f"{len(cut.unframed)} clip(s) without a camera are black: {', '.join(cut.unframed)}")
    if not copies_sound:
        add_cut_sound(movie, settings, start_s)
    note = mux.lost_hdr_metadata(plan.picture_format, settings)
    if note:
        movie.notes.append(note)


def _result(movie: OutputMovie, output: Path, done: int, notes: Sequence[str]) -> RenderResult:
    return RenderResult(output, movie.cut.canvas, done, movie.sound, (*movie.notes, *notes))
