"""`panscan reframe`: a movie or an editor's cut in; timelines, editor files, movies and verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, print_table, say, short_path
from panscan.cli.outputs import Overwrite, check_outputs, write_timeline_output
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions, with_render_options
from panscan.cli.timelines import Finishing, deliveries, end_with_verdicts, reusable_timeline
from panscan.errors import InputError, UsageError

if TYPE_CHECKING:
    from panscan.cli.sources import AnalysedSource
    from panscan.model.request import Request


@with_render_options
def command(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="The finished movie or timeline.", show_default=False)
    ],
    ratio: Annotated[
        list[str] | None, typer.Option("-r", "--ratio", help="Shape to make, e.g. 9:16; repeat for more. [9:16]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the results. [the folder of INPUT]")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="What matters and how the camera behaves: a name of `panscan presets`, or a .toml file. "
            "[default; screen for screen recordings]",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="How subjects are chosen. [the preset's]", show_default=False)
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="How willingly the camera moves, e.g. stable or responsive. [the preset's]", show_default=False
        ),
    ] = None,
    layouts: Annotated[
        str | None,
        typer.Option(
            help="Layouts that may be used, e.g. single or fit,split-2; one alone is insisted upon. [the preset's]",
            show_default=False,
        ),
    ] = None,
    speaker: Annotated[bool, typer.Option(help="Show who speaks where several people do not fit.")] = True,
    both: Annotated[bool, typer.Option("--both", help="Make each timeline with and without --speaker.")] = False,
    prompt: Annotated[
        str | None, typer.Option(help='What to show, e.g. "dog, ball"; needs object weights.', show_default=False)
    ] = None,
    avoid: Annotated[str | None, typer.Option(help='What not to show, e.g. "crowd, logo".', show_default=False)] = None,
    override: Annotated[
        Path | None,
        typer.Option(
            help="Decisions made by hand, .toml or .yaml. [STEM.panscan.toml beside INPUT]", show_default=False
        ),
    ] = None,
    objects_model: Annotated[
        str | None,
        typer.Option(help="Object weights: a file, a name of `panscan models`, or none.", show_default=False),
    ] = None,
    tolerance: Annotated[float, typer.Option(help="How far keys may stray from the solved path, in canvas px.")] = 1.0,
    lead: Annotated[
        float | None,
        typer.Option(
            help="Seconds by which the camera sets off before something happens on a screen. [the preset's]",
            show_default=False,
        ),
    ] = None,
    input_log: Annotated[
        Path | None,
        typer.Option(
            help="What was done with mouse and keyboard in a screen recording. [the log beside INPUT]",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            help="Editor file to write, fcpxml if none is named; repeat for more. "
            "With --render also hls or dash: streams in place of movies.",
        ),
    ] = None,
    render: Annotated[bool, typer.Option("--render", help="Also render and verify a movie per shape.")] = False,
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS,
    canvas: Annotated[
        str | None,
        typer.Option(
            help="Size of the result, WxH in px; without it the short side has 1080. "
            "native, with --render: movies in which no pixel is enlarged.",
            show_default=False,
        ),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Quicker, coarser look at the movie, for a first idea.")] = False,
    deinterlace: Annotated[
        str, typer.Option(help="Deinterlace pictures made of two fields: auto (where they are found), off or on.")
    ] = "auto",
    relink: Annotated[
        Path | None, typer.Option(help="Folder where missing media of a timeline may be.", show_default=False)
    ] = None,
    skip_offline: Annotated[bool, typer.Option("--skip-offline", help="Leave clips without media alone.")] = False,
    all_tracks: Annotated[bool, typer.Option("--all-tracks", help="Frame hidden clips of a timeline too.")] = False,
    rate: Annotated[
        str | None, typer.Option(help="Frames per second of an EDL that does not tell.", show_default=False)
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a timeline rather than repair it or leave a clip out.")
    ] = False,
    from_crops: Annotated[
        bool, typer.Option("--from-crops", help="INPUT is an edit list with its table of crops: go on from there.")
    ] = False,
    from_segments: Annotated[
        Path | None,
        typer.Option(
            help="What the camera does, as --to segments writes it and a person edited it.", show_default=False
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make timelines anew even if the settings are the same.")
    ] = False,
    overwrite: Overwrite = False,
    review: Annotated[
        bool, typer.Option("--review", help="Then look at the cameras in the browser, and correct them.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Reframe a movie or an editor's cut: one timeline per shape, and from it editor files and verified movies.

    A timeline that was made with the same settings is kept, with every key that was moved by hand; only what is
    missing is made. With other settings it is made anew, and keys that were moved by hand stay: they become entries of
    the overrides file. An editor's cut keeps everything it holds: framings are added.
    """
    from panscan.cli.hand_edits import take_up
    from panscan.cli.movies import render_and_verify
    from panscan.cli.sources import CutOptions, analyse_cut, analyse_movie
    from panscan.request.options import models_of_environment, requests_for
    from panscan.request.segment_files import load_segments

    render_options = replace(render_options, native=canvas == "native")
    finishing = Finishing.of(to or ["fcpxml"], render, render_options)
    models = models_of_environment()
    if objects_model is not None:
        models = replace(models, objects=objects_model)
    requests = requests_for(
        ratio or ["9:16"],
        both=both,
        canvas=None if render_options.native else canvas,
        preset=preset,
        method=method,
        mode=mode,
        layouts=layouts,
        speaker=speaker,
        prompt=prompt,
        avoid=avoid,
        tolerance_px=tolerance,
        lead_s=lead,
        segments=load_segments(from_segments) if from_segments else (),
        models=models,
        deinterlace=deinterlace,
    )
    options = CutOptions(relink, skip_offline, all_tracks, rate, strict)
    is_cut = _is_timeline(source)
    if options.any_given and not is_cut:
        raise UsageError(
            f"{source.name} is no timeline",
            why="--relink, --skip-offline, --all-tracks, --rate and --strict say how to read one.",
            fix="Leave them out, or give the timeline.",
        )
    for name, given in (("--from-segments", from_segments), ("--input-log", input_log)):
        if given is not None and (is_cut or from_crops):
            raise UsageError(
                f"{name} goes with a movie",
                why="Its times count from the start of one media file.",
                fix="Give the movie, or edit the timeline's keys.",
            )
    if override is not None and from_crops:
        raise UsageError(
            "--override does not go with --from-crops",
            why="The cameras come from the table of crops; nothing is decided.",
            fix="Leave one of them out.",
        )
    if review and (is_cut or from_crops or both or fast or input_log is not None):
        raise UsageError(
            "--review does not go with this",
            why="The page shows a movie as `panscan review` does: each shape once, looked at as usual.",
            fix="Leave out --review; or a cut, --both, --fast, --input-log and --from-crops.",
        )
    folder = output or source.parent
    if source.exists():  # a mistyped path must not leave folders behind
        _writable(folder)
    bases = [folder / source.stem] if from_crops else [folder / f"{source.stem}.{slug}" for _, slug in requests]
    check_outputs([path for base in bases for path in finishing.outputs(base)], overwrite)
    if from_crops:
        made = [_from_crops(source, folder, finishing.formats, overwrite)]
    else:
        request = requests[0][0]
        analysed: AnalysedSource = (
            analyse_cut(source, options, override, request, fast)
            if is_cut
            else analyse_movie(source, override, request, fast, input_log)
        )
        timelines = {
            base.with_name(f"{base.name}.otio"): request for (request, _), base in zip(requests, bases, strict=True)
        }
        analysed = take_up(analysed, timelines, fresh=fresh)
        made = [
            _reframe_one(analysed, request, base, finishing.formats, fresh, overwrite, strict)
            for (request, _), base in zip(requests, bases, strict=True)
        ]
    if render:
        render_and_verify(made, render_options, finishing.streams)
    if json:
        print_json(made)
    if review:
        _review(source, [request for request, _ in requests], folder, override)
    end_with_verdicts(made)


def _review(source: Path, requests: Sequence[Request], folder: Path, override: Path | None) -> None:
    from panscan.cli.review import open_page, review_source

    open_page([review_source(source, requests, folder, override)])


def _is_timeline(source: Path) -> bool:
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES

    return source.suffix.lower() in TIMELINE_SUFFIXES


def _from_crops(source: Path, folder: Path, formats: Sequence[str], overwrite: bool) -> dict[str, Any]:
    """Go on from an edit list with its table of crops."""
    from panscan.cli.hand_edits import earlier_clips
    from panscan.ingest.crops import edl_and_csv, read_crops
    from panscan.timeline.hand_edits import mark_moved

    edl, csv = edl_and_csv(source)
    timeline = read_crops(edl, csv)
    path = folder / f"{edl.stem}.otio"
    write_timeline_output(mark_moved(timeline, folder, earlier_clips(path)), path)
    say(f"{edl.name} and {csv.name} -> {short_path(path)}")
    shots = _print_shots(timeline, path)
    return {"timeline": str(path), "kept": False, **shots, **deliveries(timeline, path, formats, overwrite)}


def _reframe_one(
    analysed: AnalysedSource,
    request: Request,
    base: Path,
    formats: Sequence[str],
    fresh: bool,
    overwrite: bool,
    strict: bool,
) -> dict[str, Any]:
    path = base.with_name(f"{base.name}.otio")
    timeline = None if fresh else reusable_timeline(path, analysed.recipe(request))
    kept = timeline is not None
    if timeline is None:
        timeline = analysed.timeline(request)
        write_timeline_output(timeline, path)
    say(f"{request.ratio} -> {short_path(path)}" + (" (kept: same settings, hand edits included)" if kept else ""))
    shots = _print_shots(timeline, path)
    return {
        "ratio": str(request.ratio),
        "speaker": request.with_speaker,
        "timeline": str(path),
        "kept": kept,
        **shots,
        **deliveries(timeline, path, formats, overwrite, strict),
    }


def _print_shots(timeline: Any, path: Path) -> dict[str, Any]:
    """Print a row per clip, and notes on them; what is told for programs of the same."""
    from dataclasses import asdict

    from panscan.timeline.captions import words_on_captions
    from panscan.timeline.cut import read_cut
    from panscan.timeline.doubts import doubts, mark_of, words_on_doubts
    from panscan.timeline.flatten import flatten_timeline
    from panscan.timeline.unmet import unmet_of, words_on_unmet

    cut = read_cut(flatten_timeline(timeline), folder=path.parent)
    rows = []
    for number, clip in enumerate(cut.clips, 1):
        framing = clip.framing
        keys = sum(len(cell.camera.frame) for cell in framing.cells)
        seconds = float(clip.frame_count / cut.rate)
        shown = (f"{seconds:.1f} s", framing.effect, framing.layout, str(keys), mark_of(framing), framing.why)
        rows.append([str(number), *shown])
    print_table(["shot", "length", "effect", "layout", "keys", "sure", "why"], rows)
    if words := words_on_captions(cut.clips):
        say(f"  note: {words}; --layouts fit shows the whole picture")
    look_first = doubts(cut.clips)
    if words := words_on_doubts(look_first):
        say(f"  note: {words}")
    unmet = unmet_of(cut.clips)
    for one in unmet:
        say(f"  note: {words_on_unmet(one, len(cut.clips))}")
    return {
        "confidence": [clip.framing.confidence for clip in cut.clips],
        "look_first": [asdict(doubt) for doubt in look_first],
        "unmet": [asdict(one) for one in unmet],
    }


def _writable(folder: Path) -> None:
    """Make a folder that results can be written to.

    Raises
    ------
    InputError
        It cannot be made or written to.
    """
    import os

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}", why=str(error.strerror or error), fix="Choose another folder with -o."
        ) from error
    if not os.access(folder, os.W_OK):
        raise InputError(f"cannot write to {folder}", why="Permission denied.", fix="Choose another folder with -o.")
