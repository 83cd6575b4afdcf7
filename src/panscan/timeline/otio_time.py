"""Times and rates of OTIO as exact numbers: OTIO keeps both as floats, and adding those makes rounding errors."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

from panscan.model.time import snap_rate

_WHOLE_TOLERANCE_FRAMES = 1e-6  # floating-point sums of whole frame counts are this near to one
MAX_DENOMINATOR = 1_000_000  # of a frame count: a millionth of a frame is finer than any clock in a timeline


@lru_cache(maxsize=256)
def exact_rate(rate: float) -> Fraction:
    """`snap_rate` of a rate as OTIO stores it; a timeline asks for few of them very often."""
    return snap_rate(rate)


def exact_seconds(time: Any) -> Fraction:
    """An OTIO RationalTime in exact seconds, its rate snapped to the standard one.

    Raises
    ------
    ValueError
        The time is not finite, or its rate is not positive.
    """
    value, rate = float(time.value), float(time.rate)
    if not (math.isfinite(value) and math.isfinite(rate)):
        raise ValueError(f"a time of {value} at {rate} fps is not a finite number")
    if value == 0:
        return Fraction(0)
    return exact_frames(value) / exact_rate(rate)


def exact_frames(value: float) -> Fraction:
    """A frame count as OTIO stores it, as an exact number; one very near to a whole number is that number."""
    nearest = round(value)
    is_whole = abs(value - nearest) < _WHOLE_TOLERANCE_FRAMES
    return Fraction(nearest) if is_whole else Fraction(value).limit_denominator(MAX_DENOMINATOR)
