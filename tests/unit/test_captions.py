"""Captions of the source: held where they fit, shown whole where that is asked for, told where they are cut."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct, operate
from panscan.cli.shot_table import ShotsOfShape, print_shots
from panscan.direct.aims import aim_at_subjects
from panscan.direct.captions import captions_of, with_captions
from panscan.direct.layouts import choose_layout
from panscan.direct.methods import adaptive
from panscan.model.framing import Cell
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Caption
from panscan.model.request import Taste
from panscan.operate.judge import captions_cut
from panscan.timeline.captions import clips_that_cut_captions, words_on_captions
from panscan.verify import inspection
from scenes import LOOKS, faces, perception, scene, still, text

WIDE = (500.0, 950.0, 900.0, 60.0)  # left, top, width, height: wider than a vertical crop of HD, 608 px
NARROW = (800.0, 950.0, 300.0, 60.0)


def caption(first, end, box=WIDE):
    return (first, end, *box, 2)


def shot(*captions, canvas=make.VERTICAL, left=900, **named):
    seen = perception(faces=faces(still(left, 220), LOOKS), frame_count=100, text=text(captions))
    return scene(seen, end=100, canvas=canvas, **named)


# --- what stands in a shot


def test_captions_are_those_that_stand_in_the_shot():
    found = captions_of(shot(caption(-40, 30), caption(30, 60, NARROW), caption(60, 160), (0, 100, *WIDE, 0)))
    assert found == (Caption(0, 30, Rect(*WIDE)), Caption(30, 60, Rect(*NARROW)), Caption(60, 100, Rect(*WIDE)))


def test_a_caption_that_seems_to_outlast_a_cut_does_not_count():
    assert captions_of(shot(caption(-40, 10), caption(90, 130))) == ()


# --- layouts

THREE = [caption(0, 30), caption(30, 60), caption(60, 90)]
ASKED = Taste(frozenset({"text"}))


@pytest.mark.parametrize(
    ("captions", "taste", "name"),
    [
        (THREE, Taste(), "single"),
        (THREE, ASKED, "fit"),
        (THREE[:1], ASKED, "single"),
        ([caption(first, first + 30, NARROW) for first in (0, 30, 60)], ASKED, "single"),
    ],
    ids=["nobody asks", "asked for", "under half of the shot", "none wider than the crop"],
)
def test_wide_captions_are_shown_whole_where_that_is_asked_for(captions, taste, name):
    one = shot(*captions, preferences=taste)
    layout = choose_layout(one, adaptive(one), make.VERTICAL, ("auto",))
    assert layout.name == name and ("captions wider" in layout.why) == (name == "fit")


# --- the camera


def held(canvas, left, box):
    """How far a caption sticks out of the crop of a person's camera, px, without and with captions."""
    plain, one = (shot(*captions, canvas=canvas, left=left) for captions in ((), [caption(0, 100, box)]))
    found = []
    for context in (plain, one):
        aim = with_captions(aim_at_subjects(context.subjects, context), context)
        nice = aim.nice_to_keep_px
        found.append(float(np.nanmax([box[0] - nice[:, 0], box[0] + box[2] - nice[:, 0] - nice[:, 2]])))
    return found


def test_a_caption_that_fits_beside_the_head_is_nice_to_keep():
    before, after = held(make.SQUARE, 600, (560.0, 950.0, 800.0, 60.0))
    assert before > 100 and after == 0


def test_a_caption_that_does_not_fit_changes_nothing():
    before, after = held(make.VERTICAL, 600, WIDE)
    assert before == after > 100


def framed(*captions, canvas=make.VERTICAL, left=900, **choices):
    """The framing of a shot of one person."""
    seen = perception(faces=faces(still(left, 220), LOOKS), frame_count=100, text=text(captions))
    plan = direct.plan(make.media(frame_count=100), seen, scenes.request(canvas, **choices))
    return operate.frame_shot(plan.shots[0], plan, make.HD, make.PAL)


def test_the_camera_goes_where_it_holds_both():
    box = (560.0, 950.0, 800.0, 60.0)
    cut, whole = framed(canvas=make.SQUARE, left=520), framed(caption(0, 100, box), canvas=make.SQUARE, left=520)
    crop = whole.cells[0].crop_at(50, make.HD)
    assert cut.cells[0].crop_at(50, make.HD).right < box[0] + box[2] <= crop.right
    assert crop.left <= 520 and whole.metrics["captions_cut"] == 0


# --- what is told


@pytest.mark.parametrize(
    ("captions", "choices", "expected"),
    [
        (THREE, {}, True),
        (THREE, {"layouts": ("fit",)}, False),
        ([caption(0, 60, NARROW)], {}, False),
        ([caption(0, 60, (100.0, 950.0, 300.0, 60.0))], {}, True),
        ([], {}, None),
    ],
    ids=["cut on both sides", "the whole picture", "inside", "beside the crop", "none"],
)
def test_a_framing_says_whether_it_cuts_captions(captions, choices, expected):
    found = framed(*captions, **choices)
    assert found.metrics.get("captions_cut") == (None if expected is None else float(expected))
    assert found.cuts_captions is bool(expected)
    assert found.why.endswith("; captions are cut off") is bool(expected)


def test_the_share_counts_the_time_of_captions():
    """One camera that passes by, and one caption of two that is whole in one of two cells."""
    moving = Cell(0, 0, make.VERTICAL, make.camera(((0, 16 / 9, 0.0, 0.0), (100, 16 / 9, -1000.0, 0.0))))
    share = captions_cut([moving], [Caption(0, 100, Rect(*NARROW))], make.HD)["captions_cut"]
    assert 0.6 < share < 0.9
    right = Cell(0, 960, Size(1080, 960), make.camera(((0, 2.0, -800.0, -600.0),)))
    left = replace(right, camera=make.camera(((0, 2.0, 800.0, -600.0),)))
    both = [Caption(0, 50, Rect(1200, 950, 300, 60)), Caption(50, 100, Rect(800, 950, 500, 60))]
    assert captions_cut([left, right], both, make.HD) == {"captions_cut": 0.5}


def clips(*cut):
    return [SimpleNamespace(framing=SimpleNamespace(cuts_captions=bool(value))) for value in cut]


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ((0, 0), ""),
        ((1,), "captions are cut off in shot 1 (1 of 1)"),
        ((0, 1, 0, 1), "captions are cut off in shots 2, 4 (2 of 4)"),
        ((1, 1, 1, 0, 1), "captions are cut off in shots 1-3, 5 (4 of 5)"),
        ((1, 0) * 8, "captions are cut off in shots 1, 3, 5, 7, 9, 11, ... (8 of 16)"),
    ],
)
def test_one_line_names_the_shots(cut, words):
    assert words_on_captions(clips(*cut)) == words
    assert len(clips_that_cut_captions(clips(*cut))) == sum(cut)


CUT = make.framing(((0, 2.0, 0.0, 0.0),), metrics={"captions_cut": 0.6})
WHOLE = make.framing(((0, 2.0, 0.0, 0.0),), metrics={"captions_cut": 0.05})


def test_the_run_says_it(capsys, tmp_path):
    """Also of a timeline that is kept: it stands in the timeline."""
    print_shots([ShotsOfShape.of("9:16", make.timeline((0, 50, CUT), (50, 100, WHOLE)), tmp_path)])
    assert "note: captions are cut off in shot 1 (1 of 2); --layouts fit" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("framing", "grade"), [(CUT, "flag"), (WHOLE, "pass"), (replace(WHOLE, metrics={}), "pass")])
def test_the_verdict_says_it(framing, grade):
    found = inspection._captions(SimpleNamespace(clips=[SimpleNamespace(framing=framing)]))
    assert found.grade == grade and ("cut off in shot 1" in found.what) is (grade == "flag")
    assert bool(found.advice) is (grade == "flag")
