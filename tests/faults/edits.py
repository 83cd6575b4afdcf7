"""Edits of a timeline, as after a movie was rendered from it; each gives a changed copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.model.framing import Camera, Framing
from panscan.timeline.effect import attach_framing, framing_of

# Of a camera; of a framing; of a timeline.
Columns = Callable[[Camera], Camera]
Edit = Callable[[Any], Any]


def reframed(timeline: Any, change: Callable[[Framing], Framing]) -> Any:
    """The framings of all clips changed."""
    edited = timeline.deepcopy()
    for clip in edited.find_clips():
        framing = framing_of(clip)
        if framing is not None:
            attach_framing(clip, change(framing))
    return edited


def filmed(timeline: Any, change: Callable[[Camera], Camera]) -> Any:
    """The cameras of all cells of all clips changed."""
    return reframed(timeline, lambda f: replace(f, cells=tuple(replace(c, camera=change(c.camera)) for c in f.cells)))


def moved(timeline: Any, x_px: float = 0, y_px: float = 0) -> Any:
    """All pictures so many px of the canvas to the right, and down."""
    return filmed(
        timeline,
        lambda c: replace(c, x_px=tuple(x + x_px for x in c.x_px), y_px=tuple(y + y_px for y in c.y_px)),
    )


def zoomed(timeline: Any, factor: float) -> Any:
    """The same cameras over the same middles, nearer by a factor."""
    return filmed(
        timeline,
        lambda c: Camera(c.frame, *(tuple(v * factor for v in column) for column in (c.scale, c.x_px, c.y_px))),
    )


def late(timeline: Any, frames: int) -> Any:
    """All keys so many frames later."""
    return reframed(timeline, lambda framing: framing.shifted(frames))


def swapped_cells(timeline: Any) -> Any:
    """What the first of two cells shows in place of the second."""

    def swapped(framing: Framing) -> Framing:
        cameras = [cell.camera for cell in framing.cells[::-1]]
        return replace(
            framing, cells=tuple(replace(c, camera=camera) for c, camera in zip(framing.cells, cameras, strict=True))
        )

    return reframed(timeline, swapped)


def slipped(timeline: Any, frames: int) -> Any:
    """Pictures of so many media frames later in all clips, under cameras that move as before."""
    edited = late(timeline, frames)
    for clip in edited.video_tracks()[0].find_clips():
        start = clip.source_range.start_time
        start += otio.opentime.RationalTime(frames, start.rate)
        clip.source_range = otio.opentime.TimeRange(start, clip.source_range.duration)
    return edited


def rolled(timeline: Any, cut: int, frames: int) -> Any:
    """A cut, counted from 0, so many frames later."""
    edited = timeline.deepcopy()
    for track in edited.tracks:
        before, after = list(track.find_clips())[cut : cut + 2]
        by = otio.opentime.RationalTime(frames, before.source_range.duration.rate)
        before.source_range = otio.opentime.TimeRange(before.source_range.start_time, before.source_range.duration + by)
        after.source_range = otio.opentime.TimeRange(
            after.source_range.start_time + by, after.source_range.duration - by
        )
    return edited


def without(timeline: Any, name: str) -> Any:
    """A transition is gone."""
    edited = timeline.deepcopy()
    for track in edited.tracks:
        track[:] = [child for child in track if child.name != name]
    return edited


def over(timeline: Any, film: Path) -> Any:
    """The same over another file."""
    edited = timeline.deepcopy()
    for clip in edited.find_clips():
        clip.media_reference.target_url = str(film)
    return edited
