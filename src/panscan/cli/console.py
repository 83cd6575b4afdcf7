"""Talking to people: text and progress on stderr, data on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import typer

Progress = Callable[[int, int], None]  # frames done, frames in all

_WIDTH_LETTERS = 160  # of a table in a file or pipe: wide enough that no cell is folded


def say(text: str = "") -> None:
    """One line for a person."""
    typer.echo(text, err=True)


def print_data(text: str) -> None:
    """Data for the next program."""
    # Bytes of file names that are no UTF-8 become \udcff and so on, which JSON reads as what Python has for them.
    printable = text.encode("utf-8", "backslashreplace").decode()
    sys.stdout.write(printable if printable.endswith("\n") else printable + "\n")


def print_json(value: Any) -> None:
    """Data for the next program, as JSON."""
    print_data(json.dumps(value, indent=1, ensure_ascii=False))


# Where progress goes in place of a terminal, by title: in a process that works for a page.
_listeners: list[Callable[[str, int, int], None]] = []


def report_progress_to(listener: Callable[[str, int, int], None]) -> None:
    """Give the progress of this process to a function (title, done, total) from now on, and show no bars."""
    _listeners[:] = [listener]


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar with percentage and time left on a terminal; nothing elsewhere."""
    if _listeners:
        yield lambda done, total: _listeners[0](title, done, total)
        return
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


@contextmanager
def media_progress_bars(count: int) -> Iterator[Callable[[str, int, int], None]]:
    """One bar after the other for `count` media, moved by calls with a path, its frames done and its frames in all."""
    names: list[str] = []
    with ExitStack() as bars:
        shown: list[Progress] = []

        def step(path: str, done: int, total: int) -> None:
            if path not in names:
                names.append(path)
                bars.close()
                title = f"looking at {Path(path).name} ({len(names)} of {count})"
                shown[:] = [bars.enter_context(progress_bar(title))]
            shown[0](done, total)

        yield step


@contextmanager
def silence_native_stderr() -> Iterator[None]:
    """Discard what native libraries write to file descriptor 2; our own stderr still works.

    MediaPipe logs from threads of its own whenever a graph starts, and has no switch for it.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    own = sys.stderr
    try:
        ours = own.fileno() == 2
    except (AttributeError, OSError, ValueError):
        ours = False  # captured by a test or another program: it does not pass through descriptor 2
    try:
        if ours:
            sys.stderr = os.fdopen(os.dup(kept), "w", encoding=own.encoding, errors="backslashreplace", buffering=1)
        os.dup2(nowhere, 2)
        yield
    finally:
        if ours:
            sys.stderr.close()
            sys.stderr = own
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """A table for a person."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*row)
    width = None if sys.stderr.isatty() else _WIDTH_LETTERS
    Console(stderr=True, width=width, highlight=False).print(drawn)


def short_path(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
