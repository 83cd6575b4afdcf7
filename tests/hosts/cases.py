"""Documents that tell one mistake of a host's units or clocks from another."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio

import documents as make
from hosts.recording import recording
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from photo_scenes import photos

FILM = Fraction(24000, 1001)
PAN = ((0, 1.777778, 811.1111, 0.0), (149, 1.777778, 277.7778, 0.0))
ZOOM = ((300, 1.777778, 811.1111, 0.0), (330, 2.4, 324.0, 240.0), (331, 2.0, -200.0, -120.0), (360, 1.8, -100.0, 0.0))
STILL = ((0, 1.777778, 0.0, 0.0),)


def _time(frames, rate=25):
    return otio.opentime.RationalTime(frames, rate)


def gaps():
    timeline = make.timeline(
        (250, 400, make.framing(PAN)), (300, 420, make.framing(ZOOM)), (0, 30, make.framing(STILL))
    )
    for track in timeline.tracks:
        track.insert(0, otio.schema.Gap(duration=_time(7)))
        track.insert(2, otio.schema.Gap(duration=_time(10)))
    return timeline


def ntsc():
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=900)
    timeline = make.timeline((290, 400, make.framing(ZOOM, rate=make.NTSC)), of=of)
    timeline.global_start_time = _time(107892, 30000 / 1001)
    return timeline


def uhd():
    of = make.media(
        "/media/wide shot #1.mov", size=make.UHD, rate=FILM, audio=(), start_frame=86400, timecode="01:00:00:00"
    )
    keys = ((40, 0.888889, 811.1111, 0.0), (90, 1.333333, -500.0, -150.0))
    return make.timeline((20, 120, make.framing(keys, source=make.UHD, rate=FILM)), of=of)


def square():
    keys = ((0, 1.0, 0.0, 0.0), (40, 2.25, -200.0, 310.25), (100, 2.25, -200.0, 310.25), (124, 1.0, 0.0, 0.0))
    return make.timeline((0, 125, make.framing(keys, canvas=make.SQUARE)))


def upright():
    """A source taller than its canvas, with bars at its sides, then a tilt."""
    size = Size(480, 908)
    of = make.media("/media/phone.mp4", size=size, rate=Fraction(30), audio=((1, 44100),))
    whole = make.framing(((0, 1.189427, 0.0, 0.0),), canvas=make.SQUARE, source=size, rate=Fraction(30), layout="fit")
    tilt = make.framing(
        ((60, 2.25, 0.0, 400.0), (119, 2.25, 0.0, -120.0)), canvas=make.SQUARE, source=size, rate=Fraction(30)
    )
    return make.timeline((0, 60, whole), (60, 120, tilt), of=of)


def split():
    """Two cells after a whole one: one pans, one zooms and closes in on a corner of the picture."""
    half = Size(1080, 960)
    cells = (
        Cell(0, 0, half, make.camera(((100, 0.9, 300.0, 0.0), (180, 0.9, -250.0, 5.0)))),
        Cell(
            0, 960, half, make.camera(((110, 0.888889, -200.0, 0.0), (140, 1.9, 900.0, -620.0), (160, 1.2, 0.0, 0.0)))
        ),
    )
    both = Framing(make.VERTICAL, make.HD, make.PAL, cells, layout="split-2", why="two speakers")
    of = make.media(start_frame=90000, timecode="01:00:00:00")
    timeline = make.timeline((60, 100, make.framing(STILL)), (100, 200, both), (200, 220, make.framing(STILL)), of=of)
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=_time(5)))
    return timeline


def inset():
    """A small cell over a whole picture, and a letterbox in the small one."""
    small = Cell(620, 1300, Size(400, 500), Camera((0,), (0.2083334,), (0.0,), (0.0,)))
    whole = Cell(0, 0, make.VERTICAL, make.camera(PAN))
    return make.timeline((10, 60, Framing(make.VERTICAL, make.HD, make.PAL, (whole, small), layout="pip")))


CASES = {case.__name__: case for case in (gaps, ntsc, uhd, square, upright, split, inset, photos, recording)}
