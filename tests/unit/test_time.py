"""Exact rates, the grid that pictures fall on, and timecode."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import media
from panscan.model.time import (
    frames_to_timecode,
    grid_frames,
    is_drop_frame,
    nominal_rate,
    snap_rate,
    timecode_to_frames,
)

NTSC = Fraction(30000, 1001)
STANDARD = [Fraction(n) for n in (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120)]
STANDARD += [Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)]


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (29.97, NTSC),
        (Fraction(2997, 100), NTSC),
        (Fraction(23976, 1000), Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (119.88, Fraction(120000, 1001)),
        (25.0000001, Fraction(25)),
        (Fraction(90000, 3003), NTSC),
        (Fraction(17), Fraction(17)),
        (12.5, Fraction(25, 2)),
        (29.5, Fraction(59, 2)),
    ],
)
def test_a_rate_snaps_to_the_standard_one_it_means(rate, exact):
    assert snap_rate(rate) == exact


@pytest.mark.parametrize("rate", STANDARD)
def test_standard_rates_stay_what_they_are(rate):
    assert snap_rate(rate) == rate
    assert snap_rate(float(rate)) == rate


def test_whole_and_ntsc_rates_are_not_confused():
    assert len({snap_rate(float(rate)) for rate in STANDARD}) == len(STANDARD)


@pytest.mark.parametrize("rate", [0, -25, 0.0])
def test_a_rate_must_be_positive(rate):
    with pytest.raises(ValueError, match="positive"):
        snap_rate(rate)


@pytest.mark.parametrize(("rate", "nominal"), [(NTSC, 30), (Fraction(24000, 1001), 24), (Fraction(25), 25)])
def test_editors_count_in_whole_numbers(rate, nominal):
    assert nominal_rate(rate) == nominal


@pytest.mark.parametrize("time_base", [Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 30000)])
@pytest.mark.parametrize("rate", [r for r in STANDARD if r >= 24])
@pytest.mark.parametrize("start", [0, -37, 123456])
def test_constant_rate_gives_one_picture_per_grid_frame(time_base, rate, start):
    frames = np.arange(2500)
    pts = np.array([start + round(n / rate / time_base) for n in range(len(frames))], np.int64)
    assert np.array_equal(grid_frames(pts, start, time_base, rate), frames)


@pytest.mark.parametrize("time_base", [Fraction(1, 1000), Fraction(1, 90000)])
def test_two_hours_stamped_at_2997_hundredths_never_slip(time_base):
    count = 215_784  # two hours; the stamps run ahead of 30000/1001 by a fifth of a frame in the end
    stamps = np.round(np.arange(count) * float(Fraction(100, 2997) / time_base)).astype(np.int64)
    assert np.array_equal(grid_frames(stamps, 0, time_base, NTSC), np.arange(count))


def test_a_dropped_picture_leaves_a_hole_in_the_grid():
    assert grid_frames(np.array([0, 40, 120, 160]), 0, Fraction(1, 1000), Fraction(25)).tolist() == [0, 1, 3, 4]


def test_a_variable_rate_picture_shows_from_the_next_grid_frame_on():
    # Ticks of a tenth of a frame at 25 fps: up to an eighth of a frame late still counts as in time.
    pts = np.array([0, 1, 2, 9, 10, 11, 12, 19, 20, 105])
    seen = grid_frames(pts, 0, Fraction(1, 250), Fraction(25), is_vfr=True)
    assert seen.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 2, 11]


@pytest.mark.parametrize("rate", [Fraction(25), NTSC, Fraction(60)])
def test_every_grid_frame_shows_the_newest_picture_that_is_not_late(rate):
    tick = Fraction(1, 30000)
    pts = media.vfr_pts(60, tick)
    first_seen = grid_frames(pts, 0, tick, rate, is_vfr=True)
    for frame in range(int(first_seen[-1]) + 1):
        shown = int(np.searchsorted(first_seen, frame, side="right")) - 1
        late = [n for n, ticks in enumerate(pts.tolist()) if ticks * tick * rate > frame + Fraction(1, 8)]
        assert shown == (late[0] - 1 if late else len(pts) - 1)


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**20), st.sampled_from(STANDARD), st.booleans())
def test_the_grid_counts_from_the_first_picture(start, ticks, rate, is_vfr):
    time_base = Fraction(1, 90000)
    one = grid_frames(np.array([ticks]), 0, time_base, rate, is_vfr=is_vfr)
    moved = grid_frames(np.array([start + ticks]), start, time_base, rate, is_vfr=is_vfr)
    assert one == moved
    exact = ticks * time_base * rate
    assert exact - 1 < int(one[0]) < exact + 1


@pytest.mark.parametrize(
    ("text", "rate", "frames"),
    [
        ("01:00:00;00", NTSC, 107892),
        ("01:00:00.00", NTSC, 107892),
        ("01:00:00:00", NTSC, 108000),
        ("00:00:59;29", NTSC, 1799),
        ("00:01:00;02", NTSC, 1800),
        ("00:10:00;00", NTSC, 17982),
        ("23:59:59;29", NTSC, 2589407),
        ("00:01:00;04", Fraction(60000, 1001), 3600),
        ("01:00:00:00", Fraction(25), 90000),
        ("01:00:00;00", Fraction(25), 90000),
        ("01:00:00:00", Fraction(24000, 1001), 86400),
        (" 00:00:01:05 ", Fraction(24), 29),
    ],
)
def test_timecode(text, rate, frames):
    assert timecode_to_frames(text, rate) == frames


def test_drop_frame_numbers_run_on_without_gaps():
    labels = [
        f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d};{f:02d}"
        for s in range(0, 1300)
        for f in range(30)
        if not (f < 2 and s % 60 == 0 and s // 60 % 10)
    ]
    assert [timecode_to_frames(label, NTSC) for label in labels] == list(range(len(labels)))


@pytest.mark.parametrize("text", ["", "1:2:3", "a:b:c:d", "00:00:00:00:00", "-1:00:00:00", "10.5"])
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(ValueError, match="timecode"):
        timecode_to_frames(text, NTSC)


@pytest.mark.parametrize(
    ("frames", "rate", "drop", "text"),
    [
        (0, Fraction(25), False, "00:00:00:00"),
        (90399, Fraction(25), False, "01:00:15:24"),
        (86400 * 24, Fraction(24000, 1001), False, "00:00:00:00"),
        (108000, NTSC, False, "01:00:00:00"),
        (1799, NTSC, True, "00:00:59;29"),
        (1800, NTSC, True, "00:01:00;02"),
        (17982, NTSC, True, "00:10:00;00"),
        (107892, NTSC, True, "01:00:00;00"),
        (3600, Fraction(60000, 1001), True, "00:01:00;04"),
    ],
)
def test_frames_as_timecode(frames, rate, drop, text):
    assert frames_to_timecode(frames, rate, drop=drop) == text


@given(
    st.integers(0, 86399 * 24), st.sampled_from([(Fraction(24), False), (NTSC, True), (Fraction(60000, 1001), True)])
)
def test_timecode_comes_back(frames, clock):
    rate, drop = clock
    assert timecode_to_frames(frames_to_timecode(frames, rate, drop=drop), rate) == frames


def test_rates_without_drop_frame_refuse_it():
    with pytest.raises(ValueError, match="no drop frame"):
        frames_to_timecode(0, Fraction(25), drop=True)


@pytest.mark.parametrize(
    ("timecode", "rate", "drops"),
    [("01:00:00;00", NTSC, True), ("01:00:00.00", NTSC, True), ("01:00:00:00", NTSC, False), (None, NTSC, False),
     ("01:00:00;00", Fraction(30), False)],
)  # fmt: skip
def test_drop_frame_is_told_by_the_timecode_and_the_rate(timecode, rate, drops):
    assert is_drop_frame(timecode, rate) is drops
