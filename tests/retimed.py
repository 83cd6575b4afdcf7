"""Timelines whose clips are retimed, and what each of their frames shows, worked out frame by frame."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import opentimelineio as otio

import documents as make
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.cut import FramedClip

PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, -500.0, 0.0))
ZOOM = ((20, 1.777778, 811.1111, 0.0), (60, 2.4, 324.0, 240.0), (97, 2.0, -200.0, -120.0))
JUMP = ((0, 2.4, 324.0, 240.0), (49, 2.4, 300.0, 100.0), (50, 1.777778, -300.0, 0.0), (90, 1.777778, -400.0, 0.0))


def camera_at(camera: Camera, position: Fraction) -> np.ndarray:
    """Scale, x and y at a place between media frames; at a jump the camera stays with the picture that is shown."""
    picture = math.floor(position + Fraction(1, 100))
    at = float(position)
    for before, after in zip(camera.frame, camera.frame[1:], strict=False):
        if after == before + 1 and picture in (before, after):
            at = min(at, before) if picture == before else max(at, after)
    return camera.sample([at])[0]


def crop_at(cell: Cell, position: Fraction, source: Size) -> np.ndarray:
    """The source rectangle (left, top, width, height) of a cell there."""
    held = Camera((0,), *((float(value),) for value in camera_at(cell.camera, position)))
    return Cell(cell.left_px, cell.top_px, cell.size, held).crops([0], source)[0]


def shown_by(clip: FramedClip) -> list[tuple[int, list[np.ndarray]]]:
    """Media frame and crop of every cell for each frame of a clip whose cameras are keyed in media frames."""
    found = []
    for offset in range(clip.frame_count):
        position = _position(clip, offset)
        crops = [crop_at(cell, position, clip.framing.source) for cell in clip.framing.cells]
        found.append((math.floor(position + Fraction(1, 100)), crops))
    return found


def at_frame(clip: FramedClip, offset: int) -> tuple[int, np.ndarray]:
    """Media frame and crop of the first cell so many frames after the clip's start; outside it, as a dissolve shows."""
    position = _position(clip, offset)
    return math.floor(position + Fraction(1, 100)), crop_at(clip.framing.cells[0], position, clip.framing.source)


def _position(clip: FramedClip, offset: int) -> Fraction:
    return (clip.exact_first if clip.exact_first is not None else Fraction(clip.first)) + offset * clip.speed


def fast() -> Any:
    """Twice as fast over a jump, then at normal speed, with a gap between them."""
    timeline = make.timeline((10, 40, make.framing(JUMP)), (60, 80, make.framing(PAN)))
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(7, 25)))
    return make.retime(timeline, 0, 2.0)


def slow() -> Any:
    """Half as fast over a jump, at 29.97 fps, media from 01:00:00;00 and the timeline from there too."""
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=900)
    timeline = make.timeline(
        (0, 20, make.framing(PAN, rate=make.NTSC)), (30, 80, make.framing(JUMP, rate=make.NTSC)), of=of
    )
    timeline.global_start_time = otio.opentime.RationalTime(107892, 30000 / 1001)
    return make.retime(timeline, 1, 0.5)


def back() -> Any:
    """Backwards over a jump, at full speed."""
    return make.retime(make.timeline((0, 60, make.framing(JUMP)), (60, 70, make.framing(PAN))), 0, -1.0, 79)


def back_fast() -> Any:
    """Backwards three times as fast, in a zoom of media from 01:00:00:00."""
    of = make.media(start_frame=90000, timecode="01:00:00:00", frame_count=200)
    return make.retime(make.timeline((0, 30, make.framing(ZOOM)), of=of), 0, -3.0, 90100)


def odd() -> Any:
    """A speed that no frame of the cut falls together with, in a zoom, off the frame grid."""
    return make.retime(make.timeline((20, 90, make.framing(ZOOM))), 0, 0.7, 20.5)


def freeze() -> Any:
    """A picture that stands still, between two that do not."""
    pan = make.framing(PAN)
    return make.retime(make.timeline((0, 20, pan), (20, 45, pan), (20, 40, pan)), 1, 0.0)


def split() -> Any:
    """Two cells at one and a half times the speed; one pans, one zooms."""
    half = Size(1080, 960)
    cells = (
        Cell(0, 0, half, make.camera(((10, 0.9, 300.0, 0.0), (81, 0.9, -250.0, 5.0)))),
        Cell(0, 960, half, make.camera(((10, 0.888889, -200.0, 0.0), (33, 1.9, 900.0, -620.0), (60, 1.2, 0.0, 0.0)))),
    )
    both = Framing(make.VERTICAL, make.HD, make.PAL, cells, layout="split-2")
    return make.retime(make.timeline((10, 50, both)), 0, 1.5)


CASES = {case.__name__: case for case in (fast, slow, back, back_fast, odd, freeze, split)}
