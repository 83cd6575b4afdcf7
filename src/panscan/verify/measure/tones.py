"""Which tones became which: the mean change of each level of the source, over many small pictures.

Only even parts count, where a small picture is as bright as the px it was averaged from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from panscan.verify.measure.proxy_views import ProxyViews

Floats = npt.NDArray[np.float64]
_LEVELS = 256
_EVEN_LEVELS = 3.0  # change from px to px: more is an edge
_ODD_LEVELS = 16.0  # beside the usual change: something else is seen there
_MIN_COUNT, _MIN_SHARE = 60.0, 1e-3  # of px, to know a level's change: fewer are chance
_SMOOTH_LEVELS = 21  # width of the mean that makes the curve smooth: wider than the steps of coarse posterising
_MIN_KNOWN = 3  # levels, to say how they changed
_MIN_RANGE = 32  # levels, to see steps: fewer may be the grain of one level, which encoders flatten


@dataclass(frozen=True, slots=True)
class ToneChange:
    """How the levels of a clip changed, rms over the levels that are seen in it.

    Attributes
    ----------
    levels : float
        By a smooth curve.
    steps_levels : float
        Beside the smooth curve, as where several levels became one.
    """

    levels: float
    steps_levels: float


class ToneSums:
    """Sums from which a tone curve is made."""

    def __init__(self) -> None:
        self._change = np.zeros(_LEVELS)
        self._count = np.zeros(_LEVELS)
        self._usual: list[float] = []  # change of each picture as a whole: a single flash is not the clip's

    def add(self, views: ProxyViews, expected: ProxyViews) -> None:
        """Add one picture."""
        for (found, _), (wanted, mask) in zip(views, expected, strict=True):
            if found.shape != wanted.shape:
                continue
            steps = cv2.Sobel(wanted, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(wanted, cv2.CV_32F, 0, 1, scale=1 / 8)
            change = found - wanted
            if not mask.any():
                continue
            usual = float(np.median(change[mask]))
            change -= np.float32(usual)
            self._usual.append(usual)
            even = mask & (steps[0] ** 2 + steps[1] ** 2 < _EVEN_LEVELS**2) & (np.abs(change) < _ODD_LEVELS)
            levels = np.clip(np.rint(wanted[even]), 0, _LEVELS - 1).astype(np.int64)
            self._change += np.bincount(levels, change[even], _LEVELS)
            self._count += np.bincount(levels, minlength=_LEVELS)

    def change(self) -> ToneChange | None:
        """How the levels changed, all of them alike where no picture has even parts; None without any picture."""
        if not self._usual:
            return None
        usual = float(np.median(self._usual))
        known = self._count >= max(_MIN_COUNT, _MIN_SHARE * self._count.sum())
        if known.sum() < _MIN_KNOWN:
            return ToneChange(abs(usual), 0.0)
        change = self._change[known] / self._count[known] + usual
        weight = np.minimum(self._count[known], self._count[known].mean())
        smooth = _smooth(change, weight, known)
        levels = math.sqrt(np.average(smooth**2, weights=weight))
        steps = math.sqrt(np.average((change - smooth) ** 2, weights=weight))
        return ToneChange(levels, steps if known.sum() >= _MIN_RANGE else 0.0)


def _smooth(change: Floats, weight: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """The changes of the known levels, made smooth."""
    values, weights, window = np.zeros(_LEVELS), np.zeros(_LEVELS), np.ones(_SMOOTH_LEVELS)
    values[known], weights[known] = change * weight, weight
    sums, counts = (np.convolve(column, window, "same")[known] for column in (values, weights))
    return np.asarray(sums / counts, np.float64)
