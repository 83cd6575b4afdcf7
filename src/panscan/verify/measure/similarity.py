"""How alike two pictures are: the few sums behind all findings, without copies of whole pictures."""

from __future__ import annotations

import math

import cv2

from panscan.verify.measure.planes import Gray

_FLAT_LEVELS = 1e-3  # standard deviation: below it there is nothing to correlate


def rms(a: Gray, b: Gray) -> float:
    """Root of the mean square difference of two arrays of one shape."""
    return math.sqrt(float(cv2.norm(a, b, cv2.NORM_L2SQR)) / a.size)


def mean_and_spread(a: Gray) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean, spread = cv2.meanStdDev(a)
    return float(mean[0, 0]), float(spread[0, 0])


def fit_gain_and_lift(a: Gray, b: Gray) -> tuple[float, float, float]:
    """Gain and lift of b = gain * a + lift by least squares, and the correlation; gain 1 where `a` is flat."""
    (mean_a, spread_a), (mean_b, spread_b) = mean_and_spread(a), mean_and_spread(b)
    if spread_a < _FLAT_LEVELS:
        return 1.0, mean_b - mean_a, 0.0
    # 2 cov(a, b) = var(a) + var(b) - var(a - b), which needs no product of the two.
    difference_variance = rms(a, b) ** 2 - (mean_a - mean_b) ** 2
    covariance = (spread_a**2 + spread_b**2 - difference_variance) / 2
    gain = covariance / spread_a**2
    like = covariance / (spread_a * spread_b) if spread_b > _FLAT_LEVELS else 0.0
    return gain, mean_b - gain * mean_a, like


def likeness(a: Gray, b: Gray) -> float:
    """Correlation, -1..1; 0 where one of them is flat."""
    return fit_gain_and_lift(a, b)[2]
