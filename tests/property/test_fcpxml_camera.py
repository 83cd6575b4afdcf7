"""Final Cut, as modelled in fcpxml_model, shows what the document's cameras show, on every frame."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import documents as make
import fcpxml_model
from panscan.deliver import deliver
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.effect import rounded

SIZES = [Size(1920, 1080), Size(3840, 2160), Size(1280, 720), Size(480, 908), Size(1440, 1080)]
CANVASES = [Size(1080, 1920), Size(1080, 1080), Size(1080, 1350), Size(1920, 1080)]
RATES = [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]


@st.composite
def framings(draw, first: int, end: int, source: Size, canvas: Size, rate: Fraction) -> Framing:
    """Cameras with up to eight keys in, before and after [first, end), from a letterbox to a close crop."""
    frames = sorted(draw(st.sets(st.integers(first - 40, end + 40), min_size=1, max_size=8)))
    cover = max(canvas.width / source.width, canvas.height / source.height)
    zoom = st.floats(0.5, 4.0) if draw(st.booleans()) else st.just(draw(st.floats(0.5, 4.0)))
    shift = st.floats(-1.0, 1.0)
    scale = tuple(cover * draw(zoom) for _ in frames)
    x_px = tuple(draw(shift) * s * source.width / 2 for s in scale)
    y_px = tuple(draw(shift) * s * source.height / 2 for s in scale)
    return rounded(Framing(canvas, source, rate, (Cell(0, 0, canvas, Camera(tuple(frames), scale, x_px, y_px)),)))


@given(data=st.data())
def test_final_cut_shows_the_cameras_crops(data) -> None:
    source, canvas = data.draw(st.sampled_from(SIZES)), data.draw(st.sampled_from(CANVASES))
    rate, start = data.draw(st.sampled_from(RATES)), data.draw(st.sampled_from([0, 90000, 107892]))
    cuts = sorted(data.draw(st.sets(st.integers(0, 200), min_size=2, max_size=4)))
    shots = [(a, b, data.draw(framings(a, b, source, canvas, rate))) for a, b in pairwise(cuts)]
    of = make.media(size=source, rate=rate, start_frame=start, frame_count=201)
    artifact = deliver(make.timeline(*shots, of=of), "fcpxml", folder=Path("/"))
    shown = fcpxml_model.play(artifact.text)
    assert not artifact.losses
    assert sorted(shown) == list(range(cuts[-1] - cuts[0]))
    for first, end, framing in shots:
        expected = framing.cells[0].crops(np.arange(first, end), source)
        record = range(first - cuts[0], end - cuts[0])
        assert [shown[n].media_frame for n in record] == list(range(start + first, start + end))
        found = np.array([shown[n].crop for n in record])
        assert np.abs(found - expected).max() < 0.01


def test_the_model_notices_a_wrong_key() -> None:
    framing = make.framing(((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0)))
    text = deliver(make.timeline((0, 50, framing)), "fcpxml", folder=Path("/")).text
    expected = framing.cells[0].crops(np.arange(50), framing.source)
    for right, wrong in (("-12.5", "12.5"), ("49/25s", "48/25s"), ('value="4.266667', 'value="4.26')):
        assert right in text
        shown = fcpxml_model.play(text.replace(right, wrong).replace("4.26 4.266667", "4.26 4.26"))
        found = np.array([shown[n].crop for n in range(50)])
        assert np.abs(found - expected).max() > 0.01, right


@pytest.mark.parametrize("scale", [0.28125, 0.5625, 7.0])
def test_extreme_scales_stay_below_a_hundredth_of_a_pixel(scale) -> None:
    framing = rounded(make.framing(((0, scale, 100.0 / 3, -100.0 / 7),), source=make.UHD))
    text = deliver(make.timeline((0, 2, framing), of=make.media(size=make.UHD)), "fcpxml", folder=Path("/")).text
    expected = framing.cells[0].crops([0], framing.source)[0]
    assert np.abs(np.array(fcpxml_model.play(text)[0].crop) - expected).max() < 0.01
