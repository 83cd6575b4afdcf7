"""A movie's sound, stretch by stretch, beside what each clip of the cut should add to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise, takewhile

import av
import numpy as np
from scipy.signal import fftconvolve

from panscan.timeline.sound import SoundClip
from panscan.verify.measure.sound_parts import SoundPart, in_layout
from panscan.verify.measure.sound_reading import RATE_HZ, Samples, SoundReader

_STRETCH_S = Fraction(1, 2)  # at most: what is lost for half as long is seen
_EDGE_S = Fraction(1, 25)  # of each end of a clip, apart: what starts or ends so much too late is seen there
_COARSE_SAMPLES = RATE_HZ // 1000  # two roundings to half a millisecond
_SETTLE_SAMPLES = 4 * RATE_HZ  # in which a clip's place is looked for
_MIN_LIKENESS = 0.05  # correlation under which nothing is known of the place


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A part of the record.

    Attributes
    ----------
    first, end : int
        Record samples.
    heard : ndarray, shape (samples, channels)
        What the movie plays.
    channels : tuple of int
        Those that are compared.
    parts : tuple of SoundPart
        The clips whose waves can be foretold.
    waves : tuple of ndarray, shape (samples, channels)
        What each of them should add.
    free : tuple of SoundPart
        Clips at another speed, of which only the level can be foretold.
    """

    first: int
    end: int
    heard: Samples
    channels: tuple[int, ...]
    parts: tuple[SoundPart, ...]
    waves: tuple[Samples, ...]
    free: tuple[SoundPart, ...]

    @property
    def expected(self) -> Samples:
        """What all clips whose waves can be foretold play together."""
        return np.asarray(sum(self.waves, np.zeros_like(self.heard)))


def stretch_spans(clips: Iterable[SoundClip], end_s: Fraction) -> list[tuple[int, int]]:
    """Parts of the record, one after another, of half a second at most; ends of clips and of fades lie between them."""
    times = {Fraction(0), end_s}
    for clip in clips:
        for at_s, fade, way in ((clip.start_s, clip.fade_in, 1), (clip.end_s, clip.fade_out, -1)):
            times |= {at_s - _EDGE_S, at_s, at_s + _EDGE_S}
            times |= {at_s + way * fade.length_s / 2, at_s + way * fade.length_s}
    inside = sorted(time for time in times if 0 <= time <= end_s)
    # Ends of clips lie near each other, too: what is shorter than an edge says nothing.
    kept = [inside[0]]
    for time in inside:
        if time - kept[-1] >= _EDGE_S:
            kept.append(time)
    if len(kept) > 1:
        kept[-1] = end_s
    cut = [
        before + (after - before) * n / parts
        for before, after in pairwise(kept)
        for parts in [max(1, -(-(after - before) // _STRETCH_S))]
        for n in range(int(parts))
    ]
    samples = [round(time * RATE_HZ) for time in [*cut, kept[-1]]]
    return [(first, end) for first, end in pairwise(samples) if end > first]


@dataclass(frozen=True, slots=True)
class MovieSound:
    """One sound stream of a movie on the clock of the record.

    Attributes
    ----------
    reader : SoundReader
    layout : str
        FFmpeg's name of the channels that it is compared in.
    zero : int
        The movie's sample at the start of the record.
    """

    reader: SoundReader
    layout: str
    zero: int

    @property
    def channels(self) -> tuple[int, ...]:
        """Those that are compared, without subwoofers: codecs keep the lowest tones of these alone."""
        channels = av.AudioLayout(self.layout).channels
        return tuple(number for number, channel in enumerate(channels) if not channel.name.startswith("LFE"))

    def samples(self, first: int, end: int) -> Samples:
        """Samples [first, end) of the record."""
        return in_layout(self.reader.read(self.zero + first, end - first), self.reader.layout, self.layout)


def read_stretches(
    movie: MovieSound, parts: Sequence[SoundPart], spans: Iterable[tuple[int, int]]
) -> Iterator[Stretch]:
    """Read the sound of a movie and of the clips in it. `spans`: record samples, in rising order."""
    waiting = sorted(parts, key=lambda part: part.first, reverse=True)
    sounding: list[SoundPart] = []
    for first, end in spans:
        for part in [part for part in sounding if part.end <= first]:
            part.close()
            sounding.remove(part)
        while waiting and waiting[-1].first < end:
            sounding.append(waiting.pop())
            if sounding[-1].is_coarse:
                begin = sounding[-1].first
                _settle(sounding[-1], chain(sounding[:-1], reversed(waiting)), movie, (begin, begin + _SETTLE_SAMPLES))
        here = [part for part in sounding if part.end > first]
        for part in here:
            if part.clock_jumps:  # where the recordings meet, their samples lie between each other
                _settle(part, [other for other in here if other is not part], movie, (first, end))
        yield _stretch(movie, here, first, end)
    for part in sounding:
        part.close()


def _stretch(movie: MovieSound, here: Sequence[SoundPart], first: int, end: int) -> Stretch:
    kept = tuple(part for part in here if part.keeps_waveform)
    free = tuple(part for part in here if not part.keeps_waveform)
    waves = tuple(part.samples(first, end) for part in kept)
    return Stretch(first, end, movie.samples(first, end), movie.channels, kept, waves, free)


def _settle(part: SoundPart, others: Iterable[SoundPart], movie: MovieSound, span: tuple[int, int]) -> None:
    """Move a part whose file does not tell samples apart to where it fits best in a span, by a millisecond at most.

    others: in rising order of their starts, from those on that sound already.
    """
    first, end = max(span[0], part.first), min(span[1], part.end)
    if not part.keeps_waveform or end <= first + 1:
        return
    part.late_samples = 0
    expected, rest = part.samples(first, end), movie.samples(first, end)
    for other in takewhile(lambda one: one.first < end, others):
        if other.keeps_waveform and other.end > first:
            rest -= other.samples(first, end)
    rest, expected = np.diff(rest, axis=0), np.diff(expected, axis=0)
    product = fftconvolve(rest, expected[::-1], axes=0).sum(axis=1)
    reach = min(_COARSE_SAMPLES, len(rest) - 1)
    near = product[len(rest) - 1 - reach : len(rest) + reach]
    likeness = near.max() / max(float(np.sqrt(np.sum(rest**2) * np.sum(expected**2))), 1e-9)
    if likeness > _MIN_LIKENESS:
        part.late_samples = int(np.argmax(near)) - reach
