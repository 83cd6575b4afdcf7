"""The finding about single pictures that are brighter, darker or of other contrast than those around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.verify.checks.places import time_s
from panscan.verify.checks.tones import clips_of_one_range
from panscan.verify.expectation import Expectation
from panscan.verify.measure.brightness import Brightness
from panscan.verify.report import Finding
from panscan.verify.thresholds import (
    FLASH_CONTRAST_FAIL,
    FLASH_CONTRAST_FLAG,
    FLASH_LEVELS_FAIL,
    FLASH_LEVELS_FLAG,
)

_AROUND = 12  # pictures on either side that a picture is compared with: a flash is shorter
_AFTER_CUT = 3  # times the limit just after a cut, where encoders may still show some of the shot before
_MIX_NOISE = 2  # times the change by compression in dissolves, which encoders spend less on; it flattens them, too
_MAX_LISTED = 10  # in the report


def flashes(pictures: Sequence[Brightness], expectation: Expectation) -> Finding:
    """Whether brightness and contrast, against the source, stay what they are around each picture."""
    # Where a source in RGB has few levels, dither moves a picture's mean by more than a flash does.
    comparable = clips_of_one_range(expectation)
    pictures = [picture for picture in pictures if picture.clip in comparable]
    measured: dict[str, Any] = {"pictures": len(pictures)}
    if not pictures:
        return Finding("flashes", "pass", "no picture can be compared", measured)
    lift, contrast = np.zeros(len(pictures)), np.zeros(len(pictures))
    for clip in {picture.clip for picture in pictures}:
        at = np.array([n for n, picture in enumerate(pictures) if picture.clip == clip])
        lift[at] = _beside_usual(np.array([pictures[n].lift_levels for n in at]))
        contrast[at] = _beside_usual(np.array([pictures[n].contrast for n in at]))
    is_mixed = np.array([picture.is_mixed for picture in pictures])
    lift[is_mixed] /= _MIX_NOISE
    contrast[is_mixed] = 0.0
    measured |= {"largest_levels": np.abs(lift).max(), "largest_contrast": np.abs(contrast).max()}
    is_odd = (np.abs(lift) > FLASH_LEVELS_FLAG) | (np.abs(contrast) > FLASH_CONTRAST_FLAG)
    odd = [int(n) for n in np.flatnonzero(is_odd)]
    if not odd:
        return Finding("flashes", "pass", "brightness and contrast follow the source", measured)
    measured["misplaced"] = [pictures[n].number for n in odd][:_MAX_LISTED]
    is_far = (np.abs(lift) > FLASH_LEVELS_FAIL) | (np.abs(contrast) > FLASH_CONTRAST_FAIL)
    is_certain = np.abs(lift) > _AFTER_CUT * FLASH_LEVELS_FAIL
    is_failed = bool((is_certain | (is_far & ~_after_cut(pictures))).any())
    first = odd[0]
    if abs(lift[first]) > FLASH_LEVELS_FLAG:
        change = f"{abs(lift[first]):.0f} levels {'brighter' if lift[first] > 0 else 'darker'} than"
    else:
        change = f"of {1 + contrast[first]:.2f} times the contrast of"
    number = pictures[first].number
    what = f"picture {number}, at {time_s(number, expectation):.2f} s, is {change} those around it make likely"
    if len(odd) > 1:
        what += f"; {len(odd) - 1} more"
    return Finding("flashes", "fail" if is_failed else "flag", what, measured)


def _after_cut(pictures: Sequence[Brightness]) -> npt.NDArray[np.bool_]:
    """Which pictures follow a cut closely."""
    clips = [picture.clip for picture in pictures]
    return np.array([clips[max(0, n - _AROUND)] != clip for n, clip in enumerate(clips)], np.bool_)


def _beside_usual(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Differences from the median of the values around each."""
    around = np.pad(values, _AROUND, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * _AROUND + 1)
    return np.asarray(values - np.median(windows, axis=1), np.float64)
