"""What commands make of a timeline: its own file, files for editors, movies and streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from panscan.cli.console import say_wrong
from panscan.cli.delivery_names import check_options, exporter_called, named_option, option_names
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions
from panscan.errors import InputError, UsageError


@dataclass(frozen=True, slots=True)
class Finishing:
    """What is made of each timeline.

    Attributes
    ----------
    formats : tuple of str
        Files for editors, by the names of their exporters.
    renders : bool
        Whether movies, or streams in place of them, are rendered and verified.
    streams : tuple of str
        "hls", "dash".
    render_options : RenderOptions
    options : tuple of (str, str)
        Options of the formats, each for all that have one of its name.
    """

    formats: tuple[str, ...] = ()
    renders: bool = False
    streams: tuple[str, ...] = ()
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, names: Sequence[str], renders: bool, render_options: RenderOptions, options: Sequence[str] = ()
    ) -> Finishing:
        """From names given with --to, of editors too, and options given with -O.

        What cannot be made is refused before anything is analysed.

        Raises
        ------
        UsageError
            A format or an option is unknown, or there is nothing to render.
        CapabilityError
            The encoder is not on this machine.
        """
        from panscan.render.ladder import KINDS

        streams = tuple(name for name in dict.fromkeys(names) if name in KINDS)
        formats = tuple(dict.fromkeys(exporter_called(name, *KINDS) for name in names if name not in KINDS))
        given = tuple(named_option(text) for text in options)
        check_options([name for name, _ in given], formats)
        if renders:
            render_options.settings()
        elif render_options.any_given or streams:
            raise UsageError(
                "there is nothing to render",
                why="Codec, quality and the like, --canvas native, --to hls and --to dash are about rendered movies.",
                fix="Add --render, or leave them out.",
            )
        # The timeline itself is always written.
        return cls(tuple(name for name in formats if name != "otio"), renders, streams, render_options, given)

    def options_of(self, name: str) -> dict[str, str]:
        """Those of the options that a format has."""
        return {key: value for key, value in self.options if key in option_names(name)}

    def outputs(self, base: Path) -> list[Path]:
        """The files that are written for one timeline BASE.otio: known before it is made."""
        from panscan import registry
        from panscan.cli.movies import movie_outputs

        suffixes = [".otio", *(registry.load("exporters", name).suffix for name in self.formats)]
        movies = movie_outputs(base, self.render_options, self.streams) if self.renders else []
        return [*(base.with_name(f"{base.name}{suffix}") for suffix in suffixes), *movies]


def deliveries(
    timeline: Any,
    path: Path,
    finishing: Finishing,
    overwrite: bool,
    strict: bool = False,
    *,
    tells_import: bool = True,
) -> dict[str, Any]:
    """Files written, and the deliveries that refused this timeline: what one format cannot say stops no other."""
    from panscan.cli.deliver import write_artifact

    written: list[Path] = []
    refused: dict[str, str] = {}
    for name in finishing.formats:
        options = finishing.options_of(name)
        try:
            written += write_artifact(
                timeline,
                name,
                path,
                path.parent,
                path.stem,
                overwrite,
                options,
                strict=strict,
                tells_import=tells_import,
            )
        except (InputError, UsageError) as error:  # UsageError: a further file of the format would be replaced
            refused[name] = error.what
            say_wrong(f"error: not delivered as {name}: {error}")
    return {"deliveries": [str(p) for p in written], "refused": refused}


def reusable_timeline(path: Path, recipe: dict[str, Any]) -> Any:
    """The timeline at `path` if it was made with this recipe, else None."""
    from panscan.timeline.files import read_timeline, recipe_of

    if not path.is_file():
        return None
    try:
        found = read_timeline(path)
        return found if recipe_of(found) == recipe else None
    except InputError:
        return None


def exit_code_of(made: Sequence[dict[str, Any]]) -> int:
    """1 where a movie was rejected, else 3 where a delivery was refused, else 0."""
    if any(item.get("verdict") == "REJECTED" for item in made):
        return 1
    return InputError.exit_code if any(item["refused"] for item in made) else 0


def end_with(code: int) -> None:
    """Exit with a code, unless all is well."""
    if code:
        raise typer.Exit(code)
