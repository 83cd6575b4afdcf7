"""The stages of a job up to its timelines: media fetched, looked at, framed. Nothing is rendered before that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

from PIL import Image

from panscan import __version__, ingest, pipeline
from panscan.deliver import deliver
from panscan.errors import InputError, UsageError
from panscan.files import write_bytes
from panscan.model.media import Media
from panscan.model.request import NamedPerson, Override, Request
from panscan.request.override_files import movie_overrides, movie_people
from panscan.serve.guard import AllowedFolders
from panscan.service.analysis import analyse_media
from panscan.service.crops import WITHOUT_SPEAKER, with_other_version
from panscan.service.products import Products
from panscan.service.results import Results
from panscan.service.spec import file_stem
from panscan.service.storage import Connection, StoragePolicy, fetch_source
from panscan.service.work_order import WorkOrder
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.otio_types import Timeline

_THUMBNAIL_PX = 320  # width of a job's picture in lists
_THUMBNAIL_SHARE = Fraction(1, 10)  # of the movie: behind titles that fade in


@dataclass(frozen=True, slots=True)
class FramedShape:
    """One shape of a job, with its timeline.

    Attributes
    ----------
    ratio : str
    path : Path
        The timeline's file; all else of this shape lies beside it.
    timeline : Timeline
    """

    ratio: str
    path: Path
    timeline: Timeline

    def beside(self, suffix: str) -> Path:
        """The path of another file of this shape."""
        return self.path.with_name(f"{self.path.name.removesuffix('.otio')}{suffix}")


def storage_policy(order: WorkOrder) -> StoragePolicy:
    """What the operator of this machine allows."""
    return StoragePolicy.of_environment(AllowedFolders(order.read_folders))


def connection_named(order: WorkOrder, name: str) -> Connection:
    """A stored connection of the account.

    Raises
    ------
    UsageError
        It has none of this name.
    """
    if name not in order.connections:
        raise UsageError(f"there is no connection {name}", why="The account has none of this name.", fix="Store it.")
    return Connection.from_json(order.connections[name])


def fetch_media(order: WorkOrder, results: Results) -> Media:
    """The media on this machine; its length is counted before anything else is done with it.

    Raises
    ------
    InputError, UsageError, TemporaryError
        It cannot be had, or is no movie.
    JobHeld
        The account has not enough minutes left.
    """
    products, note = Products(order.folder), order.folder / "source.json"
    report = results.report
    report.progress("ingest")
    kept = products.facts(note).get("media", "")
    if kept and products.is_made(note, "source") and Path(kept).is_file():
        path = Path(kept)
    else:
        fetched = fetch_source(
            order.spec.source,
            order.folder / "source",
            policy=storage_policy(order),
            connections=lambda name: connection_named(order, name),
            uploads=lambda upload: order.uploads / order.account_id / upload,
            progress=lambda done, total: report.progress("ingest", done, total or 0),
        )
        path = fetched.path
        facts = {"path": str(path), "sha256": fetched.sha256, "size_bytes": fetched.size_bytes}
        write_bytes(json.dumps(facts).encode(), note, private=True)
        products.note(note, "source", media=str(path))
    media = ingest.probe(path, deinterlace=order.spec.deinterlace, photos=False)
    report.confirm(float(media.duration_s))
    return media


def frame_media(order: WorkOrder, media: Media, results: Results) -> list[FramedShape]:
    """The timelines of all shapes and what editors get, written before anything is rendered."""
    results.report.progress("analyse")
    products, output = Products(order.folder), order.output
    stem = file_stem(Path(media.path).name if order.spec.source.upload else order.spec.source.name)
    wanted = [(request, output / f"{stem}.{slug}.otio") for request, slug in order.spec.requests()]
    of = _decided_by(order, media)
    if not all(products.is_made(path, of) for _, path in wanted):
        _write_timelines(order, media, wanted, of, results)
    results.report.progress("plan")
    _write_thumbnail(media, order.folder / "thumbnail.jpg")
    shapes = [
        FramedShape(str(request.ratio), path, read_timeline(path))
        for request, path in wanted
        if request.with_speaker or not order.spec.is_both
    ]
    for shape in shapes:
        results.add(shape.ratio, "otio", shape.path)
        for name in order.spec.exports:
            _export(order, shape, name, results)
    results.tell()
    return shapes


def _decided_by(order: WorkOrder, media: Media) -> str:
    """Digest of all that decides about the timelines of a job."""
    asked = order.spec.to_json()
    said = {name: asked[name] for name in asked if name not in ("source", "destination", "webhook", "payload")}
    text = json.dumps([said, media.digest, __version__], sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _write_timelines(
    order: WorkOrder, media: Media, wanted: Sequence[tuple[Request, Path]], of: str, results: Results
) -> None:
    overrides, people = _decisions(order, media)  # first: what is wrong in them is told before hours of work
    # Weights are the same for all shapes: the media is looked at once.
    models = wanted[0][0].models
    analysis = analyse_media(order, media, models, results.report)
    for request, path in wanted:
        timeline: Any = pipeline.reframe(analysis, replace(request, overrides=overrides, people=people))
        write_timeline(timeline, path)
        Products(order.folder).note(path, of)


def _decisions(order: WorkOrder, media: Media) -> tuple[tuple[Override, ...], tuple[NamedPerson, ...]]:
    """What the client decided by hand, for shots and for names of people."""
    if not order.spec.overrides:
        return (), ()
    file = order.folder / "overrides.toml"
    write_bytes(order.spec.overrides.encode(), file, private=True)
    try:
        return movie_overrides(file, media), movie_people(file, media)
    except UsageError as error:  # it names what was sent, not where it is kept
        raise UsageError(error.what.replace(str(file), "overrides"), why=error.why, fix=error.fix) from error


def _export(order: WorkOrder, shape: FramedShape, name: str, results: Results) -> None:
    is_crops = name == "crops-json"
    try:
        options = {"include_subjects": order.spec.include_subjects} if is_crops else None
        artifact = deliver(shape.timeline, name, folder=shape.path.parent, options=options)
    except InputError as error:  # what one format cannot say stops no other
        results.refuse(shape.ratio, name, error.what, error.why)
        return
    paths = [shape.beside(suffix) for suffix in artifact.files]
    for path, data in zip(paths, artifact.files.values(), strict=True):
        write_bytes(_with_both(order, shape, data) if is_crops and order.spec.is_both else data, path)
    for loss in artifact.losses:
        results.warn(f"{name} of {shape.ratio} does not carry {loss.what}", loss.why)
    results.add(shape.ratio, name, paths[0])


def _with_both(order: WorkOrder, shape: FramedShape, crops: bytes) -> bytes:
    with_subjects = order.spec.include_subjects
    return with_other_version(crops, shape.beside(WITHOUT_SPEAKER), include_subjects=with_subjects)


def _write_thumbnail(media: Media, path: Path) -> None:
    if path.is_file():
        return
    for picture in ingest.stills(media, [int(media.frame_count * _THUMBNAIL_SHARE)], _THUMBNAIL_PX):
        part = path.with_name(".thumbnail.part.jpg")
        Image.fromarray(picture).save(part)
        part.replace(path)
