"""Media that play tones, and what a cut of them sounds like, worked out sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

import media
from panscan.timeline.sound import Fade, SoundClip

Floats = npt.NDArray[np.floating[Any]]

RATE_HZ = 48000
LEVEL = 0.1


def tone(hz: float, time_s: Floats) -> Floats:
    """What a channel with this tone plays."""
    return LEVEL * np.sin(2 * np.pi * hz * time_s)


def write_sound(
    path: Path, tones_hz: Sequence[float], seconds: float, *, rate_hz: int = RATE_HZ, layout: str = "", codec: str = ""
) -> Path:
    """A file of sound alone, a tone in each channel."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    samples = np.stack([tone(hz, time_s) for hz in tones_hz], axis=1)
    return write_samples(path, samples, rate_hz=rate_hz, layout=layout, codec=codec)


def write_samples(path: Path, samples: Floats, *, rate_hz: int = RATE_HZ, layout: str = "", codec: str = "") -> Path:
    """A file of sound alone: samples (n, channels)."""
    with av.open(str(path), "w") as out:
        add_sound(out, samples, rate_hz, layout or {1: "mono", 2: "stereo"}[samples.shape[1]], codec or "pcm_f32le")
    return path


def add_sound(out: Any, samples: Floats, rate_hz: int, layout: str, codec: str) -> None:
    """A stream of sound (samples, channels) in a file that is being written; its first sample at time 0."""
    fill_sound(out, sound_stream(out, rate_hz, layout, codec), samples, rate_hz, layout)


def sound_stream(out: Any, rate_hz: int, layout: str, codec: str, bit_rate: int = 0) -> Any:
    """A stream that `fill_sound` fills."""
    stream = out.add_stream(codec, rate=rate_hz, layout=layout)
    if bit_rate:
        stream.codec_context.bit_rate = bit_rate
    return stream


def fill_sound(out: Any, stream: Any, samples: Floats, rate_hz: int, layout: str) -> None:
    """Encode sound into a stream, and close that."""
    for first in range(0, len(samples), 1024):
        block = np.ascontiguousarray(samples[first : first + 1024], np.float32)
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def write_movie(
    path: Path,
    tones_hz: Sequence[float],
    frames: int,
    *,
    rate: Fraction = media.FILM_RATE,
    picture_s: Fraction | None = None,
) -> Path:
    """A small movie with uncompressed sound; `picture_s`: its pictures start so long after its sound."""
    late_s = picture_s or Fraction(0)
    time_s = np.arange(round((frames / rate + late_s) * RATE_HZ)) / RATE_HZ
    samples = np.stack([tone(hz, time_s) for hz in tones_hz], axis=1)
    return write_pictures_with(path, samples, frames, rate=rate, late_s=late_s)


def write_pictures_with(
    path: Path, samples: Floats, frames: int, *, rate: Fraction = media.FILM_RATE, late_s: Fraction = Fraction(0)
) -> Path:
    """A small movie with this sound (samples, channels), uncompressed; its pictures start `late_s` after it."""
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    tick_s = 1 / (rate * 1000)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        video.time_base = video.codec_context.time_base = tick_s
        sound = out.add_stream("pcm_s24le", rate=RATE_HZ, layout=layout)
        for number in range(frames):
            shown = media.picture(media.coded_value, number, (64, 36), "yuv420p")
            shown.pts, shown.time_base = round((number / rate + late_s) / tick_s), tick_s
            out.mux(video.encode(shown))
        out.mux(video.encode(None))
        fill_sound(out, sound, samples, RATE_HZ, layout)
    return path


def sound_clip(
    path: Path, start_s: Fraction | int, end_s: Fraction | int, media_s: Fraction | int = 0, **own: Any
) -> SoundClip:
    """A clip on the first track."""
    fields = {"name": path.stem, "track": 0, "track_name": "A1", **own}
    return SoundClip(path=path, start_s=Fraction(start_s), end_s=Fraction(end_s), media_s=Fraction(media_s), **fields)


def expected(sound: SoundClip, tones_hz: Sequence[float], count: int, *, offset_s: float = 0.0) -> Floats:
    """What a clip at normal speed adds to stereo: array (count, 2). `offset_s`: what its media plays at 0."""
    first, end = round(sound.start_s * RATE_HZ), round(sound.end_s * RATE_HZ)
    record_s = np.arange(first, end) / RATE_HZ - float(sound.start_s)
    heard = [tones_hz[n] for n in sound.channels] or list(tones_hz)
    channels = [tone(hz, record_s + float(sound.media_s) + offset_s) for hz in heard]
    if len(channels) == 1:
        angle = (sound.pan + 1) * np.pi / 4
        sides = [channels[0] * np.cos(angle), channels[0] * np.sin(angle)]
    else:
        sides = [channels[0] * min(1, 1 - sound.pan), channels[1] * min(1, 1 + sound.pan)]
    if sound.gain:
        keys = [float(at_s) for at_s, _ in sound.gain]
        level_db = np.interp(record_s, keys, [db for _, db in sound.gain])
        sides = [side * 10 ** (level_db / 20) for side in sides]
    length_s = float(sound.length_s)
    factor = _fade(sound.fade_in, record_s) * _fade(sound.fade_out, length_s - record_s)
    result = np.zeros((count, 2))
    last = min(end, count)
    result[first:last] = (np.stack(sides, axis=1) * factor[:, None])[: last - first]
    return result


def _fade(fade: Fade, since_s: Floats) -> Floats:
    if not fade.length_s:
        return np.ones(len(since_s))
    done = np.clip(since_s / float(fade.length_s), 0, 1)
    return np.asarray(np.sin(done * np.pi / 2) if fade.shape == "equal-power" else done)
