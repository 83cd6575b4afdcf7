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
    preset: Annotated[
        str, typer.Option(help="What matters and how the camera behaves: a name of `panscan presets`, or a .toml file.")
    ] = "default",
    method: Annotated[
        str | None, typer.Option(help="How subjects are chosen. [the preset's]", show_default=False)
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="How willingly the camera moves: stable, balanced or responsive. [the preset's]", show_default=False
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
    from dataclasses import replace

    from panscan import pipeline
    from panscan.cli.wishes import Wishes, briefs, choose_weights, overrides_of

    wishes = Wishes(
        ratios=tuple(ratio or ["9:16"]),
        canvas=canvas,
        preset=preset,
        method=method,
        mode=mode,
        layouts=layouts,
        speaker=speaker,
        both=both,
        prompt=prompt,
        avoid=avoid,
        tolerance_px=tolerance,
    )
    asked = briefs(wishes)
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
    choose_weights(objects_model, asked[0][0].prompt)
    with native_silence(), progress_bar(f"looking at {source.name}") as progress:
        media, perception = pipeline.analyse(source, fast=fast, progress=progress)
    by_hand = overrides_of(override, media)
    made = [
        _one(
            media,
            perception,
            replace(brief, overrides=by_hand),
            folder / f"{source.stem}.{slug}",
            formats,
            render,
            fresh,
        )
        for brief, slug in asked
    ]
    if json:
        put_json(made)
    if any(item.get("verdict") == "REJECTED" for item in made):
        raise typer.Exit(1)


def _one(
    media: Any, perception: Any, brief: Any, base: Path, formats: list[str], render: bool, fresh: bool
) -> dict[str, Any]:
    from panscan import pipeline
    from panscan.cli.deliver import write_artifact
    from panscan.document import timeline as document

    folder, stem = base.parent, base.name
    path = folder / f"{stem}.otio"
    timeline = None if fresh else _kept(path, pipeline.recipe(media, perception, brief))
    kept = timeline is not None
    if timeline is None:
        timeline = pipeline.reframe(media, perception, brief)
        if path.is_file() and path.read_text(encoding="utf-8", errors="replace") != document.text_of(timeline):
            # It was made with other settings, and may hold an editor's own keys.
            path.replace(path.with_suffix(".otio.before"))
            say(f"  the timeline that was there is now {short(path.with_suffix('.otio.before'))}")
        document.write(timeline, path)
    _show(timeline, brief, path, kept)
    written: dict[str, Any] = {
        "ratio": str(brief.ratio),
        "speaker": brief.with_speaker,
        "timeline": str(path),
        "kept": kept,
        "deliveries": [],
    }
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
