"""Screen content: recordings of a computer screen, slides, drawn titles. Nothing in them may be cut off.

Computer graphics have areas without any noise, letters and lines with hard edges on one flat level, and parts that do
not move by a pixel. Camera pictures have at most two of the three.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception.pictures import RECENT_LOOKS, recent_likeness
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 0.9375  # an eighth of the faces' rate, at the same pictures
_BLOCK_PX = 8  # side of the blocks in the view: about a letter
_FLAT_LEVELS = 3  # spread of levels in a block without noise
_HARD_LEVELS = 70  # spread of levels in a block with a letter or line in it
_GROUND_TOLERANCE_LEVELS = 6  # how close to its block's median a pixel counts as ground
_MIN_GROUND = 0.45  # share of such a block that is ground: strokes cover less than half of it
_STILL_LEVELS = 2  # change of a pixel that does not move: coding adds one or two
_RULE_LEVELS = 8  # by which a line of a table differs from its ground: they are pale
_RULE_PX = 3  # of the view: as thick as such a line is at most
_RULED = 0.15  # share of blocks with such a line, from which it is a table: camera pictures have up to 0.06
_EDGE_SHARE = 0.02  # share of the hard blocks that may lie outside the content's box at each side


class ScreenContentSignal(PictureSignal):
    """How much each picture looks like computer graphics, and where its letters and lines are, once a second."""

    name: ClassVar[str] = "screen"
    version: ClassVar[int] = 3
    lightweight: ClassVar[bool] = True
    produces: ClassVar[type] = perception.ScreenContent
    options = (
        *(_LONG_SIDE_PX, _RATE_HZ, _BLOCK_PX, _FLAT_LEVELS, _HARD_LEVELS, _MIN_GROUND, _STILL_LEVELS, _EDGE_SHARE),
        *(_RULE_LEVELS, _RULE_PX, _RULED),
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._last: npt.NDArray[np.int16] | None = None
        self._looked: list[int] = []
        self._rows: list[tuple[float, float, float]] = []
        self._boxes: list[npt.NDArray[np.float64]] = []

    def see(self, picture: PictureLike) -> None:
        """Measure, when due."""
        if not self._schedule.due(picture.frame):
            return
        grey = picture.view(_LONG_SIDE_PX, "gray").astype(np.int16)
        still = 1.0 if self._last is None else float(np.mean(np.abs(grey - self._last) <= _STILL_LEVELS))
        self._last = grey
        flat, hard = _flat_and_hard_blocks(grey)
        scale = np.array([self._display.width / grey.shape[1], self._display.height / grey.shape[0]])
        self._looked.append(picture.frame)
        self._rows.append((float(flat.mean()), float(hard.mean()), still))
        self._boxes.append(_extent(hard) * np.tile(scale, 2) * _BLOCK_PX)

    def at(self, frame: int) -> float:
        """How much the last looks were like graphics, 0..1; `frame` is the present one."""
        flat, hard, _ = np.array(self._rows[-RECENT_LOOKS:], np.float64).reshape(-1, 3).T
        return recent_likeness(flat, hard)

    def finish(self) -> perception.ScreenContent:
        """All samples; boxes in display px."""
        rows = np.array(self._rows, np.float64).reshape(-1, 3)
        if len(rows) > 1:
            rows[0, 2] = rows[1, 2]  # the first picture has nothing to be compared with
        box = np.array(self._boxes, np.float64).reshape(-1, 4)
        size = np.array([self._display.width, self._display.height], np.float64)
        box[:, 2:] = np.minimum(box[:, 2:], size - box[:, :2])
        return perception.ScreenContent(
            looked=frames_array(self._looked),
            flat=rows[:, 0],
            hard=rows[:, 1],
            still=rows[:, 2],
            box_px=box,
        )


def _flat_and_hard_blocks(grey: npt.NDArray[np.int16]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which blocks (rows, columns) are without noise, and which hold hard edges on a flat ground."""
    rows, columns = (side // _BLOCK_PX for side in grey.shape)
    cut = grey[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    if not cut.size:
        return np.zeros((1, 1), np.bool_), np.zeros((1, 1), np.bool_)
    blocks = cut.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX).swapaxes(1, 2).reshape(rows, columns, -1)
    spread = blocks.max(axis=2) - blocks.min(axis=2)
    hard = spread > _HARD_LEVELS
    if hard.any():
        found = blocks[hard]
        ground = np.abs(found - np.median(found, axis=1, keepdims=True)) <= _GROUND_TOLERANCE_LEVELS
        hard[hard] = ground.mean(axis=1) > _MIN_GROUND
    flat, ruled = spread <= _FLAT_LEVELS, _ruled_blocks(blocks.reshape(rows, columns, _BLOCK_PX, _BLOCK_PX))
    return flat | ruled if ruled.mean() >= _RULED else flat, hard


def _ruled_blocks(blocks: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Which blocks (rows, columns, height, width) hold a thin line across or down on a flat ground and nothing else."""
    ground = np.median(blocks, axis=(2, 3))[..., None]
    ruled = np.zeros(ground.shape[:2], np.bool_)
    for along in (2, 3):
        even = (np.ptp(blocks, axis=along) <= _FLAT_LEVELS).all(axis=2)
        away = np.abs(blocks.mean(axis=along) - ground)
        thin = np.isin((away > _FLAT_LEVELS).sum(axis=2), range(1, _RULE_PX + 1))
        ruled |= even & thin & (away.max(axis=2) >= _RULE_LEVELS)
    return ruled


def _extent(hard: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Left, top, width, height in blocks of the box with nearly all hard blocks; the whole picture without any."""
    if not hard.any():
        return np.array([0, 0, hard.shape[1], hard.shape[0]], np.float64)
    edges = []
    for axis in (0, 1):
        share = np.cumsum(hard.sum(axis=axis)) / hard.sum()
        first = int(np.searchsorted(share, _EDGE_SHARE))
        edges.append((first, int(np.searchsorted(share, 1 - _EDGE_SHARE)) + 1))
    (left, right), (top, bottom) = edges
    return np.array([left, top, right - left, bottom - top], np.float64)
