"""Living faces and pictures of faces."""

from __future__ import annotations

import numpy as np
import pytest

import scenes
from panscan.model.perception import Faces as FacesValue
from panscan.perceive.signals.faces import FacesSignal
from panscan.perceive.signals.static_faces import StaticFaceTracker
from pictures import film, measure

RATE, STEP = 25.0, 4
SIZE = (640, 360)
PHOTO, LIVING = np.array([40.0, 60, 80, 80]), np.array([400.0, 60, 120, 120])


@pytest.fixture(scope="module")
def room():
    """A grey picture full of detail."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(20, 235, (45, 80), dtype=np.uint8)
    return np.kron(coarse, np.ones((8, 8), np.uint8))


def inside(picture, box):
    left, top, width, height = box.astype(int)
    return picture[top : top + height, left : left + width]


def lives(pictures, boxes):
    """The lives of faces that stay where they are, per look and face."""
    stillness = StaticFaceTracker(RATE)
    numbers = [n for look, picture in enumerate(pictures) for n in stillness.update(picture, look * STEP, boxes)]
    return stillness.life(numbers).reshape(-1, len(boxes))


def looks(seconds):
    return range(int(seconds * RATE / STEP))


def talking(room, look, level=40):
    """The living face's mouth opens and closes; everything has a little noise, as compression leaves it."""
    picture = room.astype(np.int16)
    if look % 3:
        inside(picture, np.array([445.0, 140, 30, 12]))[:] += level
    noise = np.random.default_rng(look).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_a_photo_beside_a_talking_head_is_not_alive(room):
    life = lives([talking(room, look) for look in looks(20)], np.stack([PHOTO, LIVING]))
    assert np.all(life[:, 0] < 0.2), "from the first look on"
    assert np.all(life[:, 1] == 1.0)


def test_a_face_that_pauses_for_some_seconds_stays_alive(room):
    pictures = [talking(room, look) for look in looks(12)]
    for look, picture in enumerate(pictures):
        if 3 <= look * STEP / RATE < 8:
            continue
        inside(picture, PHOTO)[20:40] += np.uint8(30 * (look % 2))
    assert np.all(lives(pictures, PHOTO[None]) > 0.9)


def test_in_a_still_picture_nobody_is_doubted(room):
    noisy = [talking(room, look, level=0) for look in looks(30)]
    assert np.all(lives(noisy, np.stack([PHOTO, LIVING])) == 1.0)


def test_slow_movement_adds_up(room):
    """A breath moves a face by less than a level per look, which no two looks in a row would tell."""
    pictures = []
    for look in looks(30):
        picture = talking(room, look)
        drift = np.linspace(-1, 1, 80)[:, None] * 20 * np.sin(2 * np.pi * look * STEP / RATE / 12)
        patch = inside(picture, PHOTO)
        patch[:] = np.clip(patch + drift, 0, 255).astype(np.uint8)
        pictures.append(picture)
    assert np.all(lives(pictures, PHOTO[None]) == 1.0)


def test_light_that_changes_does_not_bring_a_photo_to_life(room):
    dim = (room * 0.6 + 40).astype(np.uint8)
    pictures = [np.clip(talking(dim, look).astype(np.int16) + look % 7, 0, 255).astype(np.uint8) for look in looks(20)]
    assert np.all(lives(pictures, PHOTO[None]) < 0.2)


def test_typing_is_enough_to_tell_a_portrait(room):
    """A screen recording: next to nothing changes, and the portrait nothing at all."""
    pictures = []
    for look in looks(20):
        picture = room.copy()
        picture[300:312, 100 : 100 + 8 * (look % 50)] = 255
        pictures.append(picture)
    assert np.all(lives(pictures, PHOTO[None]) < 0.2)


def test_another_scene_starts_anew(room):
    other = np.ascontiguousarray(room[::-1])
    pictures = [talking(room if look * STEP < 5 * RATE else other, look) for look in looks(10)]
    assert np.all(lives(pictures, PHOTO[None]) == 1.0)


def test_trust_takes_life_into_account():
    two = scenes.faces([(0, 0, 0, 90, 90), (0, 300, 0, 90, 90)], [0])
    assert np.array_equal(two.life, [1.0, 1.0]), "nothing else is told"
    told = FacesValue(two.looked, two.frame, two.box_px, two.score, two.sharpness, two.points_px, np.array([0.1, 1.0]))
    assert told.confidence[0] < 0.15 < 0.8 < told.confidence[1] == two.confidence[1]


def test_the_signal_tells_a_photo_from_a_moving_face():
    """The same portrait twice: one hangs on the wall, one moves a little as a head does."""
    import cv2
    from skimage import data

    head = cv2.resize(np.ascontiguousarray(data.astronaut()[0:300, 80:380, ::-1]), (300, 300))
    ground = np.full((720, 1280, 3), 90, np.uint8)

    def draw(frame):
        picture = ground.copy()
        picture[200:500, 150:450] = head
        turn = cv2.getRotationMatrix2D((150, 150), 4 * np.sin(frame / 6), 1.0)
        picture[200:500, 800:1100] = cv2.warpAffine(head, turn, (300, 300), borderMode=cv2.BORDER_REPLICATE)
        return picture

    value = measure(FacesSignal(film((1280, 720), 375)), draw, 375)
    left = value.box_px[:, 0] < 640
    assert np.count_nonzero(left) > 80 and np.count_nonzero(~left) > 80
    assert np.all(value.life[left] < 0.2) and np.all(value.life[~left] == 1.0)
    assert np.median(value.confidence[left]) < 0.15 < 0.3 < np.median(value.confidence[~left])
