"""Squares of the picture in which objects are looked for beside the whole."""

from __future__ import annotations

import numpy as np
import pytest

import needed
from panscan.perceive.signals.objects.detector import Detections
from panscan.perceive.signals.objects.efficientdet import EfficientDetector
from panscan.perceive.signals.objects.signal import ObjectsSignal
from panscan.perceive.signals.objects.tiles import TiledDetector, tiles
from pictures import film, measure

WIDE = np.full((360, 640, 3), 90, np.uint8)


class Scripted:
    """Gives made-up boxes (left, top, width, height, score, class): those of the whole picture, or of a square."""

    names = ("person", "ball")

    def __init__(self, whole=(), square=()):
        self.whole, self.square, self.shapes = whole, square, []

    def detect(self, rgb):
        self.shapes.append(rgb.shape[:2])
        rows = np.array(self.whole if rgb.shape[1] > 360 else self.square, np.float64).reshape(-1, 6)
        return Detections(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64))


def looks(detector, *pictures):
    """What each of the pictures shows, and how many squares were looked at."""
    tiled, result = TiledDetector(detector), []
    for picture in pictures:
        before = len(detector.shapes)
        found = tiled.detect(picture)
        result.append((found, max(0, len(detector.shapes) - before - 1)))
    return result


@pytest.mark.parametrize(
    ("shape", "count", "side"), [((360, 640), 3, 360), ((640, 360), 3, 360), ((360, 480), 2, 360), ((360, 400), 0, 0)]
)
def test_squares_cover_the_picture_and_overlap(shape, count, side):
    found = tiles(shape)
    assert len(found) == count
    for square in found:
        assert square.side == side and square.left + side <= shape[1] and square.top + side <= shape[0]
    if count:
        assert (found[0].left, found[0].top) == (0, 0)
        assert found[-1].left + found[-1].top + side == max(shape)


def test_a_new_scene_is_looked_at_in_all_squares_then_one_after_the_other():
    other = np.full_like(WIDE, 200)
    assert [squares for _, squares in looks(Scripted(), WIDE, WIDE, WIDE, other, other)] == [3, 1, 1, 3, 1]


def test_where_something_large_leads_looks_are_half_as_often_and_whole():
    large = [(50, 10, 300, 340, 0.8, 0)]
    (first, *_), rest, third = looks(Scripted(large), WIDE, WIDE, WIDE)
    assert len(first.score) == 1 and rest == (None, 0) and len(third[0].score) == 1 and third[1] == 0
    cut = looks(Scripted(large), WIDE, np.full_like(WIDE, 200))
    assert cut[1][0] is not None, "a new scene is always looked at"
    doubtful = [(50, 10, 300, 340, 0.4, 0)]
    assert [squares for _, squares in looks(Scripted(doubtful), WIDE, WIDE)] == [3, 1]


def test_an_object_of_two_squares_is_one_and_what_a_square_cuts_is_none():
    (found, _), *_ = looks(Scripted(square=[(250, 100, 20, 20, 0.6, 1)]), WIDE)
    lefts = sorted(found.box[:, 0])
    assert lefts == [250, 390, 530], "moved by the place of each square"
    (found, _), *_ = looks(Scripted(square=[(200, 100, 160, 20, 0.6, 1)]), WIDE)
    assert [box[0] for box in found.box] == [480], "only the picture's own edge cuts it"


def test_a_part_of_what_the_whole_picture_shows_is_no_other_object():
    whole, arm = [(200, 100, 100, 200, 0.7, 0)], (210, 150, 50, 30, 0.6, 0)
    (found, _), *_ = looks(Scripted(whole, [(arm[0] - 0, *arm[1:])]), WIDE)
    assert [200, 100, 100, 200] in found.box.tolist() and [210, 150, 50, 30] not in found.box.tolist()
    (found, _), *_ = looks(Scripted(whole, [(*arm[:5], 1)]), WIDE)
    assert [210, 150, 50, 30] in found.box.tolist(), "a ball in a person's arms"


# --- real weights


def test_a_small_cat_is_found_in_a_square():
    import cv2
    from skimage import data

    weights = EfficientDetector(needed.weights("efficientdet-lite0"), 0.25)
    picture = WIDE.copy()
    picture[200:272, 500:608] = cv2.resize(data.chelsea(), (108, 72), interpolation=cv2.INTER_AREA)
    found = TiledDetector(weights).detect(picture)
    best = found.box[[weights.names[n] in ("cat", "dog") for n in found.class_id]]
    assert len(best) and best[0, 0] > 490 and best[0, 0] + best[0, 2] < 620


@pytest.mark.parametrize(("side", "looks"), [(300, 2), (72, 4)])
def test_the_signal_looks_half_as_often_at_large_things(side, looks, monkeypatch):
    import cv2
    from skimage import data

    needed.weights("efficientdet-lite0")
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(needed.MODELS))
    picture = WIDE.copy()
    picture[20 : 20 + side, 100 : 100 + side * 3 // 2] = cv2.resize(data.chelsea(), (side * 3 // 2, side))
    shown = picture[..., ::-1].copy()  # in the order of colours that `Shown` takes
    found = measure(ObjectsSignal(film((1280, 720), 25)), lambda frame: shown, 25)
    assert len(found.looked) == looks and found.available
    cats = found.rows_of_class("cat")
    assert set(found.looked[:1]) <= set(found.frame[cats]) and np.all(found.box_px[cats, 0] > 150), "px of the display"
