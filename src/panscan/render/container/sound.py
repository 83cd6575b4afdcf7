"""Sources of packets beside the picture: copied untouched, or sound cut to the sample and encoded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.render.container.packets import Packets
from panscan.render.source import media_error

# Of encoded sound: the rate of video, and what every player and editor takes.
RATE_HZ = 48_000
LAYOUT = "stereo"
_CHANNELS = 2
_SILENCE_SAMPLES = 4096  # at most in one block of silence, so that a long gap needs no memory
# Lossy codecs need the packets before a cut to decode the first samples after it correctly.
_PREROLL_S = Fraction(1, 4)
# Timestamps jitter by less than this; a larger gap is a gap in the recording.
_JITTER_SAMPLES = RATE_HZ // 50

Samples = npt.NDArray[np.float32]


class PacketSource(Protocol):
    """A source of packets for a stream beside the picture."""

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets to write before the picture at `time_s`; with None, all that are left."""

    def close(self) -> None:
        """Close its files."""


class CopiedPackets:
    """Sound and subtitle packets of one file, exactly as they are."""

    def __init__(self, path: Path, targets: dict[int, Any]) -> None:
        """`targets`: index of a source stream -> output stream."""
        self._targets = targets
        self._packets = Packets(path, targets, "sound or subtitles")

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time on the file's clock."""
        for packet in self._packets.until(time_s):
            packet.stream = self._targets[packet.stream.index]
            yield packet

    def close(self) -> None:
        """Close the file."""
        self._packets.close()


@dataclass(frozen=True, slots=True)
class SoundSpan:
    """A part of a file's sound, or silence.

    Attributes
    ----------
    path : Path, optional
        None is silence.
    stream : int
        Index of the sound stream in the file.
    start_s : Fraction
        On the file's clock.
    count : int
        Samples at RATE_HZ.
    """

    path: Path | None
    stream: int
    start_s: Fraction
    count: int


class EncodedSound:
    """Sound spans one after another, encoded."""

    def __init__(self, spans: Sequence[SoundSpan], target: Any, first_sample: int = 0) -> None:
        """`target`: an AAC output stream at RATE_HZ; `first_sample`: where the first span starts on its clock."""
        self._target = target
        self._at = first_sample
        self._blocks = _blocks(spans)
        self._is_done = False

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets of all samples up to a time."""
        while not self._is_done and (time_s is None or Fraction(self._at, RATE_HZ) <= time_s):
            block = next(self._blocks, None)
            if block is None:
                self._is_done = True
                yield from self._target.encode(None)
                return
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=LAYOUT)
            frame.sample_rate = RATE_HZ
            frame.time_base = Fraction(1, RATE_HZ)
            frame.pts = self._at
            self._at += block.shape[1]
            yield from self._target.encode(frame)

    def close(self) -> None:
        """Close the file that is being read."""
        self._blocks.close()


def _blocks(spans: Sequence[SoundSpan]) -> Any:
    for span in spans:
        left = span.count
        if span.path is not None:
            for block in _decoded(span):
                yield block
                left -= block.shape[1]
        while left > 0:  # silence, also after a recording that ends early
            size = min(left, _SILENCE_SAMPLES)
            yield np.zeros((_CHANNELS, size), np.float32)
            left -= size


def _decoded(span: SoundSpan) -> Iterator[Samples]:
    """The samples of a span; gaps are silent; ends early if the recording does."""
    assert span.path is not None
    first = round(span.start_s * RATE_HZ)
    try:
        with open_container(span.path) as container:
            stream: Any = container.streams[span.stream]
            stream.thread_type = "AUTO"
            ticks = int((span.start_s - _PREROLL_S) / stream.time_base)
            if ticks > (stream.start_time or 0):
                container.seek(ticks, stream=stream, backward=True)
            written = 0
            for start, samples in _numbered_blocks(container, stream):
                # `start`: number of samples[0] on the file's clock.
                skip = first + written - start
                if skip < 0:
                    silent = min(-skip, span.count - written)
                    written += silent
                    yield np.zeros((_CHANNELS, silent), np.float32)
                    skip = 0
                part = samples[:, skip : skip + span.count - written]
                if part.shape[1]:
                    written += part.shape[1]
                    yield part
                if written >= span.count:
                    return
    except av.error.FFmpegError as error:
        raise media_error(span.path, error, " in its sound") from error


def _numbered_blocks(container: Any, stream: Any) -> Iterator[tuple[int, Samples]]:
    """Decoded sound at RATE_HZ in stereo, with the sample number at which each block starts on the file's clock."""
    resampler: Any = None
    at, expected = 0, Fraction(0)
    for frame in container.decode(stream):
        if frame.pts is None:
            continue
        place = frame.pts * Fraction(frame.time_base) * RATE_HZ
        if resampler is None or abs(place - expected) > _JITTER_SAMPLES:
            if resampler is not None:
                for out in resampler.resample(None):
                    yield at, out.to_ndarray()
                    at += out.samples
            resampler = av.AudioResampler(format="fltp", layout=LAYOUT, rate=RATE_HZ)
            at, expected = round(place), place
        expected += Fraction(frame.samples * RATE_HZ, frame.sample_rate)
        frame.pts = None  # samples are counted here; the resampler would pad or drop some by itself
        for out in resampler.resample(frame):
            yield at, out.to_ndarray()
            at += out.samples
    if resampler is not None:
        for out in resampler.resample(None):
            yield at, out.to_ndarray()
            at += out.samples
