"""Exact rates and the media frame clock.

A media's *grid* is its nominal constant rate, counted from its first video frame. Media with a constant rate
have one picture per grid frame. Media with a variable rate are seen as an editor conforms them: grid frame k
shows the newest picture whose timestamp is not after k / rate.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

# Frames per second. SMPTE ST 12-1 counts 24, 25, 30, 50 and 60, which NTSC runs at 1000/1001; cameras and screen
# recorders add the rest.
_NTSC_BASES = (24, 30, 48, 60, 120)
_WHOLE_RATES = (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120)

# A picture counts as shown from this part of a frame before its own time on. Containers round timestamps to their tick:
# an eighth of a frame covers the 1 ms of Matroska at 120 fps.
EARLY_FRAMES = Fraction(1, 8)

# A position this part of a frame before a frame counts as on it: floats and rounded timecodes fall a little short.
BOUNDARY_TOLERANCE_FRAMES = Fraction(1, 100)

# Share of a rate. Files write 23.98 for 24000/1001, 0.017 % off; whole and NTSC rates are 0.1 % apart.
_STANDARD_TOLERANCE = Fraction(2, 10_000)


def snap_rate(rate: Fraction | float) -> Fraction:
    """The standard rate within 0.02 % of `rate`, or `rate` itself as a fraction of modest size.

    29.97 and 2997/100 both become 30000/1001.

    Raises
    ------
    ValueError
        `rate` is not positive.
    """
    exact = Fraction(rate).limit_denominator(1_000_000)
    if exact <= 0:
        raise ValueError(f"a frame rate must be positive, got {rate}")
    standard = [Fraction(whole) for whole in _WHOLE_RATES]
    standard += [Fraction(base * 1000, 1001) for base in _NTSC_BASES]
    nearest = min(standard, key=lambda candidate: abs(candidate - exact))
    if abs(nearest - exact) <= exact * _STANDARD_TOLERANCE:
        return nearest
    return exact.limit_denominator(1001)


def nominal_rate(rate: Fraction) -> int:
    """The whole number an editor counts timecode with: 30 for 30000/1001."""
    return int(rate + Fraction(1, 2))


def round_half_up(frames: Fraction) -> int:
    """The nearest whole number; of two that are equally near, the greater one."""
    return (2 * frames.numerator + frames.denominator) // (2 * frames.denominator)


def grid_frames(
    pts: IntArray, first_pts: int, time_base: Fraction, rate: Fraction, *, is_vfr: bool = False
) -> IntArray:
    """Grid frame at which each picture is first seen, counted from the media's first picture.

    Parameters
    ----------
    pts : ndarray, shape (n,), int64
        Presentation timestamps in units of `time_base`.
    first_pts : int
        Timestamp of the media's first picture.
    time_base : Fraction
        Seconds per tick.
    rate : Fraction
        Grid frames per second.
    is_vfr : bool
        Variable rate: a picture between two grid frames is first seen at the later one, up to an eighth of a
        frame of tick rounding. Constant rate: the nearest grid frame, whatever drift a rounded rate brings.

    Returns
    -------
    ndarray, shape (n,), int64
        ceil((pts - first) * time_base * rate - tolerance), tolerance 1/8 or 1/2 frame.
    """
    early = EARLY_FRAMES if is_vfr else Fraction(1, 2)
    step = time_base * rate
    # In whole numbers: ceil(n * a / b - p / q) = -((p * b - n * a * q) // (b * q)).
    ticks = np.asarray(pts, np.int64) - first_pts
    q = early.denominator
    return np.asarray(
        -((early.numerator * step.denominator - ticks * (step.numerator * q)) // (step.denominator * q)), np.int64
    )


def timecode_to_frames(text: str, rate: Fraction) -> int:
    """Frames since midnight of "hh:mm:ss:ff"; a ";" or "." before the frames means drop frame.

    Raises
    ------
    ValueError
        `text` is no timecode.
    """
    drop = ";" in text or "." in text
    parts = text.strip().replace(";", ":").replace(".", ":").split(":")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        raise ValueError(f"{text!r} is not a timecode hh:mm:ss:ff")
    hours, minutes, seconds, frames = (int(part) for part in parts)
    return clock_to_frames((hours * 60 + minutes) * 60 + seconds, frames, nominal_rate(rate), drop=drop)


def clock_to_frames(seconds: int, frames: int, base: int, *, drop: bool) -> int:
    """Frames since midnight of a timecode that shows so many seconds and frames.

    Parameters
    ----------
    seconds, frames : int
    base : int
        Frames per second that it counts (`nominal_rate`).
    drop : bool
        It counts drop frame, where its rate has that.
    """
    total = seconds * base + frames
    if drop and base % 30 == 0:
        # Drop frame skips 2 numbers (4 at 60) each minute but the tenth (SMPTE ST 12-1).
        minutes = seconds // 60
        total -= (base // 15) * (minutes - minutes // 10)
    return total


def frames_to_timecode(frames: int, rate: Fraction, *, drop: bool = False) -> str:
    """The "hh:mm:ss:ff" of a frame counted since midnight; with `drop` "hh:mm:ss;ff", counted as SMPTE ST 12-1 drops.

    The inverse of `timecode_to_frames` within one day; later frames start again at midnight.

    Raises
    ------
    ValueError
        Drop frame is asked for at a rate that has none.
    """
    base = nominal_rate(rate)
    if not drop:
        number = frames % (86400 * base)
    else:
        if base % 30:
            raise ValueError(f"{rate} fps has no drop frame timecode")
        skipped = base // 15
        minute, ten_minutes = 60 * base - skipped, 600 * base - 9 * skipped
        number = frames % (144 * ten_minutes)
        tens, rest = divmod(number, ten_minutes)
        # The first minute of each ten keeps all its numbers, so it is longer by the skipped ones.
        number += skipped * (9 * tens + max(0, (rest - skipped) // minute))
    seconds, frame = divmod(number, base)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{seconds % 60:02d}{';' if drop else ':'}{frame:02d}"


def is_drop_frame(timecode: str | None, rate: Fraction) -> bool:
    """Whether an embedded timecode counts drop frame: it is written with ";" or ".", at 30000/1001 or 60000/1001."""
    written = timecode is not None and (";" in timecode or "." in timecode)
    return written and rate in (Fraction(30000, 1001), Fraction(60000, 1001))
