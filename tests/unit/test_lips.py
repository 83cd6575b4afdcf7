"""Lips: measured while somebody speaks and faces compete, and a still mouth stays still."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from panscan.model.geometry import Size
from panscan.model.perception import Faces, Speech
from panscan.perceive.signals.lips import LipsSignal
from panscan.perceive.speaking.face_slots import FaceSlot, assign_slots
from talking_heads import STAGE_FRAMES, HeadsPicture, heads

MEDIA = SimpleNamespace(video=SimpleNamespace(rate=Fraction(30), display_size=Size(1280, 720)))


class Seen:
    """Faces that stand still (left, top, width, height)."""

    def __init__(self, *boxes):
        self.boxes = np.array(boxes, float).reshape(-1, 4)

    def at(self, frame):
        return self.boxes


def spoken(steps=200, probability=1.0):
    return Speech(np.full(steps, probability), np.zeros(0), np.zeros(0))


def boxes_of(stage, frame=0):
    left, top, right, bottom = np.array([stage.face(name, frame) for name in ("hopper", "collins")]).T
    return np.stack([left, top, right - left, bottom - top], axis=-1)


def measured(pictures, faces, speech):
    signal = LipsSignal(MEDIA)
    signal.consult({"faces": faces, "speech": speech})
    for picture in pictures:
        signal.see(picture)
    return signal.finish()


@pytest.fixture(scope="module")
def stage():
    return heads()


def test_opening_is_measured_and_a_still_mouth_is_still(stage):
    opened = lambda frame: 0.5 - 0.5 * np.cos(2 * np.pi * frame / 20)  # noqa: E731
    pictures = [HeadsPicture(stage, f, {"hopper": opened(f), "collins": 0.6}) for f in range(0, 60, 2)]
    found = measured(pictures, Seen(*boxes_of(stage)), spoken())
    talks = found.box_px[:, 0] < 640
    assert len(found.looked) == 30 and np.count_nonzero(talks) >= 28 and 15 <= np.count_nonzero(~talks) < 25
    gaps = [found.gap[talks], found.gap[~talks]]
    assert np.corrcoef(gaps[0], opened(found.frame[talks]))[0, 1] > 0.9
    # The other leans to and fro with the mouth open: what is left is the mesh's own trembling.
    assert np.abs(np.diff(gaps[1])).mean() < 0.2 * np.abs(np.diff(gaps[0])).mean()


def test_a_still_mouth_is_looked_at_half_as_often_until_it_stirs(stage):
    # Two pictures of one stage, so that nothing but the mouth differs.
    shut, wide = (HeadsPicture(stage, 0, {"hopper": said, "collins": 0.0}) for said in (0.0, 0.7))
    begins = 40
    pictures = [
        SimpleNamespace(frame=f, luma=(wide if f >= begins and f % 8 < 4 else shut).luma) for f in range(0, 80, 2)
    ]
    found = measured(pictures, Seen(*boxes_of(stage)), spoken())
    talker = found.frame[found.box_px[:, 0] < 640]
    listener = found.frame[found.box_px[:, 0] >= 640]
    assert talker[:3].tolist() == listener[:3].tolist() == [0, 2, 4], "as often as can be until it is known to be still"
    assert np.all(np.diff(talker[(talker >= 4) & (talker < begins)]) == 4)
    assert np.all(np.diff(talker[talker > begins + 4]) == 2) and talker[-1] == 78
    assert np.all(np.diff(listener[listener >= 4]) == 4), "the other's stirring is no concern of it"


@pytest.mark.parametrize(
    ("faces", "speech", "looks"),
    [
        (2, spoken(), 15),
        (1, spoken(), 15),
        (1, spoken(probability=0.1), 0),
        (2, spoken(probability=0.1), 0),
        (2, None, 15),
        (0, spoken(), 0),
    ],
    ids=["two speak", "one face", "one face, silence", "silence", "speech unknown", "nobody"],
)
def test_when_it_looks(faces, speech, looks, stage):
    pictures = [HeadsPicture(stage, f, {"hopper": 0.0, "collins": 0.0}) for f in (0,)]
    repeated = [SimpleNamespace(frame=f, luma=pictures[0].luma) for f in range(30)]
    assert len(measured(repeated, Seen(*boxes_of(stage)[:faces]), speech).looked) == looks


def test_small_faces_are_left_out_and_four_are_the_most(stage):
    picture = HeadsPicture(stage, 0, {"hopper": 0.0, "collins": 0.0})
    asked = []

    def luma(box, side):
        asked.append(box)
        return picture.luma(box, side)

    faces = Seen(*[(50 + 200 * i, 50, 40 + 20 * i, 40 + 20 * i) for i in range(6)], (5, 5, 20, 20))
    measured([SimpleNamespace(frame=0, luma=luma)], faces, spoken())
    assert sorted(round(box[2] / 1.6) for box in asked) == [80, 100, 120, 140]
    asked.clear()
    measured([SimpleNamespace(frame=0, luma=luma)], Seen((5, 5, 20, 20), (90, 90, 25, 25)), spoken())
    assert asked == []


def test_a_trembling_box_does_not_move_the_crop():
    seat, crops = FaceSlot(), []
    rng = np.random.default_rng(5)
    for look in range(30):
        assert seat.follow(np.array([100, 100, 80, 80]) + rng.normal(0, 2, 4), look / 15) == (look == 0)
        crops.append(seat.crop_square(1.6))
    assert len(set(crops)) == 1
    assert not seat.follow(np.array([130, 100, 80, 80.0]), 2.0)
    assert seat.crop_square(1.6) == pytest.approx((130 + 40 - 64, 100 + 40 - 64, 128, 128))
    assert seat.crop_square(1.0, down=0.25) == pytest.approx((130, 120, 80, 80))


def test_faces_keep_their_seats():
    seats = [FaceSlot() for _ in range(4)]
    boxes = np.array([[100, 100, 80, 80], [500, 100, 80, 80.0]])
    for seat, box in zip(seats, boxes, strict=False):
        seat.follow(box, 1.0)
    assert assign_slots(seats, boxes[::-1] + 5, 1.1) == [seats[1], seats[0]]
    assert assign_slots(seats, np.array([[900, 100, 80, 80.0]]), 1.1) == [seats[2]]
    # After a pause nobody is known any more.
    assert seats[0].distance(boxes[0], 2.0) == np.inf


def test_finished_faces_serve_as_well(stage):
    boxes = boxes_of(stage)
    nothing = np.zeros((4, 6, 2))
    value = Faces(np.array([0, 4]), np.array([0, 0, 4, 4]), np.tile(boxes, (2, 1)), np.ones(4), np.ones(4), nothing)
    pictures = [HeadsPicture(stage, f, {"hopper": 0.0, "collins": 0.0}) for f in (0, 2)]
    found = measured(pictures, value, spoken())
    assert found.frame.tolist() == [0, 0, 2, 2]
    assert np.allclose(found.box_px[:2], boxes)


def test_nothing_to_consult():
    signal = LipsSignal(MEDIA)
    signal.see(SimpleNamespace(frame=0))
    assert len(signal.finish().looked) == 0
    assert STAGE_FRAMES > 0
