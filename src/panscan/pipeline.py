"""The whole flow on one screen: media -> perception -> plan -> framings -> timeline.

Everything left of the perception is cached; everything left of the timeline can be skipped by starting from the
.otio that it is written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan import __version__, direct, ingest, operate
from panscan.ingest.cuts.read import media_of
from panscan.ingest.media.frames import Spans
from panscan.model.framing import Framing
from panscan.model.geometry import Ratio, Size, canvas_for
from panscan.model.media import Media
from panscan.model.perception import Objects, Perception
from panscan.model.plan import Shot
from panscan.perceive.cache import Cache
from panscan.perceive.observe import Progress, observe
from panscan.request.cut_overrides import of_clips
from panscan.request.overrides import Override
from panscan.request.overrides import as_recipe as overrides_as_recipe
from panscan.request.presets import Preset, as_recipe
from panscan.request.presets import load as load_preset
from panscan.request.prompts import resolve
from panscan.timeline.build import build_timeline
from panscan.timeline.conform import Attached, attach
from panscan.timeline.editorial import EditorCut
from panscan.timeline.files import timeline_text

_FAST_PACE = 0.4
_WHOLE_SHARE = 0.6  # of a media: if that much is used, all of it is looked at
_AIR_S = 0.5  # looked at on both sides of what is used, so that trackers and cameras are warm


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asked for, of one canvas.

    method, mode, layouts: None takes the preset's; prompt, avoid: the user's words for what to show and what not;
    overrides: decisions made by hand, on the frames of the movie or of the cut's record; media_overrides: those of a
    cut's media, on their own frames, by path; tolerance_px: how far, in canvas px, keys may stray from the solved path.
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
    media_overrides: tuple[tuple[str, tuple[Override, ...]], ...] = ()
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
    spans: Spans | None = None

    def pictures(self) -> ingest.PictureSource:
        """The pictures, decoded in order; only those in `spans` where these are given."""
        return ingest.PictureSource(self.media, fast=self.fast, spans=self.spans)

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
    return media, perceive(media, cache=cache, fast=fast, progress=progress)


def perceive(
    media: Media,
    spans: Spans | None = None,
    *,
    cache: bool = True,
    fast: bool = False,
    progress: Progress | None = None,
) -> Perception:
    """Measure all signals of a probed media, from the cache where they are known.

    spans: grid frames [first, end) that are looked at, rising; all where they are most of the media.
    """
    if spans is not None and sum(end - first for first, end in spans) >= _WHOLE_SHARE * media.frame_count:
        spans = None  # so that the next cut of the same media needs no look at all
    key = (
        media.digest if spans is None else f"{media.digest}-{blake2b(repr(spans).encode(), digest_size=6).hexdigest()}"
    )
    return observe(
        media,
        Decoder(media, fast, spans),
        cache=Cache(key) if cache else None,
        pace=_FAST_PACE if fast else 1.0,
        progress=progress,
    )


def reframe_cut(cut: EditorCut, perceived: Mapping[str, Perception], brief: Brief) -> Attached:
    """Frame every clip of an editor's cut; the cut itself stays as it is.

    Parameters
    ----------
    cut : EditorCut
    perceived : mapping
        Path of a media -> its perception (of the used frames at least).
    brief : Brief

    Raises
    ------
    CapabilityError
        The prompt names things that the object weights at hand cannot find.
    UsageError
        An override names a shot or a clip that the cut does not have.
    """
    by_hand, notes = of_clips(cut, brief.overrides, dict(brief.media_overrides))
    made: dict[tuple[str, tuple[Override, ...]], tuple[list[tuple[Shot, Framing]], list[tuple[Shot, Framing]]]] = {}
    shots: dict[int, list[tuple[Shot, Framing]]] = {}
    alone: dict[int, list[tuple[Shot, Framing]]] = {}
    spans = spans_of(cut)
    for n, used in enumerate(cut.shots):
        path = used.media_path
        if path not in perceived:
            continue
        key = path, by_hand[n]
        if key not in made:  # clips for which the same holds show parts of the same cameras
            own = replace(brief, overrides=by_hand[n])
            framings = _framed(cut.media[path], perceived[path], own, spans[path])
            singles: list[tuple[Shot, Framing]] = []
            if any(framing.layout != "single" for _, framing in framings):
                bare = tuple(replace(override, layout=None) for override in by_hand[n])
                own = replace(brief, overrides=bare, layouts=("single",))
                singles = _framed(cut.media[path], perceived[path], own, spans[path])
            made[key] = framings, singles
        shots[n], single = made[key]
        if single:
            alone[n] = single
    attached = attach(cut, shots, cut_recipe(cut, perceived, brief), singles=alone)
    return replace(attached, notes=(*notes, *attached.notes))


def spans_of(cut: EditorCut) -> dict[str, Spans]:
    """The frames [first, end) of each media that the cut shows, by path, with a moment of air on both sides."""
    spans: dict[str, Spans] = {}
    for path, used in media_of(cut).items():
        media = cut.media[str(path)]
        air = round(_AIR_S * float(media.video.rate))
        joined: list[tuple[int, int]] = []
        for first, end in used:
            first, end = max(0, first - air), min(media.frame_count, end + air)
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((first, end))
        spans[str(path)] = tuple(joined)
    return spans


def reframe(media: Media, perception: Perception, brief: Brief) -> Any:
    """Decide, operate and document: the OTIO timeline of one canvas.

    Raises
    ------
    CapabilityError
        The prompt names things that the object weights at hand cannot find.
    """
    name = f"{Path(media.path).stem} {brief.ratio}"
    return build_timeline(media, _framed(media, perception, brief), name=name, recipe=recipe(media, perception, brief))


def _framed(
    media: Media, perception: Perception, brief: Brief, spans: Spans | None = None
) -> list[tuple[Shot, Framing]]:
    """Direct and operate: the shots of a media (inside `spans`) with their framings."""
    asked = direct.Brief(
        canvas=brief.canvas,
        preset=brief.preset,
        method=brief.method,
        layouts=brief.layouts,
        ratio=str(brief.ratio),
        taste=taste_of(perception, brief),
        with_speaker=brief.with_speaker,
        overrides=brief.overrides,
        spans=tuple(spans) if spans is not None else None,
    )
    plan = direct.plan(media, perception, asked)
    mode = brief.mode or brief.preset.mode
    return [
        (shot.shot, operate.frame_shot(shot, plan, media.video.display, media.video.rate, mode, brief.tolerance_px))
        for shot in plan.shots
    ]


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
    return _choices(brief) | {"media": media.digest, "perception": perception.digest}


def cut_recipe(cut: EditorCut, perceived: Mapping[str, Perception], brief: Brief) -> dict[str, Any]:
    """The same for an editor's cut: what was seen of each media, and the cut itself."""
    text = timeline_text(cut.timeline)
    found = _choices(brief) | {
        "cut": blake2b(text.encode(), digest_size=8).hexdigest(),
        "media": {path: cut.media[path].digest for path in sorted(perceived)},
        "perception": {path: perceived[path].digest for path in sorted(perceived)},
    }
    if brief.media_overrides:  # timelines that were made without any keep the recipe they have
        found["media_overrides"] = {path: overrides_as_recipe(of) for path, of in brief.media_overrides}
    return found


def _choices(brief: Brief) -> dict[str, Any]:
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
    }
