"""`panscan reframe`: movies or editors' cuts in; timelines, editor files, movies and verdicts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from panscan.cli.console import print_json, quiet
from panscan.cli.options import with_options
from panscan.cli.reframe_options import DEFAULT_OPTIONS, ReframeOptions
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions
from panscan.cli.timelines import end_with, exit_code_of
from panscan.errors import UsageError

EXAMPLES = """Examples:

panscan reframe talk.mp4 -r 9:16 -r 1:1 --to premiere

panscan reframe cut.fcpxml --to final-cut --mode stable

panscan reframe episodes/ --render --jobs 2"""

_Wish = tuple[ReframeOptions, RenderOptions]  # what is wanted of one input


@with_options
def command(
    context: typer.Context,
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT...", help="Finished movies or timelines, or folders.", show_default=False),
    ],
    options: ReframeOptions = DEFAULT_OPTIONS,
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS,
    no_config: Annotated[bool, typer.Option("--no-config", help="Leave panscan.toml out.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Reframe movies or editors' cuts: a timeline per shape, files for editors, verified movies.

    Running it again with the same settings keeps what is there, keys moved by hand too. With other settings, what was
    moved by hand is kept in the overrides file. An editor's cut keeps all that it holds.
    """
    with quiet(options.quiet):
        sources = _sources(inputs, options.output)
        wish = options, render_options
        wishes = dict.fromkeys(sources, wish) if no_config else _with_defaults(sources, wish, context)
        if len(sources) > 1:
            code = _reframe_many(wishes, json)
        else:
            made = _reframe_one(wishes, sources[0])
            code = exit_code_of(made)
            if json:
                print_json(made)
        if options.review:
            _review(wishes)
    end_with(code)


def _sources(inputs: Sequence[Path], output: Path | None) -> list[Path]:
    """The inputs, those of folders too."""
    if len(inputs) == 1 and not inputs[0].is_dir():
        return list(inputs)
    from panscan.cli.many import inputs_of

    return inputs_of(inputs, output)


def _with_defaults(sources: Sequence[Path], wish: _Wish, context: typer.Context) -> dict[Path, _Wish]:
    """What is wanted of each input, with the defaults of its folder."""
    from panscan.cli.defaults import defaults_for, say_used

    found: dict[Path, _Wish] = {}
    for source in sources:
        values = defaults_for(source, context, (RenderOptions, ReframeOptions))
        options = _changed(wish[0], values)
        found[source] = options, _changed(wish[1], values) if options.render else wish[1]
    say_used(sources)
    return found


def _review(wishes: Mapping[Path, _Wish]) -> None:
    """Show what was made of all inputs on a page in the browser, until it is ended."""
    from panscan.cli.reframe_work import checked
    from panscan.cli.review import open_page, review_source

    sources = []
    for source, (options, own) in wishes.items():
        requests = [request for request, _ in checked(options, own)[2]]
        sources.append(review_source(source, requests, options.output or source.parent, options.override))
    open_page(sources)


def _changed(options: Any, values: Mapping[str, Any]) -> Any:
    return replace(options, **{f.name: values[f.name] for f in fields(options) if f.name in values})


def _reframe_one(wishes: Mapping[Path, _Wish], source: Path) -> list[dict[str, Any]]:
    """Reframe one of the inputs; what was made."""
    from panscan.cli.reframe_work import reframe_file

    return reframe_file(source, *wishes[source])


def _reframe_many(wishes: Mapping[Path, _Wish], json: bool) -> int:
    """Reframe all inputs; the highest of their exit codes."""
    from panscan.cli.many import as_data, outcomes_of
    from panscan.cli.reframe_work import checked

    first = next(iter(wishes.values()))[0]
    for name in ("override", "input_log", "from_segments"):
        if getattr(first, name) is not None:
            raise UsageError(
                f"--{name.replace('_', '-')} goes with one input",
                why="It is about one movie.",
                fix="Lay the file beside its movie, or run the command for that movie alone.",
            )
    for wish in {repr(wish): wish for wish in wishes.values()}.values():  # a mistake in all is told once
        checked(*wish)
    alone = {source: (replace(options, jobs=0), own) for source, (options, own) in wishes.items()}
    done = outcomes_of(list(wishes), partial(_reframe_one, alone), first.jobs)
    if json:
        print_json(list(as_data(done)))
    return max(outcome.exit_code for outcome in done)
