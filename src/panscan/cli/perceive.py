"""`panscan perceive`: analysis only; fills the cache."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_data, progress_bar, say, short_path, silence_native_stderr
from panscan.cli.outputs import Overwrite, check_outputs, record_made, write_output

if TYPE_CHECKING:
    from panscan.model.media import Media
    from panscan.model.perception import Perception

_THUMBNAIL_PX = 240  # width of the pictures above a plot


def command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="The movie.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write everything measured as JSON; - for stdout.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw everything measured over time as a PNG.", show_default=False)
    ] = None,
    words: Annotated[
        str | None,
        typer.Option("--words", metavar="MODEL", help="Also read the words, with a Whisper model on this machine."),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Quicker, coarser look: every second picture or fewer.")] = False,
    deinterlace: Annotated[
        str, typer.Option(help="Deinterlace pictures made of two fields: auto (where they are found), off or on.")
    ] = "auto",
    overwrite: Overwrite = False,
) -> None:
    """Analyse a movie once; every later `reframe` of it decodes nothing."""
    import json
    from dataclasses import replace

    from panscan import pipeline
    from panscan.cli.sources import say_absent_weights, say_notes
    from panscan.request.options import deinterlacing, models_of_environment

    check_outputs([path for path in (output, plot) if path is not None and str(path) != "-"], overwrite)
    models, wanted = models_of_environment(), deinterlacing(deinterlace)
    if words is not None:
        models = replace(models, words=words)
    notes: list[str] = []
    with silence_native_stderr(), progress_bar(f"looking at {source.name}") as progress:
        media, perception = pipeline.analyse(
            source, models=models, fast=fast, deinterlace=wanted, progress=progress, note=notes.append
        )
    say_notes(media, notes)
    say_absent_weights(models)
    if plot is not None:
        _plot(media, perception, plot)
    if output is not None:
        text = json.dumps(_plain(media, perception))
        if str(output) == "-":
            print_data(text)
        else:
            write_output(f"{text}\n".encode(), output)
            say(f"wrote {short_path(output)}")
    video = media.video
    say(
        f"{source.name}: {video.display_size}, {float(video.rate):.3f} fps{' (variable)' if video.is_vfr else ''}, "
        f"{float(media.duration_s):.2f} s, {len(media.audio)} audio stream(s)"
    )
    for name, value in perception.signals.items():
        say(f"  {name}: {_size(value)}")


def _plot(media: Media, perception: Perception, path: Path) -> None:
    from panscan.ingest import stills
    from panscan.perceive.plot import save_plot, thumbnail_frames

    frames = thumbnail_frames(media, perception)
    save_plot(media, perception, list(zip(frames, stills(media, frames, _THUMBNAIL_PX), strict=True)), path)
    record_made(path)
    say(f"wrote {short_path(path)}")


def _plain(media: Media, perception: Perception) -> dict[str, Any]:
    import dataclasses

    import numpy as np

    def listed(column: Any) -> Any:
        if getattr(column, "dtype", None) == np.float64 and np.isnan(column).any():
            column = np.where(np.isnan(column), None, column)  # JSON knows no NaN
        return column.tolist() if hasattr(column, "tolist") else column

    signals = {
        name: {field.name: listed(getattr(value, field.name)) for field in dataclasses.fields(value)}
        for name, value in perception.signals.items()
    }
    return {
        "media": media.digest,
        "perception": perception.digest,
        "rate": [media.video.rate.numerator, media.video.rate.denominator],
        "size_px": [media.video.display_size.width, media.video.display_size.height],
        "frame_count": media.frame_count,
        "signals": signals,
    }


def _size(value: Any) -> str:
    import dataclasses

    if not getattr(value, "available", True):
        return "no weights"
    lengths = {
        f.name: len(getattr(value, f.name))
        for f in dataclasses.fields(value)
        if hasattr(getattr(value, f.name), "__len__")
    }
    rows = lengths.get("frame", max(lengths.values(), default=0))
    looked = lengths.get("looked")
    return f"{rows} rows" + (f" from {looked} looks" if looked is not None else "")
