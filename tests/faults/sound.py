"""Faults of the sound, planted beside pictures that are copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

import cut_sounds
import tones
from faults import films
from faults.fault import FLAGGED, Fault, Plant
from faults.kinds import Stage
from faults.remaking import resounded

# Sound that is copied from one clip, from a clip of variable rate and over several, and sound that is mixed.
KINDS = ("slow pan", "variable rate", "three shots", "dissolves")
COPIED = KINDS[:3]

Floats = npt.NDArray[np.floating]


def _encoded(change: Callable[[Floats], Floats]) -> Plant:
    """The movie's own sound, samples (n, channels), changed and encoded again."""

    def plant(s, t):
        return replace(s, movie=films.with_sound(s.movie, t, change(cut_sounds.heard(s.movie)), bit_rate=192_000))

    return plant


def _other_language(s: Stage, target: Path) -> Stage:
    first = cut_sounds.heard(s.movie) * 0.98  # so that no packet is equal
    return replace(s, movie=films.with_sound(s.movie, target, first, films.noise(3, len(first) / tones.RATE_HZ)))


def late(samples: Floats, by_s: float, since_s: float = 0.0) -> Floats:
    """The samples from a moment on so much later."""
    first, by = round(since_s * tones.RATE_HZ), round(by_s * tones.RATE_HZ)
    return np.concatenate([samples[:first], np.zeros((by, *samples.shape[1:])), samples[first:]])[: len(samples)]


def _level(samples: Floats, gain: float, start_s: float = 0.0, end_s: float = 1e9) -> Floats:
    """Another level in one part."""
    at_s = np.arange(len(samples))[:, None] / tones.RATE_HZ
    return np.where((at_s >= start_s) & (at_s < end_s), samples * gain, samples)


def _early(samples: Floats, by_s: float) -> Floats:
    by = round(by_s * tones.RATE_HZ)
    return np.pad(samples[by:], ((0, by), (0, 0)))


def _other(samples: Floats, start_s: float, end_s: float) -> Floats:
    """Something else that is as loud, in one part."""
    return np.where(_level(np.ones((len(samples), 1)), 0, start_s, end_s) == 0, samples[::-1], samples)


def _filtered(samples: Floats, kind: str, hz: float | tuple[float, float]) -> Floats:
    return np.asarray(sosfilt(butter(6, hz, kind, fs=tones.RATE_HZ, output="sos"), samples, axis=0))


def _with_hum(samples: Floats, hz: float, level_db: float) -> Floats:
    """A tone and two of its harmonics."""
    at_s = np.arange(len(samples))[:, None] / tones.RATE_HZ
    return samples + 10 ** (level_db / 20) * sum(np.sqrt(2) * np.sin(2 * np.pi * hz * n * at_s) / n for n in (1, 2, 3))


def _with_noise(samples: Floats, level_db: float) -> Floats:
    return samples + 10 ** (level_db / 20) * np.random.default_rng(7).normal(size=samples.shape)


def _at_speed(samples: Floats, speed: float) -> Floats:
    """Played so many times as fast, with another pitch."""
    numbers = np.arange(len(samples)) * speed
    return np.stack([np.interp(numbers, np.arange(len(samples)), x, right=0) for x in samples.T], axis=1)


def _clipped(samples: Floats) -> Floats:
    """Peaks cut off at two fifths of the highest."""
    most = 0.4 * np.abs(samples).max()
    return np.clip(samples, -most, most)


def _second_stream(s: Stage, target: Path) -> Stage:
    own = cut_sounds.heard(s.movie)
    return replace(s, movie=films.with_sound(s.movie, target, own, own))


def _streams(change: Callable[[list[Any]], list[Any]], label: Callable[[int, Any], None]) -> Plant:
    """Pictures and sound copied, sound streams in another order and labelled by their number."""

    def plant(s: Stage, target: Path) -> Stage:
        with av.open(str(s.movie)) as source, av.open(str(target), "w") as out:
            kept = [source.streams.video[0], *change(list(source.streams.audio))]
            made = {stream.index: out.add_stream_from_template(stream) for stream in kept}
            for number, stream in enumerate(kept[1:]):
                label(number, made[stream.index])
            for packet in source.demux(kept):
                if packet.dts is not None:
                    packet.stream = made[packet.stream.index]
                    out.mux(packet)
        return replace(s, movie=target)

    return plant


def _chosen(number: int, stream: Any) -> None:
    stream.disposition = int(number == 1)  # FFmpeg's AV_DISPOSITION_DEFAULT


SOUNDS = ("slow pan", "dissolves", "music", "film sound")
TREBLE = ("slow pan", "dissolves", "film sound")
STEREO = ("music", "film sound")
_ONE_CHANNEL, _ONE_STREAM = "others have one channel", "others have one stream"
_NO_TREBLE, _MASKED = "this music has no treble", "others are noise themselves"

FAULTS = (
    Fault(
        "sound 60 ms late",
        lambda s, t: replace(s, movie=resounded(s.movie, t, delay_s=Fraction(60, 1000))),
        "sound",
        KINDS,
    ),
    Fault("sound cut short", lambda s, t: replace(s, movie=resounded(s.movie, t, length_s=1.0)), "sound", KINDS),
    Fault("sound 60 ms late, encoded again", _encoded(lambda x: late(x, 0.06)), "sound", KINDS),
    Fault("sound 60 ms late from 0.7 s on", _encoded(lambda x: late(x, 0.06, 0.7)), "sound", KINDS),
    Fault("sound of another film", _encoded(lambda x: films.noise(2, len(x) / tones.RATE_HZ)), "sound", KINDS),
    Fault("second language of another film", _other_language, "sound", ("two languages",), why="others have one"),
    Fault("sound 3 dB louder", _encoded(lambda x: x * 1.41), "sound", KINDS),
    Fault("half a second of silence", _encoded(lambda x: _level(x, 0, 0.5, 1.0)), "sound", KINDS),
    Fault("sound 6 dB quieter in its last half second", _encoded(lambda x: _level(x, 0.5, 0.8)), "sound", KINDS),
    Fault("no sound at all, in a stream", _encoded(lambda x: 0 * x), "sound", SOUNDS),
    Fault("sound 20 ms late", _encoded(lambda x: late(x, 0.02)), "sound", SOUNDS),
    Fault("sound 20 ms early", _encoded(lambda x: _early(x, 0.02)), "sound", SOUNDS),
    Fault("sound 20 ms late from 1 s on", _encoded(lambda x: late(x, 0.02, 1.0)), "sound", SOUNDS),
    Fault("a dropout of 20 ms", _encoded(lambda x: _level(x, 0, 1.1, 1.12)), "sound", SOUNDS),
    Fault("a sixth of a second of something else", _encoded(lambda x: _other(x, 1.1, 1.26)), "sound", SOUNDS),
    Fault("half a second 3 dB quieter", _encoded(lambda x: _level(x, 0.7, 1.0, 1.5)), "sound", SOUNDS),
    Fault("sound 0.1 % slower", _encoded(lambda x: _at_speed(x, 0.999)), "sound", SOUNDS),
    Fault("44.1 kHz played as 48", _encoded(lambda x: _at_speed(x, 48 / 44.1)), "sound", SOUNDS),
    Fault("nothing above 4 kHz", _encoded(lambda x: _filtered(x, "low", 4000)), "sound", TREBLE, why=_NO_TREBLE),
    Fault("telephone sound", _encoded(lambda x: _filtered(x, "band", (300, 3400))), "sound", SOUNDS),
    Fault("hum of 50 Hz, -35 dB", _encoded(lambda x: _with_hum(x, 50, -35)), "sound", SOUNDS),
    Fault("a tone of 6 kHz, -50 dB", _encoded(lambda x: _with_hum(x, 6000, -50)), "sound", STEREO, why=_MASKED),
    Fault("noise, -45 dB", _encoded(lambda x: _with_noise(x, -45)), "sound", STEREO, why=_MASKED),
    Fault("peaks cut off", _encoded(_clipped), "sound", SOUNDS),
    Fault("polarity reversed", _encoded(lambda x: -x), "sound", SOUNDS),
    Fault("polarity of one side reversed", _encoded(lambda x: x * [1, -1]), "sound", STEREO, why=_ONE_CHANNEL),
    Fault("left and right swapped", _encoded(lambda x: x[:, ::-1]), "sound", STEREO, why=_ONE_CHANNEL),
    Fault("left on both sides", _encoded(lambda x: x[:, [0, 0]]), "sound", STEREO, why=_ONE_CHANNEL),
    Fault("right lost", _encoded(lambda x: x * [1, 0]), "sound", STEREO, why=_ONE_CHANNEL),
    Fault("mixed to mono", _encoded(lambda x: x.mean(axis=1)), "sound", STEREO, why=_ONE_CHANNEL),
    Fault(
        "mixed to mono, on both sides", _encoded(lambda x: x @ np.full((2, 2), 0.5)), "sound", STEREO, why=_ONE_CHANNEL
    ),
    Fault(
        "mixed to mono, on the left", _encoded(lambda x: x @ [[0.5, 0], [0.5, 0]]), "sound", STEREO, why=_ONE_CHANNEL
    ),
    Fault("a second stream of sound", _second_stream, "sound", SOUNDS),
    Fault("sound missing", _streams(lambda x: [], lambda *_: None), "sound", SOUNDS),
    Fault(
        "streams in another order",
        _streams(lambda x: x[::-1], lambda *_: None),
        "sound",
        ("two languages",),
        why=_ONE_STREAM,
    ),
    Fault(
        "second stream chosen", _streams(lambda x: x, _chosen), "sound", ("two languages",), FLAGGED, why=_ONE_STREAM
    ),
)
