"""Keys that were moved by hand in a timeline: how they are noticed, and what the camera does now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from panscan.model.framing import Camera, Cell, Framing
from panscan.timeline.cut import FramedClip, read_cut
from panscan.timeline.effect import attach_framing, framing_of, to_payload
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_types import Timeline

_DIGEST_BYTES = 8  # two cameras of one shot never have the same by chance
# Fields of a framing and of its cells that decide what is shown.
_FRAMING_FIELDS, _CELL_FIELDS = ("canvas_px", "background"), ("cell_px", "keys")


@dataclass(frozen=True, slots=True)
class EditedClip:
    """A clip whose cameras are no longer as panscan wrote them. Frames count from the first one of media or record.

    Attributes
    ----------
    number : int
        Of the clip, from 1.
    first, end : int
        Frames [first, end) that it shows.
    framing : Framing
        What it shows now, its keys on these frames.
    """

    number: int
    first: int
    end: int
    framing: Framing


def remember_cameras(timeline: Timeline) -> Timeline:
    """The timeline itself, each framing with the digest of its cameras."""
    for clip in clips_of(timeline):
        framing = framing_of(clip)
        if framing is not None:
            attach_framing(clip, replace(framing, digest=camera_digest(framing)))
    return timeline


def camera_digest(framing: Framing) -> str:
    """Digest of all that decides what a framing shows."""
    payload = to_payload(framing)
    cells = [{name: cell[name] for name in _CELL_FIELDS} for cell in payload["cells"]]
    seen = {"cells": cells} | {name: payload[name] for name in _FRAMING_FIELDS}
    return blake2b(json.dumps(seen, sort_keys=True).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def is_edited(framing: Framing) -> bool:
    """Whether its cameras are known to be others than those that panscan wrote."""
    return bool(framing.digest) and framing.digest != camera_digest(framing)


def has_digests(timeline: Timeline) -> bool:
    """Whether its framings tell what panscan wrote."""
    framings = [framing for clip in clips_of(timeline) if (framing := framing_of(clip)) is not None]
    return bool(framings) and all(framing.digest for framing in framings)


def edited_clips(timeline: Any, folder: Path, *, on_record: bool) -> list[EditedClip]:
    """The clips of a timeline whose keys were moved by hand.

    Parameters
    ----------
    timeline : otio.schema.Timeline
    folder : Path
        Where it lies.
    on_record : bool
        Count frames of the record, else those of the media from its first picture.
    """
    clips = read_cut(flatten_timeline(timeline), folder=folder).clips
    edited = [(number, clip) for number, clip in enumerate(clips, 1) if is_edited(clip.framing)]
    return [_on_record(number, clip) if on_record else _on_media(number, clip) for number, clip in edited]


def _on_media(number: int, clip: FramedClip) -> EditedClip:
    shown = clip.media_frames()
    start, first, end = clip.available_first, min(shown), max(shown) + 1
    cells = tuple(_keyed(cell, {f: f - start for f in _needed(cell.camera, first, end)}) for cell in clip.framing.cells)
    return EditedClip(number, first - start, end - start, replace(clip.framing, cells=cells))


def _on_record(number: int, clip: FramedClip) -> EditedClip:
    """The same in record frames: a key goes to the frame that shows its picture."""
    shown = np.array(clip.media_frames())
    cells = []
    for cell in clip.framing.cells:
        needed = _needed(cell.camera, int(shown.min()), int(shown.max()) + 1)
        nearest = {int(np.abs(shown - frame).argmin()) for frame in needed}
        cells.append(_keyed(cell, {int(shown[n]): clip.record_frame + n for n in sorted(nearest)}))
    return EditedClip(number, clip.record_frame, clip.record_end, replace(clip.framing, cells=tuple(cells)))


def _needed(camera: Camera, first: int, end: int) -> list[int]:
    """Frames of [first, end) at which keys say all that the camera does there."""
    if camera.is_static:
        return [first]
    return sorted({min(max(frame, first), end - 1) for frame in camera.frame})


def _keyed(cell: Cell, frames: Mapping[int, int]) -> Cell:
    """The cell with the keys of its camera on other frames, by those that they are sampled at."""
    rows = sorted(zip(frames.values(), cell.camera.sample(list(frames)).tolist(), strict=True))
    frame, values = zip(*rows, strict=True)
    return replace(cell, camera=Camera(frame, *zip(*values, strict=True)))
