"""From the channels of a sound to those of the movie: known layouts as FFmpeg mixes them, and pan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import av
import numpy as np
import numpy.typing as npt

from panscan.decoding.sound import PackedSound, Samples, is_known
from panscan.render.container.sound_coding import RATE_HZ, STEREO, channel_count, packed_frame

MONO = "mono"
_PAIR = 2

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Downmix:
    """What becomes of the channels of a sound.

    Attributes
    ----------
    target : str
        FFmpeg's name of the movie's channel layout.
    channels : tuple of int
        Those of the source that are heard, from 0; empty are all.
    pan : float
        From -1, left, to 1, right.
    """

    target: str
    channels: tuple[int, ...] = ()
    pan: float = 0.0

    def __call__(self, samples: Samples, layout: str) -> Samples:
        """Samples (n, channels) of a layout as samples (n, channels of the target)."""
        return samples @ _matrix(layout, self)


def heard_layout(layout: str, channels: Sequence[int]) -> str:
    """The layout of what is heard of a sound: one channel is in the middle, two are left and right."""
    if len(channels) == 1:
        return MONO
    return STEREO if len(channels) == _PAIR else layout


@lru_cache(maxsize=64)
def _matrix(layout: str, downmix: Downmix) -> Matrix:
    """What each channel of a layout (row) adds to each of the target (column)."""
    count = channel_count(layout)
    chosen = [n for n in downmix.channels if n < count] if downmix.channels else range(count)
    heard = heard_layout(layout, downmix.channels)
    matrix = np.zeros((count, channel_count(downmix.target)), np.float32)
    mixed = _layout_matrix(heard, downmix.target)
    for place, channel in enumerate(chosen):
        matrix[channel] = mixed[channel if heard == layout else place]
    return matrix * _pan_factors(downmix, is_mono=channel_count(heard) == 1)


@lru_cache(maxsize=64)
def _layout_matrix(source: str, target: str) -> Matrix:
    """FFmpeg's own matrix: what becomes of a moment in which the channels sound one after another.

    Nobody can say what belongs where in an unknown layout: its channels stay as they are if the counts agree, else
    all of them are averaged.
    """
    count, wanted = channel_count(source), channel_count(target)
    if source == target or (count == wanted and not (is_known(source) and is_known(target))):
        return np.eye(count, dtype=np.float32)
    if not (is_known(source) and is_known(target)):
        return np.full((count, wanted), 1 / count, np.float32)
    packed = PackedSound(RATE_HZ, target)
    each_alone = packed_frame(np.eye(count), source, 0)
    return np.concatenate([*packed.add(each_alone), *packed.flush()])


def _pan_factors(downmix: Downmix, *, is_mono: bool) -> Matrix:
    """What pan does to each channel of the target: one channel wanders with equal power, others are balanced."""
    pan = downmix.pan
    left, right = min(1.0, 1 - pan), min(1.0, 1 + pan)
    if is_mono:
        angle = (pan + 1) * math.pi / 4
        left, right = math.sqrt(2) * math.cos(angle), math.sqrt(2) * math.sin(angle)
    sides = {"L": left, "R": right}
    if not (pan and is_known(downmix.target)):
        return np.ones(channel_count(downmix.target), np.float32)
    speakers = [channel.name for channel in av.AudioLayout(downmix.target).channels]
    return np.array([sides.get(speaker[-1], 1.0) for speaker in speakers], np.float32)
