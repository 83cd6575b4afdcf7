"""Whether a movie sounds as the sound clips of its cut do together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from panscan.decoding.containers import open_container
from panscan.errors import InputError
from panscan.timeline.sound import SoundClip
from panscan.verify.checks.sound_blocks import block_faults, first_fault
from panscan.verify.checks.sound_fault import SoundFault
from panscan.verify.checks.sound_levels import level_db, level_faults
from panscan.verify.expectation import Expectation
from panscan.verify.measure.sound_blocks import BlockLevels, BlockMeter
from panscan.verify.measure.sound_fit import StretchFit, fit_stretch
from panscan.verify.measure.sound_lag import finer_lag, lag_products
from panscan.verify.measure.sound_parts import SoundPart, channel_count, expected_layout
from panscan.verify.measure.sound_reading import RATE_HZ, Samples, SoundReader
from panscan.verify.measure.sound_stretches import MovieSound, Stretch, read_stretches, stretch_spans
from panscan.verify.report import Finding
from panscan.verify.source_clock import sound_streams
from panscan.verify.source_pictures import SourcePictures
from panscan.verify.thresholds import LAG_S, LOUDNESS_DB

Spans = Sequence[tuple[int, int]]

_SEARCH_SAMPLES = RATE_HZ // 2  # how early and late sound is looked for
_LAG_WINDOWS = 10  # of half a second at most, compared to find how late all of it is
_LAG_WINDOWS_AFTER = 3  # compared to tell where a clip is that is not in its place
_LAG_RATE_HZ = 8000
_NEAR_SAMPLES = RATE_HZ // 4000  # of a lag that is known at 8 kHz, it lies between two samples
_MIN_SOUND = 1e-8  # power, -80 dB: windows that are fainter say nothing of the lag
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
    first_stream: int = 0,
) -> Finding:
    """Compare the sound of a movie with the clips that should be heard in each of its streams, over the whole length.

    end_s: of what is compared, in the record. measured: what is known so far; what is found is added. first_stream: of
    the movie, that is compared.
    """
    measured |= {"lag_s": [], "louder_db": [], "clips": len(clips)}
    outputs = sorted({clip.output for clip in clips}) or [first_stream]
    for place, number in enumerate(outputs):
        # The streams of a movie that shows a whole source have its numbers, those of a mix follow each other.
        is_copy = expectation.cut.is_whole and expectation.cut.has_whole_sound
        own = [clip for clip in clips if clip.output == number]
        listener = _Listener(
            output, number if is_copy else first_stream + place, expectation, own, picture_start_s, end_s
        )
        fault = listener.fault(measured)
        if fault is not None:
            name = f"sound {place + 1}" if len(outputs) > 1 else "the sound"
            return Finding("sound", fault.grade, fault.what.replace("the sound", name), measured)
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
        self._spans = stretch_spans(clips, max(end_s, Fraction(0)))
        self._layout = ""

    def fault(self, measured: dict[str, Any]) -> SoundFault | None:
        """What is wrong with it, in whole words; None if nothing is."""
        with SoundReader(self._output, self._stream) as reader:
            self._layout = self._compared_layout(reader.layout)
            lag = self._lag(self._clips, _spread(self._spans))
        is_late = abs(lag) > LAG_S * RATE_HZ
        found, blocks = self._measured(0 if is_late else lag)
        if self._has_clock_jumps():  # where a decoder starts anew, moments are lost: levels alone tell
            blocks = []
        slack_db = self._slack_db(reader.layout)
        louder_db = level_db(found)
        # Not louder by a little: something else, which is told by the levels.
        louder = 10 ** (louder_db / 20) if abs(louder_db) <= LOUDNESS_DB + slack_db else 1.0
        fault = first_fault(chain(level_faults(found, slack_db), block_faults(blocks, louder)))
        if is_late and fault is None:  # a steady tone fits at many places, and in its own
            is_late, lag = False, 0
        measured["lag_s"].append(lag / RATE_HZ)
        if is_late:
            return SoundFault(0, f"the sound is {lag / RATE_HZ * 1000:+.0f} ms off its place")
        measured["louder_db"].append(louder_db)
        return None if fault is None else replace(fault, what=self._told(fault))

    def _has_clock_jumps(self) -> bool:
        """Whether the clock of a source jumps."""
        sources = (self._expectation.sources.get(clip.path) for clip in self._clips)
        return any(len(source.offsets_s) > 1 for source in sources if source)

    def _compared_layout(self, layout: str) -> str:
        """The movie's channels; both sides of what should have two, and has one."""
        if not self._clips:
            return layout
        wanted = expected_layout(self._layouts, self._clips)
        has_one_of_two = (channel_count(layout), channel_count(wanted)) == (1, 2)
        return wanted if has_one_of_two else layout

    def _measured(self, lag: int) -> tuple[list[StretchFit], list[BlockLevels]]:
        """How much of what is expected is heard, so many samples later than it should be."""
        found: list[StretchFit] = []
        meter = BlockMeter()
        with SoundReader(self._output, self._stream) as reader:
            movie = MovieSound(reader, self._layout, self._zero + lag)
            for stretch in read_stretches(movie, self._parts(self._clips), self._spans):
                if self._is_known(stretch):
                    found += fit_stretch(stretch)
                if self._is_known(stretch) and not stretch.free:
                    meter.add(stretch)
                else:
                    meter.finish()
        meter.finish()
        return found, meter.blocks

    def _is_known(self, stretch: Stretch) -> bool:
        """Whether no clip that cannot be compared may be heard."""
        first_s, end_s = Fraction(stretch.first, RATE_HZ), Fraction(stretch.end, RATE_HZ)
        return not any(clip.start_s < end_s and clip.end_s > first_s for clip in self._missing)

    def _parts(self, clips: Sequence[SoundClip]) -> list[SoundPart]:
        return [self._part(clip) for clip in clips]

    def _part(self, clip: SoundClip) -> SoundPart:
        source = self._expectation.sources.get(clip.path)
        if clip.path not in self._zero_s:
            self._zero_s[clip.path] = _first_s(clip.path, source)
        return SoundPart(clip, self._zero_s[clip.path], self._layout, source.offsets_s if source else ())

    def _lag(self, clips: Sequence[SoundClip], spans: Spans) -> int:
        """How many samples later than expected clips are heard, in the middle of some stretches."""
        found = self._windows(clips, spans)
        if len(found) < min(len(spans), _LAG_WINDOWS_AFTER):  # silence, mostly: what there is of sound
            found = self._windows(clips, [span for span in self._spans if _is_long(span)])
        if not found:
            return 0
        products = [lag_products(*window) for window in found]
        lag = _best_lag(sum(products[1:], products[0]).likeness)
        return lag + finer_lag([(a[_SEARCH_SAMPLES + lag - _NEAR_SAMPLES :], b) for a, b in found], _NEAR_SAMPLES)

    def _windows(self, clips: Sequence[SoundClip], spans: Spans) -> list[tuple[Samples, Samples]]:
        """What is heard around stretches in which some of the clips sound, and what they should add to them."""
        parts = self._parts([clip for clip in clips if clip.speed == 1])
        found: list[tuple[Samples, Samples]] = []
        with SoundReader(self._output, self._stream) as reader:
            movie = MovieSound(reader, self._layout, self._zero)
            for first, end in spans:
                here = [part.samples(first, end) for part in parts if part.first < end and part.end > first]
                expected = np.sum(here, axis=0)
                if here and np.mean(expected**2) > _MIN_SOUND and len(found) < _LAG_WINDOWS:
                    found.append((movie.samples(first - _SEARCH_SAMPLES, end + _SEARCH_SAMPLES), expected))
        for part in parts:
            part.close()
        return found

    def _slack_db(self, layout: str) -> float:
        """How far levels may be off as the movie has other channels than expected: mixing changes them by itself."""
        if not self._clips:
            return 0.0
        counts = {channel_count(one) for one in (layout, expected_layout(self._layouts, self._clips))}
        if len(counts) == 1:
            return 0.0
        return _STEREO_MIX_DB if max(counts) <= 2 else _SURROUND_MIX_DB

    def _told(self, fault: SoundFault) -> str:
        """The fault in words; for a clip that is not found in its place, where it is."""
        at = f"at {fault.first / RATE_HZ:.1f} s"
        if fault.clip is None:
            return f"{at} the sound {fault.what}"
        end = fault.clip.end_s * RATE_HZ
        after = [span for span in self._spans if fault.first <= span[0] < end and _is_long(span)]
        lag = self._lag([fault.clip], after[:_LAG_WINDOWS_AFTER])
        if abs(lag) > LAG_S * RATE_HZ:
            return f"{at} {fault.clip.name!r} is {lag / RATE_HZ * 1000:+.0f} ms off its place in the sound"
        return f"{at} {fault.clip.name!r} {fault.what} in the sound"


def _spread(spans: Spans) -> Spans:
    """Some of the long ones among stretches, spread over all."""
    long = [span for span in spans if _is_long(span)]
    return long[:: max(1, -(-len(long) // _LAG_WINDOWS))]


def _is_long(span: tuple[int, int]) -> bool:
    return span[1] - span[0] >= _LONG_SAMPLES


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
