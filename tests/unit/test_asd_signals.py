"""The speaker network as signals: empty unless chosen, and each look at a face gets its own verdict."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import asd_weights
from panscan import ingest
from panscan.model.geometry import Size
from panscan.model.perception import Cepstrum as CepstrumValue
from panscan.model.perception import Speech
from panscan.perceive.cache import signal_key
from panscan.perceive.observe import observe
from panscan.perceive.speaking.asd import mfcc, signals, weights
from panscan.perceive.speaking.asd.network import CHUNK_FACES, FACE_PX
from panscan.perceive.speaking.speaker import estimate_speakers
from panscan.request.options import models_of_environment

MEDIA = SimpleNamespace(video=SimpleNamespace(rate=Fraction(25), display_size=Size(1280, 720)))
BOXES = np.array([[100, 100, 80, 80], [600, 100, 80, 80.0]])


@pytest.fixture
def chosen(tmp_path, monkeypatch):
    """A file of random weights that passes for known ones."""
    path = asd_weights.write(tmp_path / "random.model", asd_weights.random_state())
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", str(path))
    monkeypatch.setattr(weights, "_sha256", lambda *_: "0" * 64)
    monkeypatch.setitem(weights.KNOWN_WEIGHTS, "0" * 64, weights.FaceCropSpec("random", 1.05, 0.0))


@pytest.fixture
def sound():
    return np.random.default_rng(2).normal(0, 0.1, 50_000).astype(np.float32)


def heard(sound, block):
    signal = signals.CepstrumSignal(MEDIA, models=models_of_environment())
    for start in range(0, len(sound), block):
        signal.hear(sound[start : start + block])
    return signal.finish().coefficient


def test_without_weights_nothing_is_measured(monkeypatch, sound):
    monkeypatch.delenv("PANSCAN_SPEAKER_MODEL", raising=False)
    assert heard(sound, 1000).shape == (0, 13)
    signal = signals.ActiveSpeakerSignal(MEDIA, models=models_of_environment())
    signal.see(SimpleNamespace(frame=0))
    assert len(signal.finish().looked) == 0


def test_the_choice_of_weights_is_part_of_the_key(monkeypatch, chosen):
    kinds = {"asd": signals.ActiveSpeakerSignal, "cepstrum": signals.CepstrumSignal}
    with_weights = {name: signal_key(name, kind, models=models_of_environment()) for name, kind in kinds.items()}
    monkeypatch.delenv("PANSCAN_SPEAKER_MODEL")
    assert all(
        signal_key(name, kind, models=models_of_environment()) != with_weights[name] for name, kind in kinds.items()
    )


def test_how_the_blocks_are_cut_does_not_matter(chosen, sound):
    whole = heard(sound, len(sound))
    assert len(whole) == -(-len(sound) // mfcc.HOP_SAMPLES)
    inner = mfcc.mfcc(sound)
    assert np.allclose(whole[: len(inner)], inner, atol=1e-4)
    for block in (777, 16000):
        assert np.allclose(heard(sound, block), whole, atol=1e-4)


class Runs:
    """Stands for the network: says how bright a face is, and remembers what it was given."""

    def __init__(self, state):
        self.given = []

    def speaking_logits(self, faces, cepstrum):
        self.given.append((len(faces), cepstrum))
        return faces[:, 0, 0].astype(float)


def measured(monkeypatch, frames, boxes_at=lambda frame: BOXES, levels=lambda frame: (10, 200)):
    made = []
    monkeypatch.setattr(signals, "LrAsdNetwork", lambda state: made.append(Runs(state)) or made[-1])
    signal = signals.ActiveSpeakerSignal(MEDIA, models=models_of_environment())
    cepstrum = np.tile(np.arange(2000, dtype=np.float32)[:, None], 13)
    speech = Speech(np.ones(1000), np.zeros(0), np.zeros(0))
    faces = SimpleNamespace(at=boxes_at)
    signal.consult({"faces": faces, "speech": speech, "cepstrum": CepstrumValue(cepstrum)})
    for frame in frames:

        def luma(box, side, frame=frame):
            assert side == FACE_PX and box[2] == pytest.approx(1.05 * 80)
            return np.full((side, side), levels(frame)[int(box[0] > 400)], np.uint8)

        signal.see(SimpleNamespace(frame=frame, luma=luma))
    return signal.finish(), (made[0].given if made else [])


def test_each_look_at_a_face_is_judged(chosen, monkeypatch):
    found, given = measured(monkeypatch, range(120))
    assert found.looked.tolist() == list(range(120))
    assert found.frame.tolist() == np.repeat(np.arange(120), 2).tolist()
    left = found.box_px[:, 0] < 400
    assert set(found.logit[left]) == {10} and set(found.logit[~left]) == {200}
    assert [count for count, _ in given] == [CHUNK_FACES, CHUNK_FACES, CHUNK_FACES, CHUNK_FACES, 20, 20]
    # Sound and picture start together: four rows a face.
    assert [rows[0, 0] for _, rows in given] == [0, 0, 200, 200, 400, 400]
    assert all(len(rows) == 4 * count for count, rows in given)


def test_missing_pictures_are_filled_and_a_pause_begins_anew(chosen, monkeypatch):
    frames = [*range(0, 20, 3), *range(60, 80)]
    found, given = measured(monkeypatch, frames, levels=lambda frame: (frame, 0))
    assert [count for count, _ in given] == [19, 19, 20, 20]
    left = found.box_px[:, 0] < 400
    assert found.logit[left].tolist() == frames and found.frame[left].tolist() == frames


def test_too_few_looks_say_nothing(chosen, monkeypatch):
    found, given = measured(monkeypatch, range(4))
    assert not given and len(found.frame) == 0 and len(found.looked) == 4


def test_one_face_is_not_judged(chosen, monkeypatch):
    found, given = measured(monkeypatch, range(40), boxes_at=lambda frame: BOXES[:1])
    assert not given and len(found.looked) == 0


def test_sound_that_ends_early_is_silence(chosen, monkeypatch):
    _, given = measured(monkeypatch, range(490, 520))
    assert given[0][0] == 30 and given[0][1][39, 0] == 1999 and not given[0][1][40:].any()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_network_decides_between_faces_that_move_alike(sign):
    rng = np.random.default_rng(8)
    moved = np.tile(rng.gamma(1, 0.004, (300, 1)), 2)
    logit = np.tile(sign * np.array([2.0, -2.0]), (300, 1))
    steps = np.ones((300, 2), bool)
    probability, elsewhere = estimate_speakers(moved, rng.gamma(1, 0.1, 300), steps, np.ones(300, bool), logit)
    assert np.all(probability.argmax(axis=1) == (0 if sign > 0 else 1)) and elsewhere.max() < 0.5


def test_the_network_reads_faces_whose_lips_are_not_found():
    unseen = np.full((300, 2), np.nan)
    logit = np.tile(np.array([-2.0, 2.0]), (300, 1))
    probability, _ = estimate_speakers(unseen, np.ones(300), np.ones((300, 2), bool), np.ones(300, bool), logit)
    assert np.all(probability[:, 1] > 0.9) and np.all(probability[:, 0] < 0.1)
    nobody, elsewhere = estimate_speakers(
        unseen, np.ones(300), np.ones((300, 2), bool), np.ones(300, bool), -np.abs(logit)
    )
    assert nobody.max() < 0.1 and elsewhere.min() > 0.8


def test_the_published_weights_on_the_talk(talk, shared_models, monkeypatch):
    from make_samples import RATE
    from talking_heads import Heads, taking_turns, voice

    path = shared_models / "lr_asd_pretrain_AVA.model"
    if not path.is_file():
        pytest.skip(f"no {path.name} in ../shared/models")
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", str(path))
    source = Heads(taking_turns(voice(), lambda time_s: 0.6, 3.5), 6.0, every=1)
    names = ["faces", "speech", "cepstrum", "asd"]
    found = observe(ingest.probe(talk), source, signals=names, models=models_of_environment()).signals["asd"]
    left = found.box_px[:, 0] < 640
    first = found.frame < 3.0 * RATE
    assert found.logit[left & first].mean() > found.logit[~left & first].mean() + 0.5
    last = found.frame > 4.3 * RATE
    assert found.logit[~left & last].mean() > found.logit[left & last].mean() + 0.5
