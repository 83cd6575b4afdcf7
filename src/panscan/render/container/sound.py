"""Sources of packets beside the picture: copied untouched, or sound cut to the sample and encoded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av.error
import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.index import read_index
from panscan.decoding.sound import PackedSound, Samples, decoded_sound, is_known
from panscan.render.container.packets import Packets
from panscan.render.container.sound_coding import RATE_HZ, channel_count, packed_frame
from panscan.render.source import media_error

_SILENCE_SAMPLES = 4096  # at most in one block of silence, so that a long gap needs no memory
# Lossy codecs need the packets before a cut to decode the first samples after it correctly.
_PREROLL_S = Fraction(1, 4)
# Timestamps jitter by less than this; a larger gap is a gap in the recording.
_JITTER_SAMPLES = RATE_HZ // 50


class PacketSource(Protocol):
    """A source of packets for a stream beside the picture."""

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets to write before the picture at `time_s`; with None, all that are left."""

    def close(self) -> None:
        """Close its files."""


class CopiedPackets:
    """Sound and subtitle packets of one file, exactly as they are.

    Damaged sound is left out, and so are packets of damaged files whose time goes back: no container takes them.
    """

    def __init__(self, path: Path, targets: dict[int, Any]) -> None:
        """`targets`: index of a source stream -> output stream."""
        self._targets = targets
        self._packets = Packets(path, targets)
        self._latest: dict[int, int] = {}

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time on the file's clock."""
        for packet in self._packets.until(time_s):
            number = packet.stream.index
            ticks = packet.dts if packet.dts is not None else packet.pts
            if not _is_whole(packet) or ticks < self._latest.get(number, ticks):
                continue
            self._latest[number] = ticks
            packet.stream = self._targets[number]
            yield packet

    def close(self) -> None:
        """Close the file."""
        self._packets.close()


def _is_whole(packet: Any) -> bool:
    """Whether a packet can be played. Uncompressed sound always can, and subtitles are not tried."""
    if packet.stream.type != "audio" or packet.stream.codec_context.name.startswith("pcm_"):
        return True
    try:
        packet.decode()
    except av.error.FFmpegError:
        return False
    return True


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

    def __init__(self, spans: Sequence[SoundSpan], target: Any, layout: str, first_sample: int = 0) -> None:
        """`target`: a stream of `sound_coding`; `first_sample`: where the first span starts on its clock."""
        self._target = target
        self._layout = layout
        self._at = first_sample
        self._blocks = _blocks(spans, layout)
        self._is_done = False

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets of all samples up to a time."""
        while not self._is_done and (time_s is None or Fraction(self._at, RATE_HZ) <= time_s):
            block = next(self._blocks, None)
            if block is None:
                self._is_done = True
                yield from self._target.encode(None)
                return
            frame = packed_frame(block, self._layout, self._at)
            self._at += len(block)
            yield from self._target.encode(frame)

    def close(self) -> None:
        """Close the file that is being read."""
        self._blocks.close()


def _blocks(spans: Sequence[SoundSpan], layout: str) -> Any:
    channels = channel_count(layout)
    for span in spans:
        left = span.count
        if span.path is not None:
            for block in _decoded(span, layout):
                yield block
                left -= len(block)
        while left > 0:  # silence, also after a recording that ends early
            size = min(left, _SILENCE_SAMPLES)
            yield np.zeros((size, channels), np.float32)
            left -= size


def _decoded(span: SoundSpan, layout: str) -> Iterator[Samples]:
    """The samples of a span; gaps are silent; ends early if the recording does."""
    assert span.path is not None
    first = round(span.start_s * RATE_HZ)
    try:
        with open_container(span.path) as container:
            stream: Any = container.streams[span.stream]
            stream.thread_type = "AUTO"
            ticks = int((span.start_s - _PREROLL_S) / stream.time_base)
            index = read_index(span.path)
            if ticks > (stream.start_time or 0) and index.is_seekable:
                container.seek(ticks, stream=stream, backward=True)
            written = 0
            for start, samples in _numbered_blocks(decoded_sound(container, stream, index), layout):
                # `start`: number of samples[0] on the file's clock.
                skip = first + written - start
                while skip < 0 and written < span.count:
                    silent = min(-skip, span.count - written, _SILENCE_SAMPLES)
                    written += silent
                    skip += silent
                    yield np.zeros((silent, samples.shape[1]), np.float32)
                part = samples[max(0, skip) : max(0, skip) + span.count - written]
                if len(part):
                    written += len(part)
                    yield part
                if written >= span.count:
                    return
    except av.error.FFmpegError as error:
        raise media_error(span.path, error, " in its sound") from error


def _numbered_blocks(frames: Iterator[Any], layout: str) -> Iterator[tuple[int, Samples]]:
    """Decoded sound at RATE_HZ in a layout, with the number of each block's first sample on the file's clock."""
    mix: _Mix | None = None
    at, expected = 0, Fraction(0)
    for frame in frames:
        if frame.pts is None and mix is None:
            continue
        place = expected if frame.pts is None else frame.pts * Fraction(frame.time_base) * RATE_HZ
        if mix is None or mix.source != frame.layout.name or abs(place - expected) > _JITTER_SAMPLES:
            if mix is not None:
                for samples in mix.flush():
                    yield at, samples
                    at += len(samples)
            mix = _Mix(frame.layout.name, layout)
            at, expected = round(place), place
        expected += Fraction(frame.samples * RATE_HZ, frame.sample_rate)
        frame.pts = None  # samples are counted here; the resampler would pad or drop some by itself
        for samples in mix.add(frame):
            yield at, samples
            at += len(samples)
    if mix is not None:
        for samples in mix.flush():
            yield at, samples
            at += len(samples)


class _Mix:
    """Sound of one layout in another: known layouts as FFmpeg mixes them, others as they are if the counts agree.

    Nobody can say what belongs where in an unknown layout of another count: all its channels are averaged.
    """

    def __init__(self, source: str, target: str) -> None:
        self.source = source
        self._channels = channel_count(target)
        is_mixed = source != target and is_known(source) and is_known(target)
        self._packed = PackedSound(RATE_HZ, target if is_mixed else None)

    def add(self, frame: Any) -> list[Samples]:
        """The samples that are ready with this frame."""
        return [self._fitted(samples) for samples in self._packed.add(frame)]

    def flush(self) -> list[Samples]:
        """The samples that were held back."""
        return [self._fitted(samples) for samples in self._packed.flush()]

    def _fitted(self, samples: Samples) -> Samples:
        if samples.shape[1] == self._channels:
            return samples
        return np.repeat(samples.mean(axis=1, keepdims=True), self._channels, axis=1)
