"""Many inputs of one command: which these are, and each in a process of its own, so that none stops the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from panscan.cli.console import print_table, progress_bar, say, say_wrong, short_path
from panscan.cli.outputs import check_names_differ, is_as_made
from panscan.cli.timelines import exit_code_of
from panscan.errors import InputError, InternalError, PanscanError, internal_error

# Suffixes of movies, for those in folders alone: a file that is named is looked at whatever it is called.
_MOVIES = (
    *(".3g2", ".3gp", ".asf", ".avi", ".dv", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"),
    *(".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"),
)
_MOST_NAMED = 4  # of what is skipped
_STOPPED = 130  # exit code after Ctrl-C
_UNFINISHED = "unfinished"  # name of the file in which a process lists what it has not finished

Work = Callable[[Path], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input.

    Attributes
    ----------
    source : Path
    made : list of dict
        For programs, one for each timeline.
    exit_code : int
        That the command would end with if this were its only input.
    error : str
        What went wrong, in full; empty where nothing did.
    text : str
        What was said meanwhile, where it was not said at once.
    """

    source: Path
    made: list[dict[str, Any]]
    exit_code: int = 0
    error: str = ""
    text: str = ""


def inputs_of(given: Sequence[Path], output: Path | None) -> list[Path]:
    """The inputs that are meant: a folder stands for the movies in it. What is passed over is said.

    Parameters
    ----------
    given : sequence of Path
    output : Path, optional
        The folder of all results.

    Raises
    ------
    InputError
        There is none.
    UsageError
        What is written of two of them would have the same names.
    """
    found: list[Path] = []
    for path in given:
        inside = _is_folder(path)
        files = sorted(one for one in path.iterdir() if one.is_file()) if inside else [path]
        movies = [one for one in files if one.suffix.lower() in _MOVIES] if inside else files
        # Of a single file that is named nothing is doubted.
        own = [one for one in movies if (inside or len(given) > 1) and is_as_made(one)]
        _say_skipped(path, "made by panscan", own)
        if inside:
            _say_skipped(path, "no movies", [one for one in files if one not in movies and not _is_ours(one, movies)])
        found += [one for one in movies if one not in own and one not in found]
    if not found:
        named = ", ".join(short_path(path) for path in given)
        raise InputError(f"there is no movie in {named}", why="Nothing there is one.", fix="Name the movies.")
    check_names_differ(found, output)
    return found


def _is_folder(path: Path) -> bool:
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES

    return path.is_dir() and path.suffix.lower() not in TIMELINE_SUFFIXES  # .fcpxmld is a folder


def _is_ours(path: Path, movies: Sequence[Path]) -> bool:
    """Whether a file belongs to a movie beside it: made of it, or decided for it."""
    return any(path.name.startswith(f"{movie.stem}.") for movie in movies) or path.name == "panscan.toml"


def _say_skipped(where: Path, why: str, paths: Sequence[Path]) -> None:
    if paths:
        named = ", ".join(path.name for path in paths[:_MOST_NAMED])
        more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
        say(f"skipped, {why}: {named}{more}" + (f" in {short_path(where)}" if where.is_dir() else ""))


def outcomes_of(sources: Sequence[Path], work: Work, processes: int) -> list[Outcome]:
    """What becomes of each input, in a process of its own, `processes` at once; a summary is said at the end.

    work: a function that can be pickled. Where one runs after the other, each says what it does while it does it.
    """
    running: list[Any] = []
    at_once = max(1, min(processes, len(sources)))
    done: list[Outcome] = []
    with ThreadPoolExecutor(at_once) as pool, progress_bar(f"{len(sources)} movies") as progress:
        try:
            titles = ["" if at_once > 1 else f"[{n} of {len(sources)}] " for n in range(1, len(sources) + 1)]
            futures = [
                pool.submit(_in_process, source, work, title, running)
                for source, title in zip(sources, titles, strict=True)
            ]
            for future in as_completed(futures):
                done.append(future.result())
                _say_outcome(done[-1], len(done), len(sources))
                if at_once > 1:
                    progress(len(done), len(sources))
        except BaseException:  # Ctrl-C above all
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
            raise
    done.sort(key=lambda outcome: sources.index(outcome.source))
    _say_summary(done)
    return done


def _say_outcome(outcome: Outcome, number: int, count: int) -> None:
    said = outcome.text.rstrip()
    if said:
        say(f"[{number} of {count}] {short_path(outcome.source)}\n{said}")
    if outcome.error:
        say_wrong(f"error: {short_path(outcome.source)}: {outcome.error}")


def _say_summary(done: Sequence[Outcome]) -> None:
    rows = [[short_path(one.source), _in_words(one)] for one in done]
    say()
    print_table(["movie", "result"], rows)


def _in_words(outcome: Outcome) -> str:
    if outcome.error:
        return f"failed: {outcome.error.splitlines()[0]}"
    verdicts = [item["verdict"] for item in outcome.made if "verdict" in item]
    refused = sorted({name for item in outcome.made for name in item.get("refused", ())})
    said = [f"{len(outcome.made)} timeline{'s' if len(outcome.made) != 1 else ''}"]
    said += [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
    said += [f"not delivered as {', '.join(refused)}"] if refused else []
    return ", ".join(said)


def _in_process(source: Path, work: Work, title: str, running: list[Any]) -> Outcome:
    """What becomes of one input in a process of its own, which may crash; `title`: see `_child`."""
    from panscan.files import remove_unfinished
    from panscan.processes import crash_error

    context = multiprocessing.get_context("spawn")  # threads of libraries do not survive a fork
    here, there = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
        said = Path(folder) / "said"
        process = context.Process(target=_child, args=(there, source, work, Path(folder), os.getpid(), title))
        process.start()
        running.append(process)
        there.close()
        try:
            outcome: Outcome = here.recv()
        except EOFError:
            process.join()
            remove_unfinished(Path(folder) / _UNFINISHED)
            error = crash_error("it", process.exitcode)
            outcome = Outcome(source, [], error.exit_code, str(error))
        process.join()
        text = said.read_text(encoding="utf-8", errors="replace") if said.is_file() else ""
    return Outcome(source, outcome.made, outcome.exit_code, outcome.error, text)


def _child(answer: Connection, source: Path, work: Work, folder: Path, parent: int, title: str) -> None:
    """The process of one input: it says what it does under its title; without one, to a file."""
    from panscan.files import UNFINISHED_LIST
    from panscan.processes import end_with_parent

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cleans up as after Ctrl-C
    end_with_parent(parent)
    os.environ[UNFINISHED_LIST] = str(folder / _UNFINISHED)
    if not title:
        with (folder / "said").open("wb") as file:
            os.dup2(file.fileno(), sys.stderr.fileno())
    else:
        say(f"{title}{short_path(source)}")
    answer.send(_outcome(source, work))


def _outcome(source: Path, work: Work) -> Outcome:
    try:
        made = work(source)
        return Outcome(source, made, exit_code_of(made))
    except PanscanError as error:
        return Outcome(source, [], error.exit_code, str(error))
    except KeyboardInterrupt:
        return Outcome(source, [], _STOPPED, "stopped")
    except Exception as error:
        return Outcome(source, [], InternalError.exit_code, str(internal_error(error)))


def as_data(done: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """What became of all inputs, for programs: what was made of each with its input, or what went wrong."""
    for outcome in done:
        for item in outcome.made or [{"error": outcome.error, "exit_code": outcome.exit_code}]:
            yield {"input": str(outcome.source)} | item
