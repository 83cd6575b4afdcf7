"""Words: only when asked for, only with a model that is here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from commandline import panscan
from panscan.errors import CapabilityError
from panscan.model.request import Models
from panscan.perceive.signals.words import WordsSignal


def word(start: float, end: float, text: str) -> SimpleNamespace:
    return SimpleNamespace(start=start, end=end, word=text)


def test_nobody_asked():
    signal = WordsSignal(None)
    signal.hear(np.zeros(160, np.float32))
    value = signal.finish()
    assert signal.idle and len(value.text) == len(value.start_s) == 0


def test_words_keep_their_times(monkeypatch):
    heard = {}

    class Model:
        def __init__(self, name, **options):
            heard.update(name=name, **options)

        def transcribe(self, samples, **options):
            heard.update(samples=len(samples), **options)
            said = [word(0.5, 0.8, " Good"), word(0.9, 1.4, " morning.")]
            return iter([SimpleNamespace(words=said), SimpleNamespace(words=None)]), None

    monkeypatch.setattr("faster_whisper.WhisperModel", Model)
    signal = WordsSignal(None, models=Models(words="small"))
    assert not signal.idle
    for _ in range(3):
        signal.hear(np.zeros(1000, np.float32))
    value = signal.finish()
    assert value.text.tolist() == ["Good", "morning."]
    assert value.start_s.tolist() == [0.5, 0.9] and value.end_s.tolist() == [0.8, 1.4]
    assert (heard["name"], heard["samples"], heard["local_files_only"], heard["word_timestamps"]) == (
        "small",
        3000,
        True,
        True,
    )


@pytest.mark.parametrize("model", ["tiny", "no-such-size"])
def test_a_model_that_is_not_here_is_said_and_not_fetched(model, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path), raising=False)
    signal = WordsSignal(None, models=Models(words=model))
    signal.hear(np.zeros(16000, np.float32))
    with pytest.raises(CapabilityError) as caught:
        signal.finish()
    assert caught.value.exit_code == 4 and model in caught.value.what and caught.value.fix


def test_the_command_says_what_is_missing(movie, tmp_path):
    ran = panscan("perceive", movie("cuts"), "--words", str(tmp_path / "nothing"))
    assert ran.code == 4 and "Whisper" in ran.err and "fix:" in ran.err
