"""Clips at any speed and from any place, as models of the editors show them: the media frame and every cell's crop."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
import fcpxml_model
from hosts import nuke_model, premiere_model, resolve_model
from hosts.placed import agrees
from panscan.deliver import deliver
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline import cut as document
from panscan.timeline.effect import rounded
from retimed import shown_by

FOLDER = Path("/")
RATES = [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]
SPEEDS = [Fraction(n, d) for n in (0, 1, -1, 2, -2, 3, -5, 7) for d in (1, 2, 3, 4, 10, 25)]
FRAMES = 400


@st.composite
def cameras(draw) -> Camera:
    """Up to six keys, some of them on neighbouring frames."""
    frames = draw(st.sets(st.integers(0, FRAMES), min_size=1, max_size=5))
    frames |= {min(frames) + 1} if draw(st.booleans()) else set()
    at = tuple(sorted(frames))
    scale = tuple(draw(st.floats(1.8, 4.0)) for _ in at)
    x_px, y_px = (tuple(draw(st.floats(-400, 400)) for _ in at) for _ in "xy")
    return Camera(at, scale, x_px, y_px)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_editor_shows_the_frame_and_the_crop(data) -> None:
    rate, start = data.draw(st.sampled_from(RATES)), data.draw(st.sampled_from([0, 90000, 107892]))
    speed, count = data.draw(st.sampled_from(SPEEDS)), data.draw(st.integers(1, 30))
    reach = abs(speed) * count
    low, high = (reach + 1 if speed < 0 else 1), FRAMES - 1 - (reach if speed > 0 else 0)
    steps = data.draw(st.sampled_from([1, 2, 4]))
    first = Fraction(data.draw(st.integers(int(low * steps) + 1, int(high * steps))), steps)
    half = Size(1080, 960)
    cells = tuple(Cell(0, top, half, data.draw(cameras())) for top in (0, 960))
    framing = rounded(Framing(make.VERTICAL, make.HD, rate, cells, layout="split-2"))
    of = make.media(rate=rate, start_frame=start, frame_count=FRAMES)
    timeline = make.timeline((0, count, framing), (5, 9, framing), of=of)
    if speed != 1:
        make.retime(timeline, 0, float(speed), start + float(first))
    cut = document.read_cut(timeline, folder=FOLDER)
    sizes = {"talk.mp4": (1920, 1080)}
    agrees(resolve_model.play(deliver(timeline, "otio-resolve", folder=FOLDER).text, (1080, 1920), sizes), cut)
    agrees(premiere_model.play_otio(deliver(timeline, "otio-premiere", folder=FOLDER).text, sizes), cut)
    agrees(premiere_model.play_xmeml(deliver(timeline, "xmeml", folder=FOLDER).text), cut)
    agrees(fcpxml_model.play_project(deliver(timeline, "fcpxml", folder=FOLDER).text).lanes, cut)
    _, *branches = nuke_model.read(deliver(timeline, "nuke", folder=FOLDER).text)
    for clip, branch in zip(cut.clips, branches, strict=True):
        for offset, (frame, crops) in enumerate(shown_by(clip)):
            _, found, picture = nuke_model.play(branch, clip.first + offset)
            assert picture == frame - start
            for one, cell, crop in zip(found, clip.framing.cells, crops, strict=True):
                assert np.abs(np.array(one.window(cell)) - crop).max() < 0.01
