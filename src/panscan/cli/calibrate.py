"""`panscan calibrate`: a kit that shows whether an editor shows what panscan means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panscan.cli.console import print_json, progress_bar, say, short_path
from panscan.cli.outputs import Overwrite, check_outputs, record_made
from panscan.errors import UsageError

if TYPE_CHECKING:
    from panscan.model.geometry import Size

_MIN_SIDE_PX, _MAX_SIDE_PX = 64, 8192  # of the canvas: smaller shows no numbers, larger no H.264 encoder takes


def command(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the kit.", show_default=False)],
    canvas: Annotated[str, typer.Option(help="Size of the timelines, WxH in px.")] = "1080x1920",
    overwrite: Overwrite = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make a numbered test movie, a timeline of it for every editor, and the pictures each editor must show.

    Open index.html of the folder; it says what to import, where to look and what to change where an editor differs.
    """
    from panscan import calibrate

    size = _size(canvas)
    check_outputs(calibrate.files_of_kit(output), overwrite)
    with progress_bar("making the calibration kit") as progress:
        kit = calibrate.make_kit(output, size, progress=progress)
    for path in calibrate.files_of_kit(output):
        record_made(path)
    say(f"{short_path(kit.page)}: start here ({len(kit.check_frames)} frames to compare, {len(kit.timelines)} formats)")
    if json:
        print_json(
            {
                "page": str(kit.page),
                "text": str(kit.text),
                "movie": str(kit.movie),
                "timelines": {name: [str(path) for path in paths] for name, paths in kit.timelines.items()},
                "speeds": {name: [str(path) for path in paths] for name, paths in kit.speeds.items()},
                "stills": [str(path) for path in kit.stills],
            }
        )


def _size(text: str) -> Size:
    from panscan.model.geometry import Size

    width, _, height = text.lower().partition("x")
    sides = [int(side) for side in (width, height) if side.isdecimal()]
    if len(sides) != 2 or any(not _MIN_SIDE_PX <= side <= _MAX_SIDE_PX or side % 2 for side in sides):
        raise UsageError(
            f"{text!r} is no canvas for the kit",
            why=f"It is WIDTHxHEIGHT in px, both even, {_MIN_SIDE_PX} to {_MAX_SIDE_PX}.",
            fix="e.g. --canvas 1080x1920",
        )
    return Size(*sides)
