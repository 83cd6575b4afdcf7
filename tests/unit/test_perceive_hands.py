"""Hands: found where they are drawn, large and small, linked into tracks, and told from faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from panscan.model.perception import HAND_LABEL, Hands
from panscan.model.plan import Shot
from panscan.perceive.signals import hands as hands_module
from panscan.perceive.signals.hands import HandsSignal
from panscan.perceive.tracking.hand_tracks import track_hands
from pictures import film, measure
from scenes import faces

SIZE, FRAMES, RATE = (640, 360), 50, 25
FINGERS = [((-0.33, -0.3), (-0.42, -0.95)), ((-0.11, -0.35), (-0.13, -1.12)), ((0.11, -0.35), (0.15, -1.05))]
FINGERS += [((0.32, -0.28), (0.42, -0.85)), ((-0.38, 0.25), (-0.85, -0.15))]
SKIN, EDGE = (140, 172, 224), (80, 100, 150)


def drawn_hand(center, palm_px):
    """A spread hand with its wrist below, on grey."""
    picture = np.full((SIZE[1], SIZE[0], 3), 125, np.uint8)

    def place(x, y):
        return round(center[0] + x * palm_px), round(center[1] + y * palm_px)

    for colour, wider in ((EDGE, 6), (SKIN, 0)):
        for first, end, width in [*((*finger, 0.2) for finger in FINGERS), ((0, 0.3), (0, 1.6), 0.55)]:
            cv2.line(picture, place(*first), place(*end), colour, round(width * palm_px) + wider, cv2.LINE_AA)
        axes = (round(0.47 * palm_px) + wider // 2, round(0.52 * palm_px) + wider // 2)
        cv2.ellipse(picture, place(0, 0), axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.5)


def seen(draw):
    return measure(HandsSignal(film(SIZE, FRAMES)), draw, FRAMES)


@pytest.mark.parametrize("palm_px", [40, 80, 200])
def test_a_hand_is_where_it_is_drawn(palm_px):
    found = seen(lambda frame: drawn_hand((320, 200), palm_px))
    assert len(found.looked) in (7, 8), "every other of the samples of faces"
    assert set(found.looked[1:]) == set(found.frame[found.frame > 0]), "at one size or the other, from the second look"
    centre = found.box_px[:, :2] + found.box_px[:, 2:] / 2
    assert np.abs(centre - (320, 200 - 0.3 * palm_px)).max() < 0.5 * palm_px, "palm and fingers"
    assert np.all(np.abs(found.box_px[:, 2] / palm_px - 1.7) < 0.4) and found.score.min() > 0.7


def test_an_empty_picture_has_no_hands():
    found = seen(lambda frame: np.full((SIZE[1], SIZE[0], 3), 125, np.uint8))
    assert not len(found.frame)
    pause = np.diff(found.looked) / RATE
    assert pause[0] < 0.4 and pause[1:].min() >= 0.8, "after a look at each size, seldom"


@pytest.mark.parametrize(("height_px", "looks"), [(60, False), (30, True)])
def test_a_large_face_leads(height_px, looks):
    signal = HandsSignal(film(SIZE, FRAMES))
    looked = range(0, FRAMES, 5)
    signal.consult({"faces": faces([(frame, 0, 0, 50, height_px) for frame in looked], looked)})
    found = measure(signal, lambda frame: drawn_hand((320, 200), 80), FRAMES)
    assert bool(len(found.looked)) == looks


def test_without_the_model_nothing_is_looked_at(monkeypatch):
    with_model = HandsSignal.options()
    monkeypatch.setattr(hands_module, "palm_model", lambda: None)
    signal = HandsSignal(film(SIZE, FRAMES))
    assert signal.idle and HandsSignal.options() != with_model
    assert not len(signal.finish().looked)


# --- tracks


def found_hands(*rows):
    """Hands; a row is frame, left, top and score of a hand of 80 px."""
    table = np.array(rows, float)
    frames = table[:, 0].astype(np.int64)
    box = np.column_stack([table[:, 1:3], np.full((len(table), 2), 80.0)])
    return Hands(looked=np.unique(frames), frame=frames, box_px=box, score=table[:, 3])


def tracked(hands, seen_faces=None):
    return track_hands(hands, seen_faces, Shot(0, 100), RATE)


def test_two_hands_keep_their_identities():
    rows = [(f, x, 100, 0.9) for f in range(0, 60, 7) for x in (100 + f, 400 - f)]
    left, right = sorted(tracked(found_hands(*rows)), key=lambda track: track.box[0, 0])
    assert left.label == right.label == HAND_LABEL
    assert np.all(left.box[:, 0] == 100 + left.frame) and np.all(right.box[:, 0] == 400 - right.frame)


@pytest.mark.parametrize(("scores", "count"), [((0.9, 0.9, 0.9), 1), ((0.9, 0.9, 0.6), 0), ((0.9, 0.9), 0)])
def test_a_hand_needs_three_sure_samples(scores, count):
    rows = [(7 * n, 100, 100, score) for n, score in enumerate(scores)]
    assert len(tracked(found_hands(*rows))) == count


@pytest.mark.parametrize(("left_px", "count"), [(100, 0), (300, 1)])
def test_what_lies_on_a_face_is_no_hand(left_px, count):
    frames = range(0, 60, 7)
    seen_faces = faces([(frame, 80, 80, 120, 120) for frame in frames], frames)
    assert len(tracked(found_hands(*((f, left_px, 100, 0.9) for f in frames)), seen_faces)) == count
