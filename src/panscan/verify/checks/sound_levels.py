"""What is wrong with the levels of a movie's sound, by how much of each clip was found in each stretch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from panscan.timeline.sound import SoundClip
from panscan.verify.checks.sound_fault import SoundFault, decibels
from panscan.verify.measure.sound_fit import MOMENT_SAMPLES, PartLevel, StretchFit
from panscan.verify.thresholds import CLIP_LOUDNESS_DB, LOUDNESS_DB, MOMENT_SHARES

_SILENT, _FAINT = 1e-3, 5e-3  # rms of full scale, -60 and -46 dB: not compared; neither missed nor heard by itself
_BELOW_TREBLE = 0.05  # -26 dB, level below 4 kHz beside that of all: less is noise of codecs
_LONG_S = 0.25  # shorter stretches lie beside ends of clips, where codecs smear
_CLEAR = 0.3  # share of the level of all clips; fainter ones are masked, and codecs spend little on them
_MASKING = 0.3  # level of what codecs leave beside a clip; what is nearer to it loses more
_LOUD = 10 ** (CLIP_LOUDNESS_DB / 20)
# By its share, a clip may be found so much quieter or louder, taken over all its stretches: codecs take away, and
# never add ...
_OFF = ((_CLEAR, 1 / _LOUD, _LOUD), (0.1, 0.67, _LOUD), (0.03, 0.4, 1.5))
# ... and by this share of its level in one stretch, beside its doubt.
_OFF_ONCE = ((_CLEAR, 0.4), (0.1, 0.6))
_ADDED = 0.05  # share of the level of all by which a clip may surely be too loud in one stretch
_SURE = 3.0  # standard errors
_GONE = 0.1  # share of the level that is left of a sound that is not there
_REST = 0.75  # level of what is not expected, beside what is: codecs leave up to 0.5
_UPSIDE_DOWN = -0.5  # share of a sound that is found, and below
_FREE_DB = 5.0  # off in level, of sound at another speed
_FULL = 1.06  # of full scale, 0.5 dB: peaks of the mix are cut off from here on


def level_db(found: Sequence[StretchFit]) -> float:
    """How much louder than expected the clips are as a whole."""
    shares = [part.found for fit in found if fit.length_s >= _LONG_S for part, share in _judged(fit) if share >= _CLEAR]
    return decibels(float(np.median(shares))) if shares else 0.0


def level_faults(found: Sequence[StretchFit], slack_db: float) -> Iterator[SoundFault]:
    """What is wrong, the plainest first. `slack_db`: how much louder or quieter all of it may be."""
    yield from _silent_stretches(found)
    louder_db = level_db(found)
    if abs(louder_db) > LOUDNESS_DB + slack_db:
        if louder_db > decibels(_CLEAR):
            yield SoundFault(0, f"is {louder_db:+.1f} dB louder than it should be")
        louder_db = 0.0  # not quieter: something else
    scale = 10 ** (louder_db / 20)
    yield from _wrong_stretches(found, scale)
    yield from _wrong_clips(found, scale)
    yield from _wrong_moments(found, scale)
    yield from _extra_sounds(found)
    yield from _wrong_levels(found)


def _judged(fit: StretchFit) -> list[tuple[PartLevel, float]]:
    """The clips of a stretch that are loud enough to tell, each with its share of the level of all."""
    if _is_treble(fit):
        return []
    total = sum(part.level**2 for part in fit.parts) ** 0.5
    return [(part, part.level / total) for part in fit.parts if part.level > _SILENT]


def _is_treble(fit: StretchFit) -> bool:
    """Whether nearly all of it lies above what is compared."""
    return fit.waves < _BELOW_TREBLE * fit.expected


def _silent_stretches(found: Sequence[StretchFit]) -> Iterator[SoundFault]:
    for fit in found:
        if fit.length_s >= _LONG_S and fit.expected > _FAINT and fit.heard < _GONE * fit.expected:
            yield SoundFault(fit.first, "is silent and should not be")


def _wrong_stretches(found: Sequence[StretchFit], scale: float) -> Iterator[SoundFault]:
    for fit in found:
        for part, share in _judged(fit):
            off, doubt = part.found / scale - 1, _SURE * part.doubt
            limit = next((most for at_least, most in _OFF_ONCE if share >= at_least), None)
            # A peak that was cut off takes away from all that sounds there.
            limit = 2 * limit if limit and fit.peak > _FULL else limit
            # Codecs never add: a faint sound that is too loud is heard, such as one whose fade is lost.
            is_added = (off - doubt) * share > _ADDED and (off - doubt) * part.level > _SILENT
            if is_added or (limit and abs(off) > limit + doubt):
                yield SoundFault(fit.first, _wrong_level(part.found / scale), part.clip)


def _wrong_moments(found: Sequence[StretchFit], scale: float) -> Iterator[SoundFault]:
    for fit in found:
        if fit.has_free or fit.peak > _FULL or _is_treble(fit):
            continue
        for number, share in enumerate(fit.moments):
            if not MOMENT_SHARES[0] - fit.moment_doubt <= share / scale <= MOMENT_SHARES[1] + fit.moment_doubt:
                at = fit.first + number * MOMENT_SAMPLES
                yield SoundFault(at, f"is something else for a moment, or {_wrong_level(share / scale)[3:]}")


def _wrong_clips(found: Sequence[StretchFit], scale: float) -> Iterator[SoundFault]:
    rows = defaultdict[tuple[SoundClip, int], list[tuple[float, ...]]](list)
    for fit in found:
        if fit.length_s >= _LONG_S and fit.peak <= _FULL:
            for part, share in _judged(fit):
                rows[part.clip, fit.channel].append((fit.first, part.found / scale, share, fit.rest / part.level))
    for (clip, _channel), stretches in rows.items():
        first, typical, share, rest = np.median(np.array(stretches), axis=0)
        is_clear = rest < _MASKING and share >= _OFF[-1][0]
        limits = _OFF[0] if is_clear else next((row for row in _OFF if share >= row[0]), None)
        if limits and not limits[1] <= typical <= limits[2]:
            yield SoundFault(int(first), _wrong_level(float(typical)), clip)


def _wrong_level(share: float) -> str:
    if share < _UPSIDE_DOWN:
        return "has its polarity reversed"
    level = decibels(share)
    return "is not heard" if level < decibels(_CLEAR) else f"is {level:+.1f} dB louder than it should be"


def _extra_sounds(found: Sequence[StretchFit]) -> Iterator[SoundFault]:
    for fit in found:
        if fit.length_s >= _LONG_S and not fit.has_free and fit.rest > max(_FAINT, _REST * fit.waves):
            yield SoundFault(fit.first, "holds something else")


def _wrong_levels(found: Sequence[StretchFit]) -> Iterator[SoundFault]:
    for fit in found:
        if fit.has_free and fit.length_s >= _LONG_S and fit.expected > _FAINT:
            louder_db = decibels(fit.heard / fit.expected)
            if abs(louder_db) > _FREE_DB:
                yield SoundFault(fit.first, f"is {louder_db:+.1f} dB louder than it should be")
