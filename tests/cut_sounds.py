"""A cut with sound of every kind: a J-cut and an L-cut, voices, music with keyed levels and fades, an effect, a gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import opentimelineio as otio

import media
import tones
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.timeline.build import build_timeline

Floats = npt.NDArray[np.floating[Any]]

RATE = media.FILM_RATE
FRAMES = 200
CANVAS = Size(36, 64)
MUSIC_DB = -8.0


@cache
def voice(seed: int, seconds: float) -> Floats:
    """Noise in syllables, in the middle of two channels: as broad and uneven as speech."""
    rng = np.random.default_rng(seed)
    count = round(seconds * tones.RATE_HZ)
    at_s = np.arange(count) / tones.RATE_HZ
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 3.3 * at_s + rng.uniform(0, 6)) * np.sin(2 * np.pi * 0.7 * at_s)
    shaped = np.convolve(rng.normal(size=count), np.hanning(9) / 4, mode="same")
    return _kept(np.repeat((0.08 * syllables * shaped)[:, None], 2, axis=1))


@cache
def music(seed: int, seconds: float) -> Floats:
    """Chords of plucked notes, one after another, unlike left and right."""
    rng = np.random.default_rng([seed, 7])
    at_s = np.arange(round(seconds * tones.RATE_HZ)) / tones.RATE_HZ
    sides = []
    for _ in range(2):
        side = np.zeros(len(at_s))
        for start_s in np.arange(0, seconds, 0.25):
            first = round(start_s * tones.RATE_HZ)
            since_s = at_s[: len(at_s) - first]
            for hz in rng.choice([220, 247, 277, 330, 370, 415, 494, 554, 659], 2) * rng.uniform(0.99, 1.01):
                notes = sum(np.sin(2 * np.pi * hz * n * since_s + rng.uniform(0, 6)) / n for n in (1, 2, 3, 5))
                side[first:] += 0.05 * notes * np.exp(-4 * since_s)
        sides.append(side)
    return _kept(np.stack(sides, axis=1))


def _kept(samples: Floats) -> Floats:
    """Samples that several tests may share, as none can change them."""
    samples.flags.writeable = False
    return samples


def write_talk(path: Path, seed: int, frames: int = 150, rate: Fraction = RATE) -> Path:
    """A small movie in which somebody talks."""
    return tones.write_pictures_with(path, voice(seed, float(frames / rate)), frames, rate=rate)


def write_music(path: Path, seed: int, seconds: float = 10) -> Path:
    """A file of music alone."""
    with av.open(str(path), "w") as out:
        tones.add_sound(out, music(seed, seconds), tones.RATE_HZ, "stereo", "pcm_s16le")
    return path


@dataclass(frozen=True)
class Footage:
    """The media of the cut."""

    folder: Path
    first: Any
    second: Any
    music: Path
    other_music: Path


def footage(folder: Path) -> Footage:
    """Make the media."""
    first, second = (probe(write_talk(folder / f"talk{n}.mov", n)) for n in (1, 2))
    return Footage(folder, first, second, write_music(folder / "music.wav", 1), write_music(folder / "other.wav", 2))


@dataclass(frozen=True)
class Manner:
    """How the cut differs from the right one; all 0 and None: not at all."""

    late_frames: int = 0  # of the J-cut
    music_db: float | None = MUSIC_DB  # None: there is none
    music: str = "music.wav"
    fade_s: Fraction = Fraction(1)
    voice_db: float = 0.0
    pan: float = 0.0
    more: Mapping[str, Any] = field(default_factory=dict)


def sound_clip(path: Path, first: int, count: int, **said: Any) -> Any:
    """A clip of a sound track; `said`: what it says of its sound."""
    return otio.schema.Clip(
        name=path.stem,
        media_reference=otio.schema.ExternalReference(
            target_url=path.as_uri(), available_range=time_range(0, 1000), metadata={"panscan": {}}
        ),
        source_range=time_range(first, count),
        metadata={"panscan": {"sound": said}} if said else {},
    )


def gap(count: int) -> Any:
    """Silence, or black."""
    return otio.schema.Gap(source_range=time_range(0, count))


def sound_track(name: str, *children: Any) -> Any:
    """A track of sound."""
    track = otio.schema.Track(name=name, kind=otio.schema.TrackKind.Audio)
    track.extend(children)
    return track


def picture_track(made: Footage) -> Any:
    """The picture of the cut: 4 s of each movie, the second from its frame 25 on."""
    timelines = [
        build_timeline(one, [(Shot(first, first + 100), still(one))], name="cut", recipe={})
        for one, first in ((made.first, 0), (made.second, 25))
    ]
    track = timelines[0].video_tracks()[0].deepcopy()
    track.append(timelines[1].video_tracks()[0][0].deepcopy())
    for clip in track:
        del clip.metadata["panscan"]["link"]
    return track


def timeline(made: Footage, manner: Manner | None = None) -> Any:
    """The cut.

    The first voice sounds for 4.4 s, under the second picture, and fades out; the second one comes 0.8 s before its
    picture (J-cut) on another track; music lies under all of it, quieter under the middle, and fades.
    """
    how = manner or Manner()
    result = otio.schema.Timeline(name="cut")
    voice_level = {"gain_db": how.voice_db, "pan": how.pan} if how.voice_db or how.pan else {}
    start = 80 + how.late_frames
    rows = [
        sound_track("A1", sound_clip(Path(made.first.path), 0, 110, fade_out=[1, 2])),
        sound_track("A2", gap(start), sound_clip(Path(made.second.path), 5, FRAMES - start, **voice_level)),
    ]
    if how.music_db is not None:
        levels = [[0, 1, how.music_db], [3, 1, how.music_db], [7, 2, how.music_db - 4]]
        fade = [how.fade_s.numerator, how.fade_s.denominator]
        said = {"gain_db": levels, "fade_in": fade, "fade_out": fade}
        rows.append(sound_track("A3", sound_clip(made.folder / how.music, 0, FRAMES, **said)))
    result.tracks.extend([picture_track(made), *rows])
    return result


def heard(path: Path, stream: int = 0) -> Floats:
    """The sound of a movie from its first picture on, at 48 kHz: array (samples, channels)."""
    with av.open(str(path)) as container:
        shown: Any = next(container.decode(video=0))
        zero = round(shown.pts * shown.time_base * tones.RATE_HZ)
        container.seek(0)
        resampler = av.AudioResampler(format="flt", rate=tones.RATE_HZ)
        parts: list[Floats] = []
        first: int | None = None
        for frame in container.decode(container.streams.audio[stream]):
            if first is None:
                first = round(frame.pts * frame.time_base * tones.RATE_HZ)
            frame.pts = None
            parts += [p.to_ndarray().reshape(-1, p.layout.nb_channels) for p in resampler.resample(frame)]
    samples = np.concatenate(parts)
    before = zero - (first or 0)
    return samples[before:] if before >= 0 else np.pad(samples, ((-before, 0), (0, 0)))


def still(one: Any) -> Framing:
    camera = Camera((0,), (1.8,), (0.0,), (0.0,))
    return Framing(CANVAS, one.video.display_size, one.video.rate, (Cell(0, 0, CANVAS, camera),))


def time_range(first: int, count: int) -> Any:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(first, float(RATE)), otio.opentime.RationalTime(count, float(RATE))
    )
