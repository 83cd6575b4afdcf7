"""Weights of the speaker network: nothing but known numbers is read, whatever a file asks for."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest

import asd_weights
from panscan.errors import CapabilityError
from panscan.perceive.speaking.asd import weights
from panscan.request.options import models_of_environment


class Hostile:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


SMALL = {
    "a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "a.count": np.array(5, np.int64),
    "a.bias": np.zeros(0, np.float32),
}


def test_arrays_come_back_bit_by_bit(tmp_path):
    found = weights.read_state_dict(asd_weights.write(tmp_path / "small.model", SMALL))
    assert found.keys() == SMALL.keys()
    for name, value in SMALL.items():
        assert found[name].shape == value.shape and np.array_equal(found[name], value), name


@pytest.mark.parametrize("call", [os.system, eval, print, os.getcwd, getattr, bytearray])
def test_a_call_to_anything_else_is_refused(call, tmp_path):
    path = asd_weights.write(tmp_path / "evil.model", SMALL, extra=Hostile(call, f"touch {tmp_path / 'done'}"))
    with pytest.raises(CapabilityError, match="it asks for"):
        weights.read_state_dict(path)
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"first": 1},
        {"first": -1},
        {"shape": (2, 3, 5)},
        {"shape": (-2, 3, 4)},
        {"stride": (1, 2, 6)},
        {"stride": (0, 0, 0)},
        {"count_off": 1},
        {"key": "../../etc/passwd"},
        {"key": "99"},
    ],
    ids=lambda changed: "-".join(map(str, changed)),
)
def test_tensors_stay_in_their_storage(changed, tmp_path):
    path = asd_weights.write(tmp_path / "bad.model", {"a.weight": SMALL["a.weight"]}, **changed)
    with pytest.raises(CapabilityError, match="cannot be read"):
        weights.read_state_dict(path)


def test_too_much_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.model"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(65 * 2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(CapabilityError, match="unpacks to more"):
        weights.read_state_dict(path)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_damaged_files(content, tmp_path):
    path = tmp_path / "damaged.model"
    path.write_bytes(content)
    with pytest.raises(CapabilityError, match="Fetch the file again"):
        weights.read_state_dict(path)


def test_no_weights_are_chosen_unless_named(monkeypatch):
    monkeypatch.delenv("PANSCAN_SPEAKER_MODEL", raising=False)
    assert weights.selected_speaker_weights(models_of_environment()) is None
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", "none")
    assert weights.selected_speaker_weights(models_of_environment()) is None


def test_unknown_weights_are_refused(monkeypatch, tmp_path):
    path = asd_weights.write(tmp_path / "other.model", SMALL)
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", str(path))
    with pytest.raises(CapabilityError, match="not known"):
        weights.selected_speaker_weights(models_of_environment())
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", str(tmp_path / "nothing.model"))
    with pytest.raises(CapabilityError, match="neither a file"):
        weights.selected_speaker_weights(models_of_environment())


@pytest.mark.parametrize(
    ("file", "side", "down"), [("lr_asd_pretrain_AVA", 1.05, 0.0), ("lr_asd_finetuning_TalkSet", 0.78, 0.22)]
)
def test_the_published_weights_are_known_by_their_content(file, side, down, shared_models, monkeypatch):
    path = shared_models / f"{file}.model"
    if not path.is_file():
        pytest.skip(f"no {path.name} in ../shared/models")
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", str(path))
    found = weights.selected_speaker_weights(models_of_environment())
    assert (found.face_crop.side_in_faces, found.face_crop.centre_offset_down_in_faces) == (side, down)
    state = weights.read_state_dict(path)
    assert {name: value.shape for name, value in state.items()} == asd_weights.shapes()
