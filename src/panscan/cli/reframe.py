"""`panscan reframe`: media in; timelines, editor files, movies and verdicts out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import native_silence, progress_bar, put_json, say, short, table
from panscan.errors import InputError, UsageError

_TIMELINES = {".otio", ".otioz", ".otiod", ".fcpxml", ".xml", ".edl"}


def command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="The finished movie.", show_default=False)],
    ratio: Annotated[
        list[str] | None, typer.Option("-r", "--ratio", help="Shape to make, e.g. 9:16; repeat for more. [9:16]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the results. [the folder of INPUT]")
    ] = None,
    method: Annotated[str, typer.Option(help="How subjects are chosen.")] = "adaptive",
    mode: Annotated[
        str, typer.Option(help="How willingly the camera moves: stable, balanced or responsive.")
    ] = "balanced",
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Editor file to write; repeat for more. [fcpxml]")
    ] = None,
    render: Annotated[bool, typer.Option("--render", help="Also render and verify a movie per shape.")] = False,
    canvas: Annotated[
        str | None, typer.Option(help="Size of the result, WxH in px. [short side 1080]", show_default=False)
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Quicker, coarser look at the movie, for a first idea.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make timelines anew even if the settings are the same.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Reframe a movie: one timeline per shape, and from it editor files and verified movies.

    A timeline that was made with the same settings is kept, with every key that was moved by hand; only what is
    missing is made.
    """
    from panscan import pipeline

    briefs = _briefs(ratio or ["9:16"], canvas, method, mode)
    formats = _formats(to or ["fcpxml"])
    if source.suffix.lower() in _TIMELINES:
        raise UsageError(
            f"{source} is a timeline",
            why="This version reframes media files; timelines come next.",
            fix="Give the movie itself, e.g. an export of the finished cut.",
        )
    folder = output or source.parent
    if source.exists():  # a mistyped path must not leave folders behind
        _writable(folder)
    with native_silence(), progress_bar(f"looking at {source.name}") as progress:
        media, perception = pipeline.analyse(source, fast=fast, progress=progress)
    made = [_one(media, perception, brief, folder, formats, render, fresh) for brief in briefs]
    if json:
        put_json(made)
    if any(item.get("verdict") == "REJECTED" for item in made):
        raise typer.Exit(1)


def _one(
    media: Any, perception: Any, brief: Any, folder: Path, formats: list[str], render: bool, fresh: bool
) -> dict[str, Any]:
    from panscan import pipeline
    from panscan.cli.deliver import write_artifact
    from panscan.document import timeline as document

    stem = f"{Path(media.path).stem}.{brief.ratio.slug}"
    path = folder / f"{stem}.otio"
    timeline = None if fresh else _kept(path, pipeline.recipe(media, perception, brief))
    kept = timeline is not None
    if timeline is None:
        timeline = pipeline.reframe(media, perception, brief)
        document.write(timeline, path)
    _show(timeline, brief, path, kept)
    written: dict[str, Any] = {"ratio": str(brief.ratio), "timeline": str(path), "kept": kept, "deliveries": []}
    for name in formats:
        written["deliveries"] += [str(p) for p in write_artifact(timeline, name, path, folder, stem)]
    if render:
        written |= _rendered(timeline, path, folder / f"{stem}.mp4")
    return written


def _rendered(timeline: Any, path: Path, movie: Path) -> dict[str, Any]:
    """Render under another name, verify, and only then give the movie its own name."""
    from panscan import render as renderer
    from panscan import verify as verifier

    unproven = movie.with_name(f"{movie.stem}.unverified{movie.suffix}")
    with progress_bar(f"rendering {movie.name}") as progress:
        result = renderer.render(timeline, folder=path.parent, output=unproven, progress=progress)
    for note in result.notes:
        say(f"  note: {note}")
    with progress_bar(f"verifying {movie.name}") as progress:
        report = verifier.verify(unproven, timeline, folder=path.parent, progress=progress)
    rejected = report.verdict == "REJECTED"
    final = movie.with_name(f"{movie.stem}.rejected{movie.suffix}") if rejected else movie
    unproven.replace(final)
    say(f"  {short(final)}: {report.verdict}")
    if report.verdict != "VERIFIED":
        say(report.to_text())
    return {"movie": str(final), "verdict": report.verdict, "report": report.to_json()}


def _kept(path: Path, recipe: dict[str, Any]) -> Any:
    """The timeline at `path` if it was made with this recipe, else None."""
    from panscan.document import timeline as document

    if not path.is_file():
        return None
    try:
        found = document.read(path)
    except InputError:
        return None
    return found if document.recipe_of(found) == recipe else None


def _show(timeline: Any, brief: Any, path: Path, kept: bool) -> None:
    from panscan.document import timeline as document

    cut = document.read_cut(timeline, folder=path.parent)
    say(f"{brief.ratio} -> {short(path)}" + (" (kept: same settings, hand edits included)" if kept else ""))
    rows = []
    for number, clip in enumerate(cut.clips, 1):
        framing = clip.framing
        keys = sum(len(cell.camera.frame) for cell in framing.cells)
        seconds = float(clip.frame_count / cut.rate)
        rows.append([str(number), f"{seconds:.1f} s", framing.effect, framing.layout, str(keys), framing.why])
    table(["shot", "length", "effect", "layout", "keys", "why"], rows)


def _briefs(ratios: list[str], canvas: str | None, method: str, mode: str) -> list[Any]:
    from panscan import registry
    from panscan.model.geometry import Ratio, Size
    from panscan.operate import MODES
    from panscan.pipeline import Brief

    registry.load("methods", method)
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode!r}", why=f"There are {', '.join(MODES)}.", fix="Choose one of these.")
    parsed = list(dict.fromkeys(Ratio.parse(text) for text in ratios))
    size = None
    if canvas is not None:
        if len(parsed) > 1:
            raise UsageError(
                "--canvas goes with one ratio",
                why="One size cannot have several shapes.",
                fix="Run once per ratio, or leave --canvas out.",
            )
        width, _, height = canvas.lower().partition("x")
        if not (width.isdigit() and height.isdigit() and int(width) >= 16 and int(height) >= 16):
            raise UsageError(
                f"{canvas!r} is not a size", why="A size is WIDTHxHEIGHT in px, 16 at least.", fix="e.g. 720x1280."
            )
        if int(width) % 2 or int(height) % 2:
            raise UsageError(
                f"the canvas {canvas} has an odd side",
                why="4:2:0 video needs even sizes.",
                fix=f"Use {int(width) // 2 * 2}x{int(height) // 2 * 2}.",
            )
        size = Size(int(width), int(height))
        wanted = parsed[0].width / parsed[0].height
        if abs(size.width / size.height / wanted - 1) > 0.02:
            raise UsageError(
                f"the canvas {canvas} is not {parsed[0]}",
                why=f"Its shape is {size.width / size.height:.3f}, that of {parsed[0]} is {wanted:.3f}.",
                fix="Make ratio and canvas agree.",
            )
    return [Brief.of(r, canvas=size, method=method, mode=mode) for r in parsed]


def _formats(names: list[str]) -> list[str]:
    """Known delivery names, without the timeline itself (it is always written)."""
    from panscan import registry

    for name in names:
        registry.load("exporters", name)
    return [name for name in dict.fromkeys(names) if name != "otio"]


def _writable(folder: Path) -> None:
    import os

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}", why=str(error.strerror or error), fix="Choose another folder with -o."
        ) from error
    if not os.access(folder, os.W_OK):
        raise InputError(f"cannot write to {folder}", why="Permission denied.", fix="Choose another folder with -o.")
