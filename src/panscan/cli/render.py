"""`panscan render`: the movie of a timeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, say, short_path
from panscan.cli.options import with_options
from panscan.cli.outputs import Overwrite, check_outputs, write_timeline_output
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions
from panscan.errors import UsageError

if TYPE_CHECKING:
    from panscan.cli.movies import MadeMovie

EXAMPLES = """Examples:

panscan render talk.9x16.otio

panscan render talk.9x16.otio --proxy -o look.mp4"""


@with_options
def command(
    source: Annotated[Path, typer.Argument(metavar="IN.otio", help="A timeline with framings.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Movie to write (.mp4, .mov or .mkv), or folder of a stream. Else beside IN.",
        ),
    ] = None,
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS,
    preset: Annotated[str | None, typer.Option(hidden=True, help="The same as --encoder-preset.")] = None,
    crf: Annotated[int | None, typer.Option(hidden=True, help="A number for --quality.")] = None,
    canvas: Annotated[
        str | None,
        typer.Option(help="native: no pixel is enlarged. Without it the timeline's canvas.", show_default=False),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="hls or dash: three sizes in a folder.", show_default=False)
    ] = None,
    deinterlace: Annotated[
        str | None,
        typer.Option(help="auto, off or on: decide anew. Without it as the timeline says.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Render although the source changed.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse rather than leave a clip out.")] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify/--no-verify", help="Judge the movie before it gets its name; exit 1 where it is rejected."
        ),
    ] = True,
    overwrite: Overwrite = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Render a timeline, every frame through its camera, sound untouched; and verify the movie."""
    from panscan.cli.movies import MovieJob, files_of, make_movies, make_stream
    from panscan.ingest.media.probe import content_digest
    from panscan.timeline.files import read_timeline
    from panscan.timeline.flatten import renderable_cut

    timeline = read_timeline(source)
    if canvas not in (None, "native"):
        raise UsageError(
            f"--canvas {canvas} is not known here",
            why="A timeline's cameras are made for its canvas.",
            fix="Use --canvas native, or `panscan reframe --canvas WxH` for another one.",
        )
    render_options = replace(
        render_options,
        native=canvas is not None,
        quality=render_options.quality if crf is None else str(crf),
        encoder_preset=preset or render_options.encoder_preset,
    )
    if strict:
        renderable_cut(timeline, folder=source.parent, strict=True)
    settings, shape = render_options.settings(), render_options.on_render_canvas(timeline)
    if deinterlace is not None:
        shape = _deinterlaced_anew(shape, source.parent, deinterlace)
    name = source.with_suffix("").name + render_options.tag + (f".deinterlace-{deinterlace}" if deinterlace else "")
    target = output or source.with_name(name + (f".{to}" if to else render_options.suffix))
    beside = target.with_suffix(".otio") if shape is not timeline and not to else source
    has_timeline = beside.resolve() != source.resolve()
    check_outputs([*files_of(target, to, verifies=verify), *([beside] if has_timeline else [])], overwrite)
    job = MovieJob(source.parent, settings, None if force else content_digest, verify)
    made = make_stream(shape, target, to, job) if to else make_movies([shape], [target], job)[0]
    if has_timeline:
        # `panscan verify` judges a movie by the timeline that it was made of.
        write_timeline_output(shape, beside)
        say(f"  its timeline: {short_path(beside)}")
    if made.results:
        say(f"wrote {short_path(made.path)}")
    if json:
        print_json(_told(made))
    if made.is_rejected:
        raise typer.Exit(1)


def _told(made: MadeMovie) -> dict[str, Any]:
    """What programs are told; a stream that was rejected has no sizes."""
    first = made.results[0] if made.results else None
    return {
        "written": str(made.path) if first else None,
        "canvas_px": [[one.canvas.width, one.canvas.height] for one in made.results],
        "frames": first.frame_count if first else 0,
        "sound": first.sound if first else "none",
        "notes": list(made.notes),
        "verdict": None,  # with --no-verify
        **made.verdict,
    }


def _deinterlaced_anew(timeline: Any, folder: Path, wanted: str) -> Any:
    from panscan.ingest.media.probe import probe
    from panscan.request.options import deinterlacing
    from panscan.timeline.effect import NAMESPACE
    from panscan.timeline.fields import with_fields
    from panscan.timeline.files import recipe_of

    choice = deinterlacing(wanted)
    made = with_fields(timeline, folder, lambda path: probe(path, deinterlace=choice).video.fields)
    made.metadata[NAMESPACE] = recipe_of(timeline) | {
        "deinterlace": choice
    }  # the verifier asks whether combs are wanted
    return made
