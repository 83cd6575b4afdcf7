"""The findings about fine detail: whether it is there, and whether some was added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from panscan.verify.checks.places import clips_words, span_words
from panscan.verify.expectation import Expectation
from panscan.verify.measure.patches import PatchDetail
from panscan.verify.report import Finding
from panscan.verify.thresholds import (
    COMB_FAIL,
    NOISE_FLAG,
    NOISE_SHARE,
    SHARP_PASS,
    SHARP_SECOND,
    SHARP_SHARE,
    SHARPENED_FLAG,
)

_STRETCH_LOOKS = 3  # a second
_QUIET_LEVELS = 3.0  # rms fine detail of a reduced picture: more of it tells the scaling kernel, not noise
_REDUCED_SHARP = 1.5  # times a plain mean's detail in a reduced picture, by the kernel: honest ones reach 1.47
_MAX_LISTED = 10  # in the report
_MIN_PATCHES = 3  # to judge a clip
_MOVING_PERCENTILE = 75  # a comb is seen only where something moves


class _Look(NamedTuple):
    """A picture of a clip that was looked at more closely."""

    clip: int
    number: int


def sharpness(patches: Sequence[PatchDetail], expectation: Expectation) -> Finding:
    """How much of the expected fine detail is there: in the movie, in each clip, and in each second."""
    found = [patch for patch in patches if patch.kept is not None]
    measured: dict[str, Any] = {"with_evidence": len(found)}
    if not found:
        return Finding("sharpness", "pass", "no evidence: the source has no fine detail", measured)
    median = max(0.0, _median(patch.kept or 0.0 for patch in found))
    stretches = _stretches(found)
    measured |= {"median": median, "lowest_second": min((kept for _, kept in stretches), default=median)}
    what = f"{median:.0%} of the source's fine detail is there"
    if median < SHARP_PASS:
        return Finding("sharpness", "flag", what, measured)
    soft = [stretch for stretch in stretches if stretch[1] < min(SHARP_SECOND, SHARP_SHARE * median)]
    if not soft:
        return Finding("sharpness", "pass", what, measured)
    measured["misplaced"] = sorted({run[0].number for run, _ in soft})[:_MAX_LISTED]
    lowest, span = min(kept for _, kept in soft), (soft[0][0][0].number, soft[-1][0][-1].number)
    clips = clips_words({run[0].clip for run, _ in soft}, expectation)
    what += f", but only {max(0.0, lowest):.0%} in {clips}, from {span_words(*span, expectation)}"
    return Finding("sharpness", "flag", what, measured)


def _stretches(found: Sequence[PatchDetail]) -> list[tuple[list[_Look], float]]:
    """Runs of successive looks at one clip, and how much of the detail is there."""
    kept: defaultdict[_Look, list[float]] = defaultdict(list)
    for patch in found:
        kept[_Look(patch.clip, patch.number)].append(patch.kept or 0.0)
    looks = sorted(kept)
    runs = [looks[n : n + _STRETCH_LOOKS] for n in range(len(looks) - _STRETCH_LOOKS + 1)]
    return [(run, _median(_median(kept[look]) for look in run)) for run in runs if run[0].clip == run[-1].clip]


def artefacts(patches: Sequence[PatchDetail], expectation: Expectation) -> Finding:
    """Whether detail was added that the source lacks: combs of two fields, halos of sharpening, or noise."""
    # A reduced picture may be sharper than the mean of its px, which is what is expected of it.
    plain = [p for p in patches if not p.is_reduced or p.expected_levels < _QUIET_LEVELS]
    combs = _by_clip(_of_kind(plain, "moving"), lambda patch: patch.comb_levels, _MOVING_PERCENTILE)
    noise = _by_clip(_of_kind(plain, "flat"), lambda patch: patch.added_levels - NOISE_SHARE * patch.expected_levels)
    sharpened = _by_clip(
        [patch for patch in patches if patch.kept is not None],
        lambda patch: (patch.kept or 0.0) / (_REDUCED_SHARP if patch.is_reduced else 1.0),
    )
    measured = {
        "comb_levels": max(combs.values(), default=0.0),
        "noise_levels": max(noise.values(), default=0.0),
        "detail": max(sharpened.values(), default=1.0),
    }
    combed = [clip for clip, levels in combs.items() if levels > COMB_FAIL]
    if combed:
        what = f"rows of two moments are interleaved in {clips_words(combed, expectation)}"
        return Finding("artefacts", "fail", what, measured)
    too_sharp = [clip for clip, kept in sharpened.items() if kept > SHARPENED_FLAG]
    if too_sharp:
        what = (
            f"fine detail is {max(sharpened[clip] for clip in too_sharp):.2f} times the source's, as after sharpening"
        )
        return Finding("artefacts", "flag", f"{what}, in {clips_words(too_sharp, expectation)}", measured)
    noisy = [clip for clip, levels in noise.items() if levels > NOISE_FLAG]
    if noisy:
        what = (
            f"noise of {max(noise[clip] for clip in noisy):.1f} levels was added in {clips_words(noisy, expectation)}"
        )
        return Finding("artefacts", "flag", what, measured)
    return Finding("artefacts", "pass", "no noise, halos or combs were added", measured)


def _of_kind(patches: Iterable[PatchDetail], kind: str) -> list[PatchDetail]:
    return [patch for patch in patches if patch.kind == kind]


def _by_clip(
    patches: Iterable[PatchDetail], value: Callable[[PatchDetail], float], percentile: float = 50
) -> Mapping[int, float]:
    """A percentile of the patches of each clip that has enough of them."""
    values: defaultdict[int, list[float]] = defaultdict(list)
    for patch in patches:
        values[patch.clip].append(value(patch))
    return {clip: float(np.percentile(v, percentile)) for clip, v in values.items() if len(v) >= _MIN_PATCHES}


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))
