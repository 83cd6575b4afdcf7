"""Windows of small grey pictures that look like a dissolve, a fade, a wipe or a change under a flash.

In a dissolve every picture in between is a blend of the two ends: what is left after subtracting the best blend is
small compared with the difference of the ends. Camera moves and moving subjects leave much more. In a wipe every pixel
in between is that of one end or of the other, and what has changed stays changed. A flash is white in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Kind = Literal["dissolve", "fade out", "fade in", "wipe", "flash"]

FLAT_LEVELS = 2.5  # standard deviation: nothing is visible but coding noise
_TEST_FRACTIONS = (0.25, 0.5, 0.75)  # of the window: where the pictures in between are compared with its ends
_MIN_DIFFERENCE_LEVELS = 8.0  # rms between the ends, light apart: what differs less is no change of shot
# Mean over root mean square of the difference, squared, light apart: 1 where all of the picture changes alike, 0.1 to
# 0.3 where a bird in the sky beats its wings; measured: between shots above 0.46 but in 1 of 400, mostly above 0.57.
_MIN_SPREAD = 0.4
_MAX_END_CORRELATION = 0.6  # of the ends: one shot resembles itself more
# Shares of the ends' difference (power). Measured: dissolves mostly below 0.06, pans above 0.11; wipes mostly below
# 0.045 and undone below 0.01, fast pans, shaking cameras and hands above 0.05.
_MAX_BLEND_RESIDUAL = 0.08
_MAX_STRUCTURE_RESIDUAL = 0.15  # the same, light apart: a sky that brightens blends but for what is seen before it
_MAX_WIPE_RESIDUAL = 0.06
_MAX_WIPE_UNDONE = 0.03
# A flash under which editors change shots: white in more than half of the picture, and brighter than both ends by this.
_WHITE_LEVEL, _MIN_WHITE_SHARE, _MIN_FLASH_LEVELS = 215.0, 0.5, 40.0


@dataclass(frozen=True, slots=True)
class Window:
    """A window that may hold a transition.

    Attributes
    ----------
    start, lag : int
        Number of its first picture; pictures from there to its last.
    kind : str
    """

    start: int
    lag: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Ends:
    """The ends of all windows of one length that are far enough apart, a row each."""

    starts: npt.NDArray[np.intp]
    lag: int
    before: Floats
    after: Floats
    apart_levels: Floats


def candidate_windows(tiny: Floats, lags: list[int]) -> list[Window]:
    """Windows that look like transitions, the most convincing first.

    Parameters
    ----------
    tiny : array (pictures, pixels)
    lags : list of int
        Lengths of the windows.
    """
    found: list[tuple[float, int, int, Kind]] = []
    contrast = tiny.std(axis=1)
    for lag in lags:
        ends = _ends(tiny, lag)
        if ends is None:
            continue
        unlike = correlation(ends.before, ends.after) < _MAX_END_CORRELATION
        flat_start, flat_end = (contrast[ends.starts + n] < FLAT_LEVELS for n in (0, lag))
        blend, wipe = _blend_residuals(tiny, ends), _wipe_residuals(tiny, ends)
        kinds: tuple[tuple[Kind, Floats, Bools], ...] = (
            ("fade in", blend, flat_start & ~flat_end),
            ("fade out", blend, flat_end & ~flat_start),
            ("dissolve", blend, ~flat_start & ~flat_end & unlike),
            ("wipe", wipe, ~flat_start & ~flat_end & unlike),
            ("flash", _flash_residuals(tiny, ends), ~flat_start & ~flat_end & unlike),
        )
        for kind, residual, fits in kinds:
            # The ends of the whole transition differ more than those of a part of it. Among windows that hold all of
            # it, the shortest has the smallest residual.
            score = ends.apart_levels * (1 - 3 * residual)
            found += [
                (float(score[n]), int(ends.starts[n]), lag, kind) for n in np.flatnonzero(fits & (residual < np.inf))
            ]
    found.sort(key=lambda row: (-row[0], *row[1:]))
    return [Window(start, lag, kind) for _, start, lag, kind in found]


def correlation(one: Floats, other: Floats) -> Floats:
    """Correlation of pictures, row by row."""
    a, b = without_light(one), without_light(other)
    return np.asarray((a * b).mean(axis=-1) / (a.std(axis=-1) * b.std(axis=-1) + 1e-3), np.float32)


def without_light(pictures: Floats) -> Floats:
    """Each picture less its mean: a change of exposure is none."""
    return np.asarray(pictures - pictures.mean(axis=-1, keepdims=True), np.float32)


def _ends(tiny: Floats, lag: int) -> _Ends | None:
    if lag >= len(tiny):
        return None
    starts = np.arange(0, len(tiny) - lag, max(1, lag // 8))
    step = tiny[starts + lag] - tiny[starts]
    apart = np.sqrt((step**2).mean(axis=1))
    structure = without_light(step)
    power = (structure**2).mean(axis=1)
    spread = np.abs(structure).mean(axis=1) ** 2 / np.maximum(1e-6, power)
    likely = (power > _MIN_DIFFERENCE_LEVELS**2) & (spread > _MIN_SPREAD)
    starts, apart = starts[likely], apart[likely]
    return _Ends(starts, lag, tiny[starts], tiny[starts + lag], apart) if len(starts) else None


def _blend_residuals(tiny: Floats, ends: _Ends) -> Floats:
    """What no blend of the ends explains, at the worst of three places; infinite where it does not grow evenly."""
    between = [tiny[ends.starts + round(fraction * ends.lag)] for fraction in _TEST_FRACTIONS]
    shares, residuals = _blends(ends.before, ends.after, between)
    _, of_structure = _blends(without_light(ends.before), without_light(ends.after), map(without_light, between))
    fits = _grows_evenly(*shares) & (np.max(of_structure, axis=0) < _MAX_STRUCTURE_RESIDUAL)
    return _limited(np.max(residuals, axis=0), fits, _MAX_BLEND_RESIDUAL)


def _blends(before: Floats, after: Floats, between: Iterable[Floats]) -> tuple[list[Floats], list[Floats]]:
    """The share of the second end in pictures in between, and what the blend leaves, as a share of the difference."""
    step = after - before
    power = np.einsum("ij,ij->i", step, step)
    moved = [picture - before for picture in between]
    shares = [np.einsum("ij,ij->i", one, step) / power for one in moved]
    left = [np.einsum("ij,ij->i", one, one) / power - share**2 for one, share in zip(moved, shares, strict=True)]
    return shares, left


def _wipe_residuals(tiny: Floats, ends: _Ends) -> Floats:
    """What is like neither end, at the worst of three places; infinite where the second does not grow evenly."""
    weight = (ends.after - ends.before) ** 2
    power = weight.sum(axis=1)
    changed, shares, residuals = [], [], []
    for fraction in _TEST_FRACTIONS:
        between = tiny[ends.starts + round(fraction * ends.lag)]
        from_before, from_after = (between - ends.before) ** 2, (between - ends.after) ** 2
        changed.append(from_after < from_before)
        shares.append((weight * changed[-1]).sum(axis=1) / power)
        residuals.append(np.minimum(from_before, from_after).sum(axis=1) / power)
    undone = np.max([(weight * (changed[n] & ~changed[n + 1])).sum(axis=1) for n in (0, 1)], axis=0) / power
    fits = _grows_evenly(*shares) & (undone < _MAX_WIPE_UNDONE)
    return _limited(np.max(residuals, axis=0), fits, _MAX_WIPE_RESIDUAL)


def _flash_residuals(tiny: Floats, ends: _Ends) -> Floats:
    """0 where the middle of the window is a flash, infinite elsewhere."""
    middle = tiny[ends.starts + ends.lag // 2]
    brighter = middle.mean(axis=1) - np.maximum(ends.before.mean(axis=1), ends.after.mean(axis=1))
    is_flash = (brighter > _MIN_FLASH_LEVELS) & ((middle > _WHITE_LEVEL).mean(axis=1) > _MIN_WHITE_SHARE)
    return np.where(is_flash, 0.0, np.inf).astype(np.float32)


def _limited(residual: Floats, fits: Bools, most: float) -> Floats:
    return np.where(fits & (residual < most), residual, np.inf).astype(np.float32)


def _grows_evenly(early: Floats, half: Floats, late: Floats) -> Bools:
    """Whether the share of the second shot at the three places is that of a transition which fills the window."""
    return (early > 0.08) & (early < 0.45) & (half > 0.3) & (half < 0.7) & (late > 0.55) & (late < 0.92)
