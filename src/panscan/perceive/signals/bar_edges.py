"""Bars in one picture: where the picture inside begins, whatever the bars are made of.

Rows are gathered in bands, so that grain averages out and a straight edge shows as a step in nearly all bands at one
place. Outside the step a bar is plain in one of three ways: one flat colour (black, white, any, also with grain), soft
beside a sharp inside (a blurred copy of the picture), or still while the inside moves (a drawn frame). Bars lie on both
sides alike. Letters and logos make a part of a bar not plain: shares are asked for, never all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_BANDS = 24  # along an edge: enough to tell straight edges from outlines, and each averages about 20 px of grain
_FLAT_LEVELS = (3.0, 8.0)  # from the bar's colour: coding noise stays below the first, heavy grain below the second
_GRAIN_SIGMAS = 3.0  # of the grain that a flat bar may stray
_GRAIN_LEVELS, _GRAIN_PX = 1.0, 5  # sigma from which grain is averaged over so many columns
_SOFT_LEVELS = 0.8  # of detail: blurred pictures have 0.1 to 0.5, sharp ones 1 to 10
_SHARPER, _SHARPER_LEVELS = 2.0, 0.3  # the detail inside: times that outside, and more
_STILL_LEVELS, _MOVED_LEVELS = 1.5, 3.0  # change since the sample before: coding noise stays below the first
_STEP_LEVELS = 5.0  # across the edge: what is fainter is not seen as an edge
_STEEPER = 2.0  # times the rise three px before it
_BESIDE_PX = (2, 7)  # from the edge to both sides, where it is compared: beyond its blur, before the next thing
_MIN_BAR = 0.015  # share of the side: thinner dark rims are lens or codec edges
_MAX_BAR = 0.46  # share of the side, one bar: with more, too little picture is left
_ALIKE, _ALIKE_OF_SIDE = 0.1, 0.01  # how much narrower one bar may be: share of it, and of the side
_PER_SHARE_APART = 4.0  # of the edge that must be seen more, per share of the side that one bar is narrower
_MIN_STEP = {"flat": 0.5, "soft": 0.6, "still": 0.75}  # share of bands with a step; the weaker the sign, the more
_MIN_PLAIN = 0.65  # share of a bar that is plain: logos and captions cover the rest
_MIN_PLAIN_NEAR = 0.7  # the same right outside the edge
_MAX_PLAIN_INSIDE = 0.6  # share of the picture that has the colour of flat bars: a page of words has more
_MIN_INSIDE = 0.5  # share of bands that are sharper, or move, right inside the edge
_GUESS = 0.12  # share of a row that is not of the bars' colour, where the picture inside lies


@dataclass(frozen=True, slots=True)
class Bars:
    """What one picture shows of bars.

    Attributes
    ----------
    inset_px : tuple of four float
        Bars at left, top, right, bottom, view px; all 0 without bars.
    score : (float, float)
        Of the bars at left and right, of those at top and bottom: the share of the weaker edge that is seen, 0..1; 0
        without bars.
    depth_px : tuple of four float
        From each side, how far the picture is plain: bars may be as wide, no wider.
    """

    inset_px: tuple[float, float, float, float]
    score: tuple[float, float]
    depth_px: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """A picture, (bands, n) along one axis: level, detail, change since the sample before."""

    level: FloatArray
    detail: FloatArray
    change: FloatArray | None

    def reversed(self) -> Bands:
        """The same from the other side."""
        change = None if self.change is None else self.change[:, ::-1]
        return Bands(self.level[:, ::-1], self.detail[:, ::-1], change)


def bands_of(image: npt.NDArray[np.uint8], before: tuple[FloatArray, FloatArray] | None) -> tuple[Bands, Bands]:
    """Bands across columns and across rows of a grey view; `before`: levels of the sample before."""
    import cv2

    height, width = image.shape
    grey = image.astype(np.float32)
    detail = cv2.absdiff(image, cv2.blur(image, (3, 3))).astype(np.float32)

    def gathered(picture: FloatArray, across: bool) -> FloatArray:
        size = (width, _BANDS) if across else (_BANDS, height)
        means = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        return means if across else np.ascontiguousarray(means.T)

    columns, rows = gathered(grey, True), gathered(grey, False)
    return (
        Bands(columns, gathered(detail, True), None if before is None else np.abs(columns - before[0])),
        Bands(rows, gathered(detail, False), None if before is None else np.abs(rows - before[1])),
    )


def find_bars(columns: Bands, rows: Bands) -> Bars:
    """The bars of one picture."""
    plain = [[_plain(side) for side in (axis, axis.reversed())] for axis in (columns, rows)]
    within = [{name: _guess(one[name] | other[name][:, ::-1]) for name in one} for one, other in plain]
    across, down = _pair(columns, plain[0], within[1]), _pair(rows, plain[1], within[0])
    # Bars on two sides only reach from end to end: a lit door in a dark wall does not.
    if not down[2]:
        across = _pair(columns, plain[0], dict.fromkeys(plain[0][0], slice(None)))
    if not across[2]:
        down = _pair(rows, plain[1], dict.fromkeys(plain[1][0], slice(None)))
    depth = [_depth(side) for axis in plain for side in axis]
    return Bars(
        (across[0], down[0], across[1], down[1]),
        (across[2], down[2]),
        (depth[0], depth[2], depth[1], depth[3]),
    )


def _flat(bands: Bands) -> Mask:
    """Cells of the colour of the first columns, as far as grain lets them be."""
    import cv2

    # The median difference of neighbours is 0.95 of the grain's sigma.
    sigma = float(np.median(np.abs(np.diff(bands.level[:, 1:9], axis=1)))) / 0.95
    level = cv2.blur(bands.level, (_GRAIN_PX, 1)) if sigma > _GRAIN_LEVELS else bands.level
    apart = _GRAIN_SIGMAS * sigma / np.sqrt(_GRAIN_PX)
    return np.asarray(np.abs(level - _colour(bands)) <= np.clip(apart, *_FLAT_LEVELS))


def _colour(bands: Bands) -> float:
    return float(np.median(bands.level[:, 1:4]))


def _plain(bands: Bands) -> dict[str, Mask]:
    kinds = {"flat": _flat(bands), "soft": bands.detail <= _SOFT_LEVELS}
    if bands.change is not None:
        kinds["still"] = bands.change <= _STILL_LEVELS
    return kinds


def _guess(plain: Mask) -> slice:
    """Bands of the other axis in which the picture inside lies: between the first and last column not all plain."""
    picture = np.flatnonzero((~plain).mean(axis=0) >= _GUESS)
    n = plain.shape[1]
    first, end = (picture[0], picture[-1] + 1) if picture.size else (0, n)
    if end - first < n * (1 - 2 * _MAX_BAR):
        first, end = 0, n
    return slice(int(np.ceil(first / n * _BANDS)), max(int(np.ceil(first / n * _BANDS)) + 1, int(end / n * _BANDS)))


def _depth(plain: dict[str, Mask]) -> float:
    """How far from the first column on the picture is plain in one way."""
    depth = 0
    for mask in plain.values():
        pictured = np.flatnonzero(mask[:, 1:].mean(axis=0) < _MIN_PLAIN)
        depth = max(depth, int(pictured[0]) + 1 if pictured.size else mask.shape[1])
    return float(depth)


def _edges(bands: Bands, within: slice, name: str, plain: Mask, steps: Mask) -> dict[int, float]:
    """Columns at which a bar that is plain in one way may end, and the share of the bands in which its edge is seen."""
    n = plain.shape[1]
    share = steps[within].mean(axis=0)
    first, end = int(np.ceil(_MIN_BAR * n)), int(_MAX_BAR * n)
    places = first + np.flatnonzero(share[first:end] >= _MIN_STEP[name])
    return {int(at): float(share[at]) for at in places if _is_end(bands, within, name, plain, int(at))}


def _is_end(bands: Bands, within: slice, name: str, plain: Mask, at: int) -> bool:
    """Whether a bar that is plain in one way ends at a column."""
    near, far = _BESIDE_PX
    before, after = slice(max(0, at - far), at - near + 1), slice(at + near, at + far + 1)
    inside = slice(at + near, plain.shape[1] // 2)
    if plain[:, : at - 1].mean() < _MIN_PLAIN or plain[within, before].mean() < _MIN_PLAIN_NEAR:
        return False
    if name == "flat":
        return bool(plain[within, inside].mean() <= _MAX_PLAIN_INSIDE)
    if name == "soft":
        detail = bands.detail[within]
        return bool(detail[:, inside].mean() > _SHARPER * detail[:, : at - 1].mean() + _SHARPER_LEVELS)
    if name == "still" and bands.change is not None:
        return bool((bands.change[within, after].mean(axis=1) > _MOVED_LEVELS).mean() >= _MIN_INSIDE)
    return True


def _pair(bands: Bands, plain: list[dict[str, Mask]], within: dict[str, slice]) -> tuple[float, float, float]:
    """Widths in view px of bars at both ends that are alike, and the share of their edges that is seen."""
    best = (0.0, "", 0, 0)
    sides = (bands, bands.reversed())
    steps = [_steps(side) for side in sides]
    n = bands.level.shape[1]
    for name in plain[0]:
        if name == "flat" and abs(_colour(sides[0]) - _colour(sides[1])) > _FLAT_LEVELS[1]:
            continue
        one, other = (_edges(sides[s], within[name], name, plain[s][name], steps[s]) for s in (0, 1))
        for start, end in product(one, other):
            apart = abs(start - end)
            worth = min(one[start], other[end]) - _PER_SHARE_APART * apart / n
            if apart <= _ALIKE * max(start, end) + _ALIKE_OF_SIDE * n and worth > best[0]:
                best = (worth, name, start, end)
    worth, name, start, end = best
    if not name:
        return 0.0, 0.0, 0.0
    return _refined(sides[0], start, within[name]), _refined(sides[1], end, within[name]), worth


def _steps(bands: Bands) -> Mask:
    """Whether each cell (bands, n) lies on a step that begins there; folds and fading light rise slowly."""
    level = bands.level
    across = np.zeros_like(level)
    across[:, 1:-1] = np.abs(level[:, 2:] - level[:, :-2])
    steps = across > _STEP_LEVELS
    steps[:, 3:] &= across[:, 3:] > _STEEPER * across[:, :-3]
    return np.asarray(steps)


def _refined(bands: Bands, place: int, within: slice) -> float:
    """The edge to a part of a px: a column that the edge crosses is a mixture of both sides."""
    level = bands.level[within]
    across = np.abs(level[:, 2:] - level[:, :-2]).mean(axis=0)
    low = max(1, place - 2)
    middle = low + int(np.argmax(across[low - 1 : place + 2]))
    before, on, after = level[:, middle - 1], level[:, middle], level[:, middle + 1]
    clear = np.abs(after - before) > _STEP_LEVELS
    if not clear.any():
        return float(place)
    inside = np.median(((on - before)[clear] / (after - before)[clear]).clip(0, 1))
    return middle + 1 - float(inside)
