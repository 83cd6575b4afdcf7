"""Soft transitions (dissolves, fades, wipes, changes under a flash), found in small grey pictures by the way they mix.

Windows of 0.14 to 2 s that look like one (a twin comparison of their ends and what is in between: see
`panscan.perceive.signals.soft_windows`) are looked at more closely. Where one end is flat (black, white, any colour),
the transition is a fade.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panscan.perceive.signals.scene_match import is_same_scene, match_score, share_of_either
from panscan.perceive.signals.soft_windows import FLAT_LEVELS, Window, candidate_windows, correlation

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_WINDOWS_S = (0.14, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.0)  # lengths that editors use, each about 1.5 times the one before
_TINY_SIDE_PX = 32  # longer side of the pictures whose blends are computed: motion within a shot averages out
_LONGEST_FLASH_S = 0.7  # what is white for longer is a picture of its own
_BLOCK_S = 15.0  # searched at once: bounds the memory
_MARGIN_S = 3.0  # overlap of the blocks: more than the longest window with its surroundings
# A slow camera move over a blurred picture also looks like a dissolve, but then the middle picture still matches each
# end: correlations from which that is possible, and from which it is certain.
_MATCH_DOUBTFUL, _MATCH_CERTAIN = 0.7, 0.92
_ENDS_ALIKE = 0.85  # correlation of the ends at their best position: one scene, so no dissolve
_SCALES = (0.7, 0.8, 0.9, 1.0, 1.12, 1.25, 1.4)  # of one picture in the other, as a zoom within 2 s may change it
_MIN_WIPE_SHARE = 0.7  # mean correlation of the middle's blocks with either end: measured: wipes above, pans below
_FADE_DIRECTIONS = {"fade out": -1, "fade in": 1}
_EXTENT_SHARES = 0.2, 0.8  # of the mix: between them its course is a straight line, whatever the ends look like


@dataclass(frozen=True, slots=True)
class SoftTransition:
    """A dissolve, a wipe or a fade.

    Attributes
    ----------
    first, end : int
        Numbers [first, end) of the pictures that mix.
    fade_direction : int
        0 for a dissolve or a wipe, -1 for a fade to a flat picture, 1 for a fade from one.
    is_flash : bool
        The shots change under a flash, somewhere in it.
    """

    first: int
    end: int
    fade_direction: int = 0
    is_flash: bool = False


class SoftTransitionDetector:
    """Finds dissolves, wipes and fades, and the runs of flat pictures.

    Works on blocks that overlap, so memory does not grow with the length of the media.

    Attributes
    ----------
    transitions : list of SoftTransition
        Found so far, rising.
    flat_runs : list of (int, int)
        Numbers [first, end) of the pictures in each run of flat ones.
    """

    def __init__(self, rate_hz: float) -> None:
        self._lags = sorted({max(4, round(seconds * rate_hz)) for seconds in _WINDOWS_S})
        self._longest_flash = round(_LONGEST_FLASH_S * rate_hz)
        self._block, self._margin = round(_BLOCK_S * rate_hz), round(_MARGIN_S * rate_hz)
        self._pictures: list[Picture] = []
        self._tiny: list[Floats] = []
        self._start = 0
        self.transitions: list[SoftTransition] = []
        self.flat_runs: list[tuple[int, int]] = []

    def add(self, picture: Picture) -> None:
        """Receive the next picture: grey, about 96 px wide."""
        import cv2

        height, width = picture.shape
        factor = _TINY_SIDE_PX / max(height, width)
        size = (max(2, round(width * factor)), max(2, round(height * factor)))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        tiny = small.astype(np.float32)
        number = self._start + len(self._pictures)
        self._pictures.append(picture)
        self._tiny.append(tiny)
        if float(cv2.meanStdDev(small)[1][0, 0]) < FLAT_LEVELS:
            joins = bool(self.flat_runs) and self.flat_runs[-1][1] == number
            self.flat_runs = (
                [*self.flat_runs[:-1], (self.flat_runs[-1][0], number + 1)]
                if joins
                else [*self.flat_runs, (number, number + 1)]
            )
        if len(self._pictures) >= self._block:
            self._search(last=False)
            done = len(self._pictures) - 2 * self._margin
            del self._pictures[:done], self._tiny[:done]
            self._start += done

    def finish(self) -> list[SoftTransition]:
        """All transitions, rising."""
        self._search(last=True)
        self._pictures, self._tiny = [], []
        return self.transitions

    def _search(self, *, last: bool) -> None:
        """Find the transitions of this block whose middle is at least the margin away from the block's inner edges."""
        length = len(self._pictures)
        low = self._margin if self._start else 0
        high = length if last else length - self._margin
        if length <= self._lags[0]:
            return
        tiny = np.stack(self._tiny).reshape(length, -1)
        blocked = np.zeros(length, bool)
        for window in candidate_windows(tiny, self._lags):
            start, lag = window.start, window.lag
            if blocked[start : start + lag + 1].any():
                continue
            is_flash = window.kind == "flash"
            blocked[start : start + lag + 1] = not is_flash  # a fade through white may lie where no flash does
            if not self._is_transition(tiny, window):
                continue
            first, end = (start + 1, start + lag) if is_flash else _transition_range(tiny, start, lag)
            blocked[start : start + lag + 1] = True
            blocked[first:end] = True
            if low <= (first + end) // 2 < high:
                direction = _FADE_DIRECTIONS.get(window.kind, 0)
                self.transitions.append(SoftTransition(self._start + first, self._start + end, direction, is_flash))
        self.transitions.sort(key=lambda transition: transition.first)

    def _is_transition(self, tiny: Floats, window: Window) -> bool:
        """Look at a window closely, in the larger pictures."""
        if window.kind in _FADE_DIRECTIONS:
            return _is_fade(tiny, window)
        if window.kind == "flash":
            ends = self._pictures[window.start], self._pictures[window.start + window.lag]
            return window.lag <= self._longest_flash and not is_same_scene(*ends)
        return (self._is_wipe if window.kind == "wipe" else self._is_dissolve)(window.start, window.lag)

    def _is_wipe(self, start: int, lag: int) -> bool:
        """Whether the middle picture is put together from the two ends, and nothing of the scene before remains."""
        before, middle, after = (self._pictures[start + step] for step in (0, lag // 2, lag))
        # The window may hold a part of a longer wipe.
        earlier = self._pictures[max(0, start - lag // 2)]
        later = self._pictures[min(len(self._pictures) - 1, start + lag + lag // 2)]
        share = share_of_either(before, after, middle)
        return share is not None and share >= _MIN_WIPE_SHARE and not is_same_scene(earlier, later)

    def _is_dissolve(self, start: int, lag: int) -> bool:
        """Whether the middle picture is a blend, not one of the ends that moved or was zoomed."""
        before, middle, after = (self._pictures[start + step] for step in (0, lag // 2, lag))
        if match_score(before, after) > _ENDS_ALIKE:
            return False
        again = max(
            min(_multiscale_match_score(before, middle), _multiscale_match_score(after, middle)),
            min(_multiscale_match_score(middle, before), _multiscale_match_score(middle, after)),
        )
        if again < _MATCH_DOUBTFUL:
            return True
        if again > _MATCH_CERTAIN:
            return False
        moved = 1 - max(_multiscale_match_score(before, middle), _multiscale_match_score(after, middle)) ** 2
        ends, between = np.stack([self._tiny[start], self._tiny[start + lag]]), self._tiny[start + lag // 2]
        return _blend_residual(ends, between) < 0.5 * moved


def _is_fade(tiny: Floats, window: Window) -> bool:
    """Whether the middle shows the same as the end that is not flat, only fainter."""
    seen = tiny[window.start + (window.lag if window.kind == "fade in" else 0)]
    middle = tiny[window.start + window.lag // 2]
    return float(seen.std()) > 3 * FLAT_LEVELS and float(correlation(middle, seen)) > 0.8


def _transition_range(tiny: Floats, start: int, lag: int) -> tuple[int, int]:
    """First mixed picture and first unmixed one after it.

    From a straight line through the points at which the mix reaches 20 % and 80 %.
    """
    low, high = max(0, start - lag // 2), min(len(tiny), start + lag + lag // 2 + 1)
    step = tiny[start + lag] - tiny[start]
    low_share, high_share = _EXTENT_SHARES
    share = (tiny[low:high] - tiny[start]) @ step / float(step @ step)
    middle = start + lag // 2 - low
    early = middle - int(np.argmax(share[middle::-1] <= low_share)) if (share[: middle + 1] <= low_share).any() else 0
    late = (
        middle + int(np.argmax(share[middle:] >= high_share))
        if (share[middle:] >= high_share).any()
        else len(share) - 1
    )
    at_early = low + early + _crossing_fraction(share, early, early + 1, low_share)
    at_late = low + late - 1 + _crossing_fraction(share, late - 1, late, high_share)
    third = max(1.0, (at_late - at_early) / 3)
    first, end = round(at_early - third) + 1, round(at_late + third)
    return max(0, first), min(len(tiny), max(first + 2, end))


def _crossing_fraction(share: Floats, before: int, after: int, level: float) -> float:
    """Where the share crosses a level between two neighbouring pictures, 0..1."""
    if before < 0 or after >= len(share) or share[after] == share[before]:
        return 0.0
    return float(np.clip((level - share[before]) / (share[after] - share[before]), 0, 1))


def _blend_residual(ends: Floats, between: Floats) -> float:
    """Residual of the picture in between after the best blend of the ends, as a share of its own variance."""
    flat = ends.reshape(2, -1) - ends.reshape(2, -1).mean(axis=1, keepdims=True)
    seen = between.reshape(-1) - between.mean()
    weights, *_ = np.linalg.lstsq(flat.T, seen, rcond=None)
    return float(((seen - flat.T @ weights) ** 2).mean() / max(1e-6, float((seen**2).mean())))


def _multiscale_match_score(here: Picture, there: Picture) -> float:
    """Best correlation of the middle of `there` with `here`, also with a little zoom: -1..1."""
    import cv2

    height, width = there.shape
    best = -1.0
    for scale in _SCALES:
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        best = max(
            best, match_score(here, np.asarray(cv2.resize(there, size, interpolation=cv2.INTER_LINEAR), np.uint8))
        )
    return best
