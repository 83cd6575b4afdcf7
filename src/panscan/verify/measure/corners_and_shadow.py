"""Round corners and shadows of pictures: how much of them is missing, by what would be seen in their place.

Looked at in small boxes at full size: around the four corners of the picture, and beside the middles of its sides.
Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.framing import (
    SHADOW_DROP_SHARE,
    SHADOW_OPACITY,
    SHADOW_SIGMA_SHARE,
    FloatArray,
    Framing,
)
from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.expected_views import ExpectedViews
from panscan.verify.measure.planes import Gray, Mask, Plane, luma_plane
from panscan.verify.measure.proxy_views import proxy_size, uncovered_mask
from panscan.verify.measure.tilted_views import TiltedPicture, picture_of, tilted_view

_EDGE_PX = 1.0  # of the canvas: so near to an edge, whoever draws it decides how it falls
_SHADOW_BOX_PX = 96  # of the canvas, along a side: enough for a mean
_SHADOW_REACH = 3  # standard deviations: beyond, nothing of a shadow is seen
# That are seen, to judge them: corners by few, as picture and background mostly differ much; shadows are faint.
_MIN_CORNER_PX, _MIN_SHADOW_PX = 16, 256
# Rms levels between what should be seen and what would be if it was missing: less may be lost to compression.
_MIN_CORNER_LEVELS, _MIN_SHADOW_LEVELS = 6.0, 2.0

_Box = tuple[int, int, int, int]  # left, top, right, bottom: px of the cell
_Look = tuple[_Box, Gray, Gray, Mask]  # what is expected there, what would be seen instead, and which px count


@dataclass(frozen=True, slots=True)
class CornersAndShadow:
    """What is missing around the picture of one cell in one output picture.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    missing_corners, missing_shadow : float, optional
        0 where they are there, 1 where they are missing, less than 0 where there is more of them than asked for; None
        where none are asked for, or where nobody would see the difference.
    """

    number: int
    clip: int
    missing_corners: float | None
    missing_shadow: float | None


class _ShownPicture:
    """One cell of one output picture."""

    def __init__(
        self, found: Plane, source: Plane, background: Gray, black: float, framing: Framing, number: int, frame: float
    ) -> None:
        """`found`: luma of the movie; `black`: its level there; `number`: of the cell; `frame`: of the media."""
        self._found, self._source, self._background, self._black = found, source, background, black
        self._framing, self._cell = framing, framing.cells[number]
        cell = self._cell
        self._picture: TiltedPicture = picture_of(cell, framing, frame)
        self._free = uncovered_mask(framing, number, (cell.size.width, cell.size.height))
        self._edge_px = _EDGE_PX * self._picture.crop.width / cell.size.width  # display px

    def missing_corners(self) -> float | None:
        """Where the picture would be if its corners were square."""
        radius_px, source = self._framing.corner_radius_px, self._framing.source
        width, height = source.width, source.height
        looks = []
        for corner_x in (0.0, float(width)):
            for corner_y in (0.0, float(height)):
                box = self._box_around([corner_x], [corner_y], radius_px)
                if box is None:
                    continue
                x, y = self._positions(box)
                from_x, from_y = np.minimum(x, width - x), np.minimum(y, height - y)
                beyond = np.hypot(radius_px - from_x, radius_px - from_y) > radius_px + self._edge_px
                in_corner = (np.abs(x - corner_x) < radius_px) & (np.abs(y - corner_y) < radius_px)
                inside = (from_x > self._edge_px) & (from_y > self._edge_px)
                left, top, right, bottom = box
                size = (right - left, bottom - top)
                square, _ = tilted_view(self._source, self._picture, (left, top, *size), size)
                looks.append((box, self._shaded(box, x, y), square, beyond & in_corner & inside))
        return self._missing(looks, _MIN_CORNER_LEVELS)

    def missing_shadow(self) -> float | None:
        """Beside the middles of the picture's sides; above it there is hardly any, as shadows fall down."""
        width, height = self._framing.source.width, self._framing.source.height
        reach_px = (_SHADOW_REACH * SHADOW_SIGMA_SHARE + SHADOW_DROP_SHARE) * min(width, height)
        half_px = min(min(width, height) / 4, _SHADOW_BOX_PX / 2 * self._picture.crop.width / self._cell.size.width)
        across, down = ([length / 2 - half_px, length / 2 + half_px] for length in (width, height))
        looks = []
        for xs, ys in (
            (across, [height, height + reach_px]),
            ([-reach_px, 0], down),
            ([width, width + reach_px], down),
        ):
            box = self._box_around(xs, ys, 0.0)
            if box is None:
                continue
            x, y = self._positions(box)
            beside = (x < -self._edge_px) | (x > width + self._edge_px) | (y > height + self._edge_px)
            looks.append((box, self._shaded(box, x, y), self._ground(box), beside))
        # A background that is a little darker or lighter all over is no shadow: that has a shape.
        return self._missing(looks, _MIN_SHADOW_LEVELS, is_shape=True)

    def _missing(self, looks: Sequence[_Look], least_levels: float, *, is_shape: bool = False) -> float | None:
        """How far what is seen lies on the way from what is expected to what would be seen without it.

        is_shape: whatever all px have in common is left out.
        """
        wanted, without, found = (list[Gray]() for _ in range(3))
        for (left, top, right, bottom), asked, other, mask in looks:
            usable = mask & self._free[top:bottom, left:right]
            rows = slice(self._cell.top_px + top, self._cell.top_px + bottom)
            columns = slice(self._cell.left_px + left, self._cell.left_px + right)
            levels = self._found.levels(rows, columns)
            if levels.shape == usable.shape:
                wanted.append(asked[usable])
                without.append(other[usable])
                found.append(levels[usable])
        if not wanted:
            return None
        asked_levels = np.concatenate(wanted)
        step, error = np.concatenate(without) - asked_levels, np.concatenate(found) - asked_levels
        if step.size < (_MIN_SHADOW_PX if is_shape else _MIN_CORNER_PX):
            return None
        if is_shape:
            step, error = step - step.mean(), error - error.mean()
        power = float(np.vdot(step, step))
        if power < step.size * least_levels**2:
            return None
        return float(np.vdot(error, step)) / power

    def _box_around(self, x: list[float], y: list[float], margin_px: float) -> _Box | None:
        """The box of the cell that holds some display px and a margin around them; None where it is outside."""
        xs, ys = (np.array([v + side * margin_px for v in values for side in (-1, 1)]) for values in (x, y))
        points = self._picture.places(*(grid.ravel() for grid in np.meshgrid(xs, ys)))
        low = np.floor(points.min(axis=0)).astype(int)
        high = np.ceil(points.max(axis=0)).astype(int)
        left, top = max(0, int(low[0])), max(0, int(low[1]))
        right, bottom = min(self._cell.size.width, int(high[0])), min(self._cell.size.height, int(high[1]))
        return (left, top, right, bottom) if min(right - left, bottom - top) >= 2 else None

    def _positions(self, box: _Box) -> tuple[FloatArray, ...]:
        left, top, right, bottom = box
        size = (right - left, bottom - top)
        return self._picture.positions((left, top, *size), size)

    def _ground(self, box: _Box) -> Gray:
        """The background of a box, without a shadow; it is smooth, so a small view of it is enough."""
        left, top, right, bottom = box
        rows, columns = self._background.shape
        across, down = columns / self._cell.size.width, rows / self._cell.size.height
        x = (np.arange(left, right) + 0.5) * across - 0.5
        y = (np.arange(top, bottom) + 0.5) * down - 0.5
        to_x, to_y = (grid.astype(np.float32) for grid in np.meshgrid(x, y))
        ground = cv2.remap(self._background, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(ground, np.float32)

    def _shaded(self, box: _Box, x: FloatArray, y: FloatArray) -> Gray:
        """The background of a box, with the shadow that is asked for."""
        ground = self._ground(box)
        if not self._framing.has_shadow:
            return ground
        side = min(self._framing.source.width, self._framing.source.height)
        sigma_px = SHADOW_SIGMA_SHARE * side
        dark = (
            SHADOW_OPACITY
            * _blurred(x, self._framing.source.width, sigma_px)
            * _blurred(y - SHADOW_DROP_SHARE * side, self._framing.source.height, sigma_px)
        )
        return np.asarray(ground + dark * (self._black - ground), np.float32)


def _blurred(at: FloatArray, length_px: int, sigma_px: float) -> npt.NDArray[np.float64]:
    """A bar from 0 to a length, blurred by a Gaussian."""
    scale = sigma_px * math.sqrt(2)
    return np.asarray((_erf(at / scale) - _erf((at - length_px) / scale)) / 2)


_erf = np.vectorize(math.erf, otypes=[np.float64])


def corners_and_shadows(
    frame: Any, number: int, expected_picture: ExpectedPicture, expected: ExpectedViews, expectation: Expectation
) -> Iterator[CornersAndShadow]:
    """Look around the pictures of all cells of one output picture that have round corners or a shadow."""
    framing = expectation.framing_of(expected_picture)
    if framing.corner_radius_px <= 0 and not framing.has_shadow:
        return
    source = expectation.source_of(expected_picture).upright_luma(expected_picture.source_picture)
    if source is None:
        return
    plane, black = luma_plane(frame), expected.level("black")
    for n, cell in enumerate(framing.cells):
        ground = expected.background(expected_picture, cell, proxy_size(cell.size, framing.canvas))
        if ground is None:
            continue
        shown = _ShownPicture(plane, source, ground, black, framing, n, expected_picture.media_frame)
        corners = shown.missing_corners() if framing.corner_radius_px > 0 else None
        shadow = shown.missing_shadow() if framing.has_shadow else None
        if corners is not None or shadow is not None:
            yield CornersAndShadow(number, expected_picture.clip, corners, shadow)
