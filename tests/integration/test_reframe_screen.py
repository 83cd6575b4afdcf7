"""A screen recording, from its pictures to its cameras by the command line: recognised, close, nothing is missed."""

from __future__ import annotations

import numpy as np
import pytest

from commandline import panscan
from panscan.model.framing import Framing
from panscan.model.perception import ScreenEvent
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline
from screen_recordings import draw_recording
from screen_scenes import click, move, pause, popup, typing

SEEN_AFTER_S = {"popup": 0.3, "window": 0.3}  # nobody can foresee them


@pytest.fixture(scope="module")
def reframed(tmp_path_factory):
    """What was drawn, what the run says, and the framing of each shape."""
    folder = tmp_path_factory.mktemp("screen")
    truth = draw_recording(
        folder / "screen.mp4",
        *(pause(3), typing("the quick brown fox jumps over it", (60, 90), pause_s=1.5), pause(1.5)),
        *(move((1100, 500)), click(), pause(2), popup((380, 310, 420, 260), 2), pause(2)),
    )
    ran = panscan("reframe", folder / "screen.mp4", "-r", "16:9", "-r", "9:16", "--to", "segments")
    assert ran.code == 0, ran.err
    return truth, ran.err, {shape: framing_of(folder / f"screen.{shape}.otio") for shape in ("16x9", "9x16")}


def framing_of(path) -> Framing:
    (clip,) = document.read_cut(read_timeline(path), folder=path.parent).clips
    return clip.framing


def share_held(framing: Framing, event: ScreenEvent, rate: float, slack_px=1.5) -> float:
    """Share of an event's time in which a cell shows all of it."""
    late = round(SEEN_AFTER_S.get(event.kind, 0.0) * rate)
    frames = np.arange(event.first_frame + late, event.end_frame)
    left, top, width, height = event.box_px
    held = np.zeros(len(frames), np.bool_)
    for cell in framing.cells:
        crop = cell.crops(frames, framing.source)
        inside = (crop[:, :2] <= np.add((left, top), slack_px)).all(axis=1)
        held |= inside & (crop[:, :2] + crop[:, 2:] >= np.add((left + width, top + height), -slack_px)).all(axis=1)
    return float(held.mean())


def test_it_is_recognised_and_said(reframed):
    assert "looks like a screen recording" in reframed[1] and "--preset default" in reframed[1]


@pytest.mark.parametrize("shape", ["16x9", "9x16"])
def test_all_that_happens_is_in_view(reframed, shape):
    truth, _, framings = reframed
    assert len(truth.events) >= 4
    assert min(share_held(framings[shape], event, truth.rate) for event in truth.events) >= 0.98


def test_what_is_typed_is_close_and_the_camera_moves_seldom(reframed):
    truth, _, framings = reframed
    typed = next(event for event in truth.events if event.kind == "typing")
    middle = (typed.first_frame + typed.end_frame) // 2
    for framing in framings.values():
        source, canvas = framing.source, framing.canvas
        crop = framing.cells[0].crop_at(middle, source)
        assert canvas.width / crop.width >= 1.4 * canvas.width / source.width
        assert len(framing.cells[0].rests) <= 5
