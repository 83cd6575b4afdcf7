"""Reading a part of a file's sound, to the sample."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.decoding.containers import open_container, seek_back
from panscan.decoding.sound import PackedSound, Samples, SoundDamage, decoded_sound
from panscan.model.media import PictureIndex
from panscan.render.container.sound_coding import RATE_HZ, channel_count
from panscan.render.sound.downmix import Downmix
from panscan.render.source import media_error

_SILENCE_SAMPLES = 4096  # at most in one block of silence, so that a long gap needs no memory
# Lossy codecs need the packets before a cut to decode the first samples after it correctly.
_PREROLL_S = Fraction(1, 4)
_UNSURE_FRAMES = 3  # Vorbis does not know how long the first ones after a seek are
_WARM_UP_S = Fraction(1, 50)  # that a resampler gets before a span
# Timestamps jitter by less than this; a larger gap is a gap in the recording.
_JITTER_SAMPLES = RATE_HZ // 50


@dataclass(frozen=True, slots=True)
class SoundSpan:
    """A part of a file's sound.

    Attributes
    ----------
    path : Path
    stream : int
        Index of the sound stream in the file.
    start_s : Fraction
        On the file's clock.
    count : int
        Samples at RATE_HZ.
    index : PictureIndex, optional
        Says how the file's clock jumps; None without pictures.
    is_open : bool
        It lasts as long as the file's sound does. Headers only estimate that: `count` is where silence in it ends.
    """

    path: Path
    stream: int
    start_s: Fraction
    count: int
    index: PictureIndex | None
    is_open: bool = False


def span_samples(span: SoundSpan, downmix: Downmix, damage: SoundDamage) -> Generator[Samples, None, None]:
    """The samples of a span: exactly as many as it counts, unless it is open. What the recording lacks is silent."""
    written = 0
    for block in _decoded(span, downmix, damage):
        yield block
        written += len(block)
    # Of an open one, packets at the end that do not decode.
    count = min(span.count, round((damage.end_s - span.start_s) * RATE_HZ)) if span.is_open else span.count
    yield from silence(count - written, channel_count(downmix.target))


def silence(count: int, channels: int) -> Iterator[Samples]:
    """Silent samples in small blocks."""
    for first in range(0, count, _SILENCE_SAMPLES):
        yield np.zeros((min(_SILENCE_SAMPLES, count - first), channels), np.float32)


def _decoded(span: SoundSpan, downmix: Downmix, damage: SoundDamage) -> Iterator[Samples]:
    """The samples of a span; gaps are silent; ends early if the recording does."""
    first = round(span.start_s * RATE_HZ)
    written = 0
    try:
        with open_container(span.path) as container:
            stream: Any = container.streams[span.stream]
            stream.thread_type = "AUTO"
            _seek(container, stream, span)
            frames = _sure_frames(decoded_sound(container, stream, span.index, damage), span)
            for start, samples in _numbered_blocks(frames, downmix):
                # `start`: number of samples[0] on the file's clock.
                gap = min(start - first - written, span.count - written)
                if gap > 0:
                    yield from silence(gap, samples.shape[1])
                    written += gap
                if start > first + written:  # a gap that leads beyond the span
                    return
                part = samples[first + written - start :]
                part = part if span.is_open else part[: span.count - written]
                if len(part):
                    written += len(part)
                    yield part
                if written >= span.count and not span.is_open:
                    return
    except av.error.FFmpegError as error:
        raise media_error(span.path, error, " in its sound") from error


def _seek(container: Any, stream: Any, span: SoundSpan) -> None:
    ticks = int((span.start_s - _PREROLL_S) / stream.time_base)
    if ticks > (stream.start_time or 0) and (span.index is None or span.index.is_seekable):
        seek_back(container, stream, ticks)


def _sure_frames(frames: Iterator[Any], span: SoundSpan) -> Iterator[Any]:
    """The frames without the first ones before a span, whose times may be wrong after a seek."""
    for number, frame in enumerate(frames):
        length_s = Fraction(frame.samples, frame.sample_rate)
        is_early = frame.pts is None or frame.pts * frame.time_base + length_s < span.start_s - _WARM_UP_S
        if number >= _UNSURE_FRAMES or not is_early:
            yield frame


def _numbered_blocks(frames: Iterator[Any], downmix: Downmix) -> Iterator[tuple[int, Samples]]:
    """Mixed sound at RATE_HZ, with the number of each block's first sample on the file's clock."""
    packed = PackedSound(RATE_HZ)
    layout, at, expected = "", 0, Fraction(0)
    for frame in frames:
        if frame.pts is None and not layout:
            continue
        place = expected if frame.pts is None else frame.pts * Fraction(frame.time_base) * RATE_HZ
        if layout != frame.layout.name or abs(place - expected) > _JITTER_SAMPLES:
            for samples in packed.flush():
                yield at, downmix(samples, layout)
                at += len(samples)
            layout, at, expected = frame.layout.name, round(place), place
        expected += Fraction(frame.samples * RATE_HZ, frame.sample_rate)
        frame.pts = None  # samples are counted here; the resampler would pad or drop some by itself
        for samples in packed.add(frame):
            yield at, downmix(samples, layout)
            at += len(samples)
    for samples in packed.flush():
        yield at, downmix(samples, layout)
        at += len(samples)
