"""`panscan plugins`: everything registered under a name, and who brought it."""

from __future__ import annotations

from typing import Annotated

import typer

from panscan.cli.console import print_data, print_json


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List signals, methods and exporters, built in and from installed packages."""
    from panscan import registry

    found = [entry for kind in registry.KINDS for entry in registry.entries(kind).values()]
    if json:
        print_json([{"kind": e.kind, "name": e.name, "target": e.target, "source": e.source} for e in found])
        return
    for entry in found:
        print_data(f"{entry.kind:<10} {entry.name:<10} {entry.source:<10} {entry.target}")
