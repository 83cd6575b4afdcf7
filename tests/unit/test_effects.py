"""Paces from measured statistics, at and beside every threshold; effects from solved cameras."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct
from panscan.direct.methods import adaptive
from panscan.direct.pacing import ShotStatistics, choose_pace, shot_statistics
from panscan.model.framing import Cell
from panscan.model.geometry import Size
from panscan.model.perception import Perception, ShotBoundaries, Tracks
from panscan.model.plan import Shot
from panscan.operate.effects import name_effect
from scenes import LOOKS, faces, flow, perception, preset, scene, screen, speaker, still

CALM = ShotStatistics(energy=0.0, travel=0.0, cuts_per_minute=0.0, duration_s=5.0, jumps=0)
QUICK = ShotStatistics(energy=0.015, travel=0.0, cuts_per_minute=24.0, duration_s=1.99, jumps=0)


@pytest.mark.parametrize(
    ("found", "pace"),
    [
        (CALM, "calm"),
        (replace(CALM, jumps=1), "ordinary"),
        (replace(QUICK, jumps=2), "ordinary"),
        (QUICK, "quick"),
        (replace(QUICK, travel=1.0), "quick"),
        (replace(QUICK, duration_s=2.0), "ordinary"),
        (replace(QUICK, cuts_per_minute=23.9), "ordinary"),
        (replace(QUICK, energy=0.0149), "ordinary"),
        (replace(CALM, duration_s=3.0, travel=0.10, energy=0.008), "calm"),
        (replace(CALM, duration_s=2.99), "ordinary"),
        (replace(CALM, travel=0.11), "ordinary"),
        (replace(CALM, energy=0.009), "ordinary"),
    ],
)
def test_the_pace_follows_from_the_measures(found, pace):
    assert choose_pace(found, alternates=False) == pace


@pytest.mark.parametrize("found", [CALM, QUICK, replace(CALM, travel=1.0)])
def test_an_exchange_goes_before_all_else(found):
    assert choose_pace(found, alternates=True) == "alternating"


# --- naming


STILL, PAN = make.camera(((0, 2.0, 0.0, 0.0),)), make.camera(((0, 2.0, 0.0, 0.0), (40, 2.0, 300.0, 0.0)))
CLOSER, WIDER = make.camera(((0, 2.0, 0, 0), (99, 2.1, 0, 0))), make.camera(((0, 2.1, 0, 0), (99, 2.0, 0, 0)))


@pytest.mark.parametrize(
    ("cameras", "named", "effect"),
    [
        ([STILL], {}, "STATIC"),
        ([STILL, STILL], {}, "STATIC"),
        ([STILL], {"jumps": (50,)}, "STATIC"),
        ([PAN], {"jumps": (50,)}, "INTERVIEW"),
        ([STILL], {"pace": "alternating"}, "INTERVIEW"),
        ([PAN], {"pace": "alternating"}, "INTERVIEW"),
        ([STILL], {"pace": "quick"}, "FAST_CUT"),
        ([PAN], {"pace": "quick"}, "FAST_CUT"),
        ([PAN], {}, "PAN_FOLLOW"),
        ([PAN, STILL], {}, "PAN_FOLLOW"),
        ([PAN], {"push_in": 0.05}, "PAN_FOLLOW"),
        ([CLOSER], {"push_in": 0.05}, "BREATHE"),
        ([CLOSER, STILL], {"push_in": 0.05}, "BREATHE"),
        ([CLOSER, PAN], {"push_in": 0.05}, "PAN_FOLLOW"),
        ([CLOSER], {}, "PAN_FOLLOW"),
        ([WIDER], {"push_in": 0.05}, "PAN_FOLLOW"),
        ([STILL], {"pace": "calm", "push_in": 0.05}, "STATIC"),
    ],
)
def test_effects_are_named_from_the_camera(cameras, named, effect):
    planned, _ = scenes.single(scenes.aim([0], [[0, 0, 9, 9]], jumps=named.get("jumps", ())), Shot(0, 100))
    cell_plan = replace(planned.cells[0], push_in=named.get("push_in", 0.0))
    planned = replace(planned, cells=(cell_plan,) * len(cameras), pace=named.get("pace", "ordinary"))
    cells = [Cell(0, 0, make.VERTICAL, camera) for camera in cameras]
    assert name_effect(cells, planned) == effect


# --- measuring


def measured(*people, canvas=make.VERTICAL, end=100, **signals):
    seen = perception(faces=faces(sorted(row for p in people for row in p), LOOKS), **signals)
    one = scene(seen, canvas=canvas, end=end)
    return shot_statistics(one, adaptive(one), 12.0)


def test_what_is_measured():
    found = measured(still(500, 200, speed=3), flow=flow([], LOOKS, energy=0.011))
    assert (found.energy, found.duration_s, found.cuts_per_minute, found.jumps) == (pytest.approx(0.011), 4.0, 12.0, 0)
    # 96 frames at 3 px, without the outer twentieths, in windows of 607.5 px; steadied, ends lag by some frames.
    assert 0.85 * 0.9 * 96 * 3 / 607.5 < found.travel <= 0.9 * 96 * 3 / 607.5
    assert found.figures == {"motion": found.energy, "travel": found.travel, "cuts_min": 12.0}


def test_one_who_sits_does_not_travel():
    assert measured(still(500, 200)).travel == pytest.approx(0)


def test_only_ways_that_the_camera_can_go_count():
    up = [(f, 900, 100 + 6 * f, 200, 200) for f in LOOKS]
    assert measured(up).travel == pytest.approx(0), "a tall crop has the picture's height"
    assert measured(up, canvas=Size(2520, 1080)).travel == pytest.approx(0.9 * 96 * 6 / (1920 * 1080 / 2520), rel=0.01)
    assert measured(still(300, 200, speed=8), canvas=Size(2520, 1080)).travel == pytest.approx(0)


def test_motion_across_a_cut_is_not_the_shots():
    seen = perception(flow=flow([], LOOKS, energy=0.02), faces=faces([], LOOKS))
    late = scene(seen, first=94, end=100)  # its only pair of looks begins before it
    assert shot_statistics(late, adaptive(late), 0.0).energy == 0


def test_turns_are_counted():
    found = measured(still(250, 150), still(1450, 220), speaker=speaker([(0, 50, 0), (50, 100, 1)], [0, 1]))
    assert found.jumps == 1


# --- in the plan


def planned(seen, frame_count=100, **choices):
    style = preset(**choices)
    return direct.plan(make.media(frame_count=frame_count), seen, scenes.request(make.VERTICAL, style)).shots


def shots_with(*who, energy=0.0, shot_frames=50):
    """A film of shots with one person each; equal numbers are the same person."""
    count = shot_frames * len(who)
    looked = list(range(0, count, 2))
    rows = [(f, 300 + 400 * who[f // shot_frames], 300, 200, 200) for f in looked]
    cuts = ShotBoundaries(np.arange(shot_frames, count, shot_frames))
    signals = {"cuts": cuts, "faces": faces(rows, looked), "flow": flow([], looked, energy=energy, step=2)}
    seen = perception(frame_count=count, **signals)
    tracks = seen.need(Tracks)
    assert len(tracks.person) == len(who)
    return Perception("media", "analysis", {**seen.signals, "tracks": replace(tracks, person=np.array(who))})


@pytest.mark.parametrize(
    ("who", "interviewed"),
    [
        ((0, 1, 0), (True, True, True)),
        ((0, 1, 0, 1, 0), (True,) * 5),
        ((2, 0, 1, 0), (False, True, True, True)),
        ((0, 1, 0, 2), (True, True, True, False)),
        ((0, 1, 2), (False,) * 3),
        ((0, 0, 0), (False,) * 3),
        ((0, 1), (False,) * 2),
    ],
)
def test_shots_that_go_back_and_forth_between_two_are_an_interview(who, interviewed):
    shots = planned(shots_with(*who), 50 * len(who))
    assert tuple(shot.pace == "alternating" for shot in shots) == interviewed


def test_short_lively_shots_are_cut_fast_and_as_close_as_the_preset_allows():
    seen = shots_with(0, 1, 2, 3, energy=0.03, shot_frames=25)
    for ceiling in (1.0, 1.3):
        shots = planned(seen, zoom_ceiling=ceiling)
        assert [shot.pace for shot in shots] == ["quick"] * 4
        assert [shot.mode for shot in shots] == ["responsive"] * 4
        for shot in shots:
            zoom = shot.cells[0].aim.zoom
            assert zoom is None if ceiling == 1 else np.all(zoom == ceiling)
            assert shot.cells[0].zoom_ceiling == ceiling
    assert {shot.mode for shot in planned(seen, mode="stable")} == {""}, "who asks for calm gets it"
    assert {shot.pace for shot in planned(shots_with(0, 1, 2, 3, shot_frames=25))} == {"ordinary"}


def test_only_a_preset_that_breathes_drifts():
    seen = perception(faces=faces(still(900, 200), LOOKS))
    (still_one,), (breathing,) = planned(seen), planned(seen, breathe=0.03)
    assert (still_one.pace, still_one.cells[0].push_in) == ("calm", 0)
    assert (breathing.pace, breathing.cells[0].push_in) == ("calm", 0.03)
    (whole,) = planned(perception(screen=screen((0, 0, 1900, 1000))), breathe=0.03)
    assert whole.cells[0].fit and whole.cells[0].push_in == 0, "what is shown whole stays whole"


def test_a_shot_in_which_somebody_walks_is_not_calm():
    (shot,) = planned(perception(faces=faces(still(300, 200, speed=6), LOOKS)), breathe=0.03)
    assert shot.pace == "ordinary" and shot.cells[0].push_in == 0 and shot.figures["travel"] > 0.1
