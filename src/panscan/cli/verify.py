"""`panscan verify`: whether a movie shows what its timeline says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import print_data, print_json, progress_bar, say, short_path
from panscan.cli.outputs import Overwrite, check_outputs, write_output
from panscan.errors import InputError


def command(
    movie: Annotated[Path, typer.Argument(metavar="OUT.mp4", help="The rendered movie.", show_default=False)],
    source: Annotated[
        Path, typer.Argument(metavar="IN.otio", help="The timeline it was made from.", show_default=False)
    ],
    made_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="The delivery that the movie was made from, as `panscan formats` names it: some move by whole px.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write the report as one page with pictures.", show_default=False)
    ] = None,
    cfr: Annotated[bool, typer.Option("--cfr", help="The movie was rendered with --cfr.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Check a rendered movie against its timeline: exit 0 when delivered, 1 when rejected."""
    from panscan import registry
    from panscan.timeline.files import read_timeline
    from panscan.verify import inspect, report_page, verify

    if not movie.is_file():
        raise InputError(f"{movie} does not exist", why="There is no movie at this path.", fix="Check the path.")
    check_outputs([] if html is None else [html], overwrite)
    whole_px = made_from is not None and registry.load("exporters", made_from).capabilities.whole_px
    timeline = read_timeline(source)
    told: dict[str, Any] = {"folder": source.parent, "whole_px": whole_px, "is_cfr": cfr or made_from is not None}
    with progress_bar(f"verifying {movie.name}") as progress:
        if html is None:
            report = verify(movie, timeline, **told, progress=progress)
        else:
            inspection = inspect(movie, timeline, **told, progress=progress)
            report = inspection.report
            write_output(report_page(inspection).encode("utf-8", "backslashreplace"), html)
    if html is not None:
        say(f"wrote {short_path(html)}")
    if json:
        print_json(report.to_json())
    else:
        print_data(report.to_text())
    if report.verdict == "REJECTED":
        raise typer.Exit(1)
