"""Rendered tilts are verified, and movies with another tilt than their timeline says are rejected."""

from __future__ import annotations

import pytest

from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.model.style import TiltAngles
from panscan.operate.tilt import fitted_corners
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.verify import verify
from screen_recordings import draw_recording
from screen_scenes import pause, typing

SCREEN, CANVAS = Size(640, 360), Size(960, 540)
AIR = 0.06  # of the screen, on each side
TILT = (3.0, -10.0)  # degrees of pitch and yaw: no two sides are alike


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("tilt") / "screen.mp4"
    draw_recording(path, pause(0.2), typing("hello", (60, 90)), size_pt=(SCREEN.width, SCREEN.height), rate=15)
    return probe(path)


def timeline(recording, angles, shown=None):
    """The whole screen with padding, tilted by some angles, on a gradient; `shown`: keys of a moving tilt."""
    wide, high = SCREEN.width * AIR, SCREEN.height * AIR
    crop = Rect(-wide, -high, SCREEN.width + 2 * wide, SCREEN.height + 2 * high)
    scale, x, y = key_values_of_crop(crop, CANVAS, SCREEN)
    corners = [fitted_corners(TiltAngles(*each), CANVAS) for each in (shown or {0: angles}).values() if each]
    frames = tuple(shown or {0: None})
    camera = Camera(frames, (scale,) * len(frames), (x,) * len(frames), (y,) * len(frames), tuple(corners))
    looks = {"background": "#262b33:#111418", "corner_radius_px": 10.0, "has_shadow": True}
    framing = Framing(CANVAS, SCREEN, recording.video.rate, (Cell(0, 0, CANVAS, camera, "screen"),), **looks)
    return build_timeline(recording, [(Shot(0, recording.frame_count), framing)], name="tilt", recipe={})


@pytest.fixture(scope="module")
def movie(recording, tmp_path_factory):
    path = tmp_path_factory.mktemp("tilted") / "movie.mp4"
    render(timeline(recording, TILT), output=path, settings=RenderSettings(crf=20, preset="veryfast"))
    return path


def test_a_tilted_movie_is_verified(recording, movie):
    report = verify(movie, timeline(recording, TILT))
    assert report.verdict == "VERIFIED", [f.what for f in report.findings if f.grade != "pass"]


@pytest.mark.parametrize(
    "meant",
    [None, (-3.0, 10.0), (5.0, -10.0), (3.0, -8.0)],
    ids=["missing", "mirrored", "pitch+2", "yaw+2"],
)
def test_another_tilt_is_rejected(recording, movie, meant):
    report = verify(movie, timeline(recording, meant))
    (position,) = (finding for finding in report.findings if finding.name == "position")
    assert report.verdict == "REJECTED" and position.grade == "fail"


def test_a_tilt_that_moves_is_verified_and_one_that_stays_is_rejected(recording, tmp_path):
    last = recording.frame_count - 1
    moving = timeline(recording, TILT, {0: (0.0, 0.0), last: (0.0, 12.0)})
    render(moving, output=tmp_path / "movie.mp4", settings=RenderSettings(crf=20, preset="veryfast"))
    assert verify(tmp_path / "movie.mp4", moving).verdict == "VERIFIED"
    assert verify(tmp_path / "movie.mp4", timeline(recording, (0.0, 0.0))).verdict == "REJECTED"
