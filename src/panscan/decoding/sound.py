"""Decoded sound as packed float samples, whatever its channels, layout, rate and damage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.clock import demuxed
from panscan.model.media import PictureIndex

Samples = npt.NDArray[np.float32]


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


def decoded_sound(container: Any, stream: Any, index: PictureIndex | None) -> Iterator[Any]:
    """All frames that can be decoded, on the clock of the pictures' index; sound alone has none, and its own clock.

    Damaged packets are left out, and a broken file ends early.
    """
    try:
        for packet in container.demux(stream) if index is None else demuxed(container, [stream], index):
            try:
                yield from (frame for frame in packet.decode() if frame.samples and frame.sample_rate)
            except av.error.FFmpegError:
                continue
    except av.error.FFmpegError:
        return


def is_known(layout: str) -> bool:
    """Whether FFmpeg knows the loudspeaker of each channel: it calls a layout "10 channels" where it does not."""
    return not layout.endswith(" channels") and not layout.startswith("ambisonic")
