"""`panscan formats`: the deliveries there are, and which of them each editor is best given."""

from __future__ import annotations

from typing import Annotated

import typer

from panscan.cli.console import print_data, print_json


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List what `reframe --to` and `deliver --to` take: editors, and the files that can be written."""
    from dataclasses import fields

    from panscan import registry

    rows = []
    for name in registry.entries("exporters"):
        exporter = registry.load("exporters", name)
        rows.append(
            {
                "name": name,
                "title": exporter.title,
                "suffix": exporter.suffix,
                "opens_in": list(exporter.opens_in),
                "how_to_import": exporter.how_to_import,
                "options": {f.name: f.metadata.get("help", "") for f in fields(exporter.options)},
            }
        )
    if json:
        print_json(rows)
        return
    print_data("Editors:")
    for editor, name in registry.EDITORS.items():
        print_data(f"  {editor:<14} {name}")
    print_data("\nFormats:")
    for row in rows:
        print_data(f"  {row['name']:<14} {row['suffix']:<19} {row['title']} ({', '.join(row['opens_in'])})")
        for option, text in row["options"].items():
            print_data(f"{'':<16} -O {option}: {text}")
