"""The segments of a movie: what each takes to be encoded, and which are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan.files import write_text
from panscan.render.container import mux
from panscan.render.frame_jobs import DecodePlan
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.segments.build import encoder_build
from panscan.render.segments.index_file import write_index
from panscan.render.segments.ranges import segments_of
from panscan.render.settings import RenderSettings
from panscan.render.source import MediaReader
from panscan.timeline.cut import Cut
from panscan.timeline.files import timeline_text

_ENCODER_THREADS = 4  # of each process: a fixed number, as bytes depend on it; more gain little for small canvases
TIMELINE, INDEX, _MANIFEST = "timeline.otio", "index.json", "manifest.json"  # in the folder of the segments


@dataclass(frozen=True, slots=True)
class SegmentOrder:
    """What it takes to encode one segment. The folder holds the timeline, and gets the segment.

    Attributes
    ----------
    number : int
        Of the segment, from 0.
    first, end : int
        Its record frames [first, end).
    folder : Path
        The folder of the movie's segments.
    media_folder : Path
        Where relative media paths start.
    settings : RenderSettings
        The same for all segments of a movie.
    corner_pins : tuple of CornerPin
        Homographies for cells, in place of their cameras.
    """

    number: int
    first: int
    end: int
    folder: Path
    media_folder: Path
    settings: RenderSettings
    corner_pins: tuple[CornerPin, ...] = ()

    @property
    def frame_count(self) -> int:
        """Its length in record frames."""
        return self.end - self.first

    @property
    def timeline(self) -> Path:
        """The file of the timeline."""
        return self.folder / TIMELINE

    @property
    def index(self) -> Path:
        """The file with the pictures of the first media: not needed, but to read all of a long media takes time."""
        return self.folder / INDEX

    @property
    def path(self) -> Path:
        """The file of the segment."""
        return self.folder / f"{self.number:05}{'.mov' if self.settings.codec == 'prores' else '.mp4'}"

    @property
    def note(self) -> Path:
        """The file of its timestamps; where it is there, the segment is."""
        return self.folder / f"{self.number:05}.json"

    @property
    def is_encoded(self) -> bool:
        """Whether it is there."""
        return self.note.is_file()


@dataclass(frozen=True, slots=True)
class SegmentedMovie:
    """A movie that is made of segments.

    Attributes
    ----------
    folder : Path
        Of the segments and the timeline.
    digest : str
        Of all that decides about their bytes: with another one, they are segments of another movie.
    orders : tuple of SegmentOrder
        All segments.
    """

    folder: Path
    digest: str
    orders: tuple[SegmentOrder, ...]

    @property
    def missing(self) -> list[SegmentOrder]:
        """Those that are not encoded yet."""
        return [order for order in self.orders if not order.is_encoded]

    @property
    def frame_count(self) -> int:
        """Of the whole movie."""
        return sum(order.frame_count for order in self.orders)


def media_of(cut: Cut) -> list[Path]:
    """The media that a cut shows, each once: their order is the same on all machines, wherever they lie."""
    return list(dict.fromkeys(clip.path for clip in cut.clips))


def segmented_movie(
    timeline: Any,
    plan: DecodePlan,
    *,
    folder: Path,
    media_folder: Path,
    settings: RenderSettings,
    digest: Callable[[Path], str] | None = None,
) -> SegmentedMovie:
    """The segments of a movie, in a folder that is made ready: what is there of another movie is removed.

    Raises
    ------
    RenderError
        The folder cannot be written.
    """
    fixed = replace(settings, threads=settings.threads or _ENCODER_THREADS, workers=1, jobs=0, repeatable=True)
    spans = segments_of(plan)
    manifest = _manifest(timeline, plan, fixed, spans, digest)
    _prepare(folder, manifest, timeline, plan)
    # Threads that compose decide about no byte; several processes have enough to do without them.
    own = replace(fixed, workers=settings.workers if settings.jobs < 2 else 1)
    orders = (SegmentOrder(n, *span, folder, media_folder, own, plan.corner_pins[0]) for n, span in enumerate(spans))
    return SegmentedMovie(folder, _digest(json.dumps(manifest).encode()), tuple(orders))


@contextmanager
def removed_after(folder: Path) -> Iterator[None]:
    """Remove the folder when the block ends well, after an error only if no segment is finished."""
    try:
        yield
    except BaseException:
        if not any(path.stem.isdigit() for path in folder.glob("*.json")):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _manifest(
    timeline: Any,
    plan: DecodePlan,
    settings: RenderSettings,
    spans: list[tuple[int, int]],
    digest: Callable[[Path], str] | None,
) -> dict[str, Any]:
    """All that decides about the bytes of the segments."""
    return {
        "timeline": _digest(timeline_text(timeline).encode()),
        "settings": asdict(settings),
        "media": {str(path): _state(path, digest) for path in media_of(plan.cuts[0])},
        "segments": [list(span) for span in spans],
        "tilts": [[pin.clip, pin.cell, _digest(pin.matrices.tobytes())] for pin in plan.corner_pins[0]],
        "build": encoder_build(),
    }


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _state(path: Path, digest: Callable[[Path], str] | None) -> list[Any]:
    """What differs when a file does: without a digest, its size and time."""
    if digest is not None:
        return [digest(path)]
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _prepare(folder: Path, manifest: dict[str, Any], timeline: Any, plan: DecodePlan) -> None:
    """Make the folder of the segments: as a killed run left it if they are of the same movie, else empty."""
    path = folder / _MANIFEST
    try:
        if json.loads(path.read_text(encoding="utf-8")) == manifest:
            return
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise mux.unwritable(folder, error) from error
    write_text(timeline_text(timeline), folder / TIMELINE)
    if isinstance(plan.first_reader, MediaReader):
        write_index(plan.first_reader.index, folder / INDEX)
    write_text(json.dumps(manifest), path)
