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
from panscan.direct.overrides import Override
from panscan.direct.overrides import as_recipe as overrides_as_recipe
from panscan.direct.presets import Preset, as_recipe
from panscan.direct.presets import load as load_preset
from panscan.direct.prompts import resolve
from panscan.document import timeline as document
from panscan.model.geometry import Ratio, Size, canvas_for
from panscan.model.media import Media
from panscan.model.perception import Objects, Perception
from panscan.perceive.cache import Cache
from panscan.perceive.observe import Progress, observe

_FAST_PACE = 0.4


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asked for, of one canvas.

    method, mode, layouts: None takes the preset's; prompt, avoid: the user's words for what to show and what not;
    tolerance_px: how far, in canvas px, keys may stray from the solved path.
    """

    ratio: Ratio
    canvas: Size
    preset: Preset
    method: str | None = None
    mode: str | None = None
    layouts: tuple[str, ...] | None = None
    with_speaker: bool = True
    prompt: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    tolerance_px: float = 1.0

    @classmethod
    def of(cls, ratio: Ratio, *, canvas: Size | None = None, preset: str = "default", **choices: Any) -> Brief:
        """A brief with the ratio's 1080-class canvas unless another is given; `choices`: any further field."""
        return cls(ratio, canvas or canvas_for(ratio), load_preset(preset), **choices)


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
    """Decide, operate and document: the OTIO timeline of one canvas.

    Raises
    ------
    CapabilityError
        The prompt names things that the object weights at hand cannot find.
    """
    asked = direct.Brief(
        canvas=brief.canvas,
        preset=brief.preset,
        method=brief.method,
        layouts=brief.layouts,
        ratio=str(brief.ratio),
        taste=taste_of(perception, brief),
        with_speaker=brief.with_speaker,
        overrides=brief.overrides,
    )
    plan = direct.plan(media, perception, asked)
    mode = brief.mode or brief.preset.mode
    framings = [
        (shot.shot, operate.frame_shot(shot, plan, media.video.display, media.video.rate, mode, brief.tolerance_px))
        for shot in plan.shots
    ]
    name = f"{Path(media.path).stem} {brief.ratio}"
    return document.build(media, framings, name=name, recipe=recipe(media, perception, brief))


def taste_of(perception: Perception, brief: Brief) -> direct.Taste:
    """The labels that the words of the user and of the preset stand for, with the weights at hand.

    Raises
    ------
    CapabilityError
        The user's words name things that cannot be found. A preset's words are wishes.
    """
    objects = perception.get(Objects)
    known = tuple(str(n) for n in objects.names) if objects is not None and objects.available else ()

    def labels(words: tuple[str, ...], wishes: tuple[str, ...]) -> frozenset[str]:
        meant = resolve(words, known, open_vocabulary=False)
        if not words:
            meant = resolve(wishes, known, open_vocabulary=False, strict=False)
        people = {"person"} if {"face", "speaker", "person"} & set(meant.traits) else set()
        return frozenset((*meant.classes, *meant.traits, *people))

    return direct.Taste(labels(brief.prompt, brief.preset.prompt), labels(brief.avoid, brief.preset.avoid))


def recipe(media: Media, perception: Perception, brief: Brief) -> dict[str, Any]:
    """Everything needed to repeat a run; equal recipes give equal timelines."""
    return {
        "version": __version__,
        "ratio": str(brief.ratio),
        "canvas_px": [brief.canvas.width, brief.canvas.height],
        "preset": as_recipe(brief.preset),
        "method": brief.method or brief.preset.method,
        "mode": brief.mode or brief.preset.mode,
        "layouts": list(brief.layouts or brief.preset.layouts),
        "speaker": brief.with_speaker,
        "prompt": list(brief.prompt or brief.preset.prompt),
        "avoid": list(brief.avoid or brief.preset.avoid),
        "overrides": overrides_as_recipe(brief.overrides),
        "tolerance_px": brief.tolerance_px,
        "media": media.digest,
        "perception": perception.digest,
    }
