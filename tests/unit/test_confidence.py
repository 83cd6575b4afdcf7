"""How sure a framing is."""

import numpy as np
import pytest

import documents as make
from panscan.direct.adaptive import adaptive
from panscan.direct.confidence import SURE, Confidence, confidence_of
from panscan.direct.layouts import choose_layout
from panscan.model.geometry import Size
from scenes import LOOKS, faces, perception, scene, still


def sure(*face_rows, layouts=("single",), canvas=make.VERTICAL):
    rows = sorted(row for rows in face_rows for row in rows)
    context = scene(perception(faces=faces(rows, LOOKS)), canvas=canvas)
    choice = adaptive(context)
    return confidence_of(context, choice, choose_layout(context, choice, canvas, layouts))


def test_one_clear_face_is_sure():
    found = sure(still(800, 260))
    assert found.clear > 0.8 and found.seen > 0.8 and found.value == pytest.approx((found.clear + found.seen) / 2)


def test_the_nearer_the_second_the_less_clear():
    far_behind, behind, alike = (sure(still(300, 260), still(1400, size)).clear for size in (25, 60, 230))
    assert far_behind > behind > alike


def test_where_two_matter_alike_nothing_is_clear():
    assert sure(still(200, 200), still(1500, 200)).clear == 0


def test_two_cells_leave_nobody_out():
    assert sure(still(200, 200), still(1500, 200), layouts=("split-2",)).clear == 1


def test_the_whole_picture_is_sure():
    assert sure(layouts=("fit",)) == SURE and sure(canvas=Size(1920, 1080)) == SURE


def test_where_nothing_is_seen_the_middle_is_a_guess():
    assert sure() == Confidence(0.0, 0.0)


def test_what_is_seen_half_of_the_time_counts_half():
    always, half = (sure(still(800, 260, frames=LOOKS[:count])).seen for count in (len(LOOKS), len(LOOKS) // 2))
    assert 0.4 * always < half < 0.75 * always


@pytest.mark.parametrize("clear", np.linspace(0, 1, 3))
def test_figures_that_a_timeline_keeps(clear):
    assert Confidence(clear, 0.5).figures == {"confidence": (clear + 0.5) / 2, "clear": clear, "seen": 0.5}
