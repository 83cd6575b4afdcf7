"""Lip sync: how much one mouth moves, and how well its motion correlates with the loudness of the sound.

All curves have steps of 0.04 s; NaN where the mouth was not seen.
"""

from __future__ import annotations

import numpy as np

from panscan.arrays.samples import is_between_samples
from panscan.model.perception import FloatArray

STEP_S = 0.04  # 25 Hz: the finest that lips and the optional network are sampled at
_MAX_SAMPLE_GAP_S = 0.25  # samples further apart leave a gap in the curve: a syllable may lie between them
_MAX_LAG_STEPS = 5  # sound may be 0.2 s early or late
_MOTION_WINDOW_S = 0.2  # mean of the lips' motion, about a syllable
_LOUDNESS_WINDOW_S = 0.12  # mean of the loudness: between a sound and a syllable
_NO_VARIATION = 1e-12  # product of the standard deviations below which there is no correlation


def window_steps(seconds: float) -> int:
    """Steps in a time; odd, so that a window of them has a middle."""
    return 2 * int(seconds / STEP_S / 2) + 1


def resample(time_s: FloatArray, value: FloatArray, grid_s: FloatArray) -> FloatArray:
    """Values (n,) of samples, rising in time, at the steps of a grid (k,); NaN where there were no samples."""
    if len(time_s) < 2:
        return np.full(len(grid_s), np.nan)
    known = is_between_samples(time_s, grid_s, _MAX_SAMPLE_GAP_S)
    return np.where(known, np.interp(grid_s, time_s, value), np.nan)


def lip_motion(time_s: FloatArray, gap: FloatArray, grid_s: FloatArray) -> FloatArray:
    """Change of the lips' gap (n,) per step of the grid (k,), whatever the sampling rate."""
    return np.abs(np.diff(resample(time_s, gap, grid_s), prepend=np.nan))


def moving_mean(curve: FloatArray, window_s: float) -> FloatArray:
    """Mean of what is known in a window around each step; NaN where nothing is known."""
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
        From `lip_motion`.
    loudness : ndarray, shape (k,)
        Linear RMS at the same steps.
    window_s : float

    Returns
    -------
    correlation (k,), 0 where it cannot be computed, and the seconds that it is computed from (k,)
    """
    smooth = moving_mean(mouth_motion, _MOTION_WINDOW_S)
    smooth[~np.isfinite(mouth_motion)] = np.nan
    window = window_steps(window_s)
    padded = np.pad(loudness, _MAX_LAG_STEPS, constant_values=np.nan)
    best, seconds = np.full(len(mouth_motion), -1.0), np.zeros(len(mouth_motion))
    for lag in range(-_MAX_LAG_STEPS, _MAX_LAG_STEPS + 1):
        shifted = padded[_MAX_LAG_STEPS + lag : _MAX_LAG_STEPS + lag + len(mouth_motion)]
        known = np.isfinite(smooth) & np.isfinite(shifted)
        # Subtract the means first: otherwise the sums of squares lose precision.
        x = np.where(known, smooth - np.mean(smooth[known]) if known.any() else 0.0, 0.0)
        y = np.where(known, shifted - np.mean(shifted[known]) if known.any() else 0.0, 0.0)
        count = np.maximum(moving_sum(known.astype(np.float64), window), 1.0)
        mean_x, mean_y = moving_sum(x, window) / count, moving_sum(y, window) / count
        spread_x = np.maximum(moving_sum(x * x, window) / count - mean_x**2, 0.0)
        spread_y = np.maximum(moving_sum(y * y, window) / count - mean_y**2, 0.0)
        common = moving_sum(x * y, window) / count - mean_x * mean_y
        spread = np.sqrt(spread_x * spread_y)
        varies = spread > _NO_VARIATION
        best = np.maximum(best, np.where(varies, common / np.where(varies, spread, 1.0), 0.0))
        if lag == 0:
            seconds = moving_sum(known.astype(np.float64), window) * STEP_S
    return np.clip(best, -1.0, 1.0), seconds


def rms_on_grid(level_db: FloatArray, step_s: float, grid_s: FloatArray) -> FloatArray:
    """Linear RMS, smoothed over 0.12 s, at the steps of a grid; NaN outside the sound."""
    if not len(level_db):
        return np.full(len(grid_s), np.nan)
    level = 10 ** (level_db / 20)
    window = 2 * round(_LOUDNESS_WINDOW_S / step_s / 2) + 1
    smooth = moving_sum(level, window) / moving_sum(np.ones(len(level)), window)
    middle_s = (np.arange(len(level)) + 0.5) * step_s
    return np.interp(grid_s, middle_s, smooth, left=np.nan, right=np.nan)
