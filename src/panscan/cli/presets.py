"""`panscan presets`: what `--preset` takes, and a start for one's own."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from panscan.cli.console import print_data, print_json, say
from panscan.errors import UsageError

_BARS = " ▁▂▃▄▅▆▇█"
_FULL_BAR = 0.5  # weight (0 to 1) that fills its bar: larger ones are rare
_LINE_LETTERS = 40  # of the line that stands for a weight of 1

EXAMPLES = """Examples:

panscan presets

panscan presets podcast > mine.toml"""


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A preset, or the path of a .toml file; all of it.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the presets with their weights in percent; with NAME, its values, and its TOML text on stdout."""
    from panscan.request import presets

    if name is None:
        found, wrong = [], []
        for one in presets.preset_names():  # a mistake in one of the user's files must not hide the others
            try:
                found.append(presets.preset_recipe(presets.load_preset(one)))
            except UsageError as error:
                wrong.append(error)
        if json:
            print_json(found)
        else:
            _list(found)
        for mistake in wrong:
            say(f"error: {mistake}")
        if wrong:
            raise typer.Exit(UsageError.exit_code)
        return
    recipe = presets.preset_recipe(presets.load_preset(name))
    if json:
        print_json(recipe)
        return
    _show(recipe)
    print_data(presets.preset_source(name))


def _list(recipes: list[dict[str, Any]]) -> None:
    signals = list(recipes[0]["weights"])
    width = max(len(recipe["name"]) for recipe in recipes)
    print_data(f"{'preset':<{width}}  {'  '.join(f'{signal:<7}' for signal in signals)}  what for")
    for recipe in recipes:
        bars = "  ".join(f"{_bar(recipe['weights'][signal]):<7}" for signal in signals)
        print_data(f"{recipe['name']:<{width}}  {bars}  {recipe['summary']}")


def _show(recipe: dict[str, Any]) -> None:
    """All values, for a person."""
    for key, value in recipe.items():
        if key == "weights":
            say("weights")
            for signal, weight in value.items():
                say(f"  {signal:<12} {weight:<5g} {'#' * round(weight * _LINE_LETTERS)}")
        else:
            say(f"{key:<14} {_text(value)}")
    say()
    say("The same as a file, to change and to keep as your own:")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bar(weight: float) -> str:
    """A small bar and the weight in percent; only the number where the terminal cannot draw it."""
    number = f"{round(weight * 100):>2}"
    bar = _BARS[min(len(_BARS) - 1, round(weight / _FULL_BAR * (len(_BARS) - 1)))]
    try:
        bar.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return number
    return f"{bar} {number}"
