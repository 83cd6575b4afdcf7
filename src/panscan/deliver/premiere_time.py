"""Premiere's own unit of time."""

from __future__ import annotations

from fractions import Fraction

# A frame is a whole number of ticks at every broadcast rate (Adobe, Premiere UXP reference, "TickTime").
TICKS_PER_S = 254_016_000_000


def premiere_ticks(frames: Fraction | int, rate: Fraction) -> int:
    """A time in frames, in ticks."""
    return round(frames * TICKS_PER_S / rate)
