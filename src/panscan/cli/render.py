"""`panscan render`: the movie of a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panscan.cli.console import progress_bar, say, short
from panscan.errors import UsageError


def command(
    source: Annotated[Path, typer.Argument(metavar="IN.otio", help="A timeline with framings.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Movie to write (.mp4, .mov or .mkv). [beside IN.otio]")
    ] = None,
    crf: Annotated[int, typer.Option(min=0, max=51, help="x264 quality: lower is better.")] = 18,
    preset: Annotated[str, typer.Option(help="x264 speed preset.")] = "veryfast",
) -> None:
    """Render a timeline: every frame through its camera, sound untouched."""
    from panscan.document import timeline as document
    from panscan.render import Settings, render

    timeline = document.read(source)
    movie = output or source.with_suffix(".mp4")
    if movie.suffix.lower() not in (".mp4", ".mov", ".mkv"):
        raise UsageError(
            f"cannot write {movie.name}", why="Movies are .mp4, .mov or .mkv.", fix=f"-o {movie.with_suffix('.mp4')}"
        )
    with progress_bar(f"rendering {movie.name}") as progress:
        result = render(
            timeline, folder=source.parent, output=movie, settings=Settings(crf=crf, preset=preset), progress=progress
        )
    for note in result.notes:
        say(f"  note: {note}")
    say(f"wrote {short(movie)}")
