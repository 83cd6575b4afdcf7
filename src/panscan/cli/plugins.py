"""`panscan plugins`: everything registered under a name, and which package brought it."""

from __future__ import annotations

from typing import Annotated

import typer

from panscan.cli.console import print_data, print_json


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List signals, methods, modes, layouts and exporters, built in and from installed packages."""
    from panscan import registry

    found = [entry for kind in registry.KINDS for entry in registry.entries(kind).values()]
    if json:
        print_json([{"kind": e.kind, "name": e.name, "target": e.target, "source": e.source} for e in found])
        return
    rows = [(entry.kind, entry.name, entry.source, entry.target) for entry in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print_data("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())
