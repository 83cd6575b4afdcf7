"""The rendering of long movies: in segments that outlive a killed attempt, the shapes of a job from one decoding."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from panscan.decoding.index import read_index
from panscan.ingest.media.probe import content_digest
from panscan.render import (
    RenderResult,
    RenderSettings,
    SegmentedMovie,
    encodable_together,
    encode_segments,
    prepare_segments,
    render,
)
from panscan.service.stages import FramedShape
from panscan.service.work_order import WorkOrder, WorkReport
from panscan.timeline.flatten import renderable_cut

_STAGE = "render"
# Seconds of movie. Below that, a killed render soon catches up, and the movie is the one that `panscan render` makes:
# in one piece, with its timecode.
_LONG_S = 20 * 60


def is_long(shape: FramedShape) -> bool:
    """Whether a movie is rendered in segments."""
    cut = renderable_cut(shape.timeline, folder=shape.path.parent)
    # Media in which no place can be found would be decoded from its start for each segment.
    return cut.frame_count / cut.rate > _LONG_S and read_index(cut.clips[0].path).is_seekable


def render_long(
    order: WorkOrder, shapes: Sequence[FramedShape], outputs: Sequence[Path], report: WorkReport
) -> list[RenderResult]:
    """Render movies of the shapes of a job; segments that an earlier attempt has encoded are not encoded again."""
    home = _taken_over(order)
    jobs = [_MovieJob(shape, output, home / shape.path.stem) for shape, output in zip(shapes, outputs, strict=True)]
    _encode_missing([job.prepared() for job in jobs], report)
    return [job.joined() for job in jobs]


def remove_segments(order: WorkOrder) -> None:
    """Remove the segments of movies that are made."""
    for folder in order.folder.glob("attempt-*.segments"):
        shutil.rmtree(folder, ignore_errors=True)


def _taken_over(order: WorkOrder) -> Path:
    """The folder of this attempt's segments: what earlier ones have left, which they cannot go on with from here on."""
    own = _folder(order, order.attempt)
    for number in range(order.attempt - 1, 0, -1):
        with suppress(OSError):
            _folder(order, number).rename(own)
    return own


def _folder(order: WorkOrder, attempt: int) -> Path:
    return order.folder / f"attempt-{attempt}.segments"


@dataclass(frozen=True, slots=True)
class _MovieJob:
    """A movie to be rendered in segments.

    Attributes
    ----------
    shape : FramedShape
    output : Path
        The movie.
    folder : Path
        Of its segments.
    """

    shape: FramedShape
    output: Path
    folder: Path

    def prepared(self) -> SegmentedMovie:
        """Its segments."""
        return prepare_segments(
            self.shape.timeline,
            output=self.output,
            parts_folder=self.folder,
            folder=self.shape.path.parent,
            settings=RenderSettings(),
            digest=content_digest,
        )

    def joined(self) -> RenderResult:
        """The movie, made of its segments."""
        return render(
            self.shape.timeline,
            output=self.output,
            parts_folder=self.folder,
            folder=self.shape.path.parent,
            settings=RenderSettings(),
            digest=content_digest,
        )


def _encode_missing(movies: Sequence[SegmentedMovie], report: WorkReport) -> None:
    total = sum(movie.frame_count for movie in movies)
    missing = sorted((order for movie in movies for order in movie.missing), key=lambda order: order.first)
    done = total - sum(order.frame_count for order in missing)
    report.progress(_STAGE, done, total)
    for orders in encodable_together(missing):
        size = sum(order.frame_count for order in orders)
        encode_segments(orders, partial(_tell, report, done, size, total))
        done += size


def _tell(report: WorkReport, before: int, size: int, whole: int, done: int, total: int) -> None:
    """How far the stage is: `done` of `total` pictures of what is at work, which is `size` frames after `before`."""
    report.progress(_STAGE, before + size * done // total, whole)
