"""`panscan render`: the movie of a timeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import print_json, progress_bar, say, short_path, silence_native_stderr
from panscan.cli.outputs import Overwrite, check_outputs, record_made, write_timeline_output
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions, with_render_options
from panscan.errors import UsageError


@with_render_options
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
    overwrite: Overwrite = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Render a timeline: every frame through its camera, sound untouched."""
    from panscan.ingest.media.probe import content_digest
    from panscan.render import ladder, render
    from panscan.render.ladder import main_file
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
    check_outputs([main_file(target, to) if to else target, *([beside] if has_timeline else [])], overwrite)
    common: dict[str, Any] = {
        "folder": source.parent,
        "output": target,
        "settings": settings,
        "digest": None if force else content_digest,
    }
    with silence_native_stderr(), progress_bar(f"rendering {target.name}") as progress:
        if to:
            stream = ladder(shape, kind=to, progress=progress, **common)
            written, results, notes = stream.master, stream.rungs, stream.notes
        else:
            result = render(shape, progress=progress, **common)
            written, results, notes = result.output, (result,), result.notes
    for note in notes:
        say(f"  note: {note}")
    record_made(written)
    if has_timeline:
        # `panscan verify` judges a movie by the timeline that it was made of.
        write_timeline_output(shape, beside)
        say(f"  its timeline: {short_path(beside)}")
    say(f"wrote {short_path(written)}")
    if json:
        print_json(
            {
                "written": str(written),
                "canvas_px": [[r.canvas.width, r.canvas.height] for r in results],
                "frames": results[0].frame_count,
                "sound": results[0].sound,
                "notes": list(notes),
            }
        )


def _deinterlaced_anew(timeline: Any, folder: Path, wanted: str) -> Any:
    from panscan.ingest.media.probe import probe
    from panscan.request.options import deinterlacing
    from panscan.timeline.fields import with_fields

    choice = deinterlacing(wanted)
    return with_fields(timeline, folder, lambda path: probe(path, deinterlace=choice).video.fields)
