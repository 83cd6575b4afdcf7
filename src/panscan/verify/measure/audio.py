"""Whether the sound is the source's, and in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from panscan.verify.thresholds import LAG_S

Samples = npt.NDArray[np.float32]

_RATE_HZ = 8000
_WINDOW_S = Fraction(2)
_SEARCH_S = Fraction(1, 2)
_SILENT, _SOUNDING = 1e-3, 1e-2
_LIKE = 0.5
_TIE = 0.005


@dataclass(frozen=True, slots=True)
class SoundComparison:
    """One compared stretch: place in the output, lag of the output behind the source, and how alike they are.

    louder_db: level of the output against the source's at that lag.
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
        The sound of the source is to be there throughout: silence where it sounds is a fault, with a likeness of 0.

    Returns
    -------
    list of Lag
        Silent stretches are left out.
    """
    found = []
    for start_s, length_s, source, source_s in pairs:
        span_s = min(length_s, _WINDOW_S)
        if span_s < Fraction(1, 4):
            continue
        heard = _mono(output, output_zero_s + start_s, span_s, stream)
        wanted = _mono(source, source_s - _SEARCH_S, span_s + 2 * _SEARCH_S, stream)
        if min(_level(heard), _level(wanted)) < _SILENT:
            edge = round(_SEARCH_S * _RATE_HZ)
            if is_whole and max(_level(heard), _level(wanted[edge:-edge])) > _SOUNDING:
                found.append(SoundComparison(start_s, 0.0, 0.0))
            continue
        product = fftconvolve(wanted, heard[::-1], mode="valid")
        energy = fftconvolve(wanted**2, np.ones(len(heard), np.float32), mode="valid")
        score = product / np.sqrt(np.maximum(energy, 1e-9) * float(np.sum(heard**2)))
        # A steady tone fits at many places: of equally good ones the nearest to none at all counts.
        good = np.flatnonzero(score >= score.max() - _TIE)
        best = int(good[np.argmin(np.abs(good - round(_SEARCH_S * _RATE_HZ)))])
        louder = 20 * np.log10(_level(heard) / max(_level(wanted[best : best + len(heard)]), 1e-6))
        found.append(SoundComparison(start_s, float(_SEARCH_S) - best / _RATE_HZ, float(score[best]), float(louder)))
    return found


def is_mismatch(comparison: SoundComparison, limit_s: float = LAG_S) -> bool:
    """Whether a stretch is out of place, or something else altogether."""
    return comparison.likeness < _LIKE or abs(comparison.lag_s) > limit_s


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def _mono(path: Path, start_s: Fraction, length_s: Fraction, number: int) -> Samples:
    """A stretch of one sound stream at 8 kHz; silence where there is none."""
    result = np.zeros(round(length_s * _RATE_HZ), np.float32)
    first = round(start_s * _RATE_HZ)
    with av.open(str(path)) as container:
        if number >= len(container.streams.audio):
            return result
        stream = container.streams.audio[number]
        ticks = int((start_s - 1) / Fraction(stream.time_base or 1))
        if ticks > (stream.start_time or 0):
            container.seek(ticks, stream=stream, backward=True)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE_HZ)
        at: int | None = None
        for frame in container.decode(stream):
            if frame.pts is None or frame.time_base is None:
                continue
            if at is None:
                at = round(frame.pts * frame.time_base * _RATE_HZ)
            frame.pts = None
            for part in resampler.resample(frame):
                samples = part.to_ndarray().reshape(-1)
                low, high = max(at, first), min(at + len(samples), first + len(result))
                if high > low:
                    result[low - first : high - first] = samples[low - at : high - at]
                at += len(samples)
            if at >= first + len(result):
                break
    return result
