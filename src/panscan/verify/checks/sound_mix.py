"""Whether a movie sounds as the sound clips of its cut do together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.errors import InputError
from panscan.timeline.sound import SoundClip
from panscan.verify.checks.sound_faults import SoundFault, find_fault, level_db
from panscan.verify.expectation import Expectation
from panscan.verify.measure.sound_fit import StretchFit, fits, likeness_by_lag, stretches
from panscan.verify.measure.sound_parts import SoundPart, expected_layout
from panscan.verify.measure.sound_reading import RATE_HZ, SoundReader
from panscan.verify.report import Finding
from panscan.verify.source_clock import sound_streams
from panscan.verify.source_pictures import SourcePictures
from panscan.verify.thresholds import LAG_S

Spans = Sequence[tuple[int, int]]

_SEARCH_SAMPLES = RATE_HZ // 2  # how early and late sound is looked for
_LAG_WINDOWS = 10  # of a second at most, compared to find how late all of it is
_LAG_WINDOWS_AFTER = 3  # compared to tell where a clip is that is not in its place
_LAG_RATE_HZ = 8000
_MIN_LIKENESS = 0.25  # correlation under which nothing is known of the lag
_TIE = 0.05  # correlations this near to the best count as equal: a steady tone fits at many places, also with others
_LONG_SAMPLES = RATE_HZ // 4  # shorter stretches fit at too many places
# A mix changes by this much if two channels are laid together or apart, and if more are.
_STEREO_MIX_DB, _SURROUND_MIX_DB = 3.0, 6.0


def check_mix(
    output: Path,
    expectation: Expectation,
    clips: Sequence[SoundClip],
    picture_start_s: Fraction,
    end_s: Fraction,
    measured: dict[str, Any],
) -> Finding:
    """Compare the sound of a movie with the clips that should be heard in each of its streams, over the whole length.

    end_s: of what is compared, in the record. measured: what is known so far; what is found is added.
    """
    measured |= {"lag_s": [], "louder_db": [], "clips": len(clips)}
    outputs = sorted({clip.output for clip in clips}) or [0]
    for place, number in enumerate(outputs):
        # The streams of a movie that shows a whole source have its numbers, those of a mix follow each other.
        is_copy = expectation.cut.is_whole and expectation.cut.has_whole_sound
        own = [clip for clip in clips if clip.output == number]
        listener = _Listener(output, number if is_copy else place, expectation, own, picture_start_s, end_s)
        what = listener.fault(measured)
        if what:
            name = f"sound {place + 1}" if len(outputs) > 1 else "the sound"
            return Finding("sound", "fail", what.replace("the sound", name), measured)
    missing = [clip for clip in clips if not clip.path.is_file()]
    if missing:
        files = ", ".join(dict.fromkeys(clip.path.name for clip in missing))
        return Finding("sound", "flag", f"not all of it can be compared, files are missing: {files}", measured)
    what = (
        f"{len(clips)} sound clip(s) are heard where and as loud as they should be"
        if clips
        else "silent, as it should be"
    )
    return Finding("sound", "pass", what, measured)


class _Listener:
    """One sound stream of a movie, and what should be heard in it."""

    def __init__(
        self,
        output: Path,
        stream: int,
        expectation: Expectation,
        clips: Sequence[SoundClip],
        zero_s: Fraction,
        end_s: Fraction,
    ) -> None:
        """`zero_s`: start of the record on the movie's clock; `end_s`: of what is compared, in the record."""
        self._output, self._stream, self._expectation = output, stream, expectation
        self._zero = round(zero_s * RATE_HZ)
        self._zero_s: dict[Path, Fraction] = {}
        self._missing = [clip for clip in clips if not clip.path.is_file()]
        self._clips, self._layouts = _audible(clips)
        self._spans = stretches(clips, max(end_s, Fraction(0)))
        self._layout = ""

    def fault(self, measured: dict[str, Any]) -> str:
        """What is wrong with it; empty if nothing is."""
        with SoundReader(self._output, self._stream) as reader:
            self._layout = reader.layout
            lag = self._lag(reader, self._clips, _spread(self._spans))
        is_late = abs(lag) > LAG_S * RATE_HZ
        found = self._fits(0 if is_late else lag)
        fault = find_fault(found, self._slack_db(), self._missing)
        if is_late and fault is None:  # a steady tone fits at many places, and in its own
            is_late, lag = False, 0
        measured["lag_s"].append(lag / RATE_HZ)
        if is_late:
            return f"the sound is {lag / RATE_HZ * 1000:+.0f} ms off its place"
        measured["louder_db"].append(level_db(found))
        return "" if fault is None else self._told(fault)

    def _fits(self, lag: int) -> list[StretchFit]:
        """How much of each clip is heard, so many samples later than it should be."""
        with SoundReader(self._output, self._stream) as reader:
            return list(fits(reader, self._zero + lag, self._parts(self._clips), self._spans))

    def _parts(self, clips: Sequence[SoundClip]) -> list[SoundPart]:
        return [self._part(clip) for clip in clips]

    def _part(self, clip: SoundClip) -> SoundPart:
        source = self._expectation.sources.get(clip.path)
        if clip.path not in self._zero_s:
            self._zero_s[clip.path] = _first_s(clip.path, source)
        return SoundPart(clip, self._zero_s[clip.path], self._layout, source.offsets_s if source else ())

    def _lag(self, reader: SoundReader, clips: Sequence[SoundClip], spans: Spans) -> int:
        """How many samples later than expected clips are heard, in the middle of some stretches."""
        parts = self._parts([clip for clip in clips if clip.speed == 1])
        score: npt.NDArray[np.float64] = np.zeros(2 * _SEARCH_SAMPLES * _LAG_RATE_HZ // RATE_HZ + 1)
        for first, end in spans:
            here = [part.samples(first, end) for part in parts if part.first < end and part.end > first]
            if here:
                around = reader.read(self._zero + first - _SEARCH_SAMPLES, end - first + 2 * _SEARCH_SAMPLES)
                likeness = likeness_by_lag(around, np.sum(here, axis=0))
                count = min(len(score), len(likeness))
                score[:count] += likeness[:count] / len(spans)
        for part in parts:
            part.close()
        return _best_lag(score)

    def _slack_db(self) -> float:
        """How far levels may be off as the movie has other channels than expected: mixing changes them by itself."""
        if not self._clips:
            return 0.0
        counts = {
            av.AudioLayout(layout).nb_channels for layout in (self._layout, expected_layout(self._layouts, self._clips))
        }
        if len(counts) == 1:
            return 0.0
        return _STEREO_MIX_DB if max(counts) <= 2 else _SURROUND_MIX_DB

    def _told(self, fault: SoundFault) -> str:
        """The fault in words; for a clip that is not found in its place, where it is."""
        at = f"at {fault.first / RATE_HZ:.1f} s"
        if fault.clip is None:
            return f"{at} the sound {fault.what}"
        end = fault.clip.end_s * RATE_HZ
        after = [span for span in self._spans if fault.first <= span[0] < end and span[1] - span[0] >= _LONG_SAMPLES]
        with SoundReader(self._output, self._stream) as reader:
            lag = self._lag(reader, [fault.clip], after[:_LAG_WINDOWS_AFTER])
        if abs(lag) > LAG_S * RATE_HZ:
            return f"{at} {fault.clip.name!r} is {lag / RATE_HZ * 1000:+.0f} ms off its place in the sound"
        return f"{at} {fault.clip.name!r} {fault.what} in the sound"


def _spread(spans: Spans) -> Spans:
    """Some of the long ones among stretches, spread over all."""
    long = [span for span in spans if span[1] - span[0] >= _LONG_SAMPLES]
    return long[:: max(1, -(-len(long) // _LAG_WINDOWS))]


def _best_lag(score: Any) -> int:
    """The lag with the best score, in samples at 48 kHz; among equally good ones, the nearest to none."""
    if not len(score) or score.max() < _MIN_LIKENESS:
        return 0
    middle = len(score) // 2
    around = np.pad(score, 1, constant_values=-np.inf)
    is_peak = (score >= around[:-2]) & (score >= around[2:])
    near_best = np.flatnonzero(is_peak & (score >= score.max() - _TIE))
    best = int(near_best[np.argmin(np.abs(near_best - middle))])
    part = 0.0
    if 0 < best < len(score) - 1:  # between two samples, by the parabola through three scores
        before, top, after = score[best - 1 : best + 2]
        bend = before - 2 * top + after
        part = float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
    return round((best + part - middle) * RATE_HZ / _LAG_RATE_HZ)


def _audible(clips: Sequence[SoundClip]) -> tuple[list[SoundClip], list[str]]:
    """The clips that can be heard, and the layouts of their sounds."""
    layouts: dict[tuple[Path, int], str | None] = {}
    for clip in clips:
        key = (clip.path, clip.stream)
        if key not in layouts:
            layouts[key] = _layout(*key)
    heard = [clip for clip in clips if clip.is_playable and layouts[clip.path, clip.stream]]
    return heard, [layouts[clip.path, clip.stream] or "" for clip in heard]


def _layout(path: Path, number: int) -> str | None:
    try:
        with open_container(path) as container:
            streams = sound_streams(container)
            return str(streams[number].codec_context.layout.name) if number < len(streams) else None
    except (OSError, av.error.FFmpegError):
        return None


def _first_s(path: Path, source: SourcePictures | None) -> Fraction:
    """Time of the first picture of a media, or of the first sample of sound alone, on its file's clock."""
    if source is not None:
        return int(source.pts[0]) * source.time_base
    try:
        pictures = SourcePictures(path)
    except InputError:  # sound alone
        with SoundReader(path, 0) as reader:
            return reader.first_s() if reader.exists else Fraction(0)
    pictures.close()
    return int(pictures.pts[0]) * pictures.time_base
