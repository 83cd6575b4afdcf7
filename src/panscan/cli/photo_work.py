"""The work of `panscan shots` on each photo, in this process or in several."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.outputs import check_outputs, write_output
from panscan.cli.timelines import Finishing
from panscan.errors import InternalError, PanscanError

if TYPE_CHECKING:
    from panscan.model.geometry import Ratio
    from panscan.model.request import Models, Override
    from panscan.photos.detectors import PhotoDetectors
    from panscan.photos.pipeline import PhotoShots
    from panscan.photos.sequence import SequenceOptions
    from panscan.timeline.stills import StillClip


@dataclass(frozen=True, slots=True)
class PhotoJob:
    """What is wanted of every photo.

    Attributes
    ----------
    folder : Path, optional
        For what is written; None: beside each photo.
    ratios : tuple of Ratio
        The photo's own where there is none.
    subject : str
        Who the shots are about.
    override : Path, optional
        File of decisions made by hand; None: those beside each photo.
    describe_with : str
        A user's own command; "" for none.
    sequence : SequenceOptions
        How the shots follow each other.
    finishing : Finishing
        What will be made of the timelines.
    writes : bool
        Whether files are written; otherwise there are numbers alone.
    overwrite : bool
        Whether files that panscan did not make may be replaced.
    """

    folder: Path | None
    ratios: tuple[Ratio, ...]
    subject: str
    override: Path | None
    describe_with: str
    sequence: SequenceOptions
    finishing: Finishing
    writes: bool
    overwrite: bool

    def base(self, path: Path, ratio: Ratio) -> Path:
        """The timeline of a photo in one shape, without its ending."""
        return (self.folder or path.parent) / f"{path.stem}.{ratio.slug}"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoDone:
    """What became of a photo.

    Attributes
    ----------
    path : Path
    error : PanscanError, optional
        Why nothing did.
    document : dict
        All numbers and words.
    told : tuple of str
        Lines for a person.
    clips : dict
        By shape, the shots in a row; none where a shape allows none.
    overrides : tuple of Override
        What a person wants otherwise.
    """

    path: Path
    error: PanscanError | None
    document: dict[str, Any]
    told: tuple[str, ...]
    clips: dict[Ratio, tuple[StillClip, ...]]
    overrides: tuple[Override, ...] = ()


def done_photos(paths: Sequence[Path], job: PhotoJob, models: Models, processes: int) -> Iterator[PhotoDone]:
    """Plan and write the shots of photos, in order.

    Raises
    ------
    InternalError
        A process crashed.
    """
    if processes < 2 or len(paths) < 2:
        from panscan.photos.detectors import PhotoDetectors

        detectors = PhotoDetectors(models)
        try:
            for path in paths:
                yield _done(path, job, detectors)
        finally:
            detectors.close()
        return
    yield from _done_by_processes(paths, job, models, processes)


def _done_by_processes(paths: Sequence[Path], job: PhotoJob, models: Models, processes: int) -> Iterator[PhotoDone]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # Not forked: threads of detectors may hold locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(processes, len(paths)), mp_context=context, initializer=_start_process, initargs=(os.getpid(), models)
    ) as pool:
        try:
            waiting = [pool.submit(_done_here, path, job) for path in paths]
            for future in waiting:
                yield future.result()
        except BrokenProcessPool as error:
            raise InternalError(
                "a process that looked at photos crashed",
                why="Perhaps for want of memory.",
                fix="Run the command again with fewer --jobs.",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


_detectors: PhotoDetectors | None = None  # of a process that was started for photos


def _start_process(parent: int, models: Models) -> None:
    """Load the detectors once; end quietly on Ctrl-C, and with the process that started this one."""
    global _detectors
    from panscan.photos.detectors import PhotoDetectors
    from panscan.processes import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(parent)
    _detectors = PhotoDetectors(models)


def _done_here(path: Path, job: PhotoJob) -> PhotoDone:
    assert _detectors is not None
    return _done(path, job, _detectors)


def _done(path: Path, job: PhotoJob, detectors: PhotoDetectors) -> PhotoDone:
    from panscan.photos.by_hand import photo_overrides
    from panscan.photos.document import shots_document
    from panscan.photos.pipeline import plan_photo
    from panscan.photos.sequence import still_clips

    try:
        overrides = photo_overrides(path, job.override)
        planned = plan_photo(path, job.ratios, job.subject, detectors, overrides)
        told = _write(planned, job) if job.writes else ()
        document = shots_document(planned.photo, planned.perception, planned.sets, {})
    except PanscanError as error:
        return PhotoDone(path, error, {}, (), {})
    facts, seen = planned.photo.still_facts, planned.perception
    clips = {s.ratio: still_clips(path, s, seen, job.sequence, facts) for s in planned.sets if s.shots}
    return PhotoDone(path, None, document, told, clips, overrides)


def _write(planned: PhotoShots, job: PhotoJob) -> tuple[str, ...]:
    """Write crops, numbers, sheet and page; returns what is told of them."""
    from panscan.cli.console import short_path
    from panscan.photos.pipeline import output_paths, write_shots
    from panscan.photos.words import describe, why

    path = planned.photo.path
    folder = job.folder or path.parent
    later = [file for found in planned.sets for file in job.finishing.outputs(job.base(path, found.ratio))]
    check_outputs([*output_paths(planned, folder), *later], job.overwrite)
    written = write_shots(planned, folder, write_output, job.describe_with)
    told = [f"{path.name}: {describe(planned.perception)}", *(f"  note: {note}" for note in planned.photo.notes)]
    for found in planned.sets:
        told += [f"  {found.ratio} {shot.shot}: {why(shot, planned.perception)}" for shot in found.shots]
        told += [f"  {found.ratio} {name}: none; {reason}" for name, reason in found.absent.items()]
    crops = len(written) - 3
    return (*told, f"  wrote {crops} crop{'s' * (crops != 1)}, and {short_path(written[-1])}")
