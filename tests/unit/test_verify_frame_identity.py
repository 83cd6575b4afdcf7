"""Runs of pictures that look late, and clips that are other frames."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.verify.checks.frame_identity import late_runs, lost_clips, moment
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.measure.proxy_views import bar_depths, lateness


def strip(phase, level=0.0):
    x, y = np.arange(90) / 7, np.arange(160)[:, None] / 9
    view = np.asarray(126 + 30 * np.sin(x + phase) * np.cos(y) + level, np.float32)
    return [(view, np.ones(view.shape, np.bool_))]


@pytest.mark.parametrize("late", [0.0, 1.0, -1.0, 0.4])
def test_a_slow_movement_tells_how_late_a_picture_is(late):
    found, weight = lateness(strip(-0.02 * late), strip(0.0), strip(-0.02), strip(0.02))
    assert found == pytest.approx(late, abs=0.02) and 0.05 < weight < 1


def test_where_nothing_moves_there_is_no_evidence():
    assert lateness(strip(0.1), strip(0.0), strip(0.0), strip(0.0)) == (0.0, 0.0)
    other = [(np.zeros((8, 8), np.float32), np.ones((8, 8), np.bool_))]
    assert lateness(strip(0), strip(0), other, strip(0)) == (0.0, 0.0)


def looks(lags, weight=0.2, clip=0):
    return [FrameStats(n, clip, late_frames=value, late_weight=weight) for n, value in enumerate(lags)]


def test_a_row_of_late_pictures_is_rejected_and_one_is_not():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.15, 60)
    assert moment(looks(noise), []).grade == "pass"
    late = moment(looks(np.where(np.arange(60) >= 30, 1.0, 0.0) + noise), [])
    assert late.grade == "fail" and "late" in late.what
    early = moment(looks(noise - 1), [])
    assert early.grade == "fail" and "early" in early.what
    odd = noise.copy()
    odd[20] = 2.0
    assert moment(looks(odd), []).grade == "pass"


def test_rows_do_not_reach_across_clips_or_over_faint_pictures():
    assert late_runs([*looks([1.0] * 8, clip=0), *looks([1.0] * 8, clip=1)]) == []
    assert late_runs(looks([1.0] * 40, weight=0.01)) == []
    assert len(late_runs(looks([1.0] * 40))) > 5


def misplaced(clip, count, bad):
    """Telling pictures of a clip, of which some are explained better by the picture before, though not surely."""
    good = [
        FrameStats(n, clip, error=0.5, neighbour_differences=(1.0, 0.0), neighbour_errors=(1.1, 0.0))
        for n in range(count - bad)
    ]
    return good + [
        FrameStats(n, clip, error=1.1, neighbour_differences=(1.0, 0.0), neighbour_errors=(0.9, 0.0))
        for n in range(bad)
    ]


def test_a_clip_of_other_frames_does_not_drown_in_a_long_cut():
    many = [look for clip in range(20) for look in misplaced(clip, 10, 0)]
    assert lost_clips(many) == [] and moment(many, []).grade == "pass"
    with_one = [*many, *misplaced(20, 10, 8)]
    assert lost_clips(with_one) == [20]
    found = moment(with_one, [])
    assert found.grade == "fail" and "clip 21" in found.what and found.measured["match_rate"] > 0.9


def test_bars_are_darker_than_what_is_expected_and_than_the_picture():
    rng = np.random.default_rng(8)
    picture = rng.uniform(60, 200, (100, 80)).astype(np.float32)
    barred = picture.copy()
    barred[:6] = 16
    assert bar_depths(barred) == (0, 0.06, 0, 0) and bar_depths(barred, picture) == (0, 0.06, 0, 0)
    assert bar_depths(barred, barred) == (0, 0, 0, 0), "what the source has is not added"
    night = rng.uniform(18, 28, (100, 80)).astype(np.float32)
    assert bar_depths(night)[1] in (0, 1) and max(bar_depths(night, night)) == 0, "a dark scene has no bars"
