"""How alike two pictures are: the few sums behind all findings, of arrays of any shape."""

from __future__ import annotations

import math

import cv2

from panscan.verify.measure.planes import Gray

# Standard deviations: below the first there is nothing to correlate, below the second nothing that compression keeps.
_FLAT_LEVELS, _FAINT_LEVELS = 1e-3, 0.03


def rms(a: Gray, b: Gray) -> float:
    """Root of the mean square difference of two arrays of one shape."""
    # OpenCV takes the difference row by row: of one row in a tenth of the time of a column.
    return math.sqrt(float(cv2.norm(a.reshape(1, -1), b.reshape(1, -1), cv2.NORM_L2SQR)) / a.size)


def mean_and_spread(a: Gray) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean, spread = cv2.meanStdDev(a.reshape(-1))
    return float(mean[0, 0]), float(spread[0, 0])


def fit_gain_and_lift(a: Gray, b: Gray) -> tuple[float, float, float]:
    """Gain and lift of b = gain * a + lift by least squares, and the correlation; gain 1 where `a` is flat."""
    (mean_a, spread_a), (mean_b, spread_b) = mean_and_spread(a), mean_and_spread(b)
    if spread_a < _FLAT_LEVELS:
        return 1.0, mean_b - mean_a, 0.0
    covariance = _covariance(rms(a, b), mean_a - mean_b, spread_a, spread_b)
    gain = covariance / spread_a**2
    like = covariance / (spread_a * spread_b) if spread_b > _FLAT_LEVELS else 0.0
    return gain, mean_b - gain * mean_a, like


def difference_and_likeness(a: Gray, b: Gray) -> tuple[float, float]:
    """Root of the mean square difference, and the correlation: 1 where one of them is nearly flat."""
    (mean_a, spread_a), (mean_b, spread_b) = mean_and_spread(a), mean_and_spread(b)
    apart = rms(a, b)
    if min(spread_a, spread_b) <= _FAINT_LEVELS:
        return apart, 1.0
    return apart, _covariance(apart, mean_a - mean_b, spread_a, spread_b) / (spread_a * spread_b)


def _covariance(apart: float, mean_apart: float, spread_a: float, spread_b: float) -> float:
    """From the spread of the difference: 2 cov(a, b) = var(a) + var(b) - var(a - b), which needs no product."""
    return (spread_a**2 + spread_b**2 - (apart**2 - mean_apart**2)) / 2


def likeness(a: Gray, b: Gray) -> float:
    """Correlation, -1..1; 0 where one of them is flat."""
    return fit_gain_and_lift(a, b)[2]
