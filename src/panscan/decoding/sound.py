"""Decoded sound as packed float samples, whatever its channels, layout, rate and damage."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.clock import demuxed
from panscan.decoding.pictures import is_of_programme, timestamp
from panscan.model.media import PictureIndex

Samples = npt.NDArray[np.float32]

_MAX_PLACES_TOLD = 3  # places of damage that a note names


class PackedSound:
    """Turns decoded frames into arrays (samples, channels) of float32 at one rate.

    Only packed frames may be looked into: PyAV counts the planes of planar ones up to a null pointer, which is missing
    from 8 channels on, and so it reads foreign memory. A stream may change its channels or its rate on the way.
    """

    def __init__(self, rate_hz: int, layout: str | None = None) -> None:
        """`layout`: FFmpeg's name of what known layouts are mixed to; None leaves all channels as they are."""
        self._rate_hz, self._layout = rate_hz, layout
        self._resampler: Any = None
        self._kind: tuple[str, str, int] | None = None

    def add(self, frame: Any) -> list[Samples]:
        """The samples that are ready with this frame; a frame that cannot be used counts as damaged."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        ready: list[Samples] = []
        if kind != self._kind:
            ready, self._kind = self.flush(), kind
            self._resampler = av.AudioResampler(format="flt", layout=self._layout, rate=self._rate_hz)
        return ready + self._resampled(frame)

    def flush(self) -> list[Samples]:
        """The samples that are still held back; what is added next has no link to what was before."""
        ready = self._resampled(None) if self._resampler is not None else []
        self._resampler = self._kind = None
        return ready

    def _resampled(self, frame: Any) -> list[Samples]:
        try:
            return [packed_samples(part) for part in self._resampler.resample(frame)]
        except (av.error.FFmpegError, ValueError):
            return []


def packed_samples(frame: Any) -> Samples:
    """The samples of a packed frame: array (samples, channels)."""
    return np.asarray(frame.to_ndarray(), np.float32).reshape(-1, frame.layout.nb_channels)


def sound_streams(container: Any, picture: Any) -> list[Any]:
    """The sound that goes with a picture stream, of codecs that FFmpeg knows; all of it where there is no picture."""
    streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
    return [stream for stream in streams if picture is None or is_of_programme(container, stream, picture)]


class SoundDamage:
    """The packets of one sound stream that do not decode."""

    def __init__(self, index: PictureIndex | None) -> None:
        """`index`: of the pictures beside it."""
        self._start_s = Fraction(0) if index is None else int(index.pts[0]) * index.time_base
        self._length_s: dict[Fraction, Fraction] = {}

    @property
    def end_s(self) -> Fraction:
        """When the last of them ends, on the file's clock; 0 without any."""
        return max((start_s + length_s for start_s, length_s in self._length_s.items()), default=Fraction(0))

    def decoded(self, packet: Any) -> list[Any] | None:
        """The frames of a packet; None if it does not decode, which is kept in mind."""
        try:
            return [frame for frame in packet.decode() if frame.samples and frame.sample_rate]
        except av.error.FFmpegError:
            self._length_s[(timestamp(packet) or 0) * packet.time_base] = (packet.duration or 0) * packet.time_base
            return None

    def notes(self) -> Iterator[str]:
        """The line about them, if there are any."""
        if self._length_s:
            places = [f"{float(at_s - self._start_s):.2f}" for at_s in sorted(self._length_s)]
            more = " and later" if len(places) > _MAX_PLACES_TOLD else ""
            total_s = float(sum(self._length_s.values()))
            yield (
                f"{len(places)} sound packet(s) ({total_s:.2f} s) do not decode: "
                f"at {', '.join(places[:_MAX_PLACES_TOLD])} s{more} it is silent"
            )


def decoded_sound(container: Any, stream: Any, index: PictureIndex | None, damage: SoundDamage) -> Iterator[Any]:
    """All frames that can be decoded, on the clock of the pictures' index; sound alone has none, and its own clock.

    Damaged packets are left out and noted in `damage`; a broken file ends early.
    """
    try:
        for packet in container.demux(stream) if index is None else demuxed(container, [stream], index):
            yield from damage.decoded(packet) or ()
    except av.error.FFmpegError:
        return


def is_known(layout: str) -> bool:
    """Whether FFmpeg knows the loudspeaker of each channel: it calls a layout "10 channels" where it does not."""
    return not layout.endswith(" channels") and not layout.startswith("ambisonic")
