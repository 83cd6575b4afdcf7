"""What a person asks for, as text or values -> requests, or an error that says which option and why.

The command line, the service, the OTIO adapters and Python all build their requests here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast, get_args

from panscan import registry
from panscan.errors import UsageError, did_you_mean, unknown_name
from panscan.model.geometry import Ratio, Size, canvas_for
from panscan.model.media import Deinterlace
from panscan.model.request import CameraSegment, Models, Preset, Request
from panscan.model.style import Style
from panscan.model.time import snap_rate
from panscan.request.presets import load_preset
from panscan.request.prompts import split_words

_LEAST_SIDE_PX = 16  # canvas px: encoders refuse smaller pictures
_MOST_SIDE_PX = 8192  # canvas px: the longest side of H.264's highest level
_SHAPE_TOLERANCE = 0.02  # of the ratio: even sides cannot meet every shape exactly
MOST_LEAD_S = 2.0  # seconds: earlier, the camera has left what is still looked at
_TOLERANCE_PX = (0.1, 20.0)  # canvas px: below, keys at nearly every frame; above, another camera


def request_for(
    ratio: str | Ratio,
    *,
    canvas: str | Size | None = None,
    preset: str | Preset | None = None,
    method: str | None = None,
    mode: str | None = None,
    layouts: str | Sequence[str] | None = None,
    speaker: bool = True,
    prompt: str | Sequence[str] | None = None,
    avoid: str | Sequence[str] | None = None,
    tolerance_px: float = 1.0,
    lead_s: float | None = None,
    segments: Sequence[CameraSegment] = (),
    style: Style | None = None,
    models: Models | None = None,
    deinterlace: str = "auto",
) -> Request:
    """The request for one shape, checked.

    Parameters
    ----------
    ratio : str or Ratio
        e.g. "9:16".
    canvas : str or Size, optional
        Size of the result, "WIDTHxHEIGHT"; without it the short side has 1080 px.
    preset : str or Preset, optional
        A name of `panscan presets`, or the path of a .toml file; without it `default`, for screen recordings `screen`.
    method, mode : str, optional
        Names; without them the preset's.
    layouts : str or sequence of str, optional
        Layouts that may be used, "fit,split-2"; one alone is insisted upon; without them the preset's.
    speaker : bool
        Whether it matters who speaks.
    prompt, avoid : str or sequence of str, optional
        What to show and what not, "dog, ball".
    tolerance_px : float
        How far keys may stray from the solved path, in canvas px.
    lead_s : float, optional
        Seconds by which the camera of a screen recording sets off before something happens; without it the preset's.
    segments : sequence of CameraSegment
        What the camera does from begin to end, decided by hand (`panscan.request.segment_files.load_segments`).
    style : Style, optional
        How the picture is staged (`panscan.request.styles.style_of`).
    models : Models, optional
        Weights for the analysis; without them those that the environment names (`models_of_environment`).
    deinterlace : "auto", "off" or "on"
        Whether pictures made of two fields are deinterlaced: where they are found, never, or all pictures.

    Raises
    ------
    UsageError
        One of them is wrong.
    """
    shape = ratio if isinstance(ratio, Ratio) else Ratio.parse(ratio)
    for kind, name in (("methods", method), ("modes", mode)):
        if name is not None and name not in registry.names(kind):
            raise unknown_name(kind[:-1], name, registry.names(kind))
    least, most = _TOLERANCE_PX
    if not least <= tolerance_px <= most:
        raise UsageError(
            f"a tolerance of {tolerance_px:g} px is not useful",
            why=f"Keys may stray {least:g} to {most:g} canvas px from the path.",
            fix="Use 1, or 3 for fewer keys.",
        )
    if lead_s is not None and not 0 <= lead_s <= MOST_LEAD_S:
        raise UsageError(
            f"a lead of {lead_s:g} s is not possible",
            why=f"The camera sets off 0 to {MOST_LEAD_S:g} s before something happens.",
            fix="Leave --lead out, or use 0.25.",
        )
    words = _words(prompt)
    chosen = models if models is not None else models_of_environment()
    return Request(
        ratio=shape,
        canvas=_canvas(canvas, shape),
        preset=preset if isinstance(preset, Preset) else load_preset(preset or "default"),
        method=method,
        mode=mode,
        layouts=_layouts(layouts),
        with_speaker=speaker,
        prompt=words,
        avoid=_words(avoid),
        tolerance_px=tolerance_px,
        models=replace(chosen, prompt=words),
        deinterlace=deinterlacing(deinterlace),
        lead_s=lead_s,
        segments=tuple(segments),
        style=style or Style(),
        preset_by_material=preset is None,
    )


def requests_for(
    ratios: Sequence[str], *, both: bool = False, canvas: str | None = None, speaker: bool = True, **choices: Any
) -> list[tuple[Request, str]]:
    """The requests of one run, each with what its files are called after STEM: one per shape, two with `both`.

    both: make each with and without the speaker; choices: as in `request_for`.

    Raises
    ------
    UsageError
        An option is wrong, or options contradict each other.
    """
    if both and not speaker:
        raise UsageError(
            "--both and --no-speaker contradict each other",
            why="--both makes each timeline with and without the speaker.",
            fix="Leave one of them out.",
        )
    shapes = list(dict.fromkeys(Ratio.parse(text) for text in ratios))
    if canvas is not None and len(shapes) > 1:
        raise UsageError(
            "a canvas goes with one ratio",
            why="One size cannot have several shapes.",
            fix="Ask for one ratio at a time, or leave the canvas out.",
        )
    made = []
    for shape in shapes:
        request = request_for(shape, canvas=canvas, speaker=speaker, **choices)
        made.append((request, shape.slug))
        if both:
            made.append((replace(request, with_speaker=False), f"{shape.slug}.no-speaker"))
    return made


def models_of_environment() -> Models:
    """The weights that the user's environment names in PANSCAN_OBJECTS_MODEL and the like."""
    return Models(
        objects=os.environ.get("PANSCAN_OBJECTS_MODEL", ""),
        vocabulary=split_words([os.environ.get("PANSCAN_OBJECTS_PROMPT", "")]),
        speaker=os.environ.get("PANSCAN_SPEAKER_MODEL", ""),
        words=os.environ.get("PANSCAN_WORDS_MODEL", ""),
    )


def deinterlacing(text: str) -> Deinterlace:
    """Whether to deinterlace: "auto", "off" or "on".

    Raises
    ------
    UsageError
        It is none of these.
    """
    for known in get_args(Deinterlace):
        if text == known:
            return cast(Deinterlace, known)
    raise UsageError(
        f"{text!r} does not say whether to deinterlace",
        why="It is auto (where interlaced pictures are found), off or on.",
        fix=did_you_mean(text, get_args(Deinterlace)) or "Use one of these.",
    )


def frame_rate(text: str) -> Fraction:
    """Frames per second: "25", "29.97" or "30000/1001".

    Raises
    ------
    UsageError
        It is no frame rate.
    """
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 1 <= value <= 1000:
        raise UsageError(
            f"{text!r} is no frame rate", why="It is a number of frames per second.", fix="e.g. 25, 29.97, 30000/1001."
        )
    return snap_rate(value)


def _words(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return split_words([given] if isinstance(given, str) else given or ())


def _layouts(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    known = ("auto", *registry.names("layouts"))
    names = _words(given)
    for name in names:
        if name not in known:
            raise unknown_name("layout", name, known, fix="Choose one, or several a,b.")
    return names or None


def _canvas(given: str | Size | None, ratio: Ratio) -> Size:
    if given is None:
        return canvas_for(ratio)
    text = str(given)
    width, _, height = text.lower().partition("x")
    sides = [int(side) if side.isdecimal() and len(side) < 6 else 0 for side in (width, height)]
    if not all(_LEAST_SIDE_PX <= side <= _MOST_SIDE_PX for side in sides):
        raise UsageError(
            f"{text!r} is not a size",
            why=f"A size is WIDTHxHEIGHT, {_LEAST_SIDE_PX} to {_MOST_SIDE_PX} px each.",
            fix="e.g. 720x1280.",
        )
    size = Size(*sides)
    if size.width % 2 or size.height % 2:
        raise UsageError(
            f"the canvas {text} has an odd side",
            why="4:2:0 video needs even sizes.",
            fix=f"Use {size.width // 2 * 2}x{size.height // 2 * 2}.",
        )
    shape, wanted = size.width / size.height, ratio.width / ratio.height
    if abs(shape / wanted - 1) > _SHAPE_TOLERANCE:
        raise UsageError(
            f"the canvas {text} is not {ratio}",
            why=f"Its shape is {shape:.3f}, that of {ratio} is {wanted:.3f}.",
            fix="Make ratio and canvas agree.",
        )
    return size
