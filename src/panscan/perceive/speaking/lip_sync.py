"""How much one mouth moves, and how well its motion fits the loudness of the sound.

All curves run in steps of 0.04 s; NaN stands where the mouth was not seen.
"""

from __future__ import annotations

import numpy as np

from panscan.arrays.samples import is_between_samples
from panscan.model.perception import FloatArray

STEP_S = 0.04
_UNSEEN_S = 0.25  # looks further apart than this leave a hole
_LAG_STEPS = 5  # sound may be 0.2 s early or late


def window_steps(seconds: float) -> int:
    """Steps in a time, odd, so that a window of them has a middle."""
    return 2 * int(seconds / STEP_S / 2) + 1


def resample(time_s: FloatArray, value: FloatArray, grid_s: FloatArray) -> FloatArray:
    """Values (n,) of looks, rising in time, at the steps of a grid (k,); NaN where nobody looked."""
    if len(time_s) < 2:
        return np.full(len(grid_s), np.nan)
    known = is_between_samples(time_s, grid_s, _UNSEEN_S)
    return np.where(known, np.interp(grid_s, time_s, value), np.nan)


def lip_motion(time_s: FloatArray, gap: FloatArray, grid_s: FloatArray) -> FloatArray:
    """Change of the lips' gap (n,) per step of the grid (k,), whatever the rate of the looks."""
    return np.abs(np.diff(resample(time_s, gap, grid_s), prepend=np.nan))


def moving_mean(curve: FloatArray, window_s: float) -> FloatArray:
    """Mean of what is known in a window around each step; NaN where nothing is."""
    known = np.isfinite(curve)
    count = moving_sum(known.astype(np.float64), window_steps(window_s))
    total = moving_sum(np.where(known, curve, 0.0), window_steps(window_s))
    return np.asarray(np.where(count > 0.5, total / np.maximum(count, 1.0), np.nan))


def moving_sum(curve: FloatArray, window: int) -> FloatArray:
    """Sum in a window of an odd number of steps around each; it shrinks at the ends."""
    total = np.concatenate([[0.0], np.cumsum(curve)])
    middle = np.arange(len(curve))
    first, end = np.maximum(middle - window // 2, 0), np.minimum(middle + window // 2 + 1, len(curve))
    return np.asarray(total[end] - total[first])


def audio_correlation(mouth_motion: FloatArray, loudness: FloatArray, window_s: float) -> tuple[FloatArray, FloatArray]:
    """Best correlation of lip motion and loudness over lags of +-0.2 s, in a window around each step.

    Parameters
    ----------
    mouth_motion : ndarray, shape (k,)
    loudness : ndarray, shape (k,)
        Linear RMS at the same steps.
    window_s : float

    Returns
    -------
    correlation (k,), 0 where there is none to tell, and the seconds it is made from (k,)
    """
    smooth = moving_mean(mouth_motion, 0.2)
    smooth[~np.isfinite(mouth_motion)] = np.nan
    window = window_steps(window_s)
    padded = np.pad(loudness, _LAG_STEPS, constant_values=np.nan)
    best, seconds = np.full(len(mouth_motion), -1.0), np.zeros(len(mouth_motion))
    for lag in range(-_LAG_STEPS, _LAG_STEPS + 1):
        shifted = padded[_LAG_STEPS + lag : _LAG_STEPS + lag + len(mouth_motion)]
        known = np.isfinite(smooth) & np.isfinite(shifted)
        # The means are taken off first: sums of squares of small differences lose their digits.
        x = np.where(known, smooth - np.mean(smooth[known]) if known.any() else 0.0, 0.0)
        y = np.where(known, shifted - np.mean(shifted[known]) if known.any() else 0.0, 0.0)
        count = np.maximum(moving_sum(known.astype(np.float64), window), 1.0)
        mean_x, mean_y = moving_sum(x, window) / count, moving_sum(y, window) / count
        spread_x = np.maximum(moving_sum(x * x, window) / count - mean_x**2, 0.0)
        spread_y = np.maximum(moving_sum(y * y, window) / count - mean_y**2, 0.0)
        common = moving_sum(x * y, window) / count - mean_x * mean_y
        spread = np.sqrt(spread_x * spread_y)
        told = spread > 1e-12
        best = np.maximum(best, np.where(told, common / np.where(told, spread, 1.0), 0.0))
        if lag == 0:
            seconds = moving_sum(known.astype(np.float64), window) * STEP_S
    return np.clip(best, -1.0, 1.0), seconds


def rms_on_grid(level_db: FloatArray, step_s: float, grid_s: FloatArray) -> FloatArray:
    """Linear RMS, smoothed over 0.12 s, at the steps of a grid; NaN outside the sound."""
    if not len(level_db):
        return np.full(len(grid_s), np.nan)
    level = 10 ** (level_db / 20)
    window = 2 * round(0.12 / step_s / 2) + 1
    smooth = moving_sum(level, window) / moving_sum(np.ones(len(level)), window)
    middle_s = (np.arange(len(level)) + 0.5) * step_s
    return np.interp(grid_s, middle_s, smooth, left=np.nan, right=np.nan)
