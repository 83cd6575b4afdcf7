"""Fusion .setting files, one per clip: a Background of the canvas's size and a Merge whose Size and Center are keyed.

Fusion's Copy and Paste exchange .setting text, so the same file works in the comp of a clip in Resolve and in Fusion
Studio. Between keys Fusion draws Bezier curves; their handles are written on the straight line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import canvas_to_cell, cell_place, to_fusion_merge
from panscan.deliver.numbers import format_number
from panscan.deliver.options import KEYS_HELP, check_key_density, parse_int
from panscan.deliver.sequence import ClipItem, Layer, read_sequence
from panscan.model.framing import Framing
from panscan.model.geometry import Size

_DECIMALS = 9  # of fractions of the canvas: a millionth of a 4K canvas would be 0.004 px
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
    for number, layer in enumerate(clip_item.layers, start=1):
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
    framing, first = clip_item.clip.framing, clip_item.clip.first
    size = layer.cell.size
    keys = [
        (options.start_frame + frame - first, to_fusion_merge(canvas_to_cell(key, layer.cell, framing.canvas), size))
        for frame, key in layer.keys
    ]
    tools = [_background(f"Cell{number}", size, framing)]
    inputs, splines = [], []
    scale = [(frame, merge.size) for frame, merge in keys]
    across = [(frame, merge.center_x) for frame, merge in keys]
    up = [(frame, merge.center_y) for frame, merge in keys]
    if len(keys) == 1:
        inputs.append(f"Center = Input {{ Value = {{ {_number(across[0][1])}, {_number(up[0][1])} }}, }}")
        inputs.append(f"Size = Input {{ Value = {_number(scale[0][1])}, }}")
    else:
        # A point cannot be keyed by a spline; an XYPath joins one spline per axis (Fusion scripting guide).
        path = f"Reframe{number}Path"
        inputs.append(f'Center = Input {{ SourceOp = "{path}", Source = "Value", }}')
        inputs.append(f'Size = Input {{ SourceOp = "Reframe{number}Size", Source = "Value", }}')
        splines = [
            f'{path} = XYPath {{\n\tDrawMode = "ModifyOnly",\n\tInputs = {{\n'
            f'\t\tX = Input {{ SourceOp = "Reframe{number}X", Source = "Value", }},\n'
            f'\t\tY = Input {{ SourceOp = "Reframe{number}Y", Source = "Value", }},\n\t}},\n}},',
            _spline(f"Reframe{number}X", across),
            _spline(f"Reframe{number}Y", up),
            _spline(f"Reframe{number}Size", scale),
        ]
    return [*tools, _merge(f"Reframe{number}", f"Cell{number}", options.source, inputs), *splines]


def _background(name: str, size: Size, framing: Framing) -> str:
    colour = _COLOURS.get(framing.background, framing.background)
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    values = {"Width": size.width, "Height": size.height, "UseFrameFormatSettings": 0}
    levels = {"TopLeftRed": red, "TopLeftGreen": green, "TopLeftBlue": blue, "TopLeftAlpha": 1}
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
