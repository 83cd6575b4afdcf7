"""Framing a timeline in memory: what `-A ratio=9:16` and the hook do before anything is written."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan import pipeline
from panscan.errors import InputError, UsageError
from panscan.ingest.cuts.addresses import is_web
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.request import Request
from panscan.request.options import request_for
from panscan.timeline.editorial import EditorCut
from panscan.timeline.effect import framing_of
from panscan.timeline.files import write_timeline
from panscan.timeline.paths import media_path

_log = logging.getLogger("otio_panscan")


def reframed(
    timeline: Any,
    *,
    ratio: str | None = None,
    preset: str | None = None,
    method: str | None = None,
    mode: str | None = None,
    layouts: str | None = None,
    canvas: str | None = None,
    relink: str | None = None,
    folder: Path | str = ".",
) -> Any:
    """The timeline with a camera on each clip, as `panscan reframe` makes it.

    One whose cameras are all for this canvas already is returned as it is, so that calling this again changes nothing
    and keys that were moved by hand stay. The timeline given is never changed.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    ratio : str
        The shape to make, e.g. "9:16".
    preset, method, mode, layouts, canvas : str, optional
        As in `panscan reframe`.
    relink : str, optional
        Folder in which missing media is looked for.
    folder : Path or str
        Where relative media paths start.

    Raises
    ------
    UsageError
        The ratio is missing, or another argument is wrong.
    InputError
        It is no timeline, or its media cannot be used.
    """
    if ratio is None:
        raise UsageError("no ratio was given", why="The other arguments need one.", fix="Give ratio=9:16 too.")
    if not isinstance(timeline, otio.schema.Timeline):
        raise InputError(
            f"a {type(timeline).__name__} cannot be reframed",
            why="panscan frames the clips of one timeline.",
            fix="Convert the timeline itself.",
        )
    request = request_for(ratio, canvas=canvas, preset=preset, method=method, mode=mode, layouts=layouts)
    if _is_framed(timeline, request):
        return timeline
    cut = _read(timeline, Path(folder), relink)
    for note in cut.unframed:
        _log.warning("left alone: %s", note)
    attached = pipeline.reframe_cut(pipeline.analyse_cut(cut, models=request.models), request)
    for note in attached.notes:
        _log.warning("%s", note)
    return attached.timeline


def _is_framed(timeline: Any, request: Request) -> bool:
    framings = [framing for clip in timeline.find_clips() if (framing := framing_of(clip)) is not None]
    return bool(framings) and all(framing.canvas == request.canvas for framing in framings)


def _read(timeline: Any, folder: Path, relink: str | None) -> EditorCut:
    """The cut as the ingest reads it from a file; relative media paths are made absolute first."""
    copy = timeline.deepcopy()
    for clip in copy.find_clips():
        reference = clip.media_reference
        if isinstance(reference, otio.schema.ExternalReference) and not is_web(reference.target_url):
            reference.target_url = media_path(reference.target_url, folder).absolute().as_uri()
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "cut.otio"
        write_timeline(copy, path)
        try:
            return read_editor_cut(path, relink=Path(relink) if relink is not None else None)
        except InputError as error:  # the file is ours; nobody knows it
            what = error.what.replace(str(path), f"timeline {timeline.name!r}")
            fix = "Say with folder=FOLDER where relative paths start, or with relink=FOLDER where to look for media."
            raise InputError(what, why=error.why, fix=fix) from error
