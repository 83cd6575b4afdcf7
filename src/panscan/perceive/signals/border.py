"""Bars around the picture, sample by sample: pillarbox, letterbox and windowbox of any make."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, display_px_per_view_px, frames_array
from panscan.perceive.signals.bar_edges import Bars, FloatArray, bands_of, find_bars

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 1.25  # a sixth of the faces' samples, at the same pictures: two or more in most shots


class BorderSignal(PictureSignal):
    """What each sampled picture shows of bars; which of it holds is decided for whole shots."""

    name: ClassVar[str] = "border"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 3
    produces: ClassVar[type] = perception.Border
    options = (_LONG_SIDE_PX, _RATE_HZ)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._scale = display_px_per_view_px(media, _LONG_SIDE_PX)
        self._before: tuple[FloatArray, FloatArray] | None = None
        self._looked: list[int] = []
        self._found: list[Bars] = []

    def see(self, picture: PictureLike) -> None:
        """Look for bars."""
        if not self._schedule.due(picture.frame):
            return
        columns, rows = bands_of(picture.view(_LONG_SIDE_PX, "gray"), self._before)
        self._before = columns.level, rows.level
        self._looked.append(picture.frame)
        self._found.append(find_bars(columns, rows))

    def finish(self) -> perception.Border:
        """The samples, in display px."""
        inset = np.array([bars.inset_px for bars in self._found], np.float64).reshape(-1, 4)
        depth = np.array([bars.depth_px for bars in self._found], np.float64).reshape(-1, 4)
        return perception.Border(
            frames_array(self._looked),
            self._scale * inset,
            np.array([bars.score for bars in self._found], np.float64).reshape(-1, 2),
            self._scale * depth,
        )
