"""What the camera does, stretch by stretch, as JSON that a person edits and `panscan reframe --from-segments` reads.

A planned camera tells its rests and why it is there; of any other each straight piece between two keys is a segment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import ALL_OF_STILLS, Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.host_space import part_in_picture
from panscan.deliver.sequence import ClipSequence, read_sequence
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Rect, Size
from panscan.timeline.cut import FramedClip

_TIME_DECIMALS = 4  # seconds: a tenth of a millisecond, far less than a frame
_PX_DECIMALS = 3
_SAME_ZOOM = 1.01  # factor between the widths of two crops, below which a move is a pan
_WHOLE_PX = 1.0  # source px of the picture that a crop may leave out and still show all of it


@dataclass(frozen=True, slots=True)
class SegmentsOptions:
    """No options."""


class SegmentsExporter:
    """A JSON object with the segments of the timeline in record order."""

    name: ClassVar[str] = "segments"
    title: ClassVar[str] = "Camera segments (JSON)"
    suffix: ClassVar[str] = ".segments.json"
    opens_in: ClassVar[tuple[str, ...]] = ("any text editor",)
    how_to_import: ClassVar[str] = "Of one movie: edit it, then run `panscan reframe MOVIE --from-segments FILE`."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "gradient", "blur"}),
        sound=False,
        disabled=False,
        retimes=True,
        stills=ALL_OF_STILLS,
    )
    options: ClassVar[type[SegmentsOptions]] = SegmentsOptions

    def export(self, timeline: Any, *, folder: Path, options: SegmentsOptions) -> Artifact:
        """The segments; times count from the start of the timeline."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        shown = [item for item in clip_sequence.clip_items if item.enabled]
        with_file_names = len({item.clip.path for item in shown}) > 1
        rows = [row for item in shown for row in _segments(item.clip, clip_sequence, with_file_names)]
        canvas = clip_sequence.canvas
        head = f'{{"version": 1, "canvas_px": [{canvas.width}, {canvas.height}], "segments": ['
        text = head + "".join(f"\n  {json.dumps(row)}," for row in rows).removesuffix(",") + "\n]}\n"
        losses = [*clip_sequence.losses, *_losses(clip_sequence)]
        return Artifact({self.suffix: text.encode("utf-8")}, distinct_losses(losses))


def _losses(clip_sequence: ClipSequence) -> Iterator[Loss]:
    for item in clip_sequence.clip_items:
        if not item.enabled:
            yield Loss(f"the disabled clip {item.clip.name!r}", "Its segments are left out.")
        if len(item.clip.framing.cells) > 1 and item.clip.framing.layout != "stack":  # which is made again as it was
            yield Loss(f"all cells but one of clip {item.clip.name!r}", "Segments tell what one camera does.")


def main_cell(framing: Framing) -> Cell:
    """The cell whose camera is told: the first that was planned, else the first that moves, else the first."""
    planned = [cell for cell in framing.cells if cell.rests]
    moving = [cell for cell in framing.cells if not cell.camera.is_static]
    return (*planned, *moving, *framing.cells)[0]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Frames [first, end) on the clip's own clock in which a camera rests, or goes from one rest to the next."""

    first: int
    end: int
    is_move: bool
    reason: str
    easing: str


def _segments(clip: FramedClip, clip_sequence: ClipSequence, with_file_names: bool) -> Iterator[dict[str, Any]]:
    framing, rate = clip.framing, clip_sequence.rate
    cell = main_cell(framing)
    for stretch in _planned(clip, cell) if cell.rests else _between_keys(clip, cell):
        crops = [cell.crop_at(frame, framing.source) for frame in (stretch.first - stretch.is_move, stretch.end)]
        crop = crops[1] if stretch.is_move else cell.crop_at(stretch.first, framing.source)
        start = clip.record_frame - clip.first
        yield {
            "t0": round(float((start + stretch.first) / rate), _TIME_DECIMALS),
            "t1": round(float((start + stretch.end) / rate), _TIME_DECIMALS),
            "mode": _move_mode(*crops) if stretch.is_move else _rest_mode(crop, framing.source),
            "roi": _roi(crop, framing.source),
            "reason": stretch.reason,
            "easing": stretch.easing,
            "layout": framing.layout,
            **({"file": clip.path.name} if with_file_names else {}),
        }


def _planned(clip: FramedClip, cell: Cell) -> Iterator[_Stretch]:
    """The rests of a planned camera as far as the clip shows them, and the moves between."""
    shown = [rest for rest in cell.rests if rest.first < clip.end and rest.end > clip.first]
    for before, rest in pairwise((None, *shown)):
        assert rest is not None
        if before is not None and before.end < rest.first:
            yield _Stretch(before.end, rest.first, True, rest.reason, rest.easing)
        yield _Stretch(max(rest.first, clip.first), min(rest.end, clip.end), False, rest.reason, "none")


def _between_keys(clip: FramedClip, cell: Cell) -> Iterator[_Stretch]:
    """The straight pieces of a camera between its keys, as far as the clip shows them; a jump is no piece.

    A rest lasts to the end of the frame of its last key. Before a camera that moves at once a rest of one frame says
    where it sets off.
    """
    edges = sorted({clip.first, *(frame for frame in cell.camera.frame if clip.first < frame < clip.end), clip.end})
    values = cell.camera.sample(edges).tolist()
    moves = [before != after for before, after in pairwise(values)]
    starts = [clip.first, *(edge + (not moved) for edge, moved in zip(edges[1:], moves, strict=True))]
    if moves[0]:
        yield _Stretch(clip.first, clip.first + 1, False, clip.framing.why, "none")
        starts[0] += 1
    for first, end, is_move in zip(starts[:-1], [*starts[1:-1], clip.end], moves, strict=True):
        if first < end:
            yield _Stretch(first, end, is_move, clip.framing.why, "linear" if is_move else "none")


def _move_mode(before: Rect, after: Rect) -> str:
    factor = before.width / after.width
    return "focus_in" if factor > _SAME_ZOOM else "release" if factor < 1 / _SAME_ZOOM else "pan"


def _rest_mode(crop: Rect, source: Size) -> str:
    return "wide" if crop.contains(Rect(0, 0, source.width, source.height), _WHOLE_PX) else "hold"


def _roi(crop: Rect, source: Size) -> list[float]:
    """The part of the picture that is shown: left, top, width and height in source px."""
    part = part_in_picture(crop, source)
    return [round(value, _PX_DECIMALS) + 0.0 for value in (part.left, part.top, part.width, part.height)]
