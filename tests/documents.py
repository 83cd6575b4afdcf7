"""Small documents for tests: media facts without a media file, framings, timelines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import opentimelineio as otio

from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.media import AudioStream, Colour, Media, VideoStream
from panscan.model.plan import Shot
from panscan.timeline.build import build_timeline

HD = Size(1920, 1080)
UHD = Size(3840, 2160)
VERTICAL = Size(1080, 1920)
SQUARE = Size(1080, 1080)
PAL = Fraction(25)
NTSC = Fraction(30000, 1001)
STEREO = ((2, 48000),)

Keys = tuple[tuple[int, float, float, float], ...]


def media(
    path: str = "/media/talk.mp4",
    *,
    size: Size = HD,
    rate: Fraction = PAL,
    frame_count: int = 1500,
    start_frame: int = 0,
    timecode: str | None = None,
    audio: tuple[tuple[int, int], ...] = STEREO,
    is_vfr: bool = False,
) -> Media:
    video = VideoStream(
        index=0,
        codec="h264",
        pixel_format="yuv420p",
        coded_size=size,
        display_size=size,
        pixel_aspect=Fraction(1),
        rotation_deg=0,
        rate=rate,
        is_vfr=is_vfr,
        time_base=1 / rate,
        pts=np.arange(frame_count, dtype=np.int64),
        colour=Colour(),
    )
    streams = tuple(AudioStream(n + 1, "aac", hz, channels, Fraction(0)) for n, (channels, hz) in enumerate(audio))
    return Media(path, "digest", "mp4", video, streams, frame_count, start_frame, timecode)


def camera(keys: Keys) -> Camera:
    """A camera of rows (frame, scale, x_px, y_px)."""
    frame, scale, x_px, y_px = zip(*keys, strict=True)
    return Camera(tuple(frame), tuple(scale), tuple(x_px), tuple(y_px))


def framing(keys: Keys, *, canvas: Size = VERTICAL, source: Size = HD, rate: Fraction = PAL, **named: Any) -> Framing:
    """A framing of one cell that fills the canvas."""
    return Framing(canvas, source, rate, (Cell(0, 0, canvas, camera(keys)),), **named)


def two_cells(*, canvas: Size = VERTICAL, source: Size = HD, rate: Fraction = PAL) -> Framing:
    """Two cameras, one above the other."""
    half = Size(canvas.width, canvas.height // 2)
    cells = tuple(
        Cell(0, top, half, Camera((0,), (half.height / source.height,), (x_px,), (0.0,)), subject)
        for top, x_px, subject in ((0, 200.0, "person-1"), (half.height, -200.0, "person-2"))
    )
    return Framing(canvas, source, rate, cells, layout="split2", why="two speakers")


def timeline(*shots: tuple[int, int, Framing], of: Media | None = None, name: str = "talk 9x16") -> Any:
    """A timeline of shots (first grid frame, end, framing) of one media."""
    cut = [(Shot(first, end), framed) for first, end, framed in shots]
    return build_timeline(of or media(), cut, name=name, recipe={"ratio": "9:16", "seed": 0})


def track(timeline: Any, kind: str = "Video", number: int = 0) -> Any:
    """One of the timeline's tracks."""
    return [t for t in timeline.tracks if t.kind == kind][number]


def retime(timeline: Any, index: int, speed: float, start: float | None = None) -> Any:
    """The timeline with child `index` of every track at another speed (0: a freeze frame), from a media frame on."""
    for track in timeline.tracks:
        clip = track[index]
        warp = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
        clip.effects.append(warp)
        if start is not None:
            used = clip.source_range
            clip.source_range = otio.opentime.TimeRange(
                otio.opentime.RationalTime(start, used.start_time.rate), used.duration
            )
    return timeline


def dissolve(
    timeline: Any, after: int, frames: tuple[int, int], kind: str = "SMPTE_Dissolve", *, sounds: str = ""
) -> Any:
    """The timeline with a transition before child `after` of its picture, so many frames before and after the cut.

    sounds: name of another one, before that of its sound.
    """
    named = [("mix", track(timeline)), *([(sounds, track(timeline, "Audio"))] if sounds else [])]
    for name, chosen in named:
        offsets = (otio.opentime.RationalTime(count, 25) for count in frames)
        chosen.insert(after, otio.schema.Transition(name, kind, *offsets))
    return timeline
