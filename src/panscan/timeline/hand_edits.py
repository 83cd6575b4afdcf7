"""Keys that were moved by hand in a timeline: how they are noticed, and what the camera does now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np

from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.media import Media
from panscan.model.plan import Shot
from panscan.timeline.conform import attach_framings
from panscan.timeline.cut import FramedClip, read_cut
from panscan.timeline.editorial import EditorCut
from panscan.timeline.effect import attach_framing, framing_of, to_payload
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_types import Timeline

_DIGEST_BYTES = 8  # two cameras of one shot never have the same by chance
# Fields of a framing and of its cells that decide what is shown.
_FRAMING_FIELDS, _CELL_FIELDS = ("canvas_px", "background"), ("cell_px", "keys")
_MADE_ELSEWHERE = "made elsewhere"  # in place of a digest, which is never this
_SAME_PX = 0.05  # source px: tables round crops to hundredths
_SOME_CANVAS = Size(2, 2)  # px, the smallest there is: of framings that only carry clips along


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


def mark_moved(timeline: Timeline, folder: Path, earlier: Sequence[FramedClip]) -> Timeline:
    """The timeline itself, whose cameras were made elsewhere: those count as moved by hand.

    Where a clip of the earlier timeline in the same place shows the same, as panscan wrote it, nothing was moved.
    `folder`: where the timeline lies.
    """
    unmoved = [clip for clip in earlier if clip.framing.digest and not is_edited(clip.framing)]
    framed = [clip for clip in clips_of(timeline) if framing_of(clip) is not None]
    for clip, now in zip(framed, read_cut(timeline, folder=folder).clips, strict=True):
        is_same = any(_shows_the_same(now, then) for then in unmoved)
        digest = camera_digest(now.framing) if is_same else _MADE_ELSEWHERE
        attach_framing(clip, replace(now.framing, digest=digest))
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


def edited_numbers(timeline: Timeline, folder: Path) -> list[int]:
    """Numbers, from 1, of the clips whose keys were moved by hand; `folder`: where the timeline lies."""
    clips = read_cut(flatten_timeline(timeline), folder=folder).clips
    return [number for number, clip in enumerate(clips, 1) if is_edited(clip.framing)]


def edited_clips_of_movie(timeline: Timeline, folder: Path, media: Media) -> tuple[list[EditedClip], tuple[int, ...]]:
    """The clips whose keys were moved in a timeline of a movie, on frames of the movie.

    Returns
    -------
    list of EditedClip
    tuple of int
        Numbers of those that were not found: the movie has another length or rate now.
    """
    clips = read_cut(flatten_timeline(timeline), folder=folder).clips
    found, lost = [], []
    for number, clip in enumerate(clips, 1):
        if is_edited(clip.framing):
            is_there = (clip.available_count, clip.facts.rate) == (media.frame_count, media.video.rate)
            found += [_on_media(number, clip)] if is_there else []
            lost += [] if is_there else [number]
    return found, tuple(lost)


def edited_clips_of_cut(timeline: Timeline, folder: Path, cut: EditorCut) -> tuple[list[EditedClip], tuple[int, ...]]:
    """The clips whose keys were moved in a timeline of a cut, where they are in the cut now, changed or not.

    A clip is known again by its name, its media, its speed and what it shows of the media. One that was divided is in
    several places; where it cannot be told which of several it is, it counts as not found.

    Returns
    -------
    list of EditedClip
        On the record of the cut as it is now.
    tuple of int
        Numbers, in the timeline, of those that were not found.
    """
    before, now = read_cut(flatten_timeline(timeline), folder=folder).clips, _clips_of(cut)
    found: list[EditedClip] = []
    lost = []
    for number, clip in enumerate(before, 1):
        if is_edited(clip.framing):
            places = _places_now(clip, before, now) if clip.framing.rate == cut.rate else []
            found += [_on_record(at + 1, replace(now[at], framing=clip.framing)) for at in places]
            lost += [] if places else [number]
    return found, tuple(lost)


def _clips_of(cut: EditorCut) -> Sequence[FramedClip]:
    """The clips of a cut that nobody framed yet, each with some framing."""
    shots = {}
    for number, used in enumerate(cut.clips):
        media = cut.media[used.media_path]
        cell = Cell(0, 0, _SOME_CANVAS, Camera((0,), (1.0,), (0.0,), (0.0,)))
        framing = Framing(_SOME_CANVAS, media.video.display_size, media.video.rate, (cell,))
        shots[number] = [(Shot(0, media.frame_count), framing)]
    return read_cut(flatten_timeline(attach_framings(cut, shots, {}).timeline), folder=Path()).clips


def _places_now(clip: FramedClip, before: Sequence[FramedClip], now: Sequence[FramedClip]) -> list[int]:
    """Which of the clips now are one of before."""
    then = [other for other in before if _is_alike(clip, other)]
    alike = [n for n, other in enumerate(now) if _is_alike(clip, other)]
    if len(then) == 1:
        return alike
    return [alike[next(n for n, other in enumerate(then) if other is clip)]] if len(then) == len(alike) else []


def _is_alike(clip: FramedClip, other: FramedClip) -> bool:
    """Whether two clips have one name and speed and show the same part of one media, or some of it."""
    if (clip.name, clip.path, clip.speed) != (other.name, other.path, other.speed):
        return False
    shown, others = (np.array(one.media_frames()) for one in (clip, other))
    return bool(shown.min() <= others.max() and others.min() <= shown.max())


def _shows_the_same(now: FramedClip, then: FramedClip) -> bool:
    """Whether a clip shows of its media what another one shows at the same frames."""
    if (now.path, len(now.framing.cells)) != (then.path, len(then.framing.cells)):
        return False
    frames = np.array(now.media_frames())
    if not (then.first <= frames.min() and frames.max() < then.end):
        return False
    pairs = zip(now.framing.cells, then.framing.cells, strict=True)
    return all(
        np.abs(a.crops(frames, now.framing.source) - b.crops(frames, then.framing.source)).max() < _SAME_PX
        for a, b in pairs
    )


def _on_media(number: int, clip: FramedClip) -> EditedClip:
    shown = clip.media_frames()
    start, first, end = clip.available_first, min(shown), max(shown) + 1
    cells = tuple(_keyed(cell, {f: f - start for f in _needed(cell.camera, first, end)}) for cell in clip.framing.cells)
    return EditedClip(number, first - start, end - start, replace(clip.framing, cells=cells))


def _on_record(number: int, clip: FramedClip) -> EditedClip:
    """The same on frames of the record: a key goes to the frame that shows its picture."""
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
    at, frame = zip(*sorted(frames.items(), key=lambda pair: pair[1]), strict=True)
    return replace(cell, camera=cell.camera.resampled(at, frame))
