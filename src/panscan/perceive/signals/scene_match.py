"""Whether two pictures show one scene, however somebody in it or the camera moved: how much of one remains.

The picture is divided into blocks. A block remains where the other picture shows the same structure at about the same
place, whatever the light, or is flat there too and as bright. A hand before the lens, a title card or a jump of the
film leave most blocks, a cut leaves none but by chance. Where the whole picture moved, the blocks are looked for where
its middle went.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]

# Mean over the blocks; measured on 49 films and on made-up joins: mostly 0.1 to 0.3 after hard cuts, 0.4 to 0.48
# between two views of one room; above in 19 of 20 shots with hands, cards, lost pictures or a shaking camera.
_SAME_SCENE_REMAINS = 0.5
_SAME_MIDDLE = 0.75  # correlation; measured: real cuts 0.0 to 0.5, pans and window changes 0.87 to 1.0
# Of 12 x 10 px in a picture 96 px wide: small enough that a head hides few, large enough to tell structures.
_BLOCK_ROWS, _BLOCK_COLUMNS = 5, 8
_BLOCK_REACH_PX = 2  # how far a block may move within a shot: people and hands, not the camera
_BAR_LEVELS = 3.0  # standard deviation along a row or column: below it is a bar beside the picture
# Standard deviation of a flat block, which matches any structure: of the picture's own, and its bounds in levels.
_FLAT_OF_CONTRAST, _MIN_FLAT_LEVELS, _MAX_FLAT_LEVELS = 0.1, 1.0, 3.0
_SAME_LIGHT = 2.0  # times the flat block's levels: between means of flat blocks that are as bright
_MIN_BLOCKS = 6  # of 40: fewer say nothing
_MIN_INNER_SHARE = 0.25  # of the picture's height and width inside the bars: less is a dark picture, no bars


@dataclass(frozen=True, slots=True)
class MiddleMatch:
    """The middle of a picture at its best position in another.

    Attributes
    ----------
    score : float
        Normalised correlation, -1..1.
    shift_px : (int, int)
        How far right and down of its own place the middle was found.
    """

    score: float
    shift_px: tuple[int, int] = (0, 0)


def is_same_scene(before: Picture, after: Picture) -> bool:
    """Whether much of `after` was seen in `before` already, at its place or where the camera moved it."""
    remains = remaining_share(before, after)
    if remains is not None and remains >= _SAME_SCENE_REMAINS:
        return True
    middle = middle_match(before, after)
    if middle.score < _SAME_MIDDLE:
        return False
    if remains is None:  # too few blocks to tell: the middle alone does
        return True
    moved = remaining_share(before, after, middle.shift_px)
    return moved is not None and moved >= _SAME_SCENE_REMAINS


def remaining_share(before: Picture, after: Picture, shift_px: tuple[int, int] = (0, 0)) -> float | None:
    """How much of `after` is seen in `before`: the mean over its blocks, 0..1; None where too few tell.

    Parameters
    ----------
    before, after : array (height, width)
        Grey.
    shift_px : (int, int)
        How far right and down the blocks are looked for.
    """
    inner = _inside_bars(before, after)
    return _mean_seen(_block_scores(before[inner], after[inner], shift_px))


def share_of_either(before: Picture, after: Picture, between: Picture) -> float | None:
    """How much of the picture in between is seen in one of the ends or the other, 0..1; None where too few tell."""
    inner = _inside_bars(before, after)
    return _mean_seen(np.fmax(*(_block_scores(end[inner], between[inner]) for end in (before, after))))


def match_score(before: Picture, after: Picture) -> float:
    """Normalised correlation of the middle of `after` with its best position in `before`, -1..1."""
    return middle_match(before, after).score


def middle_match(before: Picture, after: Picture) -> MiddleMatch:
    """Find the middle of `after` in `before`."""
    import cv2

    height, width = after.shape
    # Two thirds of `before`, so that the match may move by a sixth of the picture whatever the size of `after`.
    down, across = (
        max(height // 6, (height - before.shape[0] * 2 // 3) // 2),
        max(width // 6, (width - before.shape[1] * 2 // 3) // 2),
    )
    middle = after[down : height - down, across : width - across]
    if middle.size == 0 or float(middle.std()) < 1.0 or float(before.std()) < 1.0:  # a flat picture matches anything
        return MiddleMatch(1.0 if abs(float(before.mean()) - float(after.mean())) < 8 else 0.0)
    _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(before, middle, cv2.TM_CCOEFF_NORMED))
    return MiddleMatch(float(score), (left - across, top - down))


def _inside_bars(before: Picture, after: Picture) -> tuple[slice, slice]:
    """All but rows and columns at the edge that are flat in both pictures: bars remain after every cut."""
    rows, columns = (
        np.flatnonzero(np.maximum(before.std(axis=axis), after.std(axis=axis)) > _BAR_LEVELS) for axis in (1, 0)
    )
    if len(rows) < _MIN_INNER_SHARE * after.shape[0] or len(columns) < _MIN_INNER_SHARE * after.shape[1]:
        return np.s_[:, :]
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _mean_seen(scores: Scores) -> float | None:
    seen = scores[~np.isnan(scores)]
    return float(seen.mean()) if seen.size >= _MIN_BLOCKS else None


def _block_scores(before: Picture, after: Picture, shift_px: tuple[int, int] = (0, 0)) -> Scores:
    """How well each block of `after` is seen in `before`, 0..1; nan where it does not tell.

    A block has the correlation with its best position near its place; 1 where both are flat and as bright, 0 where it
    turned flat. It does not tell where the place lies outside, or where only the light of a flat block changed.
    """
    size_px = max(1, after.shape[0] // _BLOCK_ROWS), max(1, after.shape[1] // _BLOCK_COLUMNS)
    around = _shifted(before, shift_px)
    blocks = _divided(after, size_px)
    here = _divided(around[_BLOCK_REACH_PX:, _BLOCK_REACH_PX:][: after.shape[0], : after.shape[1]], size_px)
    flat_levels = float(np.clip(_FLAT_OF_CONTRAST * after.std(), _MIN_FLAT_LEVELS, _MAX_FLAT_LEVELS))
    deviation = blocks.std(axis=(2, 3))
    both_flat = np.maximum(deviation, here.std(axis=(2, 3))) < flat_levels
    as_bright = np.abs(blocks.mean(axis=(2, 3)) - here.mean(axis=(2, 3))) < _SAME_LIGHT * flat_levels
    scores = np.where(both_flat, np.where(as_bright, 1.0, np.nan), 0.0)
    for row, column in np.argwhere(~both_flat & (deviation >= _MIN_FLAT_LEVELS)):
        scores[row, column] = _best_score(around, blocks[row, column], row, column)
    return np.where(_inside(before.shape, blocks.shape, shift_px), scores, np.nan)


def _best_score(around: Picture, block: Picture, row: int, column: int) -> float:
    """Correlation of a block with its best position near its place in a picture with margins, 0..1."""
    import cv2

    height, width = block.shape
    near = around[row * height :, column * width :][: height + 2 * _BLOCK_REACH_PX, : width + 2 * _BLOCK_REACH_PX]
    return max(0.0, float(cv2.matchTemplate(near, np.ascontiguousarray(block), cv2.TM_CCOEFF_NORMED).max()))


def _shifted(picture: Picture, shift_px: tuple[int, int]) -> Picture:
    """A picture from a place on, with the margin in which blocks are looked for; its edge is repeated beyond it."""
    import cv2

    across, down = shift_px
    margin = _BLOCK_REACH_PX + max(abs(across), abs(down))
    wide = cv2.copyMakeBorder(picture, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    return np.asarray(wide[margin + down - _BLOCK_REACH_PX :, margin + across - _BLOCK_REACH_PX :], np.uint8)


def _divided(picture: Picture, size_px: tuple[int, int]) -> Picture:
    """A picture in blocks of (height, width): array (rows, columns, height, width)."""
    rows, columns = picture.shape[0] // size_px[0], picture.shape[1] // size_px[1]
    whole = picture[: rows * size_px[0], : columns * size_px[1]]
    return whole.reshape(rows, size_px[0], columns, size_px[1]).swapaxes(1, 2)


def _inside(picture: tuple[int, ...], blocks: tuple[int, ...], shift_px: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which of the blocks, moved by a shift, lie inside a picture of a shape: array (rows, columns)."""
    inside = []
    for length, count, size, shift in zip(picture, blocks[:2], blocks[2:], reversed(shift_px), strict=True):
        start = np.arange(count) * size + shift
        inside.append((start >= 0) & (start + size <= length))
    return np.outer(*inside)
