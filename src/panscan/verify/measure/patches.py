"""Fine detail in patches of pictures at full size: how much of it is there, and how much was added.

A patch costs a hundredth of a picture, so a few of them can be looked at three times a second over the whole movie:
where the source has most detail, where it is flattest, and where most of it moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.framing import Cell
from panscan.model.geometry import Rect
from panscan.verify.expectation import Expectation, ExpectedPicture
from panscan.verify.measure.crop_views import FREE_REDUCTION, expected_view
from panscan.verify.measure.planes import Gray, Mask, Plane, luma_plane
from panscan.verify.measure.proxy_views import ProxyViews
from panscan.verify.measure.tilted_views import is_warped, picture_of, tilted_view

Kind = Literal["detailed", "flat", "moving"]
_SIDE_PX = 96  # of a patch on the canvas: some edges, and enough px for a mean
_SIDE_SHARE = 3  # a patch is at most one of so many parts of a cell's side
_MIN_DETAIL_LEVELS = 2.0  # rms of fine detail: less may be lost to compression
# Mean levels of a flat patch: noise beyond them would be cut off.
_DARKEST_LEVEL, _LIGHTEST_LEVEL = 24.0, 225.0
_REDUCED_POWER = 2.0  # a reduced picture may have so many times the power of the fine detail of a plain mean
_COARSEST = 3  # times the size of the finest detail: fainter detail than that is not looked for
_MAX_SIGMA_SHARE = 1 / 8  # of the patch's side: a coarser blur sees too little of it


@dataclass(frozen=True, slots=True)
class PatchDetail:
    """The fine detail of one patch of one output picture.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    kind : "detailed", "flat" or "moving"
        Why it was chosen.
    kept : float, optional
        Share of the expected fine detail that is there, more than 1 where it was sharpened; None where the source has
        none.
    expected_levels : float
        The finest expected detail, rms levels of 255.
    added_levels : float
        By how much there is more of it, rms.
    comb_levels : float
        How far neighbouring rows lie apart that should not, rms, beyond the same of columns.
    is_reduced : bool
        A px of the canvas covers so much of the source that the expected view is a mean.
    """

    number: int
    clip: int
    kind: Kind
    kept: float | None
    expected_levels: float
    added_levels: float
    comb_levels: float
    is_reduced: bool


def patches_of(
    frame: Any,
    number: int,
    expected_picture: ExpectedPicture,
    expected: ProxyViews,
    before: ProxyViews | None,
    expectation: Expectation,
) -> Iterator[PatchDetail]:
    """Measure the patches of one output picture, in one of its cells.

    expected, before: small views of what it and the picture before it should show.
    """
    source, framing = expectation.source_of(expected_picture), expectation.framing_of(expected_picture)
    whole = source.upright_luma(expected_picture.source_picture)
    if whole is None:
        return
    n = number % len(framing.cells)
    cell, (view, mask) = framing.cells[n], expected[n]
    crop = cell.crop_at(expected_picture.media_frame, framing.source)
    density = (whole.width / framing.source.width, whole.height / framing.source.height)
    scale = cell.size.width / crop.width / min(1.0, *density)
    side = min(_SIDE_PX, min(cell.size.width, cell.size.height) // _SIDE_SHARE) // 2 * 2
    block = max(2, math.ceil(side * view.shape[1] / cell.size.width))
    plane = luma_plane(frame)
    previous = before[n][0] if before is not None and len(before) == len(expected) else None
    for kind, row, column in _places(view, mask, previous, block, number):
        left, top = (
            _on_cell(column, cell.size.width, view.shape[1], side),
            _on_cell(row, cell.size.height, view.shape[0], side),
        )
        if is_warped(cell, framing):
            picture, place = picture_of(cell, framing, expected_picture.media_frame), (left, top, side, side)
            wanted: Gray | None = _whole_view(*tilted_view(whole, picture, place, (side, side)))
        else:
            wanted = _expected_patch(whole, crop, density, cell, (left, top, side))
        rows, columns = cell.top_px + top, cell.left_px + left
        found = plane.levels(slice(rows, rows + side), slice(columns, columns + side))
        if wanted is not None and found.shape == wanted.shape:
            yield measured_patch(found, wanted, scale, number, expected_picture.clip, kind)


def _places(
    view: Gray, mask: npt.NDArray[np.bool_], before: Gray | None, block: int, seed: int
) -> Iterator[tuple[Kind, int, int]]:
    """Rows and columns of the blocks of a small view that are worth a look; others each time."""

    def means(values: npt.NDArray[Any]) -> Gray:
        mean = cv2.blur(values.astype(np.float32), (block, block), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(mean[: view.shape[0] - block + 1, : view.shape[1] - block + 1], np.float32)

    if min(view.shape) <= block:
        return
    steps = cv2.Sobel(view, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(view, cv2.CV_32F, 0, 1) ** 2
    detail, level = means(steps), means(view)
    usable = means(mask) > 1 - 1e-3
    if not usable.any():
        return
    chance = np.random.default_rng(seed).uniform(0.5, 1, detail.shape).astype(np.float32)
    lit = usable & (level > _DARKEST_LEVEL) & (level < _LIGHTEST_LEVEL)
    yield ("detailed", *_largest(np.where(usable, detail * chance, -1)))
    if lit.any():
        yield ("flat", *_largest(np.where(lit, -(detail + 1) / chance, -np.inf)))
    if before is not None and before.shape == view.shape:
        yield ("moving", *_largest(np.where(usable, means((view - before) ** 2) * chance, -1)))


def _largest(values: npt.NDArray[Any]) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(row), int(column)


def _on_cell(at: int, length_px: int, view_px: int, side_px: int) -> int:
    """Where a patch starts in a cell, px: even, and inside it."""
    return min(round(at * length_px / view_px), length_px - side_px) // 2 * 2


def _expected_patch(
    plane: Plane, crop: Rect, density: tuple[float, float], cell: Cell, patch: tuple[int, int, int]
) -> Gray | None:
    """What a patch (left, top, side; px of the cell) should show; None where it leaves the source."""
    left, top, side = patch
    across, down = crop.width / cell.size.width, crop.height / cell.size.height
    box = (crop.left + left * across, crop.top + top * down, side * across, side * down)
    return _whole_view(*expected_view(plane, box, density, (side, side)))


def _whole_view(view: Gray, inside: Mask) -> Gray | None:
    return view if inside.all() else None


def measured_patch(found: Gray, wanted: Gray, scale: float, number: int, clip: int, kind: Kind) -> PatchDetail:
    """Compare a patch with what it should show. `scale`: px of the canvas per coded px of the source."""
    a, b = _fine(found, 1.0), _fine(wanted, 1.0)
    power, is_reduced = _product(b, b), scale * FREE_REDUCTION < 1
    comb = _row_alternation(found) - _row_alternation(wanted)
    comb -= _row_alternation(found.T) - _row_alternation(wanted.T)
    return PatchDetail(
        number,
        clip,
        kind,
        _kept(found, wanted, max(1.0, scale)),
        math.sqrt(power),
        math.sqrt(max(0.0, _product(a, a) - power * (_REDUCED_POWER if is_reduced else 1.0))),
        math.sqrt(max(0.0, comb)),
        is_reduced,
    )


def _kept(found: Gray, wanted: Gray, scale: float) -> float | None:
    """Share of the expected detail that is there. Only what both have in common counts: noise is no sharpness.

    In a smooth picture the next coarser detail is measured: faint detail may be lost to compression, not to blur.
    """
    for coarse in range(1, _COARSEST + 1):
        sigma = coarse * scale
        if sigma > _MAX_SIGMA_SHARE * len(wanted):
            return None
        b = _fine(wanted, sigma)
        strength = _product(b, b)
        if strength > _MIN_DETAIL_LEVELS**2:
            return _product(_fine(found, sigma), b) / strength
    return None


def _fine(picture: Gray, sigma: float) -> Gray:
    """What of a picture is finer than a blur."""
    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def _product(a: Gray, b: Gray) -> float:
    return float(np.vdot(a, b)) / a.size


def _row_alternation(picture: Gray) -> float:
    """How much each row is the opposite of the next one, beside their neighbours: squared levels."""
    beside = picture[1:-1] - (picture[2:] + picture[:-2]) / 2
    return -float(np.vdot(beside[1:], beside[:-1])) / beside.size
