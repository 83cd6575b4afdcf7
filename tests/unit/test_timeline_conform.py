"""Framings joined to one per clip, moved to the clip's clock and rate, and put on a copy of the cut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import numbered
from panscan.errors import DocumentError, InputError
from panscan.model.framing import Camera, Cell, Framing, Rest
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.timeline.conform import attach_framings, camera_at_rate
from panscan.timeline.cut import read_cut
from panscan.timeline.editorial import EditorCut, UsedClip
from panscan.timeline.effect import framing_of, rounded
from panscan.timeline.files import recipe_of
from panscan.timeline.flatten import flatten_timeline, renderable_cut

HALF = Size(1080, 960)


def cut_of(first: int, end: int, *, rate: Fraction = make.PAL, media_rate: Fraction = make.PAL, start: int = 0) -> Any:
    """A cut of one clip that shows media frames [first, end) of a media whose clock begins at `start`."""
    of = make.media(rate=media_rate, start_frame=start)
    clip = numbered.clip(
        of.path, start + first, end - first, media_rate, available=numbered.time_range(start, 1500, media_rate)
    )
    timeline = numbered.timeline(numbered.track(clip))
    return EditorCut(timeline, rate, (UsedClip(clip, 0, of.path, first, end, first, end),), {of.path: of})


def attached(cut: EditorCut, shots: Any, **named: Any) -> Framing:
    result = attach_framings(cut, {0: shots}, {"ratio": "9:16"}, **named)
    (clip,) = result.timeline.find_clips()
    framing = framing_of(clip)
    assert framing is not None
    return framing


def single(*keys: tuple[int, float, float, float], **named: Any) -> Framing:
    return make.framing(keys, **named)


def split(scale: float = 1.0, x_px: float = 100.0) -> Framing:
    cells = tuple(
        Cell(0, top, HALF, Camera((0,), (scale,), (sign * x_px,), (0.0,)), f"person-{n}")
        for n, (top, sign) in enumerate(((0, 1), (960, -1)), 1)
    )
    return Framing(make.VERTICAL, make.HD, make.PAL, cells, layout="split-2")


def test_one_shot_keeps_its_camera_on_the_clock_of_the_clip() -> None:
    framing = single((0, 2.0, 10.0, 0.0), (40, 2.0, 50.0, 0.0), why="a walk")
    found = attached(cut_of(0, 41, start=90000), [(Shot(0, 41), framing)])
    assert found == rounded(framing.shifted(90000))


def test_a_camera_is_cut_where_the_clip_begins_and_ends() -> None:
    found = attached(cut_of(10, 31), [(Shot(0, 100), single((0, 2.0, 0.0, 0.0), (100, 2.0, 100.0, 0.0)))])
    camera = found.cells[0].camera
    assert camera.frame == (10, 30) and camera.x_px == (10.0, 30.0)


@pytest.mark.parametrize(("rate", "first"), [(make.PAL, (90000, 90030)), (Fraction(30), (108000, 108036))])
def test_rests_go_with_the_clip_that_shows_them_on_its_clock(rate, first) -> None:
    rests = (Rest(0, 20, "wide", "cut"), Rest(30, 60, "close"), Rest(80, 100, "beyond"))
    framing = single((0, 2.0, 0.0, 0.0), (100, 2.0, 100.0, 0.0))
    planned = replace(framing, cells=(replace(framing.cells[0], rests=rests),))
    found = attached(cut_of(10, 70, start=90000, rate=rate), [(Shot(0, 100), planned)])
    assert [(rest.reason, rest.first) for rest in found.cells[0].rests] == list(
        zip(("wide", "close"), first, strict=True)
    )


def test_shots_inside_a_clip_become_jumps_on_neighbouring_frames() -> None:
    shots = [
        (Shot(0, 20), single((0, 2.0, 100.0, 0.0), why="left", metrics={"held": 1.0})),
        (Shot(20, 30), single((20, 2.5, -50.0, 0.0), (29, 2.5, 40.0, 0.0), why="right", metrics={"held": 0.5})),
        (Shot(30, 50), single((30, 2.0, 7.0, 0.0), metrics={"held": 0.0})),
    ]
    found = attached(cut_of(10, 40), shots)
    camera = found.cells[0].camera
    assert camera.frame == (10, 19, 20, 29, 30)
    values = camera.sample(range(10, 40))
    truth = np.concatenate([f.cells[0].camera.sample(range(max(s.first, 10), min(s.end, 40))) for s, f in shots])
    assert np.abs(values - truth).max() < 1e-4
    assert found.why == "left; right"
    assert found.metrics == {"held": pytest.approx((10 * 1.0 + 10 * 0.5) / 30, abs=1e-4)}


def test_equal_static_shots_stay_one_key() -> None:
    shots = [(Shot(0, 20), single((0, 2.0, 5.0, 0.0))), (Shot(20, 40), single((20, 2.0, 5.0, 0.0)))]
    assert len(attached(cut_of(0, 40), shots).cells[0].camera.frame) == 1


def test_the_layout_seen_longest_wins_and_others_look_like_their_single_layout() -> None:
    shots = [(Shot(0, 30), split()), (Shot(30, 40), single((30, 1.8, 200.0, 12.0)))]
    result = attach_framings(
        cut_of(0, 40), {0: shots}, {}, single_framings={0: [(Shot(0, 30), single((0, 2.0, 0.0, 0.0))), shots[1]]}
    )
    framing = framing_of(result.timeline.find_clips()[0])
    assert framing is not None and framing.layout == "split-2" and len(framing.cells) == 2
    assert len(result.notes) == 1 and "different layouts" in result.notes[0].why
    # Seen through both cells at frame 35, every point of the source lies where the single camera puts it.
    scale, x_px, y_px = (float(v) for v in shots[1][1].cells[0].camera.sample([35])[0])
    for cell in framing.cells:
        s, x, y = (float(v) for v in cell.camera.sample([35])[0])
        assert s == scale
        assert cell.left_px + cell.size.width / 2 + x == pytest.approx(1080 / 2 + x_px)
        assert cell.top_px + cell.size.height / 2 + y == pytest.approx(1920 / 2 + y_px)
    assert framing.cells[0].camera.sample([10])[0].tolist() == [1.0, 100.0, 0.0]


def test_where_single_wins_the_split_shot_takes_the_single_that_was_given() -> None:
    shots = [(Shot(0, 30), single((0, 1.8, 200.0, 0.0))), (Shot(30, 40), split())]
    given = {0: [shots[0], (Shot(30, 40), single((30, 1.9, -77.0, 0.0)))]}
    result = attach_framings(cut_of(0, 40), {0: shots}, {}, single_framings=given)
    framing = framing_of(result.timeline.find_clips()[0])
    assert framing is not None and len(framing.cells) == 1
    assert framing.cells[0].camera.sample([29, 30])[:, 1].tolist() == [200.0, -77.0]


def test_without_singles_the_first_camera_is_widened_until_it_covers_the_canvas() -> None:
    shots = [(Shot(0, 30), single((0, 1.8, 200.0, 0.0))), (Shot(30, 40), split(scale=1.2))]
    cell = attached(cut_of(0, 40), shots).cells[0]
    crop = cell.crop_at(35, make.HD)
    own = split(scale=1.2).cells[0].crop_at(35, make.HD)
    assert (crop.center_x, crop.center_y) == (own.center_x, own.center_y)
    assert crop.height == pytest.approx(own.height) and crop.width < own.width


def test_cells_that_leave_the_canvas_open_cannot_show_a_whole_picture() -> None:
    cell = Cell(90, 480, Size(900, 960), Camera((0,), (1.0,), (0.0,), (0.0,)))
    alone = Framing(make.VERTICAL, make.HD, make.PAL, (cell,), layout="odd")
    shots = [(Shot(0, 30), alone), (Shot(30, 40), single((30, 1.8, 5.0, 0.0)))]
    given = {0: [(Shot(0, 30), single((0, 1.8, 9.0, 0.0))), shots[1]]}
    framing = attached(cut_of(0, 40), shots, single_framings=given)
    assert framing.cells[0].size == make.VERTICAL
    assert framing.cells[0].camera.sample([29, 30])[:, 1].tolist() == [9.0, 5.0]


def test_other_canvases_inside_one_clip_are_refused() -> None:
    shots = [(Shot(0, 30), single((0, 2.0, 0.0, 0.0))), (Shot(30, 40), single((30, 2.0, 0.0, 0.0), canvas=make.SQUARE))]
    with pytest.raises(DocumentError, match="disagree"):
        attached(cut_of(0, 40), shots)


def test_a_clip_without_framings_is_said_to_have_no_camera() -> None:
    result = attach_framings(cut_of(0, 40), {}, {"ratio": "9:16"})
    assert len(result.notes) == 1 and recipe_of(result.timeline) == {"ratio": "9:16"}


def test_the_cut_can_be_framed_again_for_another_shape() -> None:
    cut = cut_of(0, 40)
    before = cut.timeline.to_json_string()
    for canvas in (make.VERTICAL, make.SQUARE):
        assert attached(cut, [(Shot(0, 40), single((0, 2.0, 0.0, 0.0), canvas=canvas))]).canvas == canvas
    assert cut.timeline.to_json_string() == before


def test_deliveries_need_not_probe_the_media() -> None:
    result = attach_framings(cut_of(0, 40, start=90000), {0: [(Shot(0, 40), single((0, 2.0, 0.0, 0.0)))]}, {})
    (clip,) = read_cut(result.timeline, folder=Path("/")).clips
    assert clip.facts.size == make.HD and clip.facts.audio == make.STEREO and clip.enabled and clip.speed == 1


def test_what_is_known_of_a_media_is_noted_on_clips_without_a_camera() -> None:
    """So that a delivery can write them whole, and disabled where they are."""
    cut = cut_of(0, 40)
    path = Path(next(iter(cut.media)))
    off, other = (numbered.clip(url, 0, 9) for url in (path.as_uri(), "/media/unknown.mov"))
    off.enabled = False
    refused = [numbered.clip(path.as_uri(), 55, 9), numbered.clip(path.as_uri(), 0, 9, available=None), off.clone()]
    refused[2].effects.append(otio.schema.FreezeFrame())
    cut.timeline.tracks[0].extend([off, other, *refused])
    timeline = attach_framings(cut, {0: [(Shot(0, 40), single((0, 2.0, 0.0, 0.0)))]}, {}).timeline
    _, spare, *unknown = timeline.find_clips()
    assert framing_of(spare) is None
    assert not [clip for clip in unknown if "panscan" in clip.media_reference.metadata]
    assert tuple(spare.media_reference.metadata["panscan"]["size_px"]) == (1920, 1080)
    assert not cut.timeline.find_clips()[1].media_reference.metadata, "the cut that was read is untouched"


@pytest.mark.parametrize(
    ("media_rate", "rate"),
    [
        (Fraction(24), Fraction(25)),
        (Fraction(60), Fraction(24)),
        (Fraction(25), Fraction(50)),
        (make.NTSC, Fraction(24)),
    ],
)
def test_a_camera_keeps_its_jumps_at_another_rate(media_rate: Fraction, rate: Fraction) -> None:
    camera = make.camera(((0, 2.0, 0.0, 0.0), (19, 2.0, 19.0, 0.0), (20, 3.0, 500.0, 9.0), (59, 3.0, 500.0, 9.0)))
    moved = camera_at_rate(camera, media_rate, rate)
    grid = np.array([float(-((Fraction(1, 8) - k * rate / media_rate) // 1)) for k in range(60)])  # where each is seen
    for frame in range(int(59 * rate / media_rate)):
        shown = int(np.searchsorted(grid, frame, side="right")) - 1
        scale, x_px, y_px = (float(v) for v in moved.sample([frame])[0])
        assert (scale, y_px) == ((2.0, 0.0) if shown < 20 else (3.0, 9.0)), "never half-way into the jump"
        assert abs(x_px - float(camera.sample([shown])[0, 1])) <= 1.5


def test_keys_on_every_frame_survive_a_lower_rate() -> None:
    camera = make.camera(tuple((k, 2.0, float(k), 0.0) for k in range(60)))
    moved = camera_at_rate(camera, Fraction(60), Fraction(25))
    assert moved.frame == tuple(range(26))
    assert np.abs(np.array(moved.x_px) - np.array(moved.frame) * 60 / 25).max() <= 1.5


def test_the_same_rate_changes_nothing() -> None:
    camera = make.camera(((0, 2.0, 0.0, 0.0), (19, 2.0, 19.0, 0.0)))
    assert camera_at_rate(camera, make.NTSC, make.NTSC) is camera


def test_a_cut_in_one_track_is_flat_already() -> None:
    timeline = make.timeline((0, 30, single((0, 2.0, 0.0, 0.0))))
    assert flatten_timeline(timeline) is timeline


def test_disabled_clips_are_read_but_not_shown() -> None:
    framing = single((0, 2.0, 0.0, 0.0))
    timeline = make.timeline((0, 30, framing), (30, 50, framing))
    make.track(timeline)[0].enabled = False
    assert [c.enabled for c in read_cut(timeline, folder=Path("/")).clips] == [False, True]
    assert [c.record_frame for c in renderable_cut(timeline, folder=Path("/")).clips] == [30]
    make.track(timeline)[1].enabled = False
    with pytest.raises(InputError, match="nothing is seen"):
        renderable_cut(timeline, folder=Path("/"))


@pytest.mark.parametrize(
    ("effect", "speed", "shown"),
    [
        (otio.schema.LinearTimeWarp(time_scalar=2.0), 2, [10, 12, 14]),
        (otio.schema.LinearTimeWarp(time_scalar=-0.5), Fraction(-1, 2), [10, 9, 9]),
        (otio.schema.FreezeFrame(), 0, [10, 10, 10]),
    ],
)
def test_a_framed_clip_knows_its_speed(effect: Any, speed: Fraction, shown: list[int]) -> None:
    timeline = make.timeline((10, 30, single((0, 2.0, 0.0, 0.0))))
    make.track(timeline)[0].effects.append(effect)
    (clip,) = read_cut(timeline, folder=Path("/")).clips
    assert clip.speed == speed and not clip.is_ramped
    assert [clip.media_frame(r) for r in range(3)] == shown
    (played,) = renderable_cut(timeline, folder=Path("/")).clips
    assert [played.media_frame(r) for r in range(3)] == shown


def test_a_speed_that_changes_on_the_way_cannot_be_shown() -> None:
    timeline = make.timeline((10, 30, single((0, 2.0, 0.0, 0.0))))
    make.track(timeline)[0].effects.append(otio.schema.TimeEffect())
    with pytest.raises(InputError, match="changes its speed"):
        renderable_cut(timeline, folder=Path("/"))
