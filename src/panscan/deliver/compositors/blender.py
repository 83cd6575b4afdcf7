"""A Python script for Blender that fills the video sequencer of a new scene: strips, offsets, scales, crops.

The script is data and a few dozen lines that read it. It uses what Blender 3.3 to 5.x have in common, and asks Blender
for the rest (paths of animated properties, names that changed), so that it does not depend on one version.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.compositors.blender_sounds import LEVELLED_SOUND, PLAIN_SOUND, sound_strips
from panscan.deliver.host_space import to_blender_crop, to_blender_transform
from panscan.deliver.options import KEYS_HELP, check_key_density
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, read_sequence
from panscan.model.geometry import Rect

_SCALE_DECIMALS, _PX_DECIMALS = 9, 6  # finer than the 32-bit floats that Blender keeps
_CROP_SIDES = ("min_x", "max_x", "min_y", "max_y")
_SOUND_CHANNEL = 1  # pictures lie on the channels above it

# Of a strip: `start` and `count` are frames of the scene; `skip` is the number of pictures at the start of the file
# that are not shown.
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
        new = strips.new_image if row["still"] else strips.new_movie
        strip = new(row["name"], row["path"], row["channel"], head, fit_method="ORIGINAL")
        trim(strip, row)
        strip.blend_type = "ALPHA_OVER"
        for name, rows in row["transform"].items():
            animate(scene, strip.transform, name, rows, "LINEAR")
        for name, rows in row["crop"].items():
            animate(scene, strip.crop, name, rows, "CONSTANT")
    for row in CUT["sounds"]:
        head = row["start"] - row["skip"]
        @SOUND@
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
        layers=True,
        black_end=True,
        sound_tracks=frozenset({"level", "moving level", "fades"}),
        retimed_clip_loss="Its place stays empty: the script sets no speeds.",
    )
    options: ClassVar[type[BlenderOptions]] = BlenderOptions

    def export(self, timeline: Any, *, folder: Path, options: BlenderOptions) -> Artifact:
        """The script; the cells of a layout lie on channels above each other, the clips' own sound on the lowest.

        Sounds of other tracks lie on channels above all pictures.
        """
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        losses = [*clip_sequence.losses]
        for clip_item in clip_sequence.clip_items:
            losses += _clip_losses(clip_item)
        strips = _data(clip_sequence)
        has_levels = any("volume" in row for row in strips["sounds"])
        script = _SCRIPT.replace("@SOUND@", LEVELLED_SOUND if has_levels else PLAIN_SOUND)
        data = json.dumps(strips, indent=1, ensure_ascii=True)
        # The text stands in a raw literal: JSON writes a quote inside a string as \", so """ cannot appear there.
        return Artifact({self.suffix: script.replace("@DATA@", data).encode("utf-8")}, distinct_losses(losses))


def _clip_losses(clip_item: ClipItem) -> list[Loss]:
    losses = []
    name = clip_item.clip.name
    if any(
        layer.needs_crop and any(side % 1 for s in layer.crops for side in _sides(s[1])) for layer in clip_item.layers
    ):
        losses.append(
            Loss(
                f"the exact edge of the cells of clip {name!r}", "Blender crops by whole source px: up to one px more."
            )
        )
    if clip_item.has_sound and len(clip_item.clip.facts.audio) > 1:
        losses.append(
            Loss(
                f"all but the first sound stream of {clip_item.clip.path.name!r}", "Blender plays one stream per strip."
            )
        )
    return losses


def _sides(rect: Rect) -> tuple[float, ...]:
    """Edges of a rectangle in px, without the rounding of the camera."""
    return tuple(round(side, 3) for side in (rect.left, rect.top, rect.right, rect.bottom))


def _data(clip_sequence: ClipSequence) -> dict[str, Any]:
    pictures, sounds = [], []
    for number, clip_item in enumerate(clip_sequence.clip_items, start=1):
        clip = clip_item.clip
        row = {
            "path": str(clip.path.absolute()),
            "start": clip.record_frame + 1,
            "count": clip.frame_count,
            "skip": clip.first - clip.available_first,
            "mute": not clip_item.enabled,
            "still": clip.facts.is_still,
        }
        for part, layer in enumerate(clip_item.layers, start=1):
            # Numbers first: Blender shortens names to 63 bytes.
            name = f"{number:03d}.{part} {clip.path.name}"
            place = {"name": name, "channel": _SOUND_CHANNEL + part}
            pictures.append(place | row | {"transform": _transform(clip_item, layer), "crop": _crop(clip_item, layer)})
        if clip_item.has_sound and clip.facts.audio:
            sounds.append({"name": f"{number:03d} sound {clip.path.name}", "channel": _SOUND_CHANNEL} | row)
    top = _SOUND_CHANNEL + max(len(clip_item.clip.framing.cells) for clip_item in clip_sequence.clip_items)
    sounds += sound_strips(clip_sequence, first_channel=top + 1)
    fps, base = _fps(clip_sequence.rate)
    return {
        "name": clip_sequence.name or "panscan",
        "canvas": [clip_sequence.canvas.width, clip_sequence.canvas.height],
        "fps": [fps, base],
        "frames": clip_sequence.frame_count,
        "pictures": pictures,
        "sounds": sounds,
    }


def _fps(rate: Fraction) -> tuple[int, float]:
    """Blender's whole `fps` and the `fps_base` that it is divided by: 30 and 1.001 for NTSC."""
    whole = math.ceil(rate)
    return whole, float(Fraction(whole) / rate)


def _transform(clip_item: ClipItem, layer: Layer) -> dict[str, list[tuple[int, float]]]:
    clip = clip_item.clip
    framing = clip.framing
    to_scene = clip.record_frame + 1 - clip.first
    moves = [(frame + to_scene, to_blender_transform(key, framing.source, framing.canvas)) for frame, key in layer.keys]
    scale = [(frame, round(move.scale, _SCALE_DECIMALS)) for frame, move in moves]
    return {
        "scale_x": scale,
        "scale_y": scale,
        "offset_x": [(frame, round(move.x_px, _PX_DECIMALS)) for frame, move in moves],
        "offset_y": [(frame, round(move.y_px, _PX_DECIMALS)) for frame, move in moves],
    }


def _crop(clip_item: ClipItem, layer: Layer) -> dict[str, list[tuple[int, int]]]:
    """Source px cropped off each side; a key on every frame at which the whole number changes."""
    if not layer.needs_crop:
        return {}
    clip = clip_item.clip
    source = clip.framing.source
    to_scene = clip.record_frame + 1 - clip.first
    still = len(layer.keys) == 1
    frames = [clip.first] if still else list(range(clip.first, clip.end))
    rects = [Rect(*row) for row in layer.cell.crops(frames, source).tolist()]
    crops = [(frame + to_scene, to_blender_crop(rect, source)) for frame, rect in zip(frames, rects, strict=True)]
    return {side: _changes([(frame, getattr(crop, side)) for frame, crop in crops]) for side in _CROP_SIDES}


def _changes(rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first row, and those whose value differs from the one before."""
    return rows[:1] + [row for before, row in pairwise(rows) if row[1] != before[1]]
