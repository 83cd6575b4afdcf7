"""A finished cut through the whole of panscan: what is seen and heard of it stays, and what is wrong is found."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

import finished_cut as cut
from commandline import panscan
from faults import films

FORMATS = ("fcpxml", "xmeml", "otio-resolve", "otio-premiere", "mlt", "edl")
SUFFIXES = (".fcpxml", ".xml", ".resolve.otio", ".premiere.otio", ".mlt", ".kdenlive", ".edl", ".crops.csv")


@pytest.fixture(scope="module")
def framed(tmp_path_factory):
    """The cut, reframed to two shapes, delivered everywhere and rendered."""
    folder = tmp_path_factory.mktemp("finished")
    cut.make_media(folder)
    path = folder / "finished.otio"
    otio.adapters.write_to_file(cut.timeline(folder), str(path))
    options = [part for name in FORMATS for part in ("--to", name)]
    made = []
    for shape, canvas in (("9:16", "180x320"), ("1:1", "240x240")):
        shaped = ("-r", shape, "--canvas", canvas, "-o", folder / "out")
        ran = panscan("reframe", path, *shaped, *options, "--render", "--json")
        assert ran.code == 0, ran.err
        made += ran.data
    return folder / "out", made


def movie(framed, shape="9x16") -> Path:
    return framed[0] / f"finished.{shape}.mp4"


def decoded_sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=cut.HZ)
        first = None
        blocks = []
        for frame in container.decode(stream):
            first = frame.pts * frame.time_base if first is None else first
            blocks += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
    samples = np.concatenate(blocks)
    skip = round(-first * cut.HZ)
    return samples[skip:] if skip > 0 else np.concatenate([np.zeros(-skip, np.float32), samples])


def lag_and_level(found: np.ndarray, wanted: np.ndarray) -> tuple[int, float]:
    """How many samples `found` is late, and how much louder it is in dB."""
    product = np.fft.irfft(np.fft.rfft(found, 2 * len(found)) * np.conj(np.fft.rfft(wanted, 2 * len(found))))
    lag = int(np.argmax(product))
    lag -= 2 * len(found) if lag > len(found) else 0
    return lag, 20 * float(np.log10(np.sqrt(np.mean(found**2)) / np.sqrt(np.mean(wanted**2))))


def test_both_shapes_are_verified_and_as_long_as_the_cut(framed):
    assert [item["verdict"] for item in framed[1]] == ["VERIFIED", "VERIFIED"]
    for shape in ("9x16", "1x1"):
        with av.open(str(movie(framed, shape))) as container:
            assert sum(1 for _ in container.decode(video=0)) == cut.LENGTH
        assert abs(len(decoded_sound(movie(framed, shape))) - cut.LENGTH * cut.HZ // cut.RATE) < 2048


def test_every_second_sounds_as_it_was_cut(framed):
    found, wanted = decoded_sound(movie(framed)), cut.heard()
    for start in range(0, len(wanted) - cut.HZ // 2, cut.HZ // 2):
        part = slice(start, start + cut.HZ // 2)
        lag, louder_db = lag_and_level(found[part], wanted[part])
        assert abs(lag) <= 1 and abs(louder_db) < 0.5, (start / cut.HZ, lag, louder_db)


def test_the_dissolve_shows_both_shots_and_the_title_is_black(framed):
    with av.open(str(movie(framed))) as container:
        light = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    middle = cut.SHOTS[0][2]
    before, after = light[middle - 12], light[middle + 12]
    assert min(before, after) < light[middle] < max(before, after)
    assert max(light[-cut.TITLE :]) < 20


@pytest.mark.parametrize("shape", [0, 1])
def test_every_delivery_was_written(framed, shape):
    written = framed[1][shape]["deliveries"]
    assert [suffix for suffix in SUFFIXES if not any(path.endswith(suffix) for path in written)] == [], written


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(cut.LENGTH * cut.HZ // cut.RATE, np.float32), id="silent"),
        pytest.param(cut.heard(late=2), id="J-cut 80 ms late"),
        pytest.param(cut.heard(silent_music=True), id="music lost"),
        pytest.param(films.noise(77, cut.LENGTH / cut.RATE), id="other sound"),
    ],
)
def test_wrong_sound_is_rejected(framed, tmp_path, samples):
    wrong = films.with_sound(movie(framed), tmp_path / "wrong.mp4", samples)
    ran = panscan("verify", wrong, framed[0] / "finished.9x16.otio", "--json")
    assert ran.data["verdict"] == "REJECTED", ran.err


def test_the_right_sound_laid_anew_is_verified(framed, tmp_path):
    """The test above rejects for the sound, and not for the way in which it is put there."""
    right = films.with_sound(movie(framed), tmp_path / "right.mp4", cut.heard())
    assert panscan("verify", right, framed[0] / "finished.9x16.otio", "--json").data["verdict"] == "VERIFIED"
