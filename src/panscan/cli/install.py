"""`panscan install`: what editors need inside themselves; one command per editor."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from panscan.cli import install_premiere
from panscan.cli.console import print_data, say
from panscan.errors import CapabilityError, InputError, UsageError

app = typer.Typer(help="Put panscan's scripts into an editor, or take them out again.", no_args_is_help=True)

_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written or removed, and do nothing.")]
_Uninstall = Annotated[bool, typer.Option("--uninstall", help="Remove what was installed, and nothing else.")]


@app.callback()
def _group() -> None:
    """Make the name of the editor a command of its own."""


app.command("premiere")(install_premiere.command)


@app.command()
def resolve(
    user: Annotated[bool, typer.Option("--user", help="For this person only (the default).")] = False,
    system: Annotated[bool, typer.Option("--system", help="For everybody on this machine.")] = False,
    ratio: Annotated[str, typer.Option(help='Shape that "reframe this timeline" makes.')] = "9:16",
    dry_run: _DryRun = False,
    uninstall: _Uninstall = False,
) -> None:
    """Install the entries of DaVinci Resolve's Scripts menu; safe to repeat. Prints the files."""
    from panscan_resolve import calibrate, launchers

    if user and system:
        raise UsageError(
            "--user and --system exclude each other", why="One folder is written.", fix="Give one of them."
        )
    folder = scripts_folder(system, sys.platform, os.environ, Path.home()) / "Utility"
    data = _data_folder()
    if uninstall:
        gone = [*_installed_entries(folder), *(p for p in [data / "chart.png"] if p.is_file())]
        _remove(gone, dry_run)
        if not gone:
            say(f"nothing of panscan is in {folder}")
        for empty in () if dry_run else (data / "stills", data):
            with contextlib.suppress(OSError):  # it holds plans, stills or a calibration
                empty.rmdir()
        return
    known = {"data": str(data), "command": _command(), "ratio": _checked_ratio(ratio)}
    files = {folder / name: launchers.launcher(task, known).encode() for name, task in launchers.ENTRIES.items()}
    for path in files:
        if path.exists() and path not in _installed_entries(folder):
            raise InputError(
                f"{path} is not ours", why="Another script has the name of a menu entry of panscan.", fix="Rename it."
            )
    _remove(
        [path for path in _installed_entries(folder) if path not in files], dry_run
    )  # entries that older versions had
    _write({**files, data / "chart.png": calibrate.chart()}, dry_run)
    if not dry_run:
        (data / "stills").mkdir(exist_ok=True)
        say("in Resolve: Workspace > Scripts > Panscan ... (no restart needed); plans are looked for in")
        say(f"  {data / 'panscan_plan.lua'} and {Path.home() / 'panscan_plan.lua'}")


def scripts_folder(system: bool, platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """Where Resolve looks for scripts (its README, "Scripts Location"); %APPDATA% already ends in Roaming."""
    if platform == "darwin":
        root = Path("/") if system else home
        return root / "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts"
    if platform == "win32":
        if system:
            base = Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Blackmagic Design" / "DaVinci Resolve"
        else:
            roaming = Path(environ.get("APPDATA", str(home / "AppData" / "Roaming")))
            base = roaming / "Blackmagic Design" / "DaVinci Resolve" / "Support"
        return base / "Fusion" / "Scripts"
    if system:
        return Path("/opt/resolve/Fusion/Scripts")
    return home / ".local/share/DaVinciResolve/Fusion/Scripts"


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("panscan", appauthor=False) / "resolve"


def _command() -> str:
    """The command line that starts this installation of panscan, quoted for a shell."""
    script = Path(sys.executable).with_name("panscan.exe" if os.name == "nt" else "panscan")
    words = [str(script)] if script.is_file() else [sys.executable, "-c", "from panscan.cli import main; main()"]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _checked_ratio(ratio: str) -> str:
    across, sign, down = ratio.partition(":")
    if not (sign and across.isdigit() and down.isdigit() and int(across) and int(down)):
        raise UsageError(f"{ratio!r} is not an aspect ratio", why="It is two whole numbers.", fix="e.g. --ratio 9:16")
    return ratio


def _installed_entries(folder: Path) -> list[Path]:
    """Menu entries that an install of panscan wrote, recognised by their first words."""
    from panscan_resolve.launchers import MARK

    found = []
    for path in sorted(folder.glob("*.lua")):
        with path.open("rb") as file:
            if file.read(len(MARK)) == MARK.encode():
                found.append(path)
    return found


def _write(files: Mapping[Path, bytes], dry_run: bool) -> None:
    from panscan.files import write_bytes

    last_word = ""
    for path, content in files.items():
        is_same = path.is_file() and path.read_bytes() == content
        if not dry_run and not is_same:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(content, path)
            except (OSError, InputError) as error:
                raise CapabilityError(
                    f"cannot write {path}",
                    why=str(getattr(error, "strerror", None) or getattr(error, "why", "") or error),
                    fix="Install with --user, or run this with the rights of an administrator.",
                ) from error
        word = "unchanged:" if is_same else "would write:" if dry_run else "wrote:"
        if word != last_word:
            say(word)
        last_word = word
        print_data(str(path))


def _remove(paths: list[Path], dry_run: bool) -> None:
    if paths:
        say("would remove:" if dry_run else "removed:")
    for path in paths:
        if not dry_run:
            try:
                path.unlink()
            except OSError as error:
                raise CapabilityError(
                    f"cannot remove {path}",
                    why=str(error.strerror),
                    fix="Run this with the rights of an administrator.",
                ) from error
        print_data(str(path))
