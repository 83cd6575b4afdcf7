"""`panscan install premiere`: the panel as one .ccx file, and how to load it."""

from __future__ import annotations

import io
import json
import zipfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from panscan.cli.console import print_data, say
from panscan.errors import CapabilityError, InputError

_SHIPPED = (".html", ".css", ".js", ".json", ".png")  # suffixes of the files that the panel loads
_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same panel is always the same file

_HOW = """\
In Premiere Pro 25.6 or newer, either
  double-click the .ccx (Creative Cloud installs it; it may ask whether to trust it), or
  Preferences > Plugins > Enable developer mode, start Adobe's UXP Developer Tool, Add Plugin, choose
  {manifest}
  and Load; then Window > UXP Plugins > Panscan.
In Premiere Pro up to 25.x, run {script}
  from a panel or editor that runs ExtendScript."""


def command(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write. [panscan.ccx in the current folder]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be packed, and write nothing.")] = False,
) -> None:
    """Pack the panel for Premiere Pro and say how to load it. Prints the file."""
    from panscan.files import write_bytes

    home = _home()
    files = panel_files(home / "panel")
    path = output or Path("panscan.ccx")
    if dry_run:
        for name, content in files.items():
            say(f"  {name}, {len(content)} bytes")
        say("would write")
    else:
        if not path.parent.is_dir():
            raise InputError(f"cannot write {path}", why=f"{path.parent} is no folder.", fix="Make it, or use -o.")
        write_bytes(packed(files), path)
        say("wrote")
    print_data(str(path))
    say(_HOW.format(manifest=home / "panel" / "manifest.json", script=home / "legacy" / "panscan.jsx"))


def panel_files(folder: Traversable) -> dict[str, bytes]:
    """The panel's files by their path inside it, in a fixed order, the manifest with this version's number."""
    from panscan import __version__

    found: dict[str, bytes] = {}

    def walk(place: Traversable, prefix: str) -> None:
        for entry in sorted(place.iterdir(), key=lambda one: one.name):
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(_SHIPPED):
                found[prefix + entry.name] = entry.read_bytes()

    walk(folder, "")
    manifest = json.loads(found["manifest.json"])
    manifest["version"] = _three_numbers(__version__)
    found["manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    return found


def packed(files: dict[str, bytes]) -> bytes:
    """A zip of files, which is what a .ccx is; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content)
    return made.getvalue()


def _three_numbers(version: str) -> str:
    """A version as UXP takes it: three numbers and nothing else."""
    numbers = [part for part in version.split("+")[0].split(".") if part.isdigit()]
    return ".".join([*numbers, "0", "0"][:3])


def _home() -> Traversable:
    """The folder of the panel, as installed or in a checkout."""
    try:
        return resources.files("panscan_premiere")
    except ModuleNotFoundError as error:
        raise CapabilityError(
            "the panel is not installed", why="This copy of panscan came without it.", fix="Reinstall panscan."
        ) from error
