"""One input of `panscan reframe`: its timelines, editor files, movies and verdicts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import progress_bar, quiet, say, short_path, whole_run
from panscan.cli.outputs import check_outputs, write_timeline_output
from panscan.cli.rendering import RenderOptions
from panscan.cli.shot_table import ShotsOfShape, print_shots
from panscan.cli.timelines import Finishing, deliveries, reusable_timeline
from panscan.errors import InputError

if TYPE_CHECKING:
    from panscan.cli.reframe_options import ReframeOptions
    from panscan.cli.sources import AnalysedSource
    from panscan.model.request import Request

# CPU time of the parts of a run on one shape, compared with rendering: 400 frames of 1280x720, without weights.
_WEIGHTS = {"looking": 0.25, "planning": 0.02, "rendering": 1.0, "verifying": 0.25}


def reframe_file(source: Path, options: ReframeOptions, render_options: RenderOptions) -> list[dict[str, Any]]:
    """Make all that is wanted of a movie or of an editor's cut; what was made, for programs, one for each timeline.

    Raises
    ------
    PanscanError
        Something is wrong with the options or the input, or is missing on this machine.
    """
    with quiet(options.quiet), whole_run(_weights(options)):
        return _reframed(source, options, render_options)


def _reframed(source: Path, options: ReframeOptions, render_options: RenderOptions) -> list[dict[str, Any]]:
    from panscan.cli.movies import render_and_verify

    render_options, finishing, requests = checked(options, render_options)
    is_cut = is_timeline(source)
    options.check_for(source, is_cut)
    folder = options.output or source.parent
    if source.exists():  # a mistyped path must not leave folders behind
        _writable(folder)
    slugs = [f".{slug}" for _, slug in requests] if not options.from_crops else [""]
    bases = [folder / f"{source.stem}{slug}" for slug in slugs]
    check_outputs([path for base in bases for path in finishing.outputs(base)], options.overwrite)
    if options.from_crops:
        made = [_from_crops(source, folder, finishing, options)]
    else:
        made = _timelines(source, [request for request, _ in requests], bases, finishing, options, is_cut)
    if options.render:
        render_and_verify(made, render_options, finishing.streams)
    return made


def checked(
    options: ReframeOptions, render_options: RenderOptions
) -> tuple[RenderOptions, Finishing, list[tuple[Request, str]]]:
    """What the options mean, whatever the input: how movies are made, what is made, and the requests.

    Raises
    ------
    UsageError, CapabilityError
        One of them is wrong.
    """
    jobs = options.jobs if options.render else 0
    render_options = replace(render_options, native=options.canvas == "native", jobs=jobs)
    finishing = Finishing.of(options.to or ["fcpxml"], options.render, render_options, options.option or ())
    return render_options, finishing, options.requests(render_options.native)


def _weights(options: ReframeOptions) -> dict[str, float]:
    """How long the parts of a run take."""
    shapes = len(options.ratio or [""]) * (2 if options.both else 1)
    parts = _WEIGHTS if options.render else ("looking", "planning")
    return {part: _WEIGHTS[part] * (1 if part == "looking" else shapes) for part in parts}


def is_timeline(source: Path) -> bool:
    """Whether a file is an editor's cut, by its name."""
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES

    return source.suffix.lower() in TIMELINE_SUFFIXES


def _timelines(
    source: Path,
    requests: Sequence[Request],
    bases: Sequence[Path],
    finishing: Finishing,
    options: ReframeOptions,
    is_cut: bool,
) -> list[dict[str, Any]]:
    """Analyse an input and make its timelines and their files for editors."""
    from panscan.cli.hand_edits import take_up
    from panscan.cli.sources import analyse_cut, analyse_movie

    first = requests[0]
    analysed: AnalysedSource = (
        analyse_cut(source, options.cut_options(), options.override, first, options.fast)
        if is_cut
        else analyse_movie(source, options.override, first, options.fast, options.input_log)
    )
    paths = [base.with_name(f"{base.name}.otio") for base in bases]
    analysed = take_up(analysed, dict(zip(paths, requests, strict=True)), fresh=options.fresh)
    made, shown, timelines = [], [], []
    with progress_bar("planning", "planning") as progress:
        for number, (path, request) in enumerate(zip(paths, requests, strict=True), 1):
            timeline, kept = _timeline(analysed, request, path, options.fresh)
            shape = str(request.ratio) + ("" if request.with_speaker or not options.both else " no speaker")
            shown.append(ShotsOfShape.of(shape, timeline, path.parent))
            timelines.append(timeline)
            what = {"ratio": str(request.ratio), "speaker": request.with_speaker, "timeline": str(path), "kept": kept}
            made.append(what | shown[-1].as_data())
            progress(number, len(paths))
    print_shots(shown, verbose=options.verbose)
    for item, timeline, path in zip(made, timelines, paths, strict=True):
        kept_note = " (kept: same settings, hand edits included)" if item["kept"] else ""
        say(f"{item['ratio']} -> {short_path(path)}{kept_note}")
        is_first = item is made[0]  # how a file is imported is told once
        item |= deliveries(timeline, path, finishing, options.overwrite, options.strict, tells_import=is_first)
    return made


def _timeline(analysed: AnalysedSource, request: Request, path: Path, fresh: bool) -> tuple[Any, bool]:
    """The timeline of a request, and whether it is the one that was there."""
    kept = None if fresh else reusable_timeline(path, analysed.recipe(request))
    if kept is not None:
        return kept, True
    timeline = analysed.timeline(request)
    write_timeline_output(timeline, path)
    return timeline, False


def _from_crops(source: Path, folder: Path, finishing: Finishing, options: ReframeOptions) -> dict[str, Any]:
    """Go on from an edit list with its table of crops."""
    from panscan.cli.hand_edits import earlier_clips
    from panscan.ingest.crops import edl_and_csv, read_crops
    from panscan.timeline.hand_edits import mark_moved

    edl, csv = edl_and_csv(source)
    timeline = read_crops(edl, csv)
    path = folder / f"{edl.stem}.otio"
    write_timeline_output(mark_moved(timeline, folder, earlier_clips(path)), path)
    shown = ShotsOfShape.of("", timeline, path.parent)
    print_shots([shown], verbose=options.verbose)
    say(f"{edl.name} and {csv.name} -> {short_path(path)}")
    made = {"timeline": str(path), "kept": False, **shown.as_data()}
    return made | deliveries(timeline, path, finishing, options.overwrite)


def _writable(folder: Path) -> None:
    """Make a folder that results can be written to.

    Raises
    ------
    InputError
        It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}", why=str(error.strerror or error), fix="Choose another folder with -o."
        ) from error
    if not os.access(folder, os.W_OK):
        raise InputError(f"cannot write to {folder}", why="Permission denied.", fix="Choose another folder with -o.")
