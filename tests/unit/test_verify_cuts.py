"""The camera cuts where the scene does: a jump up to three frames beside a cut is a flash that nobody wants."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.checks.sequence import cuts
from panscan.verify.expectation import ExpectedMix, ExpectedPicture
from panscan.verify.measure.frame_stats import FrameStats
from panscan.verify.thresholds import CRITERIA

MANUAL = Path(__file__).parents[2] / "docs" / "verify.md"
SOURCE, CANVAS = Size(640, 360), Size(180, 320)
STILL = Framing(CANVAS, SOURCE, Fraction(25), (Cell(0, 0, CANVAS, Camera((0,), (1.0,), (0.0,), (0.0,))),))
SCENE_CUT = 20  # a picture of 60


@dataclass
class Expected:
    """As much of an expectation as the check asks for."""

    cut: object
    pictures: list
    mixes: dict = field(default_factory=dict)

    def framing_of(self, shown):
        return self.cut.clips[shown.clip].framing


def jumping(at):
    """One clip whose camera jumps at a picture."""
    camera = Camera((0, at - 1, at, 59), (1.0,) * 4, (0.0, 0.0, 200.0, 200.0), (0.0,) * 4)
    framing = Framing(CANVAS, SOURCE, Fraction(25), (Cell(0, 0, CANVAS, camera),))
    return Expected(
        SimpleNamespace(clips=[SimpleNamespace(framing=framing)], dissolves=()),
        [ExpectedPicture(0, n, n) for n in range(60)],
    )


def looks(jump):
    """What is seen of it: the scene changes at its cut, the picture there and at the jump, all of it as expected."""
    found = []
    for n in range(60):
        step, likeness = (40.0, 0.1) if n in (jump, SCENE_CUT) else (0.5, 0.99)
        look = FrameStats(n, 0, change=step, expected_change=step)
        look.likeness_to_previous = look.expected_likeness_to_previous = likeness
        if n == SCENE_CUT:
            look.source_change, look.source_likeness = 40.0, 0.1
        found.append(look)
    return found


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("apart", range(6))
def test_a_jump_up_to_three_frames_beside_a_cut_is_flagged(apart, side):
    at = SCENE_CUT + side * apart
    finding = cuts(looks(at), (), jumping(at))
    beside = finding.measured["beside_a_cut"]
    if 1 <= apart <= 3:
        assert finding.grade == "flag" and beside == [[at, SCENE_CUT]]
        where = "after" if side > 0 else "before"
        assert finding.what == f"the camera jumps {apart} frame(s) {where} the cut at picture {SCENE_CUT}"
    else:
        assert beside == [] and "jumps" not in finding.what


@pytest.mark.parametrize("black", [range(30, 60), range(30)])
@pytest.mark.parametrize("faded", [False, True])
def test_where_black_begins_and_ends_a_cut_is_seen(black, faded):
    """A fade as well as a hard cut: the last step to black is a hard change where the picture is bright."""
    expected = jumping(50)
    expected.cut.clips[0].framing = STILL
    expected.pictures = [None if n in black else ExpectedPicture(0, n, n) for n in range(60)]
    if faded:
        picture = ExpectedPicture(0, 0, 0)
        expected.mixes = {
            n: ExpectedMix(picture, picture, (0.5, 0.5), "black") for n in range(25, 35) if n not in black
        }
    seen = [FrameStats(n, -1 if n in black else 0, change=0.5, expected_change=0.5) for n in range(60)]
    seen[30].change, seen[30].likeness_to_previous = 40.0, 0.0
    assert cuts(seen, (), expected).measured["cuts_seen"] == [30]
    assert cuts(seen, (), expected).measured["extra"] == []
    seen[12].change, seen[12].likeness_to_previous = 40.0, 0.0
    assert cuts(seen, (), expected).measured["extra"] == [12]


@pytest.mark.parametrize("fades_out", [False, True])
def test_a_hard_cut_beside_a_fade_is_a_cut_of_the_timeline(fades_out):
    """A fade out that ends in black, and the next clip with its first picture; or the other way round."""
    expected = jumping(50)
    expected.cut.clips[0].framing = STILL
    expected.pictures = [ExpectedPicture(0, n, n) for n in range(60)]
    picture, shares = ExpectedPicture(0, 0, 0), (0.1, 0.0) if fades_out else (0.0, 0.1)
    mix = ExpectedMix(picture if fades_out else None, None if fades_out else picture, shares, "black")
    expected.mixes = dict.fromkeys(range(20, 30) if fades_out else range(30, 40), mix)
    seen = [FrameStats(n, 0, change=0.5, expected_change=0.5) for n in range(60)]
    seen[30].change, seen[30].likeness_to_previous = 40.0, 0.0
    assert cuts(seen, (), expected).measured["extra"] == []
    expected.mixes = {}
    assert cuts(seen, (), expected).measured["extra"] == [30]


def test_the_manual_says_how_far():
    assert "no jump of the camera within three frames beside a cut" in CRITERIA["cuts"].requirement
    text = re.sub(r"\s+", " ", MANUAL.read_text(encoding="utf-8"))
    assert "whose camera jumps up to three frames beside a scene cut is flagged" in text
