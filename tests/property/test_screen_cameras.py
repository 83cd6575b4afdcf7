"""Screen recordings in which anything happens: cameras are still where they rest, and keep their shape."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from panscan import direct, operate
from panscan.deliver import deliver
from panscan.model.geometry import Size
from panscan.model.perception import ScreenEventKind
from panscan.request.segment_files import load_segments
from scenes import RATE, perception, request, screen_events

SECONDS = 60
CANVASES = st.sampled_from([Size(1920, 1080), make.VERTICAL, make.SQUARE, Size(1080, 1350)])
SOURCES = st.sampled_from([make.HD, Size(640, 320), Size(1206, 2622), Size(242, 540), Size(1204, 920)])


@st.composite
def events(draw, source):
    """One event: kind, begin and end in seconds, and its box, perhaps partly beside the screen."""
    start = draw(st.floats(0, SECONDS - 0.1))
    left, top = draw(st.floats(-20, source.width - 2)), draw(st.floats(-20, source.height - 2))
    size = draw(st.floats(1, source.width)), draw(st.floats(1, source.height))
    kind = draw(st.sampled_from([str(kind) for kind in ScreenEventKind]))
    return (kind, start, min(SECONDS, start + draw(st.floats(0.05, 8))), left, top, *size)


@settings(max_examples=60, deadline=None)
@given(st.data(), SOURCES, CANVASES)
def test_rests_and_moves(data, source, canvas):
    rows = data.draw(st.lists(events(source), max_size=25))
    media = make.media(size=source, frame_count=round(SECONDS * RATE))
    seen = perception(events=screen_events(*rows), frame_count=media.frame_count)
    plan = direct.plan(media, seen, request(canvas, "screen"))
    framing = operate.frame_shot(plan.shots[0], plan, source, make.PAL)
    for cell in (cell for cell in framing.cells if cell.rests):
        assert (cell.rests[0].first, cell.rests[-1].end) == (0, media.frame_count)
        assert all(before.end <= after.first for before, after in pairwise(cell.rests))
        for rest in cell.rests:
            crops = cell.crops([rest.first, rest.end - 1], source)
            assert np.ptp(crops, axis=0).max() < 1e-6 and rest.reason
        crops = cell.crops(np.arange(media.frame_count), source)
        assert crops[:, 2] / crops[:, 3] == pytest.approx(cell.size.width / cell.size.height, rel=1e-4)
        middle = crops[:, :2] + crops[:, 2:] / 2
        assert (middle >= 0).all() and (middle <= (source.width, source.height)).all()
    assert len(framing.cells[0].rests) <= SECONDS / 3


@settings(max_examples=40, deadline=None)
@given(st.data(), SOURCES, CANVASES)
def test_segments_bring_every_camera_back(data, source, canvas):
    rows = data.draw(st.lists(events(source), min_size=1, max_size=15))
    media = make.media(size=source, frame_count=round(SECONDS * RATE), audio=())
    seen = perception(events=screen_events(*rows), frame_count=media.frame_count)

    def framed(segments=()):
        plan = direct.plan(media, seen, replace(request(canvas, "screen"), segments=segments))
        return operate.frame_shot(plan.shots[0], plan, source, make.PAL)

    before = framed()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "edited.json"
        timeline = make.timeline((0, media.frame_count, before), of=media)
        path.write_bytes(deliver(timeline, "segments", folder=Path(folder)).main)
        after = framed(load_segments(path))
    assert after.layout == before.layout
    frames = np.arange(media.frame_count)
    for one, other in zip(before.cells, after.cells, strict=True):
        assert np.abs(one.crops(frames, source) - other.crops(frames, source)).max() < 0.05
