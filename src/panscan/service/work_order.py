"""What the work of a job is given, and how it tells what it finds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from panscan.files import UNFINISHED_LIST, remove_unfinished
from panscan.service.exchange import Exchange
from panscan.service.spec import JobSpec

_UNFINISHED = "unfinished"  # file in which an attempt lists what it has begun to write


class JobHeld(Exception):
    """The work must stop: the account has not enough minutes left for the source, or another worker has the job."""


@dataclass(frozen=True, slots=True)
class SharedPart:
    """A part of a job that any worker may do.

    Attributes
    ----------
    name : str
        Of this part alone in its job; it holds the stage and a digest of all that decides about what is made.
    stage : str
        One of `panscan.service.states.STAGES`.
    what : dict
        What is to be done, as JSON.
    size : int
        Its share of the stage, for the progress: e.g. frames.
    """

    name: str
    stage: str
    what: Mapping[str, Any]
    size: int = 1


@dataclass(frozen=True, slots=True)
class NextPart:
    """Which part is to be done next.

    Attributes
    ----------
    part : SharedPart, optional
        None where others are at all that is left.
    done : int
        Size of the parts that are done.
    is_over : bool
        Whether all are.
    """

    part: SharedPart | None
    done: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What the work of a job is given.

    Attributes
    ----------
    job_id, account_id : str
    attempt : int
        Raised each time that it is tried.
    spec : JobSpec
        With its secrets.
    folder : Path
        The job's own folder.
    read_folders : tuple of Path
        Folders that media may be read from and results sent to.
    uploads : Path
        Files that clients sent.
    connections : mapping of str to dict
        The stored connections that the job names, with their keys.
    exchange : Exchange, optional
        Where workers find what others made; None where this process works alone.
    shared : SharedPart, optional
        The part of the job that is to be done; None for the job itself.
    """

    job_id: str
    attempt: int
    spec: JobSpec = field(repr=False)
    folder: Path
    account_id: str = ""
    read_folders: tuple[Path, ...] = ()
    uploads: Path = Path()
    connections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    exchange: Exchange | None = None
    shared: SharedPart | None = None

    @property
    def part(self) -> Path:
        """Where this attempt works; what is whole is moved out of it."""
        return self.folder / f"attempt-{self.attempt}.part"

    @property
    def output(self) -> Path:
        """What the job has made."""
        return self.folder / "output"


class WorkReport(Protocol):
    """Takes what the work has to say."""

    def progress(self, stage: str, done: int = 0, total: int = 0) -> None:
        """How far a stage is: one of `panscan.service.states.STAGES`. While a shared part is done, how far that is."""

    def confirm(self, source_s: float) -> None:
        """Ask whether a source of so many seconds may be worked on.

        Raises
        ------
        JobHeld
            It may not.
        """

    def result(self, **found: Any) -> None:
        """Say what is known now: flags, verdicts, outputs, warnings; each replaces what was said of it before."""

    def share(self, parts: Sequence[SharedPart]) -> Iterator[SharedPart]:
        """Let other workers help: the parts that are to be done here, one after the other.

        A part counts as done when the next one is asked for. It ends when all are done, here or elsewhere.

        Raises
        ------
        JobHeld
            Another worker has the job.
        """


@contextmanager
def own_part(order: WorkOrder) -> Iterator[None]:
    """The attempt's own folder, for the block; what it does not finish is removed, and what killed attempts left."""
    remove_parts(order)
    for folder in (order.folder, order.part):  # parents that are made on the way may be read by others
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[UNFINISHED_LIST] = str(order.part / _UNFINISHED)
    try:
        yield
    finally:
        remove_parts(order)


def remove_parts(order: WorkOrder) -> None:
    """Remove what this attempt and earlier ones have not finished, also beside their folders."""
    for number in range(1, order.attempt + 1):
        remove_part(order.folder / f"attempt-{number}.part")


def remove_part(part: Path) -> None:
    """Remove the folder of an attempt, and what it has not finished beside it."""
    remove_unfinished(part / _UNFINISHED)
    shutil.rmtree(part, ignore_errors=True)
