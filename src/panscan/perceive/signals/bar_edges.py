"""Bars in one picture: where the picture inside begins, whatever the bars are made of.

Rows are gathered in bands, so that grain averages out and a straight edge shows as a step in nearly all bands at one
place. Outside the step a bar is plain in one of three ways: one flat colour (black, white, any, also with grain), soft
beside a sharp inside (a blurred copy of the picture), or still while the inside moves (a drawn frame). Bars lie on both
sides alike. Letters and logos make a part of a bar not plain: shares are asked for, never all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

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

    detail = cv2.absdiff(image, cv2.blur(image, (3, 3)))
    found = []
    for axis in (0, 1):
        # Turned, for means of columns are several times faster than means of rows.
        level, fine = (_band_means(picture if axis == 0 else cv2.transpose(picture)) for picture in (image, detail))
        found.append(Bands(level, fine, None if before is None else np.abs(level - before[axis])))
    return found[0], found[1]


def _band_means(picture: npt.NDArray[Any]) -> FloatArray:
    import cv2

    size = (picture.shape[1], _BANDS)
    return np.asarray(cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """A picture from one side: its bands, where each kind of bar may be, where steps are."""

    bands: Bands
    plain: dict[str, Mask]
    steps: Mask

    @classmethod
    def of(cls, bands: Bands) -> _Side:
        return cls(bands, _plain(bands), _steps(bands))


def find_bars(columns: Bands, rows: Bands) -> Bars:
    """The bars of one picture."""
    wide, high = ((_Side.of(axis), _Side.of(axis.reversed())) for axis in (columns, rows))
    inner_columns, inner_rows = _within(*wide), _within(*high)
    across, down = _pair(*wide, inner_rows), _pair(*high, inner_columns)
    # Bars on two sides only reach from end to end: a lit door in a dark wall does not.
    if across[2] and not down[2]:
        across = _pair(*wide, None)
    elif down[2] and not across[2]:
        down = _pair(*high, None)
    (left, right), (top, bottom) = (
        [_depth(side.plain, bands) for side in sides] for sides, bands in ((wide, inner_rows), (high, inner_columns))
    )
    return Bars((across[0], down[0], across[1], down[1]), (across[2], down[2]), (left, top, right, bottom))


def _within(one: _Side, other: _Side) -> dict[str, slice]:
    """By kind of bar: bands of the other axis in which the picture inside lies."""
    return {name: _guess(mask | other.plain[name][:, ::-1]) for name, mask in one.plain.items()}


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


def _depth(plain: dict[str, Mask], within: dict[str, slice]) -> float:
    """How far from the first column on the picture is plain in one way."""
    depth = 0
    for name, mask in plain.items():
        pictured = np.flatnonzero(mask[within[name], 1:].mean(axis=0) < _MIN_PLAIN)
        depth = max(depth, int(pictured[0]) + 1 if pictured.size else mask.shape[1])
    return float(depth)


def _edges(side: _Side, name: str, within: slice) -> dict[int, float]:
    """Columns at which a bar that is plain in one way may end, and the share of the bands in which its edge is seen."""
    n = side.steps.shape[1]
    share = side.steps[within].mean(axis=0)
    # On tiny pictures an edge needs something on both sides that it can be compared with.
    first, end = max(_BESIDE_PX[0], int(np.ceil(_MIN_BAR * n))), min(int(_MAX_BAR * n), n // 2 - _BESIDE_PX[0])
    places = first + np.flatnonzero(share[first : max(first, end)] >= _MIN_STEP[name])
    return {int(at): float(share[at]) for at in places if _is_end(side, name, within, int(at))}


def _is_end(side: _Side, name: str, within: slice, at: int) -> bool:
    """Whether a bar that is plain in one way ends at a column."""
    near, far = _BESIDE_PX
    plain, bands = side.plain[name], side.bands
    before, after = slice(max(0, at - far), at - near + 1), slice(at + near, at + far + 1)
    inside = slice(at + near, plain.shape[1] // 2)
    if plain[:, : at - 1].mean() < _MIN_PLAIN or plain[within, before].mean() < _MIN_PLAIN_NEAR:
        return False
    if name == "flat":
        return bool(plain[within, inside].mean() <= _MAX_PLAIN_INSIDE)
    if name == "soft":
        detail = bands.detail[within]
        return bool(detail[:, inside].mean() > _SHARPER * detail[:, : at - 1].mean() + _SHARPER_LEVELS)
    moved = bands.change is not None and bands.change[within, after].mean(axis=1) > _MOVED_LEVELS
    return bool(np.mean(moved) >= _MIN_INSIDE)


def _pair(one: _Side, other: _Side, within: dict[str, slice] | None) -> tuple[float, float, float]:
    """Widths in view px of bars at both ends that are alike, and the share of their edges that is seen.

    `within`: by kind of bar, the bands in which edges must be seen; all of them without it.
    """
    best = (0.0, 0, 0, slice(None))
    n = one.steps.shape[1]
    for name in one.plain:
        if name == "flat" and abs(_colour(one.bands) - _colour(other.bands)) > _FLAT_LEVELS[1]:
            continue
        bands = within[name] if within else slice(None)
        starts = _edges(one, name, bands)
        ends = _edges(other, name, bands) if starts else {}
        for start, end in product(starts, ends):
            apart = abs(start - end)
            worth = min(starts[start], ends[end]) - _PER_SHARE_APART * apart / n
            if apart <= _ALIKE * max(start, end) + _ALIKE_OF_SIDE * n and worth > best[0]:
                best = (worth, start, end, bands)
    worth, start, end, bands = best
    if not worth:
        return 0.0, 0.0, 0.0
    return _refined(one.bands, start, bands), _refined(other.bands, end, bands), worth


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
