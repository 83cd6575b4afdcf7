"""Keyframe text as After Effects puts it on the clipboard, one per clip and cell.

The text does not say how to interpolate. Pasted keys are linear in time, but After Effects draws a curved path through
three or more Position keys unless a preference forbids it. With one key per frame there is nothing to curve, so that is
the default. Keys are pasted with the first one at the current time, so the first is always that of the clip's first
frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import canvas_to_cell, source_centre, to_after_effects_corners, to_after_effects_layer
from panscan.deliver.numbers import format_number
from panscan.deliver.options import check_key_density
from panscan.deliver.sequence import ClipItem, Layer, read_sequence


@dataclass(frozen=True, slots=True)
class AfterEffectsOptions:
    """Options of the After Effects delivery."""

    keys: KeyDensity = field(
        default="every-frame",
        metadata={"help": '"every-frame", or "sparse" where "Default Spatial Interpolation to Linear" is on'},
    )

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class AfterEffectsExporter:
    """Adobe After Effects 8.0 Keyframe Data: a layer's Anchor Point, Position, Scale, and a Corner Pin for a tilt."""

    name: ClassVar[str] = "aftereffects"
    title: ClassVar[str] = "After Effects keyframe text"
    suffix: ClassVar[str] = ".clip001.ae.txt"
    opens_in: ClassVar[tuple[str, ...]] = ("Adobe After Effects",)
    how_to_import: ClassVar[str] = (
        "Copy the text, select the clip's layer in a composition of the canvas's size, go to its first frame and paste."
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True, tilts=True, sound=False, disabled=False, retimes=True
    )
    options: ClassVar[type[AfterEffectsOptions]] = AfterEffectsOptions

    def export(self, timeline: Any, *, folder: Path, options: AfterEffectsOptions) -> Artifact:
        """One text per clip, numbered in record order, and one more for each further cell."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [
            *clip_sequence.losses,
            Loss("the cut", "Each text holds the keys of one layer; the layers are cut elsewhere."),
        ]
        files = {}
        for count, clip_item in enumerate(clip_sequence.clip_items, start=1):
            for part, layer in enumerate(clip_item.with_dense_tilt().layers, start=1):
                cell = f".cell{part}" if part > 1 else ""
                files[f".clip{count:03d}{cell}.ae.txt"] = _text(clip_item, layer).encode("utf-8")
                is_whole = layer.cell.size == clip_item.clip.framing.canvas
                if layer.needs_crop or (layer.tilt and not is_whole):  # by a mask, which this text cannot hold
                    box = layer.cell
                    losses.append(
                        Loss(
                            f"the edge of cell {part} of clip {clip_item.clip.name!r}",
                            f"Mask the layer to {box.size} px at {box.left_px}, {box.top_px} of the composition.",
                        )
                    )
            if clip_item.clip.is_retimed:
                losses.append(
                    Loss(
                        f"the speed of clip {clip_item.clip.name!r} ({float(clip_item.clip.speed):g})",
                        "Give it to the layer by time remapping; the keys count frames of the composition.",
                    )
                )
            if not clip_item.enabled:
                losses.append(Loss(f"the disabled clip {clip_item.clip.name!r}", "Its text is written all the same."))
        return Artifact(files, distinct_losses(losses))


def _text(clip_item: ClipItem, layer: Layer) -> str:
    clip = clip_item.clip
    source, canvas = clip.framing.source, clip.framing.canvas
    keys = [(frame - clip.first, to_after_effects_layer(key, canvas)) for frame, key in layer.keys]
    if keys[0][0] != 0:
        keys.insert(0, (0, keys[0][1]))
    anchor = [(0, (*source_centre(source), 0.0))]
    position = [(frame, (key.x_px, key.y_px, 0.0)) for frame, key in keys]
    scale = [(frame, (key.scale_percent, key.scale_percent, 100.0)) for frame, key in keys]
    facts = (
        ("Units Per Second", format_number(float(clip.framing.rate))),
        ("Source Width", str(source.width)),
        ("Source Height", str(source.height)),
        ("Source Pixel Aspect Ratio", "1"),
        ("Comp Pixel Aspect Ratio", "1"),
    )
    head = "".join(f"\t{name}\t{value}\n" for name, value in facts)
    body = _property("Anchor Point", "pixels", anchor) + _property("Position", "pixels", position)
    body += _property("Scale", "percent", scale) + _corner_pin(layer, clip_item)
    return f"Adobe After Effects 8.0 Keyframe Data\n\n{head}\n{body}\nEnd of Keyframe Data\n"


def _corner_pin(layer: Layer, clip_item: ClipItem) -> str:
    """The keys of the effect Corner Pin, by the names that After Effects has for it in every language."""
    framing, first = clip_item.clip.framing, clip_item.clip.first
    rows = []
    for (frame, corners), (_, key) in zip(layer.tilt, layer.keys, strict=bool(layer.tilt)):
        in_cell = canvas_to_cell(key, layer.cell, framing.canvas)
        rows.append((frame - first, to_after_effects_corners(corners, in_cell, layer.cell.size, framing.source)))
    if not rows:
        return ""
    if rows[0][0] != 0:
        rows.insert(0, (0, rows[0][1]))
    text = ""
    for n in range(4):
        text += f"Effects\tADBE Corner Pin\tADBE Corner Pin-{n + 1:04d}\n\tFrame\tX pixels\tY pixels\t\n"
        for frame, points in rows:
            text += f"\t{frame}\t{format_number(points[n][0])}\t{format_number(points[n][1])}\t\n"
    return text


def _property(name: str, unit: str, rows: list[tuple[int, tuple[float, float, float]]]) -> str:
    head = f"Transform\t{name}\n\tFrame\tX {unit}\tY {unit}\tZ {unit}\t\n"
    return head + "".join(f"\t{frame}\t" + "".join(f"{format_number(v)}\t" for v in row) + "\n" for frame, row in rows)
