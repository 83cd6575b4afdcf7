"""Kinds of clips that hide faults differently: still, slow, dark, split, of other rates, of more bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import faults
import media
from panscan.ingest.media.probe import probe
from panscan.model.framing import Framing
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline

FRAMES = 40
_NTSC_TICK = Fraction(1, 30000)


def drifting(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """A texture that moves by part of a px a frame, with colours."""
    coarse = media.texture(60, plane, x_px - 0.7 * frame, y_px)
    if plane:
        return 128 + (coarse - 126) * 1.3
    fine = np.outer(np.sin(2 * np.pi * y_px / 6.1), np.sin(2 * np.pi * (x_px - 0.7 * frame) / 5.3))
    return coarse + 12 * fine


def nearly_still(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """A still texture in which one small thing moves by part of a px a frame."""
    still = media.texture(61, plane, x_px, y_px)
    if plane:
        return 128 + (still - 126) * 1.3
    # As nothing alive, it does not move evenly.
    at = 178 + 0.25 * frame + 3 * np.sin(frame / 4)
    column = np.clip(16 - np.abs(x_px - at), 0, 1)
    row = np.clip(20 - np.abs(y_px - 170), 0, 1)
    thing = media.texture(62, plane, 2 * (x_px - at), 2 * y_px)
    return still + np.outer(row, column) * (1.3 * (thing - 126) + 126 - still)


def dark(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """The same as `drifting` by night."""
    bright = drifting(frame, plane, x_px, y_px)
    return 128 + (bright - 128) * 0.3 if plane else 17 + (bright - 30) * 0.25


@dataclass(frozen=True)
class Kind:
    """One kind of clip and the camera over it; `pts` in units of `time_base`."""

    name: str
    scene: media.Scene = drifting
    rate: Fraction = media.FILM_RATE
    pts: Sequence[int] = range(FRAMES)
    time_base: Fraction | None = None
    pixel_format: str = "yuv420p"
    layout: str = "pan"
    drift_px: float = 12.0

    def framing(self, by_px: float = 0) -> Framing:
        """The camera, all of it `by_px` of the canvas to the right."""
        if self.layout == "halves":
            made = faults.halves(faults.CANVAS)
            cells = tuple(
                replace(c, camera=replace(c.camera, x_px=tuple(x + by_px for x in c.camera.x_px))) for c in made.cells
            )
            return replace(made, cells=cells, rate=self.rate)
        made = faults.pan(faults.CANVAS, 0, len(self.pts), 90.0, 90.0 + self.drift_px, by_px)
        return replace(made, rate=self.rate)


KINDS = (
    Kind("still camera", drift_px=0),
    Kind("slow pan"),
    Kind("nearly still picture", nearly_still, drift_px=0),
    Kind("dark", dark),
    Kind("split", layout="halves"),
    Kind("29.97", rate=media.NTSC_RATE),
    Kind("variable rate", rate=media.NTSC_RATE, pts=media.vfr_pts(FRAMES, _NTSC_TICK).tolist(), time_base=_NTSC_TICK),
    Kind("10 bit", pixel_format="yuv420p10le"),
)


def timeline(source: Any, kind: Kind, by_px: float = 0) -> Any:
    """One clip under one camera."""
    framing = replace(kind.framing(by_px), rate=source.video.rate)
    return build_timeline(source, [(Shot(0, source.frame_count), framing)], name="kind", recipe={})


def stage(kind: Kind, folder: Path, *, crf: int = 17) -> faults.Stage:
    """Film, timeline and honest movie of one kind."""
    silent = media.write_clip(
        folder / "pictures.mp4",
        kind.scene,
        size=faults.SIZE,
        rate=kind.rate,
        pts=kind.pts,
        time_base=kind.time_base,
        pixel_format=kind.pixel_format,
        tones={},
    )
    tick = kind.time_base or 1 / kind.rate
    seconds = float((kind.pts[-1] - kind.pts[0]) * tick + 1 / kind.rate)
    source = probe(faults.with_sound(silent, folder / "film.mp4", faults.noise(3, seconds)))
    made = timeline(source, kind)
    movie = folder / "honest.mp4"
    render(made, folder=folder, output=movie, settings=RenderSettings(crf=crf))
    return faults.Stage(folder, source, made, movie)


@dataclass(frozen=True)
class Fault:
    """make: writes the movie; finding: what must fail."""

    what: str
    make: Callable[[faults.Stage, Kind, Path], Any]
    finding: str


def _late(s: faults.Stage, _kind: Kind, target: Path) -> None:
    before: list[Any] = []

    def pictures(_n: int, frame: Any) -> list[Any]:
        before.append(frame)
        return [before[-2] if len(before) > 1 else frame]

    faults.remade(s.movie, target, pictures)


def _lost(s: faults.Stage, _kind: Kind, target: Path) -> None:
    """A picture is lost, and the last one stands twice: the count is right."""
    count = s.source.frame_count
    faults.remade(s.movie, target, lambda n, f: [] if n == 10 else [f, f] if n == count - 1 else [f])


def _changed(change: Callable[[int, Any], Any]) -> Callable[[faults.Stage, Kind, Path], Any]:
    return lambda s, _k, t: faults.changed(s.movie, t, change)


def _beside(s: faults.Stage, kind: Kind, target: Path) -> None:
    s.render(timeline(s.source, kind, 2), target)


FAULTS = (
    Fault("crop 2 px off", _beside, "position"),
    Fault("one frame late", _late, "moment"),
    Fault("one picture lost, the last one twice", _lost, "moment"),
    Fault(
        "one picture dropped",
        lambda s, _k, t: faults.remade(s.movie, t, lambda n, f: [] if n == 10 else [f]),
        "frame_count",
    ),
    Fault("bars", _changed(faults.barred), "bars"),
    Fault("colour planes swapped", lambda s, _k, t: faults.remade(s.movie, t, faults.swapped_planes), "chroma"),
    Fault("colours faded", _changed(lambda p, x: (x - x.mean()) * 0.7 + x.mean() if p else x), "chroma"),
    Fault("sound 60 ms late", lambda s, _k, t: faults.resounded(s.movie, t, delay_s=Fraction(60, 1000)), "sound"),
)
