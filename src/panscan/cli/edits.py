"""`panscan edits`: what was decided by hand for a movie or a cut; and taking it back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import print_json, print_table, say, short_path
from panscan.errors import InputError, UsageError

_MADE = re.compile(r"(.+)\.\d+x\d+(\.[^.]+)?\.otio")  # names of timelines that reframe makes
_OVERRIDES_SUFFIXES = (".toml", ".yaml", ".yml")  # whatever the name: --override takes any

EXAMPLES = """Examples:

panscan edits talk.mp4

panscan edits talk.mp4 --remove 3"""


def command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A movie, a cut, or a file of overrides.", show_default=False)
    ],
    remove: Annotated[
        list[int] | None,
        typer.Option(
            "--remove", metavar="N", help="Remove an entry by its number; repeat for more.", show_default=False
        ),
    ] = None,
    take: Annotated[
        Path | None,
        typer.Option(
            "--take",
            metavar="XML",
            help="Take the cameras of an editor's .fcpxml or .xml into FILE, the .otio from which that was made.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what was decided by hand, entry by entry, and in which timelines keys were moved; --remove takes it back.

    --take brings home what was changed in Final Cut, Premiere or DaVinci Resolve.
    """
    from panscan.request.override_edits import read_entries, remove_entries

    if take is not None:
        if remove:
            raise UsageError(
                "--take and --remove together", why="One adds, the other takes away.", fix="Give one of them."
            )
        from panscan.cli.taken_cameras import take_from_editor

        taken = take_from_editor(file, take)
        if json:
            print_json(taken)
        return
    path = _overrides_of(file)
    removed = remove_entries(path, remove) if remove else []
    told = {
        "file": str(path),
        "entries": [_told(number, entry) for number, entry in enumerate(read_entries(path), 1)],
        "removed": [_told(number, entry) for number, entry in zip(sorted(set(remove or ())), removed, strict=True)],
        "moved": _moved_beside(path, file.parent),
    }
    if json:
        print_json(told)
    else:
        _print(path, told)
        _print_names(path)


def _overrides_of(file: Path) -> Path:
    """The overrides file of a movie or a cut; the one that would be, where there is none."""
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES
    from panscan.request.overrides import SUFFIXES, find_overrides

    if file.suffix.lower() in _OVERRIDES_SUFFIXES:
        if not file.is_file():
            raise UsageError(f"{file} does not exist", why="There is no such file.", fix="Check the path.")
        return file
    if not file.exists():
        raise InputError(f"{file} does not exist", why="There is no such file.", fix="Check the path.")
    if file.is_dir() and file.suffix.lower() not in TIMELINE_SUFFIXES:
        fix = "Name the movie or the cut in it, or its .panscan.toml."
        raise UsageError(f"{file} is a folder", why="What was decided by hand is listed file by file.", fix=fix)
    found = find_overrides(file, whole_name=True) or find_overrides(file)
    made = _MADE.fullmatch(file.name)  # talk.9x16.otio is made of talk.mp4
    if found is None and made is not None:
        file = _movie_of(file, made[1])
        found = find_overrides(file)
    return found or file.with_name(file.stem + SUFFIXES[0])


def _movie_of(timeline: Path, stem: str) -> Path:
    """The movie of that name, perhaps in another folder, of which a timeline is made; else the one beside it."""
    from panscan.timeline.cut import read_cut
    from panscan.timeline.files import read_timeline

    beside = timeline.with_name(f"{stem}.mp4")
    try:
        clips = read_cut(read_timeline(timeline), folder=timeline.parent).clips
    except InputError:
        return beside
    return next((path for clip in clips if (path := Path(clip.path)).stem == stem), beside)


def _told(number: int, entry: dict[str, Any]) -> dict[str, Any]:
    from panscan.request.override_words import place_in_words, wish_in_words

    return {"number": number, "where": place_in_words(entry), "what": wish_in_words(entry), "entry": entry}


def _moved_beside(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Timelines beside an overrides file, or in a folder, in which keys were moved that are no entries yet."""
    from panscan.request.overrides import SUFFIXES
    from panscan.timeline.files import read_timeline, recipe_of
    from panscan.timeline.hand_edits import edited_numbers

    stem = next(path.name.removesuffix(suffix) for suffix in (*SUFFIXES, path.suffix) if path.name.endswith(suffix))
    found = []
    folders = {one.resolve(): one for one in (path.parent, folder)}.values()
    for timeline in (timeline for one in folders for timeline in sorted(one.iterdir())):
        if not (timeline.name.startswith(f"{stem}.") and timeline.suffix == ".otio"):
            continue
        try:
            read = read_timeline(timeline)
            shots = edited_numbers(read, timeline.parent)
        except InputError:
            continue  # no timeline of panscan's
        if shots:
            becomes_entries = "push" not in recipe_of(read)  # which timelines of photos alone have
            found.append({"timeline": str(timeline), "shots": shots, "becomes_entries": becomes_entries})
    return found


def _print(path: Path, told: dict[str, Any]) -> None:
    for one in told["removed"]:
        say(f"removed: {one['where']}: {one['what']}")
    rows = [
        [str(one["number"]), one["where"], one["entry"].get("ratio", "all"), one["what"], one["entry"].get("note", "")]
        for one in told["entries"]
    ]
    if rows:
        say(f"{short_path(path)}:")
        print_table(["entry", "where", "shape", "what", "note"], rows)
    else:
        say(f"{short_path(path)}: nothing was decided by hand")
    for one in told["moved"]:
        shots, name = ", ".join(str(number) for number in one["shots"]), short_path(Path(one["timeline"]))
        later = "makes entries of them" if one["becomes_entries"] else "leaves them in the timeline that it keeps aside"
        say(f"{name}: keys were moved in shots {shots}; a run with other settings {later}")


def _print_names(path: Path) -> None:
    """Say which names people were given there."""
    from panscan.request.config_files import read_config
    from panscan.request.people import names_in

    if path.is_file() and (names := names_in(read_config(path), str(path))):
        say(f"names of people: {', '.join(names)}; `panscan people` shows them")
