"""Eyes belong at the preset's headroom, however many people share the crop."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import documents as make
from panscan.direct.aims import aim_at_turns
from panscan.direct.methods import adaptive
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.operate import frame_shot
from scenes import LOOKS, faces, perception, preset, scene, single, still

WIDE = Size(2560, 1080)  # as wide as the picture, so that there is room above and below
TOP, SIZE = 420.0, 120.0
EYES = TOP + 0.4 * SIZE


def group(count):
    """People side by side, whose heads are at one height."""
    rows = sorted(row for n in range(count) for row in still(700 + 200 * n, SIZE, top=TOP))
    return perception(faces=faces(rows, LOOKS))


def aimed(count, headroom, canvas=WIDE):
    return adaptive(scene(group(count), canvas=canvas, preset=preset(headroom=headroom))).aim


@pytest.mark.parametrize("headroom", [0.33, 0.42])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_eyes_of_all_are_at_the_headroom(count, headroom):
    aim = aimed(count, headroom)
    assert len(aim.subject.split("+")) == count
    assert aim.anchor == pytest.approx((0.5, headroom))
    assert np.allclose(aim.target_px[:, 1], EYES)
    planned, plan = single(aim, Shot(0, 100), canvas=WIDE)
    cell = frame_shot(planned, plan, make.HD, Fraction(25)).cells[0]
    _, top, _, height = cell.crops([50], make.HD)[0]
    assert (EYES - top) / height == pytest.approx(headroom, abs=0.02)


def test_the_eyes_of_those_who_take_turns_are_too():
    seen = scene(group(2), canvas=WIDE, preset=preset(headroom=0.36))
    one, two = seen.subjects[:2]
    assert aim_at_turns([(0, 50, one), (50, 100, two)], seen).anchor[1] == 0.36
