"""Timelines that tell a wrong unit, sign or time base from a right one; shared by the tests of all hosts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

import documents as make
from hosts.recording import recording
from panscan.deliver.sequence import read_sequence
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.cut import read_cut
from photo_scenes import photos

FOLDER = Path("/projects")
FILM = Fraction(24000, 1001)
PAN = ((0, 1.777778, 811.1111, 0.0), (90, 1.777778, -500.25, 0.0))
ZOOM = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0), (80, 2.666667, -913.3333, -53.3333))
JUMP = ((0, 2.4, 324.0, 240.0), (49, 2.4, 300.0, 100.0), (50, 1.777778, -300.0, 0.0))


def in_point():
    """A pan inside a trimmed clip, with keys before and after it."""
    return make.timeline((20, 75, make.framing(PAN)))


def timecode():
    """29.97 fps from 01:00:00;00: media frames do not start at 0."""
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=1800)
    return make.timeline((30, 100, make.framing(JUMP, rate=make.NTSC)), of=of)


def uhd():
    """A source twice as large, at 23.98 fps, without sound."""
    keys = tuple((f, s / 2, x, y) for f, s, x, y in ZOOM)
    of = make.media("/media/wide shot.mov", size=make.UHD, rate=FILM, frame_count=480, audio=())
    return make.timeline((0, 100, make.framing(keys, source=make.UHD, rate=FILM)), of=of)


def square():
    """A square canvas: the camera closes in and moves up."""
    keys = ((0, 1.0, 0.0, 0.0), (40, 2.25, -200.0, 310.25))
    return make.timeline((5, 60, make.framing(keys, canvas=make.SQUARE)))


def odd():
    """A picture that cannot be centred on whole px."""
    size = Size(1281, 719)
    keys = ((0, 2.75, 30.5, -20.25), (20, 2.9, -40.0, 10.0))
    return make.timeline((0, 25, make.framing(keys, source=size)), of=make.media(size=size))


def letterbox():
    """The whole picture, off the middle."""
    return make.timeline((3, 9, make.framing(((0, 0.5625, 0.0, 40.0),), layout="fit")))


def several():
    """Clips with a gap between them: a jump, a still, a zoom."""
    cut = make.timeline(
        (10, 60, make.framing(JUMP)), (60, 90, make.framing(((0, 2.0, 12.5, -40.0),))), (200, 260, make.framing(ZOOM))
    )
    for track in cut.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(12, 25)))
    return cut


def split():
    """Two cells of unequal height; one camera zooms, the other stands still."""
    upper, lower = Size(1080, 800), Size(1080, 1120)
    moving = make.camera(((0, 1.1, 200.0, -20.0), (30, 1.4, 60.0, 100.0)))
    still = make.camera(((0, 1.3, -150.5, 33.25),))
    cells = (Cell(0, 0, upper, moving, "person-1"), Cell(0, 800, lower, still, "person-2"))
    return make.timeline((4, 34, Framing(make.VERTICAL, make.HD, make.PAL, cells, layout="split-2")))


def inset():
    """A small cell over a large one."""
    large = Cell(0, 0, make.VERTICAL, make.camera(((0, 1.777778, 100.0, 0.0),)))
    small = Cell(640, 1300, Size(400, 500), make.camera(((0, 1.2, -300.0, 60.0), (25, 1.2, 200.0, -60.0))))
    return make.timeline((0, 30, Framing(make.VERTICAL, make.HD, make.PAL, (large, small), layout="pip")))


CASES = {
    case.__name__: case
    for case in (in_point, timecode, uhd, square, odd, letterbox, several, split, inset, photos, recording)
}  # fmt: skip


def clips(timeline):
    """The document's clips in record order."""
    return read_cut(timeline, folder=FOLDER).clips


def picture_at(clip, frame):
    """Picture of a clip's media, from 0, that its media frame `frame` shows; a photo has one."""
    return 0 if clip.facts.is_still else frame - clip.available_first


def pieces(timeline):
    """The same with everything the deliveries know of them."""
    return read_sequence(timeline, folder=FOLDER).clip_items
