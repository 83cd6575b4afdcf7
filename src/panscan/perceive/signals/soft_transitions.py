"""Soft transitions: dissolves and fades, found in small grey pictures by the way they mix.

While one shot dissolves into another, every picture between is a blend of the two ends: what is left after
subtracting the best blend is small against the difference of the ends (a twin comparison, at windows of 0.2 to 2 s).
Camera moves and moving subjects leave much more. Where an end is flat (black, white, any card), the blend is a fade.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_WINDOWS_S = (0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.0)
_TINY_PX = 32
_BLOCK_S, _MARGIN_S = 15.0, 3.0
_BETWEEN = (0.25, 0.5, 0.75)
_FLAT = 2.5  # standard deviation of levels: nothing to be seen but coding noise
_MIN_CONTRAST = 8.0  # levels (rms) between the ends
_UNLIKE = 0.6  # correlation of the ends of a dissolve at the most
_LEFTOVER = 0.08  # of the ends' difference (power): dissolves of moving shots mostly below 0.06, pans above 0.11
# A slow move over a blurred picture looks like a blend too, but there each end finds itself again in the middle.
_FOUND_AGAIN, _SURELY_FOUND = 0.7, 0.92
_SCALES = (0.7, 0.8, 0.9, 1.0, 1.12, 1.25, 1.4)


@dataclass(frozen=True, slots=True)
class SoftTransition:
    """Pictures [first, end) that mix; `fade`: 0 dissolve, -1 towards a flat picture, 1 out of one."""

    first: int
    end: int
    fade_direction: int = 0


class SoftTransitionDetector:
    """Given every picture in order; tells dissolves and fades, and the runs of flat pictures.

    Works on blocks that overlap, so memory does not grow with the length of the media.
    """

    def __init__(self, rate_hz: float) -> None:
        self._lags = sorted({max(4, round(seconds * rate_hz)) for seconds in _WINDOWS_S})
        self._block, self._margin = round(_BLOCK_S * rate_hz), round(_MARGIN_S * rate_hz)
        self._pictures: list[Picture] = []
        self._tiny: list[Floats] = []
        self._start = 0
        self.found: list[SoftTransition] = []
        self.flat: list[tuple[int, int]] = []

    def add(self, picture: Picture) -> None:
        """The next picture, grey, about 96 px wide."""
        import cv2

        height, width = picture.shape
        factor = _TINY_PX / max(height, width)
        size = (max(2, round(width * factor)), max(2, round(height * factor)))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        tiny = small.astype(np.float32)
        number = self._start + len(self._pictures)
        self._pictures.append(picture)
        self._tiny.append(tiny)
        if float(cv2.meanStdDev(small)[1][0, 0]) < _FLAT:
            joins = bool(self.flat) and self.flat[-1][1] == number
            self.flat = (
                [*self.flat[:-1], (self.flat[-1][0], number + 1)] if joins else [*self.flat, (number, number + 1)]
            )
        if len(self._pictures) >= self._block:
            self._search(last=False)
            done = len(self._pictures) - 2 * self._margin
            del self._pictures[:done], self._tiny[:done]
            self._start += done

    def finish(self) -> list[SoftTransition]:
        """All blends, rising."""
        self._search(last=True)
        self._pictures, self._tiny = [], []
        return self.found

    def _search(self, *, last: bool) -> None:
        """Find the blends of this block whose middle is not nearer to an inner edge of the block than the margin."""
        length = len(self._pictures)
        low = self._margin if self._start else 0
        high = length if last else length - self._margin
        if length <= self._lags[0]:
            return
        tiny = np.stack(self._tiny).reshape(length, -1)
        windows = _candidates(tiny, self._lags)
        blocked = np.zeros(length, bool)
        for start, lag, fade in windows:
            if blocked[start : start + lag + 1].any():
                continue
            blocked[start : start + lag + 1] = True
            if not (_fades(tiny, start, lag, fade) if fade else self._is_dissolve(start, lag)):
                continue
            first, end = _extent(tiny, start, lag)
            blocked[first:end] = True
            if low <= (first + end) // 2 < high:
                self.found.append(SoftTransition(self._start + first, self._start + end, fade))
        self.found.sort(key=lambda blend: blend.first)

    def _is_dissolve(self, start: int, lag: int) -> bool:
        """Whether the middle is a blend rather than an end that moved or grew."""
        before, middle, after = (self._pictures[start + step] for step in (0, lag // 2, lag))
        if match_score(before, after) > 0.85:
            return False
        again = max(
            min(_found_again(before, middle), _found_again(after, middle)),
            min(_found_again(middle, before), _found_again(middle, after)),
        )
        if again < _FOUND_AGAIN:
            return True
        if again > _SURELY_FOUND:
            return False
        moved = 1 - max(_found_again(before, middle), _found_again(after, middle)) ** 2
        ends, between = np.stack([self._tiny[start], self._tiny[start + lag]]), self._tiny[start + lag // 2]
        return _blend_leftover(ends, between) < 0.5 * moved


def _candidates(tiny: Floats, lags: list[int]) -> list[tuple[int, int, int]]:
    """Windows (start, lag, fade) that look like blends, the most convincing first."""
    found: list[tuple[float, int, int, int]] = []
    contrast = tiny.std(axis=1)
    for lag in lags:
        if lag >= len(tiny):
            continue
        starts = np.arange(0, len(tiny) - lag, max(1, lag // 8))
        before, step = tiny[starts], tiny[starts + lag] - tiny[starts]
        power = np.einsum("ij,ij->i", step, step)
        apart = np.sqrt(power / tiny.shape[1])
        likely = np.flatnonzero(apart > _MIN_CONTRAST)
        if not likely.size:
            continue
        starts, before, step, power, apart = starts[likely], before[likely], step[likely], power[likely], apart[likely]
        shares, leftovers = [], []
        for share in _BETWEEN:
            moved = tiny[starts + round(share * lag)] - before
            along = np.einsum("ij,ij->i", moved, step) / power
            shares.append(along)
            leftovers.append(np.einsum("ij,ij->i", moved, moved) / power - along**2)
        early, half, late = shares
        worst = np.max(leftovers, axis=0)
        even = (early > 0.08) & (early < 0.45) & (half > 0.3) & (half < 0.7) & (late > 0.55) & (late < 0.92)
        dark_start, dark_end = contrast[starts] < _FLAT, contrast[starts + lag] < _FLAT
        fade = np.where(dark_start & ~dark_end, 1, np.where(dark_end & ~dark_start, -1, 0))
        unlike = _correlation(before, before + step) < _UNLIKE
        good = even & (worst < _LEFTOVER) & ~(dark_start & dark_end) & ((fade != 0) | unlike)
        # The whole transition differs more than a part of it; of windows that hold it all the tightest is smoothest.
        score = apart * (1 - 3 * worst)
        found += [(float(score[n]), int(starts[n]), lag, int(fade[n])) for n in np.flatnonzero(good)]
    return [(start, lag, fade) for _, start, lag, fade in sorted(found, key=lambda row: (-row[0], row[1], row[2]))]


def _correlation(one: Floats, other: Floats) -> Floats:
    a, b = one - one.mean(axis=-1, keepdims=True), other - other.mean(axis=-1, keepdims=True)
    return np.asarray((a * b).mean(axis=-1) / (a.std(axis=-1) * b.std(axis=-1) + 1e-3), np.float32)


def _fades(tiny: Floats, start: int, lag: int, fade: int) -> bool:
    """Whether the middle shows the same things as the end that is not flat, only fainter."""
    seen = tiny[start + lag] if fade > 0 else tiny[start]
    return float(seen.std()) > 3 * _FLAT and float(_correlation(tiny[start + lag // 2], seen)) > 0.8


def _extent(tiny: Floats, start: int, lag: int) -> tuple[int, int]:
    """First picture that mixes and first that does no more: the straight line through one and four fifths."""
    low, high = max(0, start - lag // 2), min(len(tiny), start + lag + lag // 2 + 1)
    step = tiny[start + lag] - tiny[start]
    share = (tiny[low:high] - tiny[start]) @ step / float(step @ step)
    middle = start + lag // 2 - low
    early = middle - int(np.argmax(share[middle::-1] <= 0.2)) if (share[: middle + 1] <= 0.2).any() else 0
    late = middle + int(np.argmax(share[middle:] >= 0.8)) if (share[middle:] >= 0.8).any() else len(share) - 1
    at_early = low + early + _part(share, early, early + 1, 0.2)
    at_late = low + late - 1 + _part(share, late - 1, late, 0.8)
    third = max(1.0, (at_late - at_early) / 3)
    first, end = round(at_early - third) + 1, round(at_late + third)
    return max(0, first), min(len(tiny), max(first + 2, end))


def _part(share: Floats, before: int, after: int, level: float) -> float:
    """Where between two neighbouring pictures the share passes a level."""
    if before < 0 or after >= len(share) or share[after] == share[before]:
        return 0.0
    return float(np.clip((level - share[before]) / (share[after] - share[before]), 0, 1))


def _blend_leftover(ends: Floats, between: Floats) -> float:
    """What the best blend of two ends leaves of the picture between, as a share of that picture's own variance."""
    flat = ends.reshape(2, -1) - ends.reshape(2, -1).mean(axis=1, keepdims=True)
    seen = between.reshape(-1) - between.mean()
    weights, *_ = np.linalg.lstsq(flat.T, seen, rcond=None)
    return float(((seen - flat.T @ weights) ** 2).mean() / max(1e-6, float((seen**2).mean())))


def _found_again(here: Picture, there: Picture) -> float:
    """Best match of the middle of `there` within `here`, also a little larger or smaller."""
    import cv2

    height, width = there.shape
    best = -1.0
    for scale in _SCALES:
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        best = max(
            best, match_score(here, np.asarray(cv2.resize(there, size, interpolation=cv2.INTER_LINEAR), np.uint8))
        )
    return best


def match_score(before: Picture, after: Picture) -> float:
    """Normalised correlation of the middle of `after` at its best place in `before`, -1..1."""
    import cv2

    height, width = after.shape
    # Two thirds of `before`, so that the match may move by a sixth of the picture whatever the size of `after`.
    down, across = (
        max(height // 6, (height - before.shape[0] * 2 // 3) // 2),
        max(width // 6, (width - before.shape[1] * 2 // 3) // 2),
    )
    middle = after[down : height - down, across : width - across]
    if middle.size == 0 or float(middle.std()) < 1.0 or float(before.std()) < 1.0:  # a flat picture matches anything
        return 1.0 if abs(float(before.mean()) - float(after.mean())) < 8 else 0.0
    return float(cv2.matchTemplate(before, middle, cv2.TM_CCOEFF_NORMED).max())
