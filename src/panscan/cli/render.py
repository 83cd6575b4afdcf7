"""`panscan render`: the movie of a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import native_silence, progress_bar, put_json, say, short
from panscan.errors import UsageError

_SUFFIXES = {"prores": ".mov"}


def command(
    source: Annotated[Path, typer.Argument(metavar="IN.otio", help="A timeline with framings.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Movie to write (.mp4, .mov or .mkv), or folder of a stream. [beside IN.otio]"
        ),
    ] = None,
    codec: Annotated[str, typer.Option(help="h264, h265, av1 or prores.")] = "h264",
    quality: Annotated[
        str, typer.Option(help="draft, standard, high, or the encoder's own number: lower is better.")
    ] = "standard",
    preset: Annotated[
        str | None, typer.Option(help="The encoder's speed preset. [the quality's]", show_default=False)
    ] = None,
    crf: Annotated[int | None, typer.Option(hidden=True, help="A number for --quality.")] = None,
    hardware: Annotated[
        bool, typer.Option("--hardware", help="Encode on the graphics card; fail without one.")
    ] = False,
    proxy: Annotated[bool, typer.Option("--proxy", help="Half the size, as fast as can be: for a look.")] = False,
    canvas: Annotated[
        str | None, typer.Option(help="native: no pixel is enlarged. [the timeline's canvas]", show_default=False)
    ] = None,
    cfr: Annotated[bool, typer.Option("--cfr", help="Give a source of variable frame rate a constant one.")] = False,
    jobs: Annotated[
        int, typer.Option(min=0, max=64, help="Encode segments in so many processes; a killed run can be resumed.")
    ] = 0,
    to: Annotated[
        str | None, typer.Option("--to", help="hls or dash: three sizes in a folder.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Render although the source changed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Render a timeline: every frame through its camera, sound untouched."""
    from panscan.document import timeline as document
    from panscan.ingest.probe import content_digest
    from panscan.render import Settings, ladder, native, render, scaled

    timeline = document.read(source)
    if canvas not in (None, "native"):
        raise UsageError(
            f"--canvas {canvas} is not known here",
            why="A timeline's cameras are made for its canvas.",
            fix="Use --canvas native, or `panscan reframe --canvas WxH` for another one.",
        )
    settings = Settings.of(
        codec,
        quality if crf is None else str(crf),
        preset=preset,
        hardware="auto" if hardware else "",
        cfr=cfr,
        jobs=jobs,
    )
    shape = timeline
    if canvas:
        shape = native(shape)
    if proxy:
        shape, settings = scaled(shape, 0.5), settings.as_proxy()
    name = source.with_suffix("").name + (".native" if canvas else "") + (".proxy" if proxy else "")
    target = output or source.with_name(f"{name}{'.' + to if to else _SUFFIXES.get(codec, '.mp4')}")
    common: dict[str, Any] = {
        "folder": source.parent,
        "output": target,
        "settings": settings,
        "digest": None if force else content_digest,
    }
    with native_silence(), progress_bar(f"rendering {target.name}") as progress:
        if to:
            stream = ladder(shape, kind=to, progress=progress, **common)
            written, results, notes = stream.master, stream.rungs, stream.notes
        else:
            result = render(shape, progress=progress, **common)
            written, results, notes = result.output, (result,), result.notes
    for note in notes:
        say(f"  note: {note}")
    if shape is not timeline and not to:
        # `panscan verify` judges a movie by the timeline with the same canvas.
        beside = target.with_suffix(".otio")
        if beside.resolve() != source.resolve():
            document.write(shape, beside)
            say(f"  its timeline: {short(beside)}")
    say(f"wrote {short(written)}")
    if json:
        put_json(
            {
                "written": str(written),
                "canvas_px": [[r.canvas.width, r.canvas.height] for r in results],
                "frames": results[0].frame_count,
                "sound": results[0].sound,
                "notes": list(notes),
            }
        )
