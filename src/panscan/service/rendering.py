"""The rendering of long movies: in segments that outlive a killed attempt, and that other workers may encode.

The shapes of a job share one decoding where their segments fit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan.errors import InputError
from panscan.ingest.media.probe import content_digest
from panscan.model.media import Media
from panscan.render import (
    RenderResult,
    RenderSettings,
    SegmentedMovie,
    SegmentOrder,
    encodable_together,
    encode_segments,
    prepare_segments,
    relocate_media,
    render,
)
from panscan.service.sharing import fetch, hand_in, media_here, offer_media, pack, share_out, unpack
from panscan.service.stages import FramedShape
from panscan.service.work_order import SharedPart, WorkOrder, WorkReport

_STAGE = "render"
# Before a worker encodes anything it reads the timelines and what the media holds, which takes the longer the longer
# the movie is: so parts are longer, too.
_PART_S, _MAX_PARTS = 180, 24

Group = Sequence[SegmentOrder]  # encoded from one decoding


def render_long(
    order: WorkOrder, media: Media, shapes: Sequence[FramedShape], outputs: Sequence[Path], report: WorkReport
) -> list[RenderResult]:
    """Render movies of the shapes of a job; segments that are there, whoever encoded them, are not encoded again."""
    home = _taken_over(order)
    jobs = [_MovieJob(shape, output, home / shape.path.stem) for shape, output in zip(shapes, outputs, strict=True)]
    _share_segments(order, media, [job.prepared() for job in jobs], report)
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
        return prepare_segments(self.shape.timeline, **self._settings)

    def joined(self) -> RenderResult:
        """The movie, made of its segments."""
        return render(self.shape.timeline, **self._settings)

    @property
    def _settings(self) -> dict[str, Any]:
        """The same for both: others would make other segments."""
        return {
            "output": self.output,
            "parts_folder": self.folder,
            "folder": self.shape.path.parent,
            "settings": RenderSettings(),
            "digest": content_digest,
        }


def _share_segments(order: WorkOrder, media: Media, movies: Sequence[SegmentedMovie], report: WorkReport) -> None:
    """Have all segments encoded, here and by other workers."""
    folders = [movie.folder for movie in movies]
    told = {
        "media": offer_media(order, media),
        "address": Path(media.path).resolve().as_uri(),
        "timelines": [_offer_timeline(order, movie) for movie in movies],
        "settings": asdict(movies[0].orders[0].settings),
    }
    runs = {_name(run, movies): run for run in _runs(movies, media)}
    parts = [
        SharedPart(name, _STAGE, told | {"segments": [_told(group, folders) for group in run]}, _size(run))
        for name, run in runs.items()
    ]

    def make(part: SharedPart) -> Path:
        _encode(runs[part.name], report)
        return _packed(runs[part.name], folders, order, part)

    share_out(order, report, parts, make, lambda part, file: _take(order.part / part.name, file, folders))


def encode_shared(order: WorkOrder, part: SharedPart, report: WorkReport) -> Path:
    """Encode segments of another worker's job.

    Raises
    ------
    InputError
        The media is not on this machine.
    """
    media = media_here(order, part.what["media"])
    folders = [order.part / str(number) for number in range(len(part.what["timelines"]))]
    for name, folder in zip(part.what["timelines"], folders, strict=True):
        _fetch_timeline(order, name, folder, {part.what["address"]: media})
    settings = RenderSettings(**part.what["settings"])
    run = [
        [
            SegmentOrder(number, first, end, folders[movie], order.part, settings)
            for movie, number, first, end in segments
        ]
        for segments in part.what["segments"]
    ]
    _encode(run, report)
    return _packed(run, folders, order, part)


def _offer_timeline(order: WorkOrder, movie: SegmentedMovie) -> str:
    """Let other workers read the timeline of a movie, and what pictures its media has; the name of it."""
    name, one = f"{_STAGE}-timeline-{movie.digest}", movie.orders[0]
    hand_in(order, name, pack({path.name: path for path in (one.timeline, one.index)}, order.part / name))
    return name


def _fetch_timeline(order: WorkOrder, name: str, folder: Path, media: Mapping[str, Path]) -> None:
    file = order.part / f"{name}.zip"
    if not fetch(order, name, file):
        raise InputError(
            "a timeline of the job is not to be had", why="The job has ended.", fix="Nothing needs to be done."
        )
    unpack(file, folder)
    relocate_media(folder, media)


def _runs(movies: Sequence[SegmentedMovie], media: Media) -> Iterator[list[Group]]:
    """The segments of all movies in runs of one after the other, each for one worker."""
    length_s = max(_PART_S, float(media.duration_s) / _MAX_PARTS)
    run: list[Group] = []
    for group in encodable_together(sorted((one for movie in movies for one in movie.orders), key=_place)):
        run.append(group)
        if group[0].end - run[0][0].first >= length_s * media.video.rate:
            yield run
            run = []
    if run:
        yield run


def _place(order: SegmentOrder) -> int:
    return order.first


def _size(run: Sequence[Group]) -> int:
    return sum(order.frame_count for group in run for order in group)


def _name(run: Sequence[Group], movies: Sequence[SegmentedMovie]) -> str:
    """The name of a part: it stands for all that decides about its bytes."""
    of = [movie.digest for movie in movies] + [str(_told(group, [movie.folder for movie in movies])) for group in run]
    return f"{_STAGE}-{run[0][0].first}-{blake2b(' '.join(of).encode(), digest_size=8).hexdigest()}"


def _told(group: Group, folders: Sequence[Path]) -> list[list[int]]:
    """Segments as JSON: number of the movie, number in it, first and last frame."""
    return [[folders.index(order.folder), order.number, order.first, order.end] for order in group]


def _encode(run: Sequence[Group], report: WorkReport) -> None:
    """Encode what is missing of a run."""
    done, total = 0, _size(run)
    for group in run:
        size = _size([group])
        missing = [order for order in group if not order.is_encoded]
        if missing:
            encode_segments(missing, partial(_tell, report, done, size, total))
        done += size


def _tell(report: WorkReport, before: int, size: int, whole: int, done: int, total: int) -> None:
    """How far a run is: `done` of `total` pictures of a group are, which is `size` frames after `before`."""
    report.progress(_STAGE, before + size * done // total, whole)


def _packed(run: Sequence[Group], folders: Sequence[Path], order: WorkOrder, part: SharedPart) -> Path:
    """The files of a run as one; the number of the movie is a part of their names."""
    places = {
        f"{folders.index(one.folder)}-{path.name}": path
        for group in run
        for one in group
        for path in (one.path, one.note)
    }
    return pack(places, order.part / f"{part.name}.zip")


def _take(folder: Path, product: Path, folders: Sequence[Path]) -> None:
    """Put the files of a run to their places, notes last: with these, segments count as encoded."""
    for path in sorted(unpack(product, folder), key=lambda path: path.suffix == ".json"):
        number, _, name = path.name.partition("-")
        path.replace(folders[int(number)] / name)
