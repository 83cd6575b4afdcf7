"""Which transitions are mixed, by their names and what lies beside them, and how much of either picture is seen."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import documents as make
from panscan.timeline.cut import read_cut
from panscan.timeline.dissolves import Dissolve
from panscan.timeline.transitions import CUSTOM, DISSOLVE, dip_colour

FOLDER = Path("/projects")
STILL = make.framing(((0, 2.0, 0.0, 0.0),))


def _cut(*frames, name="mix", kind=DISSOLVE, at=1, gap=0):
    timeline = make.timeline((20, 60, STILL), (100, 140, STILL))
    if gap:
        make.track(timeline).insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(gap, 25)))
    make.dissolve(timeline, at, frames, kind)
    make.track(timeline)[at].name = name
    return read_cut(timeline, folder=FOLDER)


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("Dip to Black", "black"), ("Dip to White", "#ffffff"), ("Dip To Color Dissolve", "black"),
        ("Fade To Color", "black"), ("Fade In From Color", "black"), ("Fade through Black", "black"),
        ("Fade In Fade Out Dissolve", "black"), ("Cross Dissolve", ""), ("Film Dissolve", ""), ("Cross Fade", ""),
        ("Clock Wipe", ""), ("Dipole", ""), ("", ""),
    ],
)  # fmt: skip
def test_names_of_dips(name, colour) -> None:
    assert dip_colour(otio.schema.Transition(name, CUSTOM)) == colour


def test_a_dip_is_mixed_whatever_its_type() -> None:
    for kind in (CUSTOM, DISSOLVE):
        (dissolve,) = _cut(4, 4, name="Dip to Color Dissolve", kind=kind).dissolves
        assert dissolve.is_dip and not dissolve.is_cross


def test_a_wipe_is_no_dissolve() -> None:
    cut = _cut(4, 4, name="Clock Wipe", kind=CUSTOM)
    assert not cut.dissolves and [t.name for t, _ in cut.hard_cuts] == ["Clock Wipe"]


@pytest.mark.parametrize(
    ("frames", "at", "gap", "found"),
    [
        ((4, 6), 1, 0, (0, 1, 4, 6)), ((4, 6), 1, 30, (0, None, 4, 6)), ((4, 6), 2, 30, (None, 1, 4, 6)),
        ((0, 6), 0, 0, (None, 0, 0, 6)), ((4, 6), 0, 0, (None, 0, 0, 6)), ((4, 0), 2, 0, (1, None, 4, 0)),
        ((4, 6), 2, 0, (1, None, 4, 0)), ((40, 40), 1, 0, (0, 1, 40, 40)),
    ],
)  # fmt: skip
def test_what_a_transition_joins(frames, at, gap, found) -> None:
    """Beside the row there is no black for a fade to reach into."""
    (dissolve,) = _cut(*frames, at=at, gap=gap).dissolves
    assert (dissolve.outgoing, dissolve.incoming, dissolve.in_frames, dissolve.out_frames) == found


@pytest.mark.parametrize(
    ("frames", "at", "gap", "why"),
    [
        ((41, 4), 1, 0, "longer than"), ((4, 41), 1, 0, "longer than"), ((4, 6), 1, 5, "longer than"),
        ((6, 4), 2, 5, "longer than"), ((0, 0), 1, 0, "no length"),
    ],
)  # fmt: skip
def test_what_has_no_room_is_a_hard_cut(frames, at, gap, why) -> None:
    cut = _cut(*frames, at=at, gap=gap)
    assert not cut.dissolves and why in cut.hard_cuts[0][1]


def test_transitions_that_overlap_are_hard_cuts() -> None:
    timeline = make.timeline((20, 60, STILL), (100, 110, STILL), (200, 240, STILL))
    make.dissolve(make.dissolve(timeline, 2, (6, 4)), 1, (4, 6))
    cut = read_cut(timeline, folder=FOLDER)
    assert len(cut.dissolves) == 1 and "before the one before it ends" in cut.hard_cuts[0][1]


@given(into=st.integers(0, 60), out=st.integers(0, 60), dips=st.booleans())
def test_shares_run_evenly_and_never_beyond_a_whole(into, out, dips) -> None:
    assume(into + out > 0)
    dissolve = Dissolve(0, 1, 100, into, out, is_dip=dips)
    shares = [dissolve.shares(at) for at in range(dissolve.first, dissolve.end)]
    assert len(shares) == into + out and shares[0] == (1, 0)
    assert all(0 <= a <= 1 and 0 <= b <= 1 for a, b in shares)
    assert all(a + b == 1 or dips for a, b in shares) and all(not (a and b) or not dips for a, b in shares)
    step = Fraction(2 if dips else 1, into + out)
    seen = [1 - a + b for a, b in shares]
    assert all(after - before == step * (1 if dips else 2) for before, after in pairwise(seen))
    assert dissolve.shares(dissolve.end) == (0, 1)
