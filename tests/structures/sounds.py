"""Cuts whose sound is not only that of their pictures, each with what is heard of it, worked out by hand."""

from __future__ import annotations

import math
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio

import numbered as make

HZ, FPS = 48000, 25
# Channels of each file, and the tone of its first one: it rises, so that a time in it is known.
FILES = {"a": (2, 300.0), "b": (2, 500.0), "music": (2, 900.0), "fx": (1, 1500.0)}
SECONDS = {"a": 2.4, "b": 2.4, "music": 4.0, "fx": 2.4}
_RISE_HZ = 40.0  # per second
_APART = 1.21  # tone of the second channel by that of the first

Footage = Mapping[str, Path]
Factor = Callable[[float], float]


def signal(stem: str, channel: int, time_s: Any) -> Any:
    """What a channel of a file plays at any time."""
    first_hz = FILES[stem][1] * _APART**channel
    return 0.15 * np.sin(2 * np.pi * (first_hz * time_s + _RISE_HZ / 2 * time_s**2))


@dataclass(frozen=True)
class Heard:
    """A sound: record frames from `first` to `end`, from frame `media` of its file on; factor: by record frame."""

    stem: str
    first: Fraction
    end: Fraction
    media: Fraction
    channels: tuple[int, ...] = ()
    speed: Fraction = Fraction(1)
    pan: float = 0.0
    factor: Factor = field(default=lambda frame: 1.0, compare=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """All of it but its loudness."""
        channels = self.channels or tuple(range(FILES[self.stem][0]))
        return self.stem, self.first, self.end, self.media, channels, self.speed, round(self.pan, 3)

    @property
    def loudness(self) -> tuple[float, ...]:
        """Its factor at six places."""
        length = self.end - self.first
        return tuple(self.factor(float(self.first + length * Fraction(n, 23))) for n in (1, 5, 9, 13, 17, 22))


@dataclass(frozen=True)
class Sounding:
    """A cut, what is heard of it, and which features of `Capabilities.sound_tracks` it takes to write it.

    cut: what is heard where cross fades become cuts.
    """

    timeline: Any
    heard: tuple[Heard, ...]
    needs: frozenset[str] = frozenset()
    cut: tuple[Heard, ...] = ()


def heard(stem: str, first: float, end: float, media: float, **named: Any) -> Heard:
    return Heard(stem, *(Fraction(number) for number in (first, end, media)), **named)


def without(sounding: Sounding, lost: frozenset[str]) -> list[Heard]:
    """What is heard where these features cannot be written."""
    found = sounding.cut if "cross" in lost else sounding.heard
    if lost & {"level", "moving level", "fades"}:
        found = tuple(replace(one, factor=lambda frame: 1.0) for one in found)
    if "channels" in lost:
        found = tuple(replace(one, channels=()) for one in found)
    if "pan" in lost:
        found = tuple(replace(one, pan=0.0) for one in found)
    return [one for one in found if one.speed == 1 or "speed" not in lost]


def shoot(folder: Path) -> Footage:
    """Two movies with sound, and two files of sound alone."""
    made = {stem: folder / f"{stem}.wav" for stem in ("music", "fx")}
    for stem, path in made.items():
        with wave.open(str(path), "wb") as file:
            file.setparams((FILES[stem][0], 2, HZ, 0, "NONE", ""))
            file.writeframes(_samples(stem).tobytes())
    for number, stem in enumerate(("a", "b")):
        silent = make.movie(folder / f"silent-{stem}.mov", number)
        made[stem] = _with_sound(silent, folder / f"{stem}.mov", _samples(stem))
        silent.unlink()
    return made


def _samples(stem: str) -> Any:
    time_s = np.arange(round(SECONDS[stem] * HZ)) / HZ
    rows = np.stack([signal(stem, channel, time_s) for channel in range(FILES[stem][0])], axis=1)
    return np.round(rows * 32767).astype("<i2")


def _with_sound(movie: Path, path: Path, samples: Any) -> Path:
    with av.open(str(movie)) as source, av.open(str(path), "w") as made:
        video = made.add_stream_from_template(source.streams.video[0])
        sound = made.add_stream("pcm_s16le", rate=HZ, layout="stereo")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                made.mux(packet)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = HZ, 0
        made.mux(sound.encode(frame))
        made.mux(sound.encode(None))
    return path


def _clip(m: Footage, stem: str, first: float, count: float, sound: dict[str, Any] | None = None, **named: Any) -> Any:
    available = make.time_range(0, SECONDS[stem] * FPS)
    metadata = {"panscan": {"sound": sound}} if sound else {}
    return make.clip(m[stem], first, count, available=available, metadata=metadata, **named)


def _row(name: str, *children: Any) -> Any:
    return make.track(*children, name=name, kind="Audio")


def _cross(name: str, before: int, after: int) -> Any:
    return otio.schema.Transition(
        name, "SMPTE_Dissolve", *(otio.opentime.RationalTime(n, FPS) for n in (before, after))
    )


def _two(m: Footage) -> list[Any]:
    """Two pictures of 20 frames, and their own sound."""
    parts = [("a", 10, 20), ("b", 5, 20)]
    return [make.track(*(_clip(m, *part) for part in parts)), _row("A1", *(_clip(m, *part) for part in parts))]


TWO = (heard("a", 0, 20, 10), heard("b", 20, 40, 5))


def music(m: Footage) -> Sounding:
    cut = make.timeline(*_two(m), _row("Music", make.gap(5), _clip(m, "music", 12, 30)))
    return Sounding(cut, (*TWO, heard("music", 5, 35, 12)))


def split_edits(m: Footage) -> Sounding:
    """The sound of b comes before its picture and stays after it."""
    pictures = make.track(_clip(m, "a", 10, 20), _clip(m, "b", 10, 20), _clip(m, "a", 40, 10))
    cut = make.timeline(pictures, _row("A1", _clip(m, "a", 10, 15), _clip(m, "b", 5, 30), _clip(m, "a", 45, 5)))
    return Sounding(cut, (heard("a", 0, 15, 10), heard("b", 15, 45, 5), heard("a", 45, 50, 45)))


def music_after_the_end(m: Footage) -> Sounding:
    """The picture ends, and music goes on over black."""
    cut = make.timeline(*_two(m), _row("Music", make.gap(30), _clip(m, "music", 5, 30)))
    return Sounding(cut, (*TWO, heard("music", 30, 60, 5)))


def late_music(m: Footage) -> Sounding:
    """Music begins after the last picture."""
    cut = make.timeline(*_two(m), _row("Music", make.gap(45), _clip(m, "music", 5, 20)))
    return Sounding(cut, (*TWO, heard("music", 45, 65, 5)))


def replaced(m: Footage) -> Sounding:
    """The camera's sound is gone; a recorder's is there."""
    cut = make.timeline(make.track(_clip(m, "a", 10, 20)), _row("Recorder", make.gap(2), _clip(m, "fx", 3, 18)))
    return Sounding(cut, (heard("fx", 2, 20, 3),))


def under_a_gap(m: Footage) -> Sounding:
    pictures = make.track(_clip(m, "a", 0, 10), make.gap(10), _clip(m, "b", 0, 10))
    cut = make.timeline(pictures, _row("A1", make.gap(11), _clip(m, "b", 20, 7)))
    return Sounding(cut, (heard("b", 11, 18, 20),))


def levels(m: Footage) -> Sounding:
    """Music that goes down by 12 dB from its second 0.4 to 1.2, and a steady level."""
    keys = {"gain_db": [[2, 5, 0.0], [6, 5, -12.0]]}
    cut = make.timeline(
        *_two(m), _row("Music", _clip(m, "music", 5, 40, keys)), _row("FX", make.gap(4), _clip(m, "fx", 0, 9, LOUDER))
    )
    down = heard("music", 0, 40, 5, factor=lambda frame: _factor(-12 * min(max((frame + 5 - 10) / 20, 0), 1)))
    return Sounding(
        cut, (*TWO, down, heard("fx", 4, 13, 0, factor=lambda frame: _factor(6))), frozenset({"level", "moving level"})
    )


LOUDER = {"gain_db": 6.0}


def pan(m: Footage) -> Sounding:
    cut = make.timeline(*_two(m), _row("Music", _clip(m, "music", 0, 20, {"pan": -0.5})))
    return Sounding(cut, (*TWO, heard("music", 0, 20, 0, pan=-0.5)), frozenset({"pan"}))


def fades(m: Footage) -> Sounding:
    said = {"fade_in": [2, 5], "fade_out": [1, 5]}
    cut = make.timeline(*_two(m), _row("Music", make.gap(3), _clip(m, "music", 20, 30, said)))

    def factor(frame: float) -> float:
        return max(min((frame - 3) / 10, 1, (33 - frame) / 5), 0)

    return Sounding(cut, (*TWO, heard("music", 3, 33, 20, factor=factor)), frozenset({"fades"}))


def _crossing(m: Footage, name: str, shape: Factor) -> Sounding:
    row = _row("Music", _clip(m, "music", 0, 20), _cross(name, 4, 6), _clip(m, "fx", 10, 20))
    before = heard("music", 0, 26, 0, factor=lambda frame: shape(min(max((26 - frame) / 10, 0), 1)))
    after = heard("fx", 16, 40, 6, factor=lambda frame: shape(min(max((frame - 16) / 10, 0), 1)))
    cut = (*TWO, heard("music", 0, 21, 0), heard("fx", 21, 40, 11))
    return Sounding(make.timeline(*_two(m), row), (*TWO, before, after), frozenset({"cross"}), cut)


def cross_fade(m: Footage) -> Sounding:
    return _crossing(m, "Cross Fade ( 0dB)", lambda part: part)


def cross_fade_with_equal_power(m: Footage) -> Sounding:
    return _crossing(m, "Cross Fade (+3dB)", lambda part: math.sin(math.pi / 2 * part))


def _dissolving(m: Footage, name: str, shape: Factor) -> Sounding:
    """A dissolve of the pictures in which their sounds cross as well."""
    rows = _two(m)
    for track in rows:
        track.insert(1, _cross(name, 5, 5))
    before = heard("a", 0, 25, 10, factor=lambda frame: shape(min((25 - frame) / 10, 1)))
    after = heard("b", 15, 40, 0, factor=lambda frame: shape(min((frame - 15) / 10, 1)))
    return Sounding(make.timeline(*rows), (before, after), frozenset({"cross"}), TWO)


def dissolve_with_sound(m: Footage) -> Sounding:
    return _dissolving(m, "Cross Dissolve", lambda part: part)


def dissolve_with_equal_power(m: Footage) -> Sounding:
    return _dissolving(m, "Constant Power", lambda part: math.sin(math.pi / 2 * part))


def dissolve_without_sound(m: Footage) -> Sounding:
    rows = _two(m)
    rows[0].insert(1, _cross("Cross Dissolve", 5, 5))
    return Sounding(make.timeline(*rows), TWO)


def nested(m: Footage) -> Sounding:
    """A compound clip with a picture, its sound and music, trimmed on both sides."""
    inner = [make.track(_clip(m, "a", 0, 20)), _row("A1", _clip(m, "a", 0, 20)), _row("A2", _clip(m, "music", 5, 20))]
    stack = otio.schema.Stack(name="compound", children=inner, source_range=make.time_range(4, 12))
    cut = make.timeline(make.track(_clip(m, "b", 0, 5), stack))
    return Sounding(cut, (heard("a", 5, 17, 4), heard("music", 5, 17, 9)))


def nested_cross_fade(m: Footage) -> Sounding:
    """A compound clip in which a channel of music and another sound cross."""
    row = [_clip(m, "music", 5, 10, {"channels": [0]}), _cross("Constant Power", 3, 3), _clip(m, "fx", 10, 10)]
    inner = [make.track(_clip(m, "a", 0, 20)), _row("A1", _clip(m, "a", 0, 20)), _row("A2", *row)]
    stack = otio.schema.Stack(name="compound", children=inner, source_range=make.time_range(0, 20))
    cut = make.timeline(make.track(_clip(m, "b", 0, 5), stack))

    def power(frame: float, edge: float) -> float:
        return math.sin(math.pi / 2 * min(abs(frame - edge) / 6, 1))

    crossing = (
        heard("music", 5, 18, 5, channels=(0,), factor=lambda frame: power(frame, 18)),
        heard("fx", 12, 25, 7, factor=lambda frame: power(frame, 12)),
    )
    own = heard("a", 5, 25, 0)
    hard = (own, heard("music", 5, 15, 5, channels=(0,)), heard("fx", 15, 25, 10))
    return Sounding(cut, (own, *crossing), frozenset({"channels", "cross"}), hard)


def one_channel(m: Footage) -> Sounding:
    cut = make.timeline(*_two(m), _row("Music", make.gap(1), _clip(m, "music", 12, 30, {"channels": [1]})))
    return Sounding(cut, (*TWO, heard("music", 1, 31, 12, channels=(1,))), frozenset({"channels"}))


def fast(m: Footage) -> Sounding:
    double = otio.schema.LinearTimeWarp(time_scalar=2.0)
    cut = make.timeline(*_two(m), _row("Music", make.gap(6), _clip(m, "music", 12, 10, effects=[double])))
    return Sounding(cut, (*TWO, heard("music", 6, 16, 12, speed=Fraction(2))), frozenset({"speed"}))


def many_tracks(m: Footage) -> Sounding:
    """More sounds at once than an edit list has tracks."""
    rows = [_row(f"FX {n}", make.gap(n), _clip(m, "fx", 2 * n, 20)) for n in range(4)]
    return Sounding(make.timeline(*_two(m), *rows), (*TWO, *(heard("fx", n, n + 20, 2 * n) for n in range(4))))


def _factor(level_db: float) -> float:
    return float(10 ** (level_db / 20))


CUTS: dict[str, Callable[[Footage], Sounding]] = {
    build.__name__: build
    for build in (
        music, split_edits, music_after_the_end, late_music, replaced, under_a_gap, levels, pan, fades,
        cross_fade, cross_fade_with_equal_power, dissolve_with_sound, dissolve_with_equal_power,
        dissolve_without_sound, nested, nested_cross_fade, one_channel, fast, many_tracks,
    )
}  # fmt: skip
