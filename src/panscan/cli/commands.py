"""The commands of the command line, and options before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

import typer

from panscan import __version__

_HELP = "Turn finished landscape video into vertical, square or any other shape inside the editor you already use."
_EPILOG = """Examples:

panscan reframe talk.mp4 -r 9:16 -r 1:1 --to premiere

panscan reframe *.mp4 --render

panscan people talk.mp4

More on each: panscan COMMAND -h. Documentation: docs/index.md in the source of panscan."""
# Command -> what the list of commands says of it, by groups: each fits one line of a terminal.
_GROUPS: Mapping[str, Mapping[str, str]] = {
    "From a movie or a cut": {
        "reframe": "Make timelines, files for editors and movies.",
        "review": "Look at the cameras in the browser, and correct them.",
        "people": "Show who is in a movie, and give them names.",
        "edits": "List what was decided by hand, and take it back.",
        "perceive": "Only look at a movie, so that `reframe` need not.",
    },
    "From a timeline": {
        "deliver": "Write the file of one editor.",
        "render": "Make the verified movie.",
        "verify": "Check a movie against its timeline.",
    },
    "From photos": {"shots": "Find three shots in each photo that belong together."},
    "What there is": {
        "formats": "Editors and files that can be written.",
        "presets": "What matters and how the camera behaves, by name.",
        "plugins": "Signals, methods, modes, layouts and exporters.",
    },
    "This machine": {
        "doctor": "Check every part, and say how to mend it.",
        "models": "Weights that do not come with panscan: list, fetch, find.",
        "install": "Put panscan's scripts into an editor, or take them out.",
        "serve": "Make plans for panels inside editors.",
        "calibrate": "Make a test kit: does your editor show what is meant?",
    },
    "A service for others": {
        "service": "API, worker and database on one machine.",
        "worker": "Do the jobs of the service.",
        "work": "Do one job here and now.",
        "accounts": "Tokens, plans and minutes.",
    },
}
_NAMES = tuple(name for group in _GROUPS.values() for name in group)


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
    wanted = [name for name in _NAMES if name in arguments[:1]] or _NAMES
    for panel, commands in _GROUPS.items():
        for name in [name for name in commands if name in wanted]:
            _add(app, name, rich_help_panel=panel, short_help=commands[name])
    return app


def _add(app: typer.Typer, name: str, **shown: str) -> None:
    """Add a command, or a group of commands; its module is imported now."""
    module = import_module(f"panscan.cli.{name}")
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name, **shown)  # type: ignore[arg-type]
    else:
        app.command(name, epilog=getattr(module, "EXAMPLES", None), **shown)(module.command)  # type: ignore[arg-type]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"panscan {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the command."""
