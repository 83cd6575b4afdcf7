"""EfficientDet's anchors and boxes, and real weights where they are."""

from __future__ import annotations

import numpy as np
import pytest

import needed
from panscan.errors import CapabilityError
from panscan.perceive.signals.objects.efficientdet import EfficientDetector, anchors, decoded_boxes


def test_anchors_cover_the_picture_at_five_scales():
    found = anchors(320)
    assert found.shape == (19206, 4)
    assert found[:9, :2].tolist() == [[4.0, 4.0]] * 9, "the first cell's nine come first"
    assert found[0, 2:].tolist() == [24.0, 24.0]
    assert np.allclose(found[:, 2] * found[:, 3], found[found[:, 2] == found[:, 3]].repeat(3, 0)[:, 2] ** 2)
    assert found[-1, 0] == pytest.approx(320 - 320 / 6)


def test_the_networks_zeros_are_the_anchor_itself():
    anchor = np.array([[100.0, 50.0, 20.0, 40.0]])
    assert decoded_boxes(np.zeros((1, 4)), anchor).tolist() == [[30.0, 90.0, 70.0, 110.0]]
    moved = decoded_boxes(np.array([[0.5, 0.25, np.log(2), 0.0]]), anchor)
    assert np.allclose(moved, [[40.0, 90.0, 80.0, 130.0]])


def test_what_is_no_network_is_told(tmp_path):
    path = tmp_path / "x.tflite"
    path.write_bytes(b"no network")
    with pytest.raises(CapabilityError, match=r"x\.tflite"):
        EfficientDetector(path, 0.35)


# --- real weights


@pytest.fixture(scope="module")
def detector():
    return EfficientDetector(needed.weights("efficientdet-lite0"), 0.35)


def found_in(detector, picture):
    found = detector.detect(picture)
    names = [detector.names[n] for n in found.class_id]
    return list(zip(names, found.score.tolist(), found.box.tolist(), strict=True))


def test_a_cat_is_a_cat_and_its_box_lies_on_it(detector):
    from skimage import data

    picture = np.ascontiguousarray(data.chelsea())
    (name, score, box), *_ = found_in(detector, picture)
    assert name == "cat" and score > 0.7
    assert box[2] > 0.6 * picture.shape[1] and box[3] > 0.6 * picture.shape[0]


def test_boxes_are_in_px_of_any_picture(detector):
    from skimage import data

    wide = np.full((400, 900, 3), 120, np.uint8)
    wide[50:350, 400:851] = data.chelsea()
    name, _, (left, top, width, height) = found_in(detector, wide)[0]
    assert name == "cat"
    assert 380 < left < left + width < 870 and 30 < top < top + height < 370
