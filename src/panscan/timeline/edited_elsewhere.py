"""Takes cameras that were changed in an editor into the timeline from which the editor's file was made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from panscan.model.framing import Camera
from panscan.timeline.cut import FramedClip, read_cut
from panscan.timeline.effect import attach_framing, framing_of
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_types import Timeline
from panscan.timeline.sampled_camera import camera_of_samples, crops_of_keys

# Source px. Files round positions to 6 decimals of a percent or so; a person moves by a px at least.
_SAME_PX = 0.05


@dataclass(frozen=True, slots=True)
class ShownElsewhere:
    """What an editor shows of a media file.

    Attributes
    ----------
    path : Path
    first, end : int
        Pictures [first, end) of the media, counted from 0 at the rate of the timeline.
    camera : Camera
        Of a single cell that fills the canvas, on these frames.
    """

    path: Path
    first: int
    end: int
    camera: Camera


@dataclass(frozen=True, slots=True)
class TakenCameras:
    """What became of the clips of a timeline, by their numbers from 1.

    Attributes
    ----------
    taken : tuple of int
        Their cameras are those of the editor now.
    same : tuple of int
        The editor shows the same.
    several_cells : tuple of int
        They have several cells, which are not read back.
    missing : tuple of int
        The editor's timeline does not show them, or in more than one way.
    """

    taken: tuple[int, ...] = ()
    same: tuple[int, ...] = ()
    several_cells: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()


def take_cameras(timeline: Timeline, folder: Path, shown: Sequence[ShownElsewhere]) -> TakenCameras:
    """Give the clips of a timeline, which is changed, the cameras that an editor shows for the same pictures.

    Frames that the editor left out keep their camera.

    Parameters
    ----------
    timeline : Timeline
        Its framed clips lie in one track.
    folder : Path
        Where the timeline lies.
    shown : sequence of ShownElsewhere
    """
    found: dict[str, list[int]] = {"taken": [], "same": [], "several_cells": [], "missing": []}
    framed = [clip for clip in clips_of(timeline) if framing_of(clip) is not None]
    clips = read_cut(timeline, folder=folder).clips
    files = {clip.path for clip in clips}
    for number, (item, clip) in enumerate(zip(framed, clips, strict=True), 1):
        if len(clip.framing.cells) > 1:
            found["several_cells"].append(number)
            continue
        camera = _camera_elsewhere(clip, [one for one in shown if same_file(one.path, files) == clip.path])
        if camera is None:
            found["missing"].append(number)
        elif _shows_the_same(clip, camera):
            found["same"].append(number)
        else:
            (cell,) = clip.framing.cells
            attach_framing(item, replace(clip.framing, cells=(replace(cell, camera=camera),)))
            found["taken"].append(number)
    return TakenCameras(**{name: tuple(numbers) for name, numbers in found.items()})


def _camera_elsewhere(clip: FramedClip, shown: Sequence[ShownElsewhere]) -> Camera | None:
    """The camera of all pieces that show the clip's pictures; None where there is none, or two disagree."""
    if not clip.frames_are_pictures:
        return None
    start, (cell,) = clip.available_first, clip.framing.cells
    frames = np.arange(clip.first, clip.end)
    keys = np.array(cell.camera.sample(frames), np.float64)
    is_set = np.zeros(len(frames), bool)
    for piece in shown:
        first, end = max(piece.first + start, clip.first), min(piece.end + start, clip.end)
        if first >= end:
            continue
        part = slice(first - clip.first, end - clip.first)
        values = np.array(piece.camera.sample(frames[part] - start), np.float64)
        crops, earlier = (crops_of_keys(one, cell.size, clip.framing.source) for one in (values, keys[part]))
        if (np.abs(crops - earlier).max(axis=1)[is_set[part]] > _SAME_PX).any():
            return None  # the same pictures twice, with two cameras
        keys[part], is_set[part] = values, True
    if not is_set.any():
        return None
    crops = crops_of_keys(keys, cell.size, clip.framing.source)
    return camera_of_samples(frames, keys, crops, cell.size, clip.framing.source)


def _shows_the_same(clip: FramedClip, camera: Camera) -> bool:
    frames = np.arange(clip.first, clip.end)
    (cell,) = clip.framing.cells
    now, then = (one.crops(frames, clip.framing.source) for one in (cell, replace(cell, camera=camera)))
    return bool(np.abs(now - then).max() < _SAME_PX)


def same_file(path: Path, files: Collection[Path]) -> Path | None:
    """Which of the files a path names: itself, else the only one of its name, as editors have media elsewhere."""
    if path in files:
        return path
    named = [file for file in files if file.name == path.name]
    return named[0] if len(named) == 1 else None
