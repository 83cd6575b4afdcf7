"""Talking to people: text and progress on stderr, data on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

Progress = Callable[[int, int], None]  # frames done, frames in all

_STEPS = 10_000  # of a bar, for a weight of 1: bars begin at whole steps
_WIDTH_LETTERS = 160  # of a table in a file or pipe: wide enough that no cell is folded


@dataclass(slots=True)
class _Run:
    """How far a run of several parts is.

    Attributes
    ----------
    weights : mapping
        Part -> how long it takes, compared with the others.
    done : float
        The weights of what is done.
    """

    weights: Mapping[str, float]
    done: float = 0.0


_IS_QUIET = ContextVar("is_quiet", default=False)
_RUN: ContextVar[_Run | None] = ContextVar("run", default=None)


@contextmanager
def quiet(wanted: bool = True) -> Iterator[None]:
    """Say nothing but what is wrong, and show no progress."""
    token = _IS_QUIET.set(_IS_QUIET.get() or wanted)
    try:
        yield
    finally:
        _IS_QUIET.reset(token)


@contextmanager
def whole_run(weights: Mapping[str, float]) -> Iterator[None]:
    """Progress bars show how far all of a run is; `weights`: how long each part takes, compared with the others."""
    token = _RUN.set(_Run(weights))
    try:
        yield
    finally:
        _RUN.reset(token)


def say(text: str = "") -> None:
    """One line for a person, unless they want it quiet."""
    if not _IS_QUIET.get():
        typer.echo(text, err=True)


def say_wrong(text: str) -> None:
    """One line on what is wrong, which is always said."""
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
def progress_bar(title: str, part: str = "", share: float = 1.0) -> Iterator[Progress]:
    """A bar with percentage and time left on a terminal; nothing elsewhere.

    Parameters
    ----------
    title : str
    part : str
        Of `whole_run`, whose progress is shown then.
    share : float
        Of the part, that this bar stands for.
    """
    run = _RUN.get()
    weight = share * run.weights.get(part, 0.0) if run else 0.0
    try:
        with _bar(title, run if weight else None, weight) as progress:
            yield progress
    finally:
        if run:
            run.done += weight


@contextmanager
def _bar(title: str, run: _Run | None, weight: float) -> Iterator[Progress]:
    if _listeners:
        yield lambda done, total: _listeners[0](title, done, total)
        return
    if _IS_QUIET.get() or not sys.stderr.isatty():
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
        if run is None:
            task = bar.add_task(title, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        else:
            before, whole = run.done, sum(run.weights.values())
            task = bar.add_task(title, total=round(whole * _STEPS), completed=round(before * _STEPS))

            def step(done: int, total: int) -> None:
                bar.update(task, completed=(before + weight * min(1.0, done / max(1, total))) * _STEPS)

            yield step


@contextmanager
def media_progress_bars(count: int, part: str = "") -> Iterator[Callable[[str, int, int], None]]:
    """One bar after the other for `count` media, moved by calls with a path, its frames done and its frames in all.

    part: of `whole_run`, that all of them are.
    """
    names: list[str] = []
    with ExitStack() as bars:
        shown: list[Progress] = []

        def step(path: str, done: int, total: int) -> None:
            if path not in names:
                names.append(path)
                bars.close()
                title = f"looking at {Path(path).name} ({len(names)} of {count})"
                shown[:] = [bars.enter_context(progress_bar(title, part, 1 / count))]
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


def print_table(columns: list[str], rows: list[list[str]], *, one_line: bool = False) -> None:
    """A table for a person, unless they want it quiet; one_line: on a terminal, what does not fit is cut off."""
    if _IS_QUIET.get():
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in drawn.columns if one_line else ():
        column.no_wrap, column.overflow = True, "ellipsis"
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
