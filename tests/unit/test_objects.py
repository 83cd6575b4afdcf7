"""Objects: what the network's numbers mean, which weights are used, and what is found on real pictures."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re

import numpy as np
import pytest

import tiny_onnx
from commandline import panscan
from panscan import ingest, measure, weights
from panscan.errors import CapabilityError
from panscan.perceive.cache import signal_key
from panscan.perceive.observe import observe
from panscan.perceive.signals.objects import signal as objects
from panscan.perceive.signals.objects.onnx import (
    COCO_NAMES,
    OnnxDetector,
    class_names,
    decode_yolo_output,
    letterbox,
    non_maximum_suppression,
)
from panscan.request.options import models_of_environment
from serving import files_of

NAMES = {"names": "{0: 'cat', 1: 'dog', 2: 'ball'}"}


def raw_head(rows, classes=3, length=40, extra=0):
    """A head (1, 4 + classes + extra, length) with the given rows (cx, cy, w, h, class, score) somewhere in it."""
    head = np.zeros((1, 4 + classes + extra, length))
    for place, (cx, cy, w, h, class_id, score) in enumerate(rows, 7):
        head[0, :4, place] = cx, cy, w, h
        head[0, 4 + class_id, place] = score
    return head


ROWS = [(30, 20, 20, 10, 1, 0.6), (31, 20, 20, 10, 1, 0.8), (30, 20, 20, 10, 2, 0.5), (50, 50, 6, 6, 0, 0.2)]
WANTED = [([21, 15, 41, 25], 0.8, 1), ([20, 15, 40, 25], 0.5, 2)]


# --- the network's numbers


@pytest.mark.parametrize("extra", [0, 32])
def test_a_raw_head_is_decoded_and_suppressed_by_class(extra):
    ltrb, score, class_id = decode_yolo_output(raw_head(ROWS, extra=extra), 3, 0.25)
    assert list(zip(ltrb.tolist(), score.tolist(), class_id.tolist(), strict=True)) == WANTED


def test_a_turned_head_is_the_same():
    ltrb, score, class_id = decode_yolo_output(raw_head(ROWS).transpose(0, 2, 1), 3, 0.25)
    assert list(zip(ltrb.tolist(), score.tolist(), class_id.tolist(), strict=True)) == WANTED


@pytest.mark.parametrize(("classes", "told"), [(3, False), (80, False), (2, True), (3, True)])
def test_an_end_to_end_head_is_taken_as_it_is(classes, told):
    head = np.zeros((1, 300, 6))
    head[0, :3] = [[1, 2, 11, 22, 0.5, 1], [1, 2, 11, 22, 0.9, 1], [5, 5, 9, 9, 0.1, 0]]
    ltrb, score, class_id = decode_yolo_output(head, classes, 0.25, end_to_end=told)
    assert ltrb.tolist() == [[1, 2, 11, 22]] * 2 and score.tolist() == [0.9, 0.5] and class_id.tolist() == [1, 1]


def test_an_end_to_end_head_with_masks_is_cut():
    head = np.zeros((1, 300, 38))
    head[0, 0, :6] = [1, 2, 11, 22, 0.5, 1]
    assert decode_yolo_output(head, 80, 0.25, end_to_end=True)[0].tolist() == [[1, 2, 11, 22]]


def test_classes_without_a_name_are_left_out():
    head = np.zeros((1, 300, 6))
    head[0, :2] = [[1, 2, 11, 22, 0.5, 7], [1, 2, 11, 22, 0.4, 2]]
    assert decode_yolo_output(head, 3, 0.25)[2].tolist() == [2]


@pytest.mark.parametrize("shape", [(1, 60, 40), (1, 40, 85), (1, 10), (2, 84, 40), (1, 3, 20, 20), (1, 6, 40)])
def test_other_heads_are_refused(shape):
    with pytest.raises(ValueError, match="shape"):
        decode_yolo_output(np.zeros(shape), 80, 0.25)


def test_nothing_found_is_empty_not_an_error():
    for head in (raw_head([]), np.zeros((1, 300, 6)), np.full((1, 7, 40), np.nan)):
        ltrb, score, class_id = decode_yolo_output(head, 3, 0.25)
        assert ltrb.shape == (0, 4) and score.shape == class_id.shape == (0,)


def test_scores_above_one_are_cut():
    assert decode_yolo_output(raw_head([(30, 20, 20, 10, 1, 1.004)]), 3, 0.25)[1].tolist() == [1.0]


def test_suppression_keeps_neighbours_and_other_classes():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [8, 0, 18, 10], [0, 0, 10, 10], [3, 3, 3, 9]], float)
    score, class_id = np.array([0.5, 0.9, 0.4, 0.3, 0.2]), np.array([0, 0, 0, 1, 0])
    assert non_maximum_suppression(boxes, score, class_id).tolist() == [1, 2, 3, 4]
    assert non_maximum_suppression(boxes[:0], score[:0], class_id[:0]).size == 0


def test_suppression_agrees_with_the_plain_rule():
    random = np.random.default_rng(3)
    corner = random.uniform(0, 80, (200, 2))
    boxes = np.concatenate([corner, corner + random.uniform(5, 40, (200, 2))], axis=1)
    score, class_id = random.uniform(0, 1, 200), random.integers(0, 3, 200)

    def overlap(a, b):
        common = np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0))
        return common / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - common)

    kept: list[int] = []
    for row in np.argsort(-score):
        if all(class_id[k] != class_id[row] or overlap(boxes[k], boxes[row]) <= 0.6 for k in kept):
            kept.append(int(row))
    assert non_maximum_suppression(boxes, score, class_id).tolist() == kept and 20 < len(kept) < 200


def test_names_come_from_the_file():
    assert class_names("{0: 'cat', 2: 'dog'}") == ("cat", "class 1", "dog")
    for text in ("", "not a dict", "{1: ", "[1, 2]", "__import__('os')"):
        assert class_names(text) == ()
    assert len(COCO_NAMES) == 80 and COCO_NAMES[0] == "person" and COCO_NAMES[79] == "toothbrush"


@pytest.mark.parametrize(("size", "place"), [((64, 64), (1, 0, 16)), ((32, 64), (0.5, 0, 24)), ((128, 64), (2, 0, 0))])
def test_letterbox_keeps_the_shape_and_centres(size, place):
    picture = np.full((32, 64, 3), 200, np.uint8)
    canvas, scale, left, top = letterbox(picture, size)
    assert canvas.shape == (size[1], size[0], 3) and (scale, left, top) == place
    inside = canvas[top : top + round(32 * scale), left : left + round(64 * scale)]
    assert np.all(inside == 200) and np.sum(canvas == 200) == inside.size


# --- ONNX files


@pytest.mark.parametrize("takes", [(1, 3, 64, 64), ("batch", 3, "height", "width")])
@pytest.mark.parametrize(("width", "height"), [(64, 36), (36, 64), (32, 18), (128, 72)])
def test_boxes_come_back_in_px_of_the_picture(tmp_path, takes, width, height):
    scale = 64 / max(width, height)
    # A free input is as small as its grid allows, a fixed one square: the grey beside the picture differs.
    sides = (64, 64) if takes[2] == 64 else tuple(32 * -(-round(side * scale) // 32) for side in (width, height))
    left, top = ((full - round(side * scale)) // 2 for full, side in zip(sides, (width, height), strict=True))
    x, y, w, h = 0.25 * width, 0.5 * height, 0.5 * width, 0.25 * height
    row = ((x + w / 2) * scale + left, (y + h / 2) * scale + top, w * scale, h * scale, 1, 0.9)
    path = tiny_onnx.write(tmp_path / "tiny.onnx", raw_head([row]), takes=takes, metadata=NAMES)
    detector = OnnxDetector(path, 0.25, 64)
    found = detector.detect(np.zeros((height, width, 3), np.uint8))
    assert found.box[0] == pytest.approx([x, y, w, h], abs=1e-3)
    assert found.class_id.tolist() == [1] and detector.names == ("cat", "dog", "ball")


def test_boxes_are_cut_to_the_picture(tmp_path):
    path = tiny_onnx.write(tmp_path / "tiny.onnx", raw_head([(0, 32, 20, 100, 0, 0.9)]), metadata=NAMES)
    found = OnnxDetector(path, 0.25, 64).detect(np.zeros((32, 64, 3), np.uint8))
    assert found.box.tolist() == [[0, 0, 10, 32]]


def test_half_floats_are_read(tmp_path):
    path = tiny_onnx.write(tmp_path / "half.onnx", raw_head(ROWS), kind=10, metadata=NAMES)
    assert len(OnnxDetector(path, 0.25, 64).detect(np.zeros((64, 64, 3), np.uint8)).score) == 2


def test_without_names_the_classes_are_those_of_coco(tmp_path):
    path = tiny_onnx.write(tmp_path / "tiny.onnx", raw_head([(30, 30, 9, 9, 32, 0.9)], classes=80, length=100))
    detector = OnnxDetector(path, 0.25, 64)
    assert detector.names[detector.detect(np.zeros((64, 64, 3), np.uint8)).class_id[0]] == "sports ball"


def test_files_that_are_no_detector_are_told(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    broken = [
        tmp_path / "broken.onnx",
        tiny_onnx.write(tmp_path / "batch.onnx", raw_head([]), takes=(4, 3, 64, 64)),
        tiny_onnx.write(tmp_path / "last.onnx", raw_head([]), takes=(1, 64, 64, 3)),
        tiny_onnx.write(tmp_path / "whole.onnx", raw_head([]), kind=7),
        tiny_onnx.write(tmp_path / "head.onnx", np.zeros((1, 60, 40)), metadata={}),
    ]
    for path in broken:
        with pytest.raises(CapabilityError, match=path.name) as refused:
            OnnxDetector(path, 0.25, 64).detect(np.zeros((64, 64, 3), np.uint8))
        assert refused.value.why and refused.value.fix


# --- which weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_MODELS_DIR", str(tmp_path))
    return tmp_path


def key():
    return signal_key("objects", objects.ObjectsSignal, models=models_of_environment())


def test_without_weights_nothing_is_looked_at(folder, movie):
    assert objects.selected_object_weights(models_of_environment()) is None
    media = ingest.probe(movie("cuts"))
    signal = objects.ObjectsSignal(media, models=models_of_environment())
    signal.see(None)  # not even the picture is touched
    value = signal.finish()
    assert value.available is False and value.looked.size == value.frame.size == value.names.size == 0
    assert value.box_px.shape == (0, 4)


def test_weights_are_found_by_path_and_by_name(folder, monkeypatch):
    path = tiny_onnx.write(folder / "my.onnx", raw_head([]))
    for wanted in (str(path), "my.onnx"):
        monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", wanted)
        assert objects.selected_object_weights(models_of_environment()).path == path
    for wanted in ("other.onnx", str(folder / "no" / "such.pt"), "yolov8n-int8"):
        monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", wanted)
        with pytest.raises(CapabilityError) as refused:
            objects.selected_object_weights(models_of_environment())
        assert refused.value.why and refused.value.fix
    (folder / "my.pb").write_bytes(b"?")
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "my.pb")
    with pytest.raises(CapabilityError, match=r"my\.pb"):
        objects.selected_object_weights(models_of_environment())
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "none")
    assert objects.selected_object_weights(models_of_environment()) is None


def test_pulled_weights_are_used_and_damaged_ones_told(folder):
    (folder / weights.find_weights("yolov8n-int8").file).write_bytes(b"half a download")
    with pytest.raises(CapabilityError, match="is not the model yolov8n-int8"):
        objects.selected_object_weights(models_of_environment())


def test_the_cache_key_tells_weights_apart_by_content(folder, monkeypatch):
    without = key()
    tiny_onnx.write(folder / "a.onnx", raw_head([]))
    tiny_onnx.write(folder / "same.onnx", raw_head([]))
    tiny_onnx.write(folder / "b.onnx", raw_head(ROWS))
    keys = {}
    for name in ("a", "same", "b"):
        monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", f"{name}.onnx")
        keys[name] = key()
    assert keys["a"] == keys["same"] and len({without, *keys.values()}) == 3
    tiny_onnx.write(folder / "b.onnx", raw_head(ROWS[:1], length=41))
    assert key() != keys["b"], "a replaced file is another file"
    monkeypatch.setenv("PANSCAN_OBJECTS_PROMPT", "red car, guitar")
    assert objects.selected_object_weights(models_of_environment()).prompt == ("red car", "guitar")


def test_fixed_classes_take_no_prompt(folder, monkeypatch):
    tiny_onnx.write(folder / "a.onnx", raw_head([]))
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "a.onnx")
    monkeypatch.setenv("PANSCAN_OBJECTS_PROMPT", "guitar")
    with pytest.raises(CapabilityError, match="guitar"):
        objects.selected_object_weights(models_of_environment()).load_detector()


# --- the signal


def test_what_is_found_lies_in_display_px(folder, monkeypatch, movie):
    media = ingest.probe(movie("cuts"))
    display = media.video.display_size
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "a.onnx")
    tiny_onnx.write(folder / "a.onnx", raw_head([(32, 32, 32, 18, 1, 0.9), (-9, 32, 4, 4, 0, 0.9)]), metadata=NAMES)
    signal = objects.ObjectsSignal(media, models=models_of_environment())
    for picture in ingest.PictureDecoder(media):
        signal.see(picture)
    value = signal.finish()
    assert value.available and value.names.tolist() == ["cat", "dog", "ball"]
    assert value.frame.tolist() == value.looked.tolist(), "what lies beside the picture is left out"
    seconds = float(media.frame_count / media.video.rate)
    assert len(value.looked) == pytest.approx(2 * seconds, abs=1)
    middle = value.box_px[:, :2] + value.box_px[:, 2:] / 2
    assert middle == pytest.approx(
        np.tile([display.width / 2, display.height / 2], (len(middle), 1)), abs=display.width / 64
    )
    assert (
        np.all(value.rows_of_class("dog", "ball") == np.arange(len(value.frame)))
        and value.rows_of_class("cat").size == 0
    )


def test_the_command_says_that_there_are_no_weights(folder, movie, monkeypatch):
    ran = panscan("perceive", movie("one_frame"))
    assert ran.code == 0 and ran.err.count("panscan models pull") == 1
    assert "small and turned faces, animals, balls and things are missed" in ran.err
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "none")
    told = panscan("perceive", movie("one_frame")).err
    assert "small and turned faces are missed" in told, "nobody asked for objects"


def test_doctor_tells_about_weights_without_failing(folder, monkeypatch):
    def row():
        return next(r for r in panscan("doctor", "--json").data if r["part"] == "objects")

    assert row()["ok"] and "models pull" in row()["detail"]
    tiny_onnx.write(folder / "a.onnx", raw_head([]), metadata=NAMES)
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "a.onnx")
    assert row()["ok"] and "3 classes" in row()["detail"]
    (folder / "a.onnx").write_bytes(b"damaged")
    assert not row()["ok"] and row()["fix"]


def test_without_weights_doctor_tells_and_a_pull_mends_it(folder, movie, tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("server")
    content = tiny_onnx.write(place / "tiny.onnx", raw_head([(32, 32, 32, 18, 1, 0.9)]), metadata=NAMES).read_bytes()
    with files_of(place) as address:
        url, digest = f"{address}/tiny.onnx", hashlib.sha256(content).hexdigest()
        entry = weights.WeightsFile(
            "tiny", "tiny.onnx", url, len(content), digest, "MIT", "objects", "", is_recommended=True
        )
        for module in (weights.table, weights):
            monkeypatch.setattr(module, "WEIGHTS_FILES", (entry,))
        without = panscan("perceive", movie("cuts"), "-o", "-")
        assert without.code == 0 and without.err.count("models pull") == 1
        assert without.data["signals"]["objects"]["available"] is False
        told = re.search(r"no weights: `panscan (models pull)`", panscan("doctor").out)
        assert told and panscan(*told[1].split()).code == 0, "what doctor tells to do can be done as it stands"
    found = panscan("perceive", movie("cuts"), "-o", "-")
    assert found.code == 0 and "models pull" not in found.err
    assert set(found.data["signals"]["objects"]["class_id"]) == {1}
    assert "3 classes" in next(r for r in panscan("doctor", "--json").data if r["part"] == "objects")["detail"]


# --- real weights


@pytest.fixture
def real(shared_models, monkeypatch):
    path = shared_models / weights.find_weights("yolov8n-int8").file
    if not path.is_file():
        pytest.skip(f"no object weights: there is no {path.name} in ../shared/models beside this checkout")
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", str(path))
    return objects.selected_object_weights(models_of_environment()).load_detector()


def seen(path):
    media = ingest.probe(path)
    return media, observe(media, measure.Decoder(media), signals=["objects"], models=models_of_environment()).signals[
        "objects"
    ]


def test_people_are_found_on_photos(real, shared_media):
    import cv2

    for name, people in (("two_people.jpg", 2), ("pose_test_image.jpg", 1), ("lin-manuel-miranda.png", 1)):
        picture = cv2.imread(str(shared_media / "photos" / name))[..., ::-1]
        found = real.detect(np.ascontiguousarray(picture))
        sure = [score for score, c in zip(found.score, found.class_id, strict=True) if real.names[c] == "person"]
        assert len(sure) == people and min(sure) > 0.8, name


@pytest.mark.parametrize(
    ("name", "things", "least"),
    [
        ("dog_and_woman_fetch", {"person": 0.95, "dog": 0.85}, 0.9),
        ("football_juggle", {"person": 0.95, "sports ball": 0.4}, 0.9),
    ],
)
def test_things_are_found_in_films(real, shared_media, name, things, least):
    media, value = seen(shared_media / f"{name}.mp4")
    for thing, share in things.items():
        frames = np.unique(value.frame[value.rows_of_class(thing)])
        assert len(frames) / len(value.looked) >= share, thing
    wanted = hit = 0
    for sample in json.loads((shared_media / f"{name}.truth.json").read_text())["samples"]:
        frame = round(sample["t"] * float(media.video.rate))
        near = value.looked[np.argmin(np.abs(value.looked - frame))]
        if abs(near - frame) > 0.1 * media.video.rate:
            continue
        boxes = value.box_px[value.frame == near]
        for left, top, right, bottom in sample["must"] + sample["any_of"]:
            center = np.array([left + right, top + bottom]) / 2
            wanted += 1
            hit += bool(
                np.any(np.all((boxes[:, :2] - 8 <= center) & (center <= boxes[:, :2] + boxes[:, 2:] + 8), axis=1))
            )
    assert wanted >= 20 and hit / wanted >= least


# --- ultralytics


def test_pt_weights_without_ultralytics_are_told(folder, monkeypatch):
    if importlib.util.find_spec("ultralytics"):
        pytest.skip("ultralytics is installed here")
    (folder / "a.pt").write_bytes(b"?")
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "a.pt")
    with pytest.raises(CapabilityError, match=r"\.pt weights cannot be used") as refused:
        objects.selected_object_weights(models_of_environment()).load_detector()
    assert "panscan[yolo]" in refused.value.fix and refused.value.exit_code == 4


STAND_IN = """
import os
from types import SimpleNamespace

import numpy as np

AT_IMPORT = {name: os.environ.get(name) for name in ("YOLO_AUTOINSTALL", "YOLO_OFFLINE", "YOLO_CONFIG_DIR")}
settings = {"sync": True}


class Column:
    def __init__(self, *rows):
        self.rows = np.array(rows, np.float32)

    def cpu(self):
        return self

    def numpy(self):
        return self.rows


class YOLO:
    def __init__(self, path):
        if "broken" in path:
            raise RuntimeError("no such magic")
        self.names = {0: "cat", 1: "dog"}
        if "world" in path:
            self.set_classes = lambda words: setattr(self, "names", words)

    def predict(self, picture, conf, imgsz, verbose):
        assert picture[0, 0].tolist() == [30, 20, 10] and picture.flags.c_contiguous
        boxes = Column([0, 0, 9, 9], [-5, 5, 99, 25])
        return [SimpleNamespace(boxes=SimpleNamespace(xyxy=boxes, conf=Column(0.4, 1.1), cls=Column(0, 1)))]
"""


@pytest.fixture
def stand_in(folder, monkeypatch):
    """A module that answers like ultralytics, as far as panscan asks."""
    import sys

    for name in ("YOLO_AUTOINSTALL", "YOLO_OFFLINE", "YOLO_CONFIG_DIR", "YOLO_VERBOSE"):
        monkeypatch.setenv(name, "as it was")
    (folder / "modules").mkdir()
    (folder / "modules" / "ultralytics.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(folder / "modules")
    monkeypatch.delitem(sys.modules, "ultralytics", raising=False)
    yield folder
    sys.modules.pop("ultralytics", None)


def opened(folder, monkeypatch, name, prompt=""):
    (folder / name).write_bytes(b"weights")
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", name)
    monkeypatch.setenv("PANSCAN_OBJECTS_PROMPT", prompt)
    return objects.selected_object_weights(models_of_environment()).load_detector()


def test_ultralytics_is_silenced_before_it_is_imported(stand_in, monkeypatch):
    opened(stand_in, monkeypatch, "a.pt")
    import ultralytics

    assert ultralytics.AT_IMPORT["YOLO_AUTOINSTALL"] == "false" and ultralytics.AT_IMPORT["YOLO_OFFLINE"] == "true"
    assert ultralytics.AT_IMPORT["YOLO_CONFIG_DIR"] != "as it was" and ultralytics.settings == {"sync": False}


def test_pt_weights_answer_as_onnx_ones_do(stand_in, monkeypatch):
    detector = opened(stand_in, monkeypatch, "a.pt")
    picture = np.broadcast_to(np.array([10, 20, 30], np.uint8), (20, 40, 3))
    found = detector.detect(picture)
    assert detector.names == ("cat", "dog")
    assert found.box.tolist() == [[0, 5, 40, 15], [0, 0, 9, 9]]
    assert found.score == pytest.approx([1, 0.4]) and found.class_id.tolist() == [1, 0]


def test_open_vocabulary_weights_take_a_prompt(stand_in, monkeypatch):
    assert opened(stand_in, monkeypatch, "world.pt", "red car, guitar").names == ("red car", "guitar")
    with pytest.raises(CapabilityError, match="cannot look for guitar"):
        opened(stand_in, monkeypatch, "a.pt", "guitar")


def test_pt_weights_that_do_not_open_are_told(stand_in, monkeypatch):
    with pytest.raises(CapabilityError, match=r"broken\.pt") as refused:
        opened(stand_in, monkeypatch, "broken.pt")
    assert refused.value.why == "RuntimeError: no such magic"


def test_what_downloads_is_refused_only_inside():
    import socket
    import subprocess
    import sys

    from panscan.perceive.signals.objects.ultralytics import _offline

    with _offline():
        with pytest.raises(ConnectionError, match="nothing be downloaded"):
            socket.getaddrinfo("localhost", 80)
        with pytest.raises(ConnectionError, match="nothing be downloaded"):
            subprocess.run(["curl", "--version"])
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert subprocess.run([sys.executable, "-c", ""]).returncode == 0
