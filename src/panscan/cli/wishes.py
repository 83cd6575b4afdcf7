"""The options of `panscan reframe` -> briefs, or an error that says which option and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from panscan.errors import UsageError


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was given on the command line; None where it was not."""

    ratios: tuple[str, ...]
    canvas: str | None = None
    preset: str = "default"
    method: str | None = None
    mode: str | None = None
    layouts: str | None = None
    speaker: bool = True
    both: bool = False
    prompt: str | None = None
    avoid: str | None = None
    tolerance_px: float = 1.0


def briefs(wishes: Wishes) -> list[tuple[Any, str]]:
    """The briefs of one run with what their files are called after STEM: one per shape, two with `both`.

    Raises
    ------
    UsageError
        An option is wrong, or options contradict each other.
    """
    from panscan import registry
    from panscan.model.geometry import Ratio
    from panscan.operate import MODES
    from panscan.pipeline import Brief
    from panscan.request.prompts import split

    if wishes.method is not None:
        registry.load("methods", wishes.method)
    if wishes.mode is not None and wishes.mode not in MODES:
        raise UsageError(
            f"unknown mode {wishes.mode!r}", why=f"There are {', '.join(MODES)}.", fix="Choose one of these."
        )
    if not 0.1 <= wishes.tolerance_px <= 20:
        raise UsageError(
            f"a tolerance of {wishes.tolerance_px:g} px is not useful",
            why="Keys may stray 0.1 to 20 canvas px from the path.",
            fix="Use 1, or 3 for fewer keys.",
        )
    if wishes.both and not wishes.speaker:
        raise UsageError(
            "--both and --no-speaker contradict each other",
            why="--both makes each timeline with and without the speaker.",
            fix="Leave one of them out.",
        )
    parsed = list(dict.fromkeys(Ratio.parse(text) for text in wishes.ratios))
    size = None if wishes.canvas is None else _size(wishes.canvas, parsed)
    made = []
    for ratio in parsed:
        brief = Brief.of(
            ratio,
            canvas=size,
            preset=wishes.preset,
            method=wishes.method,
            mode=wishes.mode,
            layouts=_layouts(wishes.layouts),
            with_speaker=wishes.speaker,
            prompt=split([wishes.prompt or ""]),
            avoid=split([wishes.avoid or ""]),
            tolerance_px=wishes.tolerance_px,
        )
        made.append((brief, ratio.slug))
        if wishes.both:
            made.append((replace(brief, with_speaker=False), f"{ratio.slug}.no-speaker"))
    return made


def choose_weights(model: str | None, prompt: Sequence[str]) -> None:
    """Tell the objects signal which weights to use, and, where they take any words, what to look for.

    Raises
    ------
    CapabilityError
        There are no such weights.
    """
    from panscan.perceive.signals.objects.signal import MODEL_VARIABLE, PROMPT_VARIABLE, chosen_weights

    if model is not None:
        os.environ[MODEL_VARIABLE] = model
    if not prompt or os.environ.get(PROMPT_VARIABLE):
        return
    weights = chosen_weights()
    if weights is not None and weights.takes_words:
        os.environ[PROMPT_VARIABLE] = ",".join(prompt)


def _layouts(text: str | None) -> tuple[str, ...] | None:
    from panscan import registry
    from panscan.request.prompts import split

    if text is None:
        return None
    known = ("auto", *registry.entries("layouts"))
    names = split([text])
    for name in names:
        if name not in known:
            raise UsageError(
                f"unknown layout {name!r}", why=f"There are {', '.join(known)}.", fix="Choose one, or several a,b."
            )
    return names or None


def _size(text: str, ratios: Sequence[Any]) -> Any:
    from panscan.model.geometry import Size

    if len(ratios) > 1:
        raise UsageError(
            "--canvas goes with one ratio",
            why="One size cannot have several shapes.",
            fix="Run once per ratio, or leave --canvas out.",
        )
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) >= 16 and int(height) >= 16):
        raise UsageError(
            f"{text!r} is not a size", why="A size is WIDTHxHEIGHT in px, 16 at least.", fix="e.g. 720x1280."
        )
    if int(width) % 2 or int(height) % 2:
        raise UsageError(
            f"the canvas {text} has an odd side",
            why="4:2:0 video needs even sizes.",
            fix=f"Use {int(width) // 2 * 2}x{int(height) // 2 * 2}.",
        )
    size = Size(int(width), int(height))
    wanted = ratios[0].width / ratios[0].height
    if abs(size.width / size.height / wanted - 1) > 0.02:
        raise UsageError(
            f"the canvas {text} is not {ratios[0]}",
            why=f"Its shape is {size.width / size.height:.3f}, that of {ratios[0]} is {wanted:.3f}.",
            fix="Make ratio and canvas agree.",
        )
    return size


def overrides_of(path: Path | None, media: Any) -> Any:
    """The overrides given, or those beside the media; none where there are none."""
    from panscan.request import overrides

    found = path or overrides.find(Path(media.path))
    if found is None:
        return ()
    return overrides.load(found, media.video.rate, media.frame_count, media.start_frame)


def overrides_of_cut(path: Path | None, source: Path, cut: Any) -> tuple[Any, Any, list[str]]:
    """The overrides of a cut, those of its media (path of the media, overrides), and what a person should know of them.

    The cut's own are those given, or those beside it.

    Raises
    ------
    UsageError
        A file has mistakes, several are beside the cut, or one names a shot or a clip that the cut does not have.
    """
    from panscan.request import overrides
    from panscan.request.cut_overrides import of_clips
    from panscan.timeline.record import Record

    files = {name: found for name in sorted(cut.media) if (found := overrides.find(Path(name))) is not None}
    notes = []
    of_media = []
    for name, file in files.items():
        media = cut.media[name]
        entries = overrides.load(file, media.video.rate, media.frame_count, media.start_frame)
        timed = tuple(entry for entry in entries if entry.shot is None)
        if len(timed) < len(entries):
            notes.append(
                f"{file.name}: entries with `shot` count the shots of the whole movie and do not hold in a cut"
            )
        of_media += [(name, timed)] if timed else []
    own = path or _beside_cut(source, {file.resolve() for file in files.values()}, notes)
    if own is None:
        return (), tuple(of_media), notes
    record = Record.of(cut)
    for_cut = overrides.load(own, cut.rate, record.frame_count, record.start_frames, of_cut=True)
    of_clips(cut, for_cut, {})  # what names a shot or a clip that is not there is said before anything is looked at
    return for_cut, tuple(of_media), notes


def _beside_cut(source: Path, of_media: set[Path], notes: list[str]) -> Path | None:
    """The overrides beside a cut: NAME.panscan.toml or STEM.panscan.toml, unless that is the one of its media."""
    from panscan.request import overrides

    by_name, by_stem = overrides.find(source, whole_name=True), overrides.find(source)
    if by_stem is not None and by_stem.resolve() in of_media:
        if by_name is None:
            notes.append(
                f"{by_stem.name} is that of the media; call one for the cut {source.name}{overrides.SUFFIXES[0]}"
            )
        by_stem = None
    if by_name is not None and by_stem is not None:
        raise UsageError(
            f"{source.name} has 2 files of overrides",
            why=f"There are {by_name.name} and {by_stem.name}.",
            fix="Keep one of them, or name it with --override.",
        )
    return by_name or by_stem
