"""The active picture inside black bars that stay for the whole media (pillarbox, letterbox, windowbox)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, display_px_per_view_px

_LONG_SIDE_PX = 960  # of the view: bars are found to one or two display px
_RATE_HZ = 0.9375  # an eighth of the faces' rate, at the same pictures
_MIN_PICTURE_LEVEL = 40  # of 255, right inside a bar: there the picture must be clearly brighter than the bar
_EDGE_PX = 4  # of the view: how far inside the bar that is looked for
_MIN_BAR = 0.015  # share of the side: thinner dark rims are lens or codec edges
_MAX_BARS = 0.6  # share of the side, both bars together: more is a dark picture
_ALIKE = 0.2  # share of the wider bar that the other may be narrower: bars are centred
_ALIKE_OF_SIDE = 0.01  # share of the side that is allowed in addition, for thin bars

# Of 255 in full range: coding noise of a black bar stays below. Panels with a ground as dark are left to this signal.
BLACK_LEVEL = 24


class BorderSignal(PictureSignal):
    """Bars are rows and columns that are black in every sample and end in an edge, alike on both sides."""

    name: ClassVar[str] = "border"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 2
    produces: ClassVar[type] = perception.Border
    options = (_LONG_SIDE_PX, _RATE_HZ, BLACK_LEVEL)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._display = media.video.display_size
        self._scale = display_px_per_view_px(media, _LONG_SIDE_PX)
        self._columns: npt.NDArray[np.uint8] | None = None
        self._rows: npt.NDArray[np.uint8] | None = None

    def see(self, picture: PictureLike) -> None:
        """Remember the brightest level of every row and column."""
        if not self._schedule.due(picture.frame):
            return
        image = picture.view(_LONG_SIDE_PX, "gray")
        columns, rows = image.max(axis=0), image.max(axis=1)
        self._columns = columns if self._columns is None else np.maximum(self._columns, columns)
        self._rows = rows if self._rows is None else np.maximum(self._rows, rows)

    def finish(self) -> perception.Border:
        """The active picture; the whole one where no bars are certain."""
        width, height = float(self._display.width), float(self._display.height)
        if self._columns is None or self._rows is None:
            return perception.Border(np.array([0.0, 0.0, width, height]))
        left, right = _bars(self._columns)
        top, bottom = _bars(self._rows)
        # One view pixel inwards: the edge itself is half black.
        inset = [self._scale * (n + 1) if n else 0.0 for n in (left, top, right, bottom)]
        return perception.Border(
            np.array([inset[0], inset[1], width - inset[0] - inset[2], height - inset[1] - inset[3]])
        )


def _bars(brightest: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """Widths in view px of the bars at the start and end of one axis, (0, 0) where they are not certain."""
    bright = np.flatnonzero(brightest > BLACK_LEVEL)
    length = len(brightest)
    if bright.size == 0:
        return 0, 0
    start, end = int(bright[0]), int(length - 1 - bright[-1])
    sharp = min(
        int(brightest[start : start + _EDGE_PX].max()),
        int(brightest[length - end - _EDGE_PX : length - end].max()),
    )
    alike = abs(start - end) <= _ALIKE * max(start, end) + _ALIKE_OF_SIDE * length
    thick = min(start, end) >= _MIN_BAR * length and start + end <= _MAX_BARS * length
    return (start, end) if thick and alike and sharp >= _MIN_PICTURE_LEVEL else (0, 0)
