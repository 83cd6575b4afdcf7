"""`panscan reframe`: a movie or an editor's cut in; timelines, editor files, movies and verdicts out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import progress_bar, put_json, say, short, table
from panscan.errors import InputError, UsageError


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
    relink: Annotated[
        Path | None, typer.Option(help="Folder where missing media of a timeline may be.", show_default=False)
    ] = None,
    skip_offline: Annotated[bool, typer.Option("--skip-offline", help="Leave clips without media alone.")] = False,
    all_tracks: Annotated[bool, typer.Option("--all-tracks", help="Frame hidden clips of a timeline too.")] = False,
    rate: Annotated[
        str | None, typer.Option(help="Frames per second of an EDL that does not tell.", show_default=False)
    ] = None,
    from_crops: Annotated[
        bool, typer.Option("--from-crops", help="INPUT is an edit list with its table of crops: go on from there.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make timelines anew even if the settings are the same.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Reframe a movie or an editor's cut: one timeline per shape, and from it editor files and verified movies.

    A timeline that was made with the same settings is kept, with every key that was moved by hand; only what is
    missing is made. An editor's cut keeps everything it holds: framings are added.
    """
    from panscan.cli.sources import CutOptions, look_at_cut, look_at_movie
    from panscan.cli.wishes import Wishes, briefs, choose_weights

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
    options = CutOptions(relink, skip_offline, all_tracks, rate)
    is_cut = _is_timeline(source)
    if options.given and not is_cut:
        raise UsageError(
            f"{source.name} is no timeline",
            why="--relink, --skip-offline, --all-tracks and --rate say how to read one.",
            fix="Leave them out, or give the timeline.",
        )
    if override is not None and is_cut:
        raise UsageError(
            "--override goes with a movie",
            why="Its shots and times are those of one media file.",
            fix="Leave it out, or reframe the movie itself.",
        )
    folder = output or source.parent
    if source.exists():  # a mistyped path must not leave folders behind
        _writable(folder)
    if from_crops:
        made = [_from_crops(source, folder, formats)]
    else:
        choose_weights(objects_model, asked[0][0].prompt)
        seen = look_at_cut(source, options, fast) if is_cut else look_at_movie(source, override, fast)
        made = [_one(seen, brief, folder / f"{source.stem}.{slug}", formats, fresh) for brief, slug in asked]
    if render:
        _render(made)
    if json:
        put_json(made)
    if any(item.get("verdict") == "REJECTED" for item in made):
        raise typer.Exit(1)


def _is_timeline(source: Path) -> bool:
    from panscan.ingest.timelines import SUFFIXES

    return source.suffix.lower() in SUFFIXES


def _from_crops(source: Path, folder: Path, formats: list[str]) -> dict[str, Any]:
    """Take up an edit list with its table of crops where it stands."""
    from panscan.ingest.crops import pair_of, read_crops

    edl, csv = pair_of(source)
    timeline = read_crops(edl, csv)
    path = folder / f"{edl.stem}.otio"
    _write(timeline, path)
    say(f"{edl.name} and {csv.name} -> {short(path)}")
    _show(timeline, path)
    return {"timeline": str(path), "kept": False, **_deliveries(timeline, path, formats)}


def _one(seen: Any, brief: Any, base: Path, formats: list[str], fresh: bool) -> dict[str, Any]:
    path = base.with_name(f"{base.name}.otio")
    timeline = None if fresh else _kept(path, seen.recipe(brief))
    kept = timeline is not None
    if timeline is None:
        timeline = seen.timeline(brief)
        _write(timeline, path)
    say(f"{brief.ratio} -> {short(path)}" + (" (kept: same settings, hand edits included)" if kept else ""))
    _show(timeline, path)
    return {
        "ratio": str(brief.ratio),
        "speaker": brief.with_speaker,
        "timeline": str(path),
        "kept": kept,
        **_deliveries(timeline, path, formats),
    }


def _write(timeline: Any, path: Path) -> None:
    """Write a timeline; one that was there and differs is kept beside it."""
    from panscan.document import timeline as document

    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") != document.text_of(timeline):
        # It was made with other settings, and may hold an editor's own keys.
        path.replace(path.with_suffix(".otio.before"))
        say(f"  the timeline that was there is now {short(path.with_suffix('.otio.before'))}")
    document.write(timeline, path)


def _deliveries(timeline: Any, path: Path, formats: list[str]) -> dict[str, list[str]]:
    from panscan.cli.deliver import write_artifact

    written = [p for name in formats for p in write_artifact(timeline, name, path, path.parent, path.stem)]
    return {"deliveries": [str(p) for p in written]}


def _render(made: list[dict[str, Any]]) -> None:
    """Render all timelines, from one decoding where they share it, and add movies and verdicts to what was made."""
    from panscan import render as renderer
    from panscan.document import timeline as document
    from panscan.ingest.probe import content_digest

    paths = [Path(item["timeline"]) for item in made]
    timelines = [document.read(path) for path in paths]
    unproven = [path.with_name(f"{path.stem}.unverified.mp4") for path in paths]
    with progress_bar(f"rendering {', '.join(path.stem for path in paths)}") as progress:
        results = renderer.render_many(
            list(zip(timelines, unproven, strict=True)),
            folder=paths[0].parent,
            progress=progress,
            digest=content_digest,
        )
    for item, timeline, path, result in zip(made, timelines, paths, results, strict=True):
        for note in result.notes:
            say(f"  note: {note}")
        item |= _verified(timeline, path, result.output)


def _verified(timeline: Any, path: Path, unproven: Path) -> dict[str, Any]:
    """Judge a movie, and only then give it its own name."""
    from dataclasses import replace

    from panscan import verify as verifier
    from panscan.document import timeline as document

    movie = path.with_suffix(".mp4")
    with progress_bar(f"verifying {movie.name}") as progress:
        inspected = verifier.inspect(unproven, timeline, folder=path.parent, progress=progress)
    report = inspected.report
    rejected = report.verdict == "REJECTED"
    final = movie.with_name(f"{movie.stem}.rejected{movie.suffix}") if rejected else movie
    unproven.replace(final)
    sheet = final.with_suffix(".html")
    document.write_text(verifier.page(replace(inspected, report=replace(report, output=final))), sheet)
    say(f"  {short(final)}: {report.verdict} (in pictures: {short(sheet)})")
    if report.verdict != "VERIFIED":
        say(report.to_text())
    return {"movie": str(final), "page": str(sheet), "verdict": report.verdict, "report": report.to_json()}


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


def _show(timeline: Any, path: Path) -> None:
    from panscan.document import timeline as document
    from panscan.document.flat import flattened

    cut = document.read_cut(flattened(timeline), folder=path.parent)
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
