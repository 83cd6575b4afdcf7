"""The mix of a cut's sounds, sample by sample, against what each clip should add to it."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tones
from panscan.render.sound import mix as mix_module
from panscan.render.sound.files import SoundFiles
from panscan.render.sound.mix import Mix, joined
from panscan.timeline.sound import Fade
from tones import RATE_HZ, sound_clip

# Half a sample beside its place changes a tone of 1 kHz by 0.0065: clips start between two samples.
TOLERANCE = 0.008
FRAME_S = Fraction(1001, 30000)


def mixed(sounds, length_s, layout="stereo"):
    mix = Mix(sounds, SoundFiles(), layout, Fraction(length_s))
    return np.concatenate(list(mix.blocks())), list(mix.notes())


def worst(samples, wanted):
    return float(np.abs(samples - wanted).max())


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """Media by name: their path, the tones of their channels, and what they play at the first picture."""
    folder = tmp_path_factory.mktemp("tones")
    late_s = Fraction(2, 5)
    return {
        "camera": (tones.write_movie(folder / "camera.mov", [300, 410], 60), [300, 410], 0.0),
        "late": (tones.write_movie(folder / "late.mov", [550, 220], 60, picture_s=late_s), [550, 220], float(late_s)),
        "voice": (tones.write_movie(folder / "voice.mov", [700], 60), [700], 0.0),
        "music": (tones.write_sound(folder / "music.wav", [900, 130], 4), [900, 130], 0.0),
        "cd": (tones.write_sound(folder / "cd.wav", [350, 480], 4, rate_hz=44100), [350, 480], 0.0),
    }


@st.composite
def clips(draw):
    """A clip of any media: where it lies in the record and in its media, both in frames, and its manner."""
    start, count = draw(st.integers(0, 45)), draw(st.integers(1, 40))
    fade = st.builds(Fade, st.integers(0, 12).map(lambda n: n * FRAME_S), st.sampled_from(["linear", "equal-power"]))
    own = {
        "pan": draw(st.sampled_from([0.0, 0.0, -1.0, 0.5])),
        "channels": draw(st.sampled_from([(), (), (0,), (1,)])),
        "gain": draw(st.sampled_from([(), ((Fraction(0), -6.0),), ((Fraction(1, 5), 0.0), (Fraction(1, 2), -12.0))])),
        "fade_in": draw(fade),
        "fade_out": draw(fade),
        "track": draw(st.integers(0, 3)),
    }
    name = draw(st.sampled_from(["camera", "late", "voice", "music", "cd"]))
    return name, start * FRAME_S, (start + count) * FRAME_S, draw(st.integers(0, 15)) * FRAME_S, own


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(clips(), min_size=1, max_size=6))
def test_every_clip_is_heard_where_and_as_loud_as_the_cut_says(footage, cut):
    sounds, wanted = [], 0
    length_s = 70 * FRAME_S
    for name, start_s, end_s, media_s, own in cut:
        path, tones_hz, offset_s = footage[name]
        if len(tones_hz) == 1:
            own = {**own, "channels": ()}
        end_s = min(end_s, length_s)
        sounds.append(sound_clip(path, start_s, end_s, media_s, **own))
        wanted = wanted + tones.expected(sounds[-1], tones_hz, round(length_s * RATE_HZ), offset_s=offset_s)
    # Sound that was converted to another rate rings for some samples where the decoder starts.
    samples, notes = mixed(sounds, length_s)
    assert notes == []
    assert worst(samples, wanted) < TOLERANCE * len(sounds)


def test_edges_are_exact(footage):
    path, tones_hz, _ = footage["music"]
    sound = sound_clip(path, 10 * FRAME_S, 20 * FRAME_S, Fraction(1, 3))
    samples, _ = mixed([sound], 1)
    first, end = round(10 * FRAME_S * RATE_HZ), round(20 * FRAME_S * RATE_HZ)
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > 1e-6)
    assert (heard[0], heard[-1]) == (first, end - 1)
    assert worst(samples, tones.expected(sound, tones_hz, RATE_HZ)) < TOLERANCE


def test_what_the_media_lack_is_silent(footage):
    path, tones_hz, _ = footage["music"]
    samples, _ = mixed([sound_clip(path, 0, 3, 2)], 3)
    assert np.abs(samples[2 * RATE_HZ + 10 :]).max() == 0 < np.abs(samples[: 2 * RATE_HZ]).max()
    early, _ = mixed([sound_clip(path, 0, 2, -1)], 2)
    assert np.abs(early[:RATE_HZ]).max() == 0
    assert worst(early[RATE_HZ:], tones.expected(sound_clip(path, 0, 1), tones_hz, RATE_HZ)) < TOLERANCE


@pytest.mark.parametrize("speed", [Fraction(1, 4), Fraction(25, 24), Fraction(3, 2), Fraction(3)])
def test_sound_at_another_speed_keeps_its_pitch_and_length(footage, speed):
    path, _, _ = footage["music"]
    samples, notes = mixed([sound_clip(path, Fraction(1, 2), Fraction(3, 2), Fraction(1, 2), speed=speed)], 2)
    assert notes == [] and len(samples) == 2 * RATE_HZ
    sounding = samples[RATE_HZ * 3 // 4 : RATE_HZ * 5 // 4, 0]
    spectrum = np.abs(np.fft.rfft(sounding * np.hanning(len(sounding))))
    assert np.argmax(spectrum) * 2 == pytest.approx(900, abs=4)
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > 1e-4)
    assert abs(heard[0] - RATE_HZ // 2) < 48 and abs(heard[-1] - RATE_HZ * 3 // 2) < 48
    assert np.sqrt(np.mean(sounding**2)) == pytest.approx(tones.LEVEL / np.sqrt(2), rel=0.15)


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(24, 25), Fraction(2)])
def test_sound_at_another_speed_keeps_its_place(tmp_path, speed):
    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    bursts = np.where((time_s % 2 > 1) & (time_s % 2 < 1.25), tones.tone(500, time_s), 0)
    path = tones.write_samples(tmp_path / "bursts.wav", np.stack([bursts, bursts], axis=1))
    samples, _ = mixed([sound_clip(path, 0, 6 / speed, speed=speed)], 6 / speed)
    for middle_s in (1.125, 3.125, 5.125):
        first, end = (round((middle_s + beside_s) / float(speed) * RATE_HZ) for beside_s in (-0.4, 0.4))
        power = samples[first:end, 0] ** 2
        found_s = (first + np.average(np.arange(len(power)), weights=power)) / RATE_HZ
        assert abs(found_s - middle_s / float(speed)) < 0.006


def test_sound_that_runs_on_is_read_in_one_go(footage):
    path, _, _ = footage["cd"]
    parts = [sound_clip(path, n * FRAME_S, (n + 1) * FRAME_S, n * FRAME_S, name=f"shot {n}") for n in range(30)]
    assert len(joined(parts)) == 1
    cut, whole = mixed(parts, 1)[0], mixed([sound_clip(path, 0, 30 * FRAME_S)], 1)[0]
    assert np.array_equal(cut, whole)
    moved = [*parts[:10], sound_clip(path, 10 * FRAME_S, 20 * FRAME_S, 0, pan=0.5), *parts[20:]]
    assert len(joined(moved)) == 3


def test_peaks_are_cut_off_and_told(footage):
    path, _, _ = footage["music"]
    samples, notes = mixed([sound_clip(path, 0, 1, gain=((Fraction(0), 26.0),))], 1)
    assert np.abs(samples).max() == 1
    assert notes == ["the sounds together are 6.0 dB louder than a movie can hold: peaks are cut off"]
    assert mixed([sound_clip(path, 0, 1, gain=((Fraction(0), 20.3),))], 1)[1] == []


def test_a_file_that_breaks_is_silent_and_told(tmp_path):
    path = tones.write_sound(tmp_path / "gone.wav", [500], 1)
    mix = Mix([sound_clip(path, 0, 1)], (files := SoundFiles()), "mono", Fraction(1))
    assert files.stream(sound_clip(path, 0, 1))
    path.unlink()
    assert not np.concatenate(list(mix.blocks())).any()
    assert list(mix.notes()) == ["1 sound clip(s) cannot be read and are silent: gone"]


def test_files_are_open_only_while_they_are_heard(footage, monkeypatch):
    path, _, _ = footage["music"]
    opened, closed = [], []

    def read(span, downmix, damage):
        opened.append(span)
        try:
            while True:
                yield np.zeros((1000, 2), np.float32)
        finally:
            closed.append(span)

    monkeypatch.setattr(mix_module, "span_samples", read)
    sounds = [
        sound_clip(path, n * FRAME_S, (n + 1) * FRAME_S, (7 * n + track) % 50 * FRAME_S, track=track)
        for n, track in itertools.product(range(500), range(4))
    ]
    most = 0
    for _ in Mix(sounds, SoundFiles(), "stereo", 500 * FRAME_S).blocks():
        most = max(most, len(opened) - len(closed))
    assert len(opened) == len(closed) == len(joined(sounds)) > 1900 and most <= 16


@pytest.mark.parametrize(("layout", "speakers"), [("5.1", 6), ("10 channels", 10)])
def test_many_channels_stay_where_they_are(tmp_path, layout, speakers):
    hz = [200 + 50 * n for n in range(speakers)]
    path = tones.write_sound(tmp_path / "wide.mov", hz, 1, layout=layout, codec="pcm_s24le")
    samples, _ = mixed([sound_clip(path, 0, 1)], 1, layout)
    time_s = np.arange(RATE_HZ) / RATE_HZ
    assert worst(samples, np.stack([tones.tone(one, time_s) for one in hz], axis=1)) < 1e-3
    alone, _ = mixed([sound_clip(path, 0, 1, channels=(3,))], 1)
    assert worst(alone, np.sqrt(0.5) * tones.tone(hz[3], time_s)[:, None]) < 1e-3
    pair, _ = mixed([sound_clip(path, 0, 1, channels=(2, 3))], 1)
    assert worst(pair, np.stack([tones.tone(hz[2], time_s), tones.tone(hz[3], time_s)], axis=1)) < 1e-3
