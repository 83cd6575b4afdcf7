"""`panscan deliver`: an editor's file from a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli import complete
from panscan.cli.console import print_data, say, short_path
from panscan.cli.delivery_names import exporter_called, named_option
from panscan.cli.outputs import Overwrite, check_outputs, write_output
from panscan.errors import UsageError

if TYPE_CHECKING:
    from panscan.deliver import Artifact

EXAMPLES = """Examples:

panscan deliver talk.9x16.otio --to premiere

panscan deliver talk.9x16.otio --to fcpxml -O flavour=resolve -o - | less"""


def command(
    source: Annotated[Path, typer.Argument(metavar="IN.otio", help="A timeline with framings.", show_default=False)],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="Editor or format, by a name of `panscan formats`.",
            show_default=False,
            autocompletion=complete.deliveries,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; - for stdout. [beside IN.otio]")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", help="NAME=VALUE of the format's own options; repeat for more."),
    ] = None,
    keys: Annotated[
        str | None, typer.Option("--keys", help="Short for -O keys=...: sparse or every-frame.", show_default=False)
    ] = None,
    flavour: Annotated[
        str | None, typer.Option("--flavour", help="Short for -O flavour=..., e.g. resolve.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse rather than leave a clip out.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Write the file of one editor from a timeline."""
    from panscan.deliver import deliver
    from panscan.timeline.files import read_timeline

    name, timeline = exporter_called(to), read_timeline(source)
    options = dict(named_option(text) for text in option or [])
    options |= {name: value for name, value in (("keys", keys), ("flavour", flavour)) if value is not None}
    if output is not None and str(output) == "-":
        artifact = deliver(timeline, name, folder=source.parent, options=options, strict=strict)
        print_data(artifact.text)
        _print_losses(artifact)
        return
    folder = output.parent if output else source.parent
    stem = output.stem if output else source.stem
    write_artifact(timeline, name, source, folder, stem, overwrite, options, output, strict)


def write_artifact(
    timeline: Any,
    name: str,
    source: Path,
    folder: Path,
    stem: str,
    overwrite: bool,
    options: dict[str, str] | None = None,
    main_path: Path | None = None,
    strict: bool = False,
    tells_import: bool = True,
) -> list[Path]:
    """Export a timeline, write its files (each whole or not at all), and say how to import them and what is lost.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    name : str
        Of the format.
    source : Path
        The file of the timeline; relative media paths start in its folder.
    folder, stem : Path and str
        Where the files go, and their name before the suffix.
    overwrite : bool
        Whether files that panscan did not make may be replaced.
    options : dict, optional
        Of the format.
    main_path : Path, optional
        Another path for the file to import.
    strict : bool
        Refuse the timeline rather than leave out a clip.
    tells_import : bool
        Whether to say how the file is imported.
    """
    from panscan import registry
    from panscan.deliver import deliver

    artifact = deliver(timeline, name, folder=source.parent, options=options, strict=strict)
    paths = [folder / f"{stem}{suffix}" for suffix in artifact.files]
    if main_path is not None:
        paths[0] = main_path
    for path in paths:
        if path.resolve() == source.resolve():
            raise UsageError(
                f"{path} would overwrite its own source",
                why="Input and output are the same file.",
                fix="Name another file with -o.",
            )
    check_outputs(paths, overwrite)
    for path, data in zip(paths, artifact.files.values(), strict=True):
        write_output(data, path)
    exporter = registry.load("exporters", name)
    say(f"  {short_path(paths[0])}" + (f": {exporter.how_to_import}" if tells_import else ""))
    _print_losses(artifact)
    return paths


def _print_losses(artifact: Artifact) -> None:
    for loss in artifact.losses:
        say(f"  not carried: {loss.what} ({loss.why})")
