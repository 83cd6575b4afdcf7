"""What commands make of a timeline: its own file, files for editors, movies and streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from panscan.cli.console import say
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
    """

    formats: tuple[str, ...] = ()
    renders: bool = False
    streams: tuple[str, ...] = ()
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS

    @classmethod
    def of(cls, names: Sequence[str], renders: bool, render_options: RenderOptions) -> Finishing:
        """From names given with --to; what cannot be made is refused before anything is analysed.

        Raises
        ------
        UsageError
            A format is unknown, or there is nothing to render.
        CapabilityError
            The encoder is not on this machine.
        """
        from panscan import registry
        from panscan.render.ladder import KINDS

        streams = tuple(name for name in dict.fromkeys(names) if name in KINDS)
        formats = tuple(name for name in dict.fromkeys(names) if name not in KINDS)
        for name in formats:
            registry.load("exporters", name)
        if renders:
            render_options.settings()
        elif render_options.any_given or streams:
            raise UsageError(
                "there is nothing to render",
                why="Codec, quality and the like, --canvas native, --to hls and --to dash are about rendered movies.",
                fix="Add --render, or leave them out.",
            )
        # The timeline itself is always written.
        return cls(tuple(name for name in formats if name != "otio"), renders, streams, render_options)

    def outputs(self, base: Path) -> list[Path]:
        """The files that are written for one timeline BASE.otio: known before it is made."""
        from panscan import registry
        from panscan.cli.movies import movie_outputs

        suffixes = [".otio", *(registry.load("exporters", name).suffix for name in self.formats)]
        movies = movie_outputs(base, self.render_options, self.streams) if self.renders else []
        return [*(base.with_name(f"{base.name}{suffix}") for suffix in suffixes), *movies]


def deliveries(
    timeline: Any, path: Path, formats: Sequence[str], overwrite: bool, strict: bool = False
) -> dict[str, Any]:
    """Files written, and the deliveries that refused this timeline: what one format cannot say stops no other."""
    from panscan.cli.deliver import write_artifact

    written: list[Path] = []
    refused: dict[str, str] = {}
    for name in formats:
        try:
            written += write_artifact(timeline, name, path, path.parent, path.stem, overwrite, strict=strict)
        except (InputError, UsageError) as error:  # UsageError: a further file of the format would be replaced
            refused[name] = error.what
            say(f"error: not delivered as {name}: {error}")
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


def end_with_verdicts(made: Sequence[dict[str, Any]]) -> None:
    """Exit with 1 where a movie was rejected, else with 3 where a delivery was refused."""
    if any(item.get("verdict") == "REJECTED" for item in made):
        raise typer.Exit(1)
    if any(item["refused"] for item in made):
        raise typer.Exit(InputError.exit_code)
