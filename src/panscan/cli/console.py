"""Talking to people: text and progress on stderr, data on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

Progress = Callable[[int, int], None]


def say(text: str = "") -> None:
    """One line for a person."""
    typer.echo(text, err=True)


def put(text: str) -> None:
    """Data for the next program."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def put_json(value: Any) -> None:
    """Data for the next program, as JSON."""
    put(json.dumps(value, indent=1, ensure_ascii=False))


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar with percentage and time left on a terminal; silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def table(columns: list[str], rows: list[list[str]]) -> None:
    """A table for a person."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*row)
    width = None if sys.stderr.isatty() else 160
    Console(stderr=True, width=width, highlight=False).print(drawn)


def short(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
