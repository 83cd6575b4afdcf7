"""A timeline as runs: frames that one chain of FFmpeg filters can make, from one stretch of one media file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from panscan.deliver.ffmpeg.expressions import LinearSegment, linear_segments
from panscan.deliver.host_space import CameraKey, canvas_to_cell
from panscan.deliver.sequence.sequence import ClipItem, ClipSequence, Layer
from panscan.model.framing import Cell, Framing

# "window": one size of crop inside the picture; "zoom": inside, with changing size; "placed": may reach beyond it.
CropMode = Literal["window", "zoom", "placed"]
_EDGE_SLACK_PX = 0.02
_SCALE_DECIMALS = 9
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class RunCell:
    """One cell of a run: its rectangle, how it is cut out, and its camera on the run's own frames, from 0."""

    cell: Cell
    crop_mode: CropMode
    camera: tuple[LinearSegment[CameraKey], ...]


@dataclass(slots=True)
class FilterRun:
    """Frames [record, record + count) of the timeline.

    pieces: clips that follow each other in record and media alike and look alike; empty for black. source: number of
    the input file.
    """

    record_frame: int
    frame_count: int
    clip_items: list[ClipItem] = field(default_factory=list)
    input_index: int = -1

    @property
    def framing(self) -> Framing:
        """Canvas, source and background of the run."""
        return self.clip_items[0].clip.framing

    @property
    def is_retimed(self) -> bool:
        """Whether it is one retimed clip: such a run has an input file, and a grid of pictures, of its own."""
        return bool(self.clip_items) and self.clip_items[0].clip.is_retimed

    @property
    def first_picture(self) -> int:
        """First picture on the grid of its input, from 0."""
        clip = self.clip_items[0].clip
        return 0 if clip.is_retimed else clip.first - clip.available_first

    @property
    def cells(self) -> tuple[RunCell, ...]:
        """Its cells in drawing order."""
        offset = self.clip_items[0].clip.first
        cells = self.clip_items[0].layers
        cameras: list[list[LinearSegment[CameraKey]]] = [[] for _ in cells]
        for piece in self.clip_items:
            clip = piece.clip
            for camera, layer in zip(cameras, piece.layers, strict=True):
                keys = [(f - offset, canvas_to_cell(k, layer.cell, clip.framing.canvas)) for f, k in layer.keys]
                camera += linear_segments(keys, clip.first - offset, clip.end - offset)
        return tuple(
            RunCell(layer.cell, _crop_mode(layer, self.framing), tuple(camera))
            for layer, camera in zip(cells, cameras, strict=True)
        )


def filter_runs(spine: ClipSequence) -> list[FilterRun]:
    """The timeline without holes, in record order; disabled clips are black."""
    found: list[FilterRun] = []
    last_chain_key: tuple[object, ...] = ()
    for record, count, piece in spine.with_gaps():
        if piece is None or not piece.enabled:
            found.append(FilterRun(record, count))
            continue
        looks = _chain_key(piece)
        if found and found[-1].clip_items and _follows(found[-1].clip_items[-1], piece) and looks == last_chain_key:
            found[-1].clip_items.append(piece)
            found[-1].frame_count += count
        else:
            found.append(FilterRun(record, count, [piece]))
        last_chain_key = looks
    return found


def assign_inputs(runs: Sequence[FilterRun]) -> list[Path]:
    """Give each run an input file; a file is opened again where the timeline goes back in it.

    FFmpeg would have to keep all pictures in memory that come before they are wanted.
    """
    files: list[Path] = []
    ends: list[int] = []
    for run in runs:
        if not run.clip_items:
            continue
        path = run.clip_items[0].clip.path.absolute()
        if run.is_retimed:
            files.append(path)
            ends.append(_NEVER)
            run.input_index = len(files) - 1
            continue
        for number, (file, end) in enumerate(zip(files, ends, strict=True)):
            if file == path and end <= run.first_picture:
                run.input_index = number
                break
        else:
            files.append(path)
            ends.append(0)
            run.input_index = len(files) - 1
        ends[run.input_index] = run.first_picture + run.frame_count
    return files


def _follows(last: ClipItem, piece: ClipItem) -> bool:
    """Whether a piece goes on where the last one ends, in record and media."""
    a, b = last.clip, piece.clip
    if a.is_retimed or b.is_retimed:
        return False
    return (a.path, a.available_first, a.end, a.record_frame + a.frame_count, last.has_sound) == (
        b.path,
        b.available_first,
        b.first,
        b.record_frame,
        piece.has_sound,
    )


def _chain_key(piece: ClipItem) -> tuple[object, ...]:
    """What must be equal for one chain of filters."""
    framing = piece.clip.framing
    cells = []
    for layer in piece.layers:
        mode = _crop_mode(layer, framing)
        scale = round(layer.keys[0][1].scale, _SCALE_DECIMALS) if mode == "window" else 0
        cells.append((layer.cell.left_px, layer.cell.top_px, layer.cell.size, mode, scale))
    return (tuple(cells), framing.background, framing.source)


def _crop_mode(layer: Layer, framing: Framing) -> CropMode:
    source = framing.source
    if any(
        min(rect.left, rect.top) < -_EDGE_SLACK_PX
        or rect.right > source.width + _EDGE_SLACK_PX
        or rect.bottom > source.height + _EDGE_SLACK_PX
        for _, rect in layer.crops
    ):
        return "placed"
    still = len({round(key.scale, _SCALE_DECIMALS) for _, key in layer.keys}) == 1
    return "window" if still else "zoom"
