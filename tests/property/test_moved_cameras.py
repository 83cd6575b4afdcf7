"""A camera moved by hand in a timeline comes back through the overrides file as it is, whatever camera it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import documents as make
import scenes
from panscan import pipeline
from panscan.model.framing import Camera
from panscan.model.geometry import Ratio, Size
from panscan.request.hand_edits import entries_of
from panscan.request.override_edits import put_entries
from panscan.request.overrides import load_overrides
from panscan.timeline.cut import read_cut
from panscan.timeline.effect import attach_framing, framing_of
from panscan.timeline.hand_edits import EditedClip, edited_clips_of_movie, edited_numbers
from scenes import LOOKS, faces, perception, still

KEPT_PX = 0.01  # source px
ROUNDED = 0.5e-6  # of a scale, as timelines store it
SHAPES = {"9:16": Size(1080, 1920), "1:1": Size(1080, 1080), "4:5": Size(720, 900), "16:9": Size(1280, 720)}
PRESETS = ("default", "podcast", "action", "cinematic")
SEEN = perception(faces=faces(sorted(still(200, 200) + still(1450, 200)), LOOKS))


@st.composite
def cameras(draw, canvas: Size) -> Camera:
    """Up to six keys in and around the shot, from a letterbox to a close crop, also beside the picture."""
    frames = sorted(draw(st.sets(st.integers(-40, 140), min_size=1, max_size=6)))
    cover = max(canvas.width / 1920, canvas.height / 1080)
    scale = [cover * draw(st.floats(0.3, 5.0)) for _ in frames]
    x, y = ([draw(st.floats(-1.0, 1.0)) * one * 960 for one in scale] for _ in range(2))
    return Camera(tuple(frames), tuple(scale), tuple(x), tuple(y))


@settings(max_examples=40)
@given(data=st.data())
def test_it_is_kept_by_another_preset_and_size(data, tmp_path_factory) -> None:
    shape = data.draw(st.sampled_from(sorted(SHAPES)))
    start = data.draw(st.sampled_from([0, 90_000]))
    analysis = pipeline.MovieAnalysis(make.media(frame_count=100, start_frame=start), SEEN)
    timeline = pipeline.reframe(analysis, asked(shape, "default"))
    (clip,) = make.track(timeline)
    framing = framing_of(clip)
    (cell,) = framing.cells
    moved = replace(cell, camera=data.draw(cameras(framing.canvas)).shifted(start))
    frames = np.arange(start, start + 100)
    assume(not np.allclose(*(one.crops(frames, make.HD) for one in (cell, moved)), atol=1.0))
    attach_framing(clip, replace(framing, cells=(moved,)))

    ((edit,), lost) = edited_clips_of_movie(timeline, Path("/"), analysis.media)
    assert not lost
    path = tmp_path_factory.mktemp("edit") / "talk.panscan.toml"
    put_entries(path, entries_of(edit, Ratio.parse(shape), "by hand"))
    overrides = load_overrides(path, Fraction(25), 100, start)

    small = Size(SHAPES[shape].width // 2, SHAPES[shape].height // 2)
    again = asked(shape, data.draw(st.sampled_from(PRESETS)), data.draw(st.sampled_from([SHAPES[shape], small])))
    (now,) = read_cut(pipeline.reframe(analysis, replace(again, overrides=overrides)), folder=Path("/")).clips
    expected, found = (one.crops(frames, make.HD) for one in (moved, now.framing.cells[0]))
    # A crop's side is the canvas's over the scale: where the scale is small, rounding it alone moves an edge further.
    # It is rounded twice: in the timeline moved by hand and, perhaps on a smaller canvas, in the one made anew.
    rounding_px = sum(
        ROUNDED * np.array([one.size.width, one.size.height] * 2) / one.camera.sample(frames)[:, :1] ** 2
        for one in (moved, now.framing.cells[0])
    )
    assert (np.abs(found - expected) < np.maximum(KEPT_PX, 1.01 * rounding_px)).all()
    assert not edited_numbers(pipeline.reframe(analysis, again), Path("/"))


def test_a_crop_as_high_as_the_picture_has_no_background() -> None:
    """A timeline rounds its scale, perhaps to a hair under that at which the crop fills the picture."""
    for scale, has_bars in ((5.333333, False), (5.3, True)):
        framing = make.framing([(0, scale, 0.0, 0.0)], source=Size(640, 360), background="blur")
        (entry,) = entries_of(EditedClip(1, 0, 100, framing), Ratio.parse("9:16"), "by hand")
        assert ("background" in entry) == has_bars


def asked(shape: str, preset: str, canvas: Size | None = None):
    return scenes.request(canvas or SHAPES[shape], preset, ratio=Ratio.parse(shape), layouts=("single",))
