"""The whole flow on one screen: media -> perception -> plan -> framings -> timeline.

Everything left of the perception is cached; everything left of the timeline can be skipped by starting from the
.otio that it is written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panscan import __version__, direct, ingest, operate
from panscan.document import timeline as document
from panscan.model.geometry import Ratio, Size, canvas_for
from panscan.model.media import Media
from panscan.model.perception import Perception
from panscan.perceive.cache import Cache
from panscan.perceive.observe import Progress, observe

_FAST_PACE = 0.4


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asked for, of one canvas."""

    ratio: Ratio
    canvas: Size
    method: str = "adaptive"
    mode: str = "balanced"

    @classmethod
    def of(cls, ratio: Ratio, *, canvas: Size | None = None, method: str = "adaptive", mode: str = "balanced") -> Brief:
        """A brief with the ratio's 1080-class canvas unless another is given."""
        return cls(ratio, canvas or canvas_for(ratio), method, mode)


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Opens the media only when a signal is missing in the cache."""

    media: Media
    fast: bool = False

    def pictures(self) -> ingest.PictureSource:
        """The pictures, decoded in order."""
        return ingest.PictureSource(self.media, fast=self.fast)

    def sound(self) -> Iterator[ingest.Samples]:
        """The sound in mono blocks."""
        return ingest.mono_blocks(self.media)


def analyse(
    path: Path, *, cache: bool = True, fast: bool = False, progress: Progress | None = None
) -> tuple[Media, Perception]:
    """Probe a media file and measure all signals, from the cache where they are known.

    `fast` decodes only pictures that others refer to and looks half as often: cuts may be a frame or two off.

    Raises
    ------
    InputError
        The file cannot be used as media.
    """
    media = ingest.probe(path)
    stored = Cache(media.digest) if cache else None
    return media, observe(
        media, Decoder(media, fast), cache=stored, pace=_FAST_PACE if fast else 1.0, progress=progress
    )


def reframe(media: Media, perception: Perception, brief: Brief) -> Any:
    """Decide, operate and document: the OTIO timeline of one canvas."""
    plan = direct.plan(media, perception, direct.Brief(brief.canvas, brief.method))
    framings = [
        (planned.shot, operate.frame_shot(planned, plan, media.video.display, media.video.rate, brief.mode))
        for planned in plan.shots
    ]
    name = f"{Path(media.path).stem} {brief.ratio}"
    return document.build(media, framings, name=name, recipe=recipe(media, perception, brief))


def recipe(media: Media, perception: Perception, brief: Brief) -> dict[str, Any]:
    """Everything needed to repeat a run; equal recipes give equal timelines."""
    return {
        "version": __version__,
        "ratio": str(brief.ratio),
        "canvas_px": [brief.canvas.width, brief.canvas.height],
        "method": brief.method,
        "mode": brief.mode,
        "media": media.digest,
        "perception": perception.digest,
    }
