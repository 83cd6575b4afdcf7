"""Crops as plain JSON: one object per frame, for programs that crop themselves.

The names are those that crop services use (Sieve, "autocrop"): `crops` maps the shape, "9:16" or
"9:16-active-speaker", to one rectangle per cell of the layout. Rows are written one by one: two hours of frames are
never held as objects.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from panscan.deliver.artifact import ALL_OF_STILLS, Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.host_space import corners_in_picture
from panscan.deliver.options import parse_bool
from panscan.deliver.sequence import ClipItem, ClipSequence, read_sequence
from panscan.model.framing import FloatArray
from panscan.model.geometry import Size
from panscan.timeline.files import recipe_of

_SPEAKER = "-active-speaker"  # after the shape, as those services name it
_BLOCK_FRAMES = 4096  # turned into text at once: few enough for memory, many enough for speed


@dataclass(frozen=True, slots=True)
class CropsJsonOptions:
    """Options of the crops delivery."""

    include_subjects: bool = field(
        default=False, metadata={"help": "add to each crop the subject it follows, and to each frame its layout"}
    )
    include_non_active_layouts: bool = field(
        default=False, metadata={"help": "ask for the layouts without speaker too; a timeline that lacks them says so"}
    )

    def __post_init__(self) -> None:
        for name in ("include_subjects", "include_non_active_layouts"):
            object.__setattr__(self, name, parse_bool(getattr(self, name), name))


class CropsJsonExporter:
    """A JSON list with the crop rectangles of every frame, in source px."""

    name: ClassVar[str] = "crops-json"
    title: ClassVar[str] = "Crops per frame (JSON)"
    suffix: ClassVar[str] = ".crops.json"
    opens_in: ClassVar[tuple[str, ...]] = ("any program",)
    how_to_import: ClassVar[str] = "Read it with any JSON parser: a list with one object per frame, in record order."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "gradient", "blur"}),
        sound=False,
        disabled=False,
        retimes=True,
        stills=ALL_OF_STILLS,
    )
    options: ClassVar[type[CropsJsonOptions]] = CropsJsonOptions

    def export(self, timeline: Any, *, folder: Path, options: CropsJsonOptions) -> Artifact:
        """The list; frame_number counts from the first picture of the media file."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        recipe = recipe_of(timeline)
        speaker = bool(recipe.get("speaker"))
        shape = _shape(clip_sequence.canvas)
        losses = [*clip_sequence.losses, *_losses(clip_sequence)]
        if options.include_non_active_layouts and speaker:
            losses.append(
                Loss(
                    f"the layouts {shape!r} without speaker",
                    "The timeline was made with the speaker: run `panscan reframe --both` and deliver the other one.",
                )
            )
        return Artifact(
            {self.suffix: _text(clip_sequence, shape + _SPEAKER * speaker, options)}, distinct_losses(losses)
        )


def _shape(canvas: Size) -> str:
    divisor = math.gcd(canvas.width, canvas.height)
    return f"{canvas.width // divisor}:{canvas.height // divisor}"


def _losses(clip_sequence: ClipSequence) -> Iterator[Loss]:
    for clip_item in clip_sequence.clip_items:
        framing = clip_item.clip.framing
        if not clip_item.enabled:
            yield Loss(f"the disabled clip {clip_item.clip.name!r}", "Its frames are left out.")
        if len(framing.cells) > 1 or framing.cells[0].size != framing.canvas:
            yield Loss(
                f"where the cells of clip {clip_item.clip.name!r} lie",
                f"The file lists their crops from first to last cell (layout {framing.layout}), not their places.",
            )


def _text(clip_sequence: ClipSequence, shape: str, options: CropsJsonOptions) -> bytes:
    shown = [clip_item for clip_item in clip_sequence.clip_items if clip_item.enabled]
    with_file_names = len({clip_item.clip.path for clip_item in shown}) > 1
    out = io.BytesIO()
    separator = "["
    for clip_item in shown:
        for block in _rows(clip_item, json.dumps(shape), options, with_file_names):
            out.write((separator + "\n" + block).encode("utf-8"))
            separator = ","
    out.write(b"\n]\n" if separator == "," else b"[]\n")
    return out.getvalue()


def _rows(clip_item: ClipItem, shape: str, options: CropsJsonOptions, with_file_names: bool) -> Iterator[str]:
    """JSON of the frames of a clip item, some thousand at a time, without brackets around them."""
    clip = clip_item.clip
    framing = clip.framing
    source = framing.source
    file = f'"file": {json.dumps(str(clip.path.name))}, ' if with_file_names else ""
    size = f'"frame_width": {source.width}, "frame_height": {source.height}'
    layout = f', "layout": {json.dumps(framing.layout)}' if options.include_subjects else ""
    subjects = [
        f', "subject": {json.dumps(cell.subject)}' if options.include_subjects else "" for cell in framing.cells
    ]
    for start in range(clip.first, clip.end, _BLOCK_FRAMES):
        frames = np.arange(start, min(start + _BLOCK_FRAMES, clip.end))
        cells = [
            _cell(cell.crops(frames, source), source, subject)
            for cell, subject in zip(framing.cells, subjects, strict=True)
        ]
        shown = frames - clip.available_first
        if not clip.frames_are_pictures:
            shown = np.array(clip.source_picture_numbers((frames - clip.first).tolist()))
        numbers = shown.tolist()
        times = (shown * clip.facts.rate.denominator / clip.facts.rate.numerator).tolist()
        yield ",\n".join(
            f'{{{file}"frame_number": {number}, "time_seconds": {time:.6f}, {size}, '
            f'"crops": {{{shape}: [{", ".join(boxes)}]}}{layout}}}'
            for number, time, boxes in zip(numbers, times, zip(*cells, strict=True), strict=True)
        )


def _cell(crops: FloatArray, source: Size, subject: str) -> Iterator[str]:
    """JSON of one cell's rectangles: the part inside the picture; letterboxed where the crop reaches beyond it.

    subject: text that is added to each.
    """
    corners, beyond = corners_in_picture(crops, source)
    for (x1, y1, x2, y2), box in zip(corners.tolist(), beyond.tolist(), strict=True):
        yield (
            f'{{"x1": {x1:.3f}, "y1": {y1:.3f}, "x2": {x2:.3f}, "y2": {y2:.3f}, '
            f'"apply_letterbox": {"true" if box else "false"}{subject}}}'
        )
