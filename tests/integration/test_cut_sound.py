"""The movie of a cut sounds as the cut says, and the verifier hears where one does not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import cut_sounds
import media
import tones
from cut_sounds import Manner
from panscan.ingest.media.probe import probe
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.flatten import renderable_cut
from panscan.verify import Verdict, verify
from panscan.verify.checks.sound import check_sound
from panscan.verify.expectation import Expectation

QUICK = RenderSettings(preset="ultrafast", crf=20, audio_bit_rate=192_000)
RATE_HZ = tones.RATE_HZ


@dataclass
class Stage:
    footage: cut_sounds.Footage
    expectation: Expectation
    movie: Path
    notes: tuple[str, ...]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut")
    made = cut_sounds.footage(folder)
    timeline = cut_sounds.timeline(made)
    result = render(timeline, folder=folder, output=folder / "cut.mp4", settings=QUICK)
    expectation = Expectation(renderable_cut(timeline, folder=folder))
    yield Stage(made, expectation, folder / "cut.mp4", result.notes)
    expectation.close()


def model(music_db=cut_sounds.MUSIC_DB):
    """What the cut sounds like, worked out apart from all code: array (samples, 2)."""
    count = cut_sounds.FRAMES * RATE_HZ // 25
    at_s = np.arange(count) / RATE_HZ
    first, second = (cut_sounds.voice(seed, 6.0) for seed in (1, 2))
    result = np.zeros((count, 2))
    end = 110 * RATE_HZ // 25
    result[:end] += first[:end] * np.clip((4.4 - at_s[:end]) / 0.5, 0, 1)[:, None]
    start = 80 * RATE_HZ // 25
    result[start:] += second[RATE_HZ // 5 : RATE_HZ // 5 + count - start]
    level = 10 ** (np.interp(at_s, [3, 3.5], [music_db, music_db - 4]) / 20)
    level *= np.clip(at_s, 0, 1) * np.clip(8 - at_s, 0, 1)
    return result + cut_sounds.music(1, 10.0)[:count] * level[:, None]


def loss_db(heard, wanted):
    """Level of what differs beside what is wanted."""
    count = min(len(heard), len(wanted))
    difference = heard[:count] - wanted[:count]
    return 10 * np.log10(np.mean(difference**2) / np.mean(wanted[:count] ** 2))


def test_the_movie_sounds_as_the_cut_says(stage):
    assert stage.notes == ()
    heard, wanted = cut_sounds.heard(stage.movie), model()
    assert abs(len(heard) - len(wanted)) <= 2048
    assert loss_db(heard, wanted) < -12, "AAC leaves noise; a part that is missing or late leaves more"
    for first in range(0, len(wanted) - RATE_HZ, RATE_HZ):
        assert loss_db(heard[first : first + RATE_HZ], wanted[first : first + RATE_HZ]) < -9, first / RATE_HZ


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_it_sounds_alike_in_every_container_and_made_in_parts(stage, tmp_path, suffix):
    output = tmp_path / f"cut{suffix}"
    settings = RenderSettings(preset="ultrafast", crf=20, audio_bit_rate=192_000, jobs=2)
    render(cut_sounds.timeline(stage.footage), folder=tmp_path, output=output, settings=settings)
    assert loss_db(cut_sounds.heard(output), model()) < -12
    assert check_sound(output, stage.expectation, Fraction(0)).grade == "pass"


def test_the_movie_is_verified(stage):
    report = verify(stage.movie, cut_sounds.timeline(stage.footage), folder=stage.footage.folder)
    assert report["sound"].grade == "pass" and report.verdict is not Verdict.REJECTED, report.to_text()


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner(late_frames=1), "'talk2'"),
        (Manner(late_frames=-1), "'talk2'"),
        (Manner(late_frames=5), "'talk2'"),
        (Manner(music_db=None), "'music'"),
        (Manner(music="other.wav"), "'music'"),
        (Manner(music_db=cut_sounds.MUSIC_DB + 2.5), "'music' is +"),
        (Manner(voice_db=-2.5), "'talk2' is -"),
        (Manner(fade_s=Fraction(0)), "'music'"),
        (Manner(pan=-1.0), "'talk2'"),
    ],
    ids=str,
)
def test_another_sound_than_the_cuts_is_rejected(stage, tmp_path, manner, words):
    output = tmp_path / "faulty.mp4"
    render(cut_sounds.timeline(stage.footage, manner), folder=tmp_path, output=output, settings=QUICK)
    finding = check_sound(output, stage.expectation, Fraction(0))
    assert finding.grade == "fail" and words in finding.what, finding.what


def sounding(stage, target, samples, codec="aac", bit_rate=192_000, layout="stereo"):
    """The movie's pictures with other sound."""
    with av.open(str(stage.movie)) as source, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        sound = tones.sound_stream(out, RATE_HZ, layout, codec, bit_rate)
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        tones.fill_sound(out, sound, samples, RATE_HZ, layout)
    return target


@pytest.mark.parametrize(
    ("suffix", "codec", "bit_rate"),
    [
        (".mp4", "aac", 96_000),
        (".mkv", "libopus", 96_000),
        (".mkv", "mp2", 192_000),
        (".mkv", "libmp3lame", 128_000),
        (".mov", "pcm_s16le", 0),
    ],
)
@pytest.mark.parametrize("level_db", [0, -30])
def test_honest_sound_of_any_codec_is_no_fault(stage, tmp_path, suffix, codec, bit_rate, level_db):
    quiet = {"gain_db": level_db}
    timeline = cut_sounds.timeline(stage.footage, Manner(voice_db=level_db, music_db=level_db + cut_sounds.MUSIC_DB))
    timeline.tracks[1][0].metadata["panscan"]["sound"].update(quiet)
    cut = renderable_cut(timeline, folder=tmp_path)
    samples = model() * 10 ** (level_db / 20)
    expectation = Expectation(cut)
    try:
        finding = check_sound(
            sounding(stage, tmp_path / f"made{suffix}", samples, codec, bit_rate), expectation, Fraction(0)
        )
    finally:
        expectation.close()
    assert finding.grade == "pass", finding.what


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x * 0, "silent"),
        (lambda x: np.pad(x, ((2880, 0), (0, 0)))[: len(x)], "+60 ms"),
        (lambda x: x[:, ::-1], "'music'"),
        (lambda x: x * 1.3, "+2."),
        (lambda x: np.concatenate([x[: 5 * RATE_HZ], x[5 * RATE_HZ :] * 0]), "silent"),
        (lambda x: x + np.repeat(cut_sounds.voice(9, 8.0)[:, :1], 2, axis=1) * 1.5, "something else"),
    ],
    ids=["silent", "late", "sides swapped", "loud", "ends early", "somebody else talks"],
)
def test_changed_sound_is_rejected(stage, tmp_path, change, words):
    finding = check_sound(sounding(stage, tmp_path / "made.mp4", change(model())), stage.expectation, Fraction(0))
    assert finding.grade == "fail" and words in finding.what, finding.what


def whole(source):
    return build_timeline(source, [(Shot(0, source.frame_count), cut_sounds.still(source))], name="whole", recipe={})


def test_untouched_sound_is_copied_and_replaced_sound_is_not(stage, tmp_path):
    timeline = whole(stage.footage.first)
    assert render(timeline, folder=tmp_path, output=tmp_path / "a.mov", settings=QUICK).sound == "copied"
    timeline.tracks[1][:] = [cut_sounds.sound_clip(stage.footage.music, 0, 150)]
    result = render(timeline, folder=tmp_path, output=tmp_path / "b.mov", settings=QUICK)
    assert result.sound == "encoded"
    assert loss_db(cut_sounds.heard(tmp_path / "b.mov"), cut_sounds.music(1, 10.0)[: 6 * RATE_HZ]) < -12
    assert verify(tmp_path / "b.mov", timeline, folder=tmp_path)["sound"].grade == "pass"
    assert verify(tmp_path / "a.mov", timeline, folder=tmp_path)["sound"].grade == "fail"


def test_removed_sound_is_no_sound(stage, tmp_path):
    timeline = whole(stage.footage.first)
    timeline.tracks.pop(1)
    result = render(timeline, folder=tmp_path, output=tmp_path / "a.mov", settings=QUICK)
    assert result.sound == "none"
    assert result.notes == ("no sound clip of the timeline is heard: the movie has no sound",)
    with av.open(str(tmp_path / "a.mov")) as made:
        assert not made.streams.audio
    assert verify(tmp_path / "a.mov", timeline, folder=tmp_path)["sound"].grade == "pass"
    kept = render(whole(stage.footage.first), folder=tmp_path, output=tmp_path / "b.mov", settings=QUICK)
    assert kept.sound == "copied"
    assert verify(tmp_path / "b.mov", timeline, folder=tmp_path)["sound"].grade == "fail"


def test_a_varying_rate_keeps_its_times_under_new_sound(tmp_path):
    source = probe(media.vfr(tmp_path / "phone.mp4"))
    timeline = whole(source)
    music = cut_sounds.write_music(tmp_path / "music.wav", 3, 3)
    rate = source.video.rate
    timeline.tracks[1][:] = [cut_sounds.sound_clip(music, 0, round(source.frame_count / rate * 25))]
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4", settings=QUICK)
    report = verify(tmp_path / "out.mp4", timeline, folder=tmp_path)
    assert report["timestamps"].grade == report["sound"].grade == "pass", report.to_text()
    with av.open(str(tmp_path / "out.mp4")) as made, av.open(source.path) as film:
        times = [[frame.pts * frame.time_base for frame in one.decode(video=0)] for one in (made, film)]
    assert [a - times[0][0] for a in times[0]] == [b - times[1][0] for b in times[1]]


def test_a_late_picture_keeps_new_sound_in_time(tmp_path):
    late_s = Fraction(2, 5)
    source = probe(tones.write_movie(tmp_path / "late.mov", [300, 400], 60, picture_s=late_s))
    timeline = whole(source)
    music = cut_sounds.write_music(tmp_path / "music.wav", 3, 3)
    timeline.tracks[1][:] = [cut_sounds.gap(10), cut_sounds.sound_clip(music, 0, 50)]
    render(timeline, folder=tmp_path, output=tmp_path / "out.mov", settings=QUICK)
    heard = cut_sounds.heard(tmp_path / "out.mov")
    wanted = np.pad(cut_sounds.music(3, 3.0)[: 2 * RATE_HZ], ((2 * RATE_HZ // 5, 0), (0, 0)))
    assert loss_db(heard[: len(wanted)], wanted) < -12
    assert verify(tmp_path / "out.mov", timeline, folder=tmp_path)["sound"].grade == "pass"


def test_two_languages_stay_two_streams_when_the_movie_is_cut(tmp_path):
    source = probe(media.two_audio(tmp_path / "film.mp4"))
    shots = [(Shot(2, 10), cut_sounds.still(source)), (Shot(14, 25), cut_sounds.still(source))]
    timeline = build_timeline(source, shots, name="cut", recipe={})
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4", settings=QUICK)
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert [stream.metadata["language"] for stream in made.streams.audio] == ["eng", "deu"]
    for stream, hz in enumerate((880, 440)):
        spectrum = np.abs(np.fft.rfft(cut_sounds.heard(tmp_path / "out.mp4", stream)[:30000, 0]))
        assert np.argmax(spectrum) * RATE_HZ / 30000 == pytest.approx(hz, abs=3)
    assert verify(tmp_path / "out.mp4", timeline, folder=tmp_path)["sound"].grade == "pass"


def test_missing_and_unplayable_sounds_are_silent_and_told(stage, tmp_path):
    timeline = cut_sounds.timeline(stage.footage, Manner(music="gone.wav"))
    timeline.tracks[2][1].effects.append(otio.schema.LinearTimeWarp(time_scalar=-1.0))
    timeline.tracks.append(cut_sounds.sound_track("A4", cut_sounds.sound_clip(stage.footage.music, 0, 50, stream=3)))
    output = tmp_path / "out.mp4"
    result = render(timeline, folder=tmp_path, output=output, settings=QUICK)
    assert result.notes == (
        "1 sound clip(s) played backwards or at a changing or extreme speed are silent: talk2",
        "1 sound clip(s) are silent, their files are missing: gone.wav",
        "1 sound clip(s) are silent, their files have no such sound: music",
    )
    finding = verify(output, timeline, folder=tmp_path)["sound"]
    assert finding.grade == "flag" and "gone.wav" in finding.what


@pytest.mark.parametrize("speed", [0.5, 25 / 24, 2.0])
def test_retimed_sound_is_heard_and_its_level_is_checked(stage, tmp_path, speed):
    timeline = cut_sounds.timeline(stage.footage)
    del timeline.tracks[3]
    timeline.tracks[2][1].effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    timeline.tracks[2][1].source_range = cut_sounds.time_range(5, 60)
    output = tmp_path / "out.mp4"
    render(timeline, folder=tmp_path, output=output, settings=QUICK)
    assert verify(output, timeline, folder=tmp_path)["sound"].grade == "pass"
    expectation = Expectation(renderable_cut(timeline, folder=tmp_path))
    silent = timeline.deepcopy()
    silent.tracks[2][1].enabled = False
    render(silent, folder=tmp_path, output=output, settings=QUICK)
    try:
        assert check_sound(output, expectation, Fraction(0)).grade == "fail"
    finally:
        expectation.close()
