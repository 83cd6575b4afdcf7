"""Faults of how a source was read before a timeline was made of it: the movie and its timeline are wrong alike."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import looks
import media
from faults import edits, kinds
from faults.fault import Fault, Plant
from faults.films import CANVAS
from faults.kinds import Stage
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect
from panscan.timeline.fields import with_fields

KINDS = ("still camera", "dark", "split", "dissolves")


def _shown_through(*matrix: float) -> Plant:
    """The source is shown through a matrix that nobody saw."""

    def plant(stage: Stage, target: Path) -> Stage:
        film = Path(shutil.copy(stage.source.path, target.with_name("film.mp4")))
        timeline = edits.over(stage.timeline, media.show_through(film, matrix))
        return replace(stage, folder=target.parent, timeline=timeline)

    return plant


def _of_fields(taken_for: str) -> Plant:
    """The source is made of fields, the top one first, and was taken for something else."""

    def plant(stage: Stage, target: Path) -> Stage:
        source = probe(looks.fields(target.with_name("film.mp4"), looks.woven(0, 1), flag="tff"))
        display = source.video.display_size
        keys = key_values_of_crop(Rect(0, 100, CANVAS.width, CANVAS.height), CANVAS, display)
        still = Framing(CANVAS, display, source.video.rate, (Cell(0, 0, CANVAS, Camera((0,), *((v,) for v in keys))),))
        timeline = kinds.clips(source, [(0, source.frame_count)], [still])
        wrong = Stage(target.parent, source, with_fields(timeline, target.parent, lambda _: taken_for), target)
        return replace(wrong, movie=wrong.render(wrong.timeline, target))

    return plant


_WHY = "a film of its own"
FAULTS = (
    Fault("of a mirrored source, not mirrored", _shown_through(-1, 0, 0, 1), "position", KINDS),
    Fault("of a source that stands on its head, upside down", _shown_through(-1, 0, 0, -1), "position", KINDS),
    Fault("combs of an interlaced source", _of_fields("progressive"), "fields", KINDS[:1], why=_WHY),
    Fault("fields of the source in the wrong order", _of_fields("bottom_first"), "fields", KINDS[:1], why=_WHY),
)
