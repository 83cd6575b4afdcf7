"""YuNet's faces in MediaPipe's terms, and when the whole view is looked at."""

from __future__ import annotations

import numpy as np
import pytest

import needed
from panscan.model.bodies import face_plausibility, nose_offset
from panscan.perceive.signals.faces import FacesSignal
from panscan.perceive.signals.yunet_faces import YuNetFaces, mediapipe_face
from pictures import film, measure

FRONT = np.array([[75.0, 90.0], [125.0, 90.0], [100.0, 115.0], [82.0, 145.0], [118.0, 145.0]])
BOX = np.array([50.0, 40.0, 100.0, 130.0])


def converted(points, box=BOX):
    square, six = mediapipe_face(box, points)
    return square[None], six[None]


def test_a_face_from_the_front_looks_ahead_and_is_shaped_like_a_face():
    square, six = converted(FRONT)
    assert abs(nose_offset(square, six)[0]) < 0.02
    assert face_plausibility(square, six)[0] > 0.9
    assert square[0, 2] == square[0, 3] == pytest.approx(0.857 * 130)
    assert square[0, 0] + square[0, 2] / 2 == pytest.approx(100), "as far left as YuNet's"
    assert square[0, 1] > BOX[1], "brows, not the hairline"


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_turned_face_looks_where_its_nose_points(sign):
    turned = FRONT + np.array([[10, 0], [4, 0], [28, 0], [14, 0], [8, 0]]) * sign
    square, six = converted(turned)
    assert sign * nose_offset(square, six)[0] > 0.15


def test_ears_lie_beside_the_eyes_whichever_size_the_face_has():
    for scale in (0.2, 1.0, 7.0):
        _, six = converted(FRONT * scale, BOX * scale)
        right_eye, left_eye, right_ear, left_ear = (six[0, n, 0] / scale for n in (0, 1, 4, 5))
        assert right_ear < right_eye < left_eye < left_ear
        assert left_ear - right_ear < 130


# --- real weights


@pytest.fixture
def finder():
    return YuNetFaces(needed.weights("yunet"), 25.0)


def found_in(finder, picture, frame=0):
    import cv2

    return finder.find(picture, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), frame)


@pytest.fixture(scope="module")
def portrait():
    from skimage import data

    return np.ascontiguousarray(data.astronaut()[0:300, 80:380])


def placed(portrait, side, at=(230, 100)):
    import cv2

    ground = np.full((360, 640, 3), 90, np.uint8)
    small = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    ground[at[1] : at[1] + side, at[0] : at[0] + side] = small
    return ground


@pytest.mark.parametrize("side", [240, 120, 60])
def test_a_face_is_found_large_and_small_with_eyes_in_their_place(finder, portrait, side):
    (face,) = found_in(finder, placed(portrait, side))
    assert face.score > 0.8
    left, top = 230, 100
    assert left < face.points[0, 0] < face.points[1, 0] < left + side
    assert top < face.points[0, 1] < face.points[2, 1] < face.points[3, 1] < top + side


@pytest.mark.parametrize(("side", "squares"), [(240, 0), (60, 8)])
def test_small_faces_are_followed_in_squares_and_large_ones_in_the_small_view(
    finder, portrait, monkeypatch, side, squares
):
    looked = []
    original = YuNetFaces._detect

    def noted(self, image, grey, long_side_px):
        looked.append((image.shape[1], long_side_px))
        return original(self, image, grey, long_side_px)

    monkeypatch.setattr(YuNetFaces, "_detect", noted)
    for frame in range(0, 40, 4):
        assert len(found_in(finder, placed(portrait, side), frame)) == 1
    assert looked.count((640, None)) == 2, "all of the view: at first, and after a second"
    assert looked.count((160, None)) == squares, "around a small one in every other sample"
    assert looked.count((640, 320)) == 8


def test_many_small_faces_are_followed_in_the_whole_view(finder, portrait, monkeypatch):
    looked = []
    original = YuNetFaces._detect
    monkeypatch.setattr(YuNetFaces, "_detect", lambda self, *given: looked.append(given[2]) or original(self, *given))
    crowd = np.full((360, 640, 3), 90, np.uint8)
    for left in (10, 290, 560):
        for top in (20, 200):
            crowd[top : top + 60, left : left + 60] = placed(portrait, 60)[100:160, 230:290]
    for frame in (0, 4):
        assert len(found_in(finder, crowd, frame)) == 6
    assert looked == [None, 320, None]


def test_nothing_is_found_in_texture(finder):
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    assert found_in(finder, noise) == []


def test_the_signal_uses_the_weights_where_they_are(portrait, monkeypatch):
    before, picture = FacesSignal.options(), placed(portrait, 60)[..., ::-1].copy()  # in the order that `Shown` takes
    needed.weights("yunet")
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(needed.MODELS))
    assert FacesSignal.options() != before, "the cache keeps them apart"
    found = measure(FacesSignal(film((1280, 720), 30)), lambda frame: picture, 30)
    assert found.frame.tolist() == found.looked.tolist() and len(found.looked) == 9
    assert np.all(found.box_px[:, 0] > 2 * 230), "in px of the display, not of the view"
    assert np.all(found.yaw < 0.5) and np.all(found.confidence > 0)
