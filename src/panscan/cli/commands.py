"""The commands of the command line, and options before them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

from panscan import __version__

_HELP = "Turn finished landscape video into vertical, square or any other shape inside the editor you already use."
_EPILOG = """Examples:

panscan reframe talk.mp4 -r 9:16 -r 1:1 --to premiere

panscan reframe *.mp4 --render

panscan people talk.mp4

What each command does: panscan COMMAND -h. Documentation: docs/index.md in the source of panscan."""
_MODULES = (
    "reframe",
    "perceive",
    "deliver",
    "render",
    "verify",
    "people",
    "edits",
    "shots",
    "calibrate",
    "formats",
    "presets",
    "review",
    "serve",
    "service",
    "worker",
    "work",
    "accounts",
    "plugins",
    "doctor",
    "models",
    "install",
)


def command_line(arguments: Sequence[str] = ()) -> typer.Typer:
    """The application: with the one command that the arguments begin with, whose module alone is imported, or all."""
    app = typer.Typer(
        name="panscan",
        help=_HELP,
        epilog=_EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in [name for name in _MODULES if name in arguments[:1]] or _MODULES:
        module = import_module(f"panscan.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name, epilog=getattr(module, "EXAMPLES", None))(module.command)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"panscan {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the command."""
