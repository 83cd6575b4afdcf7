"""Comparing stretches of sound with the source's: how late they are, how alike and how loud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from panscan.decoding.containers import open_container
from panscan.verify.source_clock import SoundClock
from panscan.verify.thresholds import LAG_S

Samples = npt.NDArray[np.float32]

_RATE_HZ = 8000  # enough to locate speech and music to an eighth of a millisecond
_GAP_SAMPLES = 160  # 20 ms: less is jitter of timestamps, more is sound that is missing
_WINDOW_S = Fraction(2)  # of each stretch
_MIN_WINDOW_S = Fraction(1, 4)  # shorter stretches fit at too many places
_SEARCH_S = Fraction(1, 2)  # to both sides
_SILENT, _SOUNDING = 1e-3, 1e-2  # rms of full scale: -60 and -40 dB
_MIN_LIKENESS = 0.5  # correlation: compression keeps far more, other sound has far less
_MIN_ENERGY_SHARE = 0.01  # of the output's: a source 20 dB quieter is not what sounds there
_TIE = 0.005  # correlations this near to the best count as equal


@dataclass(frozen=True, slots=True)
class SoundComparison:
    """One compared stretch of sound.

    Attributes
    ----------
    at_s : Fraction
        Where it starts in the output.
    lag_s : float
        How late the output is.
    likeness : float
        Correlation with the source at that lag.
    louder_db : float
        Level of the output against the source's at that lag.
    """

    at_s: Fraction
    lag_s: float
    likeness: float
    louder_db: float = 0.0


def compare_sound(
    output: Path,
    output_zero_s: Fraction,
    pairs: Sequence[tuple[Fraction, Fraction, Path, Fraction]],
    *,
    stream: int = 0,
    is_whole: bool = False,
    offsets_s: Mapping[Path, Sequence[Fraction]] | None = None,
) -> list[SoundComparison]:
    """Compare stretches of sound.

    Parameters
    ----------
    output : Path
    output_zero_s : Fraction
        Time of the output's first record frame on its file's clock.
    pairs : sequence of (start, length, source, source start)
        Stretches in seconds from the output's zero, and where they come from on the source's clock.
    stream : int
        Which sound of both files.
    is_whole : bool
        The source's sound must be there throughout: silence instead of it gets a likeness of 0.
    offsets_s : dict of Path to Fractions, optional
        What is added to the times of a source whose clock jumps, from jump to jump.

    Returns
    -------
    list of SoundComparison
        Silent stretches are left out.
    """
    found = []
    for start_s, length_s, source, source_s in pairs:
        span_s = min(length_s, _WINDOW_S)
        if span_s < _MIN_WINDOW_S:
            continue
        output_sound = _mono(output, output_zero_s + start_s, span_s, stream)
        source_sound = _mono(
            source, source_s - _SEARCH_S, span_s + 2 * _SEARCH_S, stream, (offsets_s or {}).get(source, ())
        )
        if min(_level(output_sound), _level(source_sound)) < _SILENT:
            edge = round(_SEARCH_S * _RATE_HZ)
            if is_whole and max(_level(output_sound), _level(source_sound[edge:-edge])) > _SOUNDING:
                found.append(SoundComparison(start_s, 0.0, 0.0))
            continue
        product = fftconvolve(source_sound, output_sound[::-1], mode="valid")
        energy = fftconvolve(source_sound**2, np.ones(len(output_sound), np.float32), mode="valid")
        # Where the source is all but silent nothing is alike: what is left, noise of a codec, may fit by chance.
        output_energy = float(np.sum(output_sound**2))
        score = product / np.sqrt(np.maximum(energy, _MIN_ENERGY_SHARE * output_energy) * output_energy)
        # A steady tone matches at many offsets: among equally good ones, take the one nearest to zero.
        near_best = np.flatnonzero(score >= score.max() - _TIE)
        best = int(near_best[np.argmin(np.abs(near_best - round(_SEARCH_S * _RATE_HZ)))])
        louder = 20 * np.log10(_level(output_sound) / max(_level(source_sound[best : best + len(output_sound)]), 1e-6))
        found.append(SoundComparison(start_s, float(_SEARCH_S) - best / _RATE_HZ, float(score[best]), float(louder)))
    return found


def is_mismatch(comparison: SoundComparison, limit_s: float = LAG_S) -> bool:
    """Whether a stretch is out of time, or is other sound."""
    return comparison.likeness < _MIN_LIKENESS or abs(comparison.lag_s) > limit_s


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def _mono(
    path: Path, start_s: Fraction, length_s: Fraction, number: int, offsets_s: Sequence[Fraction] = ()
) -> Samples:
    """A stretch of one sound stream at 8 kHz; silence where there is none."""
    result = np.zeros(round(length_s * _RATE_HZ), np.float32)
    first = round(start_s * _RATE_HZ)
    with open_container(path) as container:
        if number >= len(container.streams.audio):
            return result
        stream: Any = container.streams.audio[number]
        ticks = int((start_s - 1) / Fraction(stream.time_base or 1))
        clock = SoundClock(container.format.name, offsets_s or (Fraction(0),))
        if ticks > (stream.start_time or 0) and not any(offsets_s):
            container.seek(ticks, stream=stream, backward=True)
        mono = _MonoSound()
        at: int | None = None
        for frame in _decoded(container, stream):
            if frame.pts is None:
                continue
            place = round(clock.time_s(frame.pts * Fraction(frame.time_base or stream.time_base)) * _RATE_HZ)
            if at is None or abs(place - at) > _GAP_SAMPLES:
                at = place
            frame.pts = None
            for samples in mono.add(frame):
                low, high = max(at, first), min(at + len(samples), first + len(result))
                if high > low:
                    result[low - first : high - first] = samples[low - at : high - at]
                at += len(samples)
            if at >= first + len(result):
                break
    return result


class _MonoSound:
    """Decoded frames as mono samples at 8 kHz; the mean of all channels where their layout is unknown.

    Only packed frames are looked into: PyAV reads beyond the channels of planar ones.
    """

    def __init__(self) -> None:
        self._kind: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def add(self, frame: Any) -> list[Samples]:
        """The samples that are ready with this frame."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            layout = None if " channels" in frame.layout.name else "mono"
            self._kind = kind
            self._resampler = av.AudioResampler(format="flt", layout=layout, rate=_RATE_HZ)
        parts = self._resampler.resample(frame)
        return [part.to_ndarray().reshape(-1, part.layout.nb_channels).mean(axis=1) for part in parts]


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """The frames that decode: damaged packets are silent in the source, and so they are in the output."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue
