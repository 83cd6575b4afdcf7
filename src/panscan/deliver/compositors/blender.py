"""A Python script for Blender that fills the video sequencer of a new scene: strips, offsets, scales, crops.

The script is data and a few dozen lines that read it. It uses what Blender 3.3 to 5.x have in common, and asks Blender
for the rest (paths of animated properties, names that changed), so that it does not depend on one version.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.host_space import to_blender_transform
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer, read_sequence
from panscan.model.geometry import Rect, Size

# Of a strip: `start`, `count` are frames of the scene, `skip` the pictures of the file before the first one shown.
_SCRIPT = '''"""Fills the video sequencer of a new scene. Run it in the Text Editor, or `blender --python FILE`."""

import json

import bpy

CUT = json.loads(r"""
@DATA@
""")


def animate(scene, owner, name, rows, interpolation):
    """Set a property, or key it with straight lines (or steps) between the keys."""
    frames, values = zip(*rows, strict=True)
    setattr(owner, name, values[0])
    if len(set(values)) == 1:
        return
    action = scene.animation_data.action
    path = owner.path_from_id(name)
    if hasattr(action, "fcurve_ensure_for_datablock"):  # Blender 4.4 and later
        curve = action.fcurve_ensure_for_datablock(scene, path)
    else:
        curve = action.fcurves.new(path)
    for frame, value in zip(frames, values, strict=True):
        curve.keyframe_points.insert(frame, value).interpolation = interpolation
    curve.update()


def trim(strip, row):
    """Show the strip's own range only, on its own channel."""
    strip.frame_final_start = row["start"]
    strip.frame_final_duration = row["count"]
    strip.channel = row["channel"]
    strip.mute = row["mute"]


def main():
    scene = bpy.data.scenes.new(CUT["name"])
    render = scene.render
    render.resolution_x, render.resolution_y = CUT["canvas"]
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.fps, render.fps_base = CUT["fps"]
    scene.frame_start, scene.frame_end = 1, CUT["frames"]
    scene.view_settings.view_transform = "Standard"
    scene.animation_data_create()
    scene.animation_data.action = bpy.data.actions.new(CUT["name"])
    scene.sequence_editor_create()
    editor = scene.sequence_editor
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # "strips" since Blender 4.4
    for row in CUT["pictures"]:
        head = row["start"] - row["skip"]
        strip = strips.new_movie(row["name"], row["path"], row["channel"], head, fit_method="ORIGINAL")
        trim(strip, row)
        strip.blend_type = "ALPHA_OVER"
        for name, rows in row["transform"].items():
            animate(scene, strip.transform, name, rows, "LINEAR")
        for name, rows in row["crop"].items():
            animate(scene, strip.crop, name, rows, "CONSTANT")
    for row in CUT["sounds"]:
        head = row["start"] - row["skip"]
        trim(strips.new_sound(row["name"], row["path"], row["channel"], head), row)
    if bpy.context.window is not None:
        bpy.context.window.scene = scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):  # Blender 5
        bpy.context.workspace.sequencer_scene = scene


main()
'''


@dataclass(frozen=True, slots=True)
class BlenderOptions:
    """Options of the Blender delivery."""

    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_key_density(self.keys)


class BlenderExporter:
    """A script that builds the timeline in Blender's video sequencer."""

    name: ClassVar[str] = "blender"
    title: ClassVar[str] = "Blender script"
    suffix: ClassVar[str] = ".blender.py"
    opens_in: ClassVar[tuple[str, ...]] = ("Blender",)
    how_to_import: ClassVar[str] = "Scripting workspace > Open > Run Script, or `blender --python FILE`."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True, without_retimes="Its place stays empty: the script sets no speeds."
    )
    options: ClassVar[type[BlenderOptions]] = BlenderOptions

    def export(self, timeline: Any, *, folder: Path, options: BlenderOptions) -> Artifact:
        """The script; the cells of a layout lie on channels above each other, sound on the channel below them all."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [*spine.losses]
        for piece in spine.clip_items:
            losses += _of_piece(piece)
        data = json.dumps(_data(spine), indent=1, ensure_ascii=True)
        # The text stands in a raw literal: JSON writes a quote inside a string as \", so """ cannot appear there.
        return Artifact({self.suffix: _SCRIPT.replace("@DATA@", data).encode("utf-8")}, distinct_losses(losses))


def _of_piece(piece: ClipItem) -> list[Loss]:
    losses = []
    name = piece.clip.name
    if any(layer.needs_crop and any(side % 1 for s in layer.crops for side in _sides(s[1])) for layer in piece.layers):
        losses.append(
            Loss(
                f"the exact edge of the cells of clip {name!r}", "Blender crops by whole source px: up to one px more."
            )
        )
    if piece.has_sound and len(piece.clip.facts.audio) > 1:
        losses.append(
            Loss(f"all but the first sound stream of {piece.clip.path.name!r}", "Blender plays one stream per strip.")
        )
    return losses


def _sides(rect: Rect) -> tuple[float, ...]:
    return tuple(round(side, 3) for side in (rect.left, rect.top, rect.right, rect.bottom))


def _data(spine: ClipSequence) -> dict[str, Any]:
    pictures, sounds = [], []
    for number, piece in enumerate(spine.clip_items, start=1):
        clip = piece.clip
        row = {
            "path": str(clip.path.absolute()),
            "start": clip.record_frame + 1,
            "count": clip.frame_count,
            "skip": clip.first - clip.available_first,
            "mute": not piece.enabled,
        }
        for part, layer in enumerate(piece.layers, start=1):
            # Numbers first: Blender cuts names off after 63 bytes.
            name = f"{number:03d}.{part} {clip.path.name}"
            place = {"name": name, "channel": part + 1}
            pictures.append(place | row | {"transform": _transform(piece, layer), "crop": _crop(piece, layer)})
        if piece.has_sound and clip.facts.audio:
            sounds.append({"name": f"{number:03d} sound {clip.path.name}", "channel": 1} | row)
    fps, base = _fps(spine.rate)
    return {
        "name": spine.name or "panscan",
        "canvas": [spine.canvas.width, spine.canvas.height],
        "fps": [fps, base],
        "frames": spine.frame_count,
        "pictures": pictures,
        "sounds": sounds,
    }


def _fps(rate: Fraction) -> tuple[int, float]:
    """Blender's whole `fps` and the `fps_base` that it is divided by: 30 and 1.001 for NTSC."""
    whole = math.ceil(rate)
    return whole, float(Fraction(whole) / rate)


def _transform(piece: ClipItem, layer: Layer) -> dict[str, list[tuple[int, float]]]:
    clip = piece.clip
    framing = clip.framing
    to_scene = clip.record_frame + 1 - clip.first
    moves = [(frame + to_scene, to_blender_transform(key, framing.source, framing.canvas)) for frame, key in layer.keys]
    scale = [(frame, round(move.scale, 9)) for frame, move in moves]
    return {
        "scale_x": scale,
        "scale_y": scale,
        "offset_x": [(frame, round(move.x_px, 6)) for frame, move in moves],
        "offset_y": [(frame, round(move.y_px, 6)) for frame, move in moves],
    }


def _crop(piece: ClipItem, layer: Layer) -> dict[str, list[tuple[int, int]]]:
    """Source px cut off on each side, rounded so that nothing of the cell is lost; stepped where the camera moves."""
    if not layer.needs_crop:
        return {}
    clip = piece.clip
    source = clip.framing.source
    to_scene = clip.record_frame + 1 - clip.first
    still = len(layer.keys) == 1
    frames = [clip.first] if still else list(range(clip.first, clip.end))
    rects = [Rect(*row) for row in layer.cell.crops(frames, source).tolist()]
    rows = [(frame + to_scene, _cut_off(rect, source)) for frame, rect in zip(frames, rects, strict=True)]
    return {
        name: [(frame, cut[n]) for k, (frame, cut) in enumerate(rows) if k == 0 or cut[n] != rows[k - 1][1][n]]
        for n, name in enumerate(("min_x", "max_x", "min_y", "max_y"))
    }


def _cut_off(rect: Rect, source: Size) -> tuple[int, int, int, int]:
    slack = 1e-3
    left, right = math.floor(rect.left + slack), math.floor(source.width - rect.right + slack)
    top, bottom = math.floor(rect.top + slack), math.floor(source.height - rect.bottom + slack)
    return max(left, 0), max(right, 0), max(bottom, 0), max(top, 0)
