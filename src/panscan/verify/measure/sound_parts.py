"""What each sound clip of a cut should add to the sound of the movie.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from panscan.timeline.sound import Fade, SoundClip
from panscan.verify.measure.sound_reading import RATE_HZ, Samples, SoundReader

Floats = npt.NDArray[np.float64]

_HALF_POWER = math.sqrt(0.5)


class SoundPart:
    """One sound clip as it should be heard in a movie."""

    def __init__(self, clip: SoundClip, zero_s: Fraction, layout: str, offsets_s: Sequence[Fraction] = ()) -> None:
        """`zero_s`: time of its media's first picture, or sample, on the file's clock; `layout`: of the movie."""
        self.clip = clip
        self.first, self.end = round(clip.start_s * RATE_HZ), round(clip.end_s * RATE_HZ)
        self.late_samples = 0  # how much later it was found to be
        self._zero_s, self._layout, self._offsets_s = zero_s, layout, offsets_s
        self._reader: SoundReader | None = None

    @property
    def is_coarse(self) -> bool:
        """Whether its file counts in steps that do not tell the samples apart."""
        return self._opened().is_coarse

    @property
    def clock_jumps(self) -> bool:
        """Whether the clock of its file jumps."""
        return len(set(self._offsets_s)) > 1

    def close(self) -> None:
        """Close its file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    @property
    def keeps_waveform(self) -> bool:
        """Whether it is played at its own speed; at others, only its level can be foretold."""
        return self.clip.speed == 1

    def samples(self, first: int, end: int) -> Samples:
        """What it adds to samples [first, end) of the record, in the channels of the movie."""
        low, high = max(first, self.first), min(end, self.end)
        result = np.zeros((end - first, av.AudioLayout(self._layout).nb_channels), np.float32)
        if high <= low:
            return result
        numbers = np.arange(low, high) - self.first
        heard = self._heard(self._media_sample(low), high - low)
        result[low - first : high - first] = heard * self._factors(numbers)[:, None]
        return result

    def power(self, first: int, end: int) -> Floats:
        """Its mean square over samples [first, end) of the record, for each channel of the movie."""
        low, high = max(first, self.first), min(end, self.end)
        if high <= low:
            return np.zeros(av.AudioLayout(self._layout).nb_channels)
        count = max(1, round((high - low) * self.clip.speed))
        heard = self._heard(self._media_sample(low), count)
        numbers = np.linspace(low - self.first, high - self.first - 1, count)
        level = heard * self._factors(numbers)[:, None]
        return np.asarray(np.mean(np.square(level, dtype=np.float64), axis=0) * ((high - low) / (end - first)))

    def _media_sample(self, record_sample: int) -> int:
        since_s = Fraction(record_sample, RATE_HZ) - self.clip.start_s
        media_s = self._zero_s + self.clip.media_s + since_s * self.clip.speed
        return round(media_s * RATE_HZ) - self.late_samples

    def _opened(self) -> SoundReader:
        if self._reader is None:
            self._reader = SoundReader(self.clip.path, self.clip.stream, self._offsets_s)
        return self._reader

    def _heard(self, first: int, count: int) -> Samples:
        reader = self._opened()
        samples, layout = reader.read(first, count), reader.layout
        chosen = [n for n in self.clip.channels if n < samples.shape[1]]
        if len(self.clip.channels) in (1, 2):
            samples, layout = samples[:, chosen], "mono" if len(self.clip.channels) == 1 else "stereo"
        elif chosen:
            samples[:, [n for n in range(samples.shape[1]) if n not in chosen]] = 0
        mixed = in_layout(samples, layout, self._layout)
        return mixed * self._pan(is_single=samples.shape[1] == 1) if self.clip.pan else mixed

    def _pan(self, *, is_single: bool) -> Samples:
        """One channel wanders from side to side with equal power, others only get quieter at one side."""
        pan = self.clip.pan
        if is_single:
            turn = math.pi / 4 * (1 + pan)
            sides = {"L": math.cos(turn) / _HALF_POWER, "R": math.sin(turn) / _HALF_POWER}
        else:
            sides = {"L": 1 - max(pan, 0.0), "R": 1 + min(pan, 0.0)}
        names = [channel.name for channel in av.AudioLayout(self._layout).channels]
        return np.array([sides.get(name[-1:], 1.0) for name in names], np.float32)

    def _factors(self, numbers: npt.NDArray[Any]) -> Samples:
        """How loud its samples are, by their number from its start."""
        clip, seconds = self.clip, numbers / RATE_HZ
        result = np.ones(len(numbers))
        if clip.gain:
            times = np.array([float(at_s) for at_s, _ in clip.gain])
            result *= np.power(10.0, np.interp(seconds, times, [level for _, level in clip.gain]) / 20)
        result *= _fade(clip.fade_in, seconds) * _fade(clip.fade_out, float(clip.end_s - clip.start_s) - seconds)
        return result.astype(np.float32)


def _fade(fade: Fade, since_s: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if fade.length_s == 0:
        return np.ones_like(since_s)
    done = np.clip(since_s / float(fade.length_s), 0, 1)
    return np.sin(math.pi / 2 * done) if fade.shape == "equal-power" else done


def channel_count(layout: str) -> int:
    """How many channels a layout has."""
    return int(av.AudioLayout(layout).nb_channels)


def in_layout(samples: Samples, layout: str, wanted: str) -> Samples:
    """Samples (n, channels) in another layout, as FFmpeg mixes it; averaged where it does not know one of them."""
    target = av.AudioLayout(wanted)
    if layout == wanted or not len(samples):
        return samples
    if _is_unknown(layout) or _is_unknown(wanted):
        if samples.shape[1] == target.nb_channels:
            return samples
        return np.repeat(samples.mean(axis=1, keepdims=True), target.nb_channels, axis=1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout=layout)
    frame.sample_rate = RATE_HZ
    resampler = av.AudioResampler(format="flt", layout=wanted, rate=RATE_HZ)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray().reshape(-1, target.nb_channels) for part in parts])


def _is_unknown(layout: str) -> bool:
    return layout.endswith(" channels") or layout.startswith("ambisonic")


def expected_layout(layouts: Sequence[str], clips: Sequence[SoundClip]) -> str:
    """The layout of a movie in which sounds of these layouts are heard together: theirs if all are alike, or stereo."""
    kinds = set()
    for layout, clip in zip(layouts, clips, strict=True):
        count = len(clip.channels) or av.AudioLayout(layout).nb_channels
        is_mono = count == 1 and not clip.pan
        kinds.add("mono" if is_mono else "stereo" if count <= 2 else layout)
    return kinds.pop() if len(kinds) == 1 else "stereo"
