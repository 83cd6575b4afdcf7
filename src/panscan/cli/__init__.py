"""The command line: one file per command; heavy libraries are imported inside the command that needs them."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

import typer

from panscan import __version__
from panscan.cli import (
    calibrate,
    deliver,
    doctor,
    formats,
    install,
    models,
    perceive,
    plugins,
    presets,
    reframe,
    render,
    serve,
    shots,
    supervised,
    verify,
)
from panscan.errors import InternalError, PanscanError, internal_error

app = typer.Typer(
    name="panscan",
    help="Turn finished landscape video into vertical, square or any other shape inside the editor you already use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"panscan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the command."""


app.command("reframe")(reframe.command)
app.command("perceive")(perceive.command)
app.command("deliver")(deliver.command)
app.command("render")(render.command)
app.command("verify")(verify.command)
app.command("shots")(shots.command)
app.command("calibrate")(calibrate.command)
app.command("formats")(formats.command)
app.command("presets")(presets.command)
app.command("serve")(serve.command)
app.command("plugins")(plugins.command)
app.command("doctor")(doctor.command)
app.add_typer(models.app, name="models")
app.add_typer(install.app, name="install")


def main() -> None:
    """The script `panscan`: commands that use native libraries run in a process that may crash."""
    _end_with_code(lambda: supervised.run(sys.argv[1:]) if supervised.is_wanted(sys.argv[1:]) else run())


def run() -> None:
    """Run the command line in this process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    _end_with_code(lambda: app(prog_name="panscan"))


def _stop(number: int, frame: object) -> None:
    """Say what is kept, and let SIGTERM clean up as Ctrl-C does."""
    for repeated in (signal.SIGINT, signal.SIGTERM):  # the signal may come from the supervisor, too
        signal.signal(repeated, signal.SIG_IGN)
    typer.echo("\nstopped; what was finished is kept: run the same command to go on", err=True)
    raise KeyboardInterrupt


def _end_with_code(work: Callable[[], object]) -> None:
    """Our errors print what, why and fix, and end with their own code."""
    try:
        work()
    except PanscanError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    except Exception as error:  # a fault of ours: never exit code 1, which is a verdict on a movie
        if os.environ.get("PANSCAN_DEBUG"):
            traceback.print_exc()
        typer.echo(f"error: {internal_error(error)}", err=True)
        raise SystemExit(InternalError.exit_code) from error
