"""`panscan shots` on a public-domain portrait: crops, numbers, sheet and page, with and without the weights."""

from __future__ import annotations

import json
import re

import pytest
from PIL import Image

import needed
from commandline import panscan

FACE = (178, 62, 268, 176)  # of the portrait, from hairline to chin


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    from skimage import data

    path = tmp_path_factory.mktemp("photos") / "portrait.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


def made(folder, name):
    return json.loads((folder / f"{name}.shots.json").read_text())


def contains(box, other):
    return box[0] <= other[0] and box[1] <= other[1] and box[2] >= other[2] and box[3] >= other[3]


@pytest.mark.parametrize("weights", [True, False])
def test_a_portrait_gets_three_shots(portrait, tmp_path, monkeypatch, weights):
    if weights:
        monkeypatch.setenv("PANSCAN_MODELS_DIR", str(needed.weights("yunet").parent))
    ran = panscan("shots", portrait, "-o", tmp_path, "-r", "4:5", "-r", "1:1")
    assert ran.code == 0, ran.err
    document = made(tmp_path, "portrait")
    assert document["size_px"] == [512, 512]
    assert document["description"].startswith("One person")
    shots = {(shot["ratio"], shot["shot"]): shot for shot in document["shots"]}
    for ratio, aspect in (("4:5", 0.8), ("1:1", 1.0)):
        close = shots[ratio, "close-up"]
        for shot in ("establishing", "close-up"):
            box = shots[ratio, shot]["box_px"]
            assert contains(box, FACE)
            with Image.open(tmp_path / f"portrait.{ratio.replace(':', 'x')}.{shot}.png") as crop:
                assert crop.size == (box[2] - box[0], box[3] - box[1])
                assert crop.size[0] / crop.size[1] == pytest.approx(aspect, abs=0.01)
        face_share = (FACE[3] - FACE[1]) / (close["box_px"][3] - close["box_px"][1])
        assert 0.25 <= face_share <= 0.7
        assert "the face fills" in close["why"]
        assert close["scores"]["head_room"] > 0
    page = (tmp_path / "portrait.shots.html").read_text()
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    with Image.open(tmp_path / "portrait.shots.jpg") as sheet:
        assert sheet.size[0] > 1500


def test_json_prints_and_writes_nothing(portrait, tmp_path):
    ran = panscan("shots", portrait, "-r", "4:5", "-r", "4:5", "--json", "-o", tmp_path)
    assert ran.code == 0
    assert [shot["shot"] for shot in ran.data[0]["shots"]] == ["establishing", "medium", "close-up"], (
        "a shape is made once"
    )
    assert list(tmp_path.iterdir()) == []


def test_folders_go_on_behind_a_photo_that_cannot_be_read(portrait, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    (tmp_path / "camera.NEF").write_bytes(b"raw")
    (tmp_path / "portrait.png").write_bytes(portrait.read_bytes())
    ran = panscan("shots", tmp_path)
    assert ran.code == 3
    assert "1 of 2 photos could not be used" in ran.err
    assert "1 raw file(s)" in ran.err and "camera.NEF" in ran.err
    assert (tmp_path / "portrait.close-up.png").is_file()
    before = sorted(tmp_path.iterdir())
    again = panscan("shots", tmp_path)
    assert "1 of 2 photos could not be used" in again.err
    assert sorted(tmp_path.iterdir()) == before  # no crops of crops


def test_two_photos_of_one_name_are_refused(portrait, tmp_path):
    for ending in ("png", "jpg"):
        (tmp_path / f"portrait.{ending}").write_bytes(portrait.read_bytes())
    ran = panscan("shots", tmp_path)
    assert ran.code == 2
    assert "same names" in ran.err
    assert len(list(tmp_path.iterdir())) == 2


def test_a_bad_shape_is_told_before_anything_is_looked_at(portrait, tmp_path):
    ran = panscan("shots", portrait, tmp_path / "nowhere.jpg", "-r", "4:0")
    assert ran.code == 2
    assert ran.err.count("aspect ratio") == 1


def test_nobody_answers_to_a_name(portrait, tmp_path):
    ran = panscan("shots", portrait, "-o", tmp_path, "--subject", "anna")
    assert ran.code == 2
    assert "person-1" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_own_command_describes_each_crop(portrait, tmp_path):
    script = tmp_path / "describe.sh"
    script.write_text(
        '#!/bin/sh\ngrep -o \'"shot": "[a-z-]*"\' | tr -d \'\\n\'; test -s "$1" && printf " of %s" "${1##*.}"\n'
    )
    script.chmod(0o755)
    ran = panscan("shots", portrait, "-o", tmp_path / "out", "--describe-with", f"sh {script}")
    assert ran.code == 0, ran.err
    said = [shot["described"] for shot in made(tmp_path / "out", "portrait")["shots"]]
    assert said[0] == '"shot": "establishing" of png'
    failed = panscan("shots", portrait, "-o", tmp_path / "other", "--describe-with", "false")
    assert failed.code == 4
    assert "last argument" in failed.err
