"""The stage in which media is looked at; long media in parts, which other workers may do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan import __version__, ingest, pipeline
from panscan.errors import InputError
from panscan.measure import AnalysisPart, analysis_part, analysis_parts, measure_part
from panscan.model.media import Media
from panscan.model.request import Models
from panscan.service.sharing import fetch, hand_in, media_here, offer_media, pack, share_out, unpack
from panscan.service.work_order import SharedPart, WorkOrder, WorkReport

_STAGE = "analyse"


def analyse_media(order: WorkOrder, media: Media, models: Models, report: WorkReport) -> pipeline.MovieAnalysis:
    """Look at the media of a job. What was measured of it before, here or by other workers, is not measured again."""
    if parts := analysis_parts(media):
        _share_spans(order, media, models, parts, report)
    fields, progress = order.spec.deinterlace, partial(report.progress, _STAGE)
    return pipeline.analyse(Path(media.path), models=models, deinterlace=fields, progress=progress)


def _share_spans(
    order: WorkOrder, media: Media, models: Models, parts: tuple[AnalysisPart, ...], report: WorkReport
) -> None:
    sound, *spans = parts
    measure_part(media, sound, models=models)
    hand_in(order, _name(sound), _packed(sound, order))
    offered = {"media": offer_media(order, media), "sound": _told(sound)}
    by_name = {_name(span): span for span in spans}
    shared = [SharedPart(name, _STAGE, _told(span) | offered, span.end - span.first) for name, span in by_name.items()]

    def make(part: SharedPart) -> Path:
        measure_part(media, by_name[part.name], models=models, progress=partial(report.progress, _STAGE))
        return _packed(by_name[part.name], order)

    share_out(order, report, shared, make, lambda part, file: _take(by_name[part.name], file))


def measure_shared(order: WorkOrder, part: SharedPart, report: WorkReport) -> Path:
    """Look at a part of the media of another worker's job.

    Raises
    ------
    InputError
        The media is not on this machine, or it is looked at otherwise here.
    """
    media = ingest.probe(media_here(order, part.what["media"]), deinterlace=order.spec.deinterlace, photos=False)
    models = order.spec.requests()[0][0].models
    span, sound = _part(media, part.what), _part(media, part.what["sound"])
    if _name(span) != part.name:
        raise InputError(
            f"{part.name} cannot be measured here",
            why="Another panscan has the job, which looks otherwise at this media.",
            fix="Let all workers run the same installation.",
        )
    file = order.part / "sound.product"
    if fetch(order, _name(sound), file):
        _take(sound, file)
    measure_part(media, span, models=models, progress=partial(report.progress, _STAGE))
    return _packed(span, order)


def _told(part: AnalysisPart) -> dict[str, Any]:
    return {"name": part.name, "first": part.first, "end": part.end}


def _part(media: Media, told: Mapping[str, Any]) -> AnalysisPart:
    return analysis_part(media, told["name"], told["first"], told["end"])


def _name(part: AnalysisPart) -> str:
    """The name of a part: the name of its folder and our version stand for all that decides about its values."""
    of = f"{part.folder.name} {__version__}"
    return f"{_STAGE}-{part.name}-{blake2b(of.encode(), digest_size=8).hexdigest()}"


def _packed(part: AnalysisPart, order: WorkOrder) -> Path:
    whole = part.folder.glob("[!.]*.npz")  # another process may be at work on hidden ones
    return pack({path.name: path for path in sorted(whole)}, order.part / f"{part.name}.zip")


def _take(part: AnalysisPart, product: Path) -> None:
    unpack(product, part.folder)
