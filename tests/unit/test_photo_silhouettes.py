"""Bodies without face and joints: framed by their outline, kept whole or out, leading where nothing else does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

import photo_scenes as scenes
from panscan.decoding.photo import read_photo
from panscan.model.geometry import Ratio
from panscan.perceive.signals.objects.detector import Detections
from panscan.photos.briefs import leading_people
from panscan.photos.composition import halves
from panscan.photos.perceive import perceive_photo
from panscan.photos.perception import PhotoPerson
from panscan.photos.planner import plan_shots
from panscan.photos.silhouettes import SilhouetteFinder, silhouette_model
from panscan.photos.words import describe, why

WIDE, TALL = 900, 600


class Detectors:
    """Finds the bodies it is given, without faces and joints, and one outline."""

    names = ("drawn",)

    def __init__(self, *bodies, outline=None):
        self.found = np.array(bodies, np.float64).reshape(-1, 4)
        self.outline = outline

    def faces(self, view):
        return []

    def objects(self, view):
        ltwh = np.concatenate([self.found[:, :2], self.found[:, 2:] - self.found[:, :2]], axis=1)
        return Detections(ltwh, np.full(len(ltwh), 0.8), np.zeros(len(ltwh), np.int64)), ("person",)

    def bodies(self, view, boxes):
        return [None] * len(boxes)

    def silhouette(self, view, box):
        return None if self.outline is None else np.array(self.outline, np.float64)


@pytest.fixture
def photo(tmp_path):
    Image.fromarray(scenes.textured(WIDE, TALL)).save(tmp_path / "a.png")
    return read_photo(tmp_path / "a.png")


@pytest.fixture(scope="module")
def finder():
    return SilhouetteFinder(silhouette_model())


def test_the_outline_of_a_drawn_back_is_found_and_a_texture_has_none(finder):
    picture = np.full((600, 400, 3), 200, np.uint8)
    cv2.ellipse(picture, (200, 130), (45, 58), 0, 0, 360, (60, 40, 30), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (175, 170), (225, 230), (190, 140, 120), -1)
    cv2.ellipse(picture, (200, 300), (105, 100), 0, 0, 360, (40, 60, 120), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (105, 290), (295, 560), (40, 60, 120), -1)
    assert finder.find(picture) == pytest.approx(np.array([95, 72, 305, 560]), abs=8)
    assert finder.find(scenes.textured(400, 600)) is None


def test_a_body_without_a_face_is_as_large_as_its_outline_unless_that_is_somebody_elses(photo):
    body, outline = (300, 100, 420, 500), (280, 90, 440, 560)
    assert perceive_photo(photo, Detectors(body, outline=outline)).people[0].body_px.tolist() == list(outline)
    assert perceive_photo(photo, Detectors(body, outline=(400, 90, 700, 560))).people[0].body_px.tolist() == list(body)
    assert perceive_photo(photo, Detectors(body)).people[0].body_px.tolist() == list(body)


def test_the_head_of_somebody_who_lies_is_not_guessed(photo):
    standing, lying = (perceive_photo(photo, Detectors(box)) for box in ((300, 100, 420, 500), (200, 300, 700, 450)))
    assert standing.people[0].head_px is not None
    assert lying.people[0].head_px is None
    assert "One person without a head in sight" in describe(lying)


def test_what_stands_out_is_the_subject_where_nothing_is_known(photo):
    seen = perceive_photo(photo, Detectors(outline=(500, 200, 800, 500)))
    shots = plan_shots(seen, [], Ratio(3, 2)).shots
    assert [shot.brief.subject for shot in shots] == ["foreground"] * len(shots)
    assert 500 <= (shots[-1].box_px[0] + shots[-1].box_px[2]) / 2 <= 800
    assert "a detail of the foreground" in why(shots[-1], seen)


def test_a_body_whose_head_is_cut_off_leads_alone_and_is_held_whole():
    body = PhotoPerson("person-1", np.array([900.0, 0, 1200, 800]))
    seen = scenes.perception((1500, 1000), [body])
    shot = plan_shots(seen, leading_people(seen), Ratio(3, 2)).shots[0]
    left, top, right, bottom = shot.box_px
    assert shot.brief.subject == "person-1"
    assert left <= 900 and top <= 0 and right >= 1200 and bottom >= 800


def test_a_crop_cuts_no_body_without_a_head_beside_the_subject():
    person = scenes.standing("person-1", 600, 150, 800)
    alone = scenes.perception((1500, 1000), [person])
    right = plan_shots(alone, [person], Ratio(3, 2)).shots[1].box_px[2]
    body = np.array([right - 50.0, 0, right + 50, 700])
    both = scenes.perception((1500, 1000), [person, PhotoPerson("person-2", body)])
    cut = [
        float(halves(np.array([plan_shots(seen, [person], Ratio(3, 2)).shots[1].box_px], float), body[None], [1.0])[0])
        for seen in (alone, both)
    ]
    assert cut[1] < cut[0]
