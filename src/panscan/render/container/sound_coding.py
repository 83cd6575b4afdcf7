"""How sound is encoded: which codec keeps its channels in a container, tried here and not read from a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from typing import Any

import av
import av.error
import numpy as np

from panscan.decoding.containers import open_bytes
from panscan.decoding.sound import is_known

RATE_HZ = 48_000  # of encoded sound: the rate of video, and what every player and editor takes
STEREO = "stereo"
STEREO_CHANNELS = 2
# AAC plays everywhere; the others are lossless and take what it does not.
_CODECS: Mapping[str, tuple[str, ...]] = {
    "mp4": ("aac", "flac"),
    "mov": ("aac", "pcm_s24le"),
    "matroska": ("aac", "flac", "pcm_s24le"),
}
_SAMPLE_FORMATS = {"aac": "fltp", "flac": "s32", "pcm_s24le": "s32"}
# FFmpeg's layouts beside the picture's sides have the same channels as those behind, and AAC has one name for both. A
# stream of one or two channels without a layout is what it looks like.
_SAME_LAYOUTS = {"5.1(side)": "5.1", "5.0(side)": "5.0", "1 channels": "mono", "2 channels": STEREO}
# What a file may list channel by channel, in an order of its own.
_STANDARD_LAYOUTS = ("3.0", "4.0", "quad", "5.0", "5.1", "6.1", "7.0", "7.1")
_TRIED_SAMPLES = 4096  # a few frames of every codec
_KEPT, _UNNAMED, _RENAMED, _UNFIT = range(4)  # what may become of a layout, from best to worst


@dataclass(frozen=True, slots=True)
class SoundCoding:
    """How a sound stream is encoded.

    Attributes
    ----------
    codec : str
        FFmpeg's encoder.
    layout : str
        FFmpeg's name of the channel layout.
    """

    codec: str
    layout: str

    @property
    def sample_format(self) -> str:
        """What the encoder takes."""
        return _SAMPLE_FORMATS[self.codec]

    @property
    def channels(self) -> int:
        """How many."""
        return channel_count(self.layout)

    @property
    def name(self) -> str:
        """The codec as people call it."""
        return self.codec.split("_")[0].upper()


def channel_count(layout: str) -> int:
    """Channels of a layout by its name."""
    return int(av.AudioLayout(layout).nb_channels)


@lru_cache(maxsize=64)
def common_name(layout: str) -> str:
    """The name under which layouts of the same loudspeakers, in any order, are compared and encoded."""
    layout = _SAME_LAYOUTS.get(layout, layout)
    if not is_known(layout) or "(" not in layout:
        return layout
    speakers = _speakers(layout)
    return next((name for name in _STANDARD_LAYOUTS if _speakers(name) == speakers), layout)


def _speakers(layout: str) -> frozenset[str]:
    return frozenset(channel.name for channel in av.AudioLayout(layout).channels)


def coding_for(container_format: str, layout: str) -> SoundCoding:
    """The first codec that keeps a layout, or else the number of channels; stereo in AAC where there is none."""
    codings = [SoundCoding(codec, layout) for codec in _CODECS[container_format]]
    best = min(codings, key=lambda coding: _loss(container_format, coding))
    return best if _loss(container_format, best) < _UNFIT else SoundCoding("aac", STEREO)


@lru_cache(maxsize=64)
def _loss(container_format: str, coding: SoundCoding) -> int:
    """What becomes of the layout: one of the four above."""
    try:
        found = _read_back(container_format, coding)
    except (av.error.FFmpegError, ValueError, StopIteration):
        return _UNFIT
    if found == coding.layout:
        return _KEPT
    if channel_count(found) != coding.channels:
        return _UNFIT
    return _RENAMED if is_known(found) else _UNNAMED


def _read_back(container_format: str, coding: SoundCoding) -> str:
    """The layout of a moment of silence after it was encoded and decoded."""
    file = BytesIO()
    container: Any
    with av.open(file, "w", format=container_format) as container:
        stream = add_stream(container, coding)
        silence = np.zeros((_TRIED_SAMPLES, coding.channels), np.float32)
        container.mux(stream.encode(packed_frame(silence, coding.layout, 0)))
        container.mux(stream.encode(None))
    file.seek(0)
    with open_bytes(file) as container:
        return str(next(iter(container.decode(audio=0))).layout.name)


def add_stream(container: Any, coding: SoundCoding, bit_rate: int = 0) -> Any:
    """A sound stream at RATE_HZ."""
    stream = container.add_stream(coding.codec, rate=RATE_HZ, layout=coding.layout)
    if bit_rate:
        stream.codec_context.bit_rate = bit_rate
    stream.codec_context.format = coding.sample_format
    stream.time_base = Fraction(1, RATE_HZ)
    return stream


def packed_frame(samples: Any, layout: str, first_sample: int) -> Any:
    """A frame of samples (samples, channels) at RATE_HZ; `first_sample`: its time in samples."""
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), first_sample
    return frame
