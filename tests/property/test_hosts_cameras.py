"""Premiere and Resolve, as modelled in hosts, show every cell of any layout on every frame; EDL and table come back."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from hosts import premiere_model, resolve_model
from hosts.placed import agrees
from panscan.deliver import deliver
from panscan.ingest.crops import read_crops
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline import cut as document
from panscan.timeline.effect import rounded

FOLDER = Path("/")
SIZES = [Size(1920, 1080), Size(3840, 2160), Size(480, 908), Size(1440, 1080)]
CANVASES = [Size(1080, 1920), Size(1080, 1080), Size(1080, 1350), Size(1920, 1080)]
RATES = [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]


@st.composite
def cells(draw, first: int, end: int, source: Size, canvas: Size) -> tuple[Cell, ...]:
    """One to three rows of cells, each with up to five keys, from a letterbox to a close crop."""
    count = draw(st.integers(1, 3))
    edges = [round(canvas.height * n / count) for n in range(count + 1)]
    rows = []
    for top, bottom in pairwise(edges):
        size = Size(canvas.width, bottom - top)
        frames = sorted(draw(st.sets(st.integers(first - 20, end + 20), min_size=1, max_size=5)))
        cover = max(size.width / source.width, size.height / source.height)
        scale = tuple(cover * draw(st.floats(0.5, 2.0)) for _ in frames)
        x_px = tuple(draw(st.floats(-0.8, 0.8)) * s * source.width / 2 for s in scale)
        y_px = tuple(draw(st.floats(-0.8, 0.8)) * s * source.height / 2 for s in scale)
        rows.append(Cell(0, top, size, Camera(tuple(frames), scale, x_px, y_px)))
    return tuple(rows)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_cell_is_shown_and_comes_back(data) -> None:
    source, canvas = data.draw(st.sampled_from(SIZES)), data.draw(st.sampled_from(CANVASES))
    rate, start = data.draw(st.sampled_from(RATES)), data.draw(st.sampled_from([0, 90000, 107892]))
    cuts = sorted(data.draw(st.sets(st.integers(0, 90), min_size=2, max_size=3)))
    shots = [
        (a, b, rounded(Framing(canvas, source, rate, data.draw(cells(a, b, source, canvas)))))
        for a, b in pairwise(cuts)
    ]
    of = make.media(size=source, rate=rate, start_frame=start, frame_count=91)
    timeline = make.timeline(*shots, of=of)
    cut = document.read_cut(timeline, folder=FOLDER)
    sizes = {"talk.mp4": (source.width, source.height)}
    agrees(premiere_model.play_xmeml(deliver(timeline, "xmeml", folder=FOLDER).text), cut)
    agrees(premiere_model.play_otio(deliver(timeline, "otio-premiere", folder=FOLDER).text, sizes), cut)
    agrees(
        resolve_model.play(deliver(timeline, "otio-resolve", folder=FOLDER).text, (canvas.width, canvas.height), sizes),
        cut,
    )
    with TemporaryDirectory() as folder:
        for suffix, content in deliver(timeline, "edl", folder=FOLDER).files.items():
            (Path(folder) / f"talk{suffix}").write_bytes(content)
        back = document.read_cut(read_crops(Path(folder, "talk.edl"), Path(folder, "talk.crops.csv")), folder=FOLDER)
    for found, framed in zip(back.clips, cut.clips, strict=True):
        frames = np.arange(framed.first, framed.end)
        assert found.first == framed.first
        for a, b in zip(found.framing.cells, framed.framing.cells, strict=True):
            crops = b.crops(frames, source)
            # The document keeps 6 decimals of scale: in a letterbox of a big source that is more than 0.01 px.
            kept = 0.5e-6 * (crops[:, 2:].max(axis=1) / b.camera.sample(frames)[:, 0]).max()
            assert np.abs(a.crops(frames, source) - crops).max() < 0.01 + kept
