"""Nuke, Fusion and After Effects, as modelled in hosts, put every point of a tilted picture where the renderer does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from hosts import after_effects_model, fusion_model, nuke_model
from panscan.deliver import deliver
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.style import TiltAngles
from panscan.operate.tilt import turned_corners
from panscan.render.picture.tilt import tilt_matrices
from panscan.timeline.effect import rounded

LENGTH = 40
SOURCE, CANVAS = Size(1920, 1080), Size(1080, 1350)
CELLS = [(0, 0, CANVAS), (90, 200, Size(900, 800))]
ANGLES = st.builds(TiltAngles, st.floats(-15, 15), st.floats(-15, 15))


@st.composite
def cells(draw) -> Cell:
    """A cell whose camera and tilt move together, or stand still."""
    left, top, size = draw(st.sampled_from(CELLS))
    frames = draw(st.sampled_from([(0,), (5, 25), (0, 12, 39), (-10, 60)]))
    cover = max(size.width / SOURCE.width, size.height / SOURCE.height)
    scale = tuple(cover * draw(st.floats(0.6, 2.0)) for _ in frames)
    x_px, y_px = (tuple(draw(st.floats(-200, 200)) for _ in frames) for _ in "xy")
    corners = tuple(turned_corners(draw(ANGLES), size) for _ in frames)
    return Cell(left, top, size, Camera(frames, scale, x_px, y_px, corners))


@settings(max_examples=25, deadline=None)
@given(cells(), st.integers(0, LENGTH - 1), st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_every_point_lies_where_it_should(cell, frame, share):
    framing = rounded(Framing(CANVAS, SOURCE, make.PAL, (cell,)))
    (cell,) = framing.cells
    point = (share[0] * SOURCE.width, share[1] * SOURCE.height)
    x, y, w = np.linalg.inv(tilt_matrices(cell, range(frame, frame + 1), SOURCE)[0]) @ (*point, 1.0)
    wanted = np.array([x / w, y / w])
    timeline = make.timeline((0, LENGTH, framing))

    def text(name, options=None):
        return deliver(timeline, name, folder=Path("/"), options=options).text

    (end,) = [node for node in nuke_model.read(text("nuke")) if node[0]["class"] == "FrameRange"]
    across, up = nuke_model.place(end, frame, point)
    found = {
        "nuke": (across, CANVAS.height - up),
        "fusion": fusion_model.place(text("fusion"), frame, point, SOURCE),
        "aftereffects": after_effects_model.place(text("aftereffects", {"keys": "sparse"}), frame, point),
    }
    for name, place in found.items():
        # After Effects keeps the picture where panscan's numbers are rounded; a far point moves with them.
        assert np.abs(np.array(place) - wanted).max() < 0.05, name
