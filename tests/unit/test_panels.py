"""Panels on a flat ground: what is one, what is none, and how the camera keeps inside."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import documents as make
import scenes
from panscan import direct, ingest, operate
from panscan.direct.aims import aim_at_subjects, aim_at_turns
from panscan.direct.panels import common_panel, panel_of_subject
from panscan.model.geometry import Size
from panscan.model.perception import Panels as Found
from panscan.perceive.signals.panels import PanelsSignal, panels_in
from pictures import film, measure
from scenes import LOOKS, faces, panels, perception, scene, speaker, still

WIDTH, HEIGHT = 1280, 720
GROUND = (89, 80, 72)
ONE = [(560, 60, 660, 600)]
TWO = [(90, 170, 440, 440), (750, 170, 440, 440)]
FOUR = [(x, y, 560, 310) for x in (60, 660) for y in (36, 374)]
EDGE_PX = 4  # two px of the view that panels are looked for in


def textured(height, width, seed=0, noise=6.0):
    """What a camera sees: soft shapes and noise."""
    y, x = np.mgrid[0:height, 0:width]
    rng = np.random.default_rng(seed)
    grey = 120 + 60 * np.sin(x / 37 + seed) + 40 * np.cos(y / 29 + x / 90) + rng.normal(0, noise, (height, width))
    return np.clip(np.stack([grey, grey * 0.8, grey * 1.1 - 20], axis=-1), 0, 255).astype(np.uint8)


def drawn(boxes, *, ground=GROUND, levels=0, radius=0, size=(WIDTH, HEIGHT)):
    """Panels on a flat ground that coding left `levels` of noise in; corners rounded by `radius` px."""
    width, height = size
    rng = np.random.default_rng(5)
    noise = rng.integers(-levels, levels + 1, (height, width, 3))
    picture = np.clip(np.array(ground) + noise, 0, 255).astype(np.uint8)
    for n, (left, top, wide, tall) in enumerate(boxes):
        y, x = np.mgrid[0:tall, 0:wide]
        inner_x, inner_y = np.clip(x, radius, wide - 1 - radius), np.clip(y, radius, tall - 1 - radius)
        own = np.hypot(x - inner_x, y - inner_y) <= radius
        picture[top : top + tall, left : left + wide][own] = textured(tall, wide, n)[own]
    return picture


def seen(picture, frames=50):
    height, width = picture.shape[:2]
    return measure(PanelsSignal(film((width, height), frames)), lambda frame: picture, frames)


def assert_found(found, boxes):
    """These panels in each look, to the pixel of the view."""
    assert len(found.looked) == 2
    for look in found.looked:
        assert np.abs(found.box_px[found.frame == look] - np.array(sorted(boxes))).max() <= EDGE_PX
    assert np.all((found.score > 0.9) & (found.score <= 1))


# --- the signal


@pytest.mark.parametrize("boxes", [ONE, TWO, FOUR], ids=len)
@pytest.mark.parametrize("look", [{}, {"levels": 2}, {"radius": 16}, {"levels": 2, "radius": 16, "ground": (5, 5, 5)}])
def test_panels_on_a_flat_ground_are_found(boxes, look):
    assert_found(seen(drawn(boxes, **look)), boxes)


def test_a_panel_cut_by_the_edge_of_the_picture_is_one():
    boxes = [(60, 60, 660, 660)]
    assert_found(seen(drawn(boxes)), boxes)


def test_panels_from_top_to_bottom_are_panels_where_there_are_several():
    boxes = [(120, 0, 405, 720), (755, 0, 405, 720)]
    assert_found(seen(drawn(boxes, ground=(0, 0, 0))), boxes)


def test_a_small_view_is_told_in_the_pixels_of_the_picture():
    boxes = [(180, 340, 880, 880), (1500, 340, 880, 880)]
    found = seen(drawn(boxes, size=(2560, 1440)))
    assert np.abs(found.box_px[:2] - np.array(boxes)).max() <= 2 * EDGE_PX


def test_letters_beside_a_panel_do_not_widen_it():
    picture = drawn(TWO)
    picture[622:640, 100:180:4] = 250  # a name under it
    picture[300:302, 530:620] = 250  # a line that touches it
    assert_found(seen(picture), TWO)


def person_before_a_wall():
    picture = drawn([], ground=(230, 230, 228))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    body = (np.hypot((x - 640) / 150, (y - 260) / 190) < 1) | (np.hypot((x - 640) / 330, (y - 760) / 340) < 1)
    picture[body] = textured(HEIGHT, WIDTH)[body]
    return picture


def slope():
    """A ground without noise that has no one colour, and bands of nearly the same colour with straight borders."""
    grey = np.linspace(20, 230, HEIGHT)[:, None, None]
    return np.broadcast_to(grey, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def horizon():
    picture = drawn([], ground=(250, 250, 250))
    picture[300:] = textured(HEIGHT - 300, WIDTH)
    return picture


def disc():
    picture = drawn([])
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    round_ = np.hypot(x - 640, y - 360) < 250
    picture[round_] = textured(HEIGHT, WIDTH)[round_]
    return picture


def slanted():
    picture = drawn([])
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    inside = (np.abs(x - 640 - 0.2 * (y - 360)) < 200) & (np.abs(y - 360) < 200)
    picture[inside] = textured(HEIGHT, WIDTH)[inside]
    return picture


def drawn_box():
    picture = drawn([])
    picture[200:500, 300:700] = (20, 160, 40)
    return picture


NONE = {
    "a camera's picture": partial(textured, HEIGHT, WIDTH),
    "a person before a white wall": person_before_a_wall,
    "a slope of light": slope,
    "a white sky": horizon,
    "a disc": disc,
    "a slanted box": slanted,
    "a drawn box": drawn_box,
    "a flat picture": partial(drawn, []),
    "pillarbox": partial(drawn, [(438, 0, 404, 720)], ground=(0, 0, 0)),
    "pillarbox in colour": partial(drawn, [(438, 0, 404, 720)]),
    "letterbox": partial(drawn, [(0, 90, 1280, 540)], ground=(0, 0, 0)),
    "windowbox": partial(drawn, [(160, 90, 960, 540)], ground=(0, 0, 0)),
    "too small": partial(drawn, [(600, 300, 120, 120)]),
    "nearly all of the picture": partial(drawn, [(30, 20, 1210, 670)]),
    "noise in the ground": partial(drawn, TWO, levels=25),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_panel(case):
    found = seen(NONE[case]())
    assert len(found.looked) == 2 and len(found.frame) == 0 and found.box_px.shape == (0, 4)


def test_a_tiny_picture_has_no_panels():
    assert panels_in(np.zeros((4, 4, 3), np.uint8)) == []


def test_an_interview_shows_its_panels(shared_media):
    media = ingest.probe(shared_media / "derived_interview_two_shot_cuts.mp4")
    signal = PanelsSignal(media)
    for picture in ingest.PictureDecoder(media):
        signal.see(picture)
    found = signal.finish()
    for look in found.looked:
        boxes = TWO if look < 250 else [(60, 60, 660, 660)] if look < 325 else [(560, 60, 660, 660)]
        assert np.abs(found.box_px[found.frame == look] - np.array(boxes)).max() <= EDGE_PX


# --- the director: an HD picture, whose window for 9:16 is 607.5 px wide

LEFT, RIGHT = (100.0, 200.0, 700.0, 680.0), (1120.0, 200.0, 700.0, 680.0)
WINDOW_PX = 607.5
WIDEST_CELL_PX = 1080 * 1080 / 960


def crops(aim):
    """Left and right edge (n,) of the crops that an aim wishes for."""
    left = aim.target_px[:, 0] - aim.anchor[0] * WINDOW_PX
    return left, left + WINDOW_PX


def staged(*people, boxes=(LEFT, RIGHT), looked=(0, 25, 50, 75), **signals):
    rows = sorted(row for person in people for row in person)
    return scene(perception(faces=faces(rows, LOOKS), panels=panels(boxes, looked), **signals))


def test_the_panel_of_a_face_is_known():
    one = staged(still(200, 200), still(1400, 200))
    left, right = sorted(one.subjects, key=lambda s: s.box_px[0, 0])
    assert panel_of_subject(left, one).tolist() == list(LEFT)
    assert panel_of_subject(right, one).tolist() == list(RIGHT)
    assert common_panel([left, right], one) is None
    assert common_panel([left], one).tolist() == list(LEFT)


def test_a_face_outside_all_panels_has_none():
    one = staged(still(860, 200))
    assert panel_of_subject(one.subjects[0], one) is None


def test_panels_of_few_looks_do_not_count():
    found = panels([LEFT], (0,))
    brief = Found(np.array([0, 25, 50, 75], np.int64), found.frame, found.box_px, found.score)
    one = scene(perception(faces=faces(still(200, 200), LOOKS), panels=brief))
    assert panel_of_subject(one.subjects[0], one) is None


@pytest.mark.parametrize("left", [150, 300, 420])
def test_a_crop_is_in_the_middle_of_a_panel_that_is_not_much_larger(left):
    one = staged(still(left, 180))
    aim = aim_at_subjects(one.subjects, one)
    assert np.allclose(crops(aim)[0] + WINDOW_PX / 2, 450, atol=1e-6)


def test_a_head_at_the_rim_of_a_panel_is_not_cut_for_its_middle():
    wide = (100.0, 200.0, 1000.0, 680.0)
    one = staged(still(860, 180), boxes=[wide])
    _, high = crops(aim_at_subjects(one.subjects, one))
    assert np.all(high > 1040) and np.all(high <= 1100)


def test_a_crop_stays_inside_a_large_panel_and_follows_there():
    large = (300.0, 60.0, 1400.0, 900.0)
    for left, expected in ((310, None), (900, 990.0), (1500, None)):
        one = staged(still(left, 180), boxes=[large])
        low, high = crops(aim_at_subjects(one.subjects, one))
        assert np.all(low >= 300) and np.all(high <= 1700)
        if expected is not None:
            assert np.allclose((low + high) / 2, expected)


def test_a_panel_narrower_than_the_crop_is_in_its_middle():
    narrow = (400.0, 200.0, 360.0, 640.0)
    one = staged(still(420, 180), boxes=[narrow])
    assert np.allclose(sum(crops(aim_at_subjects(one.subjects, one))) / 2, 580)


def test_nothing_changes_without_panels_or_with_people_of_several():
    people = still(620, 160), still(1130, 160)
    plain = scene(perception(faces=faces(sorted(people[0] + people[1]), LOOKS)))
    for one in (
        staged(*people, boxes=[]),
        staged(*people, boxes=[(400.0, 200.0, 500.0, 500.0), (1000.0, 200.0, 500.0, 500.0)]),
    ):
        for field in ("must_keep_px", "nice_to_keep_px", "target_px"):
            expected = getattr(aim_at_subjects(plain.subjects, plain), field)
            assert np.array_equal(getattr(aim_at_subjects(one.subjects, one), field), expected)


def test_what_must_be_kept_ends_with_the_panel():
    one = staged(still(110, 200))
    must = aim_at_subjects(one.subjects, one).must_keep_px
    assert np.all(must[:, 0] >= LEFT[0]) and np.all(must[:, 2] > 0)
    plain = scene(perception(faces=faces(still(110, 200), LOOKS)))
    assert aim_at_subjects(plain.subjects, plain).must_keep_px[0, 0] < LEFT[0]


def test_each_turn_is_shown_in_the_panel_of_its_speaker():
    one = staged(still(200, 200), still(1500, 200))
    left, right = sorted(one.subjects, key=lambda s: s.box_px[0, 0])
    aim = aim_at_turns([(0, 50, left), (50, 100, right)], one)
    middles = sum(crops(aim)) / 2
    known = np.isfinite(middles)
    assert np.allclose(middles[known & (aim.frame < 50)], 450)
    assert np.allclose(middles[known & (aim.frame >= 50)], 1470)


def test_the_camera_keeps_off_the_seam():
    """From what was seen to the crop: the wish is where the camera rests."""
    seen_ = perception(
        faces=faces(sorted(still(520, 200) + still(1150, 200)), LOOKS),
        panels=panels([LEFT, RIGHT], (0, 25, 50, 75)),
        speaker=speaker([(0, 100, 0)], [0, 1]),
    )
    media = make.media(frame_count=100)
    plan = direct.plan(media, seen_, scenes.request(make.VERTICAL))
    framing = operate.frame_shot(plan.shots[0], plan, Size(1920, 1080), media.video.rate)
    crop = framing.cells[0].crop_at(50, Size(1920, 1080))
    assert crop.left >= LEFT[0] and crop.right <= LEFT[0] + LEFT[2]


def test_a_split_shows_each_panel_and_nothing_else():
    seen_ = perception(
        faces=faces(sorted(still(200, 180, top=440) + still(1500, 180, top=440)), LOOKS),
        panels=panels([LEFT, RIGHT], (0, 25, 50, 75)),
    )
    media = make.media(frame_count=100)
    plan = direct.plan(media, seen_, scenes.request(make.VERTICAL))
    (shot,) = plan.shots
    assert shot.layout == "split-2"
    framing = operate.frame_shot(shot, plan, Size(1920, 1080), media.video.rate)
    for cell, (left, top, width, height) in zip(framing.cells, (LEFT, RIGHT), strict=True):
        crop = cell.crop_at(50, Size(1920, 1080))
        assert left <= crop.left and crop.right <= left + width
        assert top <= crop.top and crop.bottom <= top + height
        assert crop.width > 0.9 * width


def test_a_split_does_not_cut_a_head_to_fill_a_cell():
    tall = [still(300, 330, top=330), still(1300, 330, top=330)]
    boxes = [(240.0, 220.0, 480.0, 640.0), (1240.0, 220.0, 480.0, 640.0)]
    seen_ = perception(faces=faces(sorted(tall[0] + tall[1]), LOOKS), panels=panels(boxes, (0, 25, 50, 75)))
    media = make.media(frame_count=100)
    plan = direct.plan(media, seen_, scenes.request(make.VERTICAL))
    framing = operate.frame_shot(plan.shots[0], plan, Size(1920, 1080), media.video.rate)
    assert len(framing.cells) == 2
    for cell, planned in zip(framing.cells, plan.shots[0].cells, strict=True):
        crop = cell.crop_at(50, Size(1920, 1080))
        left, top, width, height = np.median(planned.aim.must_keep_px, axis=0)
        hair = 0.02 * crop.width  # that a camera at rest may miss
        assert crop.left <= left + hair and left + width <= crop.right + hair
        assert crop.top <= top + hair and top + height <= crop.bottom + hair
        assert crop.width < 0.7 * WIDEST_CELL_PX
