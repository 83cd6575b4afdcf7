"""Cameras that were changed in an editor come home through its XML, whatever they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import documents as make
from commandline import panscan
from panscan.deliver import deliver
from panscan.model.framing import Camera
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.hand_edits import edited_numbers, remember_cameras

NEAR_PX = 0.03  # output px: what the decimals of both formats leave
SUFFIXES = {"fcpxml": ".fcpxml", "xmeml": ".xml"}
LENGTH = 50  # frames of a shot
CLOCK = make.media(start_frame=90_000, timecode="01:00:00:00")


@st.composite
def cameras(draw) -> Camera:
    frames = sorted(draw(st.sets(st.integers(0, LENGTH - 1), min_size=1, max_size=4)))
    scale = [draw(st.floats(0.6, 4.0)) for _ in frames]
    x, y = ([draw(st.floats(-900.0, 900.0)) for _ in frames] for _ in range(2))
    return Camera(tuple(frames), tuple(scale), tuple(x), tuple(y))


def timeline(*shown: Camera):
    """A shot for each camera, one after the other in a movie whose clock starts at an hour."""
    shots = []
    for number, camera in enumerate(shown):
        framing = make.framing(((0, 1.0, 0.0, 0.0),))
        (cell,) = framing.cells
        first = number * LENGTH
        cells = (replace(cell, camera=camera.shifted(CLOCK.start_frame + first)),)
        shots.append((first, first + LENGTH, replace(framing, cells=cells)))
    return remember_cameras(make.timeline(*shots, of=CLOCK))


@settings(max_examples=25, deadline=None)
@given(before=st.tuples(cameras(), cameras(), cameras()), after=cameras(), kind=st.sampled_from(sorted(SUFFIXES)))
def test_the_timeline_shows_what_the_editor_showed(before, after, kind, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("taken")
    changed = timeline(before[0], after, before[2])
    path, edited = folder / "talk.9x16.otio", folder / f"from the editor{SUFFIXES[kind]}"
    write_timeline(timeline(*before), path)
    edited.write_bytes(deliver(changed, kind, folder=folder).main)
    told = panscan("edits", path, "--take", edited, "--json").data
    home = read_timeline(path)
    for now, then in zip(read_cut(home, folder=folder).clips, read_cut(changed, folder=folder).clips, strict=True):
        frames = np.arange(now.first, now.end)
        crops = [one.framing.cells[0].crops(frames, make.HD) for one in (now, then)]
        assert np.abs(crops[0] - crops[1]).max() < NEAR_PX / min(then.framing.cells[0].camera.scale) ** 2
    assert set(told["taken"]) <= {2} and not told["missing"]
    assert edited_numbers(home, folder) == told["taken"]
