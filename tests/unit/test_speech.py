"""Speech: the curve does not hang on how the sound is cut up, and segments begin and end where speech does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from panscan import ingest
from panscan.errors import CapabilityError
from panscan.model.perception import Speech as Value
from panscan.perceive.signals import speech
from panscan.perceive.signals.speech import SpeechSignal, speech_segments

STEP_S = 0.032


def heard(sound, block):
    signal = SpeechSignal(None)
    for start in range(0, len(sound), block):
        signal.hear(sound[start : start + block].astype(np.float32))
    return signal.finish()


@pytest.fixture(scope="module")
def voice(talk):
    return np.concatenate(list(ingest.mono_blocks(ingest.probe(talk))))


def test_the_turns_of_the_talk_are_found(talk, voice):
    found = heard(voice, 1024)
    assert found.step_s == STEP_S and len(found.probability) == -(-len(voice) // 512)
    turns = json.loads(talk.with_suffix(".truth.json").read_text())["source_truth"]["turns"]
    for start_s, end_s in (turn["t"] for turn in turns):
        assert np.abs(found.segment_start_s - start_s).min() < 0.15
        assert np.abs(found.segment_end_s - end_s).min() < 0.15
    assert found.speaking(1.5) and not found.speaking(3.9) and found.speaking(3.9, within_s=0.4)


def test_it_is_what_the_library_says_in_one_piece(voice):
    from faster_whisper.vad import get_vad_model

    whole = voice[: len(voice) // 512 * 512].copy()
    theirs = get_vad_model()(whole.copy()).reshape(-1)
    # Its wrapper wipes the end of the last step.
    assert np.allclose(heard(whole, 4800).probability[:-1], theirs[:-1], atol=1e-4)


def test_how_the_blocks_are_cut_does_not_matter(voice):
    loop = np.tile(voice[: 5 * 16000], 3)
    curves = [heard(loop, size).probability for size in (len(loop), 512, 1601)]
    assert all(np.array_equal(curves[0], other) for other in curves[1:])


def test_little_sound_waits_in_memory(voice):
    signal = SpeechSignal(None)
    for _ in range(20):
        signal.hear(voice[:16000])
        assert sum(len(block) for block in signal._waiting) < 9 * 16000


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_what_is_no_speech(kind):
    time_s = np.arange(3 * 16000) / 16000
    sound = {
        "silence": np.zeros(len(time_s)),
        "noise": np.random.default_rng(3).normal(0, 0.1, len(time_s)),
        "tone": 0.3 * np.sin(2 * np.pi * 220 * time_s),
    }[kind]
    assert len(heard(sound, 4096).segment_start_s) == 0


def test_no_sound_at_all():
    found = SpeechSignal(None).finish()
    assert len(found.probability) == len(found.segment_start_s) == 0
    assert not found.speaking(1.0, within_s=5.0)


def curve(text):
    """One letter per step: S speech, - silence, ? neither."""
    return np.array([{"S": 0.9, "-": 0.05, "?": 0.4}[letter] for letter in text.replace(" ", "")])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("-" * 20, []),
        ("--" + 20 * "S" + 20 * "-", [(2, 22)]),
        ("--" + 20 * "S" + 5 * "-" + 20 * "S" + 20 * "-", [(2, 47)]),
        ("--" + 20 * "S" + 12 * "-" + 20 * "S" + 20 * "-", [(2, 22), (34, 54)]),
        ("--" + 20 * "S" + 30 * "?" + 20 * "S", [(2, 72)]),
        (40 * "S", [(0, 40)]),
        ("?" * 40, []),
    ],
    ids=["none", "one", "short pause", "long pause", "doubt goes on", "to the end", "doubt does not begin"],
)
def test_segments(steps, expected):
    start, end = speech_segments(curve(steps), STEP_S, len(steps) * STEP_S)
    assert len(start) == len(expected)
    for found, (first, last) in zip(zip(start, end, strict=True), expected, strict=True):
        assert found[0] == pytest.approx(max(0, first * STEP_S - 0.03))
        assert found[1] == pytest.approx(min(len(steps) * STEP_S, last * STEP_S + 0.03))


def test_speaking_looks_around():
    value = Value(curve("----S----"), np.zeros(0), np.zeros(0))
    assert [value.speaking(step * STEP_S + 0.01) for step in range(9)] == [step == 4 for step in range(9)]
    assert value.speaking(0.0, within_s=0.13) and not value.speaking(0.0, within_s=0.1)
    assert not value.speaking(4 * STEP_S + 0.01, above=0.95)
    assert not value.speaking(99.0, within_s=1.0)


def test_a_damaged_library_is_named(monkeypatch):
    import faster_whisper.vad

    def missing():
        raise FileNotFoundError("silero_vad_v6.onnx")

    monkeypatch.setattr(faster_whisper.vad, "get_vad_model", missing)
    with pytest.raises(CapabilityError, match="speech cannot be detected"):
        speech.load_voice_activity_model()
