"""Fusion .setting files, one per clip: a Background of the canvas's size and a Merge whose Size and Center are keyed.

Fusion's Copy and Paste exchange .setting text, so the same file works in the comp of a clip in Resolve and in Fusion
Studio. Between keys Fusion draws Bezier curves; their handles are written on the straight line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import canvas_to_cell, cell_place, tilt_reach, to_fusion_corners, to_fusion_merge
from panscan.deliver.numbers import format_number
from panscan.deliver.options import KEYS_HELP, check_key_density, parse_int
from panscan.deliver.sequence import ClipItem, Layer, read_sequence
from panscan.model.framing import Framing
from panscan.model.geometry import Size

_DECIMALS = 9  # of fractions of the canvas: a millionth of a 4K canvas would be 0.004 px
_CENTRED = "Center = Input { Value = { 0.5, 0.5 }, }"
# Backgrounds that are no "#rrggbb"; blur is lost, and black.
_COLOURS = {"black": "#000000", "blur": "#000000"}
Curve = list[tuple[int, float]]  # frame and value of each key


@dataclass(frozen=True, slots=True)
class FusionOptions:
    """Options of the Fusion delivery."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})
    start_frame: int = field(
        default=0,
        metadata={"help": "first frame of the comp's render range (COMPN_RenderStart), where the clip starts"},
    )
    source: str = field(default="MediaIn1", metadata={"help": "name of the tool that brings the clip into the comp"})

    def __post_init__(self) -> None:
        check_key_density(self.keys)
        object.__setattr__(self, "start_frame", parse_int(self.start_frame, "start_frame"))


class FusionExporter:
    """Fusion tools: per clip a Background, a Merge and the splines that move it."""

    name: ClassVar[str] = "fusion"
    title: ClassVar[str] = "Fusion settings"
    suffix: ClassVar[str] = ".clip001.setting"
    opens_in: ClassVar[tuple[str, ...]] = ("Fusion page of DaVinci Resolve", "Fusion Studio")
    how_to_import: ClassVar[str] = (
        "Open the clip's comp in Fusion and drag the .setting of that clip into the node editor, between MediaIn and "
        "MediaOut."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        tilts=True,
        backgrounds=frozenset({"black", "colour"}),
        sound=False,
        disabled=False,
        retimed_clip_loss=(
            "It has no file: on which side of the comp its speed changes depends on where it was changed."
        ),
    )
    options: ClassVar[type[FusionOptions]] = FusionOptions

    def export(self, timeline: Any, *, folder: Path, options: FusionOptions) -> Artifact:
        """One .setting per clip, numbered in record order."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [
            *clip_sequence.losses,
            Loss("the cut", "Each file holds the camera of one clip; the clips are cut elsewhere."),
        ]
        files = {}
        for number, clip_item in enumerate(clip_sequence.clip_items, start=1):
            tilts = [[corners for _, corners in layer.tilt] for layer in clip_item.layers]
            if any(tilt and math.isinf(tilt_reach(tilt)) for tilt in tilts):
                why = "It is so steep that the plane behind the cell cannot be shown; the picture stands upright."
                losses.append(Loss(f"the tilt of clip {clip_item.clip.name!r}", why))
            files[f".clip{number:03d}.setting"] = _setting(clip_item, options).encode("utf-8")
            if not clip_item.enabled:
                losses.append(
                    Loss(
                        f"the disabled clip {clip_item.clip.name!r}",
                        "Its file is written; it is switched off elsewhere.",
                    )
                )
        return Artifact(files, distinct_losses(losses))


def _setting(clip_item: ClipItem, options: FusionOptions) -> str:
    framing = clip_item.clip.framing
    tools: list[str] = []
    shown = ""
    is_whole = len(framing.cells) == 1 and framing.cells[0].size == framing.canvas
    if not is_whole:
        tools.append(_background("Canvas", framing.canvas, framing))
        shown = "Canvas"
    for number, layer in enumerate(clip_item.with_dense_tilt().layers, start=1):
        tools += _camera(number, layer, clip_item, options)
        if not is_whole:
            # The cell's picture has the cell's size and is laid, unscaled, where the cell is.
            place = to_fusion_merge(cell_place(layer.cell, framing.canvas), framing.canvas)
            center = f"Center = Input {{ Value = {{ {_number(place.center_x)}, {_number(place.center_y)} }}, }}"
            tools.append(_merge(f"Place{number}", shown, f"Reframe{number}", [center, "Size = Input { Value = 1, }"]))
            shown = f"Place{number}"
    body = "".join(f"\t\t{line}\n" for tool in tools for line in tool.splitlines())
    active = shown or "Reframe1"
    return f'{{\n\tTools = ordered() {{\n{body}\t}},\n\tActiveTool = "{active}"\n}}\n'


def _camera(number: int, layer: Layer, clip_item: ClipItem, options: FusionOptions) -> list[str]:
    size = layer.cell.size
    cell = _background(f"Cell{number}", size, clip_item.clip.framing)
    widest = tilt_reach(corners for _, corners in layer.tilt) if layer.tilt else math.inf
    if math.isinf(widest):
        return [cell, *_moved(f"Reframe{number}", f"Cell{number}", options.source, size, layer, clip_item, options)]
    # The camera moves on a plane that is larger than the cell and ends where it never comes into the cell. There is
    # nothing around its picture. The plane is tilted, and its middle is laid over the cell's background.
    steps = min(size.width, size.height) // 2
    reach = math.ceil(widest * steps) / steps  # so that sides are whole px
    plane = Size(round(size.width * reach), round(size.height * reach))
    first = options.start_frame - clip_item.clip.first
    pins = [(first + frame, to_fusion_corners(corners, reach)) for frame, corners in layer.tilt]
    inputs, curves = [f'Input = Input {{ SourceOp = "Plane{number}", Source = "Output", }}'], []
    for n, name in enumerate(("TopLeft", "TopRight", "BottomLeft", "BottomRight")):
        text, tools = _point(f"Tilt{number}{name}", name, [(frame, points[n]) for frame, points in pins])
        inputs.append(text)
        curves += tools
    rows = "".join(f"\t\t{text},\n" for text in [*inputs, "MappingType = Input { Value = 1, }"])  # 1: perspective
    return [
        cell,
        _background(f"Ground{number}", plane, clip_item.clip.framing, alpha=0),
        *_moved(f"Plane{number}", f"Ground{number}", options.source, plane, layer, clip_item, options),
        f"Tilt{number} = CornerPositioner {{\n\tInputs = {{\n{rows}\t}},\n}},",
        *curves,
        _merge(f"Reframe{number}", f"Cell{number}", f"Tilt{number}", [_CENTRED, "Size = Input { Value = 1, }"]),
    ]


def _moved(
    name: str, ground: str, source: str, size: Size, layer: Layer, clip_item: ClipItem, options: FusionOptions
) -> list[str]:
    """A Merge that moves the source over a ground with the middle of the cell, with the splines that it needs."""
    framing, first = clip_item.clip.framing, options.start_frame - clip_item.clip.first
    keys = [
        (first + frame, to_fusion_merge(canvas_to_cell(key, layer.cell, framing.canvas), size))
        for frame, key in layer.keys
    ]
    center, splines = _point(name, "Center", [(frame, (merge.center_x, merge.center_y)) for frame, merge in keys])
    scale = [(frame, merge.size) for frame, merge in keys]
    if len(keys) == 1:
        return [_merge(name, ground, source, [center, f"Size = Input {{ Value = {_number(scale[0][1])}, }}"])]
    inputs = [center, f'Size = Input {{ SourceOp = "{name}Size", Source = "Value", }}']
    return [_merge(name, ground, source, inputs), *splines, _spline(f"{name}Size", scale)]


def _point(owner: str, name: str, keys: list[tuple[int, tuple[float, float]]]) -> tuple[str, list[str]]:
    """The input of a tool that takes a point, and the splines that move it."""
    if len(keys) == 1:
        x, y = keys[0][1]
        return f"{name} = Input {{ Value = {{ {_number(x)}, {_number(y)} }}, }}", []
    # A point cannot be keyed by a spline; an XYPath joins one spline per axis (Fusion scripting guide).
    path = (
        f'{owner}Path = XYPath {{\n\tDrawMode = "ModifyOnly",\n\tInputs = {{\n'
        f'\t\tX = Input {{ SourceOp = "{owner}X", Source = "Value", }},\n'
        f'\t\tY = Input {{ SourceOp = "{owner}Y", Source = "Value", }},\n\t}},\n}},'
    )
    splines = [
        _spline(f"{owner}{letter}", [(frame, point[axis]) for frame, point in keys]) for axis, letter in enumerate("XY")
    ]
    return f'{name} = Input {{ SourceOp = "{owner}Path", Source = "Value", }}', [path, *splines]


def _background(name: str, size: Size, framing: Framing, alpha: int = 1) -> str:
    colour = _COLOURS.get(framing.background, framing.background)
    red, green, blue = (alpha * int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    values = {"Width": size.width, "Height": size.height, "UseFrameFormatSettings": 0}
    levels = {"TopLeftRed": red, "TopLeftGreen": green, "TopLeftBlue": blue, "TopLeftAlpha": alpha}
    rows = "".join(
        f"\t\t{key} = Input {{ Value = {_number(value)}, }},\n" for key, value in {**values, **levels}.items()
    )
    return f"{name} = Background {{\n\tInputs = {{\n{rows}\t}},\n}},"


def _merge(name: str, background: str, foreground: str, inputs: list[str]) -> str:
    wires = [
        f'{end} = Input {{ SourceOp = "{tool}", Source = "Output", }}'
        for end, tool in (("Background", background), ("Foreground", foreground))
    ]
    rows = "".join(f"\t\t{text},\n" for text in [*wires, *inputs])
    return f"{name} = Merge {{\n\tInputs = {{\n{rows}\t}},\n}},"


def _spline(name: str, curve: Curve) -> str:
    rows = []
    for n, (frame, value) in enumerate(curve):
        parts = [_number(value)]
        # Handles are absolute times and values; on the straight line to the next key they keep it straight.
        if n > 0:
            parts.append(f"LH = {{ {_third(curve[n], curve[n - 1])} }}")
        if n + 1 < len(curve):
            parts.append(f"RH = {{ {_third(curve[n], curve[n + 1])} }}")
        parts.append("Flags = { Linear = true }")
        rows.append(f"\t\t[{frame}] = {{ {', '.join(parts)} }},\n")
    return f"{name} = BezierSpline {{\n\tKeyFrames = {{\n{''.join(rows)}\t}},\n}},"


def _third(key: tuple[int, float], towards: tuple[int, float]) -> str:
    """A handle a third of the way to another key."""
    frame, value = (at + (to - at) / 3 for at, to in zip(key, towards, strict=True))
    return f"{_number(frame)}, {_number(value)}"


def _number(value: float) -> str:
    return format_number(value, _DECIMALS)
