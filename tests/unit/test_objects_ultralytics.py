"""Objects with PyTorch weights, through ultralytics itself: models built here, with numbers of chance."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from commandline import panscan
from panscan.errors import CapabilityError
from panscan.perceive.signals.objects import signal
from panscan.perceive.signals.objects.onnx import COCO_NAMES, decode_yolo_output, letterbox
from panscan.request.options import models_of_environment

if not importlib.util.find_spec("ultralytics"):
    pytest.skip("ultralytics, the extra `yolo`, is not installed", allow_module_level=True)

# What torch and its friends warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Ultralytics, silenced; a torchvision that does not fit its torch is replaced by the one function it is for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOLO_CONFIG_DIR", str(tmp_path_factory.mktemp("ultralytics")))
        for name, value in {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}.items():
            patch.setenv(name, value)
        try:
            import torchvision
        except (ImportError, RuntimeError):
            from ultralytics.utils.nms import TorchNMS

            torchvision = ModuleType("torchvision")
            torchvision.ops = SimpleNamespace(nms=TorchNMS.nms)
            patch.setitem(sys.modules, "torchvision", torchvision)
        import torch
        import ultralytics

        torch.manual_seed(7)
        yield ultralytics


@pytest.fixture(scope="module")
def weights(library, tmp_path_factory):
    """A folder of .pt files by kind; the detectors are sure of a few classes, so that there is something to find."""
    folder = tmp_path_factory.mktemp("weights")
    for name, bias in (("yolov8n", 0.0), ("yolo11n", 0.0), ("yolov8s-world", 0.0), ("yolov8n-cls", None)):
        model = library.YOLO(f"{name}.yaml")
        model.model.names = dict(enumerate(COCO_NAMES))
        if bias is not None:
            head = model.model.model[-1]
            if "world" in name:
                for part in head.cv4:
                    part.bias.data.fill_(1.0)
            else:
                for part in head.cv3:
                    part[-1].bias.data[[0, 16]] = 2.0
                    part[-1].weight.data *= 100.0  # so that no two places are equally sure
        model.save(str(folder / f"{name}.pt"))
    return folder


@pytest.fixture
def opened(weights, monkeypatch):
    def detector(name, prompt=""):
        monkeypatch.setenv("PANSCAN_MODELS_DIR", str(weights))
        monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", f"{name}.pt")
        monkeypatch.setenv("PANSCAN_OBJECTS_PROMPT", prompt)
        return signal.selected_object_weights(models_of_environment()).load_detector()

    return detector


PICTURE = np.random.default_rng(3).integers(0, 256, (96, 160, 3), np.uint8)


@pytest.mark.parametrize("name", ["yolov8n", "yolo11n"])
def test_torch_and_our_own_decoder_see_the_same(name, opened, weights, library):
    import torch

    found = opened(name).detect(PICTURE)
    assert len(found.score) >= 3 and np.all(np.diff(found.score) <= 0) and {0, 16} <= set(found.class_id.tolist())
    canvas, scale, left, top = letterbox(PICTURE, (160, 96))
    network = library.YOLO(str(weights / f"{name}.pt")).model.eval()
    with torch.no_grad():
        head = network(torch.from_numpy(canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255))[0].numpy()
    ltrb, score, class_id = decode_yolo_output(head, 80, 0.25)
    ltrb = np.clip((ltrb - np.tile([left, top], 2)) / scale, 0, [160, 96, 160, 96])
    ours = np.concatenate([ltrb[:, :2], ltrb[:, 2:] - ltrb[:, :2]], axis=1)
    # The two drop overlapping boxes at other thresholds: the surest of each class survive both.
    for wanted in (0, 16):
        mine, theirs = np.flatnonzero(class_id == wanted), np.flatnonzero(found.class_id == wanted)
        assert ours[mine[0]] == pytest.approx(found.box[theirs[0]], abs=0.1)
        assert score[mine[0]] == pytest.approx(found.score[theirs[0]], abs=1e-3)


def test_a_movie_with_pt_weights(opened, weights, movie, monkeypatch):
    opened("yolov8n")
    ran = panscan("perceive", movie("cuts"), "-o", "-")
    assert ran.code == 0
    seen = ran.data["signals"]["objects"]  # nothing of ultralytics' own chatter is on stdout
    assert seen["available"] and len(seen["names"]) == 80 and seen["names"][16] == "dog"
    width, height = ran.data["size_px"]
    boxes = np.array(seen["box_px"])
    assert len(boxes) >= len(seen["looked"]) >= 4 and set(seen["frame"]) == set(seen["looked"])
    assert np.all(boxes[:, :2] >= 0) and np.all(boxes[:, :2] + boxes[:, 2:] <= np.array([width, height]) + 1e-6)
    row = next(r for r in panscan("doctor", "--json").data if r["part"] == "objects")
    assert row["ok"] and "80 classes" in row["detail"]


@pytest.fixture
def encoder(monkeypatch):
    """In the place of CLIP, whose weights nobody may bring: each word has its own direction, the same every time."""
    import torch

    def tokenize(words, truncate=True):
        return torch.tensor([[sum(map(ord, word))] for word in ([words] if isinstance(words, str) else words)])

    class Encoder(torch.nn.Module):
        def encode_text(self, tokens):
            rows = [np.random.default_rng(int(number)).normal(size=512) for number in tokens[:, 0]]
            return torch.from_numpy(np.array(rows, np.float32))

    clip = ModuleType("clip")
    clip.load, clip.tokenize = lambda size, device=None, download_root=None: (Encoder(), None), tokenize
    monkeypatch.setitem(sys.modules, "clip", clip)
    monkeypatch.delitem(sys.modules, "ultralytics.nn.text_model", raising=False)
    yield
    sys.modules.pop("ultralytics.nn.text_model", None)


def test_words_choose_what_is_looked_for(encoder, opened):
    detector = opened("yolov8s-world", "red car, guitar")
    found = detector.detect(PICTURE)
    assert detector.names == ("red car", "guitar") and len(found.score) and set(found.class_id.tolist()) <= {0, 1}
    assert np.all(found.box >= 0) and np.all(found.box[:, :2] + found.box[:, 2:] <= [160, 96])
    turned = opened("yolov8s-world", "guitar, red car").detect(PICTURE)
    assert turned.box == pytest.approx(found.box) and (1 - turned.class_id).tolist() == found.class_id.tolist()
    assert len(opened("yolov8s-world").names) == 80, "without words, the classes it was made for"


def test_words_without_their_encoder_are_told(opened, monkeypatch):
    monkeypatch.setitem(sys.modules, "clip", None)
    monkeypatch.delitem(sys.modules, "ultralytics.nn.text_model", raising=False)
    with pytest.raises(CapabilityError, match="cannot look for guitar") as refused:
        opened("yolov8s-world", "guitar")
    assert refused.value.why and "text encoder" in refused.value.fix and refused.value.exit_code == 4


def test_weights_that_cannot_serve_are_told(opened, weights, movie):
    with pytest.raises(CapabilityError, match="cannot look for guitar"):
        opened("yolov8n", "guitar")
    with pytest.raises(CapabilityError):
        opened("yolov8n-cls").detect(PICTURE)
    (weights / "broken.pt").write_bytes(b"not a network")
    with pytest.raises(CapabilityError, match=r"broken\.pt"):
        opened("broken")
    ran = panscan("perceive", movie("one_frame"))
    assert ran.code == 4 and "broken.pt" in ran.err and "fix:" in ran.err


def test_torch_and_torchvision_of_two_builds_are_told(opened, monkeypatch):
    detector = opened("yolov8n")

    def predict(*_, **__):
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(detector._model, "predict", predict)
    with pytest.raises(CapabilityError, match=r"yolov8n\.pt") as refused:
        detector.detect(PICTURE)
    assert "download.pytorch.org" in refused.value.fix and "nms" in refused.value.why


def test_nothing_is_fetched(opened):
    with pytest.raises(CapabilityError):
        opened("yolo12x")  # ultralytics would fetch a file of this name
    assert os.environ["YOLO_AUTOINSTALL"] == "false"
