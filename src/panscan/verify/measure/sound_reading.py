"""Reading sound for comparison: any sample of a stream, on a clock without jumps.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container, seek_back
from panscan.verify.source_clock import SoundClock, sound_streams

Samples = npt.NDArray[np.float32]

RATE_HZ = 48_000  # at which places are exact: that of nearly all movies
_GAP_SAMPLES = RATE_HZ // 50  # less is jitter of timestamps, more is sound that is missing
_PREROLL_S = 1  # decoded before what is wanted
_UNSURE_FRAMES = 3  # after a seek, whose times may be wrong: Vorbis does not know how long the first ones are
_COARSE_STEP_S = Fraction(1, 10_000)  # finer ones lie within a wave of all that is compared
_MIN_SEEK_SAMPLES = 4 * RATE_HZ  # up to this distance, decoding on is cheaper than seeking


class SoundReader:
    """One sound stream of a file, read forwards at 48 kHz with all its channels."""

    def __init__(self, path: Path, number: int, offsets_s: Sequence[Fraction] = ()) -> None:
        """`number`: of the stream, from 0. `offsets_s`: what is added to its times where its clock jumps."""
        self._number, self._offsets_s = number, tuple(offsets_s)
        self._container = open_container(path)
        streams = sound_streams(self._container)
        self._stream: Any = streams[number] if number < len(streams) else None
        self.layout = self._stream.codec_context.layout.name if self._stream else "mono"
        self._blocks: Iterator[tuple[int, Samples]] | None = None
        self._kept: list[tuple[int, Samples]] = []
        self._end = 0
        self._first = 0  # sample from which on the file is read

    @property
    def exists(self) -> bool:
        """Whether the file has the stream."""
        return self._stream is not None

    @property
    def is_coarse(self) -> bool:
        """Whether its clock has steps that do not tell samples apart, as Matroska's of a millisecond."""
        return self._stream is not None and Fraction(self._stream.time_base or 1) > _COARSE_STEP_S

    @property
    def full_channels(self) -> list[int]:
        """Its channels, without those of subwoofers: codecs keep the lowest tones of these alone."""
        channels = av.AudioLayout(self.layout).channels
        return [number for number, channel in enumerate(channels) if not channel.name.startswith("LFE")]

    def __enter__(self) -> SoundReader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def first_s(self) -> Fraction:
        """When its first sample sounds, on the file's clock; nothing can be read afterwards."""
        first, _ = next(self._placed(), (0, None))
        return Fraction(first, RATE_HZ)

    def read(self, first: int, count: int) -> Samples:
        """Samples `first` to `first + count` on the file's clock; silence where there is none."""
        result = np.zeros((count, av.AudioLayout(self.layout).nb_channels), np.float32)
        if self._stream is None:
            return result
        if self._blocks is None or first > self._end + _MIN_SEEK_SAMPLES:
            self._seek(first)
        self._kept = [(at, block) for at, block in self._kept if at + len(block) > first]
        while self._end < first + count and self._blocks is not None:
            found = next(self._blocks, None)
            if found is None:
                break
            self._kept.append(found)
            self._end = found[0] + len(found[1])
        for at, block in self._kept:
            low, high = max(at, first), min(at + len(block), first + count)
            if high > low and block.shape[1] == result.shape[1]:
                result[low - first : high - first] = block[low - at : high - at]
        return result

    def _seek(self, first: int) -> None:
        ticks = int((Fraction(first, RATE_HZ) - _PREROLL_S) / Fraction(self._stream.time_base or 1))
        if ticks > (self._stream.start_time or 0) and not any(self._offsets_s):
            seek_back(self._container, self._stream, ticks)
        self._first = first
        self._kept, self._end, self._blocks = [], 0, self._placed()

    def _placed(self) -> Iterator[tuple[int, Samples]]:
        """Decoded sound, and the number of each block's first sample."""
        clock = SoundClock(self._container.format.name, self._offsets_s or (Fraction(0),))
        packed = _PackedSound()
        at: int | None = None
        number = 0
        for frame in self._frames():
            if frame.pts is None:
                continue
            seconds = clock.time_s(frame.pts * Fraction(frame.time_base or self._stream.time_base))
            place = round(seconds * RATE_HZ)
            number += 1
            if number <= _UNSURE_FRAMES and place + _GAP_SAMPLES < self._first - RATE_HZ // 4:
                continue
            if at is None or abs(place - at) > _GAP_SAMPLES:
                at = place
            frame.pts = None
            for samples in packed.add(frame):
                yield at, samples
                at += len(samples)

    def _frames(self) -> Iterator[Any]:
        """The frames that decode: damaged packets are silent in the source, and so they are in the output."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                except av.error.FFmpegError:
                    continue
        except av.error.FFmpegError:
            return


class _PackedSound:
    """Decoded frames as arrays (samples, channels) at 48 kHz.

    Only packed frames are looked into: PyAV reads beyond the channels of planar ones.
    """

    def __init__(self) -> None:
        self._kind: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def add(self, frame: Any) -> list[Samples]:
        """The samples that are ready with this frame."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            self._kind, self._resampler = kind, av.AudioResampler(format="flt", rate=RATE_HZ)
        return [part.to_ndarray().reshape(-1, part.layout.nb_channels) for part in self._resampler.resample(frame)]
