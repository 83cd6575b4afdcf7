"""Kinds of clips that hide faults differently: still, slow, dark, split, mixed, of other rates, of more bits."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import opentimelineio as otio

import cut_sounds
import media
from faults import films
from faults.films import CANVAS, CUTS, FRAMES, RATE, SIZE
from panscan.ingest.media.probe import probe
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.flatten import renderable_cut
from panscan.verify import Finding, Report, verify
from panscan.verify.checks.sound import check_sound
from panscan.verify.expectation import Expectation

SHORT = 40  # frames of the clips of one shot
SETTINGS = RenderSettings(crf=17, threads=1)  # with more, x264 makes another movie on a busy machine
_NTSC_TICK = Fraction(1, 30000)


@dataclass(frozen=True)
class Stage:
    """A film, the timeline over it, and a movie to be judged by that timeline.

    folder: of the film; source: its media; movie: at first the honest one; is_cfr: it was given a constant rate.
    """

    folder: Path
    source: Any
    timeline: Any
    movie: Path
    is_cfr: bool = False

    def render(self, timeline: Any, target: Path) -> Path:
        """A movie of another timeline over the same film."""
        render(timeline, folder=self.folder, output=target, settings=replace(SETTINGS, cfr=self.is_cfr))
        return target

    def report(self) -> Report:
        """What the verifier says of the movie."""
        return verify(self.movie, self.timeline, folder=self.folder, is_cfr=self.is_cfr)

    def sound(self) -> Finding:
        """What it says of the sound alone."""
        expectation = Expectation(renderable_cut(self.timeline, folder=self.folder), is_cfr=self.is_cfr)
        with av.open(str(self.movie)) as movie:
            start_s = min(p.pts * p.time_base for p in movie.demux(movie.streams.video[0]) if p.pts is not None)
        try:
            return check_sound(self.movie, expectation, start_s)
        finally:
            expectation.close()


def clips(source: Any, ranges: Sequence[tuple[int, int]], framings: Sequence[Framing]) -> Any:
    """A timeline of some ranges of a film, each with a framing."""
    framings = [replace(framing, rate=source.video.rate) for framing in framings]
    shots = [(Shot(*frames), framing) for frames, framing in zip(ranges, framings, strict=True)]
    return build_timeline(source, shots, name="faults", recipe={})


def one_clip(framing: Callable[[int], Framing]) -> Callable[[Any], Any]:
    """The whole film in one clip; `framing` is told how many frames it has."""
    return lambda source: clips(source, [(0, source.frame_count)], [framing(source.frame_count)])


def three_shots(source: Any, *, cuts: tuple[int, int] = CUTS, canvas: Size = CANVAS) -> Any:
    """One clip per shot: a slow pan, a fast one, and two cells."""
    ranges = [(0, cuts[0]), cuts, (cuts[1], source.frame_count)]
    pans = [films.pan(canvas, *ranges[0], 60.0, 84.0), films.pan(canvas, *ranges[1], 60.0, 360.0)]
    return clips(source, ranges, [*pans, films.halves(canvas)])


def recut(ranges: Sequence[tuple[int, int]]) -> Callable[[Any], Any]:
    """Pieces of the film under cameras that pan from places of their own."""
    pans = [films.pan(CANVAS, *piece, 70.0 + 150 * n, 62.0 + 150 * n) for n, piece in enumerate(ranges)]
    return lambda source: clips(source, ranges, pans)


def dissolves(source: Any) -> Any:
    """Three pieces of the film, of three shots, with a fade in and out, a dissolve off its middle, and a dip."""
    pieces = ((2, 17), (29, 47), (52, 66))
    pans = [films.pan(CANVAS, *piece, 60.0, 300.0) for piece in pieces]
    timeline = clips(source, pieces, [pans[0], films.halves(CANVAS), pans[2]])
    track = timeline.video_tracks()[0]
    for at, kind, name, frames in (
        (3, "SMPTE_Dissolve", "fade out", (6, 0)), (2, "Custom_Transition", "Dip to Black", (4, 4)),
        (1, "SMPTE_Dissolve", "dissolve", (5, 7)), (0, "SMPTE_Dissolve", "fade in", (0, 6)),
    ):  # fmt: skip
        track.insert(at, otio.schema.Transition(name, kind, *(otio.opentime.RationalTime(n, 25) for n in frames)))
    return timeline


_PAN, _STILL = (
    one_clip(lambda count, end_px=end_px: films.pan(CANVAS, 0, count, 90.0, end_px)) for end_px in (102.0, 90.0)
)


@dataclass(frozen=True)
class Kind:
    """One kind of clip.

    edit: the timeline of its film; pts in units of `time_base`; sound: of a seed, so many seconds long.
    """

    name: str
    edit: Callable[[Any], Any] = _PAN
    scene: media.Scene = films.drifting
    rate: Fraction = RATE
    pts: Sequence[int] = range(SHORT)
    time_base: Fraction | None = None
    pixel_format: str = "yuv420p"
    sounds: int = 1
    sound: Callable[[int, float], npt.NDArray[np.floating]] = films.noise
    is_cfr: bool = False

    def stage(self, folder: Path) -> Stage:
        """Film, timeline and honest movie, made unless they lie there, by one process at a time."""
        film, movie = folder / "film.mp4", folder / "honest.mp4"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not movie.exists():
                self._write(film)
            source = probe(film)
            stage = Stage(folder, source, self.edit(source), movie, self.is_cfr)
            if not movie.exists():
                stage.render(stage.timeline, movie)
        return stage

    def _write(self, film: Path) -> None:
        pictures = film.with_name("pictures.mp4")
        media.write_clip(
            pictures, self.scene, size=SIZE, rate=self.rate, pts=self.pts, time_base=self.time_base,
            pixel_format=self.pixel_format, tones={},
        )  # fmt: skip
        seconds = float((self.pts[-1] - self.pts[0]) * (self.time_base or 1 / self.rate) + 1 / self.rate)
        films.with_sound(pictures, film, *(self.sound(n + 1, seconds) for n in range(self.sounds)))


_VARIABLE = Kind(
    "variable rate", rate=media.NTSC_RATE, pts=media.vfr_pts(SHORT, _NTSC_TICK).tolist(), time_base=_NTSC_TICK
)
KINDS = {
    kind.name: kind
    for kind in (
        Kind("still camera", _STILL),
        Kind("slow pan"),
        Kind("nearly still picture", _STILL, films.nearly_still),
        Kind("dark", scene=films.dark),
        Kind("split", one_clip(lambda _count: films.halves(CANVAS))),
        Kind("fit", one_clip(lambda _count: films.whole(CANVAS))),
        Kind("on a background", one_clip(lambda _count: films.on_background(CANVAS))),
        Kind("29.97", recut([(0, 22), (22, 40)]), rate=media.NTSC_RATE),
        _VARIABLE,
        replace(_VARIABLE, name="variable rate made constant", is_cfr=True),
        Kind("two languages", _STILL, sounds=2),
        Kind("music", sound=cut_sounds.music),
        Kind("film sound", sound=films.film_sound),
        Kind("10 bit", recut([(18, 37), (2, 18)]), pixel_format="yuv420p10le"),
        Kind("three shots", three_shots, films.scene, pts=range(FRAMES)),
        Kind("dissolves", dissolves, films.scene, pts=range(FRAMES)),
    )
}
