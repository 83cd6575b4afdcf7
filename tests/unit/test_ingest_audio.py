"""Sound on the clock of the picture."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

import media
from panscan import ingest
from panscan.ingest.media.audio import SAMPLE_RATE_HZ

RISE_S = 1.2


def samples(path):
    blocks = list(ingest.mono_blocks(ingest.probe(path)))
    assert all(block.dtype == np.float32 and block.ndim == 1 for block in blocks)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def tone_hz(sound):
    return np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE_HZ / len(sound)


def test_a_tone_keeps_its_pitch_level_and_length(movie):
    sound = samples(movie("position_coded"))
    assert len(sound) == pytest.approx(48 / 25 * SAMPLE_RATE_HZ, abs=1100)
    assert tone_hz(sound) == pytest.approx(440, abs=1)
    assert np.abs(sound).max() == pytest.approx(0.3, abs=0.02)


def _with_knock(path, monkeypatch, *, at_s, **clip):
    """A clip whose sound is silent until `at_s` on the file's clock."""

    def knock(container, stream, seconds, tone_hz):
        sound = np.zeros(round(seconds * media.AUDIO_HZ), np.float32)
        start = round(at_s * media.AUDIO_HZ)
        sound[start:] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(sound) - start) / media.AUDIO_HZ)
        for first in range(0, len(sound), 1024):
            block = sound[first : first + 1024]
            frame = media.av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = media.AUDIO_HZ, first, Fraction(1, media.AUDIO_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    monkeypatch.setattr(media, "fill_tone", knock)
    return media.write_clip(path, **clip)


@pytest.mark.parametrize("delay_s", [Fraction(0), Fraction(1, 25), Fraction(4, 5)])
def test_sample_0_sounds_with_the_first_picture(delay_s, tmp_path, monkeypatch):
    path = _with_knock(tmp_path / "knock.mp4", monkeypatch, at_s=RISE_S, delay_s=delay_s, pts=range(50))
    sound = samples(path)
    heard = np.flatnonzero(np.abs(sound) > 0.1)[0] / SAMPLE_RATE_HZ
    assert heard == pytest.approx(RISE_S - float(delay_s), abs=0.005)


def test_sound_that_starts_late_is_preceded_by_silence(tmp_path):
    # Matroska keeps the offset of a stream that starts late.
    path = tmp_path / "late_sound.mkv"
    media.write_clip(path, pts=range(-20, 30))
    probed = ingest.probe(path)
    shift = probed.audio[0].start_s - probed.video.start_s
    sound = np.concatenate(list(ingest.mono_blocks(probed)))
    assert float(shift) == pytest.approx(0.8, abs=0.05)
    silent = round(float(shift) * SAMPLE_RATE_HZ)
    assert not sound[: silent - 50].any()
    assert np.abs(sound[silent + 400 :]).max() > 0.2


def test_the_first_stream_is_heard(movie):
    assert tone_hz(samples(movie("two_audio"))) == pytest.approx(880, abs=2)


def test_a_silent_movie_yields_nothing(movie):
    assert samples(movie("silent")).size == 0


def test_sound_that_breaks_simply_ends(movie, tmp_path):
    whole = movie("cuts")
    probed = ingest.probe(whole)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(whole.read_bytes())
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2 : len(content) - 4000] = bytes(len(content) - 4000 - len(content) // 2)
    damaged.write_bytes(content)
    blocks = list(ingest.mono_blocks(dataclasses.replace(probed, path=str(damaged))))
    assert sum(map(len, blocks)) <= 2.2 * SAMPLE_RATE_HZ
