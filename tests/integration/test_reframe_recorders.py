"""Recordings as recorders make them: full range, colour in every pixel, pictures only when something changes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from commandline import panscan
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline
from screen_recordings import draw_recording
from screen_scenes import pause, typing

SIZE = (640, 360)
FULL, BT709 = 2, 1  # as FFmpeg numbers them
CHANGES_MS = (0, 400, 440, 480, 1000, 1900, 1940, 2600)  # when something changes: a recorder leaves out all others
END_MS = 3000


def levels(number: int) -> np.ndarray:
    """Y, U and V (3, h, w) of a page: lines 1 px wide in strong colours, and a patch whose level tells the number."""
    width, height = SIZE
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = 255, 128, 128
    picture[40:200, 40:360:2] = 76, 85, 255  # red letters, one px of two
    picture[40:200, 41:360:2] = 29, 255, 107  # on blue
    picture[220:340, 40:600] = 0, 128, 128
    picture[240:320, 400:560] = 20 + 25 * number, 128, 128
    return picture.transpose(2, 0, 1).copy()


@pytest.fixture(scope="module")
def movies(tmp_path_factory):
    """A recording, and the movie that is made of it in the same size."""
    folder = tmp_path_factory.mktemp("colour")
    with av.open(str(folder / "screen.mkv"), "w") as out:
        stream = out.add_stream("libx264", rate=60, options={"crf": "1", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        context = stream.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = FULL, BT709, BT709, BT709
        for number, at_ms in enumerate((*CHANGES_MS, END_MS - 20)):
            frame = av.VideoFrame.from_ndarray(levels(min(number, len(CHANGES_MS) - 1)), "yuv444p")
            frame.pts, frame.time_base, frame.color_range, frame.colorspace = at_ms, Fraction(1, 1000), FULL, BT709
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    ran = panscan(
        "reframe", folder / "screen.mkv", "-r", "16:9", "--preset", "screen", "--canvas", "640x360", "--render"
    )
    assert ran.code == 0, ran.err
    (made,) = folder.glob("screen.16x9.m*4")
    with av.open(str(made)) as container:
        stream = container.streams.video[0]
        return stream.codec_context, [
            (float(frame.pts * stream.time_base), frame) for frame in container.decode(stream)
        ]


def test_colour_stays_in_every_pixel_and_in_its_range(movies):
    context, frames = movies
    assert context.pix_fmt in ("yuv444p", "yuvj444p") and context.color_range == FULL
    assert (context.colorspace, context.color_primaries, context.color_trc) == (BT709,) * 3
    shown = frames[0][1].to_ndarray()
    apart = np.abs(shown.astype(int) - levels(0).astype(int))
    assert apart[:, 60:180, 60:340].max() <= 8 and apart[:, 60:180, 60:340].mean() < 2
    assert apart[0, 2:30].max() <= 2 and apart[0, 225:235, 60:380].max() <= 2, "white is 255, black 0"


def test_each_change_is_seen_when_it_was(movies):
    _, frames = movies
    at_s = np.array([at for at, _ in frames])
    for at in np.arange(0.01, END_MS / 1000 - 0.05, 0.02):
        frame = frames[int(np.searchsorted(at_s, at, side="right")) - 1]
        told = round((float(frame[1].to_ndarray()[0, 270:290, 450:500].mean()) - 20) / 25)
        near = {int(np.searchsorted(CHANGES_MS, 1000 * (at + late), side="right")) - 1 for late in (-0.034, 0, 0.034)}
        assert told in near


def test_a_camera_moves_smoothly_although_no_pictures_come(tmp_path):
    """While nothing changes on the screen for seconds the camera goes back to the whole of it, picture by picture."""
    scenes = (pause(2), typing("the quick brown fox", (60, 90)), pause(5))
    draw_recording(tmp_path / "screen.mp4", *scenes, scale=0.5, only_changes=True)
    ran = panscan(
        "reframe", tmp_path / "screen.mp4", "-r", "16:9", "--preset", "screen", "--canvas", "640x360", "--render"
    )
    assert ran.code == 0, ran.err
    (clip,) = read_cut(read_timeline(tmp_path / "screen.16x9.otio"), folder=tmp_path).clips
    assert clip.facts.is_vfr
    with av.open(str(tmp_path / "screen.16x9.mp4")) as container:
        stream = container.streams.video[0]
        at_s = [float(frame.pts * stream.time_base) for frame in container.decode(stream)]
    for before, after in pairwise(clip.framing.cells[0].rests):
        first_s, end_s = (float(frame / clip.facts.rate) for frame in (before.end, after.first))
        assert sum(first_s <= at < end_s for at in at_s) >= 0.9 * (after.first - before.end) > 8
