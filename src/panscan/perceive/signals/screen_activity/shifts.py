"""Whether what an area shows has moved as a whole: scrolling."""

from __future__ import annotations

import cv2
import numpy as np

from panscan.perceive.signals.screen_activity.changes import Grey
from panscan.perceive.signals.strokes import Box

_PROFILES = 32  # into which an area is averaged across the move: enough to tell lines of text apart
_REACH = 1 / 3  # of the area's length: the farthest move from one sample to the next that is found
_EXPLAINED = 0.25  # squared difference that a move leaves, by the one without it: coding leaves a few hundredths
_EXPLAINED_PART = 0.8  # the same of a part, into which new content comes at one end; a movie has 1 or more
_LEAST_DIFFERENCE = 4.0  # squared levels per px without the move: below, nothing moves that could be seen
_LEAST_LENGTH_PX = 24  # of an area along the move: shorter ones show no line that could come back


def content_shift(before: Grey, after: Grey) -> tuple[int, int]:
    """By how many px an area's content moved across and down; (0, 0) where no such move explains its change.

    Parameters
    ----------
    before, after : ndarray of uint8 (h, w)
        The same area of two pictures.
    """
    down = _shift_down(before, after)
    return (0, down) if down else (_shift_down(before.T, after.T), 0)


def _shift_down(before: Grey, after: Grey) -> int:
    length = len(after)
    if length < _LEAST_LENGTH_PX:
        return 0
    size = (min(_PROFILES, after.shape[1]), length)
    old, new = (
        cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for image in (before, after)
    )
    reach = int(length * _REACH)
    piece = new[reach : length - reach]
    left = cv2.matchTemplate(old, piece, cv2.TM_SQDIFF).ravel() / piece.size
    best = int(np.argmin(left))
    if left[reach] < _LEAST_DIFFERENCE or left[best] > _EXPLAINED * left[reach]:
        return 0
    return reach - best


def explains(shift_px: tuple[int, int], before: Grey, after: Grey, box: Box) -> bool:
    """Whether what a box shows came from a place that is so far away, rather than changed."""
    dx, dy = shift_px
    left, top, width, height = box
    x, y = max(left, dx, 0), max(top, dy, 0)
    right, bottom = min(left + width, after.shape[1] + min(0, dx)), min(top + height, after.shape[0] + min(0, dy))
    if right <= x or bottom <= y:
        return False
    now = after[y:bottom, x:right]
    moved, stayed = (
        cv2.norm(now, old, cv2.NORM_L2SQR)
        for old in (np.ascontiguousarray(before[y - dy : bottom - dy, x - dx : right - dx]), before[y:bottom, x:right])
    )
    return moved <= _EXPLAINED_PART * stayed
