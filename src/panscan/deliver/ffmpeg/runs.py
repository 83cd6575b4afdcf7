"""A timeline as runs: frames that one chain of FFmpeg filters can make from one part of one media file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from panscan.deliver.ffmpeg.expressions import LinearSegment, linear_segments
from panscan.deliver.host_space import canvas_to_cell
from panscan.deliver.host_values import CameraKey
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer
from panscan.model.framing import EDGE_SLACK_PX, Cell, Framing
from panscan.model.media import StillFacts

# "window": one size of crop inside the picture; "zoom": inside, with changing size; "placed": may reach beyond it.
CropMode = Literal["window", "zoom", "placed"]
_SCALE_DECIMALS = 9  # of canvas px per source px: scales that agree to so many are the same
_NEVER = 1 << 60  # a picture that no run starts at: an input that ends there serves no other run


@dataclass(frozen=True, slots=True)
class RunCell:
    """One cell of a run.

    Attributes
    ----------
    cell : Cell
        Its rectangle on the canvas.
    crop_mode : "window", "zoom" or "placed"
        How it is cut out of the source.
    camera : tuple of LinearSegment
        On the run's own frames, from 0.
    """

    cell: Cell
    crop_mode: CropMode
    camera: tuple[LinearSegment[CameraKey], ...]


@dataclass(slots=True)
class FilterRun:
    """Frames of the timeline that one chain of filters makes.

    Attributes
    ----------
    record_frame, frame_count : int
        Its first frame in the timeline, and how many it has.
    clip_items : list of ClipItem
        Clips that follow each other both in the record and in the media and need the same filters; empty for black.
    input_index : int
        Number of FFmpeg's input file.
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
        """Whether it is one retimed clip: such a run has an input file of its own."""
        return bool(self.clip_items) and self.clip_items[0].clip.is_retimed

    @property
    def still(self) -> StillFacts | None:
        """Of its photo, if it shows one: such a run has an input file of its own."""
        return self.clip_items[0].clip.facts.still if self.clip_items else None

    @property
    def first_picture(self) -> int:
        """Its first picture, counted from 0 on the frame grid of its input."""
        clip = self.clip_items[0].clip
        return 0 if clip.is_retimed or self.still else clip.first - clip.available_first

    @property
    def cells(self) -> tuple[RunCell, ...]:
        """Its cells in drawing order."""
        offset = self.clip_items[0].clip.first
        layers = self.clip_items[0].layers
        cameras: list[list[LinearSegment[CameraKey]]] = [[] for _ in layers]
        for clip_item in self.clip_items:
            clip = clip_item.clip
            for camera, layer in zip(cameras, clip_item.layers, strict=True):
                keys = [(f - offset, canvas_to_cell(k, layer.cell, clip.framing.canvas)) for f, k in layer.keys]
                camera += linear_segments(keys, clip.first - offset, clip.end - offset)
        return tuple(
            RunCell(layer.cell, _crop_mode(layer, self.framing), tuple(camera))
            for layer, camera in zip(layers, cameras, strict=True)
        )


def filter_runs(clip_sequence: ClipSequence) -> list[FilterRun]:
    """The runs of a timeline in record order, without holes; disabled clips are black."""
    runs: list[FilterRun] = []
    last_chain_key: tuple[object, ...] = ()
    for record, count, clip_item in clip_sequence.with_gaps():
        if clip_item is None or not clip_item.enabled:
            runs.append(FilterRun(record, count))
            continue
        chain_key = _chain_key(clip_item)
        last = runs[-1] if runs else None
        if last and last.clip_items and _follows(last.clip_items[-1], clip_item) and chain_key == last_chain_key:
            last.clip_items.append(clip_item)
            last.frame_count += count
        else:
            runs.append(FilterRun(record, count, [clip_item]))
        last_chain_key = chain_key
    return runs


def assign_inputs(runs: Sequence[FilterRun]) -> list[Path]:
    """Give each run an input file; the files in order.

    Where the timeline jumps back in a file, the file is opened a second time; otherwise FFmpeg would keep all pictures
    in memory until they are used.
    """
    files: list[Path] = []
    ends: list[int] = []
    for run in runs:
        if not run.clip_items:
            continue
        path = run.clip_items[0].clip.path.absolute()
        if run.is_retimed or run.still:
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


def _follows(last: ClipItem, clip_item: ClipItem) -> bool:
    """Whether a clip item goes on where the last one ends, in record and media."""
    a, b = last.clip, clip_item.clip
    if a.is_retimed or b.is_retimed or a.facts.is_still:
        return False
    return (a.path, a.available_first, a.end, a.record_frame + a.frame_count, last.has_sound) == (
        b.path,
        b.available_first,
        b.first,
        b.record_frame,
        clip_item.has_sound,
    )


def _chain_key(clip_item: ClipItem) -> tuple[object, ...]:
    """A key that is equal for clip items that one chain of filters can show."""
    framing = clip_item.clip.framing
    cells = []
    for layer in clip_item.layers:
        mode = _crop_mode(layer, framing)
        scale = round(layer.keys[0][1].scale, _SCALE_DECIMALS) if mode == "window" else 0
        cells.append((layer.cell.left_px, layer.cell.top_px, layer.cell.size, mode, scale))
    return (tuple(cells), framing.background, framing.source)


def _crop_mode(layer: Layer, framing: Framing) -> CropMode:
    """How a layer is cut out of its source."""
    source = framing.source
    if any(
        min(rect.left, rect.top) < -EDGE_SLACK_PX
        or rect.right > source.width + EDGE_SLACK_PX
        or rect.bottom > source.height + EDGE_SLACK_PX
        for _, rect in layer.crops
    ):
        return "placed"
    still = len({round(key.scale, _SCALE_DECIMALS) for _, key in layer.keys}) == 1
    return "window" if still else "zoom"
