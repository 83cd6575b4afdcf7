"""Nuke script: per clip a Read, and per cell a Transform with linear curves, a CornerPin2D for a tilt, and a Crop.

Frame numbers are the media's own, embedded timecode included: each Read is set to start there. Those of a retimed clip
start with the media frame that it shows first and then count frames of the timeline; a TimeWarp looks up which media
frame each of them shows (Foundry, Nuke reference guide, "TimeWarp"). A TimeWarp is also written where media have
another rate than the timeline, because a Read shows one picture of its file per frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import (
    canvas_to_cell,
    cell_place,
    source_centre,
    to_nuke_corners,
    to_nuke_transform,
)
from panscan.deliver.numbers import format_number
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.sequence import ClipItem, Layer, read_sequence
from panscan.model.corners import FLAT
from panscan.model.geometry import Size
from panscan.model.time import round_half_up
from panscan.timeline.cut import FramedClip

_GRID_X, _GRID_Y = 240, 110  # between nodes, in units of Nuke's node graph: no node covers another one's name


@dataclass(frozen=True, slots=True)
class NukeOptions:
    """Options of the Nuke delivery."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class NukeExporter:
    """A Nuke script with one branch per clip, at the format of the canvas."""

    name: ClassVar[str] = "nuke"
    title: ClassVar[str] = "Nuke script"
    suffix: ClassVar[str] = ".nk"
    opens_in: ClassVar[tuple[str, ...]] = ("Nuke", "Nuke Studio")
    how_to_import: ClassVar[str] = "File > Open, or File > Insert Comp Nodes."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True, tilts=True, sound=False, disabled=False, retimes=True
    )
    options: ClassVar[type[NukeOptions]] = NukeOptions

    def export(self, timeline: Any, *, folder: Path, options: NukeOptions) -> Artifact:
        """The script: branches side by side in record order, each ending in a FrameRange of the clip's media range."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [
            *clip_sequence.losses,
            Loss("the cut", "Each clip is a branch of its own at the frame numbers of its media."),
        ]
        script = _Script()
        script.node(
            "Root",
            first_frame=min(clip_item.clip.first for clip_item in clip_sequence.clip_items),
            last_frame=max(clip_item.clip.end - 1 for clip_item in clip_sequence.clip_items),
            lock_range="true",
            fps=format_number(float(clip_sequence.rate)),
            format=_format(clip_sequence.canvas, "panscan_canvas"),
        )
        losses += [
            Loss(
                f"the disabled clip {clip_item.clip.name!r}",
                "Its branch is there; only the node at its end is disabled.",
            )
            for clip_item in clip_sequence.clip_items
            if not clip_item.enabled
        ]
        for count, clip_item in enumerate(clip_sequence.clip_items, start=1):
            script.column, script.row = count - 1, 0
            _branch(script, clip_item, count)
        return Artifact({self.suffix: script.text.encode("utf-8")}, distinct_losses(losses))


class _Script:
    """Text of a script. Each node takes its inputs from the top of a stack and puts itself there."""

    def __init__(self) -> None:
        self._lines = ["#! panscan"]
        self.column = 0
        self.row = 0

    @property
    def text(self) -> str:
        return "\n".join([*self._lines, ""])

    def node(self, kind: str, **knobs: Any) -> None:
        """Add a node; knobs in the order given."""
        if kind != "Root":
            knobs |= {"xpos": self.column * _GRID_X, "ypos": self.row * _GRID_Y}
            self.row += 1
        self._lines += [f"{kind} {{", *(f" {name} {value}" for name, value in knobs.items()), "}"]

    def keep(self, name: str) -> None:
        """Remember the node on top of the stack."""
        self._lines.append(f"set {name} [stack 0]")

    def push(self, name: str) -> None:
        """Put a remembered node on top of the stack."""
        self._lines.append(f"push ${name}")


def _branch(script: _Script, clip_item: ClipItem, count: int) -> None:
    clip = clip_item.clip
    framing = clip.framing
    # Of a photo, Read holds its one picture on all frames.
    pictures = 1 if clip.facts.is_still else round_half_up(clip.available_count * clip.facts.rate / framing.rate)
    script.node(
        "Read",
        inputs=0,
        file=_quoted(clip.path.absolute().as_posix()),
        format=_format(framing.source, f"panscan_{framing.source}"),
        # A movie file counts from 1; "start at" moves that to the media's own first frame.
        first=1,
        last=pictures,
        frame_mode=_quoted("start at"),
        frame=clip.available_first,
        origfirst=1,
        origlast=pictures,
        origset="true",
        name=f"Read{count}",
    )
    if not clip.frames_are_pictures:
        script.node("TimeWarp", lookup=f"{{{_lookup(clip)}}}", time='""', filter="none", name=f"Speed{count}")
    script.keep(f"Media{count}")
    layers = clip_item.layers
    whole = len(layers) == 1 and layers[0].cell.size == framing.canvas
    for part, layer in enumerate(layers, start=1):
        name = f"{count}" if whole else f"{count}_{part}"
        if part > 1:
            script.push(f"Media{count}")
        _camera(script, layer, clip_item, name)
        if not whole:
            _place(script, layer, framing.canvas, name, f"Shown{count}" if part > 1 else None)
            script.keep(f"Shown{count}")
    disabled = {} if clip_item.enabled else {"disable": "true"}
    script.node(
        "FrameRange",
        first_frame=clip.first,
        last_frame=clip.end - 1,
        name=f"Clip{count}",
        label=_quoted(clip.name),
        **disabled,
    )


def _lookup(clip: FramedClip) -> str:
    """The media frame of each frame of a clip that is retimed or has another rate than the cut.

    Whole numbers only, so that no two pictures are blended.
    """
    offsets = range(clip.frame_count)
    if clip.speed.denominator == 1 and clip.facts.rate == clip.framing.rate:
        offsets = range(0, clip.frame_count, max(clip.frame_count - 1, 1))
    shown = zip(offsets, clip.source_picture_numbers(offsets), strict=True)
    return _curve([(clip.first + offset, float(clip.available_first + number)) for offset, number in shown])


def _camera(script: _Script, layer: Layer, clip_item: ClipItem, name: str) -> None:
    framing = clip_item.clip.framing
    size = layer.cell.size
    keys = [
        (f, to_nuke_transform(canvas_to_cell(key, layer.cell, framing.canvas), framing.source, size))
        for f, key in layer.keys
    ]
    across = _curve([(frame, key.x_px) for frame, key in keys])
    up = _curve([(frame, key.y_px) for frame, key in keys])
    center_x, center_y = source_centre(framing.source)
    script.node(
        "Transform",
        translate=f"{{{across} {up}}}",
        scale=_alone(_curve([(frame, key.scale) for frame, key in keys])),
        center=f"{{{format_number(center_x)} {format_number(center_y)}}}",
        name=f"Reframe{name}",
    )
    if layer.tilt:
        script.node("CornerPin2D", **_pins(layer), name=f"Tilt{name}")
    script.node("Crop", box=f"{{0 0 {size.width} {size.height}}}", reformat="true", name=f"Cell{name}")


def _pins(layer: Layer) -> dict[str, str]:
    """Where the corners of the cell go, and where they come from; straight between keys, as the tilt is."""
    size = layer.cell.size
    tilt = [(frame, to_nuke_corners(corners, size)) for frame, corners in layer.tilt]
    found: dict[str, str] = {}
    for n, (x, y) in enumerate(to_nuke_corners(FLAT, size)):
        curves = (_curve([(frame, points[n][axis]) for frame, points in tilt]) for axis in (0, 1))
        found |= {f"to{n + 1}": f"{{{' '.join(curves)}}}", f"from{n + 1}": f"{{{format_number(x)} {format_number(y)}}}"}
    return found


def _place(script: _Script, layer: Layer, canvas: Size, name: str, under: str | None) -> None:
    """Move the cell from the canvas's origin to its place, over the cells before it (`under`, if there are any)."""
    size = layer.cell.size
    place = to_nuke_transform(cell_place(layer.cell, canvas), size, canvas)
    script.node(
        "Transform",
        translate=f"{{{format_number(place.x_px)} {format_number(place.y_px)}}}",
        filter="impulse",
        name=f"Place{name}",
    )
    if under is None:
        script.node("Crop", box=f"{{0 0 {canvas.width} {canvas.height}}}", reformat="true", name=f"Canvas{name}")
    else:
        script.push(under)
        script.node("Merge2", inputs=2, operation="over", name=f"Over{name}")


def _curve(values: list[tuple[int, float]]) -> str:
    """One value, or a curve of linear segments: "L" stands for all keys after it."""
    texts = [format_number(value) for _, value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return "{curve L " + " ".join(f"x{frame} {text}" for (frame, _), text in zip(values, texts, strict=True)) + "}"


def _alone(curve: str) -> str:
    return f"{{{curve}}}" if curve.startswith("{") else curve


def _format(size: Size, name: str) -> str:
    return f'"{size.width} {size.height} 0 0 {size.width} {size.height} 1 {name}"'


def _quoted(text: str) -> str:
    """A word of TCL in double quotes, in which nothing is substituted."""
    for special in ("\\", '"', "[", "]", "$", "{", "}"):
        text = text.replace(special, f"\\{special}")
    return f'"{" ".join(text.split())}"' if "\n" in text else f'"{text}"'
