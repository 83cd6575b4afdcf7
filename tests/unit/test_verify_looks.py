"""What is measured of how pictures look, on made-up small pictures and patches."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

import media
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.verify.measure.marks import LastingDifferences
from panscan.verify.measure.patches import measured_patch
from panscan.verify.measure.tones import ToneSums
from panscan.verify.measure.turn import TurnSums


def textured(width, height, x_px=0.0):
    """A texture of coarse detail, seen from some px to the right on."""
    return media.texture(5, 0, np.arange(width) + x_px, np.arange(height)).astype(np.float32)


def patch(found, wanted, scale=1.0):
    return measured_patch(found.astype(np.float32), wanted, scale, 0, 0, "detailed")


def test_detail_that_is_lost_sharpened_or_added_is_told_apart():
    rng = np.random.default_rng(1)
    wanted = cv2.GaussianBlur(rng.normal(128, 60, (96, 96)).astype(np.float32), (0, 0), 1.0)
    coarse = cv2.GaussianBlur(wanted, (0, 0), 1.0)
    same, soft, sharp = (patch(coarse + share * (wanted - coarse), wanted) for share in (1, 0.5, 1.5))
    assert same.kept == pytest.approx(1) and same.added_levels == pytest.approx(0, abs=1e-3)
    assert soft.kept < 0.75 and sharp.kept > 1.25
    noisy = patch(wanted + rng.normal(0, 5, wanted.shape), wanted)
    assert noisy.kept == pytest.approx(1, abs=0.05) and 3.5 < noisy.added_levels < 5


def test_rows_of_two_moments_are_a_comb_and_noise_is_none():
    now, before = textured(96, 96), textured(96, 96, 4)
    woven = now.copy()
    woven[1::2] = before[1::2]
    noise = np.random.default_rng(2).normal(0, 8, now.shape)
    assert patch(woven, now).comb_levels > 10 > 5 > patch(now + noise, now).comb_levels
    assert patch(woven.T, now.T).comb_levels == 0


@pytest.mark.parametrize("degrees", [0.3, -0.3, 0.0])
def test_a_turn_is_measured_beside_an_offset(degrees):
    wanted = textured(90, 160)
    matrix = cv2.getRotationMatrix2D((44.5, 79.5), -degrees, 1.0)
    matrix[:, 2] += (0.3, -0.2)
    found = cv2.warpAffine(wanted, matrix, (90, 160), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    turn = TurnSums()
    turn.add(found, wanted, np.ones(wanted.shape, np.bool_))
    assert turn.degrees() == pytest.approx(degrees, abs=0.05)


def test_a_gamma_changes_levels_and_posterising_makes_steps():
    wanted = np.tile(np.linspace(20, 220, 160, dtype=np.float32), (90, 1))

    def change(found):
        tones = ToneSums()
        mask = np.ones(wanted.shape, np.bool_)
        tones.add([(found.astype(np.float32), mask)], [(wanted, mask)])
        return tones.change()

    same, brighter, stepped = (
        change(found) for found in (wanted, 255 * (wanted / 255) ** 0.95, np.floor(wanted / 8) * 8 + 4)
    )
    assert same.levels == pytest.approx(0, abs=0.01) and same.steps_levels == pytest.approx(0, abs=0.01)
    assert 3 < brighter.levels < 5 and brighter.steps_levels < 0.3
    assert stepped.steps_levels > 1.5 > 1 > stepped.levels


def lasting(found, wanted, mask):
    """What lies over five pictures that are all the same."""
    height, width = wanted.shape
    canvas = Size(width, height)
    cell = Cell(0, 0, canvas, Camera((0,), (1.0,), (0.0,), (0.0,)))
    differences = LastingDifferences(12.0)
    for number in range(5):
        framing = Framing(canvas, canvas, Fraction(12), (cell,))
        differences.add(number, 0, framing, [(found, np.ones_like(mask))], [(wanted, mask)])
    differences.finish()
    return differences.found[0]


def test_few_letters_on_a_page_are_no_mark():
    """Most px tell nothing of how bright letters are coded, nor do single ones in between."""
    wanted = np.full((160, 90), 30, np.float32)
    wanted[10:12, 10:12] = 172
    wanted[60, 60] = 47
    every = np.ones(wanted.shape, np.bool_)
    assert lasting(wanted + 4 * (wanted == 47), wanted, every).levels < 1


def test_a_background_tells_nothing_of_what_is_usual_and_hides_what_encoders_smear():
    rng = np.random.default_rng(3)
    wanted = np.full((160, 90), 30, np.float32)
    mask = np.zeros(wanted.shape, np.bool_)
    mask[60:100] = True
    found = wanted + rng.normal(0, 3, wanted.shape).astype(np.float32)
    assert 0.3 < lasting(found, wanted, mask).usual_levels < 1
    found = wanted.copy()
    found[60] += 12
    dark, light = (lasting(found, np.where(mask, wanted, level).astype(np.float32), mask).levels for level in (30, 235))
    assert light < dark / 3
