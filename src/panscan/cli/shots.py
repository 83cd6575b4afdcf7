"""`panscan shots`: one photo, three shots that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panscan.cli.console import print_json, progress_bar, say, short_path, silence_native_stderr
from panscan.cli.outputs import Overwrite, check_outputs, write_output

if TYPE_CHECKING:
    from panscan.photos.pipeline import PhotoShots


def command(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos, or folders of them.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for what is written.", show_default="beside the photo")
    ] = None,
    ratio: Annotated[
        list[str] | None,
        typer.Option("-r", "--ratio", help="Shape of the crops, such as 4:5; repeatable.", show_default="the photo's"),
    ] = None,
    subject: Annotated[
        str, typer.Option(help="Who it is about: left, right, all, a number from the left, a name.", show_default=False)
    ] = "",
    describe_with: Annotated[
        str,
        typer.Option(
            metavar="COMMAND",
            help="Your own command that describes a crop: gets facts as JSON on stdin and the crop as its argument.",
            show_default=False,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers of all photos; write no files.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Find an establishing shot, a medium shot and a close-up in each photo, with the reason for each."""
    from panscan.cli.sources import say_absent_weights
    from panscan.errors import PanscanError
    from panscan.model.geometry import Ratio
    from panscan.photos.detectors import PhotoDetectors
    from panscan.photos.document import shots_document
    from panscan.photos.pipeline import output_paths, plan_photo, write_shots
    from panscan.request.options import models_of_environment

    paths, ratios = _photos(photos, output), [Ratio.parse(text) for text in ratio or ()]
    models = models_of_environment()
    say_absent_weights(models)
    failed: list[PanscanError] = []
    documents = []
    with silence_native_stderr(), progress_bar("looking at photos") as progress:
        detectors = PhotoDetectors(models)
        try:
            for n, path in enumerate(paths):
                progress(n, len(paths))
                try:
                    planned = plan_photo(path, ratios, subject, detectors)
                    if as_json:
                        documents.append(shots_document(planned.photo, planned.perception, planned.sets, {}))
                        continue
                    folder = output if output is not None else path.parent
                    check_outputs(output_paths(planned, folder), overwrite)
                    written = write_shots(planned, folder, write_output, describe_with)
                except PanscanError as error:
                    if len(paths) == 1:
                        raise
                    failed.append(error)
                    say(f"{path.name}: {error}")
                    continue
                _tell(planned, written)
        finally:
            detectors.close()
    if as_json:
        print_json(documents)
    if failed:
        say(f"{len(failed)} of {len(paths)} photos could not be used")
        raise SystemExit(max(error.exit_code for error in failed))


def _photos(given: list[Path], output: Path | None) -> list[Path]:
    """The photos, those of folders in order of their names, without crops that were made of others.

    Raises
    ------
    InputError
        A folder holds none.
    UsageError
        What is written of two of them would have the same names.
    """
    from panscan.errors import InputError, UsageError
    from panscan.photos.photo import SUFFIXES
    from panscan.photos.pipeline import made_of_photos

    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        made = made_of_photos(path)
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p not in made)
        if not inside:
            raise InputError(f"there is no photo in {path}", why="No JPEG, PNG, TIFF, WebP, AVIF or HEIC lies there.")
        found += inside
    names: dict[Path, Path] = {}
    for path in found:
        other = names.setdefault((output or path.parent) / path.stem, path)
        if other != path:
            raise UsageError(
                f"{path} and {other} would be written under the same names",
                why="Their names differ in the folder or the ending alone.",
                fix="Give one of them another name, or run the command for each with an -o of its own.",
            )
    return list(dict.fromkeys(found))


def _tell(planned: PhotoShots, written: list[Path]) -> None:
    from panscan.photos.words import describe, why

    say(f"{planned.photo.path.name}: {describe(planned.perception)}")
    for note in planned.photo.notes:
        say(f"  note: {note}")
    for found in planned.sets:
        for shot in found.shots:
            say(f"  {found.ratio} {shot.shot}: {why(shot, planned.perception)}")
        for name, reason in found.absent.items():
            say(f"  {found.ratio} {name}: none; {reason}")
    say(f"  wrote {len(written) - 3} crops, and {short_path(written[-1])}")
