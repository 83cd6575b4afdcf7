"""What lies over the picture and stays: the mean difference from the source, place by place, over a short while.

What encoders change differs from picture to picture, and is larger where there is detail. A mark is neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from panscan.model.framing import Framing
from panscan.verify.measure.planes import Gray, Mask
from panscan.verify.measure.proxy_views import ProxyViews

_PICTURES = 5  # of an average
_MIN_PICTURES = 3  # at the end of a clip
_PICTURES_PER_S = 12  # at most: an average is that of 0.4 s, and a mark that can be read stays longer
_DETAIL_DOUBT = 0.25  # per level of change from px to px: there, encoders and scaling kernels change so much more


@dataclass(frozen=True, slots=True)
class LastingDifference:
    """Where some successive pictures differ most from what they should show.

    Attributes
    ----------
    first, last : int
        Numbers of the pictures.
    clip : int
        Of the cut.
    levels : float
        Mean difference there, levels of 255, less where the source is detailed.
    usual_levels : float
        The same in the middle of all places.
    place : tuple of two float
        Shares of the canvas, across and down.
    """

    first: int
    last: int
    clip: int
    levels: float
    usual_levels: float
    place: tuple[float, float]


class LastingDifferences:
    """Averages of successive pictures of one clip.

    Attributes
    ----------
    found : list of LastingDifference
        Complete after `finish`.
    """

    def __init__(self, rate: float) -> None:
        self.found: list[LastingDifference] = []
        self._step = max(1, round(rate / _PICTURES_PER_S))
        self._numbers: list[int] = []
        self._clip = -1
        self._framing: Framing | None = None
        self._sums: list[tuple[Gray, Gray, Mask]] = []

    def add(self, number: int, clip: int, framing: Framing, views: ProxyViews, expected: ProxyViews) -> None:
        """Add one picture."""
        if clip != self._clip or len(self._numbers) == _PICTURES:
            self.finish()
        if number % self._step or [view.shape for view, _ in views] != [view.shape for view, _ in expected]:
            return
        if not self._numbers:
            self._clip, self._framing = clip, framing
            self._sums = [(np.zeros_like(view), np.zeros_like(view), mask.copy()) for view, mask in expected]
        self._numbers.append(number)
        for (difference, level, shown), (found, _), (wanted, mask) in zip(self._sums, views, expected, strict=True):
            difference += found - wanted
            level += wanted
            shown &= mask

    def finish(self) -> None:
        """Judge the pictures that wait."""
        if len(self._numbers) >= _MIN_PICTURES:
            self.found += self._judged()
        self._numbers = []

    def _judged(self) -> Iterator[LastingDifference]:
        assert self._framing is not None
        count, canvas = len(self._numbers), self._framing.canvas
        for cell, (difference, level, shown) in zip(self._framing.cells, self._sums, strict=True):
            if not shown.any():
                continue
            scores = _scores(_without_tones(difference / np.float32(count), level, shown), level / np.float32(count))
            scores *= shown
            row, column = np.unravel_index(int(np.argmax(scores)), scores.shape)
            height, width = scores.shape
            place = (
                (cell.left_px + (column + 0.5) * cell.size.width / width) / canvas.width,
                (cell.top_px + (row + 0.5) * cell.size.height / height) / canvas.height,
            )
            levels, usual = float(scores[row, column]), float(np.median(scores[shown]))
            yield LastingDifference(self._numbers[0], self._numbers[-1], self._clip, levels, usual, place)


def _without_tones(difference: Gray, level: Gray, shown: Mask) -> Gray:
    """What is left of a difference without what a tone curve explains, a parabola: that has a finding of its own.

    Nothing is left where the source is not shown.
    """
    x = level / max(1.0, float(level.max()))
    curve = np.stack([np.ones_like(x), x, x**2])
    # Of all px: on a page, few have another level than the paper, and without them the curve may go anywhere there.
    factors = np.linalg.lstsq(curve[:, shown].T, difference[shown], rcond=None)[0]
    return np.where(shown, difference - np.tensordot(factors, curve, 1), 0).astype(np.float32)


def _scores(difference: Gray, level: Gray) -> Gray:
    steps = np.hypot(cv2.Sobel(level, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(level, cv2.CV_32F, 0, 1, scale=1 / 8))
    doubt = 1 + _DETAIL_DOUBT * cv2.blur(steps, (5, 5))
    return np.asarray(np.abs(cv2.blur(difference, (3, 3))) / doubt, np.float32)
