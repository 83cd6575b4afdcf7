"""A second cut of the kit: clips at other speeds, and which frame of the movie an editor must show at each frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan import registry
from panscan.calibrate import grid
from panscan.calibrate.clips import CLIP_FRAMES, pan_between
from panscan.deliver import Artifact, deliver
from panscan.model.framing import Framing
from panscan.model.geometry import Rect, Size
from panscan.model.media import Media
from panscan.model.plan import Shot
from panscan.timeline.build import build_timeline
from panscan.timeline.flatten import renderable_cut

STEM = "speeds"  # of file names
_FREEZE_PAN_FRAMES = 10  # before and after the frame of the freeze: the range over which its camera pans

# Title, media frames per frame of the timeline, and the frame of the movie that is shown first.
_CLIPS = (
    ("Twice as fast", 2.0, 6),
    ("Half as fast", 0.5, 101),
    ("Backwards", -1.0, 199),
    ("Freeze frame", 0.0, 231),
)


@dataclass(frozen=True, slots=True)
class SpeedCheck:
    """A frame at which an editor is compared.

    Attributes
    ----------
    title : str
        Of the clip.
    record_frame : int
        In the timeline.
    movie_frame : int
        The frame of the movie that it must show.
    crop : Rect
        What of it, in source px.
    """

    title: str
    record_frame: int
    movie_frame: int
    crop: Rect

    @property
    def timecode(self) -> str:
        """Place in a timeline that starts at zero."""
        return grid.timecode(self.record_frame)


def speed_timeline(movie: Media, canvas: Size) -> Any:
    """The timeline: one clip per speed, each with a pan over the part of the movie that it shows."""
    shots, ranges = [], []
    for number, (title, speed, first) in enumerate(_CLIPS):
        last = round(first + (CLIP_FRAMES - 1) * speed)
        low, high = min(first, last), max(first, last)
        if not speed:
            low, high = first - _FREEZE_PAN_FRAMES, first + _FREEZE_PAN_FRAMES
        cell = pan_between(low, high, canvas)
        shot = Shot(number * CLIP_FRAMES, (number + 1) * CLIP_FRAMES)
        shots.append((shot, Framing(canvas, grid.SIZE, Fraction(grid.RATE), (cell,), layout="single", why=title)))
        ranges.append((speed, first))
    made = build_timeline(movie, shots, name=f"panscan speeds {canvas}", recipe={"calibration": 1})
    for track in made.tracks:
        for clip, (speed, first) in zip(track, ranges, strict=True):
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame())
            start = otio.opentime.RationalTime(grid.START_FRAME + first, grid.RATE)
            clip.source_range = otio.opentime.TimeRange(start, otio.opentime.RationalTime(CLIP_FRAMES, grid.RATE))
    return made


def deliveries(cut: Any, folder: Path) -> Mapping[str, Artifact]:
    """The cut in every format that stores speeds."""
    names = [n for n in registry.entries("exporters") if registry.load("exporters", n).capabilities.retimes]
    return {name: deliver(cut, name, folder=folder) for name in names}


def speed_checks(cut: Any, folder: Path) -> tuple[SpeedCheck, ...]:
    """First, middle and last frame of each clip."""
    found = []
    for (title, *_), clip in zip(_CLIPS, renderable_cut(cut, folder=folder).clips, strict=True):
        for offset in (0, CLIP_FRAMES // 2, CLIP_FRAMES - 1):
            crop = clip.framing.cells[0].crop_at(clip.first + offset, grid.SIZE)
            found.append(
                SpeedCheck(title, clip.record_frame + offset, clip.media_frame(offset) - clip.available_first, crop)
            )
    return tuple(found)
