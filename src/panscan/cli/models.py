"""`panscan models`: weights that do not come with panscan."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from panscan.cli.console import print_data, print_json, progress_bar, say

app = typer.Typer(help="Weights that do not come with panscan: list, fetch, find.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="A name of `panscan models list`.", show_default=False)]


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
            f"{row['name']:<18} {row['state']:<8} {row['size_bytes'] / 1e6:>5.1f} MB  {row['licence']:<9} "
            f"{row['used_by']:<8} {row['note']}"
        )


@app.command()
def pull(
    name: _Name,
    timeout: Annotated[float, typer.Option(help="Give up after this many seconds of silence.", min=0.1)] = 30.0,
) -> None:
    """Fetch weights into the models folder, verified; prints their path. An interrupted download continues."""
    from panscan import weights

    file = weights.find_weights(name)
    if weights.file_state(file) == "present":
        say(f"{name} is there already")
    else:
        say(f"fetching {name} ({file.size_bytes / 1e6:.1f} MB, licence {file.licence}) from {file.url}")
    with progress_bar(f"fetching {name}") as progress:
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
