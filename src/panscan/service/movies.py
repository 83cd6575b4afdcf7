"""The stages of a job from its timelines on: movies rendered, judged, and sent to where they were asked to go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from panscan.files import write_bytes
from panscan.ingest.media.probe import content_digest
from panscan.model.media import Media
from panscan.render import LadderResult, RenderResult, RenderSettings, ladder, render_many
from panscan.service.products import Products, file_digest
from panscan.service.rendering import remove_segments, render_long
from panscan.service.results import Results
from panscan.service.spec import STREAMS
from panscan.service.stages import FramedShape, connection_named, storage_policy
from panscan.service.storage import check_destination, publish
from panscan.service.work_order import WorkOrder, WorkReport
from panscan.verify import Inspection, inspect, report_page

_UNVERIFIED = ".unverified.mp4"  # the ending of a movie until it is judged


def render_movies(order: WorkOrder, media: Media, shapes: Sequence[FramedShape], results: Results) -> None:
    """Render what is not there yet: movies of all shapes from one decoding, streams one after the other."""
    results.report.progress("render")
    products = Products(order.folder)
    if "mp4" in order.spec.movies:
        missing = [shape for shape in shapes if not _has_movie(products, shape)]
        parts = [order.part / shape.beside(_UNVERIFIED).name for shape in missing]
        for made in _render(order, media, missing, parts, results.report):
            for note in made.notes:
                results.warn(note)
        for shape, part in zip(missing, parts, strict=True):
            products.publish(part, shape.beside(_UNVERIFIED), file_digest(shape.path))
        remove_segments(order)
    for kind in STREAMS:
        if kind in order.spec.movies:
            for shape in shapes:
                _stream(order, shape, kind, results)


def _has_movie(products: Products, shape: FramedShape) -> bool:
    of = file_digest(shape.path)
    return any(products.is_made(shape.beside(suffix), of) for suffix in (".mp4", ".rejected.mp4", _UNVERIFIED))


def _render(
    order: WorkOrder, media: Media, shapes: Sequence[FramedShape], parts: Sequence[Path], report: WorkReport
) -> list[RenderResult]:
    if not shapes:
        return []
    # Of others a killed render soon catches up, and in one piece they cost less.
    if media.is_long:
        return render_long(order, media, shapes, parts, report)
    return render_many(
        [(shape.timeline, part) for shape, part in zip(shapes, parts, strict=True)],
        folder=shapes[0].path.parent,
        settings=RenderSettings(),
        progress=lambda done, total: report.progress("render", done, total),
        digest=content_digest,
    )


def verify_movies(order: WorkOrder, shapes: Sequence[FramedShape], results: Results) -> None:
    """Judge each movie; only then does it get its own name, or that of a rejected one."""
    results.report.progress("verify")
    products = Products(order.folder)
    for number, shape in enumerate(shapes if "mp4" in order.spec.movies else ()):
        report = shape.beside(".report.json")
        movie, rejected, waiting = (shape.beside(suffix) for suffix in (".mp4", ".rejected.mp4", _UNVERIFIED))
        of = file_digest(shape.path)
        if products.is_made(waiting, of):
            found = _inspected(waiting, shape, number, len(shapes), results)
            final = rejected if found.report.verdict == "REJECTED" else movie
            _write_report(found, final, report, shape.beside(".html"))
            products.publish(waiting, final, of)
        is_good = products.is_made(movie, of)
        results.add(shape.ratio, "mp4", movie if is_good else rejected, "ready" if is_good else "rejected")
        results.add(shape.ratio, "report", report)
        results.judge(shape.ratio, json.loads(report.read_text(encoding="utf-8")))
    results.tell()


def _inspected(movie: Path, shape: FramedShape, number: int, count: int, results: Results) -> Inspection:
    """What the verifier finds, told as the progress of all movies."""

    def progress(done: int, total: int) -> None:
        results.report.progress("verify", number * total + done, count * total)

    return inspect(movie, shape.timeline, folder=shape.path.parent, progress=progress)


def _write_report(found: Inspection, movie: Path, path: Path, page: Path) -> None:
    found = replace(found, report=replace(found.report, output=movie))
    write_bytes(json.dumps(found.report.to_json()).encode(), path)
    write_bytes(report_page(found).encode("utf-8", "backslashreplace"), page)


class _StreamRejected(Exception):
    """The verifier rejects the largest movie of a stream."""


def _stream(order: WorkOrder, shape: FramedShape, kind: str, results: Results) -> None:
    """A folder for streaming, rendered and judged in one go."""
    products, folder, of = Products(order.folder), shape.beside(f".{kind}"), file_digest(shape.path)
    report = shape.beside(f".{kind}.report.json")
    if not products.is_made(folder, of):

        def judge(movie: Path) -> None:
            found = inspect(movie, shape.timeline, folder=shape.path.parent)
            _write_report(found, folder, report, shape.beside(f".{kind}.html"))
            if found.report.verdict == "REJECTED":
                raise _StreamRejected

        try:
            made = _ladder(shape, order.part / folder.name, kind, judge, results)
            products.publish(order.part / folder.name, folder, of, master=made.master.name)
        except _StreamRejected:
            results.refuse(shape.ratio, kind, "it was rejected", "See its report.")
            results.outputs[shape.ratio, kind]["state"] = "rejected"
    results.judge(shape.ratio, json.loads(report.read_text(encoding="utf-8")))
    if folder.is_dir():
        results.add(shape.ratio, kind, folder / products.facts(folder)["master"])


def _ladder(shape: FramedShape, output: Path, kind: str, judge: Any, results: Results) -> LadderResult:
    return ladder(
        shape.timeline,
        folder=shape.path.parent,
        output=output,
        kind=kind,
        progress=lambda done, total: results.report.progress("render", done, total),
        digest=content_digest,
        verify_movie=judge,
    )


def refuse_wrong_destination(order: WorkOrder) -> None:
    """Raise an error where results could never be sent, before anything is made.

    Raises
    ------
    PanscanError
        The destination is not allowed, not there, or its keys are unknown.
    """
    if order.spec.destination is not None:
        check_destination(
            order.spec.destination,
            policy=storage_policy(order),
            connections=lambda name: connection_named(order, name),
        )


def send_results(order: WorkOrder, results: Results) -> None:
    """Send what was made to the job's destination; rejected movies stay here."""
    results.report.progress("deliver")
    if order.spec.destination is None:
        return
    files = {path.relative_to(order.output).as_posix(): path for path in sorted(_to_send(order.output))}
    sent = publish(
        files,
        order.spec.destination,
        owner=order.job_id,
        policy=storage_policy(order),
        connections=lambda name: connection_named(order, name),
        is_retry=order.attempt > 1,
        progress=lambda done, total: results.report.progress("deliver", done, total or 0),
    )
    places = {(order.output / one.name).relative_to(order.folder).as_posix(): one for one in sent}
    for output in results.outputs.values():
        if place := places.get(output.get("path", "")):
            output |= {"url": place.url} | ({"key": place.key} if place.key else {})
    results.tell()


def _to_send(folder: Path) -> list[Path]:
    """What is whole and may be seen: no rejected movies, and none that are not judged yet."""
    hidden = (".rejected.", ".unverified.")
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return [path for path in found if not any(mark in path.name for mark in hidden)]
