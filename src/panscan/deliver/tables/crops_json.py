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

from panscan.deliver.artifact import Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.options import parse_bool
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, read_sequence
from panscan.model.framing import FloatArray
from panscan.model.geometry import Size
from panscan.timeline.files import recipe_of

# What is shown beyond the picture by less than this is the rounding of the document.
_EDGE_SLACK_PX = 0.5
_SPEAKER = "-active-speaker"
# Frames turned into text at once.
_BLOCK = 4096


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
        layers=True, backgrounds=frozenset({"black", "colour", "blur"}), sound=False, disabled=False, retimes=True
    )
    options: ClassVar[type[CropsJsonOptions]] = CropsJsonOptions

    def export(self, timeline: Any, *, folder: Path, options: CropsJsonOptions) -> Artifact:
        """The list; frame_number counts from the first picture of the media file."""
        spine = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        recipe = recipe_of(timeline)
        speaker = bool(recipe.get("speaker"))
        shape = _shape(spine.canvas)
        losses = [*spine.losses, *_losses(spine)]
        if options.include_non_active_layouts and speaker:
            losses.append(
                Loss(
                    f"the layouts {shape!r} without speaker",
                    "The timeline was made with the speaker: run `panscan reframe --both` and deliver the other one.",
                )
            )
        return Artifact({self.suffix: _text(spine, shape + _SPEAKER * speaker, options)}, distinct_losses(losses))


def _shape(canvas: Size) -> str:
    divisor = math.gcd(canvas.width, canvas.height)
    return f"{canvas.width // divisor}:{canvas.height // divisor}"


def _losses(spine: ClipSequence) -> Iterator[Loss]:
    for piece in spine.clip_items:
        framing = piece.clip.framing
        if not piece.enabled:
            yield Loss(f"the disabled clip {piece.clip.name!r}", "Its frames are left out.")
        if len(framing.cells) > 1 or framing.cells[0].size != framing.canvas:
            yield Loss(
                f"where the cells of clip {piece.clip.name!r} lie",
                f"The file lists their crops from first to last cell (layout {framing.layout}), not their places.",
            )


def _text(spine: ClipSequence, shape: str, options: CropsJsonOptions) -> bytes:
    shown = [piece for piece in spine.clip_items if piece.enabled]
    with_file_names = len({piece.clip.path for piece in shown}) > 1
    out = io.BytesIO()
    separator = "["
    for piece in shown:
        for block in _rows(piece, json.dumps(shape), options, with_file_names):
            out.write((separator + "\n" + block).encode("utf-8"))
            separator = ","
    out.write(b"\n]\n" if separator == "," else b"[]\n")
    return out.getvalue()


def _rows(piece: ClipItem, shape: str, options: CropsJsonOptions, with_file_names: bool) -> Iterator[str]:
    """JSON of the frames of a clip, some thousand at a time, without brackets around them."""
    clip = piece.clip
    framing = clip.framing
    source = framing.source
    file = f'"file": {json.dumps(str(clip.path.name))}, ' if with_file_names else ""
    size = f'"frame_width": {source.width}, "frame_height": {source.height}'
    layout = f', "layout": {json.dumps(framing.layout)}' if options.include_subjects else ""
    subjects = [
        f', "subject": {json.dumps(cell.subject)}' if options.include_subjects else "" for cell in framing.cells
    ]
    for start in range(clip.first, clip.end, _BLOCK):
        frames = np.arange(start, min(start + _BLOCK, clip.end))
        cells = [
            _cell(cell.crops(frames, source), source, subject)
            for cell, subject in zip(framing.cells, subjects, strict=True)
        ]
        shown = frames - clip.available_first
        if not clip.frames_are_pictures:
            shown = np.array([clip.source_picture_number(frame - clip.first) for frame in frames.tolist()])
        numbers = shown.tolist()
        times = (shown * clip.facts.rate.denominator / clip.facts.rate.numerator).tolist()
        yield ",\n".join(
            f'{{{file}"frame_number": {number}, "time_seconds": {time:.6f}, {size}, '
            f'"crops": {{{shape}: [{", ".join(boxes)}]}}{layout}}}'
            for number, time, boxes in zip(numbers, times, zip(*cells, strict=True), strict=True)
        )


def _cell(crops: FloatArray, source: Size, subject: str) -> Iterator[str]:
    """JSON of one cell's rectangles: the part inside the picture; letterboxed where the crop reaches beyond it."""
    left, top, width, height = crops.T
    right, bottom = left + width, top + height
    beyond = np.maximum.reduce([-left, -top, right - source.width, bottom - source.height]) > _EDGE_SLACK_PX
    sides = (
        np.clip(left, 0, source.width),
        np.clip(top, 0, source.height),
        np.clip(right, 0, source.width),
        np.clip(bottom, 0, source.height),
    )
    columns = [side.tolist() for side in sides]
    for x1, y1, x2, y2, box in zip(*columns, beyond.tolist(), strict=True):
        yield (
            f'{{"x1": {x1:.3f}, "y1": {y1:.3f}, "x2": {x2:.3f}, "y2": {y2:.3f}, '
            f'"apply_letterbox": {"true" if box else "false"}{subject}}}'
        )
